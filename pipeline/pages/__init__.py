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
from pipeline.pages.drafts import Lot, Of, drafts, issue_draft, page_of
from pipeline.pages.press import Press
from pipeline.pages.sitemap import sitemap
from pipeline.pieces import Earlier, Files, Made, Piece
from pipeline.templating import verbatim

__all__ = ["assets", "issue_page", "pieces", "render_all"]

STYLE = "style.css"


def render_all(catalogue: Catalogue) -> Iterator[tuple[str, bytes]]:
    """Every page as (path under output/, bytes), in a fixed order; PartworkError for a template.

    The catalogue holds only what readers may see, as `Catalogue.until` gives it.
    """
    press = Press(catalogue)
    for lot in drafts(press):
        yield from _printed(press, lot)
    yield from _beside(press)


def pieces(catalogue: Catalogue, marks: Marks) -> Iterator[Piece]:
    """The same as pieces, each with its key, but for the pictures (`assets`)."""
    press = Press(catalogue)
    for lot in drafts(press):
        yield Piece(
            name=lot.name,
            key=partial(_key, marks, lot.of),
            make=partial(_made, partial(_printed, press, lot)),
            worth=lot.count,
        )
    yield Piece(
        name="beside pages",
        key=partial(_key, marks, lambda marks: ("beside", marks.everything)),
        make=partial(_made, partial(_beside, press)),
    )


def _key(marks: Marks, of: Of) -> bytes:
    return marks.of("pages", marks.pages, of(marks))


def _made(files: Callable[[], Files], _: Earlier) -> Made:
    return Made(files=files())


def _printed(press: Press, lot: Lot) -> Iterator[tuple[str, bytes]]:
    for path, make in lot.pages():
        yield path, press.printed(make())


def _beside(press: Press) -> Iterator[tuple[str, bytes]]:
    """What is no page but goes with them."""
    yield "sitemap.xml", sitemap(press.catalogue).encode()
    yield STYLE, verbatim(press.env, STYLE).encode()


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
