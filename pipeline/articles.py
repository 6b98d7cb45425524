"""Articles: what one source file says, and its place in time and series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.config import Author


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One article file as read: typed front matter, Markdown body, and where each thing stands.

    `path` is relative to the newsletter's folder (`articles/02-sciatica.md`); `body` is clean text
    with `\\n` line ends whose first line is line `body_line` of the file; `lines` gives the line of
    each front matter key. `part`, `previous` and `next` are what the author wrote, no order yet.
    """

    path: str
    id: str
    title: str
    slug: str
    body: str
    body_line: int
    series: str | None = None
    part: int | None = None
    previous: str | None = None
    next: str | None = None
    date: datetime | None = None
    updated: datetime | None = None
    summary: str = ""
    authors: tuple[Author, ...] = ()
    tags: tuple[str, ...] = ()
    image: str = ""
    image_alt: str = ""
    lang: str = ""
    draft: bool = False
    notice: str | None = None
    canonical_url: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)

    def line(self, key: str) -> int:
        """The line of a front matter key, or of the block's start."""
        return self.lines.get(key, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An article that has a date and, within a series, a part number (1-based)."""

    source: Source
    date: datetime
    part: int | None = None
    planned: bool = False
    """True where the date came from the schedule and is not written in the file."""

    @property
    def id(self) -> str:
        """The stored identity: RSS guid, Atom id and JSON id (RFC 4151)."""
        return self.source.id

    @property
    def title(self) -> str:
        """The title as plain text."""
        return self.source.title

    @property
    def path(self) -> str:
        """Its page's folder in output/, which is also its place under the newsletter's URL."""
        return f"articles/{self.source.slug}/"

    @property
    def updated(self) -> datetime:
        """The newer of its date and the author's `updated`."""
        return max(self.date, self.source.updated or self.date)
