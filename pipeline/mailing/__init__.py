"""Mailing: an issue rendered, checked and brought to a service, by the rules of `publish`.

What the commands call. Nothing here prints or reads the clock or the environment: a `Front` hands
them over. The ledger is held for the whole of what is done at one service.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pipeline import build, ledger, plan
from pipeline.config import Newsletter
from pipeline.emails import Email
from pipeline.errors import PartworkError, Problem, fail_on_errors, in_order
from pipeline.issues import Issue
from pipeline.ledger.records import Record, Stage, records
from pipeline.mailing.front import Asked, Done, Front, Result, desk_of, service_of
from pipeline.plan import Plan
from pipeline.publish import look, order, publish
from pipeline.publish.desk import Desk
from pipeline.publish.places import Action, Goal
from pipeline.publish.steps import Step, Wanted
from pipeline.services import key_of, registry
from pipeline.services.registry import Configured

__all__ = ["Asked", "Done", "Front", "Result", "due", "email_of", "one", "service_of"]


def one(
    newsletter: Newsletter,
    front: Front,
    which: str,
    to: str,
    goal: Goal,
    *,
    at: datetime | None = None,
    test_to: Sequence[str] = (),
    allow_gap: bool = False,
) -> Result:
    """Bring one issue to a goal at one service, as a person asks for it."""
    service = service_of(newsletter, to)
    planned = plan.load(newsletter)
    with desk_of(newsletter, front, service, planned) as desk:
        now = front.clock()
        issue = issue_of(planned, which, desk.records(), now)
        fail_on_errors(_unfit(service, issue, goal, at or now))
        email, warnings = email_of(planned, issue, now)
        done = _publish(
            desk, service, front, issue, email, goal, at=at, test_to=test_to, allow_gap=allow_gap
        )
    wait = (done.outcome.wait,) if done.outcome.wait is not None else ()
    refused = done.outcome.step.action is Action.RELEASE and not front.dry
    return Result(
        done=(done,),
        problems=in_order([*warnings, *_changed(planned, done, now), *wait]),
        exit_code=1 if wait or refused else 0,
    )


def _unfit(service: Configured, issue: Issue, goal: Goal, at: datetime) -> Iterator[Problem]:
    """What a person asks for by mistake."""
    first, last = issue.articles[0].source, issue.articles[-1].source
    if goal is Goal.TEST and not service.capabilities.tests:
        yield Problem(
            path=first.path,
            rule="no-tests",
            message=f"{service.capabilities.title} sends no tests",
            remedy="store it with --draft and send a test from there",
        )
    if goal is Goal.RELEASE and at < issue.date:
        yield Problem(
            path=last.path,
            line=last.line("date"),
            rule="too-early",
            message=f"issue {issue.number} is dated {issue.date.isoformat(' ', 'minutes')}, and its"
            " pages are not published before",
            remedy="schedule it with --at, wait, or give its articles an earlier date",
        )


def due(newsletter: Newsletter, front: Front, to: str = "") -> Result:
    """Do what is due now at every service, or at one; a service in trouble stops no other.

    May run as often as one likes: what was done is not done again. An article that was put into an
    issue which readers have is named also where nothing is due: it would reach nobody.
    """
    services = (service_of(newsletter, to),) if to else registry.configured(newsletter)
    planned = plan.load(newsletter)
    known = ledger.read(newsletter.root)
    done: list[Done] = []
    problems: list[Problem] = []
    codes = [0]
    issues = planned.catalogue.issues
    for service in services:
        record = records(known, service.name)
        try:
            if _due(service, planned, record, front.clock()):
                for one, said in _at_service(newsletter, front, service, planned):
                    done.append(one)
                    problems += said
                record = records(ledger.read(newsletter.root), service.name)
            fail_on_errors(order.frozen(issues, record, service.name))
        except PartworkError as error:
            problems += error.problems
            codes.append(error.exit_code)
    return Result(done=tuple(done), problems=in_order(problems), exit_code=max(codes))


_Due = list[tuple[Issue, Goal, datetime | None]]


def _due(service: Configured, planned: Plan, known: Mapping[str, Record], now: datetime) -> _Due:
    return list(order.due(planned.catalogue.issues, known, service.common, now))


def _at_service(
    newsletter: Newsletter, front: Front, service: Configured, planned: Plan
) -> Iterator[tuple[Done, list[Problem]]]:
    """What is due at one service, issue by issue; ends where one has to wait."""
    with desk_of(newsletter, front, service, planned) as desk:
        now = front.clock()
        for issue, goal, at in _due(service, planned, desk.records(), now):
            done, said = _bring(desk, service, front, planned, issue, goal, at)
            if done.outcome.wait is not None:
                said.append(replace(done.outcome.wait, severity="warning"))
            yield done, said
            if done.outcome.wait is not None:
                return


def _bring(
    desk: Desk,
    service: Configured,
    front: Front,
    planned: Plan,
    issue: Issue,
    goal: Goal,
    at: datetime | None,
) -> tuple[Done, list[Problem]]:
    if goal is Goal.LOOK:
        done = _look(desk, service, issue)
        return done, list(order.early(issue, done.outcome.record, desk.name))
    now = front.clock()
    email, warnings = email_of(planned, issue, now)
    content = key_of(desk.newsletter, order.ident(issue), email).content
    record = desk.records().get(order.ident(issue))
    if goal is Goal.DRAFT:
        if record is not None and record.stage is Stage.DRAFTED and record.content == content:
            # A person may work on the draft there: only learn whether it was sent.
            return _look(desk, service, issue), []
        if record is None and now - issue.date > service.max_lateness:
            raise PartworkError([_stale(service, issue)])
    done = _publish(
        desk, service, front, issue, email, goal, at=at, max_lateness=service.max_lateness
    )
    return done, [*(warnings if done.wrote else ()), *_changed(planned, done, now)]


def _stale(service: Configured, issue: Issue) -> Problem:
    to = f"--to {service.name}"
    return Problem(
        path=issue.articles[0].source.path,
        line=1,
        rule="too-late",
        message=f"issue {issue.number}: it was due on {issue.date.isoformat(' ', 'minutes')},"
        " longer ago than max_lateness allows",
        remedy=f"store it all the same with `partwork publish {issue.number} {to} --draft`, or"
        f" begin after it with `partwork ledger skip {issue.number} {to}`",
    )


def _look(desk: Desk, service: Configured, issue: Issue) -> Done:
    before = len(desk.ledger.entries)
    outcome = look(desk, issue)
    wrote = len(desk.ledger.entries) > before
    return Done(service=service, outcome=outcome, email=None, wrote=wrote)


def _publish(
    desk: Desk,
    service: Configured,
    front: Front,
    issue: Issue,
    email: Email,
    goal: Goal,
    **how: Any,
) -> Done:
    before = len(desk.ledger.entries)
    permit = front.permit

    def permitted(_: Wanted, step: Step) -> bool:
        if permit is None or front.dry:
            return True
        audience = desk.service.audience()
        return permit(Asked(service=desk.name, email=email, audience=audience, at=step.at))

    outcome = publish(replace(desk, permit=permitted), issue, email, goal, **how)
    wrote = len(desk.ledger.entries) > before
    return Done(service=service, outcome=outcome, email=email, wrote=wrote)


def _changed(planned: Plan, done: Done, now: datetime) -> Iterator[Problem]:
    outcome, issue = done.outcome, done.outcome.wanted.issue
    if outcome.changed:
        seen, _ = plan.published(planned, max(issue.date, now))
        if outcome.record.content not in build.unedited(planned, seen, issue):
            yield order.rewritten(issue, done.service.name)


def issue_of(planned: Plan, which: str, known: Mapping[str, Record], now: datetime) -> Issue:
    """The issue a person means; `next` is the first that a service was not handed yet."""
    if which != "next":
        return build.choose(planned, which, now)
    for issue in planned.catalogue.issues:
        record = known.get(order.ident(issue))
        if record is None or not record.passed:
            return issue
    raise PartworkError(
        [
            Problem(
                path=planned.newsletter.articles,
                rule="no-issue",
                message="there is no next issue: every one was handed over",
                remedy="`partwork new` begins another part; `partwork status` lists the issues",
            )
        ]
    )


def email_of(planned: Plan, issue: Issue, now: datetime) -> tuple[Email, tuple[Problem, ...]]:
    """The email of an issue, without fault, and its warnings; PartworkError carries an error."""
    seen, warnings = plan.published(planned, max(issue.date, now))
    email = build.email_of(planned, seen, issue)
    folder = build.folder_of(planned.newsletter, issue, now)
    found = build.linted(email, seen.until(issue.date), folder)
    return email, fail_on_errors([*warnings, *email.warnings, *found])
