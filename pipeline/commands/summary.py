"""What a build shows: progress on a terminal while it runs, a short table at its end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands import options

if TYPE_CHECKING:
    from pipeline.build import Built


@contextmanager
def progress(style: str, what: str = "files") -> Iterator[Callable[[str], None]]:
    """Count the files, or what else is told, on a terminal; say nothing in a pipe."""
    if style != "text" or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    with Progress(
        SpinnerColumn(),
        TextColumn(f"{{task.completed}} {what}"),
        TextColumn("{task.description}"),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("")
        yield lambda path: bar.update(task, advance=1, description=click.format_filename(path))


def show(style: str, built: Built, as_of: datetime) -> None:
    """The series with its dates, what was made with its size, and the warnings."""
    from pipeline import status

    written = built.written
    rows = status.rows(built.plan, as_of)
    folder = _shown(built.folder, built.plan.newsletter.root)
    changed = f"{len(written.changed)} written" if written.changed else "nothing changed"
    removed = f", {len(written.removed)} removed" if written.removed else ""
    lines = [
        *options.status_lines(built.plan.newsletter, rows),
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
            "articles": [asdict(row) for row in rows],
        },
    )


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
