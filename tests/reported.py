"""Newsletters whose services have counted something, for tests of the report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from folders import article, write

from pipeline import ledger, newsletter, plan
from pipeline.config import Newsletter
from pipeline.ledger.entries import Entry, Event
from pipeline.plan import Plan

LATER = timedelta(days=14)
SOME = {"recipients": 100, "opens": 60, "clicks": 9, "bounces": 1, "unsubscribes": 0}


def parts(count: int, **fields: object) -> dict[str, str]:
    """Parts of the series `care`, a week apart from 6 October 2026."""
    return {
        f"articles/{number:03}-part-{number}.md": article(f"Part {number}", **fields)
        for number in range(1, count + 1)
    }


def handed(
    root: Path,
    *counts: Mapping[str, int] | None,
    service: str = "weekly",
    repeats: tuple[str, ...] = (),
    after: timedelta = LATER,
) -> None:
    """Each issue in turn handed over at its date, and counted so long `after`; None: not handed."""
    issues = plan.load(newsletter.load(root)).catalogue.issues
    with ledger.opened(root) as book:
        for issue, counted in zip(issues, counts, strict=False):
            if counted is None:
                continue
            of = {"service": service, "issue": issue.articles[0].id, "number": issue.number}
            book.append(Entry(at=issue.date, event=Event.SUBMITTED, **of))  # type: ignore[arg-type]
            if counted:
                told = {"counts": dict(counted), "repeats": repeats, **of}
                book.note(Entry(at=issue.date + after, event=Event.REPORTED, **told))  # type: ignore[arg-type]


def loaded(root: Path, files: Mapping[str, str] | None = None) -> tuple[Newsletter, Plan]:
    """The folder written, with three parts unless others are given, and read."""
    notes = newsletter.load(write(root, files if files is not None else parts(3)))
    return notes, plan.load(notes)


def entries(root: Path) -> tuple[Entry, ...]:
    """All that the ledger and its figures hold."""
    return (*ledger.read(root), *ledger.read_figures(root))
