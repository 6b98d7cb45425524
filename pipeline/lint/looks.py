"""How each element of a mail looks: colours, type and underlines, in light and in dark."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lxml.html import HtmlElement

from pipeline.lint import colour, css
from pipeline.lint.colour import Colour
from pipeline.lint.css import Scheme
from pipeline.lint.document import Document
from pipeline.lint.selectors import Selector, selector

# What programs that know dark schemes draw on where a mail claims to be made for them and sets
# nothing (Chromium's canvas and link colours).
_DARK_GROUND = Colour(18, 18, 18)
_DARK_LINK = Colour(158, 158, 255)
_LIGHT_LINK = Colour(0, 0, 238)

# The type sizes of HTML's own style sheet (HTML §15.3), in parts of the parent's.
_SCALES = {
    "h1": 2.0,
    "h2": 1.5,
    "h3": 1.17,
    "h5": 0.83,
    "h6": 0.67,
    "small": 0.83,
    "sub": 0.83,
    "sup": 0.83,
}
_BOLD = frozenset(["b", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "th"])
_KEYWORDS = {
    "xx-small": 9.0,
    "x-small": 10.0,
    "small": 13.0,
    "medium": 16.0,
    "large": 18.0,
    "x-large": 24.0,
    "xx-large": 32.0,
}
_LENGTH = re.compile(r"(\d*\.?\d+)(px|pt|em|rem|%)?")
_POINT = 96 / 72
_FONT = re.compile(r"(?P<size>\d*\.?\d+(?:px|pt|em|rem|%))(?:\s*/\s*(?P<line>[\d.]+[a-z%]*))?\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """An element as computed.

    `size` is its type size in CSS pixels; `line` its line height as a multiple of that, or
    `leading` the same in pixels; `ground` the opaque colour behind it, and `filled` says that it
    paints one.
    """

    text: Colour = colour.BLACK
    ground: Colour = colour.WHITE
    size: float = 16.0
    line: float | None = None
    leading: float | None = None
    bold: bool = False
    underlined: bool = False
    filled: bool = False
    hidden: bool = False

    @property
    def spacing(self) -> float | None:
        """The line height as a multiple of the type size; None where nothing sets one."""
        if self.leading is not None and self.size:
            return self.leading / self.size
        return self.line

    @property
    def large(self) -> bool:
        """True for what WCAG 2.2 calls large text: 24 px, or 18.66 px in bold."""
        return self.size >= 24 or (self.bold and self.size >= 18.66)


def looks(document: Document, scheme: Scheme) -> Mapping[HtmlElement, Look]:
    """Every element of the body with its look, in document order."""
    return dict(_Cascade(document, scheme).run())


class _Cascade:
    """One way down the tree; each element is computed from its parent's look."""

    def __init__(self, document: Document, scheme: Scheme) -> None:
        self.document = document
        self.scheme = scheme
        self.inline = dict(document.inline)
        self.rules: dict[str, list[tuple[Selector, int, tuple[css.Declaration, ...]]]] = {}
        present = document.attributes
        for at, rule in enumerate(document.sheet.rules):
            if not css.applies(rule.within, scheme):
                continue
            for one in filter(None, map(selector, rule.selectors)):
                if one.attributes <= present:
                    self.rules.setdefault(one.key, []).append((one, at, rule.declarations))
        dark = scheme == "dark" and _made_for_dark(document)
        self.link = _DARK_LINK if dark else _LIGHT_LINK
        self.start = Look(text=colour.WHITE, ground=_DARK_GROUND) if dark else Look()

    def run(self) -> Iterator[tuple[HtmlElement, Look]]:
        known: dict[HtmlElement, Look] = {}
        body = self.document.body
        above = self.start
        for element in reversed(list(body.iterancestors())):
            above = self.look(element, above)
        for element in body.iter():
            if isinstance(element.tag, str):
                known[element] = self.look(element, known.get(element.getparent(), above))
                yield element, known[element]

    def look(self, element: HtmlElement, above: Look) -> Look:
        tag, given = element.tag, self.declared(element)
        look = replace(
            above,
            size=above.size * _SCALES.get(tag, 1.0),
            bold=above.bold or tag in _BOLD,
            filled=False,
            underlined=above.underlined or tag == "u",
        )
        if tag == "a" and element.get("href") is not None:
            look = replace(look, text=self.link, underlined=True)
        for name, value in given.items():
            look = _with(look, above, name, value)
        return _spaced(look, given)

    def declared(self, element: HtmlElement) -> dict[str, str]:
        """The winning value of each property, the last to be applied last."""
        found: list[tuple[tuple[bool, tuple[int, ...], int], css.Declaration]] = [
            ((False, (0, 0, 0), -1), css.Declaration(name, value))
            for name, value in _by_attribute(element)
        ]
        classes = (element.get("class") or "").lower().split()
        ids = (element.get("id") or "").lower().split()
        keys = ["*", element.tag, *(f".{name}" for name in classes), *(f"#{name}" for name in ids)]
        for key in keys:
            for rule, at, declarations in self.rules.get(key, ()):
                if rule.matches(element):
                    found += [((d.important, rule.weight, at), d) for d in declarations]
        for declaration in self.inline.get(element, ()):
            found.append(((declaration.important, (9, 9, 9), 0), declaration))
        given: dict[str, str] = {}
        for _, one in sorted(found, key=lambda pair: pair[0]):
            given.pop(one.name, None)
            given[one.name] = one.value
        return given


def _made_for_dark(document: Document) -> bool:
    metas = (
        one.get("content") or ""
        for one in document.tree.iter("meta")
        if (one.get("name") or "").lower() in ("color-scheme", "supported-color-schemes")
    )
    return any("dark" in one for one in metas)


def _by_attribute(element: HtmlElement) -> Iterator[tuple[str, str]]:
    """What presentational attributes say (HTML §15.3)."""
    if element.get("bgcolor"):
        yield "background-color", element.get("bgcolor")
    if element.tag == "font" and element.get("color"):
        yield "color", element.get("color")
    if element.tag == "body" and element.get("text"):
        yield "color", element.get("text")
    if element.get("hidden") is not None:
        yield "display", "none"


def _with(look: Look, above: Look, name: str, value: str) -> Look:
    """The look with one declaration applied; one that is not understood changes nothing."""
    if name == "color":
        own = above.text if value == "inherit" else colour.parse(value)
        return look if own is None else replace(look, text=own.over(look.ground))
    if name in ("background-color", "background"):
        own = colour.parse(value) if name == "background-color" else colour.first(value)
        if own is None or not own.alpha:
            return replace(look, ground=above.ground, filled=False)
        return replace(look, ground=own.over(above.ground), filled=True)
    if name == "font-size":
        size = _pixels(value, above.size)
        return look if size is None else replace(look, size=size)
    if name == "font-weight":
        heavy = value in ("bold", "bolder") or (value.isdecimal() and int(value) >= 700)
        return look if value == "inherit" else replace(look, bold=heavy)
    if name == "font" and (found := _FONT.search(f"{value} ")):
        return _with(look, above, "font-size", found["size"])
    if name in ("text-decoration", "text-decoration-line"):
        return replace(look, underlined="underline" in value)
    if name in ("display", "visibility") and value in ("none", "hidden"):
        return replace(look, hidden=True)
    return look


def _pixels(value: str, parent: float) -> float | None:
    """A type size in pixels; None where it is none."""
    if value in _KEYWORDS:
        return _KEYWORDS[value]
    match = _LENGTH.fullmatch(value)
    if not match:
        return None
    number = float(match[1])
    unit = match[2]
    if unit is None:
        return 0.0 if number == 0 else None
    return number * {"px": 1, "pt": _POINT, "em": parent, "rem": 16, "%": parent / 100}[unit]


def _spaced(look: Look, given: Mapping[str, str]) -> Look:
    """The look with its line height, which is a matter of the type size found before."""
    font = _FONT.search(f"{given.get('font', '')} ")
    value = given.get("line-height") or (font and font["line"]) or ""
    match = _LENGTH.fullmatch(value)
    if not match:
        return replace(look, line=None, leading=None) if value == "normal" else look
    if match[2] is None:
        return replace(look, line=float(match[1]), leading=None)
    return replace(look, line=None, leading=_pixels(value, look.size))


def visible(known: Mapping[HtmlElement, Look]) -> Iterator[tuple[str, HtmlElement, Look]]:
    """Each stretch of text that a reader sees, with the element it stands in."""
    for element, look in known.items():
        if look.hidden or element.tag in ("style", "script", "title", "noscript"):
            continue
        pieces = [element.text, *(child.tail for child in element)]
        for piece in pieces:
            text = " ".join((piece or "").split())
            if text:
                yield text, element, look
