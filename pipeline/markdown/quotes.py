"""Quotation marks by language: the parser makes English ones of `"` and `'` in any.

Only marks that the parser made are changed. What an author typed as “, „ or « stays as it is, and
so does an apostrophe.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from pipeline.text import tags

NBSP = "\u00a0"


class Marks(NamedTuple):
    """How a language begins and ends a quotation, and one within a quotation."""

    start: str
    end: str
    inner_start: str
    inner_end: str


_BY_LANGUAGE: Mapping[str, Marks] = {
    **dict.fromkeys(("cs", "de", "et", "hr", "is", "sk", "sl"), Marks("„", "“", "‚", "‘")),
    **dict.fromkeys(("bg", "lt"), Marks("„", "“", "„", "“")),
    **dict.fromkeys(("pl", "ro"), Marks("„", "”", "«", "»")),
    **dict.fromkeys(("ca", "el", "it", "pt-PT"), Marks("«", "»", "“", "”")),
    **dict.fromkeys(("be", "ru", "uk"), Marks("«", "»", "„", "“")),
    **dict.fromkeys(("nb", "nn", "no"), Marks("«", "»", "‘", "’")),
    **dict.fromkeys(("fi", "he", "sv"), Marks("”", "”", "’", "’")),
    "ar": Marks("”", "“", "’", "‘"),
    "fa": Marks("«", "»", "‹", "›"),
    "fr": Marks(f"«{NBSP}", f"{NBSP}»", "“", "”"),
    "hu": Marks("„", "”", "»", "«"),
    "sr": Marks("„", "“", "‘", "‘"),
}
"""Unicode CLDR 45, `delimiters`; French with its no-break spaces, and “…” within «…», as is usual
there. A language that is not here has English marks, as Spanish and Dutch do."""

_ANY = re.compile("[\"'“”‘’]")
_TYPED = re.compile(r"[\"'“”‘’]|&(?:quot|apos|[lr][ds]quo|#0*(?:34|39)|#[xX]0*2[27]);")
CURLED = frozenset("“”‘’")


@cache
def marks_of(language: str) -> Marks | None:
    """A language's marks (BCP 47, the most particular tag that is known); None for English ones."""
    return next((_BY_LANGUAGE[tag] for tag in tags(language) if tag in _BY_LANGUAGE), None)


def requoted(text: str, typed: str, marks: Marks) -> str:
    """A text with a language's marks where the parser made English ones of what was `typed`.

    Where the two can't be laid beside each other, since a rare entity made a mark, the text is as
    it was. A single mark that opens nothing is an apostrophe (“’s ist”).
    """
    places = [found.start() for found in _ANY.finditer(text)]
    before = _TYPED.findall(typed)
    if len(places) != len(before):
        return text
    made = [at for at, was in zip(places, before, strict=True) if was in "\"'"]
    new: dict[int, str] = {}
    opened: int | None = None
    for at in made:
        match text[at]:
            case "“":
                new[at] = marks.start
            case "”":
                new[at] = marks.end
            case "‘":
                new[at], opened = "’", at
            case "’" if opened is not None and not text[at + 1 : at + 2].isalnum():
                new[opened], new[at], opened = marks.inner_start, marks.inner_end, None
    return "".join(new.get(at, character) for at, character in enumerate(text))
