"""The end of a page that leads to its neighbours: found, cut off and read.

Site builders write each half as a label, often once for eyes and once for screen readers, an empty
line and the neighbour's title:

    Previous
    Previous

    Acupuncture and IVF
    Next
    Next

    Acupuncture and Fertility

Either half, and in a half the title, may be missing; a label stands once or twice, in any case.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Way = Literal["previous", "next"]

_LABELS: dict[Way, tuple[str, ...]] = {
    "previous": (
        "previous", "prev", "older", "earlier",
        "zurück", "vorheriger", "vorherige", "précédent", "précédente", "anterior", "precedente",
        "vorige", "föregående", "forrige", "poprzedni",
    ),
    "next": (
        "next", "newer", "later",
        "weiter", "nächster", "nächste", "suivant", "suivante", "siguiente", "successivo",
        "volgende", "próximo", "próxima", "nästa", "neste", "næste", "następny",
    ),
}  # fmt: skip
"""What leads to a neighbour, in the languages that site builders offer most."""

_THING = r"(?:post|article|part|page|story|entry|chapter|lesson|issue|episode|beitrag|artikel)s?"
_ARROWS = r"[\s←→‹›«»<>⟵⟶⇐⇒◀▶◄►|·:…-]*"
LABEL = {
    way: re.compile(rf"{_ARROWS}(?:{'|'.join(words)})(?:\s+{_THING})?{_ARROWS}", re.IGNORECASE)
    for way, words in _LABELS.items()
}
_LETTER: dict[Way, str] = {"previous": "P", "next": "N"}
# A letter for each line: P and N for labels, T for what may be a title, x for what is none.
_TAIL = re.compile(r"(?:(P{1,2}T?)(N{1,2}T?)?|(N{1,2}T?)(P{1,2}T?)?)\Z")
_LONGEST = 200
"""Characters of a title at most."""
_REACH = 8
"""Lines with text on them that a tail has at most: two halves of two labels and a title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The titles a page's end names, each with its line (1-based)."""

    previous: str | None = None
    next: str | None = None
    previous_line: int = 0
    next_line: int = 0


def way_of(line: str) -> Way | None:
    """The neighbour that a label leads to; None for any other line."""
    for way, pattern in LABEL.items():
        if pattern.fullmatch(line):
            return way
    return None


def cut(lines: Sequence[str]) -> tuple[int, Neighbours]:
    """How many lines are left when the tail is cut off, and what it said."""
    written = [at for at, line in enumerate(lines) if line.strip()][-_REACH:]
    letters = "".join(_letter(lines[at].strip()) for at in written)
    tail = _TAIL.search(letters)
    if tail is None:
        return len(lines), Neighbours()
    found: dict[str, tuple[str, int]] = {}
    for number, half in enumerate(tail.groups(), 1):
        if half and half.endswith("T"):
            at = written[tail.end(number) - 1]
            found[half[0]] = (lines[at].strip(), at + 1)
    before, after = found.get("P", (None, 0)), found.get("N", (None, 0))
    return written[tail.start()], Neighbours(
        previous=before[0], next=after[0], previous_line=before[1], next_line=after[1]
    )


def _letter(line: str) -> str:
    way = way_of(line)
    if way:
        return _LETTER[way]
    return "T" if len(line) <= _LONGEST else "x"
