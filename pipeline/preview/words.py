"""How the preview puts dates, sizes and places into words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from markupsafe import Markup, escape


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A file and a line as people read them; `href` opens the editor there, if one is set."""

    text: str
    href: str = ""


def when(moment: datetime, zone: tzinfo) -> str:
    """A moment as `Tue 13 Oct 2026, 09:00` on the clocks of a zone."""
    there = moment.astimezone(zone)
    return f"{there:%a} {there.day} {there:%b %Y, %H:%M}"


def day(moment: datetime, zone: tzinfo) -> str:
    """A day as `13 Oct`, as lists of mails show it."""
    there = moment.astimezone(zone)
    return f"{there.day} {there:%b}"


def size(count: int) -> str:
    """Bytes as `41.2 kB`."""
    return f"{count / 1000:.1f} kB" if count >= 1000 else f"{count} bytes"


def coded(words: str) -> Markup:
    """A message with what stands between backticks as code."""
    pieces = [escape(piece) for piece in words.split("`")]
    if len(pieces) % 2 == 0:
        return escape(words)
    pieces[1::2] = [Markup("<code>{}</code>").format(piece) for piece in pieces[1::2]]
    return Markup("").join(pieces)
