"""What email templates are handed: an issue as one reader is to see it, in plain values.

Every URL is absolute; every date is written out in the newsletter's words and timezone. What is
missing is empty, and a template leaves it out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from pipeline import text
from pipeline.articles import Article
from pipeline.catalogue import Catalogue
from pipeline.config import EmailSettings, Newsletter
from pipeline.emails import campaign
from pipeline.emails.words import Words
from pipeline.issues import Issue
from pipeline.merge import MergePoint
from pipeline.series import Series

MANY = 12
"""A series longer than this shows in its contents the parts near the one being read."""
ALL = 40
"""The last part lists every part of a series up to this long."""
STEPS = 12
"""The progress bar has a cell for each part of a series up to this long."""

_USUAL_REASON = EmailSettings().reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A title and where it leads."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """The URLs of the newsletter's sign on light and on dark grounds; empty for none."""

    light: str
    dark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture at its widest, in CSS pixels; `ground` is the style of one that is partly clear."""

    url: str
    alt: str
    width: int
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the contents: `url` is empty for this part and for one to come."""

    part: int
    title: str
    url: str
    here: bool = False
    due: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesView:
    """The series block. `parts` is 0 where the series does not announce how many it has.

    `next` has no URL where it is not out yet and is None where only its date may be told; the
    contents end with it where it is `announced`. `more` counts the parts that they leave out.
    """

    title: str
    url: str
    place: str
    part: int
    parts: int
    complete: bool
    steps: Sequence[bool]
    percent: int
    previous: Link | None
    next: Link | None
    next_date: str
    contents: Sequence[Row]
    announced: bool
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An article in a digest's list."""

    title: str
    url: str
    lang: str
    dir: str
    start: str
    series: str
    place: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleView:
    """An article; `body` must be printed exactly once, `cut` says that it is not the whole."""

    title: str
    url: str
    lang: str
    dir: str
    start: str
    series: Link | None
    place: str
    byline: str
    date: str
    minutes: str
    summary: str
    image: Picture | None
    previous: Link | None
    first: Link | None
    body: str
    cut: bool
    notice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """The links and lines below everything; empty ones are left out."""

    reason: str
    unsubscribe: str
    preferences: str
    feed: str
    address: str
    reply: str
    forward: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Describes articles and series of a catalogue; `query` is added to the newsletter's links."""

    catalogue: Catalogue
    words: Words
    query: str = ""

    @property
    def newsletter(self) -> Newsletter:
        """The outlet."""
        return self.catalogue.newsletter

    def own(self, path: str) -> str:
        """The public URL of one of the newsletter's pages (`articles/x/`)."""
        return _own(self.newsletter.root_url, path, self.query)

    def entry(self, article: Article, *, several: bool = False) -> Entry:
        """One article in a list; `several` series in it are told apart by their titles."""
        source, series = article.source, self.catalogue.series_of(article)
        lang = source.lang or self.newsletter.language
        way = text.direction(lang)
        return Entry(
            title=article.title,
            url=self.own(article.path),
            lang=lang,
            dir=way,
            start="right" if way == "rtl" else "left",
            series=series.title if several and series else "",
            place=place(self.words, article.part, series.parts) if series and article.part else "",
            summary=source.summary or self.catalogue.bodies[article.id].summary,
        )

    def article(self, article: Article, entry: Entry, image: Picture | None) -> ArticleView:
        """One article, its body and notice still empty; `entry` is what lists say of it."""
        words = self.words
        series = self.catalogue.series_of(article)
        previous, _ = self.catalogue.neighbours(article)
        first = series.articles[0] if series else None
        names = [author.name for author in self.catalogue.authors_of(article)]
        return ArticleView(
            title=entry.title,
            url=entry.url,
            lang=entry.lang,
            dir=entry.dir,
            start=entry.start,
            series=Link(title=series.title, url=self.own(series.path)) if series else None,
            place=entry.place,
            byline=words.by.format(author=words.names(names)),
            date=words.on(article.date.astimezone(self.newsletter.zone)),
            minutes=words.minutes.format(minutes=self.catalogue.bodies[article.id].minutes),
            summary=entry.summary,
            image=image,
            previous=self._link(previous) if previous else None,
            first=self._link(first) if first and previous and first != previous else None,
            body="",
            cut=False,
            notice="",
        )

    def series(self, article: Article, upcoming: Article | None) -> SeriesView | None:
        """The block of an article's series as seen from that article; None outside any.

        `upcoming` is the next part as planned; `email.announce_next` says what is told of it (F1).
        """
        series = self.catalogue.series_of(article)
        if series is None or article.part is None:
            return None
        words, announce = self.words, self.newsletter.email.announce_next
        previous, after = self.catalogue.neighbours(article)
        if after is not None or (upcoming and upcoming.source.series != series.key):
            upcoming = None
        ends = article.part >= series.parts if series.parts else series.settings.complete
        complete = ends and after is None and upcoming is None
        told = upcoming if announce != "no" else None
        due = words.on_weekday(told.date.astimezone(self.newsletter.zone)) if told else ""
        next_link = self._link(after) if after else None
        rows = self._contents(series, article, ALL if complete else MANY)
        more = len(series.articles) - len(rows)
        if told is not None and announce == "title":
            next_link = Link(title=told.title, url="")
            number = told.part or article.part + 1
            rows = (*rows, Row(part=number, title=told.title, url="", due=due))
        parts = series.parts or (len(series.articles) if complete else 0)
        return SeriesView(
            title=series.title,
            url=self.own(series.path),
            place=place(words, article.part, series.parts),
            part=article.part,
            parts=parts,
            complete=complete,
            steps=[step < article.part for step in range(parts)] if parts <= STEPS else [],
            percent=min(100, round(100 * article.part / parts)) if parts else 0,
            previous=self._link(previous) if previous else None,
            next=next_link,
            next_date=due,
            contents=rows if len(rows) > 1 else (),
            announced=bool(rows) and bool(rows[-1].due),
            more=more,
        )

    def _contents(self, series: Series, article: Article, limit: int) -> tuple[Row, ...]:
        """The parts up to `limit`, those around the article where there are more."""
        articles = series.articles
        at = bisect_left(articles, article.part or 0, key=lambda one: one.part or 0)
        low = max(0, min(at - limit // 2, len(articles) - limit))
        root, query = self.newsletter.root_url, self.query
        return tuple(
            _row(
                one.part or number + 1,
                one.title,
                "" if number == at else _own(root, one.path, query),
            )
            for number, one in enumerate(articles[low : low + limit], low)
        )

    def footer(self, issue: Issue) -> Footer:
        """What stands below an issue."""
        newsletter, settings = self.newsletter, self.newsletter.email
        sender = settings.reply_to or settings.from_address
        own = settings.reason != _USUAL_REASON
        reason = settings.reason if own else self.words.reason
        subject = issue.articles[0].title
        url = newsletter.absolute(issue.path)
        shared = mailto("", subject=subject, body=f"{self.words.forwarded} {url}")
        return Footer(
            reason=reason.format(newsletter=newsletter.title, title=newsletter.title),
            unsubscribe=MergePoint.UNSUBSCRIBE_URL.neutral,
            preferences=MergePoint.PREFERENCES_URL.neutral if settings.preferences_url else "",
            # A reader's program subscribes to this very URL, so that it stays untagged.
            feed=newsletter.absolute("feed.xml"),
            address=MergePoint.ADDRESS.neutral,
            reply=mailto(sender, subject=f"Re: {subject}") if settings.share and sender else "",
            forward=shared if settings.share else "",
        )

    def _link(self, article: Article) -> Link:
        return Link(title=article.title, url=self.own(article.path))


@lru_cache(maxsize=4096)
def _own(root_url: str, path: str, query: str) -> str:
    return campaign.tagged(root_url + quote(path), root_url, query)


@lru_cache(maxsize=4096)
def _row(part: int, title: str, url: str) -> Row:
    """The row of a part that is out; the one being read has no URL."""
    return Row(part=part, title=title, url=url, here=not url)


def place(words: Words, part: int, parts: int | None) -> str:
    """`Part 2 of 5`, or `Part 2` where the series does not say how many."""
    return words.part_of.format(part=part, parts=parts) if parts else words.part.format(part=part)


def mailto(address: str, **fields: str) -> str:
    """A mailto URL (RFC 6068 §2)."""
    query = "&".join(f"{key}={quote(text.one_line(value))}" for key, value in fields.items())
    return f"mailto:{quote(address, safe='@')}?{query}"
