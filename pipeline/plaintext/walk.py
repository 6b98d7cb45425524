"""One walk over the parser's events makes an article's plain text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pipeline.markdown.events import Manuscript
from pipeline.plaintext.inline import Inline
from pipeline.plaintext.rawhtml import RawHtml, picture
from pipeline.plaintext.tables import table
from pipeline.plaintext.wrap import columns, wrap
from pipeline.plaintext.writer import Writer

_UNDERLINES = {"H1": "=", "H2": "-"}
_NOTE_INDENT = 5
_RULE = "* * *"


class Walk:
    """Writes one article's events as lines."""

    def __init__(
        self, manuscript: Manuscript, inline: Inline, labels: Mapping[str, str], width: int
    ) -> None:
        self._events = manuscript.events()
        self._inline = inline
        self._labels = labels
        self._width = width
        self._writer = Writer(width)
        self._raw = RawHtml(inline, labels, self._new_paragraph)
        self._in_line = False
        self._caption = ""
        self._lists: list[int | None] = []
        self._rows: list[list[str]] = []
        self._aligned: tuple[str, ...] = ()
        self._numbers: dict[str, int] = {}
        self._notes: dict[str, list[str]] = {}
        self._outer: list[tuple[str, Writer]] = []

    def run(self) -> list[str]:
        """The lines of the article."""
        inline, starts, ends = self._inline, _STARTS, _ENDS
        add = inline.parts.append
        for kind, what, detail, _ in self._events:
            if kind == "Text":
                add(what)
            elif kind == "Start":
                if what in starts:
                    starts[what](self, detail)
            elif kind == "End":
                if what in ends:
                    ends[what](self, detail)
            elif kind == "SoftBreak":
                add(" ")
            elif kind == "Code":
                add(f"`{what}`")
            elif kind == "HardBreak":
                add("\n")
            elif kind == "Rule":
                self._flush(tight=True)
                self._writer.verbatim([_RULE])
            elif kind == "InlineHtml":
                self._raw.feed(what)
            elif kind == "FootnoteReference":
                number = self._numbers.setdefault(what.casefold(), len(self._numbers) + 1)
                inline.add(f"[^{number}]")
            elif kind == "TaskListMarker":
                self._writer.mark("☑ " if detail else "☐ ")
        inline.close_links()
        self._flush()
        self._write_notes()
        if links := inline.list_of_links():
            self._writer.text(f"{self._labels['links']}:")
            self._writer.verbatim(links)
        return self._writer.lines

    def _flush(self, *, tight: bool = False) -> None:
        """Write the text gathered so far as a paragraph."""
        text = self._inline.take().strip(" \n")
        self._raw.end_of_paragraph()
        if text:
            self._writer.text(text, tight=tight)

    def _new_paragraph(self) -> None:
        """Raw HTML begins a paragraph; a heading and a table's cell have no room for one."""
        if self._in_line:
            self._inline.add(" ")
        else:
            self._flush()

    def _start_paragraph(self, _: None) -> None:
        self._caption = ""

    def _end_paragraph(self, _: None) -> None:
        if self._caption and len(self._inline.parts) == 1:
            self._inline.add(f"\n{self._caption}")
        self._flush()

    def _start_link(self, detail: dict[str, Any]) -> None:
        email = "mailto:" if detail["link_type"] == "Email" else ""
        self._inline.open_link(email + detail["dest_url"])

    def _image(self, detail: dict[str, Any]) -> None:
        alt = " ".join("".join(self._texts("Image")).split())
        self._caption = " ".join(detail["title"].split())
        self._inline.add(picture(alt, self._labels))

    def _texts(self, block: str) -> Iterator[str]:
        """The texts inside a block or an image, whose events this takes up to its end."""
        inside = 1
        for kind, what, _, _ in self._events:
            if kind == "Start" and what == block:
                inside += 1
            elif kind == "End" and what == block:
                inside -= 1
                if not inside:
                    return
            elif kind in {"Text", "Code", "Html"}:
                yield what
            elif kind in {"SoftBreak", "HardBreak"}:
                yield " "

    def _start_heading(self, _: dict[str, Any]) -> None:
        self._flush(tight=True)
        self._in_line = True

    def _end_heading(self, level: str) -> None:
        self._in_line = False
        text = " ".join(self._inline.take().split())
        if text:
            lines = wrap(text, self._writer.width)
            line = _UNDERLINES.get(level, "~") * max(map(columns, lines))
            self._writer.space()
            self._writer.verbatim([*lines, line[: self._width]])

    def _start_list(self, start: int | None) -> None:
        self._flush(tight=True)
        self._lists.append(start)

    def _end_list(self, _: bool) -> None:
        self._lists.pop()
        if not self._lists:
            self._writer.space()

    def _start_item(self, _: None) -> None:
        number = self._lists[-1]
        mark = "- "
        if number is not None:
            mark = f"{number}. "
            self._lists[-1] = number + 1
        self._writer.open(mark, " " * len(mark))

    def _end_item(self, _: None) -> None:
        self._flush(tight=True)
        self._writer.close()

    def _start_quote(self, kind: str | None) -> None:
        self._flush(tight=True)
        if kind is None:
            self._writer.open("> ", "> ")
        else:
            label = f"{self._labels[kind.lower()].upper()}: "
            self._writer.open(label, " " * columns(label))

    def _end_block(self, _: object) -> None:
        self._flush()
        self._writer.close()
        self._writer.space()

    def _start_definition(self, _: None) -> None:
        self._flush(tight=True)
        self._writer.open("    ", "    ")

    def _end_definition(self, _: None) -> None:
        self._flush(tight=True)
        self._writer.close()

    def _code(self, _: object) -> None:
        self._flush(tight=True)
        code = "".join(self._texts("CodeBlock")).removesuffix("\n").split("\n")
        self._writer.verbatim(f"    {line}" for line in code)

    def _html_block(self, _: None) -> None:
        self._flush(tight=True)
        self._raw.feed("".join(self._texts("HtmlBlock")))
        self._flush()

    def _start_table(self, aligned: tuple[str, ...]) -> None:
        self._flush(tight=True)
        self._in_line = True
        self._aligned = aligned
        self._rows = []

    def _end_table(self, _: object) -> None:
        self._in_line = False
        self._writer.verbatim(table(self._rows, self._aligned, self._writer.width))

    def _start_note(self, label: str) -> None:
        self._flush(tight=True)
        self._outer.append((label.casefold(), self._writer))
        self._writer = Writer(self._width - _NOTE_INDENT)

    def _end_note(self, _: object) -> None:
        self._flush()
        label, outer = self._outer.pop()
        self._notes.setdefault(label, self._writer.lines)
        self._writer = outer

    def _write_notes(self) -> None:
        for label, number in self._numbers.items():
            self._writer.open(f"[^{number}] ".ljust(_NOTE_INDENT), " " * _NOTE_INDENT)
            self._writer.verbatim(self._notes.get(label, []), tight=True)
            self._writer.close()
        self._writer.space()

    def _strike(self, _: object) -> None:
        self._inline.add("~~")

    def _close_link(self, _: object) -> None:
        self._inline.close_link()

    def _start_row(self, _: object) -> None:
        self._rows.append([])

    def _end_cell(self, _: object) -> None:
        self._rows[-1].append(self._inline.take())

    def _end_term(self, _: object) -> None:
        self._flush(tight=True)

    def _end_definitions(self, _: object) -> None:
        self._writer.space()


_STARTS: Mapping[str, Callable[[Walk, Any], None]] = {
    "Paragraph": Walk._start_paragraph,
    "Strikethrough": Walk._strike,
    "Link": Walk._start_link,
    "Image": Walk._image,
    "Heading": Walk._start_heading,
    "List": Walk._start_list,
    "Item": Walk._start_item,
    "BlockQuote": Walk._start_quote,
    "CodeBlock": Walk._code,
    "HtmlBlock": Walk._html_block,
    "DefinitionListDefinition": Walk._start_definition,
    "FootnoteDefinition": Walk._start_note,
    "Table": Walk._start_table,
    "TableHead": Walk._start_row,
    "TableRow": Walk._start_row,
}
_ENDS: Mapping[str, Callable[[Walk, Any], None]] = {
    "Paragraph": Walk._end_paragraph,
    "Strikethrough": Walk._strike,
    "Link": Walk._close_link,
    "Heading": Walk._end_heading,
    "List": Walk._end_list,
    "Item": Walk._end_item,
    "BlockQuote": Walk._end_block,
    "DefinitionListTitle": Walk._end_term,
    "DefinitionListDefinition": Walk._end_definition,
    "DefinitionList": Walk._end_definitions,
    "FootnoteDefinition": Walk._end_note,
    "Table": Walk._end_table,
    "TableCell": Walk._end_cell,
}
