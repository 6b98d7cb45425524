"""Plain text as copied or scraped from a site builder: what each line is, and its Markdown.

The first line is the title. A paragraph is a line, whether or not an empty one follows. Short lines
that stand alone are headings. Numbered lines and lines after a bullet of any kind are lists; in a
numbered item, a label before a colon is made bold. The end may lead to the neighbours
(`pagination`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from pipeline.articles import file_number
from pipeline.importing.bundle import MAX_TEXT, Bundle, refused
from pipeline.importing.decoding import decoded
from pipeline.importing.escaping import escaped
from pipeline.importing.model import Imported, Note
from pipeline.importing.readers import pagination
from pipeline.text import one_line

Kind = Literal["paragraph", "heading", "number", "bullet", "rule", "gap"]

# Word's bullets come out of Wingdings into Unicode's private use area; a lone `o` before a tab is
# its bullet of the second level.
_BULLET = re.compile(r"(?:[•‣◦▪▫●○■□◆◇·∙⁃➢➤►▶▸▹»–—*+\-\uf0b7\uf0a7\uf0d8\uf076]\s+|o\t\s*)(?=\S)")
_LONE_BULLET = re.compile(r"[•‣◦▪▫●○■□◆◇·∙⁃➢➤►▶▸▹\uf0b7\uf0a7\uf0d8\uf076]")
_NUMBER = re.compile(r"(\d{1,3})[.)]\s+(?=\S)")
_LONE_NUMBER = re.compile(r"(\d{1,3})[.)]")
_LABEL = re.compile(r"([^\s:.!?][^:.!?]{0,58}):(?:\s+(\S.*)|\s*)\Z")
_RULE = frozenset("-–—_*=~•·")
_HEADING = 80
"""Characters of a heading at most."""
_HEADING_WORDS = 12
_ENDS = tuple(".,;:!…\"”'’»)")
_WORDS_TOLD = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the source: what it is, its words without the mark, its number and its indent."""

    kind: Kind
    words: str
    line: int
    number: int = 0
    indent: int = 0


def read(bundle: Bundle, name: str) -> Iterator[Imported]:
    """The one article of a text file; PartworkError for a file without text."""
    path = bundle.path(name)
    text, encoding = decoded(bundle.read(name, MAX_TEXT))
    rows = text.split("\n")
    first = next((at for at, row in enumerate(rows) if row.strip()), None)
    if first is None:
        raise refused(path, "there is no text in this file", "leave it out", "empty")
    end, tail = pagination.cut(rows[first + 1 :])
    below = first + 1
    lines = structured(rows[below : below + end], below + 1)
    notes = [Note(path=path, message=f"was read as {encoding}, not UTF-8")] if encoding else []
    notes += _guesses(path, lines)
    yield Imported(
        origin=bundle.origin(name),
        path=path,
        title=one_line(rows[first]),
        part=file_number(name),
        body=markdown(lines),
        markup="markdown",
        previous=tail.previous and one_line(tail.previous),
        next=tail.next and one_line(tail.next),
        lines={
            "title": first + 1,
            "previous": below + tail.previous_line,
            "next": below + tail.next_line,
        },
        folder=name.rpartition("/")[0],
        said=tuple(one.words for one in lines if one.words),
        notes=tuple(notes),
    )


def structured(rows: Sequence[str], first_line: int) -> tuple[Line, ...]:
    """What each line is; `first_line` is the first one's line in the file."""
    joined = _joined(_marked(row, at) for at, row in enumerate(rows, first_line))
    marked = list(_nested(joined))
    written = [one for one in marked if one.kind != "gap"]
    runs = _short_runs(written)
    return tuple(
        Line(kind="heading", words=runs[one.line], line=one.line) if one.line in runs else one
        for one in marked
    )


def _marked(row: str, line: int) -> Line:
    """A line by its mark alone."""
    indent = len(row.expandtabs(4)) - len(row.expandtabs(4).lstrip())
    words = row.strip()
    if not words:
        return Line(kind="gap", words="", line=line)
    marks = words.replace(" ", "")
    if len(marks) > 2 and marks[0] in _RULE and not marks.strip(marks[0]):
        return Line(kind="rule", words="", line=line)
    if found := _NUMBER.match(words):
        rest = one_line(words[found.end() :])
        return Line(kind="number", words=rest, line=line, number=int(found[1]), indent=indent)
    if found := _BULLET.match(words):
        return Line(kind="bullet", words=one_line(words[found.end() :]), line=line, indent=indent)
    if found := _LONE_NUMBER.fullmatch(words):
        return Line(kind="number", words="", line=line, number=int(found[1]), indent=indent)
    if _LONE_BULLET.fullmatch(words):
        return Line(kind="bullet", words="", line=line, indent=indent)
    return Line(kind="paragraph", words=one_line(words), line=line, indent=indent)


def _joined(lines: Iterable[Line]) -> Iterator[Line]:
    """A mark that stands on a line of its own belongs to the next line with words."""
    waiting: Line | None = None
    for one in lines:
        if waiting and one.kind == "paragraph":
            yield replace(waiting, words=one.words, line=one.line)
            waiting = None
        elif waiting and one.kind == "gap":
            continue
        else:
            if waiting:
                yield _bare(waiting)
            waiting = one if one.kind in ("number", "bullet") and not one.words else None
            if waiting is None:
                yield one
    if waiting:
        yield _bare(waiting)


def _nested(lines: Iterable[Line]) -> Iterator[Line]:
    """Bullets right below a numbered item that ends with a colon are what it announces."""
    under: int | None = None
    for one in lines:
        if one.kind == "bullet" and one.indent == under:
            yield replace(one, indent=one.indent + 2)
            continue
        if one.kind == "number" and one.words.endswith(":"):
            under = one.indent
        elif one.kind != "gap":
            under = None
        yield one


def _bare(mark: Line) -> Line:
    """A mark that nothing follows: what it says stays, a bullet says nothing."""
    words = f"{mark.number}." if mark.kind == "number" else ""
    return Line(kind="paragraph" if words else "gap", words=words, line=mark.line)


def _short_runs(written: Sequence[Line]) -> dict[int, str]:
    """The headings: their words by line.

    One or two short lines before running text or a list; three and more are a list that has no
    marks, an address or a poem, and the last of all lines heads nothing.
    """
    found: dict[int, str] = {}
    run: list[Line] = []
    numbers = _numbered_alone(written)
    for one in written:
        if one.line in numbers or (one.kind == "paragraph" and is_short(one.words)):
            run.append(one)
            continue
        if len(run) <= 2:
            found |= {
                line.line: f"{line.number}. {line.words}" if line.number else line.words
                for line in run
            }
        run = []
    return found


def _numbered_alone(written: Sequence[Line]) -> set[int]:
    """Numbered lines that are short, have no label and no numbered neighbour: `1. Relief`."""
    beside = {
        line.line
        for first, second in pairwise(written)
        if first.kind == second.kind == "number"
        for line in (first, second)
    }
    return {
        one.line
        for one in written
        if one.kind == "number"
        and one.line not in beside
        and is_short(one.words)
        and _LABEL.match(one.words) is None
    }


def is_short(words: str) -> bool:
    """Whether a line could be a heading by its looks."""
    return (
        len(words) <= _HEADING
        and len(words.split()) <= _HEADING_WORDS
        and not words.endswith(_ENDS)
        and not words[:1].islower()
        and any(char.isalpha() for char in words)
        and words[0] not in "\"“'‘«(„"
        and "://" not in words
        and "@" not in words
    )


def markdown(lines: Iterable[Line]) -> str:
    """The lines as Markdown: a block for each, the items of a list together."""
    blocks: list[str] = []
    items = _Items()
    level = 2
    for one in lines:
        if one.kind == "gap":
            continue
        if one.kind in ("number", "bullet"):
            items.add(one)
            continue
        blocks += items.taken()
        if one.kind == "heading":
            blocks.append(f"{'#' * level} {_heading(one.words)}")
            level = 3
            continue
        level = 2
        blocks.append("---" if one.kind == "rule" else escaped(one.words))
    blocks += items.taken()
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _heading(words: str) -> str:
    """A heading's words: at its end `#` and `{…}` would mean something."""
    line = escaped(words, starts=False)
    return re.sub(r"(?<=\s)(#+)$", r"\\\1", line)


class _Items:
    """The items of one list, indented as its marks ask for (CommonMark §5.2)."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._open: list[_Level] = []

    def add(self, one: Line) -> None:
        while self._open and self._open[-1].item.indent > one.indent:
            self._open.pop()
        column, sign = 0, "."
        if self._open and self._open[-1].item.indent == one.indent:
            level = self._open.pop()
            column, sign = level.column, level.sign
            if level.item.kind == one.kind == "number" and one.number != level.item.number + 1:
                # Markdown counts for itself: another sign begins another list.
                sign = ")" if sign == "." else "."
        elif self._open:
            column = self._open[-1].column + len(self._open[-1].mark)
        level = _Level(item=one, column=column, sign=sign)
        self._open.append(level)
        self._lines.append(f"{' ' * column}{level.mark}{_item(one)}")

    def taken(self) -> list[str]:
        """The list as a block, and begin anew."""
        lines, self._lines, self._open = self._lines, [], []
        return ["\n".join(lines)] if lines else []


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """An open list: its last item, the column of its marks and the sign after its numbers."""

    item: Line
    column: int
    sign: str

    @property
    def mark(self) -> str:
        return f"{self.item.number}{self.sign} " if self.item.kind == "number" else "- "


def _item(one: Line) -> str:
    label = _LABEL.match(one.words) if one.kind == "number" else None
    if label is None:
        return escaped(one.words)
    bold = f"**{escaped(label[1].strip(), starts=False)}:**"
    return f"{bold} {escaped(label[2], starts=False)}" if label[2] else bold


def _guesses(path: str, lines: Iterable[Line]) -> Iterator[Note]:
    """What a line's looks decided, for the report."""
    headings = [one for one in lines if one.kind == "heading"]
    for one in headings[:_WORDS_TOLD]:
        yield Note(path=path, line=one.line, message=f"taken for a heading: {one.words!r}")
    if len(headings) > _WORDS_TOLD:
        more = f"and {len(headings) - _WORDS_TOLD} more short lines"
        yield Note(path=path, line=headings[_WORDS_TOLD].line, message=f"{more} taken for headings")
