"""Where a long article's HTML is cut, so that Gmail shows all of a mail."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser

TARGET = 90_000
"""Bytes of HTML an issue keeps below when it may be cut."""
LIMIT = 102_000
"""Bytes beyond which Gmail clips a mail: it shows 102 KB (caniemail.com)."""

_HEADING = re.compile(r"h[1-6]")
_OPENED = re.compile(r"<h[1-6][ >]")
_DEFINITION = re.compile(r"^ {0,3}(\[[^\]\n]+\]):.*$", re.MULTILINE)
_VOID = frozenset({"br", "col", "hr", "img", "input", "wbr"})


def shares(sizes: Mapping[str, int], budget: int) -> dict[str, int]:
    """How many bytes each article may have: short ones stay whole, long ones share what is left."""
    given: dict[str, int] = {}
    left = budget
    for count, (key, size) in enumerate(sorted(sizes.items(), key=lambda one: one[1])):
        given[key] = min(size, max(0, left) // (len(sizes) - count))
        left -= given[key]
    return given


def cut(html: str, budget: int) -> str | None:
    """The beginning of a body in at most `budget` bytes; None where not even one block fits.

    It ends before a heading, or before another block where that would lose more than half of
    what fits.
    """
    # What fits in `budget` bytes fits in as many characters, so the rest need not be looked at.
    html = html[: max(0, budget) + 1]
    room = len(html.encode()[: max(0, budget)].decode(errors="ignore"))
    blocks = _blocks(html)
    fits = [
        (at, tag)
        for (at, tag), (_, before) in zip(blocks[1:], blocks, strict=False)
        if at <= room and not _HEADING.fullmatch(before)
    ]
    if not fits:
        return None
    last = fits[-1][0]
    headings = [at for at, tag in fits if _HEADING.fullmatch(tag) and at >= last // 2]
    return html[: headings[-1] if headings else last]


def cut_source(body: str, headings: Sequence[int], kept: int, budget: int) -> str:
    """The beginning of a Markdown body that says what a cut HTML says.

    `headings` are the headings' offsets in its UTF-8 bytes, `kept` how many of them the HTML keeps;
    `budget` is the most it may hold in bytes. Definitions of links and notes that it still needs
    are kept at its end.
    """
    data = body.encode()
    end = headings[kept] if kept < len(headings) else len(data)
    if end > budget:
        end = max(data.rfind(b"\n\n", 0, max(0, budget)), 0)
    beginning = data[:end].decode(errors="ignore")
    needed = [
        line[0]
        for line in _DEFINITION.finditer(data[end:].decode(errors="ignore"))
        if line[1].casefold() in beginning.casefold()
    ]
    return "\n\n".join([beginning.rstrip("\n"), *needed]) + "\n"


def headings_in(html: str) -> int:
    """How many headings a body holds."""
    return len(_OPENED.findall(html))


def _blocks(html: str) -> Sequence[tuple[int, str]]:
    """The offset and tag of every element at the top level of a body."""
    finder = _Finder(html)
    finder.feed(html)
    finder.close()
    return finder.found


class _Finder(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[int, str]] = []
        self.depth = 0
        self.lines = [0]
        for line in html.split("\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if not self.depth:
            line, column = self.getpos()
            self.found.append((self.lines[line - 1] + column, tag))
        if tag not in _VOID:
            self.depth += 1

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.depth -= 1

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self.depth -= 1
