"""What readers of other people's formats give: an article as found, and what was guessed of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pipeline.config import Author
from pipeline.importing.moments import Moment, moment
from pipeline.text import excerpt, one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A guess that was made, or something that could not be kept: one line of the report.

    `path` is the source as the command named it, `line` its line (1-based) where there is one.
    """

    path: str
    message: str
    line: int | None = None
    loss: bool = False
    """True where something of the source is not in the article."""

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.message}"


def unread(path: str, said: object) -> tuple[Note, ...]:
    """The note that a date is lost, where what is said for one is none (`0000-…` says nothing)."""
    written = excerpt(one_line(str(said or "")), 60)
    if not written or written.startswith("0000") or moment(said) is not None:
        return ()
    return (Note(path=path, message=f"its date can't be read: {written!r}", loss=True),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One article as its source has it.

    `origin` is its stable name, the front matter's `imported_from`; `path` is where it stands, for
    people, and `lines` the lines of what decides its place (`part`, `previous`, `next`, `date`).
    A date alone is a day; a datetime without a zone is on the newsletter's clocks.
    """

    origin: str
    path: str
    title: str
    body: str
    markup: Literal["markdown", "html"]
    date: Moment | None = None
    updated: Moment | None = None
    slug: str = ""
    id: str = ""
    authors: tuple[Author, ...] = ()
    tags: tuple[str, ...] = ()
    summary: str = ""
    image: str = ""
    image_alt: str = ""
    lang: str = ""
    draft: bool = False
    canonical_url: str = ""
    series: str = ""
    """The series that the source itself names."""
    series_title: str = ""
    """Its title, where the source names it by a key."""
    part: int | None = None
    """An explicit number: in its front matter, in its file's name or in its title."""
    weight: int | None = None
    """A number that sorts and is no part number (Hugo's `weight`, WordPress's `menu_order`)."""
    previous: str | None = None
    next: str | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    url: str = ""
    """Where it was published: what links lead to, and what its own are relative to."""
    hrefs: Mapping[str, str] = field(default_factory=dict)
    """Where its links to `previous` and `next` lead, by these words."""
    folder: str = ""
    """Its folder in the source, which paths of pictures are relative to."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Pictures that are part of the document itself, by the name its text calls them."""
    said: tuple[str, ...] | None = None
    """Its text as the source has it, to be held against the article's; None for HTML, which says
    it itself."""
    notes: tuple[Note, ...] = ()
