"""Themes: `theme.toml` as a typed value, and what a mail template needs of it as CSS."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pipeline import tables
from pipeline.errors import PartworkError, Problem, fail_on_errors
from pipeline.tables import Table, setting

FILE = "theme.toml"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
# What would end the style attribute or open a function in it.
_UNSAFE_FONT = re.compile(r"[^\w ,'.\-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of one scheme, each `#rrggbb`."""

    page: str = setting("Around everything.")
    card: str = setting("Behind the article.")
    tint: str = setting("Behind the series block.")
    soft: str = setting("Behind notes, code and the line on earlier parts.")
    text: str = setting("Running text.")
    heading: str = setting("Titles and headings.")
    muted: str = setting("Dates, captions and the footer.")
    mark: str = setting("The line above the title and the current part.")
    link: str = setting("Links in text.")
    line: str = setting("Rules and table borders.")
    edge: str = setting("The bar beside quotes and notes.")
    button: str = setting("The button.")
    button_text: str = setting("The words on the button.")
    done: str = setting("The progress bar's parts that are out.")
    rest: str = setting("The progress bar's parts to come.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fonts:
    """Font stacks of system fonts; mail programs drop web fonts."""

    body: str = setting("Running text.")
    heading: str = setting("Titles and headings.")
    code: str = setting("Code.", "Menlo, Consolas, 'Courier New', monospace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Type sizes in CSS pixels."""

    text: int = setting("Running text, 16 to 18.", 17)
    small: int = setting("Dates, captions and the footer, at least 14.", 15)
    title: int = setting("The article's title.", 32)
    heading: int = setting("A heading in the article; deeper ones step down.", 23)
    line_height: float = setting("Of running text, 1.5 to 1.6.", 1.6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Widths and forms, in CSS pixels."""

    width: int = setting("The whole mail, at most 600.", 600)
    margin: int = setting("Between the text and the card's sides.", 28)
    radius: int = setting("Of cards, pictures and the button.", 12)
    border: int = setting("Around cards; 0 draws none.", 0)
    rule: int = setting("The thickness of rules.", 1)
    masthead: Literal["start", "center"] = setting("Where the masthead stands.", "start")


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """The newsletter's sign; empty takes the newsletter's `logo`."""

    light: str = setting("A picture: an https URL, or relative to the articles folder.", "")
    dark: str = setting("The same for dark backgrounds.", "")
    width: int = setting("Its width in CSS pixels.", 48)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """Which sections a mail shows; one without content is left out anyway."""

    masthead: bool = setting("The newsletter's name, and its logo.", True)
    part: bool = setting("The line with the series and “part k of n”.", True)
    byline: bool = setting("Author, date, minutes and “view in browser”.", True)
    hero: bool = setting("The article's picture.", True)
    earlier: bool = setting("The sentence that links the previous part and part 1.", True)
    button: bool = setting("The button (a cut article always has it).", True)
    series: bool = setting("The series block: progress, previous, next, contents.", True)
    progress: bool = setting("The progress bar in it.", True)
    contents: bool = setting("The contents in it.", True)
    notice: bool = setting("The notice (a disclaimer).", True)
    share: bool = setting("“Reply” and “forward”.", True)
    feed: bool = setting("The feed's link in the footer.", True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """How a mail looks. Colours are `#rrggbb`, sizes CSS pixels."""

    name: str
    title: str = setting("The theme's name as people see it.")
    description: str = setting("One sentence on how it looks.")
    fonts: Fonts
    light: Palette
    dark: Palette
    sizes: Sizes = field(default_factory=Sizes)
    shape: Shape = field(default_factory=Shape)
    logo: Logo = field(default_factory=Logo)
    sections: Sections = field(default_factory=Sections)

    @property
    def content_width(self) -> int:
        """The width that is left for text and pictures."""
        return self.shape.width - 2 * (self.shape.margin + self.shape.border)


def load(folders: Sequence[Path], name: str) -> Theme:
    """The theme `name` of the first folder that has it; PartworkError carries every problem."""
    for folder in folders:
        file = folder / "themes" / name / FILE
        if file.is_file():
            return _read(name, file, file.stat().st_mtime_ns)
    raise PartworkError(
        [
            Problem(
                path="newsletter.toml",
                rule="theme",
                message=f"there is no theme `{name}`",
                remedy=tables.did_you_mean(name, names(folders)),
            )
        ]
    )


def names(folders: Sequence[Path]) -> list[str]:
    """Every theme's name, sorted."""
    return sorted({file.parent.name for one in folders for file in one.glob(f"themes/*/{FILE}")})


@lru_cache(maxsize=16)
def _read(name: str, file: Path, _changed: int) -> Theme:
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
    return theme


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
    ("shape", "rule"): (1, 8),
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
        value = getattr(theme.fonts, one.name)
        if _UNSAFE_FONT.search(value):
            yield table.child("fonts").problem(
                one.name,
                f"`{one.name}` is {value!r}",
                "write font names, 'quoted' where they hold a space, with commas between",
                "theme",
            )
    for (name, key), (low, high) in _RANGES.items():
        value = getattr(getattr(theme, name), key)
        if not low <= value <= high:
            yield table.child(name).problem(
                key, f"`{key}` is {value}", f"keep it between {low} and {high}", "theme"
            )


def css(**declarations: str | int | float) -> str:
    """An inline style: `css(line_height=1.5, margin="0 0 4px")` as `line-height:1.5;margin:0 0 4px`."""
    return ";".join(f"{key.replace('_', '-')}:{value}" for key, value in declarations.items())


def dark_rules(theme: Theme) -> str:
    """The rules for dark schemes: all that a mail's style element holds.

    `prefers-color-scheme` is Apple Mail's and Thunderbird's, `data-ogsc` and `data-ogsb` mark what
    Outlook.com recolours (caniemail.com). The classes are those of the packaged templates.
    """
    colours = theme.dark
    rules = [
        (selector, f"{kind}:{getattr(colours, colour)}!important")
        for selector, kind, colour in _DARK
    ]
    own = "".join(f"{selector}{{{rule}}}" for selector, rule in rules)
    outlook = "".join(
        f"{_each(selector, '[data-ogsb]' if rule.startswith('background') else '[data-ogsc]')}"
        f"{{{rule}}}"
        for selector, rule in rules
        if not selector.startswith("body")
    )
    return f"@media (prefers-color-scheme:dark){{{own}}}{outlook}"


def _each(selector: str, prefix: str) -> str:
    return ",".join(f"{prefix} {one}" for one in selector.split(","))


_DARK = ()

_Styles = Mapping[str, str]
