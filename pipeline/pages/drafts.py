"""What each page says: drafts, made one at a time and in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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

Of = Callable[[Marks], object]
"""What of the catalogue a page shows."""


def drafts(press: Press) -> Iterator[tuple[str, Callable[[], Draft], Of]]:
    """Every page of the archive, in a fixed order: its path, how it is made, and of what."""
    things, every = press.archive, press.catalogue
    yield "index.html", partial(_index, press), lambda marks: ("index", marks.everything)
    if things.issues:
        of_all: Of = lambda marks: ("issues", marks.everything)  # noqa: E731 - as those beside it
        yield "issues/index.html", partial(_issues, press), of_all
    yield "404.html", partial(_missing, press), lambda _: "missing"
    for series, shelf in zip(every.series, things.shelves, strict=True):
        make = partial(_series, press, series, shelf)
        yield page_of(series.path), make, partial(_of_series, series)
    for series, shelf in zip(every.series, things.shelves, strict=True):
        for at, article in enumerate(series.articles):
            make = partial(_part, press, shelf, at)
            yield page_of(article.path), make, partial(_of_part, series, shelf, at)
    for article in things.singles.of:
        make = partial(_single, press, article)
        yield page_of(article.path), make, partial(_of_single, article)
    for at, issue in enumerate(things.issues.of):
        make = partial(issue_draft, press, at)
        yield page_of(issue.path), make, partial(_of_issue, things.issues.of, at)


def page_of(folder: str) -> str:
    """The output path of the page in a folder (`articles/x/`)."""
    return folder + "index.html"


def _of_series(series: Series, marks: Marks) -> object:
    return "series", series.key, marks.faces(series.articles)


def _of_part(series: Series, shelf: Shelf, at: int, marks: Marks) -> object:
    near = shelf.near(at)
    about = marks.near(series.articles, at, at, max(at - near.start, near.stop - at))
    return "part", at, marks.whole(series.articles[at]), about


def _of_single(article: Article, marks: Marks) -> object:
    return "article", marks.whole(article)


def _of_issue(issues: Sequence[Issue], at: int, marks: Marks) -> object:
    about = [(one.number, marks.faces(one.articles)) for one in issues[max(0, at - 1) : at + 2]]
    wholes = [marks.whole(one) for one in issues[at].articles]
    return "issue", issues[at].number, issues[at].date, wholes, about


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
        earlier=Markup("").join(rows[near.start : at]),
        later=Markup("").join(rows[at + 1 : near.stop]),
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
            "bodies": tuple(press.body(one, path) for one in shown.entries),
            "previous": previous,
            "next": following,
        },
    )
