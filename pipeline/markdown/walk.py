"""One walk over the parser's events makes an article's HTML and learns everything else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pipeline.markdown import bare
from pipeline.markdown.events import Manuscript
from pipeline.markdown.footnotes import Footnotes
from pipeline.markdown.rawhtml import RawHtml
from pipeline.markdown.sheet import Sheet, attribute, escaped, single
from pipeline.markdown.tables import Tables
from pipeline.markdown.targets import Mistake
from pipeline.text import slugify

_OPEN = {
    "Emphasis": "<em>",
    "Strong": "<strong>",
    "Strikethrough": "<del>",
    "DefinitionList": "<dl>\n",
    "DefinitionListTitle": "<dt>",
    "DefinitionListDefinition": "<dd>",
}
_CLOSE = {
    "Emphasis": "</em>",
    "Strong": "</strong>",
    "Strikethrough": "</del>",
    "Item": "</li>\n",
    "BlockQuote": "</blockquote>\n",
    "DefinitionList": "</dl>\n",
    "DefinitionListTitle": "</dt>\n",
    "DefinitionListDefinition": "</dd>\n",
}
_INLINE = frozenset({"Emphasis", "Strong", "Strikethrough", "Link", "Image"})
_ENDS_TEXT = frozenset({"Item", "DefinitionListTitle", "DefinitionListDefinition"})
_ID = re.compile(r"[^\s\"'<>&#%]{1,200}")
_NO_IMAGE = (-1, "", "")
_LANGUAGE = re.compile(r"[^\s,{:]+")


class Walk:
    """Writes one article's events on a sheet; `summary` is its first paragraph's text."""

    def __init__(self, manuscript: Manuscript, sheet: Sheet) -> None:
        self.sheet = sheet
        self.summary = ""
        self.has_raw_html = False
        self._bare = bare.has_bare(manuscript.text)
        self._events = manuscript.events()
        self._footnotes = Footnotes(sheet)
        self._raw = RawHtml(sheet)
        self._tables = Tables(sheet)
        # Code keeps the order of its signs within a text from the right (UAX #9, §2.7).
        self._code = '<code dir="auto">' if sheet.from_right else "<code>"
        self._depth = 0
        self._begin = 0
        self._begin_text = 0
        self._heading = ("", 0, 0)
        self._item = 0
        self._image = _NO_IMAGE

    def run(self) -> None:
        """Walk the whole article."""
        sheet, raw, starts, ends = self.sheet, self._raw, _STARTS, _ENDS
        say, may_link = sheet.said.append, self._bare
        for kind, what, detail, number in self._events:
            out = sheet.out
            if kind == "Text":
                say(what)
                if may_link and not sheet.open_links and bare.has_bare(what):
                    self._text_with_urls(what, number)
                else:
                    out.append(escaped(what))
            elif kind == "Start":
                self._depth += 1
                if raw.swallowed and what not in _INLINE:
                    raw.end_of_paragraph()
                if what in _OPEN:
                    out.append(_OPEN[what])
                else:
                    starts[what](self, detail, number)
            elif kind == "End":
                if raw.swallowed and what not in _INLINE:
                    raw.end_of_paragraph()
                if raw.open:
                    raw.close(self._depth)
                self._depth -= 1
                if what in _CLOSE:
                    out.append(_CLOSE[what])
                    if what in _ENDS_TEXT:
                        say("\n")
                else:
                    ends[what](self, detail)
            elif kind == "SoftBreak":
                out.append("\n")
                say("\n")
            elif kind == "Code":
                out.append(f"{self._code}{escaped(what)}</code>")
                say(what)
            else:
                self._rare(kind, what, detail, number)
        self._raw.close(0)
        self._footnotes.finish()
        sheet.check_fragments()
        self.summary = self.summary or single("".join(sheet.said))

    def _rare(self, kind: str, what: str, detail: Any, at: int) -> None:
        out, said = self.sheet.out, self.sheet.said
        if kind == "HardBreak":
            out.append("<br>\n")
            said.append("\n")
        elif kind == "Rule":
            out.append("<hr>\n")
        elif kind == "InlineHtml":
            self.has_raw_html = True
            self._raw.feed(what, at, self._depth)
        elif kind == "FootnoteReference":
            self._footnotes.refer(what)
        elif kind == "TaskListMarker":
            out[self._item] = '<li class="task">'
            out.append("☑ " if detail else "☐ ")
        elif kind == "TooDeep":
            message = "blocks or emphasis are nested more than 100 levels deep"
            mistake = Mistake(
                message, "nest them less: deeper ones are plain", "nesting", "warning"
            )
            self.sheet.problem(mistake, (at, 0))

    def _text_with_urls(self, text: str, number: int) -> None:
        sheet, at = self.sheet, 0
        for start, end, url in bare.find(text):
            shown = text[start:end]
            sheet.out.append(escaped(text[at:start]))
            sheet.open_link(url, "", (number, 0))
            sheet.out.append(escaped(shown))
            sheet.said.append(shown)
            sheet.close_link()
            sheet.said.pop()
            at = end
        sheet.out.append(escaped(text[at:]))

    def _start_paragraph(self, _: None, _at: int) -> None:
        self._image = _NO_IMAGE
        self._begin = len(self.sheet.out)
        self._begin_text = len(self.sheet.said)
        self.sheet.out.append("<p>")

    def _end_paragraph(self, _: None) -> None:
        out, said = self.sheet.out, self.sheet.said
        self._raw.end_of_paragraph()
        size = len(out) - self._begin
        at, image, title = self._image
        if size == 1:
            out.pop()
        elif size == 2 and title and at == len(out) - 1:
            out[-2:] = [
                f"<figure><img {image}><figcaption>{escaped(title)}</figcaption></figure>\n"
            ]
        else:
            out.append("</p>\n")
        if not self.summary and self._depth == 0:
            self.summary = single("".join(said[self._begin_text :]))
        said.append("\n")

    def _start_heading(self, detail: dict[str, Any], at: int) -> None:
        level = detail["level"].lower()
        self._heading = (detail["id"] or "", len(self.sheet.out), at)
        self._begin_text = len(self.sheet.said)
        self.sheet.out.append(f"<{level}>")

    def _end_heading(self, detail: str) -> None:
        wish, begin, at = self._heading
        sheet, level = self.sheet, int(detail[1])
        text = single("".join(sheet.said[self._begin_text :]))
        anchor = sheet.unique(wish if _ID.fullmatch(wish) else slugify(text) or "section")
        sheet.out[begin] = f"<h{level}{attribute('id', anchor)}>"
        sheet.out.append(f"</h{level}>\n")
        sheet.said.append("\n")
        sheet.headings.append((anchor, level, text, (at, 0)))

    def _start_link(self, detail: dict[str, Any], at: int) -> None:
        url = detail["dest_url"]
        if detail["link_type"] == "Email":
            url = f"mailto:{url}"
        self.sheet.open_link(url, detail["title"], (at, 0))

    def _start_image(self, detail: dict[str, Any], at: int) -> None:
        alt, title = single(self._alternative()), single(detail["title"])
        sheet = self.sheet
        image = sheet.image(detail["dest_url"], alt, title, (at, 0))
        if image:
            self._image = (len(sheet.out), image, title)
            sheet.out.append(f"<img {image}{attribute('title', title)}>")
        else:
            sheet.out.append(escaped(alt))

    def _alternative(self) -> str:
        """The text inside an image, whose events this takes up to its end."""
        said, open_images = [], 1
        for kind, what, _, _ in self._events:
            if kind == "Start" and what == "Image":
                open_images += 1
            elif kind == "End" and what == "Image":
                open_images -= 1
                if not open_images:
                    break
            elif kind in {"Text", "Code"}:
                said.append(what)
            elif kind in {"SoftBreak", "HardBreak"}:
                said.append(" ")
        self._depth -= 1
        return "".join(said)

    def _end_link(self, _: None) -> None:
        self.sheet.close_link()

    def _start_list(self, start: int | None, _at: int) -> None:
        first = "" if start in {None, 1} else f' start="{start}"'
        self.sheet.out.append("<ul>\n" if start is None else f"<ol{first}>\n")
        self.sheet.said.append("\n")

    def _end_list(self, ordered: bool) -> None:
        self.sheet.out.append("</ol>\n" if ordered else "</ul>\n")

    def _start_item(self, _: None, _at: int) -> None:
        self._item = len(self.sheet.out)
        self.sheet.out.append("<li>")

    def _start_quote(self, kind: str | None, _at: int) -> None:
        if kind is None:
            self.sheet.out.append("<blockquote>\n")
            return
        name = kind.lower()
        label = escaped(self.sheet.labels[name])
        self.sheet.out.append(
            f'<blockquote class="markdown-alert markdown-alert-{name}">\n'
            f'<p class="markdown-alert-title"><strong>{label}</strong></p>\n'
        )

    def _code_block(self, detail: str | dict[str, str], _at: int) -> None:
        info = detail.get("Fenced", "") if isinstance(detail, dict) else ""
        language = _LANGUAGE.match(info.strip())
        name = attribute("class", f"language-{language[0]}" if language else "")
        code = "".join(self._until("CodeBlock"))
        way = attribute("dir", "ltr" if name else "auto") if self.sheet.from_right else ""
        self.sheet.out.append(f"<pre{way}><code{name}>{escaped(code)}</code></pre>\n")

    def _html_block(self, _: None, at: int) -> None:
        self.has_raw_html = True
        html = "".join(self._until("HtmlBlock"))
        self._raw.block(html, at, self._depth)

    def _until(self, end: str) -> list[str]:
        """The texts inside a block that holds nothing else."""
        texts = []
        for kind, what, _, _ in self._events:
            if kind == "End" and what == end:
                break
            texts.append(what)
        self._depth -= 1
        return texts


# Not methods bound to a walk: those would keep it alive until Python looks for cycles.
_STARTS: Mapping[str, Callable[[Walk, Any, int], None]] = {
    "Paragraph": Walk._start_paragraph,
    "Heading": Walk._start_heading,
    "Link": Walk._start_link,
    "Image": Walk._start_image,
    "List": Walk._start_list,
    "Item": Walk._start_item,
    "BlockQuote": Walk._start_quote,
    "CodeBlock": Walk._code_block,
    "HtmlBlock": Walk._html_block,
    "FootnoteDefinition": lambda walk, label, at: walk._footnotes.start(label, at),
    "Table": lambda walk, aligned, at: walk._tables.start(aligned, at),
    "TableHead": lambda walk, _, _at: walk._tables.start_head(),
    "TableRow": lambda walk, _, _at: walk._tables.start_row(),
    "TableCell": lambda walk, _, _at: walk._tables.start_cell(),
}
_ENDS: Mapping[str, Callable[[Walk, Any], None]] = {
    "Paragraph": Walk._end_paragraph,
    "Heading": Walk._end_heading,
    "Link": Walk._end_link,
    "List": Walk._end_list,
    "FootnoteDefinition": lambda walk, _: walk._footnotes.end(),
    "Table": lambda walk, _: walk._tables.end(),
    "TableHead": lambda walk, _: walk._tables.end_head(),
    "TableRow": lambda walk, _: walk._tables.end_row(),
    "TableCell": lambda walk, _: walk._tables.end_cell(),
}
