"""A body made fit for mail: absolute URLs, inline styles, and only what mail programs know."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from html import escape

from pipeline.markdown.body import Body
from pipeline.markdown.derive import (
    ATTRIBUTE,
    TAG,
    ImageAttributes,
    absolute,
    with_images,
    without_hidden,
)
from pipeline.markdown.footnotes import BACK

MAIL_TAGS: Mapping[str, str] = {
    "p": "a paragraph",
    "h2": "a heading of the article (its title is the template's h1)",
    "h3": "a heading below h2",
    "h4": "a heading below h3",
    "h5": "a heading below h4",
    "h6": "a heading below h5",
    "a": "a link",
    "strong": "strong emphasis",
    "em": "emphasis",
    "del": "struck text",
    "mark": "marked text (a span: Gmail and Yahoo know no mark)",
    "small": "small print",
    "sup": "raised text, so a footnote's number",
    "sub": "lowered text",
    "kbd": "a key",
    "code": "code within a line",
    "pre": "a code block; it wraps, since phones can't scroll it",
    "pre code": "the code within a code block",
    "ul": "a bulleted list",
    "ol": "a numbered list",
    "li": "a list's item",
    "task": "an item with ☐ or ☑ in place of its bullet",
    "blockquote": "a quotation",
    "alert": "a note, tip or warning (a blockquote)",
    "alert title": "the word that heads an alert (a paragraph)",
    "table": "a table of data",
    "caption": "a table's caption",
    "th": "a table's heading cell",
    "td": "a table's cell",
    "img": "an image",
    "figure": "an image with its caption (a div: Outlook knows no figure)",
    "figcaption": "an image's caption (a div)",
    "hr": "a rule",
    "dl": "a list of definitions",
    "dt": "a term",
    "dd": "its definition",
    "footnotes": "the notes at the article's end (a div)",
    "summary": "the line that heads a fold-out (a div: mail shows it folded out)",
    "details": "a fold-out (a div)",
}
"""What a theme may style: the keys of `for_mail`'s `styles`, each with its meaning."""

_NEEDED = {
    # A long word or line of code must not widen a phone's screen. Gmail knows no overflow-wrap;
    # where word-break is unknown (Yahoo), word-wrap does (caniemail.com).
    "pre": "white-space:pre-wrap;word-wrap:break-word;word-break:break-word",
    "table": "border-collapse:collapse;max-width:100%;word-wrap:break-word;word-break:break-word",
    "img": "max-width:100%",
    "task": "list-style-type:none",
}
"""Declarations that no theme has to know of; its own come after them."""

_WIDEST = 600

# caniemail.com: html-semantics, html-abbr, html-bdi, html-ruby, html-wbr.
_INSTEAD = {
    "abbr": "",
    "bdi": "span",
    "details": "div",
    "figcaption": "div",
    "figure": "div",
    "mark": "span",
    "rp": "",
    "rt": "",
    "ruby": "",
    "section": "div",
    "summary": "div",
    "time": "",
    "wbr": "",
}
_KEPT = frozenset(
    """
    alt abbr colspan dir height href lang reversed rowspan scope span src start title type value
    width
    """.split()  # noqa: SIM905 - names are easier to read as words
)
_ALIGNED = frozenset({"left", "center", "right"})
_BY_CLASS = {
    "footnotes": "footnotes",
    "markdown-alert": "alert",
    "markdown-alert-title": "alert title",
    "task": "task",
}
# In a text from the right the cell around it is set to the right by name, which is inherited.
_SIDES = {'<pre dir="ltr"': "text-align:left", '<pre dir="auto"': "text-align:start"}
_BACK = re.compile(rf'<a href="[^"]*" role="doc-backlink">{BACK}</a>')
_EMPTY = re.compile(r"<p>\s*</p>\n?")
_ALONE = re.compile(r' (href|id)="[^"]*"')
_CLASS_ALONE = re.compile(r' class="[a-z -]*"')
_ANY = re.compile(r"(<[^>]*>)")
_TAGS = re.compile(r"(<pre(?: dir=\"[a-z]+\")?><code[^>]*>|</?[a-z][^>]*>)")


def for_mail(
    body: Body,
    root_url: str,
    styles: Mapping[str, str],
    visible: Collection[str],
    image: ImageAttributes | None = None,
    shift: int = 0,
) -> str:
    """HTML for an email: every tag with its style from `styles` (keys: `MAIL_TAGS`).

    `root_url` is the newsletter's URL, percent-encoded and ending in a slash. Footnote references
    and other `#fragments` lead to the article's page, since Gmail follows no fragment within a
    mail; the ways back from a footnote are left out. `image` gives each image's attributes by those
    that it has, a `style` of its own among them, which comes after the theme's. `shift` moves
    headings down, for a digest in which the article's title is an h2.
    """
    html = without_ways_back(without_hidden(body, visible))
    if image is not None:
        html = with_images(html, image)
    html = absolute(html, root_url, body.path)
    pieces = (_TAGS if "<pre" in html else _ANY).split(html)
    pieces[1::2] = map(_styled(tuple(styles.items()), shift).__getitem__, pieces[1::2])
    return "".join(pieces)


def without_ways_back(html: str) -> str:
    """Neutral HTML whose footnotes don't lead back to where they are referred to."""
    return _EMPTY.sub("", _BACK.sub("", html)) if 'role="doc-backlink"' in html else html


@lru_cache(maxsize=16)
def _styled(styles: tuple[tuple[str, str], ...], shift: int) -> _Styled:
    """One for all bodies of a theme."""
    return _Styled(dict(styles), shift)


class _Styled(dict[str, str]):
    """What a mail has for each tag of a body: the tag with its style.

    Tags without attributes, and those that only have a class, are few: each is worked out once.
    """

    def __init__(self, styles: Mapping[str, str], shift: int) -> None:
        super().__init__()
        self._styles = {
            key: escape(";".join(part for part in (_NEEDED.get(key), styles.get(key)) if part))
            for key in {**_NEEDED, **styles}
        }
        self._shift = shift

    def __missing__(self, tag: str) -> str:
        match = TAG.fullmatch(tag)
        if match is None:
            pre = tag[: tag.index(">")]
            return f"{pre}{self._style('pre', _SIDES.get(pre, ''))}><code{self._style('pre code')}>"
        written = self._write(match[1], match[2], match[3])
        if not match[3] or _CLASS_ALONE.fullmatch(match[3]):
            self[tag] = written
        return written

    def _write(self, slash: str, name: str, attributes: str) -> str:
        name = self._heading(name)
        written = _INSTEAD.get(name, name)
        if not written or slash:
            return written and f"</{written}>"
        if alone := _ALONE.fullmatch(attributes):
            return f"<{written}{attributes if alone[1] == 'href' else ''}{self._style(name)}>"
        found = dict(ATTRIBUTE.findall(attributes))
        key, more = name, found.pop("style", "")
        for one in found.get("class", "").split():
            key = _BY_CLASS.get(one, key)
            if one in _ALIGNED:
                more = f"text-align:{one}"
        if name == "img" and found.get("width", "").isdecimal():
            found = _fitting(found)
        rest = "".join(f' {k}="{v}"' for k, v in found.items() if k in _KEPT)
        return f"<{written}{rest}{self._style(key, more)}>"

    def _heading(self, name: str) -> str:
        if self._shift and len(name) == 2 and name[0] == "h" and name[1].isdecimal():
            return f"h{min(6, int(name[1]) + self._shift)}"
        return name

    def _style(self, key: str, more: str = "") -> str:
        style = self._styles.get(key, "")
        if more:
            style = f"{style};{more}" if style else more
        return f' style="{style}"' if style else ""


def _fitting(image: dict[str, str]) -> dict[str, str]:
    """An image's attributes with a width that a mail has room for."""
    if int(image["width"]) <= _WIDEST:
        return image
    return {key: v for key, v in image.items() if key != "height"} | {"width": str(_WIDEST)}
