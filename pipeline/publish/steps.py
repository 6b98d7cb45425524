"""What to do next with one issue at one service: a pure function over tables.

`place` names where the issue stands, from what the ledger says and what the service says;
`places.TABLE` gives the action for each goal; `GUARDS` are what stops it on the way to a release.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipeline.issues import Issue
from pipeline.ledger.records import Record, Stage
from pipeline.publish.places import TABLE, WRITES, Action, Goal, Place
from pipeline.services import Capabilities, Key, Remote, Report, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """What the other issues mean for this one, by number.

    `missing` come before it and were neither submitted nor skipped; `going` come before it and are
    still being sent; `latest` is the time the last of them is scheduled for; `later` come after it
    and were submitted.
    """

    missing: tuple[int, ...] = ()
    going: tuple[int, ...] = ()
    latest: datetime | None = None
    later: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the ledger says; `known` is True where it holds any line of this service.

    `aside` is True where a line that could not be read names the issue, and none after it does.
    `handed` names the content (`Key.content`) of each other issue that was submitted.
    """

    record: Record
    known: bool = True
    aside: bool = False
    handed: Mapping[str, str] = field(default_factory=dict)
    others: Others = Others()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the service said in this run, and what was done in it."""

    looked: bool = False
    remote: Remote | None = None
    differences: tuple[str, ...] | None = None
    drafted: bool = False
    tested: bool = False
    report: Report | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is wanted: an issue brought to a goal.

    `at` is the time to schedule it for, None for at once; `max_lateness` None says that a person
    asked for it, however late it is.
    """

    issue: Issue
    key: Key
    goal: Goal
    at: datetime | None = None
    test_to: tuple[str, ...] = ()
    allow_gap: bool = False
    max_lateness: timedelta | None = None

    def release_at(self, now: datetime) -> datetime | None:
        """The time to schedule for; None where it has come, or none was given."""
        return self.at if self.at is not None and self.at > now else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What must not hold on the way to `goals`; `message` and `remedy` are format strings."""

    rule: str
    holds: Callable[[Said, Wanted, Capabilities, datetime], bool]
    message: str
    remedy: str
    action: Action = Action.STOP
    goals: frozenset[Goal] = frozenset({Goal.RELEASE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The next step; `at` is the time to release for, `guard` what stands in the way."""

    action: Action
    place: Place
    at: datetime | None = None
    guard: Guard | None = None

    @property
    def rule(self) -> str:
        """The stable name of why the run ends here."""
        return self.guard.rule if self.guard else self.place.name.lower()


def _late(_: Said, wanted: Wanted, __: Capabilities, now: datetime) -> bool:
    due = wanted.at or wanted.issue.date
    return wanted.max_lateness is not None and now - due > wanted.max_lateness


def _overlap(said: Said, wanted: Wanted, _: Capabilities, now: datetime) -> bool:
    latest = said.others.latest
    return latest is not None and latest >= (wanted.release_at(now) or now)


GUARDS = (
    Guard(
        rule="sent-already",
        holds=lambda said, wanted, *_: wanted.key.content in said.handed,
        message="the very same email went to {service} already, when its first article had the id"
        " {had}",
        remedy="give that article back the `id` it had, or say that readers have it with `partwork"
        " ledger resolve {number} --to {service} --submitted`",
        goals=frozenset(Goal) - {Goal.LOOK},  # who finds a draft of it may send it by hand
    ),
    Guard(
        rule="order-gap",
        holds=lambda said, wanted, *_: bool(said.others.missing) and not wanted.allow_gap,
        message="{missing} before it did not reach {service}",
        remedy="publish that first, or leave it out for good with --allow-gap",
    ),
    Guard(
        rule="order-later",
        holds=lambda said, wanted, *_: bool(said.others.later) and not wanted.allow_gap,
        message="{later} after it went to {service} already",
        remedy="date it after that issue, send it out of order with --allow-gap, or leave it out"
        " with `partwork ledger skip {number} --to {service}`",
    ),
    Guard(
        rule="order-scheduled",
        holds=_overlap,
        message="an issue before it is scheduled at {service} for {latest}",
        remedy="give it a later time",
    ),
    Guard(
        rule="order-going",
        holds=lambda said, *_: bool(said.others.going),
        message="{service} is still sending {going} before it",
        remedy="run again when it is out",
        action=Action.WAIT,
    ),
    Guard(
        rule="too-late",
        holds=_late,
        message="it was due on {due}, longer ago than max_lateness allows",
        remedy="send it all the same with `partwork publish {number} --to {service} --send`, or"
        " leave it out with `partwork ledger skip {number} --to {service}`",
    ),
    Guard(
        rule="no-schedule",
        holds=lambda _, wanted, can, now: bool(wanted.release_at(now)) and not can.schedules,
        message="{title} can't send at a later time",
        remedy="run at that time, for instance from cron with `partwork publish --due`",
    ),
)
"""What stops or holds a release, and one of them a draft; the first that holds is said."""


def place(said: Said, seen: Seen, wanted: Wanted, can: Capabilities) -> Place:
    """Where an issue stands."""
    record, remote = said.record, seen.remote
    if record.stage is Stage.SETTLED:
        return Place.SETTLED
    if record.stage is Stage.SUBMITTED:
        return _submitted(seen.report)
    if record.stage is Stage.SKIPPED:
        return Place.SKIPPED
    if not can.keyed and (record.releasing or said.aside or not said.known):
        return Place.UNDECIDED
    if not seen.looked:
        return Place.UNSEEN
    if remote is None:
        lost = can.keyed and (record.remote or record.releasing)
        return Place.LOST if lost else Place.ABSENT
    if remote.status is Status.STOPPED:
        return Place.STOPPED
    if remote.status is not Status.DRAFT:
        return Place.TAKEN
    if remote.key.content != wanted.key.content:
        return Place.OUTDATED
    if seen.differences is None:
        return Place.STORED
    if seen.differences:
        return Place.MANGLED if seen.drafted else Place.DIFFERENT
    return Place.TESTED if seen.tested else Place.FAITHFUL


def _submitted(report: Report | None) -> Place:
    if report is None:
        return Place.SUBMITTED
    if report.status in (Status.DRAFT, Status.STOPPED) or reached_nobody(report):
        return Place.FAILED
    return Place.GOING


def reached_nobody(report: Report) -> bool:
    """True where a service calls an issue sent that none of its readers was sent."""
    return report.status is Status.SENT and bool(report.recipients) and report.sent == 0


def next_step(said: Said, seen: Seen, wanted: Wanted, can: Capabilities, now: datetime) -> Step:
    """The next step; pure."""
    here = place(said, seen, wanted, can)
    action = TABLE[here][wanted.goal]
    if action in WRITES | {Action.COMPARE}:
        for guard in GUARDS:
            if wanted.goal in guard.goals and guard.holds(said, wanted, can, now):
                return Step(action=guard.action, place=here, guard=guard)
    return Step(action=action, place=here, at=wanted.release_at(now))
