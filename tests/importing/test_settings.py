"""newsletter.toml gets what an import needs, and keeps all that its author wrote."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from folders import NEWSLETTER, SERIES, article, ok, run, snapshot, write

from importing import samples
from pipeline import newsletter

WRITTEN = """\
# My newsletter. Keep this line.

[newsletter] # the outlet
title = "Northgate Notes"   # as readers see it
url = "https://northgate.example/notes/"
description = "One part at a time."
author = { name = "Ann Lee" }
timezone = "Europe/London"

# The first series.
[series.care]
title = "Care in Parts"

# How mails look.
[email]
theme = "calm"
"""


def prepared(tmp_path: Path, settings: str) -> tuple[Path, Path]:
    return write(tmp_path / "n", {"newsletter.toml": settings}), samples.put(
        tmp_path / "pages", samples.text_files()
    )


def settings_of(root: Path) -> str:
    return (root / "newsletter.toml").read_text(encoding="utf-8")


def test_a_start_is_written_into_a_schedule_and_not_into_the_articles(tmp_path: Path) -> None:
    root, source = prepared(tmp_path, NEWSLETTER)
    ok("import", source, "--start", "2026-12-01", "--every", "2 weeks", root=root)
    schedule = newsletter.load(root).schedule
    assert schedule is not None
    assert (schedule.start, schedule.every) == (date(2026, 12, 1), "2 weeks")
    assert all(
        "date:" not in one.read_text(encoding="utf-8") for one in (root / "articles").glob("*.md")
    )
    said = ok("status", "--as-of", "2026-11-01", root=root).output
    assert [line for line in said.splitlines() if "2026-12-15 09:00" in line]


def test_comments_and_order_stay_and_new_tables_find_their_place(tmp_path: Path) -> None:
    root, source = prepared(tmp_path, WRITTEN)
    ok("import", source, "--series", "Sleep & Rest", "--start", "2026-12-01", root=root)
    assert settings_of(root) == WRITTEN.replace(
        'title = "Care in Parts"\n',
        'title = "Care in Parts"\n\n[series.sleep-rest]\ntitle = "Sleep & Rest"\n\n[schedule]\n'
        'start = 2026-12-01\nevery = "week"\n',
    )


def test_a_schedule_that_nothing_lives_by_is_changed_in_place(tmp_path: Path) -> None:
    there = (
        "\n[schedule]\n# Tuesdays\nstart = 2026-10-06 # the first one\n"
        'every = "week"\ntime = 08:00:00\n'
    )
    root, source = prepared(tmp_path, NEWSLETTER + there)
    ok("import", source, "--start", "2026-12-01", "--every", "day", root=root)
    assert 'start = 2026-12-01 # the first one\nevery = "day"\ntime = 08:00:00\n' in settings_of(
        root
    )


def test_a_schedule_below_the_place_of_a_new_series_is_changed_where_it_stands(
    tmp_path: Path,
) -> None:
    """As `partwork init` writes it: series first, then the schedule, and other tables below."""
    below = '\n[schedule]\nstart = 2026-10-06\nevery = "week"\n\n[markdown]\n'
    root, source = prepared(tmp_path, NEWSLETTER + SERIES + below)
    wanted = ("--series", "new-one", "--start", "2026-12-01", "--every", "2 weeks")
    said = ok("import", source, *wanted, root=root).output
    text = settings_of(root)
    assert text.endswith(
        '[series.new-one]\ntitle = "New one"\n\n'
        '[schedule]\nstart = 2026-12-01\nevery = "2 weeks"\n\n[markdown]\n'
    )
    line = text.splitlines().index("[schedule]") + 1
    assert f"newsletter.toml:{line}: [schedule] now has" in said


def test_a_new_series_gets_its_own_start_where_others_live_by_the_schedule(tmp_path: Path) -> None:
    there = NEWSLETTER + SERIES + "\n[schedule]\nstart = 2026-10-06\n"
    root, source = prepared(tmp_path, there)
    write(root, {"articles/01-one.md": article("One")})
    ok("import", source, "--series", "rest", "--start", "2026-12-01", root=root)
    found = newsletter.load(root)
    assert found.schedule is not None
    assert found.schedule.start == date(2026, 10, 6)
    assert found.series[1].start == date(2026, 12, 1)


def test_what_would_move_parts_that_are_there_is_refused_with_its_line(tmp_path: Path) -> None:
    there = NEWSLETTER + SERIES + '\n[schedule]\nstart = 2026-10-06\nevery = "week"\n'
    root, source = prepared(tmp_path, there)
    write(root, {"articles/01-one.md": article("One")})
    before = snapshot(root)
    for every, line in (("day", 12), ("week", 9)):
        done = run("import", source, "--start", "2026-12-01", "--every", every, root=root)
        assert done.exit_code == 1
        assert (
            f"newsletter.toml:{line}: " in done.output.replace("\n", " ")
            or "newsletter.toml:" in done.output
        )
        assert "live by this schedule" in done.output
    assert snapshot(root) == before


def test_parts_without_a_date_and_a_schedule_are_refused_with_a_way_out(tmp_path: Path) -> None:
    root, source = prepared(tmp_path, NEWSLETTER)
    done = run("import", source, root=root)
    assert done.exit_code == 1
    assert "3 articles have no date, and nothing gives one: add --start DATE" in done.output
    assert [*snapshot(root)] == ["newsletter.toml"]


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["--every", "week"], 1, "it says nothing without a first day"),
        (["--start", "soon"], 2, "'soon' is not a day such as 2026-10-06"),
        (["--start", "2026-12-01", "--every", "fortnight"], 1, "'fortnight' is no step"),
        (["--start", "0001-01-01"], 1, "lies in the year 1"),
        (["--into", "../elsewhere"], 1, "articles live in articles/"),
        (["--into", "output"], 1, "articles live in articles/"),
        (["--into", "articles/_hidden"], 1, "are not read"),
        (["--from", "wiki"], 2, "'wiki' is not one of"),
        (["--tag", "none"], 1, "no article has the tag 'none'"),
        (["--series", ""], 1, "3 articles have no date"),
    ],
)
def test_a_wish_that_can_not_be_met_is_refused(
    tmp_path: Path, args: list[str], code: int, said: str
) -> None:
    root, source = prepared(tmp_path, NEWSLETTER)
    done = run("import", source, *args, root=root)
    assert (done.exit_code, said in done.output) == (code, True), done.output
    assert [*snapshot(root)] == ["newsletter.toml"]


def test_several_series_must_be_told_apart(tmp_path: Path) -> None:
    there = (
        NEWSLETTER + SERIES + "\n[series.rest]\ntitle = 'Rest'\n\n[schedule]\nstart = 2026-12-01\n"
    )
    root, source = prepared(tmp_path, there)
    done = run("import", source, root=root)
    assert done.exit_code == 1
    assert "there are several series: care, rest: name one with --series" in done.output
    ok("import", source, "--series", "REST", root=root)
    assert "series: rest" in (root / "articles/01-needles-and-nerves.md").read_text(
        encoding="utf-8"
    )
