"""A mail's HTML, looked at in three ways: as written, as programs show it, and as Outlook does."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from lxml import html as lxml_html
from lxml.html import HtmlElement

from pipeline.lint import css

# A conditional comment that only Outlook reads, one that all but Outlook read, and the marks of
# the latter (Microsoft, “About conditional comments”).
_HIDDEN = re.compile(
    r"<!--\[if ([^\]]*)\]>(?!\s*<!--|-->)(.*?)<!\[endif\]-->", re.DOTALL | re.IGNORECASE
)
_SHOWN = re.compile(
    r"<!--\[if ([^\]]*)\]>(?:\s*<!--\s*-*>|-->)(.*?)<!(?:--)?\s*<!\[endif\]-->",
    re.DOTALL | re.IGNORECASE,
)
_BARE = re.compile(r"<!\[(?:if [^\]]*|endif)\]>", re.IGNORECASE)
_TOKEN = re.compile(r"\(|\)|\||&|!|(?:(lte|lt|gte|gt)\s+)?(mso|ie)(?:\s+(\d+))?", re.IGNORECASE)
_COMPARED: Mapping[str, Callable[[int, int], bool]] = {
    "": operator.eq,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
_OUTLOOK = 16
"""The version that Outlook 2016 and later on Windows give as `mso`."""


@dataclass(frozen=True)
class Document:
    """An email's HTML; each view is made once, when first asked for."""

    raw: str

    @cached_property
    def tree(self) -> HtmlElement:
        """The document as every program but Outlook on Windows has it."""
        return _parsed(_BARE.sub("", self.raw))

    @cached_property
    def outlook(self) -> str:
        """The HTML as Outlook on Windows has it: its conditional comments unfolded."""
        shown = _SHOWN.sub(lambda found: found[2] if is_outlook(found[1]) else "", self.raw)
        unfolded = _HIDDEN.sub(lambda found: found[2] if is_outlook(found[1]) else "", shown)
        return _BARE.sub("", unfolded)

    @cached_property
    def outlook_tree(self) -> HtmlElement:
        """The same, parsed."""
        return _parsed(self.outlook)

    @cached_property
    def styles(self) -> tuple[str, ...]:
        """The text of each style element."""
        return tuple(one.text_content() for one in self.tree.iter("style"))

    @cached_property
    def sheet(self) -> css.Sheet:
        """The rules of all style elements together."""
        parts = []
        for style in self.tree.iter("style"):
            text, media = style.text_content(), style.get("media")
            parts.append(f"@media {media}{{{text}}}" if media else text)
        return css.sheet("\n".join(parts))

    @cached_property
    def inline(self) -> tuple[tuple[HtmlElement, tuple[css.Declaration, ...]], ...]:
        """Each element that has a style attribute, with its declarations."""
        known: dict[str, tuple[css.Declaration, ...]] = {}
        found = []
        for element in self.tree.iter():
            style = element.get("style") if isinstance(element.tag, str) else None
            if style:
                if style not in known:
                    known[style] = css.declarations(style)
                found.append((element, known[style]))
        return tuple(found)

    @cached_property
    def attributes(self) -> frozenset[str]:
        """The name of every attribute that stands anywhere."""
        return frozenset(
            name
            for element in self.tree.iter()
            if isinstance(element.tag, str)
            for name in element.attrib
        )

    @cached_property
    def body(self) -> HtmlElement:
        """The body element."""
        found = self.tree.find("body")
        return self.tree if found is None else found


def _parsed(html: str) -> HtmlElement:
    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True)
    # libxml2 refuses a document without a single element; the comment makes one of any text.
    content = f"<html><!-- -->{html}" if "<html" not in html else html
    return lxml_html.document_fromstring(content.encode(errors="replace"), parser=parser)


def is_outlook(condition: str) -> bool:
    """True where a conditional comment's condition (`lte mso 11`, `!mso | IE`) holds in Outlook.

    `|` is looser than `&`, that than `!`; a condition that is broken does not hold.
    """
    words: list[str | bool] = [
        _holds(match[1], match[2].lower(), match[3]) if match[2] else match[0]
        for match in _TOKEN.finditer(condition)
    ]
    value, rest = _either(words)
    return value and not rest


def _holds(comparison: str | None, name: str, version: str | None) -> bool:
    if name != "mso":
        return False
    if version is None:
        return True
    return _COMPARED[(comparison or "").lower()](_OUTLOOK, int(version))


def _either(words: list[str | bool]) -> tuple[bool, list[str | bool]]:
    value, rest = _both(words)
    while rest and rest[0] == "|":
        other, rest = _both(rest[1:])
        value = value or other
    return value, rest


def _both(words: list[str | bool]) -> tuple[bool, list[str | bool]]:
    value, rest = _one(words)
    while rest and rest[0] == "&":
        other, rest = _one(rest[1:])
        value = value and other
    return value, rest


def _one(words: list[str | bool]) -> tuple[bool, list[str | bool]]:
    if not words:
        return False, []
    head, rest = words[0], words[1:]
    if head == "!":
        value, rest = _one(rest)
        return not value, rest
    if head == "(":
        value, rest = _either(rest)
        return value, rest[1:]
    return head is True, rest
