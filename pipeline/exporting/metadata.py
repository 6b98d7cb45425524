"""What a book says of itself: the metadata that shops, libraries and reading systems go by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from pipeline.config import SeriesSettings
from pipeline.exporting.selection import Chosen, Selection, slug_of
from pipeline.text import direction

if TYPE_CHECKING:
    from ebooklib.epub import EpubBook

_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
"""Stands where no part has a date: undated drafts alone."""


def describe(
    book: EpubBook, selection: Selection, settings: SeriesSettings, articles: Sequence[Chosen]
) -> None:
    """The book's metadata (EPUB 3.3 §5.5, EPUB Accessibility 1.1 §2)."""
    newsletter = selection.newsletter
    key = f"{newsletter.written_url}#{settings.key}"
    book.set_identifier(uuid5(NAMESPACE_URL, key).urn)
    book.set_title(settings.title)
    book.set_language(newsletter.language)
    book.set_direction(direction(newsletter.language))
    for at, name in enumerate(selection.names(articles), 1):
        book.add_author(name, uid=f"creator-{at}", role="aut")
    dates = [one.date for one in articles if one.date is not None]
    tags = dict.fromkeys(tag for article in articles for tag in article.source.tags)
    known = [
        ("publisher", newsletter.title),
        ("description", settings.description),
        ("rights", newsletter.copyright),
        ("source", newsletter.absolute(f"series/{slug_of(settings)}/")),
        ("date", min(dates).date().isoformat() if dates else ""),
        *(("subject", tag) for tag in tags),
    ]
    for name, value in known:
        if value:
            book.add_metadata("DC", name, value)
    for name, value in (
        ("schema:accessMode", "textual"),
        ("schema:accessMode", "visual"),
        ("schema:accessModeSufficient", "textual"),
        ("schema:accessibilityFeature", "alternativeText"),
        ("schema:accessibilityFeature", "readingOrder"),
        ("schema:accessibilityFeature", "structuralNavigation"),
        ("schema:accessibilityFeature", "tableOfContents"),
        ("schema:accessibilityHazard", "unknown"),
    ):
        book.add_metadata(None, "meta", value, {"property": name})
    _collect(book, selection, settings)


def _collect(book: EpubBook, selection: Selection, settings: SeriesSettings) -> None:
    """A newsletter of several series is a set of books, in the order in which they began."""
    if len(selection.begun) < 2 or settings.key not in selection.begun:
        return
    position = selection.begun.index(settings.key) + 1
    book.add_metadata(
        None, "meta", selection.newsletter.title, {"property": "belongs-to-collection", "id": "set"}
    )
    for name, value in (("collection-type", "set"), ("group-position", str(position))):
        book.add_metadata(None, "meta", value, {"property": name, "refines": "#set"})


def modified(articles: Sequence[Chosen]) -> datetime:
    """When the newest part changed, in UTC (D2)."""
    known = (one.updated for one in articles if one.updated is not None)
    return max(known, default=_EARLIEST).astimezone(UTC)
