"""A page's tree made ready for Markdown: bounded in depth, its tables, lists and notes settled."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, Tag

from pipeline.importing import footnotes, furniture
from pipeline.importing.beside import INLINE, is_empty

DEEPEST = 60
"""Elements nested deeper are unwrapped: the converter calls itself for each level."""

_CODE = ["code", "samp", "tt", "kbd"]


def prepared(html: str) -> Tag:
    """The element that holds a page's text, ready to be converted."""
    page: BeautifulSoup = furniture.soup(html)
    furniture.without_code(page)
    main = page.body or page
    _flattened(main)
    _freed(main)
    footnotes.marked(page, main)
    _unrolled(main)
    _numbered(main)
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


def _unrolled(main: Tag) -> None:
    """A table that is there for its looks is its cells, one after the other."""
    for table in main.find_all("table"):
        if table.find("table") is None and len(table.find_all(["td", "th"], limit=2)) > 1:
            continue
        for one in table.find_all(["tbody", "thead", "tfoot", "tr", "td", "th"]):
            if one.find_parent("table") is table:
                one.name = "div"
        table.name = "div"


def _numbered(main: Tag) -> None:
    """Each item of a numbered list with its number."""
    for one in main.find_all("ol"):
        number = _number(one.get("start"), 1)
        for item in one.find_all("li", recursive=False):
            number = _number(item.get("value"), number)
            item["data-number"] = str(number)
            number += 1


def _number(said: object, otherwise: int) -> int:
    """A list's number; Markdown knows nine digits (CommonMark §5.2)."""
    return int(str(said)) if re.fullmatch(r"[0-9]{1,9}", str(said)) else otherwise


def _headed(main: Tag) -> None:
    """Keep a heading's id where a link leads to it, and no link within the page to nowhere."""
    wanted = {str(link["href"])[1:] for link in main.find_all("a", href=re.compile("^#."))}
    there = set()
    for one in main.find_all(re.compile("^h[1-6]$")):
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
