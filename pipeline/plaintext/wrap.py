"""Lines that fit: text measured in columns, broken at spaces, and hard where there is none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

# Closing marks stay with what they close, if need be beyond the margin (JIS X 4051, kinsoku).
_NEVER_FIRST = frozenset("、。，．・：；？！）」』】〕》〉”’…ー々")
_JOINER = "\u200d"
GLUE = "\ufdd3"
"""A space that never breaks, in our own use: `text.clean` takes it out of what authors write."""
# Latin letters and typographic marks: most paragraphs hold nothing else and take the fast way.
_ONE_COLUMN_EACH = re.compile("[ -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\ufdd3]*")
# A mail address, or a URL without its scheme; what is written without spaces goes on around one.
_ADDRESS = re.compile(r"\w@\w|\w\.[a-z]{2,}/|\bwww\.")
UNSPACED = "[\u0e00-\u109f\u1780-\u17ff\u2e80-\ud7ff\uff00-\uffef]"
"""A character of a script that is written without spaces."""


@cache
def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def columns(text: str) -> int:
    """How many columns a text takes in a fixed-width font (Unicode UAX #11: wide ones take two)."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def wrap(text: str, width: int) -> list[str]:
    """A text as lines of at most `width` columns; `\n` breaks, and no URL or mail address does."""
    if "\n" in text:
        return [line for part in text.split("\n") for line in _wrap(part, width)]
    return _wrap(text, width)


def _wrap(text: str, width: int) -> list[str]:
    text = text.replace("\t", " ").replace("\u2028", " ").replace("\u2029", " ")
    if "  " in text or text[:1] == " " or text[-1:] == " ":
        text = " ".join(filter(None, text.split(" ")))
    if not (text.isascii() or _ONE_COLUMN_EACH.fullmatch(text)):
        return [*_wrap_words(text, width)]
    lines: list[str] = []
    at = 0
    while len(text) - at > width:
        end = text.rfind(" ", at, at + width + 1)
        if end <= at:
            return [*lines, *_wrap_words(text[at:], width)]
        lines.append(text[at:end])
        at = end + 1
    lines.append(text[at:])
    return lines


def _wrap_words(text: str, width: int) -> Iterator[str]:
    line: list[str] = []
    used = 0
    for word in text.split(" "):
        size = columns(word)
        if line and used + 1 + size <= width:
            line.append(word)
            used += 1 + size
            continue
        if size <= width or _is_address(word):
            if line:
                yield " ".join(line)
            line, used = [word], size
            continue
        # A long word without spaces (Chinese, Thai, a mistake) fills the line that was begun.
        room = width - used - 1 if line and width - used > 10 and not word.isascii() else 0
        if line and not room:
            yield " ".join(line)
            line = []
        *full, last = _chop(word, room or width, width)
        for piece in full:
            yield " ".join([*line, piece])
            line = []
        used = columns(last) + sum(columns(one) + 1 for one in line)
        line.append(last)
    yield " ".join(line)


def _is_address(word: str) -> bool:
    """True for what stops to lead anywhere when it is broken."""
    return "://" in word or bool(_ADDRESS.search(word) and not re.search(UNSPACED, word))


def _chop(word: str, first: int, width: int) -> Iterator[str]:
    """A word cut into pieces of `first`, then `width` columns, never within a character."""
    piece, used, room = "", 0, first
    for character in word:
        size = _columns(character)
        margin = room + 2 if character in _NEVER_FIRST else room
        if size and used + size > margin and not piece.endswith(_JOINER):
            yield piece
            piece, used, room = "", 0, width
        piece += character
        used += size
    yield piece
