"""From a catalogue to its neutral feeds: one for the newsletter, one for each series.

The catalogue is what readers may see (`Catalogue.until`), so nothing else can reach a feed (F1).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pipeline.articles import Article
from pipeline.catalogue import Catalogue
from pipeline.feeds import pictures
from pipeline.feeds.entries import Entries, in_utc, labels, people
from pipeline.feeds.model import Entry, Feed, Link
from pipeline.series import Series
from pipeline.text import one_line, uri

NOTHING_YET = datetime(2000, 1, 1, tzinfo=UTC)
"""The date of a feed without entries. Atom demands one (RFC 4287 §4.2.15), a clock would make two
builds differ (D2), and validators doubt what is older than 1990."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Full:
    """A full archive document, still to be made: which, of which feed, and all it holds.

    `series` is None for the newsletter's feed. A document made of this never changes as parts join.
    """

    series: Series | None
    number: int
    articles: tuple[Article, ...]


def feeds_of(
    catalogue: Catalogue,
    of: Sequence[Series | None] | None = None,
    entries: Entries | None = None,
) -> tuple[Feed, ...]:
    """The newsletter's feed and one for each series, or those `of` which; they share their entries.

    Each that a limit cuts is followed by the newest document of its archive, which still grows.
    """
    entries = entries or Entries(catalogue)
    made: list[Feed] = []
    for series in every(catalogue) if of is None else of:
        feed = _current(catalogue, series, entries)
        made.append(feed)
        if feed.older:
            rest = held_by(catalogue, series)[feed.older * catalogue.newsletter.feeds.limit :]
            growing = _document(
                catalogue, series, entries, rest, entries.of(rest), archive=feed.older + 1
            )
            made.append(_marked(growing, entries.marks(rest)))
    return tuple(made)


def heads_of(catalogue: Catalogue, entries: Entries) -> tuple[Feed, ...]:
    """All feeds as people subscribe to them, without their entries."""
    return tuple(
        _document(catalogue, series, entries, held_by(catalogue, series), ())
        for series in every(catalogue)
    )


def every(catalogue: Catalogue) -> tuple[Series | None, ...]:
    """What has a feed: the newsletter, which is None here and below, and each series."""
    return (None, *catalogue.series)


def held_by(catalogue: Catalogue, series: Series | None) -> tuple[Article, ...]:
    """All articles of a feed."""
    return series.articles if series else catalogue.articles


def newsletter_feed(catalogue: Catalogue) -> Feed:
    """The feed of everything published, as people subscribe to it."""
    return _current(catalogue, None, Entries(catalogue))


def full_of(catalogue: Catalogue) -> Iterator[Full]:
    """The full archive documents of all feeds: none where there is no limit."""
    limit = catalogue.newsletter.feeds.limit
    for series in every(catalogue):
        articles = held_by(catalogue, series)
        for number in range(1, _closed(len(articles), limit) + 1):
            held = articles[(number - 1) * limit : number * limit]
            yield Full(series=series, number=number, articles=held)


def full_feed(catalogue: Catalogue, full: Full, entries: Entries) -> Feed:
    """A full archive document: it says what was known when its last entry was published."""
    return _document(
        catalogue,
        full.series,
        entries,
        full.articles,
        entries.known_then(full.articles),
        archive=full.number,
        newer=full.number + 1,
    )


def _current(catalogue: Catalogue, series: Series | None, entries: Entries) -> Feed:
    """The document of a feed that people subscribe to."""
    settings = catalogue.newsletter.feeds
    articles = held_by(catalogue, series)
    older = _closed(len(articles), settings.limit)
    shown = articles[-settings.limit :] if older else articles
    return replace(
        _marked(
            _document(catalogue, series, entries, articles, entries.of(shown)),
            entries.marks(shown),
        ),
        older=older,
        complete=not older,
        hub=uri(settings.hub),
        ttl=settings.ttl,
    )


def _document(
    catalogue: Catalogue,
    series: Series | None,
    entries: Entries,
    articles: Sequence[Article],
    found: Sequence[Entry],
    *,
    archive: int = 0,
    newer: int = 0,
) -> Feed:
    """One document of a feed, dated by `articles`.

    It names no hub and no ttl: of an archive nobody is told, and nobody asks for it again.
    """
    newsletter = catalogue.newsletter
    settings = newsletter.feeds
    folder = series.path if series else ""
    page_url = newsletter.absolute(folder)
    name = one_line(series.title if series else newsletter.title)
    description = series.settings.description if series else newsletter.description
    return Feed(
        folder=folder,
        title=name,
        page_url=page_url,
        description=one_line(description) or f"{one_line(newsletter.title)}: {name}",
        language=newsletter.language,
        authors=people((newsletter.author,)),
        copyright=one_line(newsletter.copyright),
        updated=max(map(entries.updated, articles), default=NOTHING_YET),
        published=max((in_utc(article.date) for article in articles), default=None),
        image=pictures.channel_image(newsletter),
        hub="",
        ttl=0,
        order=settings.order,
        complete=False,
        categories=labels(settings.categories),
        series=Link(title=name, url=page_url) if series else None,
        entries=found[::-1] if settings.order == "newest" else found,
        archive=archive,
        older=max(0, archive - 1),
        newer=newer,
    )


def _marked(feed: Feed, marks: tuple[bytes, ...]) -> Feed:
    return replace(feed, marks=marks[::-1] if feed.order == "newest" else marks)


def _closed(count: int, limit: int) -> int:
    """How many archive documents are full and have another after them."""
    return (count - 1) // limit if limit and count > limit else 0
