"""A book's cover where the series has no picture: its title, drawn; the same for the same words."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1600, 2560
"""Pixels: what book shops ask for."""
_MARGIN = 160
_GROUNDS = ("#12372a", "#1d3557", "#4a2545", "#5c2a1d", "#2f3e46", "#3d348b")
_PAPER, _FAINT = "#ffffff", "#ffffffb0"
_SIZES = (200, 160, 130, 105, 85, 70)


def draw(title: str, newsletter: str, authors: str, parts: int) -> bytes:
    """A PNG: the title, whose it is, and a bar for each part (at most 24).

    The letters are those of Pillow's own font, so that every machine draws the same. A title in a
    script that it lacks is left to the title page; the bars stay.
    """
    ground = _GROUNDS[sha256(title.encode()).digest()[0] % len(_GROUNDS)]
    cover = Image.new("RGB", (WIDTH, HEIGHT), ground)
    pen = ImageDraw.Draw(cover, "RGBA")
    _bars(pen, min(parts, 24))
    _write(pen, title, top=_MARGIN * 2, sizes=_SIZES, lines=6, colour=_PAPER)
    _write(pen, authors, top=HEIGHT - 520, sizes=(70, 55), lines=2, colour=_PAPER)
    _write(pen, newsletter, top=HEIGHT - 300, sizes=(60, 48), lines=2, colour=_FAINT)
    out = BytesIO()
    cover.save(out, "PNG", optimize=True)
    return out.getvalue()


def _bars(pen: ImageDraw.ImageDraw, count: int) -> None:
    for at in range(count):
        top = HEIGHT - 640 - 32 * at
        pen.rectangle((_MARGIN, top, WIDTH - _MARGIN - 40 * at, top + 10), fill="#ffffff40")


def _write(
    pen: ImageDraw.ImageDraw,
    text: str,
    *,
    top: int,
    sizes: tuple[int, ...],
    lines: int,
    colour: str,
) -> None:
    """Text in the largest size in which it fits; nothing where a letter is missing."""
    for size in sizes:
        font = ImageFont.load_default(size)
        if not isinstance(font, ImageFont.FreeTypeFont) or not _has(font, text):
            return
        found = list(_wrapped(text, font))
        fits = all(font.getlength(line) <= WIDTH - 2 * _MARGIN for line in found)
        if (len(found) <= lines and fits) or size == sizes[-1]:
            for at, line in enumerate(found[:lines]):
                pen.text((_MARGIN, top + at * size * 1.25), line, font=font, fill=colour)
            return


def _has(font: ImageFont.FreeTypeFont, text: str) -> bool:
    missing = bytes(font.getmask("\U0010fffd"))
    return all(char == " " or bytes(font.getmask(char)) != missing for char in set(text))


def _wrapped(text: str, font: ImageFont.FreeTypeFont) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > WIDTH - 2 * _MARGIN:
            yield line
            line = word
        else:
            line = longer
    yield line
