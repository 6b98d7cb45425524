"""HTML whose elements are nested no deeper than a parser takes in good time.

A browser's algorithm needs the square of the depth and more; nobody writes so deep.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

DEEPEST = 200
"""Open elements at most: the tags of deeper ones go, their words stay."""

_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]{0,40})[^>]*>")
# fmt: off
_NO_DEPTH = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr", "p", "li", "dd", "dt", "option", "optgroup", "rb", "rt", "rp", "tr", "td", "th",
    "tbody", "thead", "tfoot", "colgroup", "caption", "html", "head", "body",
})
# fmt: on
"""Elements that hold nothing or end by themselves (HTML, §13.1.2.4)."""
_RAW = frozenset({"script", "style", "textarea", "title", "xmp", "noframes"})


def shallow(html: str) -> str:
    """The HTML with the tags of elements beyond `DEEPEST` left out."""
    if html.count("<") <= DEEPEST:
        return html
    return "".join(_kept(html))


def _kept(html: str) -> Iterator[str]:
    at, depth = 0, 0
    dropped: Counter[str] = Counter()
    unclosed: set[str] = set()
    while found := _TAG.search(html, at):
        name = found["name"].lower()
        yield html[at : found.start()]
        at = found.end()
        if name in _RAW and not found["end"] and name not in unclosed:
            close = re.compile(f"</{name}", re.IGNORECASE).search(html, at)
            end = close.start() if close else at
            if close is None:
                unclosed.add(name)
            yield html[found.start() : end]
            at = end
            continue
        if name in _NO_DEPTH or name in _RAW or found[0].endswith("/>"):
            yield found[0]
        elif found["end"]:
            if dropped[name]:
                dropped[name] -= 1
            else:
                depth = max(0, depth - 1)
                yield found[0]
        elif depth >= DEEPEST:
            dropped[name] += 1
        else:
            depth += 1
            yield found[0]
    yield html[at:]
