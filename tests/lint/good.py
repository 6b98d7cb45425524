"""A good issue, the second of the sample newsletter, and faults put into it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from pipeline import emails, lint, newsletter, plan
from pipeline.config import LintSetting, Newsletter
from pipeline.lint import Places

ROOT = Path(__file__).resolve().parents[2]
LATER = datetime(2027, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Letter:
    """An email's values, to be spoilt one at a time."""

    subject: str
    preheader: str
    html: str
    text: str

    def spoilt(self, old: str, new: str, count: int = 1) -> Letter:
        """The HTML with a text put in another's place; the text must be there."""
        assert old in self.html, old
        return replace(self, html=self.html.replace(old, new, count))

    def with_pattern(self, pattern: str, new: str) -> Letter:
        """The HTML with the first match of a pattern changed; there must be one."""
        html, count = re.subn(pattern, new, self.html, count=1, flags=re.DOTALL)
        assert count, pattern
        return replace(self, html=html)

    def with_words(self, html: str) -> Letter:
        """The HTML with more of it at the article's end."""
        return self.spoilt("<h2 style", f"{html}<h2 style")

    def with_style(self, css: str) -> Letter:
        """The HTML with another style element."""
        return self.spoilt("</head>", f"<style>{css}</style></head>")

    def with_text(self, old: str, new: str) -> Letter:
        """The plain text with a text put in another's place; the text must be there."""
        assert old in self.text, old
        return replace(self, text=self.text.replace(old, new))


@cache
def sample() -> tuple[Letter, Newsletter, Places]:
    """The second issue of the sample newsletter as rendered now."""
    settings = newsletter.load(ROOT)
    planned = plan.load(settings)
    seen, _ = plan.published(planned, LATER)
    issue = seen.issues[1]
    then = seen.until(issue.date)
    email = emails.render(then, issue, upcoming=planned.after(issue.articles[-1]))
    letter = Letter(email.subject, email.preheader, email.html, email.text)
    return letter, settings, lint.places_of(then, issue, "output")


def good() -> Letter:
    """The email alone."""
    return sample()[0]


def findings(letter: Letter, **rules: LintSetting) -> tuple[lint.Problem, ...]:
    """What the lint finds, with `[lint]` as given (`html_size` for `html-size`)."""
    _, settings, where = sample()
    named = {name.replace("_", "-"): setting for name, setting in rules.items()}
    return lint.lint(letter, replace(settings, lint=named), where)


def broken(letter: Letter) -> set[str]:
    """The rules that a letter breaks."""
    return {one.rule for one in findings(letter)}
