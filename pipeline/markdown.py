"""One article's Markdown, parsed once, and its renderings (stub of the agreed interface)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """An article's body: sanitised HTML in neutral form, and what was learned on the way."""

    html: str
    summary: str
    words: int
    articles: frozenset[str] = frozenset()
    assets: tuple[str, ...] = ()
