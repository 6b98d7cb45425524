"""Publishing: bring an issue to where it is wanted at a service, exactly once and in order.

`steps.next_step` decides; this performs, one step after another, and writes an intent into the
ledger before each write. A run may die anywhere: the next one asks the service first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from pipeline import text
from pipeline.config import Newsletter
from pipeline.emails import Email
from pipeline.errors import PartworkError, Problem, UncertainSend, fail_on_errors
from pipeline.issues import Issue
from pipeline.ledger import Ledger
from pipeline.ledger.entries import Entry, Event
from pipeline.ledger.records import Record, records
from pipeline.publish import explain, order
from pipeline.publish.places import ENDS, Action, Goal
from pipeline.publish.steps import (
    Said,
    Seen,
    Step,
    Wanted,
    next_step,
    reached_nobody,
)
from pipeline.services import (
    Capabilities,
    MailingService,
    Remote,
    ServiceError,
    Status,
    counted,
    key_of,
)

T = TypeVar("T")

_HARMLESS = frozenset({Action.LOOK, Action.COMPARE})
_MOST = 20
"""Steps in one run; more can only mean that somebody else changes the draft all the while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where publishing happens: one service, the ledger held alone, and the command's side.

    `clock` gives the time (aware); `say` is told each step; `permit` is asked before a release;
    `dry` performs nothing that writes anywhere.
    """

    name: str
    service: MailingService
    ledger: Ledger
    newsletter: Newsletter
    issues: Sequence[Issue]
    clock: Callable[[], datetime]
    say: Callable[[Wanted, Step], None] = lambda *_: None
    permit: Callable[[Wanted, Step], bool] = lambda *_: True
    dry: bool = False

    @property
    def can(self) -> Capabilities:
        """What the service can do."""
        return self.service.capabilities

    def records(self) -> dict[str, Record]:
        """What the ledger says of each issue at this service."""
        return records(self.ledger.entries, self.name)


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
    outcome = _run(desk, wanted, {**_asking(desk, wanted), **_acting(desk, wanted, email)})
    if allow_gap and outcome.record.submitted and not desk.dry:
        _leave_out_the_missing(desk, issue)
    return outcome


def look(desk: Desk, issue: Issue) -> Outcome:
    """Learn where an issue stands, and write down what the ledger did not know; sends nothing."""
    wanted = Wanted(issue=issue, key=key_of(desk.newsletter, order.ident(issue)), goal=Goal.LOOK)
    return _run(desk, wanted, _asking(desk, wanted))


def _seek_elsewhere(desk: Desk, wanted: Wanted) -> None:
    """Learn what became of drafts that hold articles of an issue under another key than its own.

    Raises where one of them could be sent beside it; what was sent is written down.
    """
    known = desk.records()
    own = known.get(order.ident(wanted.issue))
    if not desk.can.keyed or (own is not None and own.passed):
        return
    places = {order.ident(one): one.number for one in desk.issues}
    for record in order.elsewhere(desk.issues, known, wanted.issue):
        remote = desk.service.find(key_of(desk.newsletter, record.issue).issue)
        if remote is not None and remote.status not in (Status.DRAFT, Status.STOPPED):
            if not desk.dry:
                about = {"issue": record.issue, "articles": record.articles}
                held = {"content": remote.key.content, "remote": remote.id, "when": remote.at}
                _write(desk, wanted, Event.SUBMITTED, **about, **held)
        elif not (remote or record.remote):
            continue
        elif record.issue not in places:
            raise explain.stray(desk.name, wanted, record, remote)
        elif wanted.goal is Goal.RELEASE:
            raise explain.outdated(desk.name, wanted, places[record.issue])


_Hands = Mapping[Action, Callable[[Step, Seen], Seen]]


def _asking(desk: Desk, wanted: Wanted) -> _Hands:
    """The actions that only learn."""
    return {
        Action.LOOK: partial(_look, desk, wanted),
        Action.RECORD: partial(_record, desk, wanted),
        Action.CONFIRM: partial(_confirm, desk, wanted),
    }


def _acting(desk: Desk, wanted: Wanted, email: Email) -> _Hands:
    """The actions that need the email."""
    return {
        Action.DRAFT: partial(_draft, desk, wanted, email),
        Action.COMPARE: partial(_compare, desk, email),
        Action.TEST: partial(_test, desk, wanted, email),
        Action.RELEASE: partial(_release, desk, wanted, email),
    }


def _run(desk: Desk, wanted: Wanted, hands: _Hands) -> Outcome:
    seen = Seen()
    for _ in range(_MOST):
        said = _said(desk, wanted.issue)
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


def _said(desk: Desk, issue: Issue) -> Said:
    known = desk.records()
    ident = order.ident(issue)
    return Said(
        record=known.get(ident, Record(issue=ident)),
        known=bool(known),
        aside=_aside(desk.ledger.entries, desk.name, ident),
        others=order.others(desk.issues, known, issue, desk.clock()),
    )


def _aside(entries: Sequence[Entry], name: str, ident: str) -> bool:
    """Whether the last that the ledger has of an issue is a line that was set aside unread."""
    about = [
        one
        for one in entries
        if (one.service, one.issue) == (name, ident)
        or (one.event is Event.TORN and f'"{ident}"' in one.note)
    ]
    return bool(about) and about[-1].event is Event.TORN


def _look(desk: Desk, wanted: Wanted, _: Step, seen: Seen) -> Seen:
    return replace(seen, looked=True, remote=desk.service.find(wanted.key.issue))


def _record(desk: Desk, wanted: Wanted, _: Step, seen: Seen) -> Seen:
    if seen.remote is not None:
        _submitted(desk, wanted, seen.remote)
    return seen


def _confirm(desk: Desk, wanted: Wanted, _: Step, seen: Seen) -> Seen:
    record = _said(desk, wanted.issue).record
    held = Remote(id=record.remote, key=wanted.key, status=Status.SENDING)
    try:
        report = desk.service.report(held)
    except ServiceError as error:
        raise explain.unconfirmed(desk.name, wanted, error) from None
    if report.status is Status.SENT and not reached_nobody(report):
        went = {"content": record.content, "articles": record.articles}
        _write(desk, wanted, Event.SETTLED, **went, **counted(report, desk.can))
    return replace(seen, report=report)


def _draft(desk: Desk, wanted: Wanted, email: Email, _: Step, seen: Seen) -> Seen:
    def store() -> Remote:
        return desk.service.draft(email, wanted.key, seen.remote)

    if not desk.can.drafts:
        return Seen(looked=True, remote=store(), drafted=True)
    intent = _write(desk, wanted, Event.DRAFTING)
    remote = _attempt(desk, intent, store)
    _write(desk, wanted, Event.DRAFTED, remote=remote.id, closes=(intent.digest,))
    # Found again rather than taken from the answer: of two publishers that each stored a draft,
    # both then go on with the same one.
    found = desk.service.find(wanted.key.issue)
    if found is None:
        message = f"{desk.name} took its draft but does not find it by its key"
        remedy = "run the same command again in a while: it looks before it does anything"
        raise UncertainSend([explain.problem(wanted, message, remedy)])
    return Seen(looked=True, remote=found, drafted=True)


def _compare(desk: Desk, email: Email, _: Step, seen: Seen) -> Seen:
    remote = _held(seen)
    return replace(seen, differences=tuple(desk.service.compare(remote, email)))


def _test(desk: Desk, wanted: Wanted, email: Email, _: Step, seen: Seen) -> Seen:
    remote = _held(seen)
    intent = _write(desk, wanted, Event.TESTING, remote=remote.id)
    _attempt(desk, intent, lambda: desk.service.test(remote, email, wanted.test_to))
    _write(desk, wanted, Event.TESTED, remote=remote.id, closes=(intent.digest,))
    return replace(seen, tested=True)


def _release(desk: Desk, wanted: Wanted, email: Email, step: Step, seen: Seen) -> Seen:
    remote = _held(seen)
    intent = _write(desk, wanted, Event.SUBMITTING, remote=remote.id, when=step.at)
    _attempt(desk, intent, lambda: desk.service.send(remote, email, step.at))
    _submitted(desk, wanted, replace(remote, at=step.at))
    return Seen(looked=True)


def _held(seen: Seen) -> Remote:
    if seen.remote is None:
        raise LookupError("the table compares, tests and releases only what the service holds")
    return seen.remote


def _submitted(desk: Desk, wanted: Wanted, remote: Remote) -> None:
    closes = tuple(one.digest for one in _said(desk, wanted.issue).record.open)
    _write(
        desk,
        wanted,
        Event.SUBMITTED,
        content=remote.key.content,
        remote=remote.id,
        when=remote.at,
        closes=closes,
        **_articles(desk, wanted, remote.key.content),
    )


def _articles(desk: Desk, wanted: Wanted, content: str) -> dict[str, tuple[str, ...]]:
    """What an email of this content held, where the ledger knows: the issue may have changed since.

    Of a content that is not known, since a person took it away, it is the latest.
    """
    about = (desk.name, order.ident(wanted.issue))
    handed = (one for one in reversed(desk.ledger.entries) if (one.service, one.issue) == about)
    same = (one for one in handed if one.content and content in ("", one.content))
    return next(({"articles": one.articles} for one in same if one.articles), {})


def _leave_out_the_missing(desk: Desk, issue: Issue) -> None:
    numbers = _said(desk, issue).others.missing
    for other in desk.issues:
        if other.number in numbers:
            key = key_of(desk.newsletter, order.ident(other))
            wanted = Wanted(issue=other, key=key, goal=Goal.LOOK)
            _write(desk, wanted, Event.SKIPPED, note=f"left out before issue {issue.number}")


def _attempt(desk: Desk, intent: Entry, act: Callable[[], T]) -> T:
    """Do what an intent announces; where surely nothing happened, say so in the ledger."""
    try:
        return act()
    except ServiceError as error:
        note = text.excerpt(str(error), 300)
        failed = replace(intent, at=desk.clock(), event=Event.FAILED, closes=(intent.digest,))
        desk.ledger.append(replace(failed, when=None, note=note))
        raise


def _write(desk: Desk, wanted: Wanted, event: Event, **more: Any) -> Entry:
    line = Entry(
        at=desk.clock(),
        event=event,
        service=desk.name,
        issue=order.ident(wanted.issue),
        number=wanted.issue.number,
        content=wanted.key.content,
        articles=tuple(article.id for article in wanted.issue.articles),
    )
    return desk.ledger.append(replace(line, **more))
