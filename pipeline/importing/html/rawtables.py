"""Tables that Markdown can't hold, as HTML: spans, lists and several paragraphs in a cell."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from bs4 import Tag
from bs4.element import NavigableString

from pipeline.importing.html.embeds import source
from pipeline.importing.html.footnotes import REFERENCE
from pipeline.importing.media import Media

BLOCKS = (
    "p", "ul", "ol", "pre", "blockquote", "table", "div", "h1", "h2", "h3", "h4", "h5", "h6", "dl",
    "figure",
)  # fmt: skip
_SPANS = ("colspan", "rowspan")
_SCOPES = ("col", "row", "colgroup", "rowgroup")


def needed(table: Tag) -> bool:
    """Whether a table is more than rows of lines, none longer than the first."""
    rows = [len(row.find_all(["td", "th"])) for row in table.find_all("tr")]
    if max(rows, default=0) > (rows or [0])[0]:
        return True
    for cell in table.find_all(["td", "th"]):
        if any(str(cell.get(key, "1")) not in ("1", "") for key in _SPANS):
            return True
        if len(cell.find_all(BLOCKS)) > 1 or cell.find(["ul", "ol", "pre"]) is not None:
            return True
    return False


def written(table: Tag, media: Media) -> str:
    """The table on one line, with its structure, pictures and links and nothing else."""
    return "".join(_html(table, media)).replace("\n", " ")


def _html(el: Tag, media: Media) -> Iterator[str]:
    spans = "".join(
        f' {key}="{escape(str(el[key]))}"' for key in _SPANS if str(el.get(key, "1")) != "1"
    )
    scope = f' scope="{_scope(el)}"' if el.name == "th" else ""
    yield f"<{el.name}{spans}{scope}>"
    yield from _within(el, media)
    yield f"</{el.name}>"


def _scope(cell: Tag) -> str:
    """What a heading cell heads: as it says, else its column in a row of headings, else its row."""
    if cell.get("scope") in _SCOPES:
        return str(cell["scope"])
    return "row" if cell.parent is not None and cell.parent.find("td", recursive=False) else "col"


def _within(el: Tag, media: Media) -> Iterator[str]:
    for child in el.children:
        if isinstance(child, NavigableString):
            words = escape(str(child), quote=False)
            yield words.replace("\n", "&#10;") if child.find_parent("pre") else words
        elif not isinstance(child, Tag):
            continue
        elif child.name == "img":
            src = media.image(source(child))
            alt = media.alternative(str(child.get("alt") or ""), "", source(child))
            yield f'<img src="{escape(src)}" alt="{escape(alt)}">' if src else escape(alt)
        elif child.name == "a":
            href = media.link(str(child.get("href") or ""))
            inner = "".join(_within(child, media))
            yield f'<a href="{escape(href)}">{inner}</a>' if href else inner
        elif child.name in ("br", "hr"):
            yield f"<{child.name}>"
        elif child.name == REFERENCE:
            yield f"[{child['data-label']}]"
        else:
            yield from _html(child, media)
