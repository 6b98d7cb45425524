"""The ledger's side file: bounded, mergeable, and never silently damaged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from folders import run, three
from folders import write as write_folder
from hypothesis import given
from hypothesis import strategies as st

from pipeline import ledger
from pipeline.errors import PartworkError
from pipeline.ledger import figures
from pipeline.ledger.entries import Entry, Event, encode

NOON = datetime(2026, 10, 6, 12, tzinfo=UTC)


def told(hours: float = 0, opens: int = 1, issue: str = "one", **more: object) -> Entry:
    return Entry(
        at=NOON + timedelta(hours=hours),
        event=Event.REPORTED,
        service="weekly",
        issue=issue,
        counts={"opens": opens},
        **more,  # type: ignore[arg-type]  # test data by name
    )


MANY = st.lists(
    st.builds(told, st.integers(0, 400), st.integers(0, 3), st.sampled_from(["one", "two"]))
)


def days(entries: Sequence[Entry]) -> dict[tuple[str, object], int]:
    """The last count of each day, by issue and day."""
    found = {}
    for one in sorted(entries, key=lambda one: (one.at, one.counts["opens"])):
        found[one.issue, one.at.date()] = one.counts["opens"]
    return found


def test_a_line_that_cannot_be_read_is_an_error_with_its_place(tmp_path: Path) -> None:
    root = write_folder(tmp_path, three())
    good = encode(told())
    (root / figures.FILE).write_text(f"{good}\n<<<<<<< HEAD\n{good}\n", encoding="utf-8")
    with pytest.raises(PartworkError, match=r"figures\.jsonl:2: .*conflict marker"):
        ledger.read_figures(root)
    with ledger.opened(root) as book, pytest.raises(PartworkError, match=r"figures\.jsonl:2: "):
        book.note(told(30))
    for command in ("report", "status"):
        done = run(command, root=root)
        assert done.exit_code == 1
        assert "figures.jsonl:2: " in done.output
    done = run("ledger", "verify", root=root)
    assert (done.exit_code, "figures.jsonl:2: " in done.output) == (1, True)
    assert "1 unreadable line was set aside" in run("ledger", "verify", "--fix", root=root).output
    assert "HEAD" in (root / figures.FILE).read_text(encoding="utf-8"), "nothing is lost"
    assert len(ledger.read_figures(root)) == 2
    with ledger.opened(root) as book:
        book.note(told(30))
    assert "HEAD" in (root / figures.FILE).read_text(encoding="utf-8"), "nor later"


def test_of_a_day_the_last_line_counts_and_of_equal_days_the_first_and_the_last() -> None:
    lines = [told(0, 1), told(1, 2), told(24, 2), told(48, 2), told(72, 2), told(96, 5)]
    assert figures.thinned(lines) == (told(1, 2), told(72, 2), told(96, 5))


@given(MANY, st.randoms())
def test_two_branches_lines_merge_in_any_order_into_the_same(lines: list[Entry], dice) -> None:
    mixed = [*lines, *lines[::2]]
    dice.shuffle(mixed)
    assert figures.thinned(mixed) == figures.thinned(lines)


@given(MANY)
def test_thinning_loses_no_change_of_a_count(lines: list[Entry]) -> None:
    kept = figures.thinned(lines)
    assert figures.thinned(kept) == kept
    assert len({(one.issue, one.at.date()) for one in kept}) == len(kept), "one a day"
    whole, thin = days(lines), days(kept)
    assert thin.items() <= whole.items()
    for issue, day in whole:
        before = max((d for i, d in thin if i == issue and d <= day), default=None)
        assert thin[issue, before] == whole[issue, day]


def test_asking_every_hour_for_a_year_keeps_the_file_small(tmp_path: Path) -> None:
    with ledger.opened(tmp_path) as book:
        for hour in range(0, 24 * 60, 6):
            book.note(told(hour, min(hour, 100)))
    assert len(ledger.read_figures(tmp_path)) < 10


def test_a_stop_between_two_lines_leaves_the_file_whole(tmp_path: Path) -> None:
    with ledger.opened(tmp_path) as book:
        book.note(told())
        before = (tmp_path / figures.FILE).read_bytes()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                book.note(told(24, 7))
    assert (tmp_path / figures.FILE).read_bytes() == before
