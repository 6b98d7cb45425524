"""The press: all that a newsletter's emails are made with, looked up once."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from pipeline import assets, templating, themes
from pipeline.config import Newsletter
from pipeline.emails import words
from pipeline.emails.blanks import printed
from pipeline.emails.forms import Forms
from pipeline.emails.plain import plain
from pipeline.errors import fail_on_errors
from pipeline.merge import MergePoint
from pipeline.plaintext.wrap import columns, wrap
from pipeline.text import direction
from pipeline.themes import Theme

HTML, TEXT = "issue.mjml.j2", "issue.txt.j2"
"""The two templates of an issue."""
TEXT_WIDTH = 72
"""Columns of plain text, URLs and code apart."""
_SPACES = re.compile("[^\\S\u00a0\u202f]+")


class Press:
    """Templates, theme and words as they are on disk when it is made, and the forms made so far."""

    def __init__(self, newsletter: Newsletter) -> None:
        self.newsletter = newsletter
        folders = templating.email_folders(newsletter)
        self.theme = theme_of(newsletter)
        self.words = words.load(folders, newsletter.language)
        self.env = templating.current(_environment(folders, newsletter.root))
        self.shared = self._shared()
        self.forms = Forms(partial(plain, self.env, HTML))

    def _shared(self) -> dict[str, Any]:
        """The templates' values that are the same in every issue."""
        language, theme = self.newsletter.language, self.theme
        way = direction(language)
        start, end = ("right", "left") if way == "rtl" else ("left", "right")
        greeting = self.newsletter.email.greeting
        return {
            "lang": language,
            "dir": way,
            "start": start,
            "end": end,
            "theme": theme,
            "c": theme.light,
            "style": themes.styles(theme, way),
            "dark_rules": Markup(themes.dark_rules(theme)),  # noqa: S704  # colours checked as #rrggbb
            "title_align": "center" if theme.shape.titles == "center" else start,
            "words": self.words,
            "greeting": greeting.format(first_name=MergePoint.FIRST_NAME.neutral),
        }


def theme_of(newsletter: Newsletter) -> Theme:
    """The newsletter's theme; PartworkError where it can't be read, or a logo of it not found."""
    folders, email = templating.email_folders(newsletter), newsletter.table.child("email")
    theme, table = themes.read(folders, newsletter.email.theme, email)
    signs = {"light": theme.logo.light, "dark": theme.logo.dark}
    fail_on_errors(
        problem
        for key, name in signs.items()
        if not name.startswith("https://")
        for problem in assets.named(newsletter.articles_dir, table.child("logo"), key, name)
    )
    return theme


@lru_cache(maxsize=4)
def _environment(folders: tuple[Path, ...], root: Path) -> Environment:
    """The templates, compiled once a process."""
    env = templating.environment(folders, root=root)
    env.finalize = printed
    env.filters["wrap"] = wrapped
    env.filters["underlined"] = underlined
    return env


@lru_cache(maxsize=4096)  # the same rows of a series stand in many issues
def wrapped(value: str, indent: str = "") -> str:
    """Plain text in lines of at most 72 columns but for URLs, all but the first after `indent`."""
    lines = wrap(_folded(value), TEXT_WIDTH - len(indent))
    return f"\n{indent}".join(lines)


def underlined(value: str, line: str) -> str:
    """A heading in plain text with a row of `line` below it, as wide as its longest line."""
    lines = wrap(_folded(value), TEXT_WIDTH)
    return "\n".join([*lines, line * max(map(columns, lines))])


def _folded(value: str) -> str:
    """One line; not `text.one_line`, which takes merge points and no-break spaces out."""
    return _SPACES.sub(" ", value).strip()
