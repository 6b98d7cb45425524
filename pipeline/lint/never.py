"""What no mail may hold: elements that are taken out, and CSS that falls apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.lint.css import Declaration
from pipeline.lint.mail import Cause, Finding, Mail, Rule, once, said

RULES = {
    "forbidden-element": Rule(
        doc="There is a script, a form, a video, an SVG, an iframe, or another element that"
        " programs take out.",
        why="What it was to show is missing, and some filters hold the mail back.",
        source="caniemail.com, html-form, html-video, html-svg, html-picture, html-object",
        mend="link to it on the web",
    ),
    "external-css": Rule(
        doc="A style sheet is linked.",
        why="Gmail, Outlook.com and Yahoo do not load it.",
        source="caniemail.com, html-link",
        mend="write the styles into the elements' style attributes",
    ),
    "css-import": Rule(
        doc="A style sheet is fetched with `@import`.",
        why="Gmail, Outlook.com and Yahoo do not load it.",
        source="caniemail.com, css-at-import",
        mend="write the styles into the elements' style attributes",
    ),
    "css-font-face": Rule(
        doc="A web font is fetched with `@font-face`.",
        why="Gmail, Outlook.com and Yahoo do not load it, and other letters take other room.",
        source="caniemail.com, css-at-font-face",
        mend="name system fonts in the theme's [fonts]",
    ),
    "negative-margin": Rule(
        doc="A margin is negative.",
        why="Gmail, Outlook and Yahoo drop it, and what was to overlap does not.",
        source="caniemail.com, css-margin",
        mend="lay out with the padding of table cells",
    ),
    "css-url": Rule(
        doc="CSS names a URL.",
        why="Outlook on Windows shows no such picture, and Gmail has dropped whole styles for one.",
        source="caniemail.com, css-background-image",
        mend="use an img element",
    ),
    "css-position": Rule(
        doc="CSS says `position`.",
        why="Gmail and Outlook drop it, and what was to move stays in the way.",
        source="caniemail.com, css-position",
        mend="lay out with tables",
    ),
    "css-flex-grid": Rule(
        doc="CSS says `flex` or `grid`.",
        why="Outlook on Windows, and Gmail's apps for other accounts, know neither.",
        source="caniemail.com, css-display-flex, css-display-grid",
        mend="lay out with tables",
    ),
    "css-variable": Rule(
        doc="CSS uses a variable, `var(…)`.",
        why="Only Apple Mail knows it; elsewhere the colour or size is missing.",
        source="caniemail.com, css-variables",
        mend="write the value itself",
    ),
}

_FORBIDDEN = [
    "applet",
    "audio",
    "base",
    "button",
    "canvas",
    "dialog",
    "embed",
    "form",
    "frame",
    "frameset",
    "iframe",
    "input",
    "math",
    "object",
    "picture",
    "script",
    "select",
    "svg",
    "textarea",
    "video",
]
_NEGATIVE = re.compile(r"(?<![\w.])-\s*\d*\.?\d")
_URL = re.compile(r"\burl\(", re.IGNORECASE)
_VARIABLE = re.compile(r"\bvar\(", re.IGNORECASE)
_FLEX_GRID = re.compile(r"\b(inline-)?(flex|grid)\b", re.IGNORECASE)


def check(mail: Mail) -> Iterator[Finding]:
    """Every finding, each once."""
    yield from once(_elements(mail))
    yield from once(_at_rules(mail))
    for _, declarations in mail.document.inline:
        yield from _declared(declarations)
    for rule in mail.document.sheet.rules:
        yield from _declared(rule.declarations)


def _elements(mail: Mail) -> Iterator[Finding]:
    for element in mail.document.tree.iter(*_FORBIDDEN):
        yield Finding(
            rule="forbidden-element",
            message=f"there is a <{element.tag}>",
            cause=Cause(kind="link", url=element.get("src") or "", text=said(element)),
        )
    for link in mail.document.tree.iter("link"):
        if "stylesheet" in (link.get("rel") or "").lower():
            yield Finding(rule="external-css", message=f"{link.get('href')!r} is linked")


def _at_rules(mail: Mail) -> Iterator[Finding]:
    for prelude in mail.document.sheet.at_rules:
        name = prelude[1:].split(None, 1)[0].lower()
        if name.startswith("import"):
            yield Finding(rule="css-import", message=f"there is {prelude[:80]!r}")
        elif name == "font-face":
            yield Finding(rule="css-font-face", message="there is an @font-face")


def _declared(declarations: tuple[Declaration, ...]) -> Iterator[Finding]:
    for one in declarations:
        shown = f"`{one.name}: {one.value}`"[:90]
        if one.name.startswith("margin") and _NEGATIVE.search(one.value):
            yield Finding(rule="negative-margin", message=f"there is {shown}")
        if _URL.search(one.value):
            yield Finding(rule="css-url", message=f"there is {shown}")
        if one.name == "position" and one.value != "static":
            yield Finding(rule="css-position", message=f"there is {shown}")
        if (one.name == "display" and _FLEX_GRID.search(one.value)) or one.name.startswith(
            ("flex", "grid")
        ):
            yield Finding(rule="css-flex-grid", message=f"there is {shown}")
        if _VARIABLE.search(one.value) or one.name.startswith("--"):
            yield Finding(rule="css-variable", message=f"there is {shown}")
