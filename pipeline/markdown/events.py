"""The parser's events (pulldown-cmark through pyromark), evened out for our renderers.

Besides flattening pyromark's dictionaries this settles, for all that is made of them:
characters that an entity brought in after `text.clean`, a bound on nesting, merge-tag look-alikes
(`*|NAME|*`, `{{ "x" }}`) that must reach the reader as typed, bare URLs with `--` in them, and
typographic punctuation in captions.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, cached_property
from typing import Any

import pyromark

from pipeline.markdown.quotes import CURLED, Marks, requoted
from pipeline.text import clean

DEEPEST = 100
"""Elements nested deeper than this lose their tags and keep their text."""

Event = tuple[str, str, Any, int]
"""(kind, what, detail, its number among the parser's events); kinds:

"Start" and "End" with an element's name and detail; "Text", "Code", "Html", "InlineHtml" and
"FootnoteReference" with their text in `what`; "TaskListMarker" with its state in `detail`;
"SoftBreak", "HardBreak", "Rule"; and "TooDeep", once.
"""

# What smart punctuation must leave alone: template tags (which hold no braces, so this stays linear
# on any text) and URLs.
_TYPED = re.compile(r"\{[{%$][^{}]*\}\}?|(?<![a-zA-Z])[a-zA-Z]{1,20}://[^\s“”‘’]+")
_PLAIN = re.compile(r"[\"']|--|\.\.\.")
_SPECIAL = re.compile(r"[!#-&(-,/:-@\[-`{-~]")
_CURLED = re.compile("[“”‘’–—…]")
_STRAIGHT = str.maketrans(
    {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "--", "—": "---", "…": "..."}
)


@cache
def _parser(smart: bool) -> pyromark.Markdown:
    on = pyromark.Options
    options = (
        on.ENABLE_TABLES
        | on.ENABLE_FOOTNOTES
        | on.ENABLE_STRIKETHROUGH
        | on.ENABLE_TASKLISTS
        | on.ENABLE_HEADING_ATTRIBUTES
        | on.ENABLE_GFM
        | on.ENABLE_DEFINITION_LIST
    )
    return pyromark.Markdown(options=options | on.ENABLE_SMART_PUNCTUATION if smart else options)


def _smart(title: str) -> str:
    """A title with typographic punctuation, which the parser gives to running text alone."""
    if not _PLAIN.search(title):
        return title
    text = "x " + _SPECIAL.sub(r"\\\g<0>", " ".join(title.split()))
    found: Iterator[Any] = _parser(True).events(text)
    return "".join(event.get("Text", "") for event in found if type(event) is dict)[2:]


def _cleaned(detail: Any) -> Any:
    if type(detail) is str:
        return clean(detail)
    if type(detail) is dict:
        return {key: _cleaned(value) for key, value in detail.items()}
    return detail


class Manuscript:
    """One article's Markdown: its events, and where each stands.

    Where is worked out when somebody asks, since a place costs as much as the event itself.
    """

    def __init__(
        self, text: str, *, first_line: int, smart: bool, marks: Marks | None = None
    ) -> None:
        self.text = text
        self.first_line = first_line
        self.smart = smart
        self.marks = marks if smart else None

    @cached_property
    def data(self) -> bytes:
        """The UTF-8 bytes that offsets count."""
        return self.text.encode()

    @cached_property
    def _places(self) -> list[tuple[int, int]]:
        found: Iterator[Any] = _parser(self.smart).events_with_range(self.text, merge_text=True)
        return [(span["start"], span["end"]) for _, span in found]

    @cached_property
    def _newlines(self) -> list[int]:
        return [match.start() for match in re.finditer(b"\n", self.data)]

    def line(self, number: int) -> int:
        """The line in the file of an event."""
        return self.first_line + bisect_left(self._newlines, self._places[number][0])

    def events(self) -> Iterator[Event]:
        """The events in order, each Start with its End."""
        dirty = "&#" in self.text
        typed = self.smart and ("{" in self.text or "://" in self.text)
        merge_tags = "*|" in self.text
        literal: list[bool] = []
        depth = 0
        told = False
        found: Iterator[Any] = _parser(self.smart).events(self.text, merge_text=True)
        for number, event in enumerate(found):
            if type(event) is str:
                yield event, "", None, number
                continue
            kind, what = event.popitem()
            if kind == "Start":
                depth += 1
                if depth > DEEPEST:
                    if not told:
                        yield "TooDeep", "", None, number
                    told = True
                    continue
            elif kind == "End":
                depth -= 1
                if depth >= DEEPEST:
                    yield "SoftBreak", "", None, number
                    continue
            elif kind == "TaskListMarker":
                yield kind, "", what, number
                continue
            else:
                if dirty:
                    what = clean(what)
                if typed and kind == "Text" and ("{" in what or "://" in what):
                    what = self._as_typed(what, number)
                if self.marks and kind == "Text" and not CURLED.isdisjoint(what):
                    what = requoted(what, self._source(number), self.marks)
                yield kind, what, None, number
                continue
            if type(what) is dict:
                name, detail = what.popitem()
                if kind == "Start":
                    if dirty:
                        detail = _cleaned(detail)
                    if self.smart and name == "Image":
                        title = _smart(detail["title"])
                        if self.marks:
                            title = requoted(title, detail["title"], self.marks)
                        detail = {**detail, "title": title}
                yield kind, name, detail, number
                continue
            if merge_tags and what == "Emphasis":
                if kind == "Start":
                    literal.append(self._is_merge_tag(number))
                    typed_so = literal[-1]
                else:
                    typed_so = literal.pop()
                if typed_so:
                    yield "Text", "*", None, number
                    continue
            yield kind, what, None, number

    def spans(self) -> Iterator[tuple[str, str, Any, int, int]]:
        """The parser's own events, for what edits Markdown: kind, what, detail, start and end."""
        found: Iterator[tuple[Any, Any]] = _parser(self.smart).events_with_range(
            self.text, merge_text=True
        )
        for event, span in found:
            ((kind, what),) = event.items() if type(event) is dict else ((event, ""),)
            ((name, detail),) = what.items() if type(what) is dict else ((what, None),)
            yield kind, name, detail, span["start"], span["end"]

    def _is_merge_tag(self, number: int) -> bool:
        """True for an emphasis that was typed `*|…|*` (Mailchimp's merge tags look so)."""
        start, end = self._places[number]
        return self.data[start : start + 2] == b"*|" and self.data[end - 2 : end] == b"|*"

    def _source(self, number: int) -> str:
        """What was typed, of which the parser made an event."""
        start, end = self._places[number]
        return self.data[start:end].decode()

    def _as_typed(self, text: str, number: int) -> str:
        typed = self._source(number)

        def restore(match: re.Match[str]) -> str:
            piece = match[0]
            plain = piece.translate(_STRAIGHT) if _CURLED.search(piece) else piece
            return plain if plain in typed else piece

        return _TYPED.sub(restore, text)
