"""Merge points: the few places of an email that differ from reader to reader.

A rendered email holds them in a neutral form that no article can contain (`text.MERGE_START`, the
name, `text.MERGE_END`). `fill` turns them into a mailing service's own tags, last of all, and hands
every stretch of text between them to the service's escaping, so that an article about that
service's template language arrives as typed (S1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from pipeline.text import MERGE_END, MERGE_START


class MergePoint(StrEnum):
    """What a mailing service fills in for each reader."""

    FIRST_NAME = "first_name"
    UNSUBSCRIBE_URL = "unsubscribe_url"
    PREFERENCES_URL = "preferences_url"
    WEB_URL = "web_url"
    ADDRESS = "address"

    @property
    def neutral(self) -> str:
        """The form in which a rendered email holds it."""
        return f"{MERGE_START}{self.value}{MERGE_END}"


_POINT = re.compile(f"{MERGE_START}([a-z_]+){MERGE_END}")
# The marks percent-encoded (UTF-8). With re.IGNORECASE it takes fifty times as long on a mail.
_ENCODED = re.compile("%[eE][fF]%[bB]7%9[12]")


def fill(
    rendered: str,
    values: Mapping[MergePoint, str],
    literal: Callable[[str], str] = lambda text: text,
) -> str:
    """Put `values` at the merge points and pass all other text through `literal`.

    Raises ValueError for a merge point without a value, and for one that was percent-encoded or
    torn on the way: a reader would see it raw.
    """
    pieces = _POINT.split(rendered)
    missing = sorted(set(pieces[1::2]) - {point.value for point in values})
    if missing:
        raise ValueError(f"no value for the merge point {', '.join(missing)}")
    for piece in pieces[::2]:
        encoded = "7%9" in piece and _ENCODED.search(piece)  # the search alone takes far longer
        if MERGE_START in piece or MERGE_END in piece or encoded:
            raise ValueError(f"a damaged merge point in {piece.strip()[:60]!a}")
    pieces[::2] = [literal(piece) for piece in pieces[::2]]
    pieces[1::2] = [values[MergePoint(name)] for name in pieces[1::2]]
    return "".join(pieces)


def used(rendered: str) -> tuple[MergePoint, ...]:
    """The merge points a rendering holds, each once, in order of appearance."""
    return tuple(dict.fromkeys(MergePoint(name) for name in _POINT.findall(rendered)))


def literals(rendered: str) -> list[str]:
    """The text between the merge points of a rendering, in order."""
    return _POINT.split(rendered)[::2]
