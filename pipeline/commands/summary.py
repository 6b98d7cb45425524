"""What commands say at their end: short tables for people, the same for programs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from os.path import relpath
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click

from pipeline.commands import options, states
from pipeline.text import excerpt

if TYPE_CHECKING:
    from pipeline.built import Built
    from pipeline.calendars import Calendar, Day, Unfinished
    from pipeline.config import Newsletter
    from pipeline.exporting import Exported
    from pipeline.reporting.rows import Section


def show(style: str, built: Built, newsletter: Newsletter) -> None:
    """The series with its dates, what was made with its size, and the warnings."""
    written = built.written
    folder = built.folder.relative_to(newsletter.root).as_posix()
    changed = f"{len(written.changed)} written" if written.changed else "nothing changed"
    removed = f", {len(written.removed)} removed" if written.removed else ""
    lines = [
        *states.lines(newsletter, built.rows, short=True),
        "",
        *options.table([("Made", "Files", "Size"), *_groups(folder, written.sizes)]),
        "",
        f"{options.counted(len(written.sizes), 'file')} in {folder}/, {changed}{removed}.",
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
    held = options.counted(len(chosen), "article")
    held += f", {private} of them not published yet" if private else ""
    folder = click.format_filename(relpath(done.folder))
    outcome = f"{len(done.changed)} written" if done.changed else "nothing changed"
    removed = f", {len(done.removed)} removed" if done.removed else ""
    end = "nothing was written" if dry else f"{outcome}{removed}"
    return {
        "text": [
            *options.table([("Made", "Files", "Size"), *_groups(folder, done.sizes)]),
            "",
            f"{held}; {options.counted(len(done.sizes), 'file')} in {folder}/, {end}.",
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
