"""How a figure is written, and what the report has to say of figures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo

from pipeline.reporting.rows import Row, Section

MISSING = "–"
HEADS = {
    "readers": "Recipients",
    "opens": "Opens",
    "clicks": "Clicks",
    "bounces": "Bounces",
    "unsubscribes": "Unsubscribed",
}
"""The counts that are shown, with their headings."""

APPLE = (
    "Opens are estimates everywhere: Apple Mail loads an email's pictures whether it is read or"
    " not, and programs that block pictures hide readers; clicks are firmer."
)
REPEATS = "~ counts every time, so that one reader may count several times."
EARLY = "+ was counted within a week of sending, and still rises."
UNKNOWN = f"{MISSING} is not known: the service does not tell it, or was not asked."


def percent(value: float | None) -> str:
    """A share; more than one digit after the point would say more than is known."""
    if value is None:
        return MISSING
    return f"{value:.1f}%" if 0 < value < 9.95 else f"{value:.0f}%"


def heading(section: Section) -> str:
    """What a section is called."""
    return f"{section.series or 'Articles outside a series'}, at {section.service}"


def day(row: Row, zone: tzinfo) -> str:
    """The day it was sent."""
    return row.sent.astimezone(zone).strftime("%Y-%m-%d") if row.sent else MISSING


def marked(row: Row, name: str) -> str:
    """A count with its marks."""
    count = row.count(name)
    if count is None:
        return MISSING
    rises = row.early and name != "readers"
    return f"{'~' * (name in row.repeats)}{count:,}{'+' * rises}"


def untold(section: Section) -> str:
    """A sentence on what the service never tells; empty where it tells all."""
    if not section.untold:
        return ""
    *most, last = section.untold
    named = f"{', '.join(most)} and {last}" if most else last
    return f"{section.service} never tells {named}."


def notes(sections: Iterable[Section]) -> tuple[str, ...]:
    """The marks that the figures bear, explained."""
    rows = [row for section in sections for row in section.rows]
    cells = {marked(row, name) for row in rows for name in HEADS}
    found = []
    if any(cell.startswith("~") for cell in cells):
        found.append(REPEATS)
    if any(cell.endswith("+") for cell in cells):
        found.append(EARLY)
    if MISSING in cells:
        found.append(UNKNOWN)
    return (*found, APPLE) if rows else ()
