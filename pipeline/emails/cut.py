"""Where a long article's HTML is cut, so that Gmail shows all of a mail."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence

from pipeline.markdown.derive import TAG

TARGET = 90_000
"""Bytes of HTML an issue keeps below when it may be cut."""
LIMIT = 102_000
"""Bytes beyond which Gmail clips a mail: it shows 102 KB (caniemail.com)."""

_HEADING = re.compile(r"h[1-6]")
_REFERENCE = re.compile(r'<a href="#([^"]*)" role="doc-noteref">(\d+)</a>')
_NOTES, _NOTES_END = '<section class="footnotes"', "</ol>\n</section>\n"
_VOID = frozenset({"br", "col", "hr", "img", "wbr"})


def shares(sizes: Mapping[str, int], budget: int) -> dict[str, int]:
    """How many bytes each article may have: short ones stay whole, long ones share what is left."""
    given: dict[str, int] = {}
    left = budget
    for count, (key, size) in enumerate(sorted(sizes.items(), key=lambda one: one[1])):
        given[key] = min(size, max(0, left) // (len(sizes) - count))
        left -= given[key]
    return given


def cut(html: str, budget: int, size: Callable[[str], int]) -> str | None:
    """The beginning of a body whose `size` is at most `budget`; None where not even a block fits.

    `size` is never smaller than the bytes of what it is asked of. It ends before a heading, or
    before another block where that would lose more than half of what fits.
    """
    # What fits in `budget` bytes fits in as many characters, so the rest need not be looked at.
    html = html[: max(0, budget) + 1]
    blocks = _blocks(html)
    ends = [
        (at, tag)
        for (at, tag), (_, before) in zip(blocks[1:], blocks, strict=False)
        if not _HEADING.fullmatch(before)
    ]
    fits = ends[: bisect_right(ends, budget, key=lambda end: size(html[: end[0]]))]
    if not fits:
        return None
    last = fits[-1][0]
    headings = [at for at, tag in fits if _HEADING.fullmatch(tag) and at >= last // 2]
    return html[: headings[-1] if headings else last]


def with_notes(beginning: str, html: str) -> str:
    """The beginning of a body and the footnotes, up to the last one that it refers to."""
    numbers = [int(number) for _, number in _REFERENCE.findall(beginning)]
    start = html.find(_NOTES, len(beginning))
    if not numbers or start < 0:
        return beginning
    last, notes = max(numbers), html[start:]
    for name, number in _REFERENCE.findall(html, len(beginning)):
        if int(number) == last + 1:
            return beginning + notes[: notes.index(f'<li id="{name}">')] + _NOTES_END
    return beginning + notes


def _blocks(html: str) -> Sequence[tuple[int, str]]:
    """The offset and tag of every element at the top level of a body."""
    found: list[tuple[int, str]] = []
    depth = 0
    for match in TAG.finditer(html):
        slash, tag = match[1], match[2]
        if not (slash or depth):
            found.append((match.start(), tag))
        if tag not in _VOID:
            depth += -1 if slash else 1
    return found
