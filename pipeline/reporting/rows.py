"""What each service counted of each part, as plain rows; a figure nobody told is missing, never 0.

The counts are the latest that each service told, one by one: where it forgets (some do after
months), what it once said stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from pipeline.articles import Article
from pipeline.ledger.entries import Entry, Event
from pipeline.ledger.records import Record, records
from pipeline.plan import Plan
from pipeline.services import COUNTS

SETTLES = timedelta(days=7)
"""How long after the release figures still rise so fast that they tell little."""

_READERS = frozenset({"recipients", "sent"})
_COUNTED = (Event.SETTLED, Event.REPORTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One article at one service.

    `sent` is when its issue was released, None where it was not; `asked` when the service last
    counted. `counts` holds what is known, by the names in `services.COUNTS`; `repeats` are those in
    which one reader may count several times.
    """

    part: int | None
    issue: int
    title: str
    sent: datetime | None = None
    asked: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    repeats: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """What the row is called on an axis: its part, or its issue outside a series."""
        return str(self.part or self.issue)

    @property
    def readers(self) -> int | None:
        """To how many it went: the recipients, or the messages sent where only these are told."""
        return self.counts.get("recipients", self.counts.get("sent"))

    @property
    def early(self) -> bool:
        """True for figures of the first days, which still rise."""
        return bool(self.sent and self.asked and self.asked - self.sent < SETTLES)

    def count(self, name: str) -> int | None:
        """A count by name, `readers` among them; None where it is not known."""
        return self.readers if name == "readers" else self.counts.get(name)

    def share(self, name: str) -> float | None:
        """A count in percent of the readers; None where either is not known, or `repeats` it."""
        count, readers = self.count(name), self.readers
        if count is None or not readers or name in self.repeats:
            return None
        return 100 * count / readers


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The rows of one series at one service, in the series' order; `series` is its title.

    It is empty for the articles outside any series, which stand in the order of their issues.
    `untold` names the counts that the service never tells, as far as that is known.
    """

    service: str
    series: str
    rows: tuple[Row, ...]
    untold: tuple[str, ...] = ()


def sections(
    plan: Plan,
    entries: Sequence[Entry],
    as_of: datetime,
    service: str = "",
    tells: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> tuple[Section, ...]:
    """Series by series, what was handed to each service, or to one, until `as_of`.

    `entries` are those of the ledger and of its figures. A section reaches from the first part that
    the service was handed to the last; what it was not handed between them has no figures. `tells`
    has the names of the counts that each service tells.
    """
    known = [entry for entry in entries if entry.at <= as_of]
    names = dict.fromkeys(entry.service for entry in known if entry.service)
    if service:
        names = {service: None} if service in names else {}
    handed = {name: records(known, name) for name in names}
    counted = {name: _counted(known, name) for name in names}
    titles = {one.key: one.title for one in plan.newsletter.series} | {"": ""}
    return tuple(
        Section(service=name, series=title, rows=rows, untold=_untold(tells.get(name)))
        for key, title in titles.items()
        for name in names
        if (rows := _rows(plan, key, handed[name], counted[name]))
    )


def _untold(told: Collection[str] | None) -> tuple[str, ...]:
    """What a service never counts; either number of readers will do."""
    if told is None:
        return ()
    known = {*told, *_READERS} if {*told} & _READERS else {*told}
    return tuple(one for one in COUNTS if one not in known)


def _rows(
    plan: Plan, series: str, handed: Mapping[str, Record], counted: Mapping[str, Row]
) -> tuple[Row, ...]:
    found = list(_each(plan, series, handed, counted))
    at = [number for number, row in enumerate(found) if row.sent or row.counts]
    return tuple(found[at[0] : at[-1] + 1]) if at else ()


def _each(
    plan: Plan, series: str, handed: Mapping[str, Record], counted: Mapping[str, Row]
) -> Iterator[Row]:
    issues = {one.id: issue for issue in plan.catalogue.issues for one in issue.articles}
    for article in _articles(plan, series):
        issue = issues[article.id]
        ident = issue.articles[0].id
        record = handed.get(ident)
        figures = counted.get(ident)
        yield Row(
            part=article.part,
            issue=issue.number,
            title=article.title,
            sent=(record.when or record.at) if record and record.submitted else None,
            asked=figures.asked if figures else None,
            counts=figures.counts if figures else {},
            repeats=figures.repeats if figures else frozenset(),
        )


def _articles(plan: Plan, series: str) -> Iterator[Article]:
    """Articles in publication order, which is also that of the parts (O2)."""
    return (one for one in plan.catalogue.articles if (one.source.series or "") == series)


def _counted(entries: Sequence[Entry], service: str) -> dict[str, Row]:
    """The latest of each count, by the id of the issue's first article."""
    found: dict[str, Row] = {}
    for entry in sorted(entries, key=lambda one: one.at):
        if entry.service != service:
            continue
        if entry.event is Event.FORGOTTEN:
            found.pop(entry.issue, None)
        if entry.event in _COUNTED and entry.counts:
            before = found.get(entry.issue)
            counts, repeats = (before.counts, before.repeats) if before else ({}, frozenset())
            found[entry.issue] = Row(
                part=None,
                issue=entry.number,
                title="",
                asked=entry.at,
                counts={**counts, **entry.counts},
                repeats=(repeats - entry.counts.keys()) | frozenset(entry.repeats),
            )
    return found


def retention(section: Section, name: str) -> tuple[float | None, ...]:
    """A count of each part per 100 of the first part that has it; None where it is not known.

    Totals of all readers, not the same readers followed: no service tells who they were.
    """
    counts = [row.count(name) for row in section.rows]
    first = next((one for one in counts if one is not None), None)
    if not first:
        return (None,) * len(counts)
    return tuple(None if one is None else 100 * one / first for one in counts)


def data(sections: Sequence[Section]) -> list[dict[str, object]]:
    """The sections for programs: null where a figure is not known."""
    return [
        {
            "service": section.service,
            "series": section.series,
            "rows": [
                {
                    "part": row.part,
                    "issue": row.issue,
                    "title": row.title,
                    "sent_at": row.sent,
                    "asked_at": row.asked,
                    "early": row.early,
                    "repeats": sorted(row.repeats),
                    **{name: row.counts.get(name) for name in COUNTS},
                }
                for row in section.rows
            ],
        }
        for section in sections
    ]
