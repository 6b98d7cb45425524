"""Data tables on a phone: words stay whole where all columns fit, and break where they don't."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import unescape

from pipeline.plaintext.wrap import columns

_TABLE = '<table style="'
_WHOLE = "word-break:normal"
_FEWEST = 3
"""Letters side by side that are the least a column is left with."""
_LONG = 0.8
"""What part of a column's width a word takes that counts among its longest."""
_ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<t([hd])[^>]*>(.*?)</t[hd]>", re.DOTALL)
_HEADED = re.compile(r"<(?:th|caption)\b")
_BOLD = re.compile(r"<(?:strong|b)\b")
_BOLDER = 1.15
"""How much wider bold letters are (Verdana)."""
_CAPITAL, _WIDE = 0.2, 0.6
"""What a capital, and one of these, takes beyond a usual letter (Verdana)."""
_WIDE_LETTERS = frozenset("MWmw@%")
_TAG = re.compile(r"<[^>]*>")
# Where a line may break anyway.
_BETWEEN_WORDS = re.compile(r"[\s\-\u2013\u2014/]+")


def settled(html: str, *, letter: float, padding: int, room: int) -> str:
    """A body whose tables keep their words whole as far as a phone's screen allows.

    A table is small where the longest words of its columns stand side by side in `room` CSS pixels;
    `letter` is a letter's usual width, `padding` that of a cell's two sides. `for_mail` lets every
    other table break its words, so that it never widens a phone's screen; its narrowest columns
    keep theirs, as long as some letters of each of the others stand beside them.

    One in which nothing is headed lays cells out, and says so to screen readers.
    """
    pieces: list[str] = []
    at = 0
    while (begin := html.find(_TABLE, at)) >= 0 and (end := html.find("</table>", begin)) >= 0:
        style, _, rows = html[begin + len(_TABLE) : end].partition('">')
        cells = [
            (column, cell.start(), _longest(cell[2], cell[1]) * letter + padding)
            for row in _ROW.finditer(rows)
            for column, cell in enumerate(_CELL.finditer(rows, *row.span()))
        ]
        widths: dict[int, float] = {}
        for column, _, width in cells:
            widths[column] = max(width, widths.get(column, 0.0))
        measured = "<img" not in rows
        whole = measured and sum(widths.values()) <= room
        if measured and not whole and "span=" not in rows:
            kept = _narrowest(widths, room, _FEWEST * letter + padding)
            # A column is as wide as its longest words, so that the others need no word of it.
            places = [at for key, at, width in cells if key in kept and width > _LONG * widths[key]]
            rows = _keeping(rows, places)
        role = "" if _HEADED.search(rows) else '" role="presentation'
        normal = f";{_WHOLE}" if whole else ""
        pieces += (html[at:begin], _TABLE, style, normal, role, '">', rows)
        at = end
    return "".join([*pieces, html[at:]])


def _narrowest(widths: Mapping[int, float], room: float, least: float) -> set[int]:
    """The columns that can keep their words where each of the others has `least` pixels."""
    kept: set[int] = set()
    room -= least * len(widths)
    for column in sorted(widths, key=widths.__getitem__):
        room -= widths[column] - least
        if room < 0:
            break
        kept.add(column)
    return kept


def _keeping(rows: str, places: Sequence[int]) -> str:
    """Rows in which the cells at these places break no word."""
    for place in reversed(places):
        tag = rows[place : rows.index(">", place)]
        rows = rows[:place] + tag.replace('style="', f'style="{_WHOLE};') + rows[place + len(tag) :]
    return rows


def _longest(cell: str, kind: str) -> float:
    """The width of a cell's longest word, in usual letters."""
    plain = unescape(_TAG.sub("", cell)) if "<" in cell or "&" in cell else cell
    longest = max(map(_letters, _BETWEEN_WORDS.split(plain)))
    return longest * _BOLDER if kind == "h" or _BOLD.search(cell) else longest


@lru_cache(maxsize=4096)
def _letters(word: str) -> float:
    wide = sum(one in _WIDE_LETTERS for one in word)
    capitals = sum(map(str.isupper, word))
    return columns(word) + _WIDE * wide + _CAPITAL * capitals
