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
from pipeline.pages.drafts import Of, drafts, issue_draft
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
    for make, _ in _works(catalogue):
        yield from make()


def pieces(catalogue: Catalogue, marks: Marks) -> Iterator[Piece]:
    """The same as pieces, each with its key, but for the pictures (`assets`)."""
    for make, of in _works(catalogue):
        yield Piece(key=partial(_key, marks, of), make=partial(_made, make))


def _key(marks: Marks, of: Of) -> bytes:
    return marks.of("page", marks.pages, of(marks))


_Work = Callable[[], Iterator[tuple[str, bytes]]]


def _works(catalogue: Catalogue) -> Iterator[tuple[_Work, Of]]:
    """How each file is made, and of what."""
    press = Press(catalogue)
    for draft, of in drafts(press):
        yield partial(_printed, press, draft), of
    yield lambda: iter([("sitemap.xml", sitemap(catalogue).encode())]), _of_everything
    yield lambda: iter([(STYLE, verbatim(press.env, STYLE).encode())]), lambda _: "style"


def _of_everything(marks: Marks) -> object:
    return "sitemap", marks.everything


def _made(make: _Work, _: Earlier) -> Made:
    return Made(files=make())


def _printed(press: Press, make: Callable[[], Draft]) -> Iterator[tuple[str, bytes]]:
    draft = make()
    yield draft.path, press.printed(draft)


def issue_page(catalogue: Catalogue, issue: Issue) -> Iterator[tuple[str, bytes | Path]]:
    """One issue's page with the style and the pictures it shows, as (path, bytes or file)."""
    press = Press(catalogue)
    issues = press.archive.issues
    at = next(at for at, one in enumerate(issues) if one.number == issue.number)
    draft = issue_draft(press, at)
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
