"""What is known of the services and of what they were handed; asked for, never decided here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline import ledger, plan
from pipeline.config import Newsletter
from pipeline.errors import PartworkError, Problem, Severity, in_order
from pipeline.issues import Issue
from pipeline.ledger.entries import FILE, Entry, Event
from pipeline.ledger.records import Record, Stage, records
from pipeline.mailing.front import Front, desk_of
from pipeline.plan import Plan
from pipeline.publish import look, order
from pipeline.publish.desk import Desk
from pipeline.services import Audience, Key, Remote, ServiceError, Status, counted, registry
from pipeline.services.registry import Configured

LATEST = 12
"""How many issues of each service `refresh` asks about: what is older hardly changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A service as set up: the variables it lacks, and who would receive, None if not asked."""

    service: Configured
    missing: tuple[str, ...]
    audience: Sequence[Audience] | None = None


def survey(
    newsletter: Newsletter, environ: Mapping[str, str], *, ask: bool
) -> tuple[tuple[Survey, ...], tuple[Problem, ...]]:
    """Every service as set up; `ask` has each prove its credentials and lists, and sends nothing.

    A variable that is not set is an error where it was to be asked, and else a warning.
    """
    found: list[Survey] = []
    problems: list[Problem] = []
    for service in registry.configured(newsletter):
        audience = None
        try:
            opened = service.open(environ)
            audience = opened.audience() if ask else None
        except PartworkError as error:
            severity: Severity = "error" if ask else "warning"
            problems += (replace(one, severity=severity) for one in error.problems)
        found.append(Survey(service=service, missing=service.missing(environ), audience=audience))
    return tuple(found), in_order(problems)


def refresh(
    newsletter: Newsletter, front: Front, told: Callable[[str], None] = lambda _: None
) -> tuple[Problem, ...]:
    """Ask every service what became of its latest issues, and keep the answers with the ledger.

    `told` is called with each issue as it is asked about.
    """
    planned = plan.load(newsletter)
    problems: list[Problem] = []
    for service in registry.configured(newsletter):
        try:
            with desk_of(newsletter, front, service, planned) as desk:
                problems += _ask_all(desk, planned, told)
        except PartworkError as error:
            problems += error.problems
    return in_order(problems)


def _ask_all(desk: Desk, planned: Plan, told: Callable[[str], None]) -> list[Problem]:
    """Ask of the latest issues, the newest first; what a service can't say of one is a warning.

    It may have forgotten that one. PartworkError where it says nothing of the first two, since then
    it can't be asked at all.
    """
    known = desk.records()
    numbered = [(issue, known.get(order.ident(issue))) for issue in planned.catalogue.issues]
    handed = [(issue, record) for issue, record in numbered if record and record.submitted]
    problems: list[Problem] = []
    answered = False
    for at, (issue, record) in enumerate(reversed(handed[-LATEST:])):
        told(f"{desk.name}, issue {issue.number}")
        try:
            _ask(desk, issue, record)
            answered = True
        except ServiceError as error:
            if not answered and (at or len(handed) == 1):
                raise
            name = f"issue {issue.number}: "
            problems += (
                replace(one, severity="warning", message=name + one.message.removeprefix(name))
                for one in error.problems
            )
    return problems


def _ask(desk: Desk, issue: Issue, record: Record) -> None:
    if record.stage is Stage.SUBMITTED:
        look(desk, issue)
    elif record.remote and desk.can.counts:
        held = Remote(id=record.remote, key=Key(issue=order.ident(issue)), status=Status.SENT)
        report = desk.service.report(held)
        if report.counts:
            desk.ledger.note(
                Entry(
                    at=desk.clock(),
                    event=Event.REPORTED,
                    service=desk.name,
                    issue=order.ident(issue),
                    number=issue.number,
                    **counted(report, desk.can),
                )
            )


def audit(newsletter: Newsletter) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    """Every entry, and warnings of the releases whose outcome nobody wrote down.

    PartworkError for a line that can't be read, be it of the ledger or of its side file.
    """
    entries = ledger.read(newsletter.root)
    ledger.read_figures(newsletter.root)
    problems = [
        Problem(
            path=FILE,
            line=record.releasing.line or None,
            rule="ledger-open",
            message=f"issue {record.number} began to be released at {name} and no outcome was"
            " written down",
            remedy="run `partwork publish` for it again: it looks before it does anything",
            severity="warning",
        )
        for name in sorted({entry.service for entry in entries if entry.service})
        for record in records(entries, name).values()
        if record.releasing and not record.submitted
    ]
    return entries, in_order(problems)
