"""Publishing: bring an issue to where it is wanted at a service, exactly once and in order.

`steps.next_step` decides; this performs, one step after another, and writes an intent into the
ledger before each write. A run may die anywhere: the next one asks the service first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.emails import Email
from pipeline.errors import PartworkError, Problem, fail_on_errors
from pipeline.issues import Issue
from pipeline.ledger.entries import Event
from pipeline.ledger.records import Record
from pipeline.publish import explain, order
from pipeline.publish.acts import Hands, acting, asking
from pipeline.publish.desk import Desk
from pipeline.publish.places import ENDS, Action, Goal
from pipeline.publish.steps import Said, Seen, Step, Wanted, next_step
from pipeline.services import Remote, Status, key_of

_HARMLESS = frozenset({Action.LOOK, Action.COMPARE})
_MOST = 20
"""Steps in one run; more can only mean that somebody else changes the draft all the while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Where a run ended, with what is to be said where it waits.

    `remote` is what the service holds, where it was asked; `changed` is True where the issue reads
    otherwise than what was submitted.
    """

    wanted: Wanted
    step: Step
    record: Record
    remote: Remote | None = None
    changed: bool = False
    wait: Problem | None = None


def publish(
    desk: Desk,
    issue: Issue,
    email: Email,
    goal: Goal,
    *,
    at: datetime | None = None,
    test_to: Sequence[str] = (),
    allow_gap: bool = False,
    max_lateness: timedelta | None = None,
) -> Outcome:
    """Bring one issue to a goal; who asks for a release asks for none before the issue's date.

    Raises UncertainSend where a person must look (exit code 3), PartworkError where something stops
    it (exit code 1); in both cases nothing was released that is not in the ledger as an intent.
    """
    fail_on_errors(order.frozen(desk.issues, desk.records(), desk.name))
    wanted = Wanted(
        issue=issue,
        key=key_of(desk.newsletter, order.ident(issue), email),
        goal=goal,
        at=order.rounded(at, desk.can.minutes),
        test_to=tuple(test_to),
        allow_gap=allow_gap,
        max_lateness=max_lateness,
    )
    if goal is Goal.RELEASE:
        now = desk.clock()
        then = wanted.release_at(now) or now
        for other in order.unclear(desk.issues, desk.records(), issue, desk.can, then):
            look(desk, other)
    _seek_elsewhere(desk, wanted)
    fail_on_errors(order.frozen(desk.issues, desk.records(), desk.name))
    outcome = _run(desk, wanted, {**asking(desk, wanted), **acting(desk, wanted, email)})
    if allow_gap and outcome.record.submitted and not desk.dry:
        _leave_out_the_missing(desk, issue)
    return outcome


def look(desk: Desk, issue: Issue) -> Outcome:
    """Learn where an issue stands, and write down what the ledger did not know; sends nothing."""
    wanted = Wanted(issue=issue, key=key_of(desk.newsletter, order.ident(issue)), goal=Goal.LOOK)
    return _run(desk, wanted, asking(desk, wanted))


def _seek_elsewhere(desk: Desk, wanted: Wanted) -> None:
    """Learn what became of drafts that hold articles of an issue under another key than its own.

    Raises where one of them could be sent beside it; what was sent is written down.
    """
    known = desk.records()
    own = known.get(order.ident(wanted.issue))
    if not desk.can.keyed or (own is not None and own.passed):
        return
    found: list[tuple[Record, Remote | None]] = []
    for record in order.elsewhere(desk.issues, known, wanted.issue):
        remote = desk.service.find(key_of(desk.newsletter, record.issue).issue)
        if remote is not None or (record.remote and not record.passed):
            found.append((record, remote))
    if not found or _taken(desk.service.find(wanted.key.issue)):
        return  # nothing, or what was sent one by one is one issue now
    places = {order.ident(one): one.number for one in desk.issues}
    for record, remote in found:
        if remote is not None and _taken(remote):
            if not desk.dry:
                about = {"issue": record.issue, "articles": record.articles}
                held = {"content": remote.key.content, "remote": remote.id, "when": remote.at}
                desk.write(wanted, Event.SUBMITTED, **about, **held)
        elif record.issue not in places:
            raise explain.stray(desk.name, wanted, record, remote)
        elif wanted.goal is Goal.RELEASE:
            raise explain.outdated(desk.name, wanted, places[record.issue], record, remote)


def _taken(remote: Remote | None) -> bool:
    """True where a service sent it, is sending or scheduled it."""
    return remote is not None and remote.status not in (Status.DRAFT, Status.STOPPED)


def _run(desk: Desk, wanted: Wanted, hands: Hands) -> Outcome:
    seen = Seen()
    for _ in range(_MOST):
        said = desk.said(wanted.issue)
        step = next_step(said, seen, wanted, desk.can, desk.clock())
        desk.say(wanted, step)
        if step.action in (Action.STOP, Action.ASK):
            raise explain.stopped(desk.name, desk.can.title, wanted, step, said, seen)
        refused = step.action is Action.RELEASE and not desk.permit(wanted, step)
        if step.action in ENDS or refused or (desk.dry and step.action not in _HARMLESS):
            return _outcome(desk, wanted, step, said, seen)
        seen = hands[step.action](step, seen)
    message = f"its draft at {desk.name} changes again and again while it is being stored"
    raise PartworkError(
        [explain.problem(wanted, message, "end the other publisher, then run again")]
    )


def _outcome(desk: Desk, wanted: Wanted, step: Step, said: Said, seen: Seen) -> Outcome:
    record, content = said.record, wanted.key.content
    wait = None
    if step.action is Action.WAIT:
        wait = explain.spoken(desk.name, desk.can.title, wanted, step, said, seen)
    return Outcome(
        wanted=wanted,
        step=step,
        record=record,
        remote=seen.remote,
        changed=record.submitted and bool(content and record.content) and record.content != content,
        wait=wait,
    )


def _leave_out_the_missing(desk: Desk, issue: Issue) -> None:
    numbers = desk.said(issue).others.missing
    for other in desk.issues:
        if other.number in numbers:
            key = key_of(desk.newsletter, order.ident(other))
            wanted = Wanted(issue=other, key=key, goal=Goal.LOOK)
            desk.write(wanted, Event.SKIPPED, note=f"left out before issue {issue.number}")
