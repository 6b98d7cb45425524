"""What `check` looks at beyond the sources: the emails they make, and where links lead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal

from pipeline import build, linkcheck, lint, markdown, messages, plan, text
from pipeline.errors import PartworkError, Problem
from pipeline.issues import Issue
from pipeline.linkcheck import Asked, Report
from pipeline.plan import Plan

CACHE = ".partwork-cache/links.json"
"""Which links were fine when, in the newsletter's folder."""

Scope = Literal["near", "all"]
"""The latest issue and the next, or every one."""


def sources(planned: Plan, as_of: datetime) -> tuple[Problem, ...]:
    """What is wrong with the articles and the settings, drafts and future parts included."""
    return (*plan.checked(planned, as_of), *lint.unknown(planned.newsletter))


def emails(planned: Plan, as_of: datetime, scope: Scope = "near") -> tuple[Problem, ...]:
    """What is wrong with emails, each as its readers will get it; nothing is written.

    To be asked only where `sources` finds no error.
    """
    newsletter = planned.newsletter
    catalogue, _ = plan.with_bodies(planned, planned.catalogue)
    problems = [*messages.check(newsletter)]
    for issue in chosen(planned, as_of, scope):
        try:
            email = build.email_of(planned, catalogue, issue)
        except PartworkError as error:
            problems += error.problems
            continue
        folder = build.folder_of(newsletter, issue, as_of)
        found = build.linted(email, catalogue.until(issue.date), folder)
        problems += [*email.warnings, *found]
    return tuple(problems)


def chosen(planned: Plan, as_of: datetime, scope: Scope) -> tuple[Issue, ...]:
    """The issues that are looked at."""
    issues, due = planned.catalogue.issues, len(planned.due(as_of))
    return issues if scope == "all" else issues[max(0, due - 1) : due + 1]


def links(planned: Plan, as_of: datetime, told: Callable[[str], None] = lambda _: None) -> Report:
    """Ask for every link to the web that articles and settings hold; see `linkcheck.check`."""
    cache = planned.newsletter.root / CACHE
    return linkcheck.check(_links(planned), cache=cache, as_of=as_of, told=told)


def _links(planned: Plan) -> Iterator[Asked]:
    newsletter = planned.newsletter
    around = plan.surroundings(planned)
    for source in planned.sources:
        body, _ = markdown.render(source, around)
        written = [(one.url, one.line) for one in body.links]
        written += [(one.url, one.line) for one in body.images]
        if source.canonical_url:
            written.append((source.canonical_url, source.line("canonical_url")))
        for url, line in written:
            # What is not published yet is not on the web; links among articles are checked as such.
            if text.host(url) and not url.startswith(newsletter.root_url):
                yield Asked(url=url, path=source.path, line=line)
    settings = (
        ("email", "unsubscribe_url", newsletter.email.unsubscribe_url),
        ("email", "preferences_url", newsletter.email.preferences_url),
        ("archive", "subscribe_url", newsletter.archive.subscribe_url),
        ("newsletter", "author", newsletter.author.uri),
    )
    for name, key, url in settings:
        table = newsletter.table.child(name)
        if url:
            yield Asked(url=url, path=table.path, line=table.line(key))
