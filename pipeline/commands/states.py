"""The series as tables, for the commands that show where each stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from pipeline import nearby
from pipeline.commands.options import table
from pipeline.text import excerpt

if TYPE_CHECKING:
    from pipeline.built import Row
    from pipeline.config import Newsletter


def lines(newsletter: Newsletter, rows: Sequence[Row], *, short: bool = False) -> list[str]:
    """The series as tables, one a series, for people.

    `short` leaves out of a long one what is not about the next part to come.
    """
    titles = {one.key: one.title for one in newsletter.series}
    of_series: dict[str, list[Row]] = {}
    for row in rows:
        of_series.setdefault(row.series, []).append(row)
    shown: list[str] = []
    for key, mine in of_series.items():
        near = nearby.near(len(mine), _next(mine)) if short else slice(0, len(mine))
        cells = [
            *_left_out(near.start, "before"),
            *map(_cells, mine[near]),
            *_left_out(len(mine) - near.stop, "after"),
        ]
        name = titles.get(key, "Articles outside a series")
        shown += ["", click.style(name, bold=True)] if shown else [click.style(name, bold=True)]
        shown += table([("Part", "Title", "Date", "Issue", "State"), *cells])
    return shown or ["There are no articles yet: `partwork new TITLE` begins one."]


def _next(rows: Sequence[Row]) -> int:
    """The place of the first part to come; behind the last where none is."""
    to_come = (at for at, row in enumerate(rows) if row.state in ("waiting", "draft"))
    return next(to_come, len(rows))


def _cells(row: Row) -> tuple[str, ...]:
    return (
        str(row.part or ""),
        excerpt(row.title, 60),
        row.date.strftime("%a %Y-%m-%d %H:%M") if row.date else "",
        f"{row.issue:03d}" if row.issue else "",
        f"{row.state} until {row.until}" if row.until else row.state,
    )


def _left_out(count: int, where: str) -> list[tuple[str, ...]]:
    said = f"{count} {where}: `partwork status` shows all"
    return [("…", said, "", "", "")] if count else []
