"""What each page says: drafts, made one at a time and in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from pipeline.articles import Article
from pipeline.issues import Issue
from pipeline.marks import Marks
from pipeline.pages import facts
from pipeline.pages.entries import Entry, Shelf, local
from pipeline.pages.head import Page
from pipeline.pages.press import UP, Contents, Draft, Press
from pipeline.series import Series

LOT = 20
"""Pages that are made together. Fewer, and to tell whether they stand takes longer; more, and a
change makes more that would have stood."""

Of = Callable[[Marks], object]
"""What of the catalogue some pages show."""

Paged = tuple[str, Callable[[], Draft]]
"""A page: its path, and how its draft is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """Some pages, how many, and all `of` which they are made; its `name` stays as others join."""

    name: str
    of: Of
    count: int
    pages: Callable[[], Iterator[Paged]]


def drafts(press: Press) -> Iterator[Lot]:
    """Every page of the archive, in a fixed order."""
    things, every = press.archive, press.catalogue
    yield _alone("index.html", partial(_index, press), lambda marks: ("index", marks.everything))
    if things.issues:
        of_all: Of = lambda marks: ("issues", marks.everything)  # noqa: E731 - as those beside it
        yield _alone("issues/index.html", partial(_issues, press), of_all)
    yield _alone("404.html", partial(_missing, press), lambda _: "missing")
    shelves = list(zip(every.series, things.shelves, strict=True))
    for series, shelf in shelves:
        make = partial(_series, press, series, shelf)
        yield _alone(page_of(series.path), make, partial(_of_series, series))
    for series, shelf in shelves:
        for some in _some(len(series.articles)):
            yield Lot(
                name=f"parts of {series.path} from {some.start}",
                of=partial(_of_parts, series, shelf, some),
                count=len(some),
                pages=partial(_parts, press, series, shelf, some),
            )
    # In order of publication, so that one that joins is in the last lot.
    singles = sorted(things.singles.of, key=lambda one: one.date)
    for some in _some(len(singles)):
        articles = singles[some.start : some.stop]
        yield Lot(
            name=f"articles from {some.start}",
            of=partial(_of_singles, articles),
            count=len(some),
            pages=partial(_singles, press, articles),
        )
    for some in _some(len(every.issues)):
        yield Lot(
            name=f"issues from {some.start}",
            of=partial(_of_issues, every.issues, some),
            count=len(some),
            pages=partial(_issue_pages, press, some),
        )


def _alone(path: str, make: Callable[[], Draft], of: Of) -> Lot:
    return Lot(name=path, of=of, count=1, pages=lambda: iter([(path, make)]))


def _some(count: int) -> Iterator[range]:
    return (range(start, min(start + LOT, count)) for start in range(0, count, LOT))


def _parts(press: Press, series: Series, shelf: Shelf, some: range) -> Iterator[Paged]:
    for at in some:
        yield page_of(series.articles[at].path), partial(_part, press, shelf, at)


def _singles(press: Press, articles: Sequence[Article]) -> Iterator[Paged]:
    for article in articles:
        yield page_of(article.path), partial(_single, press, article)


def _issue_pages(press: Press, some: range) -> Iterator[Paged]:
    issues = press.catalogue.issues
    for at in some:
        yield page_of(issues[at].path), partial(issue_draft, press, len(issues) - 1 - at)


def page_of(folder: str) -> str:
    """The output path of the page in a folder (`articles/x/`)."""
    return folder + "index.html"


def _of_series(series: Series, marks: Marks) -> object:
    return "series", series.key, marks.faces(series.articles)


def _of_parts(series: Series, shelf: Shelf, some: range, marks: Marks) -> object:
    last = some[-1]
    reach = max(some.start - shelf.near(some.start).start, shelf.near(last).stop - last)
    about = marks.near(series.articles, some.start, last, reach)
    return "parts", some.start, marks.wholes(series.articles[some.start : some.stop]), about


def _of_singles(articles: Sequence[Article], marks: Marks) -> object:
    return "articles", marks.wholes(articles)


def _of_issues(issues: Sequence[Issue], some: range, marks: Marks) -> object:
    about = issues[max(0, some.start - 1) : some.stop + 1]
    return (
        "issues",
        [marks.wholes(issues[at].articles) for at in some],
        [(one.number, one.date, marks.faces(one.articles)) for one in about],
    )


def _index(press: Press) -> Draft:
    newsletter, things = press.newsletter, press.archive
    newest = max(press.catalogue.articles, key=lambda one: one.date, default=None)
    return Draft(
        template="index.html.j2",
        root="",
        page=Page(
            lang=newsletter.language,
            title=newsletter.title,
            url=newsletter.root_url,
            description=newsletter.description,
            image=things.logo,
            data=facts.of_newsletter(newsletter),
        ),
        values={
            "shelves": things.shelves,
            "singles": things.singles,
            "latest": things.issues[0].entries
            if things.issues
            else (things.entry(newest),)
            if newest
            else (),
        },
    )


def _issues(press: Press) -> Draft:
    newsletter = press.newsletter
    page = Page(
        lang=newsletter.language, title=newsletter.title, url=newsletter.absolute("issues/")
    )
    return Draft(template="issues.html.j2", root="../", page=page)


def _missing(press: Press) -> Draft:
    # A server shows this page under any address, so only whole addresses lead anywhere from it.
    newsletter = press.newsletter
    page = Page(lang=newsletter.language, title=newsletter.title)
    return Draft(template="missing.html.j2", root=newsletter.root_url, page=page)


def _series(press: Press, series: Series, shelf: Shelf) -> Draft:
    newsletter = press.newsletter
    return Draft(
        template="series.html.j2",
        root=UP,
        page=Page(
            lang=newsletter.language,
            title=series.title,
            url=newsletter.absolute(series.path),
            description=series.settings.description,
            image=shelf.series.image,
            series=shelf.series,
            data=facts.of_series(newsletter, shelf),
        ),
        values={"series": shelf.series, "entries": shelf.entries},
    )


def _part(press: Press, shelf: Shelf, at: int) -> Draft:
    entries, rows, near = shelf.entries, press.rows(shelf), shelf.near(at)
    contents = Contents(
        earlier=Markup("".join(rows[near.start : at])),  # noqa: S704  # rows are
        later=Markup("".join(rows[at + 1 : near.stop])),  # noqa: S704
        before=near.start > 0,
        after=near.stop < len(entries),
        total=len(entries),
        href=shelf.series.href,
    )
    previous = entries[at - 1] if at else None
    following = entries[at + 1] if at + 1 < len(entries) else None
    return _article(press, entries[at], contents, previous, following)


def _single(press: Press, article: Article) -> Draft:
    return _article(press, press.archive.entry(article))


def _article(
    press: Press,
    entry: Entry,
    contents: Contents | None = None,
    previous: Entry | None = None,
    following: Entry | None = None,
) -> Draft:
    newsletter, article = press.newsletter, entry.article
    url = press.canonical(entry)
    return Draft(
        template="article.html.j2",
        root=UP,
        page=Page(
            lang=entry.lang or newsletter.language,
            title=entry.title,
            url=url,
            description=entry.summary,
            image=entry.image,
            previous=previous.href if previous else "",
            next=following.href if following else "",
            series=entry.series,
            tags=entry.tags,
            published=local(newsletter, article.date).isoformat(),
            modified=local(newsletter, article.updated).isoformat(),
            data=facts.of_article(newsletter, entry, url),
        ),
        values={
            "entry": entry,
            "body": press.body(entry, article.path),
            "contents": contents,
            "previous": previous,
            "next": following,
        },
    )


def issue_draft(press: Press, at: int) -> Draft:
    """The page of an issue by its place in the archive, where the latest comes first."""
    newsletter, issues = press.newsletter, press.archive.issues
    shown = issues[at]
    first, path = shown.entries[0], shown.issue.path
    following = issues[at - 1] if at else None  # the latest issue comes first
    previous = issues[at + 1] if at + 1 < len(issues) else None
    # An issue of one article is that article once more, so the article's page is canonical.
    alone = len(shown.entries) == 1
    return Draft(
        template="issue.html.j2",
        root=UP,
        page=Page(
            lang=newsletter.language,
            title=press.words("issue_title", first.title, len(shown.entries) - 1, shown.number),
            url=press.canonical(first) if alone else newsletter.absolute(path),
            description=first.summary,
            image=first.image,
            previous=previous.href if previous else "",
            next=following.href if following else "",
            published=local(newsletter, shown.issue.date).isoformat(),
            modified=local(newsletter, shown.updated).isoformat(),
            data=facts.of_issue(newsletter, shown),
        ),
        values={
            "issue": shown,
            "bodies": tuple(press.body(one, path, below=not alone) for one in shown.entries),
            "previous": previous,
            "next": following,
        },
    )
