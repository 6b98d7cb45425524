"""Beginnings: the files of a new newsletter, and the file of a next part. Pure: bytes by path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path, PurePosixPath

from pipeline import files, ledger, newsletter, text
from pipeline.articles import Article
from pipeline.config import Newsletter
from pipeline.errors import PartworkError, Problem
from pipeline.fixes import new_id
from pipeline.frontmatter import quoted, scalar, toml_key
from pipeline.plan import Plan
from pipeline.schedule import Waiting, slots
from pipeline.series import Numbered
from pipeline.starting import samples
from pipeline.tables import did_you_mean
from pipeline.templating import packaged_emails

_KEPT = {".gitignore": samples.IGNORE, ".gitattributes": samples.ATTRIBUTES}
"""What a repository may have already: it is left as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArticle:
    """A file to be written, and what was decided for it."""

    path: str
    content: str
    id: str
    part: int | None
    date: datetime | None


def article(planned: Plan, title: str, series: str | None, as_of: datetime) -> NewArticle:
    """The next part of a series, or an article outside any series with today's date.

    Without `series` the newsletter's only series is meant. PartworkError for an unknown series and
    for a title or file that is taken.
    """
    outlet = planned.newsletter
    title = text.one_line(title)
    key = _series(outlet, series)
    slug = text.slugify(title)
    taken = {text.fold(source.slug) for source in planned.sources}
    if not slug:
        raise _refused("title", f"{title!r} gives no file name", "use letters or digits")
    if text.fold(slug) in taken:
        raise _refused(
            "duplicate-slug", f"an article {slug!r} is already there", "choose another title"
        )
    part, folder = _next_part(planned, key) if key else (None, outlet.articles)
    date = _next_date(planned, key, as_of) if key else as_of.astimezone(outlet.zone)
    name = f"{part:02d}-{slug}.md" if part else f"{slug}.md"
    path = (PurePosixPath(folder) / name).as_posix()
    if (outlet.root / path).exists():
        raise _refused("exists", f"{path} is already there", "choose another title")
    ids = {source.id for source in planned.sources}
    year = as_of.astimezone(outlet.zone).year
    identity = new_id(outlet, slug, year, ids, ledger.articles(outlet.root))
    lines = [f"title: {scalar(title)}", f"id: {identity}", f"slug: {scalar(slug)}"]
    if key:
        lines += [f"series: {scalar(key)}", f"part: {part}"]
    if date:
        lines.append(f"date: {date.isoformat(timespec='seconds')}")
    lines += ["summary:", "draft: true"]
    body = "Write here. Take out `draft: true` when the article is ready."
    content = "---\n" + "\n".join(lines) + f"\n---\n\n{body}\n"
    return NewArticle(path=path, content=content, id=identity, part=part, date=date)


def _series(newsletter: Newsletter, series: str | None) -> str | None:
    known = [one.key for one in newsletter.series]
    if series is None:
        return known[0] if len(known) == 1 else None
    if series == "":
        return None
    if series not in known:
        raise _refused(
            "unknown-series",
            f"there is no series {series!r}",
            did_you_mean(series, known)
            if known
            else f"add [series.{toml_key(text.one_line(series))}] to newsletter.toml",
        )
    return series


def _next_part(planned: Plan, key: str) -> tuple[int, str]:
    """The number after the last part's, and that part's folder."""
    parts = [
        *((a.part or 0, a.source.path) for a in planned.catalogue.articles if _is_of(key, a)),
        *((one.part, one.source.path) for one in planned.waiting if _is_of(key, one)),
        *((one.number, one.source.path) for one in _drafts(planned, key)),
    ]
    number, path = max(parts, default=(0, f"{planned.newsletter.articles}/none.md"))
    return number + 1, str(PurePosixPath(path).parent)


def _next_date(planned: Plan, key: str, as_of: datetime) -> datetime | None:
    """The first slot that is still to come and after every part; None where there is none.

    Undated parts that are written already, drafts among them, each keep a slot before it.
    """
    grid = slots(planned.newsletter)
    if grid is None:
        return None
    start = next(one.start for one in planned.newsletter.series if one.key == key)
    drafts = [one.source.date for one in _drafts(planned, key)]
    dates = [a.date for a in planned.catalogue.articles if _is_of(key, a)]
    dates += filter(None, drafts)
    if start:
        first = datetime.combine(start, time(0), planned.newsletter.slots_zone)
        dates.append(first - timedelta(seconds=1))
    undated = sum(_is_of(key, one) for one in planned.waiting) + drafts.count(None)
    after = max([as_of, *dates]) + timedelta(seconds=1)
    with suppress(OverflowError):  # no slot is open: a build says so of a part without a date
        slot = grid.open(max(0, grid.index(after)))
        for _ in range(undated):
            slot = grid.open(slot + 1)
        return grid.at(slot)
    return None


def _drafts(planned: Plan, key: str) -> list[Numbered]:
    return [one for one in planned.drafts if isinstance(one, Numbered) and _is_of(key, one)]


def _is_of(key: str, one: Article | Waiting | Numbered) -> bool:
    return one.source.series == key


def _refused(rule: str, message: str, remedy: str) -> PartworkError:
    return PartworkError([Problem(path="new", rule=rule, message=message, remedy=remedy)])


def begin(
    folder: Path,
    *,
    title: str,
    url: str,
    author: str,
    timezone: str,
    as_of: datetime,
    templates: bool,
    dry_run: bool = False,
) -> tuple[str, ...]:
    """Write a new newsletter into `folder` and return its paths; with `dry_run` only name them.

    PartworkError, and nothing written, where one of its files is already there.
    """
    made = dict(
        _newsletter(title, url, author, timezone, as_of, packaged_emails() if templates else None)
    )
    newsletter.parse(folder, made[newsletter.FILE])
    there = [path for path in made if (folder / path).exists() and path not in _KEPT]
    if there:
        raise PartworkError(
            Problem(
                path=path,
                rule="exists",
                message="this is already there",
                remedy="choose an empty folder",
            )
            for path in there
        )
    for path in _KEPT:
        if (folder / path).exists():
            del made[path]
    if not dry_run:
        _write(folder, made)
    return tuple(made)


@files.readable()
def left_out(folder: Path) -> tuple[Problem, ...]:
    """A warning for each file that `begin`, still to be called, leaves and that lacks lines."""
    problems = []
    for path, wanted in _KEPT.items():
        if not (folder / path).is_file():
            continue
        said = (folder / path).read_text(encoding="utf-8", errors="replace")
        there = {_bare(line) for line in said.splitlines()}
        lines = [one for one in wanted.splitlines() if one[0] != "#" and _bare(one) not in there]
        if lines:
            problems.append(
                Problem(
                    path=path,
                    rule="left-out",
                    message="this was there and stays as it is",
                    remedy=f"add to it, each on a line: {', '.join(lines)}",
                    severity="warning",
                )
            )
    return tuple(problems)


def _bare(line: str) -> str:
    return " ".join(line.split()).strip("/")


def _write(folder: Path, made: Mapping[str, bytes]) -> None:
    """All files or none: what was written before the disk refused goes again."""
    for count, (path, content) in enumerate(made.items()):
        try:
            files.replace(folder / path, content)
        except PartworkError:
            for written in [*made][:count]:
                (folder / written).unlink(missing_ok=True)
            raise


def _newsletter(
    title: str, url: str, author: str, timezone: str, as_of: datetime, templates: Path | None
) -> Iterator[tuple[str, bytes]]:
    """The files of a new newsletter by path; `templates` is the folder of those to copy."""
    yesterday = as_of.date() - timedelta(days=1)  # its issue is due wherever the clocks stand
    values = {
        "title": quoted(text.one_line(title)),
        "url": quoted(text.one_line(url)),
        "author": quoted(text.one_line(author)),
        "timezone": quoted(text.one_line(timezone)),
        "host": text.host(url) or "example.org",
        "start": yesterday.isoformat(),
        "year": str(yesterday.year),
    }
    for path, content in (
        ("newsletter.toml", samples.SETTINGS),
        ("articles/01-the-first-part.md", samples.FIRST),
        *_KEPT.items(),
        (".github/workflows/newsletter.yml", samples.WORKFLOW),
    ):
        yield path, re.sub(r"<<(\w+)>>", lambda match: values[match[1]], content).encode()
    for file in sorted(templates.rglob("*") if templates else ()):
        if file.is_file() and "__pycache__" not in file.parts:
            name = file.relative_to(templates or file).as_posix()
            yield f"email_templates/{name}", file.read_bytes()
