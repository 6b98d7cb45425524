"""The actions that `steps.next_step` names, each done at a desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

from pipeline import text
from pipeline.emails import Email
from pipeline.errors import UncertainSend
from pipeline.ledger.entries import Entry, Event
from pipeline.publish import explain, order
from pipeline.publish.desk import Desk
from pipeline.publish.places import Action
from pipeline.publish.steps import Seen, Step, Wanted, reached_nobody
from pipeline.services import Remote, ServiceError, Status, counted

T = TypeVar("T")

Hands = Mapping[Action, Callable[[Step, Seen], Seen]]


def asking(desk: Desk, wanted: Wanted) -> Hands:
    """The actions that only learn."""
    return {
        Action.LOOK: partial(_look, desk, wanted),
        Action.RECORD: partial(_record, desk, wanted),
        Action.CONFIRM: partial(_confirm, desk, wanted),
    }


def acting(desk: Desk, wanted: Wanted, email: Email) -> Hands:
    """The actions that need the email."""
    return {
        Action.DRAFT: partial(_draft, desk, wanted, email),
        Action.COMPARE: partial(_compare, desk, email),
        Action.TEST: partial(_test, desk, wanted, email),
        Action.RELEASE: partial(_release, desk, wanted, email),
    }


def _look(desk: Desk, wanted: Wanted, _: Step, seen: Seen) -> Seen:
    return replace(seen, looked=True, remote=desk.service.find(wanted.key.issue))


def _record(desk: Desk, wanted: Wanted, _: Step, seen: Seen) -> Seen:
    if seen.remote is not None:
        _submitted(desk, wanted, seen.remote)
    return seen


def _confirm(desk: Desk, wanted: Wanted, _: Step, seen: Seen) -> Seen:
    record = desk.said(wanted.issue).record
    held = Remote(id=record.remote, key=wanted.key, status=Status.SENDING)
    try:
        report = desk.service.report(held)
    except ServiceError as error:
        raise explain.unconfirmed(desk.name, wanted, error) from None
    if report.status is Status.SENT and not reached_nobody(report):
        went = {"content": record.content, "articles": record.articles}
        desk.write(wanted, Event.SETTLED, **went, **counted(report, desk.can))
    return replace(seen, report=report)


def _draft(desk: Desk, wanted: Wanted, email: Email, _: Step, seen: Seen) -> Seen:
    def store() -> Remote:
        return desk.service.draft(email, wanted.key, seen.remote)

    if not desk.can.drafts:
        return Seen(looked=True, remote=store(), drafted=True)
    intent = desk.write(wanted, Event.DRAFTING)
    remote = _attempt(desk, intent, store)
    desk.write(wanted, Event.DRAFTED, remote=remote.id, closes=(intent.digest,))
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
    intent = desk.write(wanted, Event.TESTING, remote=remote.id)
    _attempt(desk, intent, lambda: desk.service.test(remote, email, wanted.test_to))
    desk.write(wanted, Event.TESTED, remote=remote.id, closes=(intent.digest,))
    return replace(seen, tested=True)


def _release(desk: Desk, wanted: Wanted, email: Email, step: Step, seen: Seen) -> Seen:
    remote = _held(seen)
    intent = desk.write(wanted, Event.SUBMITTING, remote=remote.id, when=step.at)
    _attempt(desk, intent, lambda: desk.service.send(remote, email, step.at))
    _submitted(desk, wanted, replace(remote, at=step.at))
    return Seen(looked=True)


def _held(seen: Seen) -> Remote:
    if seen.remote is None:
        raise LookupError("the table compares, tests and releases only what the service holds")
    return seen.remote


def _submitted(desk: Desk, wanted: Wanted, remote: Remote) -> None:
    closes = tuple(one.digest for one in desk.said(wanted.issue).record.open)
    desk.write(
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


def _attempt(desk: Desk, intent: Entry, act: Callable[[], T]) -> T:
    """Do what an intent announces; where surely nothing happened, say so in the ledger."""
    try:
        return act()
    except ServiceError as error:
        note = text.excerpt(str(error), 300)
        failed = replace(intent, at=desk.clock(), event=Event.FAILED, closes=(intent.digest,))
        desk.ledger.append(replace(failed, when=None, note=note))
        raise
