"""newsletter.toml with a series or a schedule more: every other line stays as it was written."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from pipeline import newsletter as settings
from pipeline.config import Newsletter
from pipeline.errors import PartworkError
from pipeline.frontmatter import quoted, toml_key
from pipeline.importing.model import Note

_HEADER = re.compile(r"\s*\[")
_COMMENT = re.compile(r"\s*(#|$)")
_SCHEDULE = re.compile(r"\s*\[\s*schedule\s*\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """`--start` and `--every`: when the undated parts of the series come."""

    start: date
    every: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The new file, the same bytes where nothing changes, and what was added."""

    content: bytes
    newsletter: Newsletter
    notes: tuple[Note, ...] = ()


def with_series(
    newsletter: Newsletter,
    titles: Mapping[str, str],
    rhythm: Rhythm | None,
    *,
    used: bool,
    joined: Collection[str | None] = (),
) -> Settings:
    """The settings with these series (title by key), and the rhythm of the first of them.

    `joined` are the keys of all series that get articles, of those too that are there already.
    `used` says that the newsletter has articles that its schedule dates, or that were published:
    then its slots stay where they are. PartworkError where the file can't take it.
    """
    before = (newsletter.root / settings.FILE).read_bytes()
    lines = before.decode("utf-8-sig").splitlines()
    notes: list[Note] = []
    known = {one.key for one in newsletter.series}
    begun = {one.start for one in newsletter.series if one.key in joined}
    starts = _starts(newsletter, rhythm, used=used)
    if rhythm and starts == "schedule" and newsletter.schedule is not None:
        _reschedule(newsletter, lines, rhythm)  # first: a new series would move these lines
    for key, title in titles.items():
        if key in known:
            continue
        table = [f"[series.{toml_key(key)}]", f"title = {quoted(title)}"]
        if rhythm and starts == "series":
            table.append(f"start = {rhythm.start.isoformat()}")
        at = _insert(lines, table, after="series.")
        notes.append(_note(at, f"a new series: [series.{key}], {title!r}"))
    if rhythm and starts == "schedule":
        notes.append(_schedule(newsletter, lines, rhythm))
    elif rhythm and starts == "series" and not {*titles} - known and begun != {rhythm.start}:
        raise _refused(newsletter, "schedule", "start", rhythm)
    content = before if not notes else ("\n".join(lines) + "\n").encode()
    return Settings(
        content=content,
        newsletter=settings.parse(newsletter.root, content),
        notes=tuple(notes),
    )


def _starts(newsletter: Newsletter, rhythm: Rhythm | None, *, used: bool) -> str:
    """Where the start goes: the schedule's own, or the series' where others live by that one."""
    there = newsletter.schedule
    if rhythm is None or (there and (there.start, there.every) == (rhythm.start, rhythm.every)):
        return ""
    if there is None or not used:
        return "schedule"
    if there.every != rhythm.every:
        raise _refused(newsletter, "schedule", "every", rhythm)
    return "series"


def _refused(newsletter: Newsletter, table: str, key: str, rhythm: Rhythm) -> PartworkError:
    found = newsletter.table
    for name in table.split("."):
        found = found.child(name)
    wanted = rhythm.every if key == "every" else rhythm.start.isoformat()
    return PartworkError(
        [
            found.problem(
                key,
                f"articles that are there live by this schedule, and {wanted!r} would move them",
                f"set `{key}` yourself, or leave --start and --every out",
            )
        ]
    )


def _schedule(newsletter: Newsletter, lines: list[str], rhythm: Rhythm) -> Note:
    """Write `[schedule]` where there is none; what became of it."""
    start, every = _keys(rhythm).values()
    if newsletter.schedule is None:
        at = _insert(lines, ["[schedule]", start, every], after="series.")
        return _note(at, f"a new [schedule]: {start}, {every}")
    head = next(at for at, line in enumerate(lines, 1) if _SCHEDULE.match(line))
    return _note(head, f"[schedule] now has {start}, {every}")


def _reschedule(newsletter: Newsletter, lines: list[str], rhythm: Rhythm) -> None:
    """Write the two keys of the `[schedule]` that is there."""
    table = newsletter.table.child("schedule")
    for key, line in reversed(_keys(rhythm).items()):
        at = table.line(key) - 1
        if key in table.values:
            comment = re.search(r"\s#.*$", lines[at])
            indent = re.match(r"\s*", lines[at])
            lines[at] = (indent[0] if indent else "") + line + (comment[0] if comment else "")
        else:
            lines.insert(table.line(), line)


def _keys(rhythm: Rhythm) -> dict[str, str]:
    """The lines of a rhythm by their keys."""
    return {
        "start": f"start = {rhythm.start.isoformat()}",
        "every": f"every = {quoted(rhythm.every)}",
    }


def _insert(lines: list[str], table: list[str], *, after: str) -> int:
    """Put a table after the last one whose name begins so, else at the end; its line (1-based)."""
    heads = [at for at, line in enumerate(lines) if _HEADER.match(line)]
    of_kind = [at for at in heads if re.match(rf"\s*\[\s*{re.escape(after)}", lines[at])]
    at = len(lines)
    if of_kind:
        at = next((head for head in heads if head > of_kind[-1]), len(lines))
        while at > of_kind[-1] + 1 and _COMMENT.match(lines[at - 1]):
            at -= 1  # what is written above the next table belongs to it
    block = ["", *table]
    if at < len(lines) and lines[at].strip():
        block.append("")
    lines[at:at] = block
    return at + 2


def _note(line: int, message: str) -> Note:
    return Note(path=settings.FILE, line=line, message=message)
