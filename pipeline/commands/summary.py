"""What a build shows: progress on a terminal while it runs, a short table at its end."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click

from pipeline.commands import options
from pipeline.text import excerpt

if TYPE_CHECKING:
    from pipeline.built import Built
    from pipeline.calendars import Calendar, Day, Unfinished
    from pipeline.config import Newsletter
    from pipeline.errors import Problem
    from pipeline.exporting import Exported
    from pipeline.mailing import Done
    from pipeline.publish.steps import Step, Wanted
    from pipeline.reporting.rows import Section
    from pipeline.services import Audience, Capabilities
    from pipeline.status import Handed


@contextmanager
def progress(style: str, what: str = "files") -> Iterator[Callable[[str], None]]:
    """Count the files, or what else is told, on a terminal; say nothing in a pipe.

    It starts no thread, so that a build may fork, and what forked processes tell is counted too.
    """
    if style != "text" or not sys.stderr.isatty() or os.environ.get("TERM") in _NO_CURSOR:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.table import Column

    name = TextColumn(
        "{task.description}",
        markup=False,  # a file's name may hold square brackets
        table_column=Column(no_wrap=True, overflow="ellipsis"),
    )
    columns = SpinnerColumn(), TimeElapsedColumn(), TextColumn(f"{{task.completed}} {what}"), name
    console = Console(stderr=True)
    drawn = 0.0

    def told(path: str) -> None:
        nonlocal drawn
        count = counted()
        if not count:
            return
        bar.update(task, advance=count, description=click.format_filename(path))
        if time.monotonic() - drawn > _PAUSE:
            bar.refresh()
            drawn = time.monotonic()

    with (
        _counting() as counted,
        Progress(*columns, console=console, transient=True, auto_refresh=False) as bar,
    ):
        task = bar.add_task("")
        yield told


_NO_CURSOR = ("dumb", "unknown")
_PAUSE = 0.05
"""Seconds between two drawings: each takes about a millisecond."""


@contextmanager
def _counting() -> Iterator[Callable[[], int]]:
    """Says how many were told since the last time: in forked processes none, they tell this one."""
    if not hasattr(os, "fork"):
        yield lambda: 1
        return
    owner, (taken, given) = os.getpid(), os.pipe()
    os.set_blocking(taken, False)
    os.set_blocking(given, False)

    def counted() -> int:
        with suppress(BlockingIOError):  # the pipe is full here, or empty there
            if os.getpid() != owner:
                os.write(given, b".")
                return 0
            return 1 + len(os.read(taken, 1 << 16))
        return int(os.getpid() == owner)

    try:
        yield counted
    finally:
        os.close(taken)
        os.close(given)


def show(style: str, built: Built, newsletter: Newsletter) -> None:
    """The series with its dates, what was made with its size, and the warnings."""
    written = built.written
    folder = _shown(built.folder, newsletter.root)
    changed = f"{len(written.changed)} written" if written.changed else "nothing changed"
    removed = f", {len(written.removed)} removed" if written.removed else ""
    lines = [
        *options.status_lines(newsletter, built.rows),
        "",
        *options.table([("Made", "Files", "Size"), *_groups(folder, written.sizes)]),
        "",
        f"{len(written.sizes)} files in {folder}/, {changed}{removed}.",
    ]
    options.report(
        style,
        built.warnings,
        text=lines,
        data={
            "folder": built.folder.as_posix(),
            "files": dict(written.sizes),
            "changed": written.changed,
            "removed": written.removed,
            "articles": built.rows,
        },
    )


def exported(done: Exported, *, dry: bool) -> dict[str, Any]:
    """What an export holds and where it is: lines for people, values for programs."""
    chosen = done.selection.articles
    private = sum(one.state != "published" for one in chosen)
    held = f"{len(chosen)} articles" + (f", {private} of them not published yet" if private else "")
    folder = click.format_filename(done.folder)
    outcome = f"{len(done.changed)} written" if done.changed else "nothing changed"
    removed = f", {len(done.removed)} removed" if done.removed else ""
    end = "nothing was written" if dry else f"{outcome}{removed}"
    return {
        "text": [
            *options.table([("Made", "Files", "Size"), *_groups(folder, done.sizes)]),
            "",
            f"{held}; {len(done.sizes)} files in {folder}/, {end}.",
        ],
        "data": {
            "folder": done.folder.as_posix(),
            "articles": len(chosen),
            "unpublished": private,
            "files": dict(done.sizes),
            "changed": done.changed,
            "removed": done.removed,
        },
    }


def coming(newsletter: Newsletter, found: Calendar, file: Path | None) -> dict[str, Any]:
    """The calendar: lines for people, values for programs; `file` is the one that was written."""
    rows = [_day(newsletter, one) for one in found.days]
    table = options.table([("Date", "Issue", "Parts", "State", "Note"), *rows])
    waiting = [f"A draft without a date: {one.source.title}" for one in found.undated]
    waiting += [f"Waits for {one.reason}: {one.source.title}" for one in found.waiting]
    written = [f"{click.format_filename(file)} is written."] if file else []
    return {
        "text": [
            *(table if rows else ["Nothing is to come in this time."]),
            *(["", *waiting] if waiting else []),
            *(["", *written] if written else []),
        ],
        "data": {
            "days": [_day_data(newsletter, one) for one in found.days],
            "late": [_draft_data(one) for one in found.late],
            "undated": [_draft_data(one) for one in found.undated],
            "waiting": [
                {"path": one.source.path, "part": one.part, "for": one.reason}
                for one in found.waiting
            ],
            "file": file,
        },
    }


def _day(newsletter: Newsletter, day: Day) -> tuple[str, ...]:
    parts = [
        *((one.part, one.title) for one in (day.issue.articles if day.issue else ())),
        *((one.part, f"{one.source.title} (draft)") for one in day.drafts),
    ]
    hours = day.clocks.total_seconds() / 3600
    clocks = f"clocks go {'forward' if hours > 0 else 'back'} {abs(hours):g} h" if hours else ""
    return (
        day.date.astimezone(newsletter.zone).strftime("%a %Y-%m-%d %H:%M %Z"),
        f"{day.issue.number:03d}" if day.issue else "",
        excerpt("; ".join(f"{part}. {title}" if part else title for part, title in parts), 60),
        day.state,
        ", ".join(filter(None, (day.holiday, clocks))),
    )


def _day_data(newsletter: Newsletter, day: Day) -> dict[str, Any]:
    return {
        "date": day.date,
        "timezone": newsletter.timezone,
        "state": day.state,
        "issue": day.issue.number if day.issue else None,
        "articles": [
            {"path": one.source.path, "id": one.id, "part": one.part, "title": one.title}
            for one in (day.issue.articles if day.issue else ())
        ],
        "drafts": [_draft_data(one) for one in day.drafts],
        "holiday": day.holiday,
        "clocks": day.clocks.total_seconds() / 3600,
    }


def _draft_data(draft: Unfinished) -> dict[str, Any]:
    source = draft.source
    return {"path": source.path, "part": draft.part, "title": source.title, "date": source.date}


def _shown(folder: Path, root: Path) -> str:
    return folder.relative_to(root).as_posix()


def _groups(folder: str, sizes: Mapping[str, int]) -> list[tuple[str, str, str]]:
    """Files at the top one by one, those in folders counted by folder."""
    groups: dict[str, list[int]] = {}
    for path, size in sizes.items():
        top, _, rest = path.partition("/")
        groups.setdefault(f"{folder}/{top}/" if rest else f"{folder}/{path}", []).append(size)
    return [
        (name, str(len(counts)), options.size(sum(counts)))
        for name, counts in sorted(groups.items(), key=lambda one: (one[0].endswith("/"), one[0]))
    ]


def steps(style: str) -> Callable[[str, Wanted, Step], None]:
    """Name each step of publishing on a terminal as it begins; say nothing in a pipe."""
    from pipeline.publish.places import ENDS

    def say(service: str, wanted: Wanted, step: Step) -> None:
        if style == "text" and sys.stderr.isatty() and step.action not in ENDS:
            line = f"{service}, issue {wanted.issue.number}: {step.action.value}"
            click.echo(click.style(line, dim=True), err=True)

    return say


def handed(done: Done, *, dry: bool) -> str:
    """What became of an issue at a service, in a line."""
    from pipeline.publish.places import ENDS, Action, Place

    outcome, can = done.outcome, done.service.capabilities
    step, record, wanted = outcome.step, outcome.record, outcome.wanted
    name = f"Issue {wanted.issue.number} at {done.service.name}"
    if outcome.wait is not None:
        return f"{name} waits."
    if dry and step.action not in ENDS:
        return f"{name}: the next step is to {step.action.value}. Nothing was changed."
    if step.action is Action.RELEASE:
        return f"{name} was not sent: nobody said yes."
    readers = record.counts.get("sent", record.counts.get("recipients"))
    words = {
        Place.SETTLED: "was sent" + (f" to {readers} readers" if readers is not None else ""),
        Place.GOING: f"is scheduled for {record.when.isoformat(' ', 'minutes')}"
        if record.when is not None
        else "is being sent",
        Place.FAITHFUL: "is stored as a draft"
        if can.drafts
        else f"is ready to be sent ({can.title} keeps no drafts)",
        Place.TESTED: f"was sent to {', '.join(wanted.test_to)}, and to nobody else",
        Place.SKIPPED: "was left out",
    }
    where = f" {outcome.remote.url}" if outcome.remote is not None else ""
    return f"{name} {words.get(step.place, 'stands thus: ' + step.place.value)}.{where}".rstrip()


def handed_data(done: Done) -> dict[str, object]:
    """The same for programs."""
    outcome = done.outcome
    return {
        "service": done.service.name,
        "issue": outcome.wanted.issue.number,
        "subject": done.email.subject if done.email is not None else None,
        "place": outcome.step.place.name.lower(),
        "next": outcome.step.action.name.lower(),
        "stage": outcome.record.stage.value,
        "when": outcome.record.when,
        "url": outcome.remote.url if outcome.remote is not None else "",
        "changed": outcome.changed,
        "wrote": done.wrote,
    }


def readers(audience: Sequence[Audience]) -> str:
    """Who would receive: each list with its size, where the service tells it."""
    return ", ".join(
        one.name if one.size is None else f"{one.name} ({one.size:,} readers)" for one in audience
    )


def abilities(can: Capabilities) -> list[str]:
    """What a service can do besides sending, in a word each."""
    words = {
        "draft": can.drafts,
        "test": can.tests,
        "schedule": can.schedules,
        "count": bool(can.counts),
    }
    return [word for word, able in words.items() if able]


def handed_lines(rows: Sequence[Handed], zone: tzinfo) -> list[str]:
    """Every issue at every service as tables, one a service, for people."""
    lines: list[str] = []
    for name in dict.fromkeys(row.service for row in rows):
        cells = [
            (
                f"{row.issue:03d}",
                excerpt(row.title, 60),
                row.state,
                row.at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if row.at else "",
                *(str(row.counts.get(count, "")) for count in _COUNTS),
            )
            for row in rows
            if row.service == name
        ]
        heads = ("Issue", "Title", "State", "Since or for", *map(str.capitalize, _COUNTS))
        lines += ["", click.style(f"At {name}", bold=True), *options.table([heads, *cells])]
    return lines


_COUNTS = ("recipients", "opens", "clicks", "bounces", "unsubscribes")


def refreshed(newsletter: Newsletter, style: str) -> tuple[Problem, ...]:
    """Ask every service for its figures, naming each issue on a terminal; what went wrong."""
    from pipeline.mailing import Front, facts

    front = Front(environ=os.environ, clock=lambda: datetime.now(UTC))
    with progress(style, "issues") as told:
        return facts.refresh(newsletter, front, told)


def report_lines(sections: Sequence[Section], zone: tzinfo) -> list[str]:
    """What became of each issue, as tables with sparklines below them, for people."""
    from pipeline.reporting import terminal, words

    width = shutil.get_terminal_size((100, 24)).columns
    plain = not _shows(terminal.BARS + words.MISSING)
    lines: list[str] = []
    for block in terminal.blocks(sections, zone, width=width, plain=plain):
        lines += [click.style(block.heading, bold=True), *options.table(block.cells)]
        lines += ["", *block.lines, ""] if block.lines else [""]
    for note in words.notes(sections):
        lines += wrap(terminal.ascii_only(note) if plain else note, width, subsequent_indent="  ")
    return lines or ["No issue was handed to a mailing service yet."]


def _shows(signs: str) -> bool:
    """Whether standard output can show these characters."""
    try:
        signs.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
