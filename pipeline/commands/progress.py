"""Progress of long work: a line on a terminal while it runs, nothing in a pipe."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import click


@contextmanager
def shown(style: str, what: str = "files") -> Iterator[Callable[[str], None]]:
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
