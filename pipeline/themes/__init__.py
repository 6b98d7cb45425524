"""Themes: how a mail looks, from `theme.toml` to CSS."""

from pipeline.themes.reading import FILE, load, names, read
from pipeline.themes.styles import CELL_PADDING, css, dark_rules, ground, styles
from pipeline.themes.theme import Palette, Theme

__all__ = [
    "CELL_PADDING",
    "FILE",
    "Palette",
    "Theme",
    "css",
    "dark_rules",
    "ground",
    "load",
    "names",
    "read",
    "styles",
]
