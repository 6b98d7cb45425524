"""Marks in an email: a number at the place that a finding speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

from pipeline.lint import Finding
from pipeline.text import fold

_KINDS = {"a": "link", "img": "image", "h1": "heading", "h2": "heading", "h3": "heading"}
_KINDS |= {"h4": "heading", "h5": "heading", "h6": "heading"}


@dataclass(slots=True, kw_only=True)
class _Element:
    """A link, an image or a heading; `at` is where in the document a mark before it goes."""

    kind: str
    tag: str
    url: str
    text: str
    at: int


class _Reader(HTMLParser):
    """Finds the elements that findings speak of, with their offsets in the document."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[_Element] = []
        self._open: list[_Element] = []
        self._lines = [0]
        for line in html.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _KINDS:
            return
        given = {name: value or "" for name, value in attrs}
        line, column = self.getpos()
        start = self._lines[line - 1] + column
        inside = _KINDS[tag] == "heading"
        one = _Element(
            kind=_KINDS[tag],
            tag=tag,
            url=given.get("href", given.get("src", "")),
            text=given.get("alt", ""),
            at=start + len(self.get_starttag_text() or "") if inside else start,
        )
        self.found.append(one)
        if tag == "img":
            self._say(one.text)
        else:
            self._open.append(one)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1].tag == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._say(data)

    def _say(self, words: str) -> None:
        for one in self._open:
            one.text += words


def marked(html: str, findings: Sequence[Finding]) -> tuple[str, frozenset[int]]:
    """The document with the number (from 1) of each finding at its place, and those that have one.

    A mark is laid over the document and moves nothing in it.
    """
    elements = _Reader(html).found
    places = [
        (at, number)
        for number, finding in enumerate(findings, 1)
        if (at := _place(elements, finding)) is not None
    ]
    for at, number in sorted(places, reverse=True):
        html = html[:at] + _mark(number) + html[at:]
    return html, frozenset(number for _, number in places)


def _place(elements: Sequence[_Element], finding: Finding) -> int | None:
    """Where what a finding means begins: by its address and words, else by either."""
    cause = finding.cause
    if cause is None or not (cause.url or cause.text.strip()):
        return None
    same = [one for one in elements if one.kind == cause.kind]
    words = fold(cause.text)
    by_url = [one for one in same if cause.url and one.url == cause.url]
    by_words = [one for one in same if words and fold(one.text) == words]
    both = [one for one in by_url if one in by_words]
    return next((one.at for one in (*both, *by_url, *by_words)), None)


def _mark(number: int) -> str:
    return f'<b id="finding-{number}" style="{_STYLE}">{number}</b>'


_STYLE = (
    "position:absolute;z-index:9;margin:-.8em 0 0 -.9em;min-width:1.5em;padding:0 .3em;"
    "border-radius:1em;background:#b3261e;color:#fff;text-align:center;"
    "font:bold 11px/1.5 system-ui,sans-serif"
)
