"""Links in an article's Markdown, made fit for an export: every other byte stays as written.

A link to an article that is exported too stays. One to an article that readers can see elsewhere
gets that page's whole address; one to an article that they can't see keeps its text alone (F1), in
an `a` without an address, which Partwork and browsers show as text and which can't begin a list or
a heading, as the bare words could.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from pipeline.articles import Source
from pipeline.exporting.selection import Selection
from pipeline.markdown.events import Manuscript
from pipeline.markdown.raw import unescape
from pipeline.markdown.targets import Target, Targets
from pipeline.text import OWN_ROOT

_Edit = tuple[int, int, bytes]
"""Bytes of the body, from and to, and what stands there instead."""

_Away = Callable[[str], str | None]
"""What stands in place of a link's address: None keeps it, nothing leaves the text alone."""

_HREF = re.compile(rb"(<a\b[^<>]*?)\s+href\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+)", re.IGNORECASE)
_INLINE = frozenset({"Emphasis", "Strikethrough", "Strong"})
_BRACKET = re.compile(rb"(?<!\\)(?:\\\\)*[\[\]]")
"""A bracket that no backslash stands before."""
# A definition of a link's address (CommonMark §4.7): parsers tell nothing of where it stands.
_DEFINITION = re.compile(
    rb"^ {0,3}\[[^\]\n]+\]:[ \t]*\n?[ \t]*(<[^<>\n]*>|\S+)"
    rb"((?:[ \t]*[ \t\n][ \t]*(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)))?)[ \t]*(?:\n|\Z)",
    re.MULTILINE,
)


def fitted(source: Source, selection: Selection) -> str:
    """An article's body as it stands in an export."""
    targets = Targets(source, selection.around)
    here = selection.pages

    def away(written: str) -> str | None:
        target = targets.link(written)
        if not isinstance(target, Target) or not target.article or target.article in here:
            return None
        if target.article not in selection.public:
            return ""
        return selection.newsletter.root_url + target.url.removeprefix(OWN_ROOT)

    manuscript = Manuscript(source.body, first_line=1, smart=False)
    out: list[bytes] = []
    at = 0
    for start, end, new in sorted(_edits(manuscript, away)):
        if start >= at:
            out += (manuscript.data[at:start], new)
            at = end
    return b"".join((*out, manuscript.data[at:])).decode()


def _edits(manuscript: Manuscript, away: _Away) -> Iterator[_Edit]:
    data = manuscript.data
    shown: list[tuple[int, int]] = []
    brackets: list[int] = []
    pair = (-1, -2)
    within = 0
    for kind, what, detail, start, end in manuscript.spans():
        if kind == "Start" and what == "Link":
            edit = _link(data, detail, start, end, away)
            if edit is not None:
                yield edit
                # What stood around this link or right before it was none, and must not become one.
                opened = [*brackets, pair[0]] if pair[1] == start - 1 else brackets
                yield from ((at, at + 1, b"&#91;") for at in opened)
                brackets.clear()
        elif kind in ("Html", "InlineHtml"):
            yield from _raw(data, start, end, away)
        elif kind == "Text" and not within:
            for match in _BRACKET.finditer(data, start, end):
                at = match.end() - 1
                if match[0].endswith(b"["):
                    brackets.append(at)
                elif brackets:
                    pair = (brackets.pop(), at)
        if what in ("Link", "Image"):
            within += 1 if kind == "Start" else -1
        elif kind not in ("Start", "End"):
            shown.append((start, end))
        elif what not in _INLINE:
            brackets.clear()
    for match in _DEFINITION.finditer(data):
        address = away(unescape(match[1].strip(b"<>").decode()))
        if address is not None and not _within(match, shown):
            # The line stays: what follows it could begin something else without it.
            yield match.start(1), match.end(2), b"<%s>" % address.encode()


def _link(data: bytes, detail: dict[str, Any], start: int, end: int, away: _Away) -> _Edit | None:
    address = away(detail["dest_url"])
    if address is None:
        return None
    text = data[start + 1 : _closing(data, start, end)]
    if detail["link_type"] == "Collapsed" and data[end : end + 2] == b"[]":
        end += 2
    if not address:
        return start, end, b"<a>%s</a>" % text.strip()
    title = re.sub(r'([\\"&])', r"\\\1", detail["title"])
    tail = f' "{title}"' if title else ""
    return start, end, b"[%s](<%s>%s)" % (text, address.encode(), tail.encode())


def _closing(data: bytes, start: int, end: int) -> int:
    """Where the text of a link ends that begins at `start`: at the bracket that closes its own."""
    depth, at = 0, start
    while at < end:
        if data[at : at + 1] == b"\\":
            at += 1
        elif data[at : at + 1] == b"`":
            ticks = len(data[at:end]) - len(data[at:end].lstrip(b"`"))
            closed = re.compile(rb"(?<!`)`{%d}(?!`)" % ticks).search(data, at + ticks, end)
            at = closed.end() - 1 if closed else at + ticks - 1
        elif data[at : at + 1] == b"[":
            depth += 1
        elif data[at : at + 1] == b"]":
            depth -= 1
            if not depth:
                return at
        at += 1
    return end


def _raw(data: bytes, start: int, end: int, away: _Away) -> Iterator[_Edit]:
    for match in _HREF.finditer(data, start, end):
        address = away(unescape(match[2].strip(b"\"'").decode()))
        if address is not None:
            new = b' href="%s"' % address.replace("&", "&amp;").encode() if address else b""
            yield match.end(1), match.end(), new


def _within(match: re.Match[bytes], shown: list[tuple[int, int]]) -> bool:
    """True where something of a match is text that readers see: a definition is none."""
    return any(start < match.end() and match.start() < end for start, end in shown)
