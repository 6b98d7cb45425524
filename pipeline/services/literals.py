"""Text that looks like a service's own tags, made to reach the reader as it was typed (S1).

The characters that begin a tag never stand beside each other: that holds however often a service
fills in its tags, and whether before or after it takes the HTML apart (a character reference would
be the character again once it was read). Each function takes the pattern of what begins a tag.
"""

from __future__ import annotations

import re

JOINER = "\u2060"
"""WORD JOINER: nobody sees it, and no line breaks at it (Unicode 16, §23.2)."""
_MARKUP = re.compile(
    r"(<!--.*?-->|<style\b.*?</style>|<title\b.*?</title>"
    r"|</?[a-z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>)",
    re.DOTALL | re.IGNORECASE,
)
_ADDRESS = re.compile(r"\b(?:href|src)=\"[^\"]*\"")
_UNTAMED = re.compile(r"[^\w\s.,-]")


def in_html(document: str, opening: re.Pattern[str]) -> str:
    """An HTML document whose text, attributes, style sheets and comments begin no tag.

    In text an element parts the characters, so that what a reader copies is what was typed.
    """
    pieces = _MARKUP.split(document)
    pieces[::2] = [_parted(text, opening, "<span>", "</span>") for text in pieces[::2]]
    pieces[1::2] = [_in_markup(markup, opening) for markup in pieces[1::2]]
    return "".join(pieces)


def in_text(text: str, opening: re.Pattern[str]) -> str:
    """Text that begins no tag: a `JOINER` parts the characters."""
    return _parted(text, opening, "", JOINER)


def encoded_addresses(html: str) -> str:
    """HTML with the braces and bars in its addresses percent-encoded (RFC 3986 §2.1)."""

    def encoded(link: re.Match[str]) -> str:
        return link[0].replace("{", "%7B").replace("|", "%7C").replace("}", "%7D")

    return _ADDRESS.sub(encoded, html)


def tame(text: str) -> str:
    """Text without anything that means something within a tag, for a fallback in one."""
    return _UNTAMED.sub("", text)


def _in_markup(markup: str, opening: re.Pattern[str]) -> str:
    if markup.startswith("<!--"):  # Outlook reads HTML in its conditional comments
        return f"<!--{in_html(markup[4:-3], opening)}-->"
    if markup[:6].lower() == "<style":
        return _parted(markup, opening, "", " ")
    return in_text(encoded_addresses(markup), opening)


def _parted(text: str, opening: re.Pattern[str], before: str, after: str) -> str:
    return opening.sub(lambda it: before + it[0][0] + after + it[0][1:], text)
