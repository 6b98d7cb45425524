"""The web archive: every page of output/ and the pictures they show.

All of it is made from a catalogue that holds only what readers may see (F1), by no clock (D2).
Links between pages are relative and name `index.html`, so the archive works under any address and
from a disk; what other machines keep (canonical, Open Graph, JSON-LD, the sitemap) is absolute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from pipeline.catalogue import Catalogue
from pipeline.issues import Issue
from pipeline.marks import Marks
from pipeline.pages.drafts import Of, drafts, issue_draft, page_of
from pipeline.pages.press import Draft, Press
from pipeline.pages.sitemap import sitemap
from pipeline.pieces import Earlier, Made, Piece
from pipeline.templating import verbatim

__all__ = ["assets", "issue_page", "pieces", "render_all"]

STYLE = "style.css"


def render_all(catalogue: Catalogue) -> Iterator[tuple[str, bytes]]:
    """Every page as (path under output/, bytes), in a fixed order; PartworkError for a template.

    The catalogue holds only what readers may see, as `Catalogue.until` gives it.
    """
    for path, make, _ in _works(catalogue):
        yield path, make()


def pieces(catalogue: Catalogue, marks: Marks) -> Iterator[Piece]:
    """The same as pieces, each with its key, but for the pictures (`assets`)."""
    for path, make, of in _works(catalogue):
        yield Piece(name=path, key=partial(_key, marks, of), make=partial(_made, path, make))


def _key(marks: Marks, of: Of) -> bytes:
    return marks.of("page", marks.pages, of(marks))


_Work = Callable[[], bytes]


def _works(catalogue: Catalogue) -> Iterator[tuple[str, _Work, Of]]:
    """Each file: its path, how it is made, and of what."""
    press = Press(catalogue)
    for path, draft, of in drafts(press):
        yield path, partial(_printed, press, draft), of
    yield "sitemap.xml", lambda: sitemap(catalogue).encode(), _of_everything
    yield STYLE, lambda: verbatim(press.env, STYLE).encode(), lambda _: "style"


def _of_everything(marks: Marks) -> object:
    return "sitemap", marks.everything


def _made(path: str, make: _Work, _: Earlier) -> Made:
    return Made(files=[(path, make())])


def _printed(press: Press, draft: Callable[[], Draft]) -> bytes:
    return press.printed(draft())


def issue_page(catalogue: Catalogue, issue: Issue) -> Iterator[tuple[str, bytes | Path]]:
    """One issue's page with the style and the pictures it shows, as (path, bytes or file)."""
    press = Press(catalogue)
    issues = press.archive.issues
    at = next(at for at, one in enumerate(issues) if one.number == issue.number)
    yield page_of(issue.path), press.printed(issue_draft(press, at))
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
