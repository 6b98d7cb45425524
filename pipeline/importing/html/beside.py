"""What stands beside a text in HTML, which decides how Markdown would read it."""

from __future__ import annotations

from typing import Any

from bs4 import Tag
from bs4.element import NavigableString, PageElement

from pipeline.importing.html.footnotes import REFERENCE

# fmt: off
INLINE = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "font", "i", "img", "ins",
    "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
    "time", "tt", "u", "var", "wbr", REFERENCE,
})
# fmt: on


def previous(el: PageElement) -> PageElement | None:
    """What stands before an element in its block, through the inline elements around it."""
    return _sibling(el, "previous_sibling")


def following(el: PageElement) -> PageElement | None:
    """The same for what stands after it."""
    return _sibling(el, "next_sibling")


def _sibling(el: PageElement, way: str) -> PageElement | None:
    one: Any = el
    while one is not None:
        beside = getattr(one, way)
        if beside is not None:
            return beside  # type: ignore[no-any-return]  # attributes of the library's own types
        one = one.parent
        if one is None or one.name not in INLINE:
            return None
    return None


def char(el: Tag, way: int) -> str:
    """The character before (-1) or after (1) an element, a space at its block's edge."""
    beside = previous(el) if way < 0 else following(el)
    if beside is None or (isinstance(beside, Tag) and beside.name not in INLINE):
        return " "
    words = beside.get_text() if isinstance(beside, Tag) else str(beside)
    return (words[-1:] if way < 0 else words[:1]) or " "


def flanks(outer: str, inner: str) -> bool:
    """Whether a sign between these two characters opens or closes (CommonMark §6.2)."""
    return not _is_punctuation(inner) or outer.isspace() or _is_punctuation(outer)


def _is_punctuation(char: str) -> bool:
    return not char.isalnum() and not char.isspace()


def begins(el: NavigableString) -> bool:
    """Whether a text is the first of its block, or of a line."""
    before = previous(el)
    while before is not None and is_empty(before):
        before = previous(before)
    return before is None or (isinstance(before, Tag) and before.name not in INLINE)


def is_empty(el: PageElement) -> bool:
    """Whether something inline leaves no trace."""
    if not isinstance(el, Tag):
        return not str(el).strip()
    shown = [REFERENCE, "img", "br"]
    bare = el.name in INLINE and el.name not in shown
    return bare and not el.get_text().strip() and el.find(shown) is None
