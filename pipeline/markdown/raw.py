"""Raw HTML in an article, cut into tokens.

Only well-formed tags come out as tags; their renderer writes them anew, so what reaches the
sanitiser is its own writing and the URLs in it are resolved. Every pattern is linear on any text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape as _unescape

from pipeline.text import clean

MEDIA = frozenset({"audio", "embed", "iframe", "object", "video"})
"""Elements that mail and feed readers can't show; a link stands for them."""

SWALLOWED = frozenset(
    {"math", "noembed", "noframes", "script", "select", "style", "svg", "template", "textarea"}
    | {"title", "xmp"}
    | MEDIA - {"embed"}
)
"""Elements whose content is dropped with them: code, or what a reader would never see."""

_TOKEN = re.compile(
    r"<!--(?:-?>|.*?(?:-->|\Z))"
    r"|<\?.*?(?:\?>|\Z)"
    r"|<!\[CDATA\[.*?(?:\]\]>|\Z)"
    r"|<![a-zA-Z][^>]*(?:>|\Z)"
    r"|<(?P<close>/?)(?P<name>[a-zA-Z][^\s/<>\"'=]*+)"
    r"(?P<attributes>(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]+)(?:\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+)))?")
# int() refuses more than 4,300 digits; no character has a number this long.
_ENDLESS = re.compile(r"&#[0-9a-zA-Z]{9,};?")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of raw HTML: `kind` is "text", "open" or "close"; `value` its text or tag name."""

    kind: str
    value: str
    offset: int
    attributes: Mapping[str, str] = field(default_factory=dict)


def unescape(html: str) -> str:
    """Text with its entities decoded, clean."""
    return clean(_unescape(_ENDLESS.sub("\ufffd", html)))


def tokens(html: str) -> Iterator[Token]:
    """The tags and texts of a piece of HTML; offsets count characters."""
    at = 0
    while match := _TOKEN.search(html, at):
        if match.start() > at:
            yield Token("text", unescape(html[at : match.start()]), at)
        at = match.end()
        if not match["name"]:
            continue
        name = match["name"].lower()
        if match["close"]:
            yield Token("close", name, match.start())
            continue
        attributes = _attributes(match["attributes"])
        if name in SWALLOWED:
            inner, at = _content(html, name, at)
            if name in MEDIA and not _address(attributes):
                attributes["src"] = _source(inner)
        yield Token("open", name, match.start(), attributes)
    if at < len(html):
        yield Token("text", unescape(html[at:]), at)


def media_link(token: Token) -> tuple[str, str]:
    """The address and the text of the link that stands for a media element."""
    address = _address(token.attributes)
    return address, token.attributes.get("title", "").strip() or address


def _address(attributes: Mapping[str, str]) -> str:
    return attributes.get("src") or attributes.get("data") or ""


def _attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(text):
        # HTML: of two attributes with one name the first counts.
        found.setdefault(name.lower(), unescape(double or single or bare))
    return found


def _content(html: str, name: str, start: int) -> tuple[str, int]:
    """What an element holds up to its end tag, or to the end of the text, and where to go on."""
    end = re.compile(rf"</{name}(?=[\s/>])[^<>]*>", re.IGNORECASE).search(html, start)
    if end is None:
        return html[start:], len(html)
    # The end tag comes as a token of its own, so that whoever waits for it sees it.
    return html[start : end.start()], end.start()


def _source(html: str) -> str:
    for match in _TOKEN.finditer(html):
        if (match["name"] or "").lower() == "source":
            return _attributes(match["attributes"]).get("src", "")
    return ""
