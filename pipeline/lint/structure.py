"""Structure: language, headings, tables, and the view of Outlook on Windows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise

from lxml.html import HtmlElement

from pipeline.lint import css
from pipeline.lint.mail import Cause, Finding, Mail, Rule, named, said

WIDTH = 600
"""The widest mail in CSS pixels; wider ones scroll sideways in a preview pane."""

RULES = {
    "language": Rule(
        doc="The html element, or the element around the mail, has no `lang`, or `und`.",
        why="A screen reader reads it in the wrong voice. Gmail and Yahoo drop html and body, so"
        " that the element inside them needs it too.",
        source="WCAG 2.2 §3.1.1; caniemail.com, html-body",
        mend='write `lang="{{ lang }}"` on mjml, and set `language` in [newsletter]',
    ),
    "direction": Rule(
        doc="The html element, or the element around the mail, has no `dir`, or `auto`.",
        why="Punctuation and lists of a right-to-left language end up on the wrong side.",
        source="HTML §3.2.6.4; caniemail.com, html-dir",
        mend='write `dir="{{ dir }}"` on mjml',
    ),
    "one-h1": Rule(
        doc="There is not exactly one h1.",
        why="Who listens to a mail moves by headings, and the first says what it is.",
        source="WCAG 2.2 §1.3.1",
        mend="give the issue's title, and nothing else, an h1; Markdown's # becomes an h2",
    ),
    "title": Rule(
        doc="The title element is missing or empty.",
        why="Screen readers and browsers name the mail by it.",
        source="WCAG 2.2 §2.4.2",
        mend="write `<mj-title>{{ subject }}</mj-title>`",
    ),
    "table-role": Rule(
        doc="A table that only lays out has no `role=presentation`.",
        why="A screen reader announces every row and column of it.",
        source="WAI-ARIA 1.2, presentation",
        mend='write `role="presentation"` on it; a table of data needs th elements',
    ),
    "th-scope": Rule(
        doc="A heading cell of a table has no `scope`.",
        why="A screen reader can't say which column a cell belongs to.",
        source="WCAG 2.2, technique H63",
        mend='write `scope="col"` or `scope="row"`',
    ),
    "table-columns": Rule(
        doc="A table of data has more than 10 columns.",
        why="A phone of 320 px cuts off the last ones: padding alone fills the screen.",
        source="measured in Chromium, with wide letters in each theme",
        mend="make two tables of it, or turn its rows into columns",
        severity="warning",
    ),
    "heading-skip": Rule(
        severity="warning",
        doc="A heading skips a level.",
        why="Who moves by headings takes it for a missing part.",
        source="WCAG 2.2, technique G141",
        mend="use the next level: ## in an article, then ###",
    ),
    "outlook-tags": Rule(
        doc="With its conditional comments unfolded, the HTML opens and closes tables wrongly.",
        why="Outlook on Windows shows the mail in pieces.",
        source="Microsoft, “About conditional comments”",
        mend="close in each conditional comment's partner what it opens",
    ),
    "outlook-width": Rule(
        doc="With its conditional comments unfolded, something is wider than 600 px.",
        why="Outlook on Windows knows no max-width, so that its reader scrolls sideways.",
        source="caniemail.com, css-max-width",
        mend="give the table a width of at most 600",
    ),
}

COLUMNS = 10
"""The columns of data that the narrowest phone shows."""

_DIRECTIONS = frozenset({"ltr", "rtl"})
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_PIXELS = re.compile(r"(\d+(?:\.\d+)?)(?:px)?")


def check(mail: Mail) -> Iterator[Finding]:
    """Every finding on the structure."""
    yield from _language(mail)
    yield from _title_and_headings(mail)
    yield from _tables(mail)
    yield from _outlook(mail)


def _language(mail: Mail) -> Iterator[Finding]:
    root, around = mail.document.tree, _around(mail)
    places = [("<html>", root), (f"the <{around.tag}> around the mail", around)]
    for where, element in places:
        lang = (element.get("lang") or "").strip().lower()
        if lang in ("", "und", "auto"):
            yield Finding(rule="language", message=f"{where} has {_having('lang', lang)}")
        way = (element.get("dir") or "").strip().lower()
        if way not in _DIRECTIONS:
            yield Finding(rule="direction", message=f"{where} has {_having('dir', way)}")


def _having(name: str, value: str) -> str:
    return f'{name}="{value}"' if value else f"no {name}"


def _around(mail: Mail) -> HtmlElement:
    """The element right inside body that holds most of the mail's text; body where none does."""
    inside = [one for one in mail.document.body if isinstance(one.tag, str)]
    return max(inside, key=lambda one: len(one.text_content()), default=mail.document.body)


def _title_and_headings(mail: Mail) -> Iterator[Finding]:
    title = mail.document.tree.find(".//title")
    if title is None or not (title.text or "").strip():
        what = "missing" if title is None else "empty"
        yield Finding(rule="title", message=f"the title element is {what}")
    headings = [(int(one.tag[1]), said(one)) for one in mail.elements(*_HEADINGS)]
    count = sum(level == 1 for level, _ in headings)
    if count != 1:
        yield Finding(rule="one-h1", message=f"there are {count} h1 elements" if count else "no h1")
    for (before, _), (level, content) in pairwise(headings):
        if level > before + 1:
            yield Finding(
                rule="heading-skip",
                message=f"the heading {named(content)} is an h{level} after an h{before}",
                cause=Cause(kind="heading", text=content),
            )


def _tables(mail: Mail) -> Iterator[Finding]:
    bare = sum(_is_layout_without_role(one) for one in mail.document.tree.iter("table"))
    hidden = sum(_is_layout_without_role(one) for one in mail.document.outlook_tree.iter("table"))
    if count := max(bare, hidden):
        where = "" if bare else " in the view of Outlook"
        plural = "tables have" if count > 1 else "table has"
        yield Finding(rule="table-role", message=f"{count} {plural} no role=presentation{where}")
    cells = [one for one in mail.document.tree.iter("th") if not one.get("scope")]
    if cells:
        yield Finding(rule="th-scope", message=f"the cell {named(said(cells[0]))} has no scope")
    for heads in map(_heads, mail.elements("table")):
        if len(heads) > COLUMNS:
            yield Finding(
                rule="table-columns",
                message=f"the table that begins with {named(heads[0])} has {len(heads)} columns",
                cause=Cause(kind="table", text=heads[0]),
            )


def _heads(table: HtmlElement) -> list[str]:
    """What the heading cells at the top of a table of data say."""
    rows = (row for row in table.iter("tr") if next(row.iterancestors("table")) is table)
    return [said(cell) for cell in next(rows, ()) if cell.tag == "th"]


def _is_layout_without_role(table: HtmlElement) -> bool:
    if (table.get("role") or "").lower() in ("presentation", "none"):
        return False
    cells = table.iter("th", "caption")
    return not any(next(one.iterancestors("table")) is table for one in cells)


def _outlook(mail: Mail) -> Iterator[Finding]:
    if wrong := _Balance.of(mail.document.outlook):
        yield Finding(rule="outlook-tags", message=wrong)
    wide = [
        (width, element.tag)
        for element in mail.document.outlook_tree.iter("table", "td", "th", "img", "div")
        if (width := _width(element)) > WIDTH
    ]
    if wide:
        width, tag = max(wide)
        yield Finding(rule="outlook-width", message=f"a <{tag}> is {width:g} px wide")


def _width(element: HtmlElement) -> float:
    """The width an element asks for in pixels, 0 where it asks for none."""
    styled = {one.name: one.value for one in css.declarations(element.get("style") or "")}
    asked = [element.get("width") or "", styled.get("width", ""), styled.get("min-width", "")]
    matches = [_PIXELS.fullmatch(one.strip()) for one in asked]
    return max((float(one[1]) for one in matches if one), default=0.0)


class _Balance(HTMLParser):
    """Finds the first tag of a table's that closes what is not open, or stays open."""

    _WATCHED = frozenset(["table", "tbody", "thead", "tfoot", "tr", "td", "th", "div", "a"])

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong = ""

    @classmethod
    def of(cls, html: str) -> str:
        """What is wrong; empty where all is well."""
        finder = cls()
        finder.feed(html)
        finder.close()
        if not finder.wrong and finder.open:
            return f"<{finder.open[-1]}> is never closed"
        return finder.wrong

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in self._WATCHED:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        """`<td/>` is a start tag in HTML."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._WATCHED or self.wrong:
            return
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            inner = f"<{self.open[-1]}>" if self.open else "nothing"
            line, _ = self.getpos()
            self.wrong = f"</{tag}> where {inner} is open (line {line} of that view)"
