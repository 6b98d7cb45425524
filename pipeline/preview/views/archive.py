"""The archive as it will be published, and what of it nobody sees yet."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.preview.picture import Sight
from pipeline.preview.words import when


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveView:
    """The archive at a moment; `hidden` are its articles that are not public yet, with why."""

    as_of: str
    pages: int
    later: int
    hidden: tuple[tuple[str, str], ...]


def view(sight: Sight) -> ArchiveView:
    """The archive; PartworkError carries the errors in what is published."""
    shown = sight.catalogue.articles
    return ArchiveView(
        as_of=when(sight.as_of, sight.newsletter.zone),
        pages=sum(path.endswith(".html") for path in sight.site()),
        later=len(sight.plan.catalogue.articles) - len(shown),
        hidden=tuple((one.title, sight.hidden[one.id]) for one in shown if one.id in sight.hidden),
    )
