"""The calendar: the coming slots and what goes out in each, gaps and closed slots among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pipeline.articles import Source
from pipeline.errors import Problem
from pipeline.issues import Issue
from pipeline.ledger.entries import Entry
from pipeline.ledger.records import Record, Stage, records
from pipeline.plan import Plan
from pipeline.schedule import Slots, Waiting, slots
from pipeline.series import Numbered

State = Literal["planned", "draft", "gap", "holiday"]

MOST_WEEKS = 520
"""How far a calendar can reach: ten years of a daily newsletter are 3,650 slots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A draft: its part number, None outside any series, and the date its file names, if any."""

    source: Source
    part: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A slot to come, or an issue's date where there is no schedule.

    `state` is `planned` for an issue whose articles are finished, `draft` where only drafts name a
    date for it, `holiday` where it is closed and `gap` where nothing is there. `holiday` names the
    holiday, also of an issue that goes out all the same; `clocks` is by how much the clocks have
    changed since the slot before.
    """

    date: datetime
    state: State
    issue: Issue | None = None
    drafts: tuple[Unfinished, ...] = ()
    holiday: str = ""
    clocks: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The days to come in order, and what has none.

    `late` are the drafts whose date has passed, `undated` those that name none, `waiting` the parts
    that stand behind others.
    """

    as_of: datetime
    days: tuple[Day, ...]
    late: tuple[Unfinished, ...]
    undated: tuple[Unfinished, ...]
    waiting: tuple[Waiting, ...]


def coming(planned: Plan, as_of: datetime, until: datetime) -> Calendar:
    """What goes out after `as_of` and not after `until`."""
    unfinished = [_unfinished(one) for one in planned.drafts]
    dated = [(one.source.date, one) for one in unfinished if one.source.date is not None]
    dated.sort(key=lambda pair: (pair[0], pair[1].source.path))
    drafts = [pair for pair in dated if pair[0] > as_of]
    issues = {one.date: one for one in planned.catalogue.issues if as_of < one.date <= until}
    grid = slots(planned.newsletter)
    if grid is None:
        days = [
            Day(
                date=date,
                state="planned" if date in issues else "draft",
                issue=issues.get(date),
                drafts=tuple(one for due, one in drafts if due == date),
            )
            for date in sorted({*issues, *(due for due, _ in drafts if due <= until)})
        ]
    else:
        days = [*_days(grid, as_of, until, issues, drafts)]
    return Calendar(
        as_of=as_of,
        days=tuple(days),
        late=tuple(one for date, one in dated if date <= as_of),
        undated=tuple(one for one in unfinished if one.source.date is None),
        waiting=planned.waiting,
    )


def _unfinished(draft: Numbered | Source) -> Unfinished:
    if isinstance(draft, Numbered):
        return Unfinished(source=draft.source, part=draft.number)
    return Unfinished(source=draft, part=None)


def _days(
    grid: Slots,
    as_of: datetime,
    until: datetime,
    issues: Mapping[datetime, Issue],
    drafts: Sequence[tuple[datetime, Unfinished]],
) -> Iterator[Day]:
    at = grid.index(as_of + timedelta(seconds=1))
    before = as_of
    while (date := grid.at(at)) <= until:
        issue, holiday = issues.get(date), grid.holiday(at)
        here = tuple(one for due, one in drafts if before < due <= date)
        closed = holiday and not issue and not any(due == date for due, _ in drafts)
        state: State = "holiday" if closed else "planned" if issue else "draft" if here else "gap"
        yield Day(
            date=date,
            state=state,
            issue=issue,
            drafts=() if closed else here,
            holiday=holiday,
            clocks=_offset(grid, date) - _offset(grid, grid.at(at - 1)),
        )
        # What a closed slot does not take goes out in the next one that is open.
        before = before if closed else date
        at += 1


def _offset(grid: Slots, moment: datetime) -> timedelta:
    """By how much the slots' clocks are ahead of UTC."""
    return moment.astimezone(grid.newsletter.slots_zone).utcoffset() or timedelta()


def late(planned: Plan, calendar: Calendar, entries: Sequence[Entry]) -> Iterator[Problem]:
    """A warning for each draft whose date has passed, and for each issue not handed over."""
    for one in calendar.late:
        what = f"part {one.part} is" if one.part else "this is"
        date = one.source.date.isoformat() if one.source.date else ""
        yield Problem(
            path=one.source.path,
            line=one.source.line("date"),
            rule="late-part",
            message=f"{what} still a draft, and its date, {date}, has passed",
            remedy="finish it, or give it a later date",
            severity="warning",
        )
    for table in planned.newsletter.services:
        service = table.name.partition(".")[2]
        for issue in _behind(planned.due(calendar.as_of), records(entries, service)):
            yield Problem(
                path=issue.articles[0].source.path,
                rule="late-issue",
                message=f"issue {issue.number} was due on {issue.date.isoformat()}, and {service}"
                " was not handed it",
                remedy=f"run `partwork publish {issue.number} --to {service}`",
                severity="warning",
            )


def _behind(due: Sequence[Issue], known: Mapping[str, Record]) -> Sequence[Issue]:
    """The due issues after the last one that a service has; of a service with none, the latest."""
    handed = {key for key, one in known.items() if one.stage is not Stage.UNKNOWN}
    has = [at for at, one in enumerate(due) if one.articles[0].id in handed]
    return due[has[-1] + 1 :] if has else due[-1:]
