"""One walk over a body's tags makes its plain text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from itertools import count, repeat

from pipeline.markdown.derive import ATTRIBUTE, TAG
from pipeline.plaintext.inline import Inline
from pipeline.plaintext.tables import Table, without_tables_of_code
from pipeline.plaintext.wrap import columns, wrap
from pipeline.plaintext.writer import Writer
from pipeline.text import raised

_NOTE_INDENT = 5
_RULE = "* * *"

# What a body says by its own classes the walk is told by a title, which these never have.
_REFERENCE = re.compile(r'<sup id="[^"]*"><a [^>]* role="doc-noteref">(\d+)</a></sup>')
_ALERT = re.compile(
    r'<blockquote class="markdown-alert [^"]*">\s*'
    r'<p class="markdown-alert-title"><strong>([^<]*)</strong></p>'
)
_TASK = re.compile(r'<li class="task">(\s*<p>)?([☑☐] )')


class Walk:
    """Writes one body as lines; `labels` are the words of its language."""

    def __init__(self, html: str, labels: Mapping[str, str], width: int) -> None:
        if ' role="doc-noteref"' in html:
            html = _REFERENCE.sub(r"[^\1]", html)
        if '<blockquote class="' in html:
            html = _ALERT.sub(rf'<blockquote title="\1{labels["colon"]} ">', html)
        if '<li class="' in html:
            html = _TASK.sub(r'<li title="\2">\1', html)
        self._html = without_tables_of_code(html)
        self._labels = labels
        self._width = width
        self._inline = Inline()
        self._writer = Writer(width)
        self._lists: list[Iterator[str]] = []
        self._in_notes = False
        self._table = Table()
        self._raised = 0
        self._line = ""
        self._lines_inside = 0

    def run(self) -> list[str]:
        """The lines of the body."""
        inline, starts, ends = self._inline, _STARTS, _ENDS
        add = inline.parts.append
        pieces = TAG.split(self._html)
        tags = zip(pieces[0::4], pieces[1::4], pieces[2::4], pieces[3::4], strict=False)
        for text, slash, name, attributes in tags:
            if text:
                add(unescape(text) if "&" in text else text)
            if self._line:
                self._within_line(slash, name, attributes)
            elif slash:
                if name in ends:
                    ends[name](self, name)
            elif name in starts:
                starts[name](self, name, attributes)
        add(unescape(pieces[-1]))
        self._flush()
        if links := inline.list_of_links():
            self._writer.text(f"{self._labels['links']}{self._labels['colon']}")
            self._writer.verbatim(links)
        return self._writer.lines

    def _flush(self, *, tight: bool = False) -> None:
        """Write the text gathered so far as a paragraph."""
        if text := self._inline.take():
            self._writer.text(text, tight=tight)

    # Within a block

    def _start_link(self, _: str, attributes: str) -> None:
        self._inline.open_link(_read(attributes).get("href", ""))

    def _end_link(self, _: str) -> None:
        self._inline.close_link()

    def _image(self, _: str, attributes: str) -> None:
        alt, label = _read(attributes).get("alt", ""), self._labels["image"]
        said = f"{self._labels['colon']} {alt}" if alt else ""
        self._inline.parts.append(f"[{label}{said}]")

    def _break(self, _: str, _attributes: str = "") -> None:
        self._inline.end_line()

    def _strike(self, _: str, _attributes: str = "") -> None:
        self._inline.parts.append("~~")

    def _quotation(self, _: str, _attributes: str = "") -> None:
        self._inline.parts.append('"')

    def _code(self, _: str, _attributes: str = "") -> None:
        if self._line != "pre":
            self._inline.parts.append("`")

    def _start_raised(self, _: str, _attributes: str) -> None:
        self._raised = len(self._inline.parts)

    def _end_raised(self, _: str) -> None:
        parts = self._inline.parts
        parts[self._raised :] = raised(parts[self._raised :])

    # Headings, cells and code: what would begin or end a block within them is a space

    def _start_line(self, name: str, _: str) -> None:
        self._flush(tight=True)
        self._line, self._lines_inside = name, 1

    def _within_line(self, slash: str, name: str, attributes: str) -> None:
        if name == self._line:
            self._lines_inside += -1 if slash else 1
        if not self._lines_inside:
            _ENDS[name](self, name)
            self._line = ""
        elif name not in _INLINE:
            if name in _STARTS:
                self._inline.parts.append(" - " if name == "li" and not slash else " ")
        elif slash:
            _ENDS[name](self, name)
        else:
            _STARTS[name](self, name, attributes)

    def _end_heading(self, name: str) -> None:
        if text := self._inline.take_line():
            lines = wrap(text, self._writer.width)
            line = ("-" if name == "h2" else "~") * max(map(columns, lines))
            self._writer.space()
            self._writer.verbatim([*lines, line[: self._width]])

    def _end_code(self, _: str) -> None:
        code = self._inline.take_verbatim().removesuffix("\n")
        self._writer.verbatim(f"    {line}" for line in code.split("\n"))

    def _start_cell(self, name: str, attributes: str) -> None:
        self._start_line(name, attributes)
        given = _read(attributes)
        self._table.start_cell(
            head=name == "th",
            side=given.get("class", ""),
            across=given.get("colspan", ""),
            down=given.get("rowspan", ""),
        )

    def _end_cell(self, _: str) -> None:
        self._table.end_cell(self._inline.take_line())

    # Blocks

    def _block(self, _: str, _attributes: str = "") -> None:
        self._flush()

    def _tight(self, _: str, _attributes: str = "") -> None:
        self._flush(tight=True)

    def _rule(self, _: str, _attributes: str) -> None:
        self._flush(tight=True)
        if not self._in_notes:
            self._writer.verbatim([_RULE])

    def _start_list(self, name: str, attributes: str) -> None:
        self._flush(tight=True)
        marks: Iterator[str] = repeat("- ")
        if self._in_notes and not self._lists:
            marks = (f"[^{number}] ".ljust(_NOTE_INDENT) for number in count(1))
        elif name == "ol" and "reversed" not in (given := _read(attributes)):
            marks = _numbered(given.get("start", "1"))
        self._lists.append(marks)

    def _end_list(self, _: str) -> None:
        self._flush(tight=True)
        self._lists.pop()
        if not self._lists:
            self._writer.space()

    def _start_item(self, _: str, attributes: str) -> None:
        self._flush(tight=True)
        given = _read(attributes)
        if "value" in given:
            self._lists[-1] = _numbered(given["value"])
        mark = next(self._lists[-1])
        self._writer.open(given.get("title", mark).ljust(len(mark)), " " * len(mark))

    def _end_item(self, _: str) -> None:
        self._flush(tight=True)
        self._writer.close()
        if self._in_notes and len(self._lists) == 1:
            self._writer.close_up()

    def _start_quote(self, _: str, attributes: str) -> None:
        self._flush(tight=True)
        label = _read(attributes).get("title", "").upper()
        self._writer.open(label or "> ", " " * columns(label) or "> ")

    def _end_quote(self, _: str) -> None:
        self._flush()
        self._writer.close()
        self._writer.space()

    def _start_definition(self, _: str, _attributes: str) -> None:
        self._flush(tight=True)
        self._writer.open("    ", "    ")

    def _end_definition(self, _: str) -> None:
        self._flush(tight=True)
        self._writer.close()

    def _end_definitions(self, _: str) -> None:
        self._flush()
        self._writer.space()

    def _start_notes(self, _: str, _attributes: str) -> None:
        self._flush()
        self._in_notes = True

    def _end_notes(self, _: str) -> None:
        self._in_notes = False
        self._writer.space()

    def _start_table(self, _: str, _attributes: str) -> None:
        self._flush(tight=True)
        self._table = Table()

    def _start_head(self, _: str, _attributes: str) -> None:
        self._table.has_head = True

    def _start_row(self, _: str, _attributes: str) -> None:
        self._flush(tight=True)
        self._table.rows.append([])

    def _end_table(self, _: str) -> None:
        self._flush(tight=True)
        self._writer.verbatim(self._table.lines(self._writer.width))


def _read(attributes: str) -> dict[str, str]:
    """The attributes of a tag."""
    found = ATTRIBUTE.findall(attributes) if attributes else ()
    return {name: unescape(value) if "&" in value else value for name, value in found}


def _numbered(first: str) -> Iterator[str]:
    """The marks of a numbered list; HTML takes any number that begins so."""
    number = re.match(r"\s*([+-]?[0-9]{1,9})", first, re.ASCII)
    return (f"{one}. " for one in count(int(number[1]) if number else 1))


_INLINE = frozenset({"a", "br", "code", "del", "img", "q", "s", "sup"})
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_PARAGRAPHS = ("caption", "details", "div", "figure", "p", "summary")

_STARTS: Mapping[str, Callable[[Walk, str, str], None]] = {
    "a": Walk._start_link,
    "blockquote": Walk._start_quote,
    "br": Walk._break,
    "code": Walk._code,
    "dd": Walk._start_definition,
    "del": Walk._strike,
    "dl": Walk._tight,
    "dt": Walk._tight,
    "figcaption": Walk._break,
    "hr": Walk._rule,
    "img": Walk._image,
    "li": Walk._start_item,
    "ol": Walk._start_list,
    "pre": Walk._start_line,
    "q": Walk._quotation,
    "s": Walk._strike,
    "section": Walk._start_notes,
    "sup": Walk._start_raised,
    "table": Walk._start_table,
    "td": Walk._start_cell,
    "th": Walk._start_cell,
    "thead": Walk._start_head,
    "tr": Walk._start_row,
    "ul": Walk._start_list,
    **dict.fromkeys(_HEADINGS, Walk._start_line),
    **dict.fromkeys(_PARAGRAPHS, Walk._block),
}
_ENDS: Mapping[str, Callable[[Walk, str], None]] = {
    "a": Walk._end_link,
    "blockquote": Walk._end_quote,
    "code": Walk._code,
    "dd": Walk._end_definition,
    "del": Walk._strike,
    "dl": Walk._end_definitions,
    "dt": Walk._tight,
    "figcaption": Walk._break,
    "li": Walk._end_item,
    "ol": Walk._end_list,
    "pre": Walk._end_code,
    "q": Walk._quotation,
    "s": Walk._strike,
    "section": Walk._end_notes,
    "sup": Walk._end_raised,
    "table": Walk._end_table,
    "td": Walk._end_cell,
    "th": Walk._end_cell,
    "ul": Walk._end_list,
    **dict.fromkeys(_HEADINGS, Walk._end_heading),
    **dict.fromkeys(_PARAGRAPHS, Walk._block),
}
