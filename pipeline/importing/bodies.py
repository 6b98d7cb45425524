"""An article's text as Markdown, and the proof that it holds the source's words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import unescape
from pathlib import Path
from posixpath import dirname, relpath

from pipeline import markdown, text
from pipeline.articles import Source
from pipeline.errors import Problem
from pipeline.importing.extra import loaded
from pipeline.importing.media import Media
from pipeline.importing.model import Note
from pipeline.importing.relinked import relinked
from pipeline.markdown import Surroundings
from pipeline.spool import held

_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strike"
    r"|strong|sub|sup|time|tt|u|var|wbr)\b[^>]*>",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"<sup[^>]*><a[^>]*doc-noteref[^>]*>\d+</a></sup>")
_TAG = re.compile(r"<[^>]*>")
_WORD = re.compile(r"\w+")
_TOLD = 5
_ON_DISK = frozenset({"link-article", "link-file", "image-missing"})
"""Rules that ask what files there are."""


def made(media: Media) -> tuple[str, tuple[Note, ...]]:
    """The article's Markdown with its pictures and links resolved, and what was lost on the way."""
    one = media.article
    if one.markup == "html":
        body, said = loaded("html.tomarkdown").markdown(one.body, media)
    elif one.said is not None:  # plain text, which has no links
        body, said = one.body, one.said
    else:
        body, said = relinked(one.body, media), None
    body = text.clean(body)
    shown = body
    for path in media.files:  # what is not on disk yet would not be rendered
        shown = shown.replace(f"({relpath(path, dirname(media.target))}", "(https://x.example/")
    html, problems = _rendered(shown)
    wrong = [problem.message for problem in problems if problem.severity == "error"]
    notes = [
        *media.notes,
        *(Note(path=one.path, message=f"partwork check will say: {what}") for what in wrong),
        *(_lost(one.path, said, words_of(html)) if said is not None else ()),
    ]
    return body, tuple(notes)


def rendered(body: str) -> str:
    """The HTML that readers get of a body."""
    return _rendered(body)[0]


def _rendered(body: str) -> tuple[str, tuple[Problem, ...]]:
    """The HTML of a body, and what is wrong with it whatever files there are."""
    text = held(body.encode())
    source = Source(path="articles/x.md", id="x:x", title="x", slug="x", text=text, body_line=1)
    around = Surroundings(
        articles={}, root=Path("/nowhere"), articles_dir="articles", smart=False, language="en"
    )
    found, problems = markdown.render(source, around)
    return found.html, tuple(one for one in problems if one.rule not in _ON_DISK)


def words_of(html: str) -> list[str]:
    """The words of HTML, those that inline elements divide made whole."""
    whole = _INLINE.sub("", _REFERENCE.sub(" ", html))
    return words([unescape(_TAG.sub(" ", whole))])


def words(lines: Iterable[str]) -> list[str]:
    """The words of lines of text."""
    return [word for line in lines for word in _WORD.findall(line)]


def _lost(path: str, said: Sequence[str], there: Sequence[str]) -> list[Note]:
    """A note where words of the source are not in the article, in their order."""
    at, missing = 0, []
    for word in words(said):
        try:
            at = there.index(word, at) + 1
        except ValueError:
            missing.append(word)
            if len(missing) > _TOLD:
                break
    if not missing:
        return []
    listed = ", ".join(repr(text.excerpt(word, 30)) for word in missing[:_TOLD])
    more = " and more" if len(missing) > _TOLD else ""
    return [Note(path=path, message=f"these words did not come along: {listed}{more}", loss=True)]
