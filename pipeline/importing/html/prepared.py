"""A page's tree made ready for Markdown: bounded in depth, its tables, lists and notes settled."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, Tag

from pipeline.importing.html import footnotes, furniture, rawtables
from pipeline.importing.html.beside import INLINE, is_empty
from pipeline.importing.media import address

DEEPEST = 60
"""Elements nested deeper are unwrapped: the converter calls itself for each level."""

_CLEAR = frozenset({"div", "section", "article", "p", "span", "ol", "br"})
"""Elements that leave nothing between two lists when they are empty."""
_NESTS = ["li", "blockquote", "dd", "td", "th"]
_HEADINGS = re.compile("^h[1-6]$")
_CODE = ["code", "samp", "tt", "kbd"]


def prepared(html: str, url: str = "") -> Tag:
    """The element that holds a page's text, ready to be converted; `url` is the page's own."""
    page: BeautifulSoup = furniture.soup(html)
    furniture.without_code(page)
    main = page.body or page
    _flattened(main)
    _freed(main)
    _within(main, url)
    footnotes.marked(page, main)
    _unrolled(main)
    _gathered(main)
    _numbered(main)
    _lowered(main)
    _headed(main)
    return main


def _flattened(main: Tag) -> None:
    """Unwrap what is nested deeper than `DEEPEST`, without calling oneself."""
    waiting: list[tuple[Tag, int]] = [(main, 0)]
    deep: list[Tag] = []
    while waiting:
        one, depth = waiting.pop()
        if depth > DEEPEST:
            deep.append(one)
        waiting += ((child, depth + 1) for child in one.children if isinstance(child, Tag))
    for one in reversed(deep):
        one.unwrap()


def _freed(main: Tag) -> None:
    """Move a line's end out of the inline elements that it begins or ends; code has none."""
    for one in main.find_all("br"):
        if one.find_parent("pre") is not None:
            continue
        if one.find_parent(_CODE) is not None:
            one.replace_with(" ")
            continue
        while one.parent is not None and one.parent.name in INLINE:
            around = one.parent
            if all(map(is_empty, one.next_siblings)):
                around.insert_after(one)
            elif all(map(is_empty, one.previous_siblings)):
                around.insert_before(one)
            else:
                break


def _within(main: Tag, url: str) -> None:
    """Let a link to a place on the page itself say no more than the place: feeds name the page."""
    for link in main.find_all("a", href=re.compile("^https?://.*#.")) if url else ():
        there, _, place = str(link["href"]).partition("#")
        if address(there) == address(url):
            link["href"] = f"#{place}"


def _unrolled(main: Tag) -> None:
    """A table that is there for its looks is its cells, one after the other."""
    for table in main.find_all("table"):
        if table.find("table") is None and len(table.find_all(["td", "th"], limit=2)) > 1:
            continue
        for one in table.find_all(["tbody", "thead", "tfoot", "tr", "td", "th"]):
            if one.find_parent("table") is table:
                one.name = "div"
        table.name = "div"


def _gathered(main: Tag) -> None:
    """The rows of a table in one body, the foot's last: Markdown knows no other."""
    for table in main.find_all("table"):
        parts = [part for name in ("tbody", "tfoot") for part in table.find_all(name)]
        if rawtables.needed(table) or not parts:
            continue
        for part in parts[1:]:
            for row in part.find_all("tr"):
                parts[0].append(row)
            part.decompose()
        parts[0].name = "tbody"


def _numbered(main: Tag) -> None:
    """Each item of a numbered list with its number, and the sign behind it.

    In Markdown only a list's first number counts, and another sign begins another list
    (CommonMark §5.3).
    """
    for one in main.find_all("ol"):
        last = one
        number = _number(one.get("start"), 1)
        for item in one.find_all("li", recursive=False):
            given = _number(item.get("value"), number)
            if given != number and item.find_previous_sibling("li") is not None:
                rest = last.copy_self()
                last.insert_after(rest)
                last = rest
            if last is not one:
                last.append(item)
            item["data-number"] = str(given)
            number = given + 1
    for one in main.find_all("ol"):
        before = _touched(one)
        one["data-sign"] = ")" if before is not None and before["data-sign"] == "." else "."


def _touched(after: Tag) -> Tag | None:
    """The numbered list that ends right before one, with nothing to read between them."""
    for one in after.previous_elements:
        if isinstance(one, Tag) and one.name in _CLEAR:
            continue
        if not isinstance(one, Tag) and not str(one).strip():
            continue
        lists = [each for each in one.find_parents("ol") if each not in after.parents]
        same = lists and lists[-1].find_parent(_NESTS) is after.find_parent(_NESTS)
        return lists[-1] if same else None
    return None


def _number(said: object, otherwise: int) -> int:
    """A list's number; Markdown knows nine digits (CommonMark §5.2)."""
    return int(str(said)) if re.fullmatch(r"[0-9]{1,9}", str(said)) else otherwise


def _lowered(main: Tag) -> None:
    """Every heading a level lower where those of the first two are two kinds: no text has an h1."""
    if main.find("h1") is None or main.find("h2") is None:
        return
    for one in main.find_all(_HEADINGS):
        one.name = f"h{min(6, int(one.name[1]) + 1)}"


def _headed(main: Tag) -> None:
    """Keep a heading's id where a link leads to it, and no link within the page to nowhere."""
    wanted = {str(link["href"])[1:] for link in main.find_all("a", href=re.compile("^#."))}
    there = set()
    for one in main.find_all(_HEADINGS):
        inner = one.find(id=True) or one.find("a", attrs={"name": True})
        name = str(one.get("id") or (inner and (inner.get("id") or inner.get("name"))) or "")
        if name in wanted and re.fullmatch(r"[\w.:-]{1,100}", name):
            one["id"] = name
            there.add(name)
        else:
            del one["id"]
    for link in main.find_all("a", href=re.compile("^#")):
        if str(link["href"])[1:] not in there:
            link.unwrap()
