"""What page templates are handed: articles, series and issues as readers see them.

Every `href` and `folder` leads from output/'s root, is percent-encoded (RFC 3986 §2.1) and, where
it is a page, ends in `index.html`, so that it also works from a disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from urllib.parse import quote

from markupsafe import Markup, escape

from pipeline import nearby
from pipeline.articles import Article
from pipeline.catalogue import Catalogue, Visible
from pipeline.config import Author, Newsletter
from pipeline.issues import Issue
from pipeline.lazily import Lazily
from pipeline.pages.notices import as_html
from pipeline.pages.pictures import Measure, Picture, measure_in, picture
from pipeline.series import Series
from pipeline.text import direction


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFile:
    """A feed that every list of articles has: `file` lies beside the list's page."""

    name: str
    file: str
    media_type: str


FEEDS: Mapping[str, FeedFile] = {
    "rss": FeedFile(name="RSS", file="feed.xml", media_type="application/rss+xml"),
    "atom": FeedFile(name="Atom", file="atom.xml", media_type="application/atom+xml"),
    "json": FeedFile(name="JSON", file="feed.json", media_type="application/feed+json"),
}
"""By their names in `feeds.formats`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesEntry:
    """A series; `parts` is what it declares, 0 where it does not say."""

    title: str
    description: str
    href: str
    folder: str
    parts: int
    complete: bool
    image: Picture | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An article. `date` and `updated` are `time` elements with days in the newsletter's timezone.

    `summary` is the author's or an excerpt, `deck` only the author's; `updated` is empty unless
    that day is later. `lang` is set where it is not the newsletter's; `attributes` then says so of
    the article's words, and `ours` of the newsletter's words among them.
    """

    article: Article
    title: str
    href: str
    part: int | None
    series: SeriesEntry | None
    date: Markup
    updated: Markup
    minutes: int
    words: int
    summary: str
    deck: str
    authors: tuple[Author, ...]
    tags: tuple[str, ...]
    image: Picture | None
    notice: Markup
    own_notice: bool
    lang: str
    attributes: Markup
    ours: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A series with its parts in reading order."""

    series: SeriesEntry
    entries: Lazily[Article, Entry]

    def near(self, at: int) -> slice:
        """The parts to show beside the one at index `at`: all where they are few.

        So the pages of a series of n parts stay O(n) together.
        """
        return nearby.near(len(self.entries), at)

    @property
    def latest(self) -> Sequence[Entry]:
        """The newest parts, or all where they are few."""
        return self.entries[self.near(len(self.entries) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueEntry:
    """An issue and its articles."""

    issue: Issue
    number: int
    date: Markup
    href: str
    entries: Sequence[Entry]

    @property
    def updated(self) -> datetime:
        """When its newest article changed."""
        return max(entry.article.updated for entry in self.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The catalogue as pages show it: series in order, the latest issue first.

    `entry` gives that of an article; `visible` holds the pages that a link in one may lead to.
    """

    entry: Callable[[Article], Entry]
    shelves: tuple[Shelf, ...]
    singles: Lazily[Article, Entry]
    issues: Lazily[Issue, IssueEntry]
    logo: Picture | None
    feeds: tuple[FeedFile, ...]
    visible: Visible
    measure: Measure


def archive(catalogue: Catalogue, written: Callable[[date], str]) -> Archive:
    """Describe a catalogue once for all pages; `written` puts a day into words."""
    newsletter = catalogue.newsletter
    visible = catalogue.visible
    measure = measure_in(newsletter.articles_dir)
    notice = as_html(catalogue)
    series = {one.key: _series(one, measure) for one in catalogue.series}

    @cache
    def time(day: date) -> Markup:
        return Markup(f'<time datetime="{day}">{escape(written(day))}</time>')  # noqa: S704 - escaped

    made: dict[str, Entry] = {}

    def entry(article: Article) -> Entry:
        if article.id not in made:
            of = series.get(article.source.series or "")
            said = notice[article.id]
            made[article.id] = _entry(catalogue, article, of, said, measure, time)
        return made[article.id]

    def issue_entry(issue: Issue) -> IssueEntry:
        return IssueEntry(
            issue=issue,
            number=issue.number,
            date=time(local(newsletter, issue.date).date()),
            href=page(issue.path),
            entries=Lazily(entry, issue.articles),
        )

    singles = [one for one in catalogue.articles if (one.source.series or "") not in series]
    if newsletter.feeds.order == "newest":  # O3: lists in publication order agree with the feeds
        singles.reverse()
    return Archive(
        entry=entry,
        shelves=tuple(
            Shelf(series=series[one.key], entries=Lazily(entry, one.articles))
            for one in catalogue.series
        ),
        singles=Lazily(entry, singles),
        issues=Lazily(issue_entry, catalogue.issues[::-1]),
        logo=picture(newsletter.logo, "", measure),
        feeds=tuple(FEEDS[name] for name in newsletter.feeds.formats if name in FEEDS),
        visible=visible,
        measure=measure,
    )


def page(folder: str) -> str:
    """The file of the page in an output folder (`articles/x/`)."""
    return quote(folder) + "index.html"


def local(newsletter: Newsletter, moment: datetime) -> datetime:
    """A moment in the newsletter's timezone."""
    return moment.astimezone(newsletter.zone)


def in_language(tag: str) -> Markup:
    """The attributes of an element in a language, with a space before them; empty for no tag."""
    return Markup(' lang="{}" dir="{}"').format(tag, direction(tag)) if tag else Markup()


def _series(series: Series, measure: Measure) -> SeriesEntry:
    return SeriesEntry(
        title=series.title,
        description=series.settings.description,
        href=page(series.path),
        folder=quote(series.path),
        parts=series.parts or 0,
        complete=series.settings.complete,
        image=picture(series.settings.image, "", measure),
    )


def _entry(
    catalogue: Catalogue,
    article: Article,
    series: SeriesEntry | None,
    notice: Markup,
    measure: Measure,
    time: Callable[[date], Markup],
) -> Entry:
    newsletter, source, body = catalogue.newsletter, article.source, catalogue.bodies[article.id]
    lang = source.lang if source.lang != newsletter.language else ""
    day, updated = (local(newsletter, when).date() for when in (article.date, article.updated))
    return Entry(
        article=article,
        title=source.title,
        href=page(article.path),
        part=article.part,
        series=series,
        date=time(day),
        updated=time(updated) if updated > day else Markup(),
        minutes=body.minutes,
        words=body.words,
        summary=source.summary or body.summary,
        deck=source.summary,
        authors=catalogue.authors_of(article),
        tags=source.tags,
        image=picture(source.image, source.image_alt, measure),
        notice=notice,
        own_notice=source.notice is not None,
        lang=lang,
        attributes=in_language(lang),
        ours=in_language(newsletter.language if lang else ""),
    )
