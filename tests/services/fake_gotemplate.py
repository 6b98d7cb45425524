"""Go's html/template and text/template as far as listmonk's messages meet them.

An action's value is escaped as HTML text unless `Safe`; comments of the document are dropped, those
of style sheets too; a broken tag in the document fails every message. listmonk's own rewriting runs
over the whole source first, quoted strings included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

_ACTION = re.compile(r'\{\{((?:[^"}]|"(?:[^"\\]|\\.)*"|\}(?!\}))*)\}\}')
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([()])|([^\s"()]+)')
_REWRITES = (
    (re.compile(r'\{\{\s*TrackLink\s+"([^"]+)"\s*\}\}'), r'{{ TrackLink "\1" . }}'),
    (
        re.compile(r"(https?://[\w\-.~!#$&'()*+,/:;=?@\[\]%]*)@TrackLink"),
        r'{{ TrackLink "\1" . }}',
    ),
    (
        re.compile(r"\{\{(\s+)?(TrackView|UnsubscribeURL|ManageURL|OptinURL|MessageURL)(\s+)?\}\}"),
        r"{{ \2 . }}",
    ),
)
_FUNCTIONS = {"UnsubscribeURL", "ManageURL", "MessageURL", "TrackLink", "TrackView", "Safe", "or"}


class BadTemplateError(Exception):
    """A template that does not compile, or can't be rendered."""


@dataclass(frozen=True)
class Safe:
    """A value that is HTML already."""

    text: str


def has_actions(source: str) -> bool:
    return "}}" in source.partition("{{")[2]


def render(source: str, facts: dict[str, str], *, html: bool) -> str:
    """The template with its actions' values; `html` escapes them and drops comments."""
    for pattern, by in _REWRITES:
        source = pattern.sub(by, source)
    pieces: list[str] = []
    literals: list[bool] = []
    at = 0
    for match in _ACTION.finditer(source):
        pieces += [_literal(source[at : match.start()]), _value(match[1], facts, html=html)]
        literals += [True, False]
        at = match.end()
    pieces.append(_literal(source[at:]))
    literals.append(True)
    if html:
        pieces = [_document(p) if own else p for p, own in zip(pieces, literals, strict=True)]
    return "".join(pieces)


def _literal(piece: str) -> str:
    if "{{" in piece:
        raise BadTemplateError("bad character in an action")
    return piece


def _document(piece: str) -> str:
    if re.search(r"<[a-zA-Z][\w-]*:[^>]*//", piece):
        raise BadTemplateError("in tag: an attribute name is expected")
    piece = re.sub(
        r"(<style[^>]*>)(.*?)(</style>)",
        lambda style: style[1] + re.sub(r"/\*.*?\*/", " ", style[2], flags=re.DOTALL) + style[3],
        piece,
        flags=re.DOTALL,
    )
    return re.sub(r"<!--.*?-->", "", piece, flags=re.DOTALL)


def _value(action: str, facts: dict[str, str], *, html: bool) -> str:
    tokens = [
        ("text", _unquoted(quoted)) if quoted or not (bracket or word) else ("word", bracket + word)
        for quoted, bracket, word in _TOKEN.findall(action)
    ]
    value = _call(tokens, facts)
    if isinstance(value, Safe):
        return value.text
    return escape(value) if html else value


def _call(tokens: list[tuple[str, str]], facts: dict[str, str]) -> str | Safe:
    if not tokens:
        raise BadTemplateError("missing value for command")
    kind, name = tokens[0]
    if kind == "text" or name.startswith("."):
        [value] = _arguments(tokens, facts)
        return value
    if name not in _FUNCTIONS:
        raise BadTemplateError(f'function "{name}" not defined')
    arguments = _arguments(tokens[1:], facts)
    if name == "Safe":
        return Safe(arguments[0])
    if name == "or":
        return next((one for one in arguments if one), arguments[-1])
    return facts[name]


def _arguments(tokens: list[tuple[str, str]], facts: dict[str, str]) -> list[str]:
    values: list[str] = []
    at = 0
    while at < len(tokens):
        kind, word = tokens[at]
        if (kind, word) == ("word", "("):
            end = tokens.index(("word", ")"), at)
            values.append(str(_call(tokens[at + 1 : end], facts)))
            at = end
        elif kind == "text":
            values.append(word)
        elif word == ".":
            values.append("")
        elif word in facts:
            values.append(facts[word])
        else:
            raise BadTemplateError(f"can't evaluate field {word}")
        at += 1
    return values


def _unquoted(quoted: str) -> str:
    """A Go string literal's value."""
    plain = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}

    def one(match: re.Match[str]) -> str:
        if match[1]:
            return chr(int(match[1], 16))
        if match[2] not in plain:
            raise BadTemplateError(f"unknown escape sequence \\{match[2]}")
        return plain[match[2]]

    return re.sub(r"\\(?:x([0-9a-f]{2})|(.))", one, quoted)
