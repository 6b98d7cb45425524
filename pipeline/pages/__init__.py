"""The web archive: every page of output/ and the pictures they show.

All of it is made from a catalogue that holds only what readers may see (F1), by no clock (D2).
Links between pages are relative and name `index.html`, so the archive works under any address and
from a disk; what other machines keep (canonical, Open Graph, JSON-LD, the sitemap) is absolute.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from markupsafe import Markup

from pipeline.catalogue import Catalogue
from pipeline.issues import Issue
from pipeline.pages import facts
from pipeline.pages.entries import Entry, local
from pipeline.pages.head import Page
from pipeline.pages.press import UP, Contents, Draft, Press
from pipeline.pages.sitemap import sitemap
from pipeline.templating import verbatim

__all__ = ["assets", "issue_page", "render_all"]

STYLE = "style.css"


def render_all(catalogue: Catalogue) -> Iterator[tuple[str, bytes]]:
    """Every page as (path under output/, bytes), in a fixed order; PartworkError for a template.

    The catalogue holds only what readers may see, as `Catalogue.until` gives it.
    """
    press = Press(catalogue)
    for drafts in (_lists, _series, _articles, _issues):
        for draft in drafts(press):
            yield draft.path, press.printed(draft)
    yield "sitemap.xml", sitemap(catalogue).encode()
    yield STYLE, verbatim(press.env, STYLE).encode()


def issue_page(catalogue: Catalogue, issue: Issue) -> Iterator[tuple[str, bytes | Path]]:
    """One issue's page with the style and the pictures it shows, as (path, bytes or file)."""
    press = Press(catalogue)
    issues = press.archive.issues
    draft = _issue(press, next(at for at, one in enumerate(issues) if one.number == issue.number))
    yield draft.path, press.printed(draft)
    yield STYLE, verbatim(press.env, STYLE).encode()
    yield from assets(replace(catalogue, articles=issue.articles, series=()))


def assets(catalogue: Catalogue) -> Iterator[tuple[str, Path]]:
    """The local files that pages and feeds show, as (path under output/, file), in order."""
    newsletter = catalogue.newsletter
    names = {newsletter.logo, newsletter.feeds.image}
    names.update(series.settings.image for series in catalogue.series)
    for article in catalogue.articles:
        names.add(article.source.image)
        names.update(catalogue.bodies[article.id].assets)
        if article.id in catalogue.notices:
            names.update(catalogue.notices[article.id].body.assets)
    for name in sorted(names - {""}):
        yield f"media/{name}", newsletter.articles_dir / name


def _lists(press: Press) -> Iterator[Draft]:
    newsletter, things = press.newsletter, press.archive
    newest = max(things.articles.values(), key=lambda one: one.article.date, default=None)
    yield Draft(
        path="index.html",
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
            "latest": things.issues[0].entries if things.issues else (newest,) if newest else (),
        },
    )
    if things.issues:
        page = Page(
            lang=newsletter.language, title=newsletter.title, url=newsletter.absolute("issues/")
        )
        yield Draft(path="issues/index.html", template="issues.html.j2", root="../", page=page)
    # A server shows this page under any address, so only whole addresses lead anywhere from it.
    page = Page(lang=newsletter.language, title=newsletter.title)
    yield Draft(path="404.html", template="missing.html.j2", root=newsletter.root_url, page=page)


def _series(press: Press) -> Iterator[Draft]:
    newsletter = press.newsletter
    for series, shelf in zip(press.catalogue.series, press.archive.shelves, strict=True):
        yield Draft(
            path=f"{series.path}index.html",
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


def _articles(press: Press) -> Iterator[Draft]:
    for shelf in press.archive.shelves:
        entries, rows = shelf.entries, press.rows(shelf)
        for at, entry in enumerate(entries):
            near = shelf.near(at)
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
            yield _article(press, entry, contents, previous, following)
    for entry in press.archive.singles:
        yield _article(press, entry)


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
        path=f"{article.path}index.html",
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


def _issues(press: Press) -> Iterator[Draft]:
    return (_issue(press, at) for at in range(len(press.archive.issues)))


def _issue(press: Press, at: int) -> Draft:
    newsletter, issues = press.newsletter, press.archive.issues
    issue = issues[at]
    first, path = issue.entries[0], issue.issue.path
    following = issues[at - 1] if at else None  # the latest issue comes first
    previous = issues[at + 1] if at + 1 < len(issues) else None
    # An issue of one article is that article once more, so the article's page is canonical.
    alone = len(issue.entries) == 1
    return Draft(
        path=f"{path}index.html",
        template="issue.html.j2",
        root=UP,
        page=Page(
            lang=newsletter.language,
            title=press.words("issue_title", first.title, len(issue.entries) - 1, issue.number),
            url=press.canonical(first) if alone else newsletter.absolute(path),
            description=first.summary,
            image=first.image,
            previous=previous.href if previous else "",
            next=following.href if following else "",
            published=local(newsletter, issue.issue.date).isoformat(),
            modified=local(newsletter, issue.updated).isoformat(),
            data=facts.of_issue(newsletter, issue),
        ),
        values={
            "issue": issue,
            "bodies": tuple(press.body(one, path) for one in issue.entries),
            "previous": previous,
            "next": following,
        },
    )
