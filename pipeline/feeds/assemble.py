"""From a catalogue to its neutral feeds: one for the newsletter, one for each series.

The catalogue is what readers may see (`Catalogue.until`), so nothing else can reach a feed (F1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pipeline.articles import Article
from pipeline.catalogue import Catalogue
from pipeline.feeds import pictures
from pipeline.feeds.entries import Entries, in_utc, labels, people, uri
from pipeline.feeds.model import Entry, Feed, Link
from pipeline.series import Series
from pipeline.text import one_line

NOTHING_YET = datetime(2000, 1, 1, tzinfo=UTC)
"""The date of a feed without entries. Atom demands one (RFC 4287 §4.2.15), a clock would make two
builds differ (D2), and validators doubt what is older than 1990."""


def feeds_of(catalogue: Catalogue) -> tuple[Feed, ...]:
    """The newsletter's feed, then one for each series; they share their entries.

    Each is followed by its archive where a limit leaves something out.
    """
    entries = Entries(catalogue)
    newsletter = newsletter_feed(catalogue, entries)
    feeds = [newsletter, *_archive(newsletter, catalogue, catalogue.articles, entries)]
    for series in catalogue.series:
        feed = series_feed(catalogue, series, entries)
        feeds += [feed, *_archive(feed, catalogue, series.articles, entries)]
    return tuple(feeds)


def newsletter_feed(catalogue: Catalogue, entries: Entries | None = None) -> Feed:
    """The feed of everything published."""
    newsletter = catalogue.newsletter
    return _feed(
        catalogue,
        entries or Entries(catalogue),
        catalogue.articles,
        title=newsletter.title,
        description=newsletter.description,
        folder="",
        series=None,
    )


def series_feed(catalogue: Catalogue, series: Series, entries: Entries | None = None) -> Feed:
    """The feed of one series."""
    return _feed(
        catalogue,
        entries or Entries(catalogue),
        series.articles,
        title=series.title,
        description=series.settings.description,
        folder=series.path,
        series=series,
    )


def _feed(
    catalogue: Catalogue,
    entries: Entries,
    articles: Sequence[Article],
    *,
    title: str,
    description: str,
    folder: str,
    series: Series | None,
) -> Feed:
    newsletter = catalogue.newsletter
    settings = newsletter.feeds
    shown = articles[-settings.limit :] if settings.limit else articles
    page_url = uri(newsletter.absolute(folder))
    name = one_line(title)
    return Feed(
        folder=folder,
        title=name,
        page_url=page_url,
        description=one_line(description) or f"{one_line(newsletter.title)}: {name}",
        language=newsletter.language,
        authors=people((newsletter.author,)),
        copyright=one_line(newsletter.copyright),
        updated=_updated(articles, entries),
        published=_published(articles),
        image=pictures.channel_image(newsletter),
        hub=uri(settings.hub),
        ttl=settings.ttl,
        order=settings.order,
        complete=len(shown) == len(articles),
        older=0 if len(shown) == len(articles) else (len(articles) - 1) // settings.limit,
        categories=labels(settings.categories),
        series=Link(title=name, url=page_url) if series else None,
        entries=_ordered(entries.of(shown), settings.order),
    )


def _archive(
    feed: Feed, catalogue: Catalogue, articles: Sequence[Article], entries: Entries
) -> Iterator[Feed]:
    """All of a feed, in documents of as many entries as it has, counted from the oldest.

    Each but the last is closed: it says what was known when its last entry was published, so it is
    the same for ever. The last is open, and is there for those who read on from the first.
    """
    limit = catalogue.newsletter.feeds.limit
    last = feed.older + 1
    for number in range(1, last + 1) if feed.older else ():
        held = articles[(number - 1) * limit : number * limit]
        found = entries.of(held) if number == last else entries.known_then(held)
        yield replace(
            feed,
            archive=number,
            older=number - 1,
            newer=0 if number == last else number + 1,
            updated=_updated(held, entries),
            published=_published(held),
            # Nobody is told of what never changes, and nobody asks for it again.
            hub="",
            ttl=0,
            entries=_ordered(found, feed.order),
        )


def _ordered(entries: tuple[Entry, ...], order: str) -> tuple[Entry, ...]:
    return entries[::-1] if order == "newest" else entries


def _updated(articles: Iterable[Article], entries: Entries) -> datetime:
    return max(map(entries.updated, articles), default=NOTHING_YET)


def _published(articles: Iterable[Article]) -> datetime | None:
    return max((in_utc(article.date) for article in articles), default=None)
