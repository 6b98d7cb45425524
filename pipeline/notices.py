"""Notices: the disclaimer at an article's end, written in Markdown in the settings or the article.

Rendered once for pages, feeds and mail; most articles share the newsletter's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from posixpath import dirname

from pipeline import markdown
from pipeline.articles import Source
from pipeline.config import Newsletter
from pipeline.errors import Problem
from pipeline.markdown import Body, Surroundings
from pipeline.spool import held


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice as Markdown (`source`) and rendered. Articles that share it hold the same value."""

    source: Source
    body: Body


def render(
    newsletter: Newsletter, sources: Iterable[Source], around: Surroundings
) -> tuple[dict[str, Notice], tuple[Problem, ...]]:
    """The notices by article id, and what is wrong with them at the place where each is written.

    An article's own notice counts, the newsletter's where it says nothing; an empty one is none.
    """
    made: dict[tuple[str, str], Notice] = {}
    notices: dict[str, Notice] = {}
    problems: list[Problem] = []
    for source in sources:
        own = source.notice
        said = newsletter.notice if own is None else own
        folder = newsletter.articles if own is None else dirname(source.path)
        if not said.strip():
            continue
        if (said, folder) not in made:
            path = f"{folder}/notice"
            written = Source(
                path=path, id="", title="", slug="notice", text=held(said.encode()), body_line=1
            )
            body, found = markdown.render(written, around)
            made[said, folder] = Notice(source=written, body=body)
            problems += (_placed(newsletter, source, one) for one in found)
        notices[source.id] = made[said, folder]
    return notices, tuple(problems)


def place(newsletter: Newsletter, source: Source) -> tuple[str, int]:
    """The file and the line where the notice of an article is written."""
    table = newsletter.table.child("newsletter")
    if source.notice is None:
        return table.path, table.line("notice")
    return source.path, source.line("notice")


def _placed(newsletter: Newsletter, source: Source, problem: Problem) -> Problem:
    path, line = place(newsletter, source)
    return replace(problem, path=path, line=line)
