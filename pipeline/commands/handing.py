"""What is said of handing issues over: each step as it begins, where each issue stands."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

import click

from pipeline.commands import options, progress
from pipeline.text import excerpt

if TYPE_CHECKING:
    from pipeline.config import Newsletter
    from pipeline.errors import Problem
    from pipeline.mailing import Done
    from pipeline.publish.steps import Step, Wanted
    from pipeline.services import Audience, Capabilities
    from pipeline.status import Handed


def steps(style: str) -> Callable[[str, Wanted, Step], None]:
    """Name each step of publishing on a terminal as it begins; say nothing in a pipe."""
    from pipeline.publish.places import ENDS

    def say(service: str, wanted: Wanted, step: Step) -> None:
        if style == "text" and sys.stderr.isatty() and step.action not in ENDS:
            line = f"{service}, issue {wanted.issue.number}: {step.action.value}"
            click.echo(click.style(line, dim=True), err=True)

    return say


def handed(done: Done, *, dry: bool) -> str:
    """What became of an issue at a service, in a line."""
    from pipeline.publish.places import ENDS, Action, Place

    outcome, can = done.outcome, done.service.capabilities
    step, record, wanted = outcome.step, outcome.record, outcome.wanted
    name = f"Issue {wanted.issue.number} at {done.service.name}"
    if outcome.wait is not None:
        return f"{name} waits."
    if dry and step.action not in ENDS:
        return f"{name}: the next step is to {step.action.value}. Nothing was changed."
    if step.action is Action.RELEASE:
        return f"{name} was not sent: nobody said yes."
    readers = record.counts.get("sent", record.counts.get("recipients"))
    words = {
        Place.SETTLED: "was sent" + (f" to {readers} readers" if readers is not None else ""),
        Place.GOING: f"is scheduled for {record.when.isoformat(' ', 'minutes')}"
        if record.when is not None
        else "is being sent",
        Place.FAITHFUL: "is stored as a draft"
        if can.drafts
        else f"is ready to be sent ({can.title} keeps no drafts)",
        Place.TESTED: f"was sent to {', '.join(wanted.test_to)}, and to nobody else",
        Place.SKIPPED: "was left out",
    }
    where = f" {outcome.remote.url}" if outcome.remote is not None else ""
    return f"{name} {words.get(step.place, 'stands thus: ' + step.place.value)}.{where}".rstrip()


def handed_data(done: Done) -> dict[str, object]:
    """The same for programs."""
    outcome = done.outcome
    return {
        "service": done.service.name,
        "issue": outcome.wanted.issue.number,
        "subject": done.email.subject if done.email is not None else None,
        "place": outcome.step.place.name.lower(),
        "next": outcome.step.action.name.lower(),
        "stage": outcome.record.stage.value,
        "when": outcome.record.when,
        "url": outcome.remote.url if outcome.remote is not None else "",
        "changed": outcome.changed,
        "wrote": done.wrote,
    }


def readers(audience: Sequence[Audience]) -> str:
    """Who would receive: each list with its size, where the service tells it."""
    return ", ".join(
        one.name if one.size is None else f"{one.name} ({one.size:,} readers)" for one in audience
    )


def abilities(can: Capabilities) -> list[str]:
    """What a service can do besides sending, in a word each."""
    words = {
        "draft": can.drafts,
        "test": can.tests,
        "schedule": can.schedules,
        "count": bool(can.counts),
    }
    return [word for word, able in words.items() if able]


def handed_lines(rows: Sequence[Handed], zone: tzinfo) -> list[str]:
    """Every issue at every service as tables, one a service, for people."""
    lines: list[str] = []
    for name in dict.fromkeys(row.service for row in rows):
        cells = [
            (
                f"{row.issue:03d}",
                excerpt(row.title, 60),
                row.state,
                row.at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if row.at else "",
                *(str(row.counts.get(count, "")) for count in _COUNTS),
            )
            for row in rows
            if row.service == name
        ]
        heads = ("Issue", "Title", "State", "Since or for", *map(str.capitalize, _COUNTS))
        lines += ["", click.style(f"At {name}", bold=True), *options.table([heads, *cells])]
    return lines


_COUNTS = ("recipients", "opens", "clicks", "bounces", "unsubscribes")


def refreshed(newsletter: Newsletter, style: str) -> tuple[Problem, ...]:
    """Ask every service for its figures, naming each issue on a terminal; what went wrong."""
    from pipeline.mailing import Front, facts

    front = Front(environ=os.environ, clock=lambda: datetime.now(UTC))
    with progress.shown(style, "issues") as told:
        return facts.refresh(newsletter, front, told)
