"""What frames show: documents made from articles, fitted to be looked at on this machine.

Each function takes and gives a whole HTML document, and changes nothing but what it names.
"""

from __future__ import annotations

import re
from html import escape
from typing import Literal

Scheme = Literal["light", "dark"]

_STYLE = re.compile(r"(<style\b[^>]*>)(.*?)(</style)", re.DOTALL | re.IGNORECASE)
_MEDIA = re.compile(r"<(?:style|source|link)\b[^>]*\bmedia=[^>]*>", re.IGNORECASE)
_PREFERS = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)", re.IGNORECASE)
_BLOCK = re.compile(r"<(?:p|h[1-6]|li|td|th|div|blockquote|pre)\b[^>]*>", re.IGNORECASE)
_LINK = re.compile(r'<a(?=\s[^>]*href="https?:)(?![^>]*\starget=)', re.IGNORECASE)
_SOURCE = r'(\s(?:src|background|poster)=")'
_ALWAYS, _NEVER = "(min-width:0)", "(max-width:0)"


def in_scheme(html: str, scheme: Scheme) -> str:
    """The document as a reader with this colour scheme sees it, whatever this machine prefers.

    `prefers-color-scheme` in its styles becomes a condition that always or never holds (Media
    Queries 5 §12.5 defines the feature), and `color-scheme` is set for what it leaves to the
    program. Text that only speaks of these stays as it is.
    """

    def settle(match: re.Match[str]) -> str:
        return _ALWAYS if match[1].lower() == scheme else _NEVER

    html = _MEDIA.sub(lambda tag: _PREFERS.sub(settle, tag[0]), html)
    html = _STYLE.sub(lambda style: style[1] + _PREFERS.sub(settle, style[2]) + style[3], html)
    return _in_head(html, f"<style>:root{{color-scheme:{scheme}!important}}</style>")


def with_pictures_from(html: str, public: str, here: str) -> str:
    """The document with its pictures taken from `here` in place of their `public` address."""
    return re.sub(_SOURCE + re.escape(escape(public)), lambda match: match[1] + here, html)


def links_in_new_tabs(html: str) -> str:
    """The document with its links to the web opening outside the frame."""
    return _LINK.sub('<a target="_blank"', html)


def with_anchor(html: str, at: int | None) -> str:
    """The document with an anchor `changed` in the paragraph, heading or cell before `at`."""
    blocks = [match.end() for match in _BLOCK.finditer(html, 0, at or 0)]
    if not blocks:
        return html
    anchor = '<span id="changed" style="position:absolute;scroll-margin-top:6rem"></span>'
    return html[: blocks[-1]] + anchor + html[blocks[-1] :]


def with_mark(html: str, words: str) -> str:
    """A page with a line on top that says what readers do not see yet."""
    mark = f'<p role="note" style="{_MARK}">{escape(words)}</p>'
    return re.sub(r"<body\b[^>]*>", lambda match: match[0] + mark, html, count=1)


_MARK = (
    "margin:0;padding:.7rem 1.2rem;background:#7a4300;color:#fff;"
    "font:600 .9rem/1.4 system-ui,sans-serif;text-align:center"
)


def entry_document(title: str, language: str, html: str, style: str) -> str:
    """A feed's entry as a reader sets it: its own style alone, nothing of the newsletter's."""
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body>{html}</body></html>"
    )


def _in_head(html: str, element: str) -> str:
    at = html.lower().find("</head")
    return html[:at] + element + html[at:] if at >= 0 else element + html
