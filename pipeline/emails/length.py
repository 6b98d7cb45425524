"""How much of an issue's articles a mail holds: all of them, beginnings, or a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.emails.bodies import Bodies, Rendition
from pipeline.emails.compose import Composition
from pipeline.emails.cut import LIMIT, TARGET
from pipeline.errors import Problem
from pipeline.issues import Issue

MANY = 20
"""From this many articles on it pays to ask first whether a mail can hold them."""


Fitting = tuple[Sequence[Rendition], str, tuple[Problem, ...]]
"""What is given of each article, none in a mere list; the mail's HTML; and what was cut."""


def fitting(composition: Composition, bodies: Bodies, length: str) -> Fitting:
    """The articles as far as `email.length` lets a mail hold them."""
    issue = composition.issue
    articles = issue.articles
    if length == "auto" and len(articles) >= MANY and _overflows(composition, bodies):
        return _listing(composition)
    each = bodies.summary if length == "summary" else bodies.whole
    given = list(map(each, articles))
    html = composition.html(given)
    warnings: tuple[Problem, ...] = ()
    size = _size(html)
    if size > TARGET and length == "auto":
        room = TARGET - _size(composition.html(_without_html(given, cut=True)))
        given, warnings = bodies.fitted(articles, given, room)
        html = composition.html(given)
        size = _size(html)
    if size > LIMIT and length != "full":
        return _listing(composition)
    return given, html, (*warnings, *_clipped(size, issue))


def _listing(composition: Composition) -> Fitting:
    """A mere list of the articles."""
    html, issue = composition.html([]), composition.issue
    return [], html, (_crowded(issue), *_clipped(_size(html), issue))


def _overflows(composition: Composition, bodies: Bodies) -> bool:
    """True where a mail is too long with the articles' summaries alone, which takes no rendering.

    Bodies that have no room at all give way to summaries (`Bodies.fitted`); what stands around them
    is measured, since own templates may let it grow and shrink with them.
    """
    articles = composition.issue.articles
    if not all(bodies.catalogue.bodies[article.id].words for article in articles):
        return False  # an article without words may be nothing, which always fits
    given = list(map(bodies.summary, articles))
    empty = (_without_html(given, cut=cut) for cut in (False, True))
    return all(_size(composition.html(one)) > TARGET for one in empty) and (
        _size(composition.html(given)) > LIMIT
    )


def _without_html(given: Sequence[Rendition], *, cut: bool) -> list[Rendition]:
    return [replace(one, html="", cut=cut) for one in given]


def _size(html: str) -> int:
    """Bytes in a mail."""
    return len(html) if html.isascii() else len(html.encode())


def _crowded(issue: Issue) -> Problem:
    return Problem(
        path=issue.articles[0].source.path,
        message=f"issue {issue.number} holds {len(issue.articles)} articles, more than a mail"
        " can show: readers get a list of them",
        remedy="spread the articles' dates, or make the schedule's steps shorter",
        rule="email-cut",
        severity="warning",
    )


def _clipped(size: int, issue: Issue) -> tuple[Problem, ...]:
    if size <= LIMIT:
        return ()
    return (
        Problem(
            path=issue.articles[0].source.path,
            message=f"issue {issue.number} is {size // 1000} KB of HTML: Gmail clips it at 102 KB,"
            " and what follows, the unsubscribe link included, is hidden",
            remedy='set email.length to "auto" or "summary"',
            rule="email-size",
            severity="warning",
        ),
    )
