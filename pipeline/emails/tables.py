"""Data tables on a phone: words stay whole where all columns fit, and break where they don't."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from itertools import zip_longest

from pipeline.plaintext.wrap import columns

_TABLE = '<table style="'
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
    """A body whose small tables keep their words whole.

    A table is small where the longest words of its columns stand side by side in `room` CSS pixels;
    `letter` is a letter's usual width, `padding` that of a cell's two sides. `for_mail` lets every
    other table break its words, so that it never widens a phone's screen.

    One in which nothing is headed lays cells out, and says so to screen readers.
    """
    pieces: list[str] = []
    at = 0
    while (begin := html.find(_TABLE, at)) >= 0 and (end := html.find("</table>", begin)) >= 0:
        style, _, rows = html[begin + len(_TABLE) : end].partition('">')
        widths: list[float] = []
        for row in rows.split("</tr>")[:-1]:
            found = _CELL.findall(row, row.find("<tr"))
            cells = [_longest(cell, kind) * letter + padding for kind, cell in found]
            widths = [max(pair) for pair in zip_longest(widths, cells, fillvalue=0.0)]
        whole = "<img" not in rows and sum(widths) <= room
        role = "" if _HEADED.search(rows) else '" role="presentation'
        kept = ";word-break:normal" if whole else ""
        pieces += (html[at:begin], _TABLE, style, kept, role, '">', rows)
        at = end
    return "".join([*pieces, html[at:]])


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
