"""Pictures on pages: where they lie, and their size, so that text does not jump as they load."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote, unquote

Measure = Callable[[str], tuple[int, int] | None]
"""Width and height in pixels of a picture of the articles folder, None where they can't be read.

They are those it is shown with: browsers turn a picture as its EXIF says (CSS Images 3, §5.1).
"""

_TURNED = frozenset({"AVIF", "JPEG", "MPO", "PNG"})
_QUARTERS = frozenset({5, 6, 7, 8})

_IMAGE = re.compile(r"<img [^>]*>")
_SOURCE = re.compile(r' src="(?:\.\./)+media/([^"?#]*)')
_SIZED = re.compile(r' (?:width|height)="')


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture: `src` leads from output/'s root; `width` and `height` in pixels, 0 if unknown."""

    src: str
    alt: str
    width: int
    height: int


def measure_in(folder: Path) -> Measure:
    """A measure that reads the head of each picture once."""

    @cache
    def measure(path: str) -> tuple[int, int] | None:
        from PIL import ExifTags, Image

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)
                with Image.open(folder / path) as picture:
                    width, height = picture.size
                    turned = (
                        picture.format in _TURNED
                        and "exif" in picture.info
                        and picture.getexif().get(ExifTags.Base.Orientation) in _QUARTERS
                    )
                    return (height, width) if turned else (width, height)
        except (OSError, ValueError, Image.DecompressionBombError):
            return None  # an SVG, or nothing that Pillow knows: pages show it without a size

    return measure


def picture(path: str, alt: str, measure: Measure) -> Picture | None:
    """The picture at a path in the articles folder, None for an empty path."""
    if not path:
        return None
    width, height = measure(path) or (0, 0)
    return Picture(src=quote(f"media/{path}"), alt=alt, width=width, height=height)


def with_sizes(html: str, measure: Measure) -> str:
    """A page's body (`markdown.for_web`) whose pictures of our own say how large they are."""

    def sized(match: re.Match[str]) -> str:
        source = _SOURCE.search(match[0])
        if source is None or _SIZED.search(match[0]):
            return match[0]
        size = measure(unquote(source[1]))
        return f'{match[0][:-1]} width="{size[0]}" height="{size[1]}">' if size else match[0]

    return _IMAGE.sub(sized, html) if "<img " in html else html
