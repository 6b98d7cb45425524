"""What a person decides where Partwork can't know, written into the ledger as a fact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.errors import PartworkError, Problem
from pipeline.issues import Issue
from pipeline.ledger import Ledger
from pipeline.ledger.entries import FILE, Entry, Event
from pipeline.ledger.records import Record, records
from pipeline.publish import order


def resolve(ledger: Ledger, service: str, issue: Issue, *, submitted: bool, now: datetime) -> Entry:
    """Say that an issue reached a service (`submitted`), or that it did not and may be sent.

    Either ends what is open, and the latter also forgets a draft, which may be gone. PartworkError
    where the ledger already knows that it was submitted.
    """
    record = _record(ledger, service, issue)
    if record.submitted and not submitted:
        raise _problem(issue, f"was submitted to {service}", "run `partwork ledger forget` first")
    event = Event.SETTLED if submitted else Event.FAILED
    said = "a person said that it was submitted" if submitted else "a person said that it was not"
    if record.remote and not submitted:
        gone = ledger.append(_line(service, issue, Event.FORGOTTEN, now))
        record, now = Record(issue=record.issue), gone.at + timedelta(microseconds=1)
    line = _line(service, issue, event, now)
    return ledger.append(
        replace(
            line,
            content=record.content,
            remote=record.remote,
            articles=record.articles or line.articles,  # what may have gone out, not what is now
            closes=tuple(one.digest for one in record.open),
            note=said,
        )
    )


def forget(
    ledger: Ledger, service: str, issues: Sequence[Issue], issue: Issue, *, now: datetime
) -> tuple[Entry, ...]:
    """Take back all that the ledger says of an issue at a service, for instance a new account.

    With it go the drafts of its articles that began with another one.
    """
    known = records(ledger.entries, service)
    idents = [order.ident(issue), *(one.issue for one in order.strays(issues, known, issue))]
    named = [one for one in idents if one in known]
    if not named:
        raise _problem(issue, f"is not in the ledger for {service}", "there is nothing to forget")
    line = _line(service, issue, Event.FORGOTTEN, now)
    return tuple(ledger.append(replace(line, issue=one)) for one in named)


def leave_out(
    ledger: Ledger, service: str, issues: Sequence[Issue], last: Issue, *, now: datetime
) -> tuple[Entry, ...]:
    """Say that a service begins after an issue: it, and what comes before it, is left out for good.

    What has reached the service stays as it is. PartworkError where nothing is left to say, or
    where a release was begun of whose end nothing is known.
    """
    known = records(ledger.entries, service)
    before = [one for one in issues if one.number <= last.number]
    named = [(one, known.get(order.ident(one), Record(issue=order.ident(one)))) for one in before]
    missing = [(issue, record) for issue, record in named if not record.passed]
    if not missing:
        raise _problem(
            last, f"and all before it reached {service}", "there is nothing to leave out"
        )
    for issue, record in missing:
        if record.releasing:
            what = f"may have been sent by {service}"
            raise _problem(issue, what, "say whether it was with `partwork ledger resolve` first")
    note = f"left out up to issue {last.number}"
    return tuple(
        ledger.append(replace(_line(service, issue, Event.SKIPPED, now), note=note))
        for issue, _ in missing
    )


def _record(ledger: Ledger, service: str, issue: Issue) -> Record:
    ident = order.ident(issue)
    return records(ledger.entries, service).get(ident, Record(issue=ident))


def _line(service: str, issue: Issue, event: Event, now: datetime) -> Entry:
    return Entry(
        at=now,
        event=event,
        service=service,
        issue=order.ident(issue),
        number=issue.number,
        articles=tuple(article.id for article in issue.articles),
    )


def _problem(issue: Issue, what: str, remedy: str) -> PartworkError:
    message = f"issue {issue.number} {what}"
    return PartworkError([Problem(path=FILE, message=message, remedy=remedy, rule="ledger")])
