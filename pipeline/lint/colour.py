"""Colours of CSS, and their contrast (WCAG 2.2 §1.4.3)."""

from __future__ import annotations

import re
from typing import NamedTuple

from PIL import ImageColor

_RGB = re.compile(
    r"rgba?\(\s*(\d+(?:\.\d+)?)\s*[, ]\s*(\d+(?:\.\d+)?)\s*[, ]\s*(\d+(?:\.\d+)?)"
    r"\s*(?:[,/]\s*(\d*\.?\d+)(%?)\s*)?\)"
)
_WORD = re.compile(r"(?:rgba?|hsla?)\([^)]*\)|#[0-9a-f]{3,8}\b|(?<![\w(/.-])[a-z]+(?![\w(/.-])")


class Colour(NamedTuple):
    """Red, green, blue 0 to 255, and alpha 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def over(self, ground: Colour) -> Colour:
        """What is seen where this lies on an opaque ground."""
        red, green, blue = (
            top * self.alpha + below * (1 - self.alpha)
            for top, below in zip(self[:3], ground[:3], strict=True)
        )
        return Colour(red, green, blue)

    def __str__(self) -> str:
        return "#" + "".join(f"{round(one):02x}" for one in self[:3])


WHITE = Colour(255, 255, 255)
BLACK = Colour(0, 0, 0)


def parse(value: str) -> Colour | None:
    """A colour as CSS writes it; None where it is none, or one that others decide (`inherit`)."""
    value = value.strip().lower()
    if value == "transparent":
        return Colour(0, 0, 0, 0)
    if match := _RGB.fullmatch(value):
        alpha = float(match[4] or 1) / (100 if match[5] else 1)
        return Colour(float(match[1]), float(match[2]), float(match[3]), min(1.0, alpha))
    try:
        red, green, blue, *alphas = ImageColor.getrgb(value)
    except ValueError:
        return None
    return Colour(red, green, blue, alphas[0] / 255 if alphas else 1.0)


def first(value: str) -> Colour | None:
    """The colour in a shorthand such as `background: #fff url(x) no-repeat`, None without one."""
    found = (parse(word) for word in _WORD.findall(value.lower()))
    return next((one for one in found if one is not None), None)


def contrast(text: Colour, ground: Colour) -> float:
    """The contrast ratio of two opaque colours, 1 to 21 (WCAG 2.2, “contrast ratio”)."""
    light, dark = sorted((_luminance(text), _luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        one / 255 / 12.92 if one / 255 <= 0.04045 else ((one / 255 + 0.055) / 1.055) ** 2.4
        for one in colour[:3]
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
