"""The report for a terminal: a table for each series at each service, and lines over its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import pairwise

from pipeline.reporting import words
from pipeline.reporting.rows import Row, Section
from pipeline.text import excerpt

BARS = "▁▂▃▄▅▆▇█"
ASCII = "_.:-=+*#"
NARROWEST = 12
"""A title keeps so many characters, or its column goes."""
_ALSO = 34
"""Columns that a sparkline leaves to its name and to what is said beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One section: its heading, the table's cells (the first row is the head), its sparklines."""

    heading: str
    cells: tuple[tuple[str, ...], ...]
    lines: tuple[str, ...]


def blocks(
    sections: Sequence[Section], zone: tzinfo, *, width: int, plain: bool = False
) -> tuple[Block, ...]:
    """Each section for a terminal `width` columns wide; `plain` keeps to ASCII beside the titles.

    Where the columns do not fit, titles are cut, and then the issue, the date and the title go.
    """
    return tuple(_block(section, zone, width, plain=plain) for section in sections)


def ascii_only(text: str) -> str:
    """The report's own signs as ASCII; what authors wrote stays."""
    return text.replace(words.MISSING, "-")


def _block(section: Section, zone: tzinfo, width: int, *, plain: bool) -> Block:
    cells = _fitted(section, zone, width, plain=plain)
    lines = _lines(section, width, plain=plain)
    return Block(heading=words.heading(section), cells=cells, lines=lines)


def _fitted(
    section: Section, zone: tzinfo, width: int, *, plain: bool
) -> tuple[tuple[str, ...], ...]:
    columns = _columns(section, zone)
    for dropped in ((), ("Issue",), ("Issue", "Sent"), ("Issue", "Sent", "Title")):
        kept = {head: cells for head, cells in columns.items() if head not in dropped}
        others = sum(
            len(max(cells, key=len)) + 2 for head, cells in kept.items() if head != "Title"
        )
        room = width - others
        if room >= NARROWEST and "Title" in kept:
            kept["Title"] = [_cut(cell, min(room, 60), plain=plain) for cell in kept["Title"]]
            break
    if plain:
        kept = {
            head: cells if head == "Title" else [ascii_only(cell) for cell in cells]
            for head, cells in kept.items()
        }
    return tuple(zip(*kept.values(), strict=True))


def _cut(title: str, room: int, *, plain: bool) -> str:
    if not plain or len(title) <= room:
        return excerpt(title, room)
    return excerpt(title, room - 2).removesuffix("…") + "..."


def _columns(section: Section, zone: tzinfo) -> dict[str, list[str]]:
    """The cells by column, headings first; numbers end on one line."""
    rows = section.rows
    columns = {
        "Part": [str(row.part or "") for row in rows],
        "Issue": [f"{row.issue:03d}" for row in rows],
        "Title": [row.title for row in rows],
        "Sent": [words.day(row, zone) for row in rows],
        **{head: _counts(rows, name) for name, head in words.HEADS.items()},
    }
    if not any(columns["Part"]):
        del columns["Part"]
    return {head: _aligned(head, cells) for head, cells in columns.items()}


def _aligned(head: str, cells: list[str]) -> list[str]:
    if head in ("Title", "Sent", "Issue"):
        return [head, *cells]
    wide = max(len(cell) for cell in (head, *cells))
    return [cell.rjust(wide) for cell in (head, *cells)]


def _counts(rows: Sequence[Row], name: str) -> list[str]:
    """A column of counts, digits below digits whatever their marks; with shares where known."""
    counts = [words.marked(row, name) for row in rows]
    if any(count.endswith("+") for count in counts):
        counts = [count if count.endswith("+") else f"{count} " for count in counts]
    if name not in ("opens", "clicks"):
        return counts
    shares = [row.share(name) for row in rows]
    if all(share is None for share in shares):
        return counts
    return [
        f"{count} {'' if share is None else words.percent(share):>4}"
        for count, share in zip(counts, shares, strict=True)
    ]


def _lines(section: Section, width: int, *, plain: bool) -> tuple[str, ...]:
    """A sparkline for each count that two parts have, with its first and its last value.

    Below them stands what the service never tells.
    """
    found = []
    for name, head in words.HEADS.items():
        counts = [row.count(name) for row in section.rows]
        known = [one for one in counts if one is not None]
        if len(known) < 2:
            continue
        signs = ASCII if plain else BARS
        spark = sparkline(counts, max(8, width - _ALSO), signs)
        share = f" ({100 * known[-1] / known[0]:.0f}%)" if known[0] else ""
        found.append(f"{head:<12}  {spark}  {known[0]:,} to {known[-1]:,}{share}")
    said = [untold] if (untold := words.untold(section)) else []
    if not found:
        return tuple(said)
    what = "Part" if section.series else "Issue"
    return (f"{what} {section.rows[0].label} to {section.rows[-1].label}", *found, *said)


def sparkline(values: Sequence[float | None], width: int, signs: str) -> str:
    """A bar of `signs` for each value, from nought to the highest; a gap where one is not known.

    More values than `width` are taken together, evenly, each bar the mean of what is known.
    """
    if len(values) > width:
        cuts = [round(at * len(values) / width) for at in range(width + 1)]
        values = [_mean(values[a:b]) for a, b in pairwise(cuts)]
    top = max((one for one in values if one is not None), default=0)
    steps = len(signs) - 1
    return "".join(
        " " if one is None else signs[round(one / top * steps) if top else 0] for one in values
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return sum(known) / len(known) if known else None
