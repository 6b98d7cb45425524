"""What `check --fix` writes: missing ids, and dates that came from the schedule and have passed.

Only the line that is missing is put in; every other byte of the file stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from pipeline import articles, files, frontmatter, plan
from pipeline.config import Newsletter


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One line to put into a file as its line `line` (1-based)."""

    path: str
    line: int
    text: str


def apply(newsletter: Newsletter, as_of: datetime, *, dry_run: bool = False) -> tuple[Fix, ...]:
    """Write what is missing and return it; with `dry_run` only return it.

    Dates are kept only where the sources are otherwise in order: a wrong order would be made
    permanent.
    """
    ids = tuple(_missing_ids(newsletter, as_of))
    if not dry_run:
        _write(newsletter, ids)
    surveyed = plan.survey(newsletter)
    if any(one.severity == "error" for one in surveyed.problems):
        return ids
    dates = tuple(_passed_dates(surveyed, as_of))
    if not dry_run:
        _write(newsletter, dates)
    return ids + dates


def new_id(newsletter: Newsletter, name: str, year: int, taken: set[str]) -> str:
    """A new `tag:` URI (RFC 4151) for an article, not among those taken; `taken` grows by it."""
    host = (urlsplit(newsletter.url).hostname or "localhost").encode("idna").decode()
    base = f"tag:{host},{year}:{quote(name)}"
    candidate, count = base, 1
    while candidate in taken:
        count += 1
        candidate = f"{base}-{count}"
    taken.add(candidate)
    return candidate


def _missing_ids(newsletter: Newsletter, as_of: datetime) -> Iterator[Fix]:
    documents = {}
    for path in articles.files(newsletter):
        fields = _fields(newsletter, path)
        if fields:
            documents[path] = fields
    taken = {str(one["id"].value) for one in documents.values() if "id" in one}
    year = as_of.astimezone(newsletter.zone).year
    for path, fields in documents.items():
        if "id" not in fields:
            name = articles.default_slug(path) or "article"
            identity = new_id(newsletter, name, year, taken)
            yield Fix(path=path, line=_below(fields, "title"), text=f"id: {identity}")


def _passed_dates(surveyed: plan.Plan, as_of: datetime) -> Iterator[Fix]:
    for article in surveyed.catalogue.until(as_of).articles:
        if article.planned:
            path = article.source.path
            fields = _fields(surveyed.newsletter, path)
            line = _below(fields, "title", "id", "slug", "series", "part")
            yield Fix(path=path, line=line, text=f"date: {article.date.isoformat()}")


def _fields(newsletter: Newsletter, path: str) -> Mapping[str, frontmatter.Field]:
    """A file's front matter, empty where it can't be read whole."""
    document, broken = frontmatter.read(path, (newsletter.root / path).read_bytes())
    return {} if broken else document.fields


def _below(fields: Mapping[str, frontmatter.Field], *keys: str) -> int:
    """The line below the last of these keys."""
    return max((fields[key].last for key in keys if key in fields), default=1) + 1


def _write(newsletter: Newsletter, fixes: tuple[Fix, ...]) -> None:
    for fix in fixes:
        path = newsletter.root / fix.path
        lines = path.read_bytes().splitlines(keepends=True)
        ending = b"\r\n" if lines[0].endswith(b"\r\n") else b"\n"
        lines.insert(fix.line - 1, fix.text.encode() + ending)
        files.replace(path, b"".join(lines))
