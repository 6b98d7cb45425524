"""What rendering an article's Markdown needs, and what it gives."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.spool import Held

WORDS_PER_MINUTE = 225
"""What pages and mail reckon a reader to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where an article stands among the others: what its relative paths can mean.

    `articles` gives each article file's own page by the file's path, relative to the newsletter's
    folder `root` (`articles/02-sciatica.md` → `articles/sciatica/`); `articles_dir` is the folder
    of articles relative to `root`; `smart` asks for typographic quotes and dashes;
    `language` is the newsletter's (BCP 47), which an article may change.
    """

    articles: Mapping[str, str]
    root: Path
    articles_dir: str = "articles"
    smart: bool = True
    language: str = "en"

    def disk(self, path: str) -> str:
        """The place on disk of a path relative to the newsletter's folder."""
        return os.path.join(self.root, path)  # noqa: PTH118 - paths in a hot loop stay strings


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link as written: `url` is neutral (`text.OWN_ROOT` first when it is our own)."""

    url: str
    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image: `asset` is its file relative to the articles folder, None for a remote one."""

    url: str
    asset: str | None
    alt: str
    title: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading as rendered (levels 2 to 6) and the id that a link's fragment names, if any."""

    id: str
    level: int
    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table written in Markdown, by the first of its headings that says something."""

    heading: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What stands in a body, and where in its file: `anchors` are all ids in it, in order."""

    anchors: tuple[str, ...] = ()
    headings: tuple[Heading, ...] = ()
    links: tuple[Link, ...] = ()
    images: tuple[Image, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """An article's body: sanitised HTML in neutral form, and what was learned on the way.

    In its HTML every URL of our own begins with `text.OWN_ROOT`, is relative to the newsletter's
    root and percent-encoded; `for_web`, `for_feed` and `for_mail` make it fit to be read.
    """

    text: Held
    """The HTML in UTF-8."""
    summary: str
    """The first paragraph as one line of plain text, at most 300 characters."""
    words: int
    """Words of running text; each Chinese or Japanese character counts as one."""
    path: str = ""
    """The article's own page, to which its own `#fragments` belong."""
    leads_to: Mapping[str, str] = field(default_factory=dict)
    """The other articles it links to: the page of each by its file."""
    assets: tuple[str, ...] = ()
    """Its local files, relative to the articles folder; they are published under `media/`."""

    @property
    def html(self) -> str:
        """The HTML."""
        return self.text.read().decode()

    @property
    def articles(self) -> frozenset[str]:
        """The pages of the other articles it links to."""
        return frozenset(self.leads_to.values())

    @property
    def minutes(self) -> int:
        """How many minutes it takes to read, at least one."""
        return max(1, round(self.words / WORDS_PER_MINUTE))
