"""Blocks of text below each other, each line behind the marks of what encloses it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.plaintext.wrap import GLUE, columns, wrap

_NARROWEST = 30
"""Columns that text keeps for itself, however deep it is nested."""


@dataclass(slots=True)
class _Frame:
    first: str
    rest: str
    size: int
    used: bool = False


class Writer:
    """Collects lines at most `width` columns wide."""

    def __init__(self, width: int) -> None:
        self.lines: list[str] = []
        self.width = width
        """The columns that are left between the marks and the margin."""
        self._frames: list[_Frame] = []
        self._gap = False

    def open(self, first: str, rest: str) -> None:
        """Put a mark before the lines that follow: `first` before the first, `rest` before others.

        Where that would leave too little room the marks are left out.
        """
        size = columns(rest)
        if self.width - size < _NARROWEST:
            first, rest, size = "", "", 0
        self._frames.append(_Frame(first, rest, size))
        self.width -= size

    def close(self) -> None:
        """End the innermost mark; one with nothing behind it stands alone."""
        frame = self._frames[-1]
        if frame.first.strip() and not frame.used:
            self._line("")
        self._frames.pop()
        self.width += frame.size

    def text(self, text: str, *, tight: bool = False) -> None:
        """Write running text, wrapped; an empty line comes after it unless it is `tight`."""
        # Mail programs take a line that begins with > for a quotation.
        self.verbatim(wrap(text.replace(" >", f"{GLUE}>"), self.width), tight=tight)

    def verbatim(self, lines: Iterable[str], *, tight: bool = False) -> None:
        """Write lines as they are."""
        if self._gap and self.lines:
            self._line_between()
        lines = iter(lines)
        if self._frames:
            for line in lines:
                self._line(line)
                break
        # A mark that begins something stands before one line, so that the others all begin alike.
        before = "".join([frame.rest for frame in self._frames])
        self.lines += [(before + line).replace(GLUE, " ").rstrip(" ") for line in lines]
        self._gap = not tight

    def space(self) -> None:
        """See to an empty line before what comes next."""
        self._gap = True

    def close_up(self) -> None:
        """See to no empty line before what comes next."""
        self._gap = False

    def _line(self, line: str) -> None:
        marks = []
        for frame in self._frames:
            marks.append(frame.rest if frame.used else frame.first)
            frame.used = True
        self.lines.append(("".join(marks) + line).replace(GLUE, " ").rstrip(" "))

    def _line_between(self) -> None:
        marks = []
        for frame in self._frames:
            if not frame.used:
                break
            marks.append(frame.rest)
        self.lines.append("".join(marks).rstrip(" "))
        self._gap = False
