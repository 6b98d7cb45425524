"""What HTML a body may hold, and the sanitiser that sees to it (S2)."""

from __future__ import annotations

import re
from functools import cache

import nh3

from pipeline.markdown.targets import SCHEMES

TAGS = frozenset(
    """
    a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em
    figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp
    section small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr
    """.split()  # noqa: SIM905 - sixty names are easier to read as words
)

ATTRIBUTES: dict[str, frozenset[str]] = {
    "*": frozenset({"class", "dir", "id", "lang"}),
    "a": frozenset({"href", "role", "title"}),
    "abbr": frozenset({"title"}),
    "col": frozenset({"span"}),
    "colgroup": frozenset({"span"}),
    "dfn": frozenset({"title"}),
    "img": frozenset({"alt", "height", "src", "title", "width"}),
    "li": frozenset({"value"}),
    "ol": frozenset({"reversed", "start", "type"}),
    "section": frozenset({"role"}),
    "td": frozenset({"colspan", "rowspan"}),
    "th": frozenset({"abbr", "colspan", "rowspan", "scope"}),
    "time": frozenset({"datetime"}),
}
"""Attributes that survive; an author's own `class` does not get here (see `rawhtml`)."""


_READINGS = 5
_ROW = re.compile(r"<tr[ >].*?</tr>", re.DOTALL)
_HEADING = re.compile(r"<th(?![^>]* scope=)(?=[ >])")
_DATA = re.compile(r"<td[^>]*>(?!\s*</td>)")

_BLOCK = (
    "(?:blockquote|caption|d[dlt]|details|div|fig(?:caption|ure)|h[1-6r]|li|[ou]l|p|pre|section"
    r"|summary|t(?:able|body|[dhr]|foot|head))\b"
)
_END_OF_QUOTE = re.compile(rf"(</?{_BLOCK}[^>]*>)((?:[^<]++|<(?!/?{_BLOCK}))*+)</blockquote>")


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=None, strip_comments=True
    )


def sanitise(html: str) -> str:
    """Canonical HTML5: `<tag name="value">`, with `& < > "` escaped in values."""
    return str(_cleaner().clean(html))


def settled(html: str) -> str:
    """Canonical HTML5 that a reader's parser reads as it stands.

    Misplaced raw HTML may need more than one reading: what a table throws out (HTML, §13.2.6.1,
    foster parenting) can land where it may not be either. Words at a quotation's end that stand in
    no paragraph get one, which brings the room below them.
    """
    if "<blockquote" in html:
        html = _END_OF_QUOTE.sub(_with_paragraph, html)
    for _ in range(_READINGS):
        before, html = html, sanitise(html).replace("<p></p>", "")
        if html == before:
            break
    return _ROW.sub(_scoped, html)


def _with_paragraph(end: re.Match[str]) -> str:
    return f"{end[1]}<p>{end[2].strip()}</p></blockquote>" if end[2].strip() else end[0]


def _scoped(row: re.Match[str]) -> str:
    """A row whose headings say what they head (WCAG 2.2, H63): a row with data in it, or columns.

    Most tables on the web leave it out, and a mail's lint asks for it.
    """
    scope = "row" if _DATA.search(row[0]) else "col"
    return _HEADING.sub(f'<th scope="{scope}"', row[0])
