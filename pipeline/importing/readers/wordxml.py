"""What mammoth does not tell of a Word document: author, lists' numbers, changes, comments.

The elements are those of WordprocessingML (ECMA-376, part 1, §17.9 and §17.13).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from pipeline.errors import PartworkError
from pipeline.importing.bundle import MAX_EXPORT, Bundle
from pipeline.importing.model import Note
from pipeline.text import excerpt, one_line

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SHOWN = (f"{_W}t", f"{_W}drawing", f"{_W}pict", f"{_W}sym", f"{_W}footnoteReference")
_NO_ITEM = re.compile(r"(?:heading \d|title|subtitle|(?:intense )?quote)", re.IGNORECASE)
"""The names of styles that make no item of a list, whatever its number."""


@dataclass(kw_only=True)
class _Lists:
    """A document's kinds of lists; a level is its list and its depth, from 0."""

    starts: dict[tuple[str, int], int] = field(default_factory=dict)
    bullets: set[tuple[str, int]] = field(default_factory=set)
    styled: dict[str, tuple[str, int]] = field(default_factory=dict)
    """The level that a paragraph's style names."""
    kinds: dict[str, str] = field(default_factory=dict)
    """The list that each number in a paragraph stands for."""
    anew: dict[str, dict[int, int]] = field(default_factory=dict)
    """Where such a number begins its list again: the start of each depth."""


def facts(inner: Bundle) -> dict[str, str]:
    """What the document says of itself: author, summary, keywords (OPC core properties)."""
    root = _root(inner, "docProps/core.xml")
    return {
        one.tag.rpartition("}")[2]: one_line(one.text)
        for one in (root if root is not None else ())
        if isinstance(one.tag, str) and one.text
    }


def numbers(inner: Bundle) -> list[int | None]:
    """The number of each item of the document's lists in order, None for a bullet."""
    lists = _lists(inner)
    names = {
        str(one.get(f"{_W}styleId")): _value(one.find(f"{_W}name"))
        for one in _elements(inner, "word/styles.xml", "style")
    }
    counts: dict[tuple[str, int], int] = {}
    seen: set[str] = set()
    found: list[int | None] = []
    for paragraph in _elements(inner, "word/document.xml", "p"):
        style = _value(paragraph.find(f"{_W}pPr/{_W}pStyle"))
        number, level = _level(paragraph, style, lists)
        if level is None or _NO_ITEM.fullmatch(names.get(style, "")):
            continue
        if number not in seen:
            seen.add(number)
            for depth, start in lists.anew.get(number, {}).items():
                counts[level[0], depth] = start - 1
        counts[level] = counts.get(level, lists.starts[level] - 1) + 1
        for deeper in [one for one in counts if one[0] == level[0] and one[1] > level[1]]:
            del counts[deeper]
        if _is_shown(paragraph):
            found.append(None if level in lists.bullets else counts[level])
    return found


def notes(inner: Bundle, path: str) -> Iterator[Note]:
    """What of the document is not in its text, or is there and was not to be seen."""
    comments = sum(1 for _ in _elements(inner, "word/comments.xml", "comment"))
    if comments:
        many = "a comment was" if comments == 1 else f"{comments} comments were"
        yield Note(path=path, message=f"{many} left out", loss=True)
    struck = one_line(
        " ".join(one.text or "" for one in _elements(inner, "word/document.xml", "delText"))
    )
    if struck:
        what = f"changes are taken as accepted: {excerpt(struck, 60)!r} was struck"
        yield Note(path=path, message=what, loss=True)
    elif next(_elements(inner, "word/document.xml", "ins"), None) is not None:
        yield Note(path=path, message="changes are taken as accepted")
    hidden = one_line(
        " ".join(
            "".join(str(one.text or "") for one in run.iter(f"{_W}t"))
            for run in _elements(inner, "word/document.xml", "r")
            if _is_on(run.find(f"{_W}rPr/{_W}vanish"))
        )
    )
    if hidden:
        yield Note(path=path, message=f"hidden words can be seen here: {excerpt(hidden, 60)!r}")


def _elements(inner: Bundle, member: str, name: str) -> Iterator[Any]:
    """Every element with a name in a member; none where it is not there or broken."""
    root = _root(inner, member)
    if root is not None:
        yield from root.iter(f"{_W}{name}")


def _root(inner: Bundle, member: str) -> Any:
    """A member's outermost element; None where it is not there or broken."""
    try:
        raw = inner.read(member, MAX_EXPORT)
        return etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, PartworkError, ValueError):
        return None


def _value(one: Any) -> str:
    return str(one.get(f"{_W}val") or "") if one is not None else ""


def _whole(said: object, otherwise: int) -> int:
    return int(str(said)) if re.fullmatch(r"[0-9]{1,9}", str(said)) else otherwise


def _is_on(one: Any) -> bool:
    return one is not None and _value(one).lower() not in ("0", "false", "off")


def _lists(inner: Bundle) -> _Lists:
    lists = _Lists()
    for one in _elements(inner, "word/numbering.xml", "abstractNum"):
        key = str(one.get(f"{_W}abstractNumId"))
        for level in one.iter(f"{_W}lvl"):
            at = (key, _whole(level.get(f"{_W}ilvl"), 0))
            lists.starts[at] = _whole(_value(level.find(f"{_W}start")), 1)
            if _value(level.find(f"{_W}numFmt")) in ("bullet", "none"):
                lists.bullets.add(at)
            if style := _value(level.find(f"{_W}pStyle")):
                lists.styled[style] = at
    for one in _elements(inner, "word/numbering.xml", "num"):
        number = str(one.get(f"{_W}numId"))
        lists.kinds[number] = _value(one.find(f"{_W}abstractNumId"))
        for change in one.iter(f"{_W}lvlOverride"):
            start = change.find(f"{_W}startOverride")
            if start is not None:
                depth = _whole(change.get(f"{_W}ilvl"), 0)
                lists.anew.setdefault(number, {})[depth] = _whole(_value(start), 1)
    return lists


def _level(paragraph: Any, style: str, lists: _Lists) -> tuple[str, tuple[str, int] | None]:
    """The number that a paragraph names, and its level; None for one in no list."""
    own = paragraph.find(f"{_W}pPr/{_W}numPr")
    number = _value(own.find(f"{_W}numId")) if own is not None else ""
    depth = own.find(f"{_W}ilvl") if own is not None else None
    if (not number or depth is None) and style in lists.styled:
        return "", lists.styled[style]
    level = (lists.kinds.get(number, ""), _whole(_value(depth), 0))
    return number, level if level in lists.starts else None


def _is_shown(paragraph: Any) -> bool:
    """Whether a paragraph has anything to show; mammoth leaves out others."""
    return any(
        one.tag != f"{_W}t" or one.text
        for one in paragraph.iter(*_SHOWN)
        if next(one.iterancestors(f"{_W}moveFrom", f"{_W}del"), None) is None
    )
