"""Finding and reading `theme.toml`, with every mistake named at its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline import files, tables
from pipeline.errors import PartworkError, Problem, fail_on_errors
from pipeline.tables import Table
from pipeline.themes.theme import Fonts, Logo, Palette, Sections, Shape, Sizes, Theme

FILE = "theme.toml"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
# What would end the style attribute or open a function in it.
_UNSAFE_FONT = re.compile(r"[^\w ,'.\-]")


def load(folders: Sequence[Path], name: str) -> Theme:
    """The theme `name` of the first folder that has it; PartworkError carries every problem."""
    return read(folders, name)[0]


@files.readable()
def read(folders: Sequence[Path], name: str, email: Table | None = None) -> tuple[Theme, Table]:
    """The same, and its file as a table, whose lines can be named.

    `email` is the settings' table, whose line is named where it is what names the theme.
    """
    for folder in folders:
        file = folder / "themes" / name / FILE
        if file.is_file():
            return _read(name, file, file.stat().st_mtime_ns)
    raise PartworkError(
        [
            Problem(
                path="newsletter.toml",
                line=email.line("theme") if email and email.values.get("theme") == name else None,
                rule="theme",
                message=f"there is no theme `{name}`",
                remedy=tables.did_you_mean(name, names(folders)),
            )
        ]
    )


@files.readable()
def names(folders: Sequence[Path]) -> list[str]:
    """Every theme's name, sorted."""
    return sorted({file.parent.name for one in folders for file in one.glob(f"themes/*/{FILE}")})


@lru_cache(maxsize=16)
def _read(name: str, file: Path, _changed: int) -> tuple[Theme, Table]:
    shown = "/".join(file.parts[-4:])
    table, broken = tables.parse(shown, file.read_bytes())
    fail_on_errors(broken)
    parts: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, cls in _TABLES.items():
        value, found = tables.read(cls, table.child(key))
        parts[key] = value
        problems += found
    theme, found = tables.read(Theme, table, also=tuple(_TABLES), name=name, **parts)
    problems += found
    if theme is None or problems:
        raise PartworkError(problems)
    fail_on_errors(_wrong(theme, table))
    return theme, table


_TABLES: dict[str, type] = {
    "fonts": Fonts,
    "light": Palette,
    "dark": Palette,
    "sizes": Sizes,
    "shape": Shape,
    "logo": Logo,
    "sections": Sections,
}

_RANGES = {
    ("sizes", "text"): (16, 18),
    ("sizes", "small"): (14, 18),
    ("sizes", "title"): (20, 60),
    ("sizes", "heading"): (18, 40),
    ("sizes", "line_height"): (1.5, 1.6),
    ("shape", "width"): (320, 600),
    ("shape", "margin"): (12, 48),
    ("shape", "radius"): (0, 40),
    ("shape", "border"): (0, 8),
    ("shape", "gap"): (0, 48),
    ("logo", "width"): (16, 300),
}


def _wrong(theme: Theme, table: Table) -> Iterator[Problem]:
    """What the types alone can't say."""
    for scheme, palette in (("light", theme.light), ("dark", theme.dark)):
        for one in fields(Palette):
            value = getattr(palette, one.name)
            if not _COLOUR.fullmatch(value):
                yield table.child(scheme).problem(
                    one.name, f"`{one.name}` is {value!r}", "write a colour as #rrggbb", "theme"
                )
    for one in fields(Fonts):
        stack: str = getattr(theme.fonts, one.name)
        if _UNSAFE_FONT.search(stack):
            yield table.child("fonts").problem(
                one.name,
                f"`{one.name}` is {stack!r}",
                "write font names, 'quoted' where they hold a space, with commas between",
                "theme",
            )
    for (name, key), (low, high) in _RANGES.items():
        value = getattr(getattr(theme, name), key)
        if not low <= value <= high:
            yield table.child(name).problem(
                key, f"`{key}` is {value}", f"keep it between {low} and {high}", "theme"
            )
