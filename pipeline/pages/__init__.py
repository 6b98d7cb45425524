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
from pipeline.pages.drafts import drafts, issue_draft
from pipeline.pages.press import Draft, Press
from pipeline.pages.sitemap import sitemap
from pipeline.pieces import Made, Piece
from pipeline.templating import verbatim

__all__ = ["assets", "issue_page", "pieces", "render_all"]

STYLE = "style.css"


def render_all(catalogue: Catalogue) -> Iterator[tuple[str, bytes]]:
    """Every page as (path under output/, bytes), in a fixed order; PartworkError for a template.

    The catalogue holds only what readers may see, as `Catalogue.until` gives it.
    """
    press = Press(catalogue)
    for make, _ in drafts(press):
        yield from _printed(press, make)
    yield "sitemap.xml", sitemap(catalogue).encode()
    yield STYLE, verbatim(press.env, STYLE).encode()


def pieces(catalogue: Catalogue, marks: Marks) -> Iterator[Piece]:
    """The same as pieces, each with its key, but for the pictures (`assets`)."""
    press = Press(catalogue)
    for make, of in drafts(press):
        key = marks.of("page", marks.pages, of(marks))
        yield Piece(key=key, make=partial(_made, press, make))
    yield Piece(
        key=marks.of("sitemap", marks.everything),
        make=lambda: Made(files=[("sitemap.xml", sitemap(catalogue).encode())]),
    )
    yield Piece(
        key=marks.of("style", marks.pages),
        make=lambda: Made(files=[(STYLE, verbatim(press.env, STYLE).encode())]),
    )


def _made(press: Press, make: Callable[[], Draft]) -> Made:
    return Made(files=_printed(press, make))


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
