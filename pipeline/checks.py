"""What `check` looks at: the sources, the emails they make, and where links lead.

What renders, and what touches the network, is loaded by the checks that need it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pipeline import ledger, markdown, plan, text
from pipeline.cache import NOTHING, Cache
from pipeline.catalogue import Catalogue
from pipeline.config import Newsletter
from pipeline.errors import PartworkError, Problem
from pipeline.issues import Issue
from pipeline.ledger.records import Record, records
from pipeline.plan import Plan

if TYPE_CHECKING:
    from pipeline.linkcheck import Report

CACHE = ".partwork-cache/links.json"
"""Which links were fine when, in the newsletter's folder."""

Scope = Literal["near", "all"]
"""The latest issue and the next, or every one."""


def sources(planned: Plan, as_of: datetime, cache: Cache = NOTHING) -> tuple[Problem, ...]:
    """What is wrong with the articles and the settings, drafts and future parts included."""
    problems = (
        *plan.checked(planned, as_of, cache),
        *_used(planned.newsletter),
        *frozen(planned),
    )
    if not planned.newsletter.lint:
        return problems
    from pipeline import lint

    return (*problems, *lint.unknown(planned.newsletter))


def _used(newsletter: Newsletter) -> Iterator[Problem]:
    """What is wrong with settings that only their users understand: they would stop a build."""
    from pipeline import templating
    from pipeline.emails import press, words
    from pipeline.feeds.formats import formats_of

    folders = templating.email_folders(newsletter)
    uses: list[Callable[[], object]] = [
        lambda: formats_of(newsletter),
        lambda: press.theme_of(newsletter),
        lambda: words.load(folders, newsletter.language),
    ]
    if newsletter.services:
        from pipeline.services import registry

        uses.append(lambda: registry.configured(newsletter))
    for use in uses:
        try:
            use()
        except PartworkError as error:
            yield from error.problems


def frozen(planned: Plan) -> Iterator[Problem]:
    """What was changed about issues that readers already have (O5)."""
    handed = _handed_over(planned)
    if not handed:
        return  # what publishes is loaded only where something was published
    from pipeline.publish import order

    for name, known in handed.items():
        yield from order.frozen(planned.catalogue.issues, known, name)


def rewritten(planned: Plan, catalogue: Catalogue, issue: Issue) -> Iterator[Problem]:
    """Where readers already have an issue, and it reads otherwise now."""
    from pipeline import build
    from pipeline.publish import order

    for name, known in _handed_over(planned).items():
        record = known.get(order.ident(issue))
        content = record.content if record is not None and record.submitted else ""
        if content and content not in build.unedited(planned, catalogue, issue):
            yield order.rewritten(issue, name)


def _handed_over(planned: Plan) -> dict[str, dict[str, Record]]:
    """What the ledger says of each issue, by service."""
    entries = ledger.read(planned.newsletter.root)
    names = sorted({entry.service for entry in entries if entry.service})
    return {name: records(entries, name) for name in names}


def emails(
    planned: Plan,
    as_of: datetime,
    scope: Scope = "near",
    told: Callable[[str], None] = lambda _: None,
) -> tuple[Problem, ...]:
    """What is wrong with emails, each as its readers will get it; nothing is written.

    To be asked only where `sources` finds no error. `told` is called with each issue's path.
    """
    from pipeline import build, messages
    from pipeline.emails.press import Press

    newsletter = planned.newsletter
    press: Press | None = None
    catalogue, _ = plan.with_bodies(planned.catalogue)
    problems = [*messages.check(newsletter)]
    for issue in chosen(planned, as_of, scope):
        told(issue.path)
        try:
            press = press or Press(newsletter)
            email = build.email_of(planned, catalogue, issue, press)
        except PartworkError as error:
            problems += error.problems
            continue
        folder = build.folder_of(newsletter, issue, as_of)
        found = build.linted(email, catalogue.until(issue.date), folder)
        problems += [*email.warnings, *found, *rewritten(planned, catalogue, issue)]
    return tuple(problems)


def chosen(planned: Plan, as_of: datetime, scope: Scope) -> tuple[Issue, ...]:
    """The issues that are looked at."""
    issues, due = planned.catalogue.issues, len(planned.due(as_of))
    return issues if scope == "all" else issues[max(0, due - 1) : due + 1]


def links(planned: Plan, as_of: datetime, told: Callable[[str], None] = lambda _: None) -> Report:
    """Ask for every link to the web that articles and settings hold; see `linkcheck.check`."""
    from pipeline import linkcheck

    asked = (linkcheck.Asked(url=url, path=path, line=line) for url, path, line in _links(planned))
    cache = planned.newsletter.root / CACHE
    return linkcheck.check(asked, cache=cache, as_of=as_of, told=told)


def _links(planned: Plan) -> Iterator[tuple[str, str, int]]:
    """Each URL with the file and line where it stands."""
    from pipeline import linkcheck

    newsletter = planned.newsletter
    around = planned.catalogue.around
    for source in planned.sources:
        outline = markdown.outline(source, around)
        written = [(one.url, one.line) for one in outline.links]
        written += [(one.url, one.line) for one in outline.images]
        if source.canonical_url:
            written.append((source.canonical_url, source.line("canonical_url")))
        for url, line in written:
            # What is not published yet is not on the web; links among articles are checked as such.
            if linkcheck.is_asked(url) and not text.uri(url).startswith(newsletter.root_url):
                yield url, source.path, line
    settings = (
        ("email", "unsubscribe_url", newsletter.email.unsubscribe_url),
        ("email", "preferences_url", newsletter.email.preferences_url),
        ("archive", "subscribe_url", newsletter.archive.subscribe_url),
        ("newsletter", "author", newsletter.author.uri),
    )
    for name, key, url in settings:
        table = newsletter.table.child(name)
        if url:
            yield url, table.path, table.line(key)
