"""Articles as feed entries, each made once however many feeds and formats hold it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import pairwise
from weakref import WeakValueDictionary

from pipeline import markdown
from pipeline.articles import Article
from pipeline.catalogue import Catalogue
from pipeline.config import Author
from pipeline.feeds.model import Entry, Link, Part
from pipeline.feeds.words import words
from pipeline.lazily import Lazily
from pipeline.markdown import Body
from pipeline.marks import Marks
from pipeline.series import Series
from pipeline.spool import Held, Spool
from pipeline.text import clean, one_line, uri


class Entries:
    """The entries of what a catalogue publishes: each made once, and kept while a feed holds it."""

    def __init__(self, catalogue: Catalogue, marks: Marks | None = None) -> None:
        self._catalogue = catalogue
        self._marking = marks
        self._marks: dict[str, bytes] = {}
        self._made: WeakValueDictionary[str, Entry] = WeakValueDictionary()
        self._updated = distinct(catalogue.articles)
        self._moved = {
            one.id: moment
            for one in catalogue.articles
            if (moment := self._updated[one.id]) != one.updated
        }
        self._spool = Spool()
        self._visible = catalogue.visible
        self._rank = {one.path: at for at, one in enumerate(catalogue.articles)}
        self._series = {one.key: one for one in catalogue.series}
        self._pages = {one.key: self._link(one.title, one.path) for one in catalogue.series}
        self._links: dict[str, Link] = {}
        self._before: dict[str, Article] = {}
        self._after: dict[str, Article] = {}
        for one in catalogue.series:
            for earlier, later in pairwise(one.articles):
                self._before[later.id] = earlier
                self._after[earlier.id] = later

    def of(self, articles: Sequence[Article]) -> Sequence[Entry]:
        """The entries of these articles, in the same order."""
        return Lazily(self._entry, articles) if articles else ()

    def marks(self, articles: Sequence[Article]) -> tuple[bytes, ...]:
        """What each of these entries is made of; nothing where nobody can say."""
        marking = self._marking
        return tuple(self._mark(one, marking) for one in articles) if marking else ()

    def _mark(self, article: Article, marks: Marks) -> bytes:
        """The mark of all that `_make` looks at."""
        key = article.id
        if key not in self._marks:
            near = (self._before.get(key), self._after.get(key))
            self._marks[key] = marks.of(
                "entry",
                marks.whole(article),
                self._updated[key],
                [one and marks.face(one) for one in near],
            )
        return self._marks[key]

    def known_then(self, articles: Sequence[Article]) -> tuple[Entry, ...]:
        """The entries as they were when nothing was published after the last of these articles.

        They neither name nor link to what came later, so nothing that is added changes them.
        """
        until = self._rank[articles[-1].path]
        return tuple(self._then(article, until) for article in articles)

    def marks_now(self, articles: Sequence[Article], marks: Marks) -> object:
        """The mark of all that the entries of these articles say, one after another in a feed."""
        moved = [(one.id, self._moved[one.id]) for one in articles if one.id in self._moved]
        return marks.wholes(articles), moved

    def marks_then(self, articles: Sequence[Article], marks: Marks) -> object:
        """The mark of all that the entries of `known_then` say."""
        until = self._rank[articles[-1].path]
        inside = {article.id for article in articles}
        beside = [
            (marks.face(near), self._rank[near.path] <= until)
            for article in articles
            for near in (self._before.get(article.id), self._after.get(article.id))
            if near and near.id not in inside
        ]
        later = (
            (article.id, path)
            for article in articles
            for path in self._pages_of(article)
            if self._rank.get(path, 0) > until
        )
        return self.marks_now(articles, marks), beside, sorted(later)

    def updated(self, article: Article) -> datetime:
        """When an article was last changed, as its entry says."""
        return self._updated[article.id]

    def _entry(self, article: Article) -> Entry:
        entry = self._made.get(article.id)
        if entry is None:
            entry = self._made[article.id] = self._make(article, self._visible)
        return entry

    def _then(self, article: Article, until: int) -> Entry:
        linked = self._linked(article)
        if all(rank <= until for rank in linked.values()):
            entry = self._entry(article)
        else:
            entry = self._make(article, {path for path, rank in linked.items() if rank <= until})
        after = self._after.get(article.id)
        late = after is not None and self._rank[after.path] > until
        return replace(entry, next=None) if late else entry

    def _linked(self, article: Article) -> dict[str, int]:
        """The published articles that one links to: the place of each in the order, by its path."""
        return {path: self._rank[path] for path in self._pages_of(article) if path in self._rank}

    def _pages_of(self, article: Article) -> Collection[str]:
        """The pages of the articles that one links to, itself or in its notice."""
        said = self._catalogue.notices.get(article.id)
        pages = self._catalogue.bodies[article.id].articles
        return pages | said.body.articles if said else pages

    def _make(self, article: Article, visible: Collection[str]) -> Entry:
        newsletter = self._catalogue.newsletter
        source = article.source
        series = self._series.get(source.series or "")
        title = one_line(article.title) or source.slug
        summary = one_line(source.summary or self._catalogue.bodies[article.id].summary) or title
        image = newsletter.absolute(media(source.image)) if source.image else ""
        full = newsletter.feeds.content == "full"
        if newsletter.feeds.part_in_title:
            title = part_title(title, article, series, newsletter.language)
        return Entry(
            id=article.id,
            title=title,
            url=newsletter.absolute(article.path),
            summary=summary,
            body=self._whole(article, summary, image, visible) if full else None,
            published=in_utc(article.date),
            updated=self._updated[article.id],
            authors=people(self._catalogue.authors_of(article)),
            tags=labels(source.tags),
            language=source.lang or newsletter.language,
            image=image,
            part=self._part(article, series),
            previous=self._neighbour(self._before, article),
            next=self._neighbour(self._after, article),
        )

    def _whole(self, article: Article, summary: str, image: str, visible: Collection[str]) -> Held:
        """The body between its picture and its notice; the summary where the body is empty."""
        source = article.source
        html = self._html(self._catalogue.bodies[article.id], article.path, visible)
        said = self._catalogue.notices.get(article.id)
        notice = self._html(said.body, "", visible) if said else ""
        html = framed(html or f"<p>{escape(summary)}</p>", image, source.image_alt, notice)
        return self._spool.put(html.encode())

    def _html(self, body: Body, path: str, visible: Collection[str]) -> str:
        root = self._catalogue.newsletter.root_url
        return clean(markdown.for_feed(body, root, path, visible)).strip("\n")

    def _neighbour(self, neighbours: Mapping[str, Article], article: Article) -> Link | None:
        found = neighbours.get(article.id)
        if found is None:
            return None
        if found.id not in self._links:
            self._links[found.id] = self._link(found.title, found.path)
        return self._links[found.id]

    def _link(self, title: str, path: str) -> Link:
        return Link(title=one_line(title), url=self._catalogue.newsletter.absolute(path))

    def _part(self, article: Article, series: Series | None) -> Part | None:
        if series is None or article.part is None:
            return None
        return Part(
            series_id=series.key,
            series=self._pages[series.key],
            number=article.part,
            parts=series.parts,
        )


def part_title(title: str, article: Article, series: Series | None, language: str) -> str:
    """“Part 2 of 5: Title” in a language; no “of 5” where the series announces no number of parts.

    The number published so far is never used: it would change every older title each week.
    """
    if series is None or article.part is None:
        return title
    said = words(language)
    announced = series.parts and article.part <= series.parts
    place = said.part_of if announced else said.part
    return f"{place.format(part=article.part, parts=series.parts)}{said.colon}{title}"


def framed(html: str, image: str, alt: str, notice: str) -> str:
    """A body after its picture, unless it shows that picture itself, and before the notice."""
    picture = f'src="{escape(image)}"'
    parts = (
        f'<p><img {picture} alt="{escape(clean(alt))}"></p>'
        if image and picture not in html
        else "",
        html,
        f"<hr>\n{notice}" if notice else "",
    )
    return "\n".join(filter(None, parts))


def media(path: str) -> str:
    """Where output/ keeps a file of the articles folder."""
    return f"media/{path}"


def distinct(articles: Iterable[Article]) -> dict[str, datetime]:
    """Each article's `updated` by id, no two alike: a later one that clashes moves on by seconds.

    Atom readers sort by `updated`, and two alike make the order a matter of luck. Walking in
    publication order keeps what is out already where it is when an article joins.
    """
    after: dict[datetime, datetime] = {}
    result: dict[str, datetime] = {}
    for article in articles:
        first = moment = in_utc(article.updated)
        while moment in after:
            moment = after[moment]
        after[first] = after[moment] = moment + timedelta(seconds=1)
        result[article.id] = moment
    return result


def in_utc(moment: datetime) -> datetime:
    """A moment in UTC, whole seconds: an offset such as +05:45 makes readers stumble."""
    return moment.astimezone(UTC).replace(microsecond=0)


def people(authors: Iterable[Author]) -> tuple[Author, ...]:
    """Authors as feeds name them: clean, with a name, without an address for mail."""
    found = (Author(name=one_line(one.name), uri=uri(one.uri)) for one in authors)
    return tuple(dict.fromkeys(one for one in found if one.name))


def labels(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags as categories: clean, none blank, none twice."""
    return tuple(dict.fromkeys(filter(None, map(one_line, tags))))
