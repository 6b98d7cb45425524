"""The series in order: every part with its date, its state, and where its issue was handed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pipeline import status
from pipeline.built import Row
from pipeline.config import SeriesSettings
from pipeline.preview.picture import Sight
from pipeline.preview.words import Place, when
from pipeline.status import Handed


@dataclass(frozen=True, slots=True, kw_only=True)
class AtService:
    """Where a part's issue stands at a mailing service, in words; `kind` is how it looks."""

    service: str
    words: str
    kind: str
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One row. `issue` is the number of its issue, None where there is none to show.

    `drafts` says that the issue is to be seen only with drafts shown.
    """

    number: int | None
    title: str
    place: Place
    date: str
    planned: bool
    issue: int | None
    drafts: bool
    state: str
    kind: str
    detail: str
    services: tuple[AtService, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A series, or the articles outside any, with its rows in order."""

    title: str
    description: str
    count: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesView:
    """Every series; `services` are the names of the mailing services, in their order."""

    shelves: tuple[Shelf, ...]
    services: tuple[str, ...]
    as_of: str


def view(sight: Sight) -> SeriesView:
    """The series as they stand at the moment seen."""
    rows = status.rows(sight.plan, sight.as_of)
    handed = status.handed(sight.plan, sight.picture.entries, sight.as_of)
    services = tuple(dict.fromkeys(one.service for one in handed))
    at_services = {(one.service, one.issue): one for one in handed}
    settings = {one.key: one for one in sight.newsletter.series}
    parts: dict[str, list[Part]] = {}
    for row in rows:
        parts.setdefault(row.series, []).append(_part(sight, row, services, at_services))
    return SeriesView(
        shelves=tuple(_shelf(settings.get(key), of_it) for key, of_it in parts.items()),
        services=services,
        as_of=when(sight.as_of, sight.newsletter.zone),
    )


def _shelf(settings: SeriesSettings | None, parts: list[Part]) -> Shelf:
    total = max(len(parts), settings.parts if settings else 0)
    out = f"{sum(one.kind == 'out' for one in parts)} of {total} published"
    if settings is None:
        return Shelf(title="Outside a series", description="", count=out, parts=tuple(parts))
    return Shelf(
        title=settings.title,
        description=settings.description,
        count=out,
        parts=tuple(parts),
    )


def _part(
    sight: Sight,
    row: Row,
    services: tuple[str, ...],
    handed: Mapping[tuple[str, int], Handed],
) -> Part:
    picture, zone = sight.picture, sight.newsletter.zone
    draft = row.path in picture.drafts
    state, kind, detail = _state(row, draft=draft)
    seen = tuple(
        _at_service(name, handed.get((name, row.issue or 0)), row, sight) for name in services
    )
    issue, only_with_drafts = row.issue, False
    if issue is None and picture.finished is not None and not sight.drafts:
        issue, only_with_drafts = _issue_when_finished(sight, row), True
    return Part(
        number=row.part,
        title=row.title,
        place=picture.place(row.path),
        date=when(row.date, zone) if row.date else "",
        planned=row.planned,
        issue=issue,
        drafts=only_with_drafts,
        state=state,
        kind=kind,
        detail=detail,
        services=seen,
    )


def _state(row: Row, *, draft: bool) -> tuple[str, str, str]:
    """In words, how it looks, and what is to be added."""
    if draft:
        return "draft", "draft", "nobody sees it"
    if row.state == "waiting":
        return "waiting", "waiting", "" if row.date else f"for {row.until}"
    if row.state == "in the feed":
        return "in the feed", "out", f"mailed {row.until}"
    return "published", "out", ""


def _issue_when_finished(sight: Sight, row: Row) -> int | None:
    finished = sight.picture.finished
    issues = finished.catalogue.issues if finished else ()
    return next(
        (one.number for one in issues if row.path in (a.source.path for a in one.articles)), None
    )


_KINDS = {
    "draft": ("stored as a draft", "stored"),
    "left out": ("left out", "waiting"),
    "scheduled": ("scheduled", "stored"),
    "submitted": ("submitted", "out"),
    "sent": ("sent", "out"),
    "not known": ("outcome not known", "wrong"),
}


def _at_service(name: str, handed: Handed | None, row: Row, sight: Sight) -> AtService:
    if handed is None or row.issue is None:
        return AtService(service=name, words="", kind="none")
    if handed.state not in _KINDS:
        return AtService(service=name, words="due", kind="due")
    words, kind = _KINDS[handed.state]
    since: datetime | None = handed.at
    return AtService(
        service=name,
        words=words,
        kind=kind,
        since=when(since, sight.newsletter.zone) if since else "",
    )
