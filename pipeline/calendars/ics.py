"""The calendar as a file that calendar programs subscribe to (RFC 5545), written by icalendar.

Two kinds: for readers, who learn when an issue comes and of what is out its title and page; and for
the desk, with the titles of what is to come, drafts and gaps. No clock: the file changes when what
it says does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from pipeline import text
from pipeline.articles import Article
from pipeline.calendars import Calendar, Day
from pipeline.emails.words import Words, load
from pipeline.errors import PartworkError, Problem
from pipeline.issues import Issue
from pipeline.plan import Plan
from pipeline.templating import email_folders

if TYPE_CHECKING:
    import icalendar

_LENGTH = timedelta(minutes=15)
"""How long an issue shows in a day's view; it blocks nobody's time."""
_REFRESH = timedelta(hours=12)


def document(
    planned: Plan,
    calendar: Calendar,
    *,
    desk: bool = False,
    alarm: int | None = None,
) -> bytes:
    """Every issue that is out, and what the calendar says is to come.

    `desk` tells of future titles, drafts and gaps; `alarm` is minutes before each coming issue.
    PartworkError where icalendar is not installed.
    """
    try:
        import icalendar
    except ImportError:
        raise PartworkError(
            [
                Problem(
                    path="--ics",
                    rule="missing-extra",
                    message="a calendar file needs icalendar, which is not installed",
                    remedy="pip install 'partwork[calendar]'",
                )
            ]
        ) from None
    newsletter = planned.newsletter
    made = icalendar.Calendar()
    for name, value in (
        ("prodid", "-//Partwork//Calendar//EN"),
        ("version", "2.0"),
        ("calscale", "GREGORIAN"),
        ("name", newsletter.title),
        ("x-wr-calname", newsletter.title),
        ("x-wr-caldesc", newsletter.description),
        ("x-wr-timezone", newsletter.slots_zone.key),
        ("url", newsletter.root_url),
    ):
        made.add(name, value)
    made.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT12H")
    writer = _Writer(planned, calendar.as_of)
    for issue in planned.due(calendar.as_of):
        made.add_component(writer.out(issue))
    for day in calendar.days:
        event = writer.to_come(day, desk=desk)
        if event is not None:
            if alarm is not None:
                event.add_component(_alarm(alarm, str(event["summary"])))
            made.add_component(event)
    dates = [one.date.date() for one in planned.due(calendar.as_of)]
    dates += [one.date.date() for one in calendar.days]
    if dates:
        year = timedelta(days=366)
        made.add_missing_timezones(first_date=min(dates) - year, last_date=max(dates) + year)
    return bytes(made.to_ical())


class _Writer:
    """Writes events; each slot has one UID for ever, so that what changes about it is an update."""

    def __init__(self, planned: Plan, as_of: datetime) -> None:
        self.newsletter = planned.newsletter
        self.words: Words = load(email_folders(self.newsletter), self.newsletter.language)
        self._titles = {one.key: one.title for one in self.newsletter.series}
        # When the coming dates were last told anew: with the newest change that readers can see.
        published = planned.catalogue.until(as_of).updated
        self._told = published or next(
            (one.date for one in planned.catalogue.issues), datetime(2000, 1, 1, tzinfo=UTC)
        )

    def out(self, issue: Issue) -> icalendar.Event:
        """An issue that is out: its title and its page."""
        name = self._name(issue)
        title = f"{name}: {issue.articles[0].title}"
        url = self.newsletter.absolute(issue.path)
        changed = max(one.updated for one in issue.articles)
        lines = [*(self._article(one) for one in issue.articles), url]
        return self._event(issue.date, title, lines, url, changed, issue.articles)

    def to_come(self, day: Day, *, desk: bool) -> icalendar.Event | None:
        """A slot to come; None where there is nothing to tell these readers."""
        if day.issue is None and (not desk or day.state == "holiday"):
            return None
        name = self._name(day.issue) if day.issue else self.newsletter.title
        lines: list[str] = []
        articles: Sequence[Article] = ()
        if desk:
            articles = day.issue.articles if day.issue else ()
            drafts = [f"{one.source.title} (draft)" for one in day.drafts]
            lines = [*(self._article(one) for one in articles), *drafts]
            name = f"{name}: {'; '.join([a.title for a in articles] + drafts) or '(gap)'}"
        url = self.newsletter.root_url
        event = self._event(day.date, name, lines, url, self._told, articles)
        event.add("status", "CONFIRMED" if day.issue else "TENTATIVE")
        return event

    def _name(self, issue: Issue) -> str:
        number = self.words.issue.format(number=issue.number)
        return f"{self.newsletter.title}, {number}"

    def _article(self, article: Article) -> str:
        series = self._titles.get(article.source.series or "")
        part = self.words.part.format(part=article.part)
        return f"{series}, {part}: {article.title}" if series else article.title

    def _event(
        self,
        date: datetime,
        summary: str,
        lines: Sequence[str],
        url: str,
        changed: datetime,
        articles: Sequence[Article],
    ) -> icalendar.Event:
        import icalendar

        newsletter = self.newsletter
        event = icalendar.Event()
        slot = date.astimezone(UTC).isoformat()
        host = text.host(newsletter.url)
        event.add("uid", f"{uuid5(NAMESPACE_URL, f'{newsletter.written_url}#slot-{slot}')}@{host}")
        event.add("dtstamp", changed.astimezone(UTC))
        event.add("last-modified", changed.astimezone(UTC))
        # A revision counts when its time changes (RFC 5545 §3.8.7.4); a slot's never does.
        event.add("sequence", 0)
        event.add("dtstart", date.astimezone(newsletter.slots_zone))
        event.add("duration", _LENGTH)
        event.add("summary", summary)
        if lines:
            event.add("description", "\n".join(lines))
        event.add("url", url)
        categories = dict.fromkeys(self._categories(articles))
        if categories:
            event.add("categories", [*categories])
        event.add("transp", "TRANSPARENT")
        return event

    def _categories(self, articles: Sequence[Article]) -> Iterator[str]:
        for one in articles:
            if one.source.series in self._titles:
                yield self._titles[one.source.series]


def _alarm(minutes: int, summary: str) -> icalendar.Alarm:
    import icalendar

    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", timedelta(minutes=-minutes))
    return alarm
