"""A theme as a value: `theme.toml` with everything it may say, and its defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pipeline.tables import setting


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
    weight: Literal["normal", "bold"] = setting("How titles and headings are set.", "bold")
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
    gap: int = setting("Between two cards.", 16)
    titles: Literal["start", "center"] = setting("Where masthead and titles stand.", "start")


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
