"""Emails read back from services that rewrite HTML: compared by what a reader would notice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from pipeline import merge, text
from pipeline.merge import MergePoint
from pipeline.services.literals import JOINER

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ANYTHING = "\ufffc"
_UNSEEN = frozenset({"script", "style", "title"})


class _Reader(HTMLParser):
    """Collects the words a reader sees, and the addresses of links and pictures."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words = ""
        self.addresses: list[str] = []
        self._inside = ""
        self.feed(html)
        self.close()
        self.words = "".join(self.words.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._inside = tag
        self.addresses += [value for name, value in attrs if name in ("href", "src") and value]

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.words += data


def differences(wanted: str, stored: str, opening: re.Pattern[str]) -> Iterator[str]:
    """What stored HTML lacks of the HTML handed over, or holds otherwise: a sentence each.

    White space, style sheets, comments and the title are the service's to change, and it may add
    words of its own around ours. `opening` begins one of its tags: there must be as many.
    """
    ours, theirs = _Reader(wanted), _Reader(stored)
    if ours.words not in theirs.words:
        yield "its text reads otherwise"
    lost = [one for one in ours.addresses if one not in theirs.addresses]
    if lost:
        yield f"it lacks the address {text.excerpt(lost[0], 80)}"
    if len(opening.findall(_COMMENT.sub("", wanted))) != len(
        opening.findall(_COMMENT.sub("", stored))
    ):
        yield "it does not hold the merge tags that it was given"


def shows(html: str, rendered: str) -> bool:
    """Whether a rendering shows all words of a neutral HTML document, in their order.

    At merge points, and around the whole, may stand anything.
    """
    shown, at = _Reader(rendered).words.replace(JOINER, ""), 0
    ours = _Reader(merge.fill(html, dict.fromkeys(MergePoint, _ANYTHING))).words.replace(JOINER, "")
    for piece in ours.split(_ANYTHING):
        found = shown.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def same_words(wanted: str, stored: str) -> bool:
    """Whether two plain texts differ in white space at most."""
    return wanted.split() == stored.split()
