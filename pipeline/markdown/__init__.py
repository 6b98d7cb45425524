"""One article's Markdown, parsed once: sanitised HTML in neutral form, and what is made of it.

CommonMark with GFM's tables, strikethrough, task lists, alerts and bare URLs, footnotes, definition
lists, heading ids (`{#id}`), and figures: a paragraph that is one image with a title. A level-1
heading in an article moves all its headings one level down, since the title is the page's h1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.articles import Source
from pipeline.errors import Problem
from pipeline.markdown.body import Body, Heading, Image, Link, Outline, Surroundings
from pipeline.markdown.derive import ImageAttributes, for_feed, for_web, one_down
from pipeline.markdown.events import Manuscript
from pipeline.markdown.mail import MAIL_TAGS, for_mail
from pipeline.markdown.quotes import marks_of
from pipeline.markdown.sanitise import sanitise, settled
from pipeline.markdown.sheet import Sheet
from pipeline.markdown.walk import Walk
from pipeline.spool import held
from pipeline.text import excerpt

__all__ = [
    "MAIL_TAGS",
    "Body",
    "Heading",
    "Image",
    "ImageAttributes",
    "Link",
    "Outline",
    "Surroundings",
    "for_feed",
    "for_mail",
    "for_web",
    "one_down",
    "outline",
    "render",
]

_SUMMARY = 300
# Chinese and Japanese are written without spaces: a character is about as much as a short word.
_WIDE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# A text that has none is told so several times as fast by all the rest as by a search.
_SPACED = re.compile(f"[^{_WIDE}]*")


def render(source: Source, surroundings: Surroundings) -> tuple[Body, tuple[Problem, ...]]:
    """An article's body, and everything wrong with it, each with its line in the file.

    Errors are links and images that lead nowhere or out of the articles folder, and images without
    alternative text; warnings are unknown fragments, unused footnotes and too deep nesting.
    """
    sheet, summary, html = _walked(source, surroundings)
    if "<h1" in html:
        html = one_down(html)
    body = Body(
        text=held(html.encode()),
        summary=excerpt(summary, _SUMMARY),
        words=count_words(sheet.said),
        path=sheet.page,
        leads_to=sheet.leads_to,
        assets=tuple(sheet.assets),
    )
    return body, tuple(sheet.problems)


def outline(source: Source, surroundings: Surroundings) -> Outline:
    """What stands in an article's body, and on which line: for who looks closely at a few."""
    sheet, _, html = _walked(source, surroundings)
    return sheet.outline(down=1 if "<h1" in html else 0)


def _walked(source: Source, surroundings: Surroundings) -> tuple[Sheet, str, str]:
    """The sheet of an article, its first paragraph and its HTML, headings as they are written."""
    manuscript = Manuscript(
        source.body,
        first_line=source.body_line,
        smart=surroundings.smart,
        marks=marks_of(source.lang or surroundings.language),
    )
    sheet = Sheet(source, surroundings, manuscript)
    walk = Walk(manuscript, sheet)
    walk.run()
    html = sanitise("".join(sheet.out))
    return sheet, walk.summary, settled(html) if walk.has_raw_html else html


def count_words(said: Sequence[str]) -> int:
    """How many words a reader reads in a text that comes in pieces.

    Each Chinese or Japanese character counts as one.
    """
    text = "".join(said)
    if _SPACED.fullmatch("".join([piece for piece in said if not piece.isascii()])):
        return len(text.split())
    spaced, characters = re.subn(f"[{_WIDE}]", " ", text)
    return characters + len(spaced.split())
