"""From a catalogue to its neutral feeds: one for the newsletter, one for each series.

The catalogue is what readers may see (`Catalogue.until`), so nothing else can reach a feed (F1).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pipeline.articles import Article
from pipeline.catalogue import Catalogue
from pipeline.feeds import pictures
from pipeline.feeds.entries import Entries, in_utc, labels, people, uri
from pipeline.feeds.model import Feed, Link
from pipeline.series import Series
from pipeline.text import one_line

NOTHING_YET = datetime(2000, 1, 1, tzinfo=UTC)
"""The date of a feed without entries. Atom demands one (RFC 4287 §4.2.15), a clock would make two
builds differ (D2), and validators doubt what is older than 1990."""


def feeds_of(catalogue: Catalogue) -> tuple[Feed, ...]:
    """The newsletter's feed, then one for each series; they share their entries."""
    entries = Entries(catalogue)
    return (
        newsletter_feed(catalogue, entries),
        *(series_feed(catalogue, series, entries) for series in catalogue.series),
    )


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
        updated=max(map(entries.updated, articles), default=NOTHING_YET),
        published=max((in_utc(article.date) for article in articles), default=None),
        image=pictures.channel_image(newsletter),
        hub=uri(settings.hub),
        ttl=settings.ttl,
        order=settings.order,
        complete=len(shown) == len(articles),
        categories=labels(settings.categories),
        series=Link(title=name, url=page_url) if series else None,
        entries=entries.of(reversed(shown) if settings.order == "newest" else shown),
    )
