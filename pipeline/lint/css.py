"""As much CSS as a mail holds: declarations, rules, media queries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Scheme = Literal["light", "dark"]

_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_IMPORTANT = re.compile(r"\s*!\s*important\s*$", re.IGNORECASE)
_MARK = re.compile(r"\"[^\"]*\"|'[^']*'|\([^()]*\)|[{};]")
_QUERY = re.compile(r"\(\s*([\w-]+)\s*(?::\s*([^)]+?)\s*)?\)")
_WIDTH = 600
"""The width in pixels at which width queries are answered: a mail's own."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """`name: value`, both in lower case but for strings and URLs; `important` as written."""

    name: str
    value: str
    important: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Selectors with their declarations, and the at-rules around them (`@media (…)`)."""

    selectors: tuple[str, ...]
    declarations: tuple[Declaration, ...]
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A style element: its rules in order and every at-rule's prelude (`@import url(x)`)."""

    rules: tuple[Rule, ...] = ()
    at_rules: tuple[str, ...] = ()


def declarations(text: str) -> tuple[Declaration, ...]:
    """A style attribute's, or a rule's, declarations; what is none is left out."""
    return tuple(_declarations(_COMMENT.sub(" ", text)))


def _declarations(text: str) -> Iterator[Declaration]:
    for part in split(text, ";"):
        name, colon, value = part.partition(":")
        plain = _IMPORTANT.sub("", value)
        if colon and name.strip():
            yield Declaration(name.strip().lower(), _folded(plain), plain != value)


def _folded(value: str) -> str:
    folded = " ".join(value.split())
    return folded if "(" in folded or '"' in folded or "'" in folded else folded.lower()


def split(text: str, mark: str) -> list[str]:
    """Split at `mark` where it stands outside quotes and parentheses."""
    parts, depth, quote, begin = [], 0, "", 0
    for at, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char == "(":
            depth += 1
        elif char == ")":
            depth = max(0, depth - 1)
        elif char == mark and not depth:
            parts.append(text[begin:at])
            begin = at + 1
    return [*parts, text[begin:]]


def sheet(text: str) -> Sheet:
    """Read a style element; what is broken is left out as a mail program leaves it out."""
    rules: list[Rule] = []
    at_rules: list[str] = []
    _read(_COMMENT.sub(" ", text), (), rules, at_rules)
    return Sheet(tuple(rules), tuple(at_rules))


def _read(text: str, within: tuple[str, ...], rules: list[Rule], at_rules: list[str]) -> None:
    for prelude, block in _blocks(text):
        if prelude.startswith("@"):
            at_rules.append(prelude)
            if block is not None and prelude[1:].lower().startswith(("media", "supports")):
                _read(block, (*within, prelude.lower()), rules, at_rules)
        elif block is not None and prelude:
            selectors = tuple(one.strip() for one in split(prelude, ","))
            rules.append(Rule(selectors, tuple(_declarations(block)), within))


def _blocks(text: str) -> Iterator[tuple[str, str | None]]:
    """Each rule's prelude and the text between its braces; None for one that ends at a `;`."""
    depth, begin, inner = 0, 0, 0
    for match in _MARK.finditer(text):
        at, char = match.start(), match[0]
        if char == "{":
            depth += 1
            if depth == 1:
                inner = at + 1
        elif char == "}" and depth:
            depth -= 1
            if not depth:
                yield text[begin : inner - 1].strip(), text[inner:at]
                begin = at + 1
        elif char == ";" and not depth:
            yield text[begin:at].strip(), None
            begin = at + 1


def applies(within: tuple[str, ...], scheme: Scheme) -> bool:
    """True where rules inside these at-rules count on a screen in this scheme.

    Only `@media` is answered; rules under any other at-rule are left out.
    """
    return all(
        one.startswith("@media")
        and any(_media(query.strip(), scheme) for query in split(one.removeprefix("@media"), ","))
        for one in within
    )


def _media(query: str, scheme: Scheme) -> bool:
    if query.startswith("not "):
        return not _media(query.removeprefix("not "), scheme)
    words = _QUERY.sub(" ", query).split()
    if not set(words) <= {"only", "all", "screen", "and"}:
        return False
    return all(_feature(name, value, scheme) for name, value in _QUERY.findall(query))


def _feature(name: str, value: str, scheme: Scheme) -> bool:
    if name == "prefers-color-scheme":
        return value == scheme
    pixels = re.match(r"(\d+(?:\.\d+)?)(px)?$", value)
    if name in ("min-width", "max-width") and pixels:
        wanted = float(pixels[1])
        return wanted <= _WIDTH if name == "min-width" else wanted >= _WIDTH
    return False
