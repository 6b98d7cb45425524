"""The neutral feed: what every format says, in plain values. Renderers read it and nothing else.

All text is clean (`text.clean`) and plain unless its name says html; every address is an absolute
URI (RFC 3986); every moment is in UTC and whole seconds; every entry of a feed has its own
`updated` and its own id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from pipeline.config import Author
from pipeline.spool import Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Somewhere else, and what it is called."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """The channel's picture. `width` and `height` are pixels."""

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Where an entry stands: part `number` (1-based) of a series.

    `series_id` is the key of the series in the settings, which outlives its title and URL; `parts`
    is how many parts the series announces, None where it does not say.
    """

    series_id: str
    series: Link
    number: int
    parts: int | None


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Entry:
    """One article in a feed.

    `title` is what readers see, with “Part 2 of 5: ” where the settings ask for it. `summary` is
    plain text and never empty. `body` is the whole body with absolute URLs, HTML in UTF-8, or None
    where the feed holds summaries only. `previous` and `next` are its published neighbours in the
    series.
    """

    id: str
    title: str
    url: str
    summary: str
    body: Held | None
    published: datetime
    updated: datetime
    authors: tuple[Author, ...]
    tags: tuple[str, ...]
    language: str
    image: str = ""
    part: Part | None = None
    previous: Link | None = None
    next: Link | None = None

    def __hash__(self) -> int:
        """By id alone: a value of so many others takes long to hash."""
        return hash(self.id)

    @property
    def html(self) -> str:
        """The body as text, empty where there is none."""
        return self.body.read().decode() if self.body else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A newsletter's or a series' feed: one document of it, where a limit spreads it over many.

    `folder` is its place in output/ (empty, or `series/x/`) and `page_url` the URL of that folder,
    where its page is. `file` is the name of the document being rendered. `published` is None where
    there are no entries. `complete` says that nothing published is left out (RFC 5005 §2). `ttl`
    is in minutes, 0 for none.

    `archive` is 0 for the document that people subscribe to. The others, its archive (RFC 5005 §4),
    are numbered from the oldest, 1. `older` and `newer` are the numbers of the archive documents
    before and after this one, 0 for none. One that has a newer is full and never changes again.

    `marks` tell of each entry what it is made of, without making it; there are none where nobody
    can say.
    """

    folder: str
    file: str = ""
    title: str
    page_url: str
    description: str
    language: str
    authors: tuple[Author, ...]
    copyright: str
    updated: datetime
    published: datetime | None
    image: Image | None
    hub: str
    ttl: int
    order: Literal["series", "newest"]
    complete: bool
    categories: tuple[str, ...]
    series: Link | None
    entries: Sequence[Entry]
    marks: tuple[bytes, ...] = ()
    archive: int = 0
    older: int = 0
    newer: int = 0

    @property
    def path(self) -> str:
        """Where the document lies in output/."""
        return self.folder + self._place(self.archive)

    @property
    def self_url(self) -> str:
        """The document's own URL."""
        return self.page_url + self._place(self.archive)

    @property
    def current_url(self) -> str:
        """The URL to subscribe to, whichever document this is."""
        return self.page_url + self._place(0)

    @property
    def older_url(self) -> str:
        """The archive document before this one; empty where there is none."""
        return self.page_url + self._place(self.older) if self.older else ""

    @property
    def newer_url(self) -> str:
        """The archive document after this one; empty where there is none."""
        return self.page_url + self._place(self.newer) if self.newer else ""

    def _place(self, archive: int) -> str:
        return f"archive/{archive}/{self.file}" if archive else self.file

    def named(self, file: str) -> Feed:
        """The same feed as the document `file`."""
        return replace(self, file=file)
