"""MJML to HTML: mjml-python (the Rust mrml) behind a check that names what mrml passes in silence.

mrml renders only the trusted skeleton of an email; article bodies go in afterwards. Three of its
habits are cured here, for whatever a template or a value holds:

* it prints attributes with Rust's debug escapes (`\\n`, `\\u{fe0f}`), so a line break, a backslash
  and every character beyond ASCII is handed over as a numeric reference and turned back after;
* it drops a line break between two inline elements, which joins two words, and refuses a space
  between two elements of the head: white space is handed over as single spaces, or not at all;
* it accepts unknown elements, attributes and nesting and leaves them out: `check` refuses them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from xml.parsers import expat

import mjml

MAX_DEPTH: Final = 200
MAX_ELEMENTS: Final = 20_000
MAX_WIDTH: Final = 600
"""The widest picture a mail program shows without scrolling, in CSS pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong in an MJML source; `at` is the character offset where it stands."""

    at: int
    message: str
    remedy: str


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


_BOX = _set("padding padding-top padding-right padding-bottom padding-left")
_BORDER = _set("border border-top border-right border-bottom border-left border-radius")
_FONT = _set(
    "font-family font-size font-style font-weight letter-spacing line-height"
    " text-decoration text-transform color"
)
_EVERY = _set("css-class mj-class")
_CELL = _BOX | _set("align container-background-color")
_SECTION = _BORDER | _set("background-color direction full-width text-align")

_CHILDREN: Final = {
    "": _set("mjml"),
    "mjml": _set("mj-head mj-body"),
    "mj-head": _set("mj-title mj-attributes mj-style mj-breakpoint mj-raw"),
    "mj-body": _set("mj-section mj-wrapper mj-raw"),
    "mj-wrapper": _set("mj-section mj-raw"),
    "mj-section": _set("mj-column mj-group mj-raw"),
    "mj-group": _set("mj-column mj-raw"),
    "mj-column": _set("mj-text mj-button mj-image mj-divider mj-spacer mj-raw"),
}
_HOLDS_HTML = _set("mj-text mj-button mj-raw")

_ATTRIBUTES: Final = {
    "mjml": _set("lang dir"),
    "mj-head": _set(""),
    "mj-title": _set(""),
    "mj-attributes": _set(""),
    "mj-style": _set(""),
    "mj-raw": _set(""),
    "mj-breakpoint": _set("width"),
    "mj-all": _CELL | _FONT,
    "mj-class": _CELL | _FONT | _BORDER | _set("name background-color"),
    "mj-body": _set("width background-color"),
    # mrml does not take a wrapper's padding off the widths inside it, so it has none here.
    "mj-wrapper": _SECTION,
    "mj-section": _SECTION | _BOX,
    "mj-group": _set("background-color direction vertical-align width"),
    "mj-column": _BORDER | _BOX | _set("background-color direction vertical-align width"),
    "mj-text": _CELL | _FONT | _set("height"),
    "mj-button": _CELL
    | _FONT
    | _BORDER
    | _set(
        "background-color height href inner-padding rel target text-align title vertical-align"
        " width"
    ),
    "mj-image": _CELL | _BORDER | _set("alt font-size height href rel src target title width"),
    "mj-divider": _CELL | _set("border-color border-style border-width width"),
    "mj-spacer": _BOX | _set("container-background-color height"),
}
_REFUSED: Final = {
    "mj-preview": "SpamAssassin counts it as hidden text: write a hidden div in an mj-raw",
    "mj-include": "use Jinja's {% include %}",
    "mj-table": 'write <table role="presentation"> in an mj-text',
    "mj-social": "its pictures have no alt text: write links in an mj-text",
    "mj-font": "mail programs drop web fonts: name system fonts in the theme",
    "mj-html-attributes": "mrml cannot read it: write the attribute where it belongs",
}
_COPIED: Final = _set("alt href src title")
"""Attributes that mrml writes as they stand, whatever they say."""
_SHORT_HEX = re.compile(r"#[0-9a-fA-F]{3}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")

_BREAK = re.compile(r"[\t\r\n][ \t\r\n]*")
# Turned back: the apostrophe (every attribute stands in double quotes), the backslash, and all
# beyond U+009F. A quote, a line break and a C1 control stay references.
_BETWEEN_TAGS = re.compile(r">\s+<")
_BEYOND_ASCII = re.compile(r"[^\0-\[\]-~]")
_REFERENCE = re.compile(r"&#(39|92|1[6-9][0-9]|[2-9][0-9]{2}|[1-9][0-9]{3,6});")


def to_html(source: str) -> str:
    """Render a source that `check` found nothing in; ValueError where mrml refuses it all the same.

    Pure; about 0.3 ms for an issue. No web font is added.
    """
    head, tag, body = _on_one_line(source).partition("<mj-body")
    plain = _BEYOND_ASCII.sub(_as_reference, _BETWEEN_TAGS.sub("><", head) + tag + body)
    html: str = mjml.mjml2html(plain, fonts={})
    return _REFERENCE.sub(lambda found: chr(int(found[1])), html)


def _on_one_line(source: str) -> str:
    """The source with a space for all white space around a line's end or a tab."""
    # A pattern that takes the spaces before a break tries at every space: four times as long.
    *lines, last = _BREAK.split(source)
    return " ".join([*(line.rstrip(" ") for line in lines), last])


def _as_reference(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"


def check(source: str, blank: str = "") -> tuple[Finding, ...]:
    """What is wrong with an MJML source, in order: it must be XML and say only what mrml renders.

    Stricter than MJML on purpose: HTML in it is XML too (`<br/>`, `&#160;`), which is what makes
    every finding's place exact. A `blank` is a mark for what is put into the HTML later; it may
    stand only where mrml copies a value as it is.
    """
    checker = _Checker(source, blank)
    return tuple(checker.run())


class _Checker:
    """One expat pass; expat's handlers want an object that keeps the open elements."""

    def __init__(self, source: str, blank: str) -> None:
        self.blank = blank
        self.bytes = source.encode()
        self.findings: list[Finding] = []
        self.open: list[str] = []
        self.elements = 0
        self.parser = expat.ParserCreate("utf-8")
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.StartCdataSectionHandler = self.cdata
        self.parser.CommentHandler = self.comment

    def run(self) -> list[Finding]:
        try:
            self.parser.Parse(self.bytes, True)
        except expat.ExpatError as error:
            self.report(*_explained(error))
        except _TooLargeError:
            self.report(
                "the template nests without end, or is far too long",
                f"keep below {MAX_DEPTH} levels and {MAX_ELEMENTS} elements",
            )
        return self.findings

    def report(self, message: str, remedy: str) -> None:
        at = len(self.bytes[: max(self.parser.CurrentByteIndex, 0)].decode(errors="ignore"))
        self.findings.append(Finding(at=at, message=message, remedy=remedy))

    def doctype(self, *_: object) -> None:
        self.report("a DOCTYPE has no place in MJML", "remove it; mrml writes its own")

    def cdata(self) -> None:
        self.report("mrml cannot read CDATA", "write &lt; and &amp; instead")

    def comment(self, _text: str) -> None:
        if "mj-attributes" in self.open:
            self.report("mrml cannot read a comment here", "use a Jinja comment, {# … #}")

    def start(self, name: str, given: dict[str, str]) -> None:
        self.elements += 1
        if len(self.open) >= MAX_DEPTH or self.elements > MAX_ELEMENTS:
            raise _TooLargeError
        parent = self.open[-1] if self.open else ""
        self.open.append(name)
        in_html = not _HOLDS_HTML.isdisjoint(self.open[:-1])
        if name in _REFUSED:
            self.report(f"<{name}> does not work in mail", _REFUSED[name])
        elif in_html or parent == "mj-attributes":
            if in_html and name.startswith("mj"):
                self.report(f"<{name}> stands inside HTML", "close the element around it first")
        elif name not in _CHILDREN.get(parent, ()):
            where = f"inside <{parent}>" if parent else "outermost"
            allowed = ", ".join(sorted(_CHILDREN.get(parent, ()))) or "no element"
            self.report(f"<{name}> {where} is left out of the mail", f"allowed here: {allowed}")
        if name in _ATTRIBUTES:
            self.attributes(name, given, default=parent == "mj-attributes")

    def end(self, _name: str) -> None:
        self.open.pop()

    def attributes(self, name: str, given: dict[str, str], *, default: bool) -> None:
        known = _ATTRIBUTES[name] | _EVERY
        for key, value in given.items():
            if key not in known:
                self.report(
                    f"<{name}> has no attribute {key}", f"known: {', '.join(sorted(known))}"
                )
            elif self.blank and self.blank in value and key not in _COPIED:
                self.report(f"{key}={value!r} is read by mrml", "write its value here")
            elif _SHORT_HEX.fullmatch(value) and key not in _COPIED:
                self.report(f"{key}={value!r} is not read by every mail program", "write #rrggbb")
        if name == "mjml":
            if not _LANGUAGE.fullmatch(given.get("lang", "")) or given["lang"].lower() == "und":
                self.report("<mjml> has no lang", 'write lang="{{ lang }}"')
            if given.get("dir") not in ("ltr", "rtl"):
                self.report("<mjml> has no dir", 'write dir="{{ dir }}"')
        if name == "mj-image" and not default:
            if "alt" not in given:
                self.report("<mj-image> has no alt", 'describe it, or write alt=""')
            width = given.get("width", "").removesuffix("px")
            if not width.isascii() or not width.isdigit() or not 0 < int(width) <= MAX_WIDTH:
                self.report("<mj-image> has no usable width", f"write pixels up to {MAX_WIDTH}px")


class _TooLargeError(Exception):
    """Stops expat: the source is deeper or longer than mrml survives."""


def _explained(error: expat.ExpatError) -> tuple[str, str]:
    """Expat's words with the remedy for the usual slips of HTML that is not XML."""
    message = expat.ErrorString(error.code)
    remedy = {
        "undefined entity": "write a numeric reference such as &#160;",
        "mismatched tag": "close every tag in order, and write <br/>, <img …/>, <hr/>",
        "not well-formed (invalid token)": "quote attribute values, and write &lt; and &amp;",
    }
    return f"this is not XML: {message}", remedy.get(message, "mend the tag there")
