"""The report as rows and on a terminal."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from folders import SERIES, SETTINGS, article, ok, partwork, run, write
from hypothesis import given
from hypothesis import strategies as st
from reported import SOME, entries, handed, loaded, parts

from pipeline import ledger
from pipeline.commands import options
from pipeline.ledger.entries import Entry, Event
from pipeline.reporting import rows, sizes, terminal, words
from pipeline.reporting.rows import Row, Section, retention

NOW = datetime(2028, 12, 31, tzinfo=UTC)
COUNTS = st.dictionaries(
    st.sampled_from(["recipients", "sent", "opens", "clicks", "bounces", "unsubscribes"]),
    st.integers(0, 10**7),
)
ROWS = st.lists(
    st.builds(
        Row,
        part=st.integers(1, 999),
        issue=st.integers(1, 999),
        title=st.text(max_size=80),
        sent=st.none() | st.just(NOW),
        asked=st.none() | st.just(NOW + timedelta(days=2)),
        counts=COUNTS,
        repeats=st.frozensets(st.sampled_from(["opens", "clicks"])),
    ),
    min_size=1,
    max_size=12,
)


def sections(root: Path, as_of: datetime = NOW, service: str = "") -> tuple[Section, ...]:
    _, planned = loaded(root, {})
    return rows.sections(planned, entries(root), as_of, service)


# Wrong usage, and nothing to report.


def test_a_service_that_nobody_knows_is_a_mistake(tmp_path: Path) -> None:
    done = run("report", "--to", "weakly", root=write(tmp_path, parts(1)))
    assert done.exit_code == 1
    assert "there is no service `weakly`" in done.output


def test_asking_now_for_figures_of_the_past_is_wrong_usage(tmp_path: Path) -> None:
    done = run("report", "--refresh", "--as-of", "2026-10-01", root=write(tmp_path, parts(1)))
    assert done.exit_code == 2
    assert "leave out --as-of" in done.output


def test_before_the_first_release_the_report_says_so(tmp_path: Path) -> None:
    root = write(tmp_path, parts(2))
    assert ok("report", root=root).output == "No issue was handed to a mailing service yet.\n"
    assert json.loads(ok("report", "--format", "json", root=root).output)["sections"] == []
    assert ok("report", "--format", "github", root=root).output == ""


# Rows.


def test_what_no_service_told_is_missing_and_never_nought(tmp_path: Path) -> None:
    loaded(tmp_path, parts(4))
    handed(tmp_path, SOME, {}, {"sent": 80, "unsubscribes": 0})
    ((row1, row2, row3),) = (one.rows for one in sections(tmp_path))
    assert [row.count("opens") for row in (row1, row2, row3)] == [60, None, None]
    assert [row.readers for row in (row1, row2, row3)] == [100, None, 80]
    assert [row.share("opens") for row in (row1, row2, row3)] == [60, None, None]
    assert [words.marked(row3, name) for name in words.HEADS] == ["80", "–", "–", "–", "0"]


def test_a_share_of_nobody_or_of_repeated_counts_is_not_known() -> None:
    assert (
        Row(part=1, issue=1, title="", counts={"recipients": 0, "opens": 0}).share("opens") is None
    )
    twice = Row(part=1, issue=1, title="", counts=SOME, repeats=frozenset({"opens"}))
    assert (twice.share("opens"), twice.share("clicks")) == (None, 9)
    assert words.marked(twice, "opens") == "~60"


def test_when_a_service_forgets_a_count_what_it_told_before_stays(tmp_path: Path) -> None:
    loaded(tmp_path)
    handed(tmp_path, SOME)
    (first,) = ledger.read_figures(tmp_path)
    with ledger.opened(tmp_path) as book:
        book.note(
            Entry(
                at=first.at + timedelta(days=200),
                event=Event.REPORTED,
                service="weekly",
                issue=first.issue,
                counts={"recipients": 90},
            )
        )
    ((row,),) = (one.rows for one in sections(tmp_path))
    assert row.counts == SOME | {"recipients": 90}


def test_the_report_of_a_day_shows_what_was_known_then(tmp_path: Path) -> None:
    loaded(tmp_path)
    handed(tmp_path, SOME, SOME)
    assert sections(tmp_path, datetime(2026, 10, 1, tzinfo=UTC)) == ()
    ((row,),) = (one.rows for one in sections(tmp_path, datetime(2026, 10, 8, tzinfo=UTC)))
    assert (row.part, row.counts) == (1, {})


def test_what_a_person_takes_back_is_gone_from_the_report(tmp_path: Path) -> None:
    loaded(tmp_path)
    handed(tmp_path, SOME, SOME)
    (first, _) = ledger.read_figures(tmp_path)
    with ledger.opened(tmp_path) as book:
        book.append(Entry(at=NOW, event=Event.FORGOTTEN, service="weekly", issue=first.issue))
    ((row,),) = (one.rows for one in sections(tmp_path))
    assert row.part == 2


def test_a_part_left_out_between_others_is_a_gap_and_not_dropped(tmp_path: Path) -> None:
    loaded(tmp_path, parts(6))
    handed(tmp_path, None, SOME, None, SOME | {"opens": 30})
    (section,) = sections(tmp_path)
    assert [(row.part, row.count("opens")) for row in section.rows] == [(2, 60), (3, None), (4, 30)]
    assert retention(section, "opens") == (100, None, 50)
    assert section.rows[1].sent is None


def test_each_series_at_each_service_has_its_own_section(tmp_path: Path) -> None:
    files = parts(2) | {
        "newsletter.toml": SETTINGS + SERIES.replace("care", "other").replace("Care", "Other"),
        "articles/o/1-x.md": article("Other one", series="other", date="2026-10-07"),
        "articles/n.md": article("A note", series=None, date="2026-10-30"),
    }
    loaded(tmp_path, files)
    handed(tmp_path, SOME, SOME, SOME)
    handed(tmp_path, SOME, service="other list")
    assert [(one.series, one.service, len(one.rows)) for one in sections(tmp_path)] == [
        ("Care in Parts", "weekly", 2),
        ("Care in Parts", "other list", 1),
        ("Other in Parts", "weekly", 1),
        ("", "weekly", 1),
    ]
    assert [one.service for one in sections(tmp_path, service="other list")] == ["other list"]


def test_figures_of_the_first_week_are_marked_as_rising(tmp_path: Path) -> None:
    loaded(tmp_path)
    handed(tmp_path, SOME, after=timedelta(days=6))
    ((row,),) = (one.rows for one in sections(tmp_path))
    assert row.early
    assert words.marked(row, "opens") == "60+"
    assert words.marked(row, "readers") == "100"


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (("sent", "opens", "clicks", "bounces", "unsubscribes"), ""),
        (("recipients", "opens", "clicks", "bounces"), "weekly never tells unsubscribes."),
        (("opens",), "weekly never tells recipients, sent, clicks, bounces and unsubscribes."),
        (None, ""),
    ],
)
def test_what_a_service_never_tells_is_said(
    tmp_path: Path, counts: tuple[str, ...] | None, said: str
) -> None:
    _, planned = loaded(tmp_path)
    handed(tmp_path, SOME)
    tells = {} if counts is None else {"weekly": counts}
    (section,) = rows.sections(planned, entries(tmp_path), NOW, tells=tells)
    assert words.untold(section) == said


# The terminal.


def shown(root: Path, *args: str, **env: str) -> str:
    done = partwork("-C", root, "report", "--as-of", "2028-12-31", *args, **env)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    return done.stdout


def test_the_terminal_shows_tables_with_sparklines_and_what_the_marks_mean(tmp_path: Path) -> None:
    loaded(tmp_path, parts(4))
    handed(tmp_path, SOME, {}, SOME | {"opens": 30}, repeats=("clicks",))
    said = shown(tmp_path, COLUMNS="100")
    assert said.startswith("Care in Parts, at weekly\n")
    assert re.search(r"^ +1 +001 +Part 1 +2026-10-06 +100 +60 +60% +~9 +1 +0$", said, re.MULTILINE)
    assert re.search(r"^ +2 +002 +Part 2 +2026-10-13( +–){5}$", said, re.MULTILINE)
    assert "Opens         █ ▅  60 to 30 (50%)" in said
    flat = re.sub(r"\s+", " ", said)
    assert words.REPEATS in flat
    assert words.UNKNOWN in flat
    assert words.APPLE in flat
    assert words.EARLY not in flat


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_the_terminal_s_width_is_kept_to(tmp_path: Path, width: int) -> None:
    title = "A title that goes on and on, as titles of parts sometimes do " * 3
    loaded(tmp_path, {name: text.replace('"Part', f'"{title}') for name, text in parts(90).items()})
    handed(tmp_path, *[SOME] * 90)
    said = shown(tmp_path, COLUMNS=str(width))
    widest = max(map(len, said.splitlines()))
    assert widest <= max(width, 59), "the figures themselves are never cut"


def test_a_terminal_without_unicode_gets_plain_signs(tmp_path: Path) -> None:
    loaded(tmp_path, parts(3))
    handed(tmp_path, SOME, {}, SOME)
    said = shown(tmp_path, PYTHONIOENCODING="ascii")
    assert said.isascii()
    assert "\\u" not in said
    assert "Opens         # #  60 to 60 (100%)" in said


def test_json_has_null_for_what_is_not_known(tmp_path: Path) -> None:
    loaded(tmp_path, parts(3))
    handed(tmp_path, SOME, {})
    (section,) = json.loads(shown(tmp_path, "--format", "json"))["sections"]
    assert [row["opens"] for row in section["rows"]] == [60, None]
    assert section["rows"][0]["sent"] is None
    assert section["rows"][0]["unsubscribes"] == 0
    assert section["rows"][0]["sent_at"] == "2026-10-06T08:00:00+00:00"


@given(st.lists(st.none() | st.integers(0, 10**9), min_size=1, max_size=200), st.integers(8, 60))
def test_a_sparkline_fits_and_has_a_gap_only_where_nothing_is_known(
    values: list[int | None], width: int
) -> None:
    line = terminal.sparkline(values, width, terminal.BARS)
    assert len(line) == min(len(values), width)
    if len(values) <= width:
        assert [sign == " " for sign in line] == [one is None for one in values]
        known = [one for one in values if one is not None]
        if any(known):
            assert line[values.index(max(known))] == "█"


@given(ROWS, st.integers(30, 200), st.booleans())
def test_any_figures_can_be_shown(found: list[Row], width: int, plain: bool) -> None:
    section = Section(service="weekly", series="S", rows=tuple(found))
    (block,) = terminal.blocks([section], UTC, width=width, plain=plain)
    table = options.table(block.cells)
    assert len(table) == len(found) + 1
    if plain:
        titles = {row.title for row in found}
        signs = "".join(cell for row in block.cells for cell in row if cell.strip() not in titles)
        assert not set(signs) & set("–▁█")


# The feed's size.


def test_the_feed_s_size_is_that_of_the_file_a_build_makes(tmp_path: Path) -> None:
    _, planned = loaded(tmp_path, parts(3))
    grown = sizes.sizes(planned, NOW)
    assert [size.articles for size in grown] == [1, 2, 3]
    for size in grown:
        ok("feed", "--as-of", size.at.isoformat(), root=tmp_path)
        assert (tmp_path / "output" / size.file).stat().st_size == size.bytes


def test_a_long_history_is_measured_at_a_few_moments(tmp_path: Path) -> None:
    _, planned = loaded(tmp_path, parts(60))
    dates = [article.date for article in planned.catalogue.articles]
    asked: list[str] = []
    grown = sizes.sizes(planned, dates[-1], asked.append)
    assert len(grown) == len(asked) == sizes.MOST
    assert (grown[0].at, grown[-1].at) == (dates[0], dates[-1])
    assert grown[-1].articles == 60
