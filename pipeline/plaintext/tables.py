"""Tables as text: columns side by side, or a record for each row where they don't fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.plaintext.wrap import columns, wrap

_BETWEEN = "  "
_WIDEST, _DEEPEST = 40, 65534
"""Columns and rows that a cell spans at most: what a line has room for, and HTML (§4.9.11)."""
# Innermost tables alone: one that holds another is read cell by cell.
_OF_CODE = re.compile(r"<table(?:(?!<table|</table>).)*?<pre(?:(?!<table).)*?</table>", re.DOTALL)
_TABLE_TAG = re.compile(r"(</?)(?:caption|colgroup|table|tbody|td|tfoot|th|thead|tr)\b[^>]*>")


def without_tables_of_code(html: str) -> str:
    """HTML in which cells with code in them stand below each other: code has lines of its own."""
    if "<pre" not in html or "<table" not in html:
        return html
    return _OF_CODE.sub(lambda table: _TABLE_TAG.sub(r"\1div>", table[0]), html)


@dataclass(slots=True)
class Table:
    """A table's cells as they are read; a cell over several places is empty in all but the first.

    `aligned` says "left", "center" or "right" for each cell of the first row, or nothing; that row
    holds headings where it stands in a `thead`, or has nothing but `th`.
    """

    rows: list[list[str]] = field(default_factory=list)
    aligned: list[str] = field(default_factory=list)
    has_head: bool = False
    only_heads: bool = True
    _across: int = 1
    _down: int = 1
    _last: dict[int, int] = field(default_factory=dict)

    def start_cell(self, *, head: bool, side: str, across: str = "", down: str = "") -> None:
        """Begin a cell of the row that was begun last."""
        self._across, self._down = _span(across, _WIDEST), _span(down, _DEEPEST)
        if len(self.rows) == 1:
            self.aligned += [side] * self._across
            self.only_heads &= head

    def end_cell(self, text: str) -> None:
        """Put the cell into the first place of its row that no cell of a row above reaches into."""
        row, number = self.rows[-1], len(self.rows)
        while self._last.get(len(row), 0) >= number:
            row.append("")
        for column in range(len(row), len(row) + self._across):
            self._last[column] = number + self._down - 1
        row += [text, *[""] * (self._across - 1)]

    def lines(self, width: int) -> list[str]:
        """The table in at most `width` columns, however long its rows are."""
        count = max(map(len, self.rows), default=0)
        if not count:
            return []
        rows = [[*row, *[""] * (count - len(row))] for row in self.rows]
        headed = self.has_head or self.only_heads
        sizes = [max(map(columns, column)) for column in zip(*rows, strict=True)]
        if sum(sizes) + len(_BETWEEN) * (count - 1) > width:
            return _records(rows if headed else [[""] * count, *rows], width)
        sides = [*self.aligned, *[""] * (count - len(self.aligned))]
        lines = [_row(row, sizes, sides) for row in rows]
        if headed:
            lines.insert(1, _BETWEEN.join("-" * max(size, 1) for size in sizes))
        return lines


def _span(written: str, most: int) -> int:
    """The value of `colspan` or `rowspan`; one for any that makes no sense."""
    return min(int(written), most) if written.isdecimal() and 0 < len(written) < 9 else 1


def _row(row: Sequence[str], sizes: Sequence[int], aligned: Sequence[str]) -> str:
    padded = []
    for cell, size, side in zip(row, sizes, aligned, strict=True):
        free = size - columns(cell)
        before = {"right": free, "center": free // 2}.get(side, 0)
        padded.append(" " * before + cell + " " * (free - before))
    return _BETWEEN.join(padded).rstrip()


def _records(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    heads, *bodies = rows
    lines: list[str] = []
    for body in bodies or [[""] * len(heads)]:
        if lines:
            lines.append("")
        for head, cell in zip(heads, body, strict=True):
            said = f"{head}: {cell}" if head else cell
            first, *more = wrap(said, width - len(_BETWEEN))
            if first:
                lines += [first, *(_BETWEEN + line for line in more)]
    return lines
