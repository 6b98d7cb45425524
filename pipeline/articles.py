"""Articles: what one source file says, and its place in time and series."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from pipeline import articlefiles, assets, frontmatter, text
from pipeline.cache import digest
from pipeline.config import Author, Newsletter
from pipeline.errors import Problem
from pipeline.keys import KEYS, read_key
from pipeline.spool import Held, held
from pipeline.tables import did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One article file as read: typed front matter, Markdown body, and where each thing stands.

    `path` is relative to the newsletter's folder (`articles/02-sciatica.md`); `text` is clean text
    with `\\n` line ends whose first line is line `body_line` of the file; `lines` gives the line of
    each front matter key. `part`, `previous` and `next` are what the author wrote, no order yet.
    """

    path: str
    id: str
    title: str
    slug: str
    text: Held
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
    imported_from: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)
    digest: bytes = field(default=b"", compare=False)
    """A sum of the file's bytes."""

    @property
    def body(self) -> str:
        """The Markdown."""
        return self.text.read().decode()

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


# A date at the head of a name (2026-10-06-…) is not a part number.
_NUMBER = re.compile(r"\A(?!\d{4}-\d\d-\d\d)(\d{1,6})(?:[-_. ]+|\Z)")


def file_number(path: str) -> int | None:
    """The number a file's name begins with (`02-sciatica.md` → 2), None without one."""
    match = _NUMBER.match(_stem(path))
    return int(match[1]) if match else None


def default_slug(path: str) -> str:
    """The slug of an article that names none: its file name without the number."""
    stem = _stem(path)
    return text.slugify(_NUMBER.sub("", stem, count=1) or stem)


def _stem(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


Reading = tuple[Source | None, tuple[Problem, ...]]
"""What a file says and what is wrong with it; None where a value is wrong."""

NONE: Mapping[str, Reading] = {}
"""Nothing read yet."""


def read(newsletter: Newsletter, path: str) -> Reading:
    """Read one article file, with every problem of the file."""
    try:
        raw = articlefiles.contents(newsletter, path)
    except OSError as error:
        return None, (articlefiles.unreadable(path, error),)
    return parse(newsletter, path, raw)


def parse(newsletter: Newsletter, path: str, raw: bytes) -> Reading:
    """The same for a file's bytes, whether or not they are on disk yet."""
    document, broken = frontmatter.read(path, raw)
    if broken and not document.fields:
        return None, broken
    lines = {key: one.line for key, one in document.fields.items()}
    problems = list(broken)

    def problem(key: str, message: str, remedy: str, rule: str) -> None:
        line = lines.get(key, 1)
        problems.append(Problem(path=path, line=line, rule=rule, message=message, remedy=remedy))

    given = {
        key: one.value
        for key, one in document.fields.items()
        if one.value is not None or key in _NEVER_EMPTY
    }
    values = _values(newsletter, given, problem)
    if not broken:
        _require(given, problem)
    values["authors"] = values.pop("author", ()) or values.get("authors", ())
    values.setdefault("slug", default_slug(path))
    if not values["slug"] and "slug" not in given:
        problem("slug", "the file's name gives no slug", "add a line `slug: …`", "value")
    if "image" in values:
        folder = PurePosixPath(path).relative_to(newsletter.articles).parent
        try:
            values["image"] = assets.locate(newsletter.articles_dir, folder, values["image"])
        except ValueError as error:
            problem("image", f"`image` {error.args[0]}", error.args[1], "missing-image")
    if any(one.severity == "error" for one in problems):
        return None, tuple(problems)
    source = Source(
        path=path,
        text=held(document.body.encode()),
        body_line=document.body_line,
        lines=lines,
        digest=digest(raw),
        **values,
    )
    return source, tuple(problems)


def bare(newsletter: Newsletter, path: str) -> Source | None:
    """A file's body without what its front matter says, which is wrong; None where none is found.

    So what is wrong in the body is told at once too.
    """
    try:
        raw = articlefiles.contents(newsletter, path)
    except OSError:
        return None
    document, broken = frontmatter.read(path, raw)
    if broken and not document.fields:
        return None
    return Source(
        path=path,
        id="",
        title="",
        slug=default_slug(path),
        text=held(document.body.encode()),
        body_line=document.body_line,
    )


_NEVER_EMPTY = ("title", "id", "slug", "draft")
"""Keys that may not stand there without a value; any other such line counts as absent."""

_Report = Callable[[str, str, str, str], None]
"""Called with key, message, remedy and rule."""


def _values(newsletter: Newsletter, given: Mapping[str, Any], problem: _Report) -> dict[str, Any]:
    """Each known key's value as its type."""
    values = {}
    for key, value in given.items():
        if key not in KEYS:
            what = f"`{key}` is not a front matter key"
            problem(key, what, did_you_mean(key, KEYS), "unknown-key")
            continue
        try:
            values[key] = read_key(key, value, newsletter)
        except ValueError as error:
            problem(key, f"`{key}` {error.args[0]}", error.args[1], "value")
    return values


def _require(given: Mapping[str, Any], problem: _Report) -> None:
    """What a file must hold, and what goes with what."""
    if "title" not in given:
        problem("title", "there is no title", "add a line `title: …`", "missing-title")
    if "id" not in given:
        problem("id", "there is no id", "run `partwork check --fix` to write one", "missing-id")
    if "author" in given and "authors" in given:
        problem("authors", "`author` and `authors` both stand here", "keep one of them", "value")
    if "image" in given and "image_alt" not in given:
        problem("image", "the image has no `image_alt`", "say what it shows", "image-alt")
    for key in ("part", "previous", "next"):
        if key in given and "series" not in given:
            remedy = "add a line `series: …` with the key of its table in newsletter.toml"
            problem(key, f"`{key}` stands here without `series`", remedy, "no-series")
