"""Text as Go's html/template and text/template must be given it to come out as it was written.

listmonk renders bodies, plain texts and subjects with them (listmonk 6.2, models/campaigns.go). An
action begins with `{{`; html/template drops every comment, Outlook's conditional ones included;
before all that, listmonk itself rewrites `https://…@TrackLink` and `{{ UnsubscribeURL }}`, even
within an action's quotes.
"""

from __future__ import annotations

import re

from pipeline.text import MERGE_END, MERGE_START

_SPECIAL = re.compile(
    rf"(?P<comment><!--.*?-->)|\{{\{{+|\{{(?=<!--|{MERGE_START})|@(?=TrackLink)", re.DOTALL
)
_ADDRESSES = re.compile(r"\b(?:href|src)=\"[^\"]*\"")
_POINT = re.compile(f"({MERGE_START}[^{MERGE_END}]*{MERGE_END})")
_IN_QUOTES = str.maketrans(
    {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t", "{": r"\x7b", "@": r"\x40"}
)


def body(html: str) -> str:
    """An HTML document; merge points stay where they are, also inside comments."""
    return _SPECIAL.sub(_replaced, addresses(html))


def addresses(html: str) -> str:
    """The same document with what is special in links percent-encoded, as Go would do it anyhow."""
    return _ADDRESSES.sub(_encoded, html)


def _encoded(link: re.Match[str]) -> str:
    address = link[0].replace("{", "%7B").replace("}", "%7D")
    return address.replace("@TrackLink", "%40TrackLink")


def plain(text: str) -> str:
    """A stretch of plain text, or of a comment, as one action that yields exactly it.

    Even plain text goes through html/template: `<https://…>` in it would otherwise be a broken tag.
    """
    return f'{{{{ Safe "{text.translate(_IN_QUOTES)}" }}}}' if text else ""


def subject(text: str) -> str:
    """A subject line, which is a text/template."""
    return _SPECIAL.sub(_replaced, text)


def quoted(text: str) -> str:
    """A text as a Go string literal."""
    return f'"{text.translate(_IN_QUOTES)}"'


def _replaced(match: re.Match[str]) -> str:
    if match["comment"] is None:
        return f'{{{{ "{match[0].translate(_IN_QUOTES)}" }}}}'
    pieces = _POINT.split(match[0])
    pieces[::2] = [plain(piece) for piece in pieces[::2]]
    return "".join(pieces)
