"""The schedule: the slots in which issues go out, and the dates of parts that name none.

Slots are wall-clock times in one timezone, so an issue leaves at 09:00 on both sides of a change of
the clocks; a time that a change skips moves on by the length of the gap (PEP 495). A slot on a
public holiday is closed where `[schedule] holidays` says so: no part gets its date there.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from pipeline.articles import Article, Source
from pipeline.config import WEEKDAYS, Newsletter, Schedule, settled, step
from pipeline.daysoff import days_off
from pipeline.errors import Problem
from pipeline.series import Numbered

MOST_CLOSED = 60
"""Slots in a row that may be closed; where they all are, the schedule is taken to have no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """All slots of a newsletter, numbered from 0 at the first; earlier ones count down from -1."""

    schedule: Schedule
    newsletter: Newsletter
    _known: dict[int, datetime] = field(default_factory=dict, repr=False, compare=False)

    def at(self, index: int) -> datetime:
        """The slot with this number, on the newsletter's clocks; OverflowError beyond year 9999."""
        known = self._known.get(index)
        if known is None:
            zone = self.newsletter.slots_zone
            wall = datetime.combine(_day(self.schedule, index), self.schedule.time, tzinfo=zone)
            known = self._known[index] = settled(wall, self.newsletter.zone)
        return known

    def holiday(self, index: int) -> str:
        """The public holiday on which a slot is closed, empty where it is open."""
        schedule = self.schedule
        if not schedule.holidays:
            return ""
        day, since = _day(schedule, index), schedule.holidays_from
        return "" if since and day < since else days_off(schedule.holidays).get(day, "")

    def open(self, index: int) -> int:
        """The number of the first open slot from this one on; OverflowError where none is near."""
        for number in range(index, index + MOST_CLOSED):
            if not self.holiday(number):
                return number
        raise OverflowError("every slot of the schedule falls on a public holiday")

    def index(self, moment: datetime) -> int:
        """The number of the first slot at or after a moment, open or closed."""
        count, unit = step(self.schedule.every) or (1, "week")
        days = (moment.astimezone(self.newsletter.slots_zone).date() - self.schedule.start).days
        length = {"day": 1, "week": 7, "month": 30.4369}[unit] * count
        guess = int(days // length)
        while self.at(guess) >= moment:
            guess -= 1
        while self.at(guess) < moment:
            guess += 1
        return guess


def slots(newsletter: Newsletter) -> Slots | None:
    """The newsletter's slots, None where it has no `[schedule]`."""
    if newsletter.schedule is None:
        return None
    return Slots(schedule=newsletter.schedule, newsletter=newsletter)


def _day(schedule: Schedule, index: int) -> date:
    try:
        return _day_of(schedule, index)
    except (ValueError, OverflowError):
        raise OverflowError("the schedule reaches beyond the year 9999 here") from None


def _day_of(schedule: Schedule, index: int) -> date:
    count, unit = step(schedule.every) or (1, "week")
    if unit == "month":
        months = schedule.start.year * 12 + schedule.start.month - 1 + index * count
        year, month = divmod(months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        day = date(year, month + 1, min(schedule.start.day, last))
    else:
        day = schedule.start + timedelta(days=index * count * (7 if unit == "week" else 1))
    if schedule.weekday:
        day += timedelta(days=(WEEKDAYS.index(schedule.weekday.lower()) - day.weekday()) % 7)
    return day


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A part without a date yet, and what it waits for (`part 3, a draft`)."""

    source: Source
    part: int
    reason: str


def dated(
    newsletter: Newsletter, numbered: Mapping[str, tuple[Numbered, ...]]
) -> tuple[tuple[Article, ...], tuple[Waiting, ...], tuple[Problem, ...]]:
    """Give every part its date: its own, or the first free slot after the part before it.

    `numbered` holds each series' parts in order by its key. An undated part never overtakes: after
    a draft or a missing part it waits.
    """
    articles: list[Article] = []
    waiting: list[Waiting] = []
    problems: list[Problem] = []
    for key, parts in numbered.items():
        for result in _series(newsletter, key, parts):
            match result:
                case Article():
                    articles.append(result)
                case Waiting():
                    waiting.append(result)
                case Problem():
                    problems.append(result)
    return tuple(articles), tuple(waiting), tuple(problems)


def _series(
    newsletter: Newsletter, key: str, parts: tuple[Numbered, ...]
) -> Iterator[Article | Waiting | Problem]:
    grid = slots(newsletter)
    start = next((one.start for one in newsletter.series if one.key == key), None)
    earliest = datetime.combine(start, time(), newsletter.slots_zone) if start else None
    last: Article | None = None
    hold = told = ""
    # A series may begin elsewhere: a first part with a date of its own needs none before it.
    expected = parts[0].number if parts and parts[0].source.date else 1
    for part in parts:
        source = part.source
        if part.number > expected and not hold:
            hold = f"part {expected}, which is missing"
        expected = part.number + 1
        if source.draft:
            hold = hold or f"part {part.number}, a draft"
            continue
        if source.date is not None:
            article = Article(source=source, date=source.date, part=part.number)
        elif grid is None:
            what = "there is no date and no schedule to give one"
            remedy = "add a line `date: …`, or a [schedule] to newsletter.toml"
            yield _undated(source, what, remedy)
            continue
        elif hold:
            yield Waiting(source=source, part=part.number, reason=hold)
            continue
        else:
            try:
                date = _free(grid, last, earliest)
            except OverflowError as error:
                yield _undated(source, str(error), "change its step, or add a line `date: …`")
                return
            article = Article(source=source, date=date, part=part.number, planned=True)
        if last is not None and article.date <= last.date:
            yield _contradiction(last, article)
        if hold != told:
            told = hold
            yield Problem(
                path=source.path,
                line=source.line("date"),
                rule="overtakes",
                message=f"part {part.number} has a date but comes after {hold}",
                remedy="finish that part first, or readers get the series out of order",
                severity="warning",
            )
        last = article
        yield article


def _free(grid: Slots, last: Article | None, earliest: datetime | None) -> datetime:
    first = max(0, grid.index(earliest)) if earliest else 0
    if last is not None:
        first = max(first, grid.index(last.date + timedelta(seconds=1)))
    return grid.at(grid.open(first))


def _undated(source: Source, message: str, remedy: str) -> Problem:
    return Problem(path=source.path, line=1, rule="no-date", message=message, remedy=remedy)


def _contradiction(before: Article, after: Article) -> Problem:
    first, second = before.source, after.source
    how = " (given by the schedule)"
    return Problem(
        path=second.path,
        line=second.line("date"),
        rule="dates-disagree",
        message=f"part {after.part} is dated {_show(after.date)}{how if after.planned else ''}, not"
        f" after part {before.part} ({first.path}:{first.line('date')},"
        f" {_show(before.date)}{how if before.planned else ''})",
        remedy="dates must increase with the part: correct one of them",
    )


def _show(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="minutes")
