"""Articles: what one source file says, and its place in time and series."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from pipeline import assets, frontmatter, text
from pipeline.config import Author, Newsletter
from pipeline.errors import Problem
from pipeline.keys import KEYS, read_key
from pipeline.tables import did_you_mean


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


# A date at the head of a name (2026-10-06-…) is not a part number.
_NUMBER = re.compile(r"(?!\d{4}-\d\d-\d\d)(\d{1,6})(?:[-_. ]+|$)")


def file_number(path: str) -> int | None:
    """The number a file's name begins with (`02-sciatica.md` → 2), None without one."""
    match = _NUMBER.match(PurePosixPath(path).stem)
    return int(match[1]) if match else None


def default_slug(path: str) -> str:
    """The slug of an article that names none: its file name without the number."""
    stem = PurePosixPath(path).stem
    return text.slugify(_NUMBER.sub("", stem, count=1) or stem)


def files(newsletter: Newsletter) -> tuple[str, ...]:
    """The article files relative to the newsletter's folder, sorted.

    Every `*.md` below the articles folder but for README.md and names that begin with `.` or `_`.
    """
    root = newsletter.articles_dir
    found = (path.relative_to(root) for path in root.rglob("*.md") if path.is_file())
    return tuple(
        sorted(
            (PurePosixPath(newsletter.articles) / path).as_posix()
            for path in found
            if path.name.lower() != "readme.md" and not any(p[0] in "._" for p in path.parts)
        )
    )


def read_all(newsletter: Newsletter) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Read every article file; what can't be read is a problem and not among the sources."""
    sources: list[Source] = []
    problems: list[Problem] = []
    if not newsletter.articles_dir.is_dir():
        problems.append(
            newsletter.table.child("newsletter").problem(
                "articles",
                f"the folder {newsletter.articles}/ does not exist",
                "make it, or set [newsletter] articles",
            )
        )
    for path in files(newsletter):
        source, found = read(newsletter, path)
        problems += found
        if source is not None:
            sources.append(source)
    problems += _twice(sources)
    return tuple(sources), tuple(problems)


def read(newsletter: Newsletter, path: str) -> tuple[Source | None, tuple[Problem, ...]]:
    """Read one article file; None where a value is wrong, with every problem of the file."""
    try:
        raw = (newsletter.root / path).read_bytes()
    except OSError as error:
        what = f"the file can't be read ({error.strerror})"
        return None, (
            Problem(path=path, rule="unreadable", message=what, remedy="check its permissions"),
        )
    document, broken = frontmatter.read(path, raw)
    if broken and not document.fields:
        return None, broken
    problems = list(broken)

    def problem(key: str, message: str, remedy: str, rule: str) -> None:
        line = document.fields[key].line if key in document.fields else 1
        problems.append(Problem(path=path, line=line, rule=rule, message=message, remedy=remedy))

    values = {}
    for key, one in document.fields.items():
        if key not in KEYS:
            problem(
                key, f"`{key}` is not a front matter key", did_you_mean(key, [*KEYS]), "unknown-key"
            )
            continue
        try:
            values[key] = read_key(key, one.value, newsletter)
        except ValueError as error:
            problem(key, f"`{key}` {error.args[0]}", error.args[1], "value")
    if "title" not in document.fields and not broken:
        problem("title", "there is no title", "add a line `title: …`", "missing-title")
    if "id" not in document.fields and not broken:
        problem("id", "there is no id", "run `partwork check --fix` to write one", "missing-id")
    if "author" in values and "authors" in values:
        problem("authors", "`author` and `authors` both stand here", "keep one of them", "value")
    values["authors"] = values.pop("author", ()) or values.get("authors", ())
    values.setdefault("slug", default_slug(path))
    if not values["slug"] and "slug" not in document.fields:
        problem("slug", "the file's name gives no slug", "add a line `slug: …`", "value")
    if values.get("image"):
        folder = PurePosixPath(path).relative_to(newsletter.articles).parent
        try:
            values["image"] = assets.locate(newsletter.articles_dir, folder, values["image"])
        except ValueError as error:
            problem("image", f"`image` {error.args[0]}", error.args[1], "missing-image")
        if not values.get("image_alt") and "image_alt" not in document.fields:
            problem("image", "the image has no `image_alt`", "say what it shows", "image-alt")
    if any(one.severity == "error" for one in problems):
        return None, tuple(problems)
    lines = {key: one.line for key, one in document.fields.items()}
    source = Source(
        path=path, body=document.body, body_line=document.body_line, lines=lines, **values
    )
    return source, tuple(problems)


def _twice(sources: list[Source]) -> Iterator[Problem]:
    """Ids and slugs that two articles share (slugs after Unicode normalisation and case)."""
    for key, remedy in (
        ("id", "give the copied article its own: delete the line and run `partwork check --fix`"),
        ("slug", "give one of them another `slug`"),
    ):
        seen: dict[str, Source] = {}
        for source in sources:
            value = getattr(source, key)
            first = seen.setdefault(text.fold(value) if key == "slug" else value, source)
            if first is not source:
                yield Problem(
                    path=source.path,
                    line=source.line(key),
                    rule=f"duplicate-{key}",
                    message=f"the {key} {value!r} is also that of {first.path}:{first.line(key)}",
                    remedy=remedy,
                )
