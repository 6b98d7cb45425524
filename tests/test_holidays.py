"""Slots on public holidays: closed for what the schedule dates, never for what a file names."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from folders import SETTINGS, article, ok, problems, run, three, write
from hypothesis import given
from hypothesis import strategies as st
from test_schedule import OUTLET, ZONES, part

from pipeline import daysoff, issues, newsletter, plan, schedule
from pipeline.config import Schedule
from pipeline.errors import PartworkError
from pipeline.schedule import Slots

MONDAYS = SETTINGS.replace("start = 2026-10-06", "start = 2026-12-14\nholidays = 'GB-ENG'")
"""Christmas 2026 is a Friday: its Saturday's Boxing Day is kept on Monday the 28th."""


def slots(start: date, every: str = "week", **settings: object) -> Slots:
    zone = str(settings.pop("zone", "Europe/London"))
    timing = Schedule(start=start, every=every, **({"holidays": "GB-ENG"} | settings))  # type: ignore[arg-type]  # by their names
    return Slots(schedule=timing, newsletter=replace(OUTLET, timezone=zone, schedule=timing))


def outline(root: Path) -> list[tuple[int, str, list[str]]]:
    found = plan.load(newsletter.load(root)).catalogue.issues
    return [(one.number, f"{one.date:%m-%d}", [a.title for a in one.articles]) for one in found]


# What is wrong is said at its line.


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("XX", "is 'XX', whose holidays nobody knows: write a country's code in ISO 3166"),
        ("GB-LON", "is 'GB-LON', whose holidays nobody knows: use one of GB-ENG, GB-NIR, GB-SCT"),
        ("SG-01", "is 'SG-01', whose holidays nobody knows: write SG: its parts are not told"),
        ("England", "is 'England', whose holidays nobody knows"),
        ("-", "is '-', whose holidays nobody knows"),
    ],
)
def test_a_place_without_holidays_is_named_with_its_line(code: str, said: str) -> None:
    text = SETTINGS + f'holidays = "{code}"\n'
    with pytest.raises(PartworkError) as wrong:
        newsletter.parse(Path("/nowhere"), text.encode())
    line = text.split("\n").index(f'holidays = "{code}"') + 1
    assert problems(wrong.value)[0].startswith(f"newsletter.toml:{line}: `holidays` {said}")


def test_where_no_slot_is_open_a_new_part_leaves_its_date_to_the_author(tmp_path: Path) -> None:
    christmas = SETTINGS.replace("2026-10-06", '2026-12-25\nevery = "12 months"\nholidays = "GB"')
    write(tmp_path, {"newsletter.toml": christmas})
    ok("new", "Part one", root=tmp_path)
    assert "date:" not in (tmp_path / "articles/01-part-one.md").read_text()


def test_without_the_library_only_who_uses_the_setting_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    daysoff.days_off.cache_clear()
    ok("status", root=write(tmp_path / "a", three()))
    done = run("status", root=write(tmp_path / "b", three() | {"newsletter.toml": MONDAYS}))
    assert done.exit_code == 1
    assert "newsletter.toml:13: `holidays` needs a library that is not installed" in done.output
    assert "pip install 'partwork[calendar]'" in done.output


def test_a_schedule_whose_every_slot_is_a_holiday_is_an_error_and_no_crash() -> None:
    grid = slots(date(2026, 12, 25), "12 months")
    _, _, found = schedule.dated(grid.newsletter, {"care": (part(1),)})
    assert "every slot of the schedule falls on a public holiday" in problems(found)[0]


# What is closed, and for whom.


def test_parts_move_on_to_the_next_slot_and_build_and_status_agree(tmp_path: Path) -> None:
    files = three() | {"articles/04-four.md": article("Part four"), "newsletter.toml": MONDAYS}
    root = write(tmp_path, files)
    assert outline(root) == [
        (1, "12-14", ["Part one"]),
        (2, "12-21", ["Part two"]),
        (3, "01-04", ["Part three"]),
        (4, "01-11", ["Part four"]),
    ]
    assert "Mon 2027-01-04 09:00  003" in ok("status", root=root).output
    ok("build", "--as-of", "2026-12-28", root=root)
    assert not (root / "output/articles/three").exists()
    ok("build", "--as-of", "2027-01-04", root=root)
    assert (root / "output/articles/three").exists()


def test_the_first_slot_may_be_closed_too() -> None:
    grid = slots(date(2026, 12, 28))
    dated, _, _ = schedule.dated(grid.newsletter, {"care": (part(1), part(2))})
    assert [f"{one.date:%Y-%m-%d}" for one in dated] == ["2027-01-04", "2027-01-11"]


def test_new_gives_a_part_the_next_open_slot(tmp_path: Path) -> None:
    first = {"newsletter.toml": MONDAYS, "articles/01-p.md": article("P1", slug="p1")}
    root = write(tmp_path, first | {"articles/02-p.md": article("P2", slug="p2", draft=True)})
    new = ("new", "P3", "--dry-run", "--as-of", "2026-12-01")
    assert "date: 2027-01-04T09:00:00" in ok(*new, root=root).output, "the draft keeps the 21st"
    write(root, {"articles/02-p.md": article("P2", slug="p2")})
    assert "date: 2027-01-04T09:00:00" in ok(*new, root=root).output


def test_a_date_in_a_file_is_never_moved_and_its_issue_goes_out_that_day(tmp_path: Path) -> None:
    files = three() | {
        "articles/02-two.md": article("Part two", date="2026-12-28"),
        "articles/note.md": article("Note", series=None, date="2026-12-26"),
        "newsletter.toml": MONDAYS,
    }
    assert outline(write(tmp_path, files)) == [
        (1, "12-14", ["Part one"]),
        (2, "12-28", ["Note", "Part two"]),
        (3, "01-04", ["Part three"]),
    ]


def test_holidays_turned_on_later_move_nothing_that_readers_have(tmp_path: Path) -> None:
    without = MONDAYS.replace("holidays = 'GB-ENG'", "")
    root = write(tmp_path, three() | {"newsletter.toml": without})
    ok("check", "--fix", "--as-of", "2026-12-30", root=root)
    before = outline(root)
    assert before[2][1] == "12-28"
    ok("build", "--as-of", "2026-12-30", root=root)
    feed = (root / "output/feed.xml").read_bytes()
    write(root, {"newsletter.toml": MONDAYS})
    assert outline(root) == before
    ok("build", "--as-of", "2026-12-30", root=root)
    assert (root / "output/feed.xml").read_bytes() == feed


def test_issues_of_articles_between_slots_stay_where_holidays_count_from_a_later_day(
    tmp_path: Path,
) -> None:
    files = {
        "articles/a.md": article("A", series=None, date="2026-12-26"),
        "articles/b.md": article("B", series=None, date="2027-01-02"),
        "newsletter.toml": MONDAYS,
    }
    root = write(tmp_path, files)
    assert outline(root) == [(1, "01-04", ["A", "B"])]
    write(root, {"newsletter.toml": MONDAYS + "holidays_from = 2026-12-30\n"})
    assert outline(root) == [(1, "12-28", ["A"]), (2, "01-04", ["B"])]


def test_a_holiday_is_that_of_the_day_on_the_slots_own_clocks() -> None:
    grid = slots(date(2026, 12, 24), "day", zone="Europe/London", timezone="Pacific/Auckland",
                 time=time(9))  # fmt: skip
    assert grid.at(0).date() == date(2026, 12, 23), "in London"
    assert [bool(grid.holiday(at)) for at in range(4)] == [False, True, True, False]


# Whatever the schedule.


@st.composite
def closed_grids(draw: st.DrawFn) -> Slots:
    unit = draw(st.sampled_from(["day", "week", "month"]))
    return slots(
        draw(st.dates(date(2020, 1, 1), date(2030, 1, 1))),
        f"{draw(st.integers(1, 3))} {unit}",
        holidays=draw(st.sampled_from(["GB-ENG", "GB-SCT", "DE-BY", "JP", "US", "LK"])),
        holidays_from=draw(st.one_of(st.none(), st.dates(date(2020, 1, 1), date(2030, 1, 1)))),
        time=draw(st.times().map(lambda at: at.replace(second=0, microsecond=0))),
        zone=draw(st.sampled_from(ZONES)),
    )


@given(closed_grids(), st.integers(0, 300))
def test_the_open_slot_from_any_on_is_the_nearest_that_is_no_holiday(grid: Slots, at: int) -> None:
    found = grid.open(at)
    assert not grid.holiday(found)
    assert all(grid.holiday(one) for one in range(at, found))
    assert grid.open(found) == found


@given(
    closed_grids(),
    st.lists(st.one_of(st.none(), st.integers(0, 900)), min_size=1, max_size=12),
)
def test_order_holds_and_only_a_files_own_date_falls_on_a_holiday(
    grid: Slots, offsets: list[int | None]
) -> None:
    first = date(2024, 1, 1)
    parts = tuple(
        part(number, "" if days is None else (first + timedelta(days=days)).isoformat())
        for number, days in enumerate(offsets, 1)
    )
    dated, _, found = schedule.dated(grid.newsletter, {"care": parts})
    own = {one.number: one.source.date for one in parts}
    for one in dated:
        if one.planned:
            assert not grid.holiday(grid.index(one.date))
            assert grid.at(grid.index(one.date)) == one.date
        else:
            assert one.date == own[one.part or 0]
    if any(one.severity == "error" for one in found):
        return
    assert all(a.date < b.date for a, b in pairwise(dated))
    grouped = issues.group(dated, grid)
    assert [a for issue in grouped for a in issue.articles] == list(dated)
    assert all(a.date < b.date for a, b in pairwise(grouped))
    named = {one.date for one in dated if not one.planned}
    for issue in grouped:
        assert all(one.date <= issue.date for one in issue.articles)
        assert issue.date in named or not grid.holiday(grid.index(issue.date))


@given(closed_grids(), st.datetimes(datetime(2020, 1, 1), datetime(2031, 1, 1)))  # noqa: DTZ001 - made aware below
def test_holidays_close_slots_and_move_none(grid: Slots, moment: datetime) -> None:
    plain = replace(grid, schedule=replace(grid.schedule, holidays=""))
    at = grid.index(moment.replace(tzinfo=UTC))
    assert at == plain.index(moment.replace(tzinfo=UTC))
    assert grid.at(at) == plain.at(at)
