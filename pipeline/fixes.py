"""What `check --fix` writes: missing ids, and dates that came from the schedule and have passed.

Only the line that is missing is put in; every other byte of the file stays.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from pipeline import articlefiles, articles, files, frontmatter, ledger, plan, text
from pipeline.config import Newsletter


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One line to put into a file as its line `line` (1-based); `replaces` says in place of it."""

    path: str
    line: int
    text: str
    replaces: bool = False


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


def new_id(
    newsletter: Newsletter,
    name: str,
    year: int,
    taken: set[str],
    mailed: Collection[str] = (),
) -> str:
    """A new `tag:` URI (RFC 4151) for an article, not among those taken; `taken` grows by it.

    Nor one of an article that was `mailed`, whose file may be gone: it would count as sent.
    """
    base = f"tag:{text.host(newsletter.url)},{year}:{quote(name)}"
    candidate, count = base, 1
    while candidate in taken or candidate in mailed:
        count += 1
        candidate = f"{base}-{count}"
    taken.add(candidate)
    return candidate


def _missing_ids(newsletter: Newsletter, as_of: datetime) -> Iterator[Fix]:
    documents = {}
    for path in articlefiles.files(newsletter)[0]:
        fields = _fields(path, _contents(newsletter, path))
        if fields:
            documents[path] = fields
    taken = {str(one["id"].value) for one in documents.values() if "id" in one}
    mailed = ledger.articles(newsletter.root)
    year = as_of.astimezone(newsletter.zone).year
    for path, fields in documents.items():
        if "id" not in fields or fields["id"].value is None:
            name = articles.default_slug(path) or "article"
            line = f"id: {new_id(newsletter, name, year, taken, mailed)}"
            yield from _fix(newsletter, path, fields, ("title",), line)


def _passed_dates(surveyed: plan.Plan, as_of: datetime) -> Iterator[Fix]:
    for article in surveyed.catalogue.until(as_of).articles:
        if article.planned:
            path = article.source.path
            fields = _fields(path, _contents(surveyed.newsletter, path))
            line = f"date: {article.date.isoformat()}"
            below = ("title", "id", "slug", "series", "part")
            yield from _fix(surveyed.newsletter, path, fields, below, line)


def _contents(newsletter: Newsletter, path: str) -> bytes:
    try:
        return articlefiles.contents(newsletter, path)
    except OSError:
        return b""


def _fields(path: str, raw: bytes) -> Mapping[str, frontmatter.Field]:
    """A file's front matter, empty where it can't be read whole."""
    document, broken = frontmatter.read(path, raw)
    return {} if broken else document.fields


def _fix(
    newsletter: Newsletter,
    path: str,
    fields: Mapping[str, frontmatter.Field],
    below: tuple[str, ...],
    line: str,
) -> Iterator[Fix]:
    """The line put in below the last of these keys, or over one that says nothing yet.

    No fix where the front matter would not read the same with it, as in `{title: x}`.
    """
    raw = _contents(newsletter, path)
    added = line.partition(":")[0]
    if added in fields:
        at = fields[added].line
        if b"#" in raw.splitlines()[at - 1]:
            return
        fix = Fix(path=path, line=at, text=line, replaces=True)
    else:
        at = max((fields[key].last for key in below if key in fields), default=1) + 1
        fix = Fix(path=path, line=at, text=line)
    after = _fields(path, _applied(raw, fix))
    if {key: one.value for key, one in after.items() if key != added} == {
        key: one.value for key, one in fields.items() if key != added
    } and added in after:
        yield fix


def _applied(raw: bytes, fix: Fix) -> bytes:
    lines = raw.splitlines(keepends=True)
    ending = lines[0][len(lines[0].rstrip(b"\r\n")) :] if lines else b"\n"
    lines[fix.line - 1 : fix.line - (not fix.replaces)] = [fix.text.encode() + ending]
    return b"".join(lines)


def _write(newsletter: Newsletter, fixes: tuple[Fix, ...]) -> None:
    for fix in fixes:
        # Through a link within the articles folder to the file itself, so that the link stays.
        path = Path(os.path.realpath(newsletter.root / fix.path))
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise files.refused(path, error) from None
        files.replace(path, _applied(raw, fix))
