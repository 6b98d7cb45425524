"""Tables as text: columns side by side, or a record for each row where they don't fit."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.plaintext.wrap import columns, wrap

_BETWEEN = "  "


def table(rows: Sequence[Sequence[str]], aligned: Sequence[str], width: int) -> list[str]:
    """The lines of a table whose first row holds its headings.

    `aligned` says "None", "Left", "Center" or "Right" for each column.
    """
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    sizes = [max(map(columns, column)) for column in zip(*cells, strict=True)]
    if sum(sizes) + len(_BETWEEN) * (len(sizes) - 1) > width:
        return _records(cells, width)
    lines = [_row(row, sizes, aligned) for row in cells]
    lines.insert(1, _BETWEEN.join("-" * max(size, 1) for size in sizes))
    return lines


def _row(row: Sequence[str], sizes: Sequence[int], aligned: Sequence[str]) -> str:
    padded = []
    for cell, size, side in zip(row, sizes, aligned, strict=True):
        free = size - columns(cell)
        before = {"Right": free, "Center": free // 2}.get(side, 0)
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
