"""The ledger's side file: what each service counted of each issue, day by day.

Its lines are entries `reported`, of the ledger's own schema. It is meant to be committed, so that
history stays when a service forgets; two branches' lines merge by union, in any order. It stays
small: of a day the last line counts, and of days that say the same the first and the last.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from itertools import groupby

from pipeline.ledger.entries import Entry, Event

FILE = "figures.jsonl"


def thinned(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The lines worth keeping, oldest first; what is no figure (a line set aside) stays."""
    kept: list[Entry] = []
    subjects: dict[tuple[str, str], list[Entry]] = {}
    for entry in sorted(entries, key=_order):
        if entry.event is Event.REPORTED:
            subjects.setdefault((entry.service, entry.issue), []).append(entry)
        else:
            kept.append(entry)
    for each in subjects.values():
        daily = [
            list(day)[-1] for _, day in groupby(each, lambda one: one.at.astimezone(UTC).date())
        ]
        for _, run in groupby(daily, lambda one: (dict(one.counts), one.repeats)):
            first, *rest = run
            kept += [first, *rest[-1:]]
    return tuple(sorted(kept, key=_order))


def _order(entry: Entry) -> tuple[object, ...]:
    return entry.at, entry.service, entry.issue, sorted(entry.counts.items()), entry.note
