"""Data tables on a phone: words stay whole where all columns fit, and break where they don't."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from html import unescape
from math import ceil
from typing import NamedTuple

from pipeline.plaintext.wrap import columns
from pipeline.themes import CELL_PADDING, Theme

_WHOLE = "word-break:normal"
_PHONE = 320
"""The narrowest screen in CSS pixels."""
_LETTER = 0.62
"""A letter's usual width for its size: that of Verdana, the widest of the usual fonts."""
_FEWEST = 3
"""Letters side by side that are the least a column is left with."""
_LONG = 0.8
"""What part of a column's width a word takes that counts among its longest."""
_PROSE = 1.5
"""How many times as wide as its longest word a column is in which one reads sentences."""
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


class _Cell(NamedTuple):
    """Where a cell stands, and how wide its longest word is and all of it in one line."""

    column: int
    place: int
    word: float
    line: float


def settled(html: str, theme: Theme) -> str:
    """A body whose tables keep their words whole as far as a phone's screen allows.

    `for_mail` lets every table break its words, so that it never widens a phone's screen. One in
    which nothing is headed lays cells out, and says so to screen readers.
    """
    pieces: list[str] = []
    at = 0
    while (begin := html.find("<table", at)) >= 0 and (end := html.find("</table>", begin)) >= 0:
        tag, _, rows = html[begin:end].partition('">')  # whose last attribute is its style
        if "<img" not in rows:
            tag, rows = _with_whole_words(tag, rows, theme)
        role = "" if _HEADED.search(rows) else '" role="presentation'
        pieces += (html[at:begin], tag, role, '">', rows)
        at = end
    return "".join([*pieces, html[at:]])


def _with_whole_words(tag: str, rows: str, theme: Theme) -> tuple[str, str]:
    """A table's tag up to its style's end and its rows, with what keeps its words whole.

    It keeps all of them where the longest words of its columns stand side by side on a phone. Else
    its narrowest columns keep theirs, as long as some letters of each of the others stand beside
    them. Beside sentences, a column of single words has the share that it needs of the room on a
    desktop, which programs would give to the sentences, and break the words there too.
    """
    letter, desktop = theme.sizes.small * _LETTER, theme.content_width
    phone = _PHONE - (theme.shape.width - desktop)
    cells = list(_cells(rows, letter))
    words: dict[int, float] = {}
    lines: dict[int, float] = {}
    for column, _, word, line in cells:
        words[column] = max(word, words.get(column, 0.0))
        lines[column] = max(line, lines.get(column, 0.0))
    if sum(words.values()) <= phone:
        return f"{tag};{_WHOLE}", rows
    if "span=" in rows:
        return tag, rows
    kept = _narrowest(words, phone, _FEWEST * letter + CELL_PADDING)
    # A column is as wide as its longest words, so that the others need no word of it.
    given = {
        cell.place: _WHOLE
        for cell in cells
        if cell.column in kept and cell.word > _LONG * words[cell.column]
    }
    if sum(lines.values()) > desktop:
        short = {key for key in words.keys() - kept if lines[key] < _PROSE * words[key]}
        shares = _shares(words, short, phone / desktop, phone)
        # The first row's cells decide, where it has one in that column.
        given |= {
            cells[key].place: f"width:{share}%"
            for key, share in shares.items()
            if cells[key].column == key
        }
    return tag, _with_styles(rows, given)


def _cells(rows: str, letter: float) -> Iterator[_Cell]:
    """The cells of a table whose letters are usually so wide."""
    for row in _ROW.finditer(rows):
        for column, cell in enumerate(_CELL.finditer(rows, *row.span())):
            word, line = _measured(cell[2], cell[1])
            yield _Cell(
                column, cell.start(), word * letter + CELL_PADDING, line * letter + CELL_PADDING
            )


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


def _shares(
    widths: Mapping[int, float], short: Collection[int], scale: float, room: float
) -> dict[int, int]:
    """The percentage for each of the columns `short`; none where others need that on a phone.

    `scale` is the width of a phone's table for that of a desktop's, `room` a phone's own.
    """
    taken = sum(width * (scale if key in short else 1) for key, width in widths.items())
    if taken > room:
        return {}
    return {key: ceil(100 * widths[key] * scale / room) for key in short}


def _with_styles(rows: str, given: Mapping[int, str]) -> str:
    """Rows in which the cells at these places have these declarations too."""
    for place in sorted(given, reverse=True):
        tag = rows[place : rows.index(">", place)]
        own = tag.replace('style="', f'style="{given[place]};')
        rows = rows[:place] + own + rows[place + len(tag) :]
    return rows


def _measured(cell: str, kind: str) -> tuple[float, float]:
    """The widths of a cell's longest word and of all of it in one line, in usual letters."""
    plain = unescape(_TAG.sub("", cell)) if "<" in cell or "&" in cell else cell
    words = [_letters(word) for word in _BETWEEN_WORDS.split(plain)]
    bolder = _BOLDER if kind == "h" or _BOLD.search(cell) else 1
    return max(words) * bolder, (sum(words) + len(words) - 1) * bolder


@lru_cache(maxsize=4096)
def _letters(word: str) -> float:
    wide = sum(one in _WIDE_LETTERS for one in word)
    capitals = sum(map(str.isupper, word))
    return columns(word) + _WIDE * wide + _CAPITAL * capitals
