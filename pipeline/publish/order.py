"""What the issues mean for one another: their order (O4), what is frozen (O5), what is due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from pipeline.errors import Problem
from pipeline.issues import Issue
from pipeline.ledger.entries import FILE
from pipeline.ledger.records import Record, Stage
from pipeline.publish.places import Goal
from pipeline.publish.steps import Others
from pipeline.services import Capabilities, Common


def ident(issue: Issue) -> str:
    """The issue's identity in the ledger: the stored id of its first article."""
    return issue.articles[0].id


def others(
    issues: Sequence[Issue], records: Mapping[str, Record], issue: Issue, now: datetime
) -> Others:
    """What the issues before and after it mean for one."""
    before, after = _around(issues, issue)
    nothing = Record(issue="")
    earlier = [(one.number, records.get(ident(one), nothing)) for one in before]
    on_the_way = [(number, one) for number, one in earlier if one.stage is Stage.SUBMITTED]
    times = [one.when for _, one in on_the_way if one.when is not None and one.when > now]
    return Others(
        missing=tuple(number for number, one in earlier if not one.passed),
        going=tuple(number for number, one in on_the_way if one.when is None or one.when <= now),
        latest=max(times, default=None),
        later=tuple(one.number for one in after if records.get(ident(one), nothing).submitted),
    )


def unclear(
    issues: Sequence[Issue],
    records: Mapping[str, Record],
    issue: Issue,
    can: Capabilities,
    then: datetime,
) -> Iterator[Issue]:
    """The other issues of which the service may know more than the ledger says.

    Those before it, and those after it that are due when it goes out, `then`: nobody sends an
    issue before its date, nor schedules it for earlier.
    """
    before, after = _around(issues, issue)
    for other in (*before, *(one for one in after if one.date <= then)):
        record = records.get(ident(other))
        if record is None or not record.passed:
            if can.keyed or (record is not None and record.releasing):
                yield other
        elif record.stage is Stage.SUBMITTED:
            yield other


def elsewhere(
    issues: Sequence[Issue], records: Mapping[str, Record], issue: Issue
) -> Iterator[Record]:
    """What a service may hold of an issue's articles under another key than the issue's.

    A draft that was stored when another article came first stays under that one's key. Of an
    article that no line names the ledger may have lost what it knew: then the rest went with it.
    """
    here = [article.id for article in issue.articles]
    for record in records.values():
        if record.issue != here[0] and not record.submitted and set(record.articles) & set(here):
            yield record
    named = {article for record in records.values() for article in record.articles}
    named |= {ident(one) for one in issues}
    for at, article in enumerate(here[1:], 1):
        if article not in named:
            yield Record(issue=article, articles=tuple(here[at:]))


def strays(
    issues: Sequence[Issue], records: Mapping[str, Record], issue: Issue
) -> tuple[Record, ...]:
    """Those of `elsewhere` that no issue's draft takes the place of, since none begins so."""
    begins = {ident(one) for one in issues}
    return tuple(one for one in elsewhere(issues, records, issue) if one.issue not in begins)


def _around(issues: Sequence[Issue], issue: Issue) -> tuple[Sequence[Issue], Sequence[Issue]]:
    at = next(place for place, one in enumerate(issues) if ident(one) == ident(issue))
    return issues[:at], issues[at + 1 :]


def frozen(
    issues: Sequence[Issue], records: Mapping[str, Record], service: str
) -> Iterator[Problem]:
    """What was changed about issues that readers already have, or may have (O5).

    Where issues that were sent, or left out, became one, nothing is mailed again and nothing said.
    """
    now = _Now(issues=issues, records=records, service=service)
    for record in sorted(records.values(), key=lambda one: (one.number, one.issue)):
        if record.stage is Stage.SKIPPED:
            yield from _grown(record, now)
        if not (record.submitted or record.releasing) or not record.articles:
            continue
        issue = now.place.get(record.issue)
        if issue is None:
            yield _beheaded(record, now)
            continue
        yield from _changed(record, issue, now)
        yield from early(issue, record, service)


class _Now:
    """The issues as they stand now, beside what the ledger says of them at a service.

    `place` and `paths` are each article's issue and file by its id; no reader gets an article that
    was `had`, that is sent or left out; `handed` are these and those still on their way.
    """

    def __init__(
        self, *, issues: Sequence[Issue], records: Mapping[str, Record], service: str
    ) -> None:
        self.service = service
        self.place = {article.id: issue for issue in issues for article in issue.articles}
        self.paths = {one.id: one.source.path for issue in issues for one in issue.articles}
        self.passed = frozenset(name for name, one in records.items() if one.passed)
        done = (one for one in records.values() if one.stage in (Stage.SKIPPED, Stage.SETTLED))
        self.had = frozenset(article for one in done for article in one.articles)
        passed = (one.articles for one in records.values() if one.passed)
        self.handed = frozenset(article for articles in passed for article in articles)
        self.left = [issue for issue in issues if ident(issue) not in self.passed]

    def goes_out(self, article: str) -> bool:
        """True where it stands in an issue that would be mailed."""
        return article in self.place and ident(self.place[article]) not in self.passed

    def way_on(self, issue: Issue, record: Record) -> str:
        """How to leave out an issue that is made of what was submitted, and nothing else."""
        if not record.submitted or ident(issue) in self.passed:
            return ""
        known = self.had.union(record.articles)
        if not all(one.id in known for one in issue.articles):
            return f", or give what is new in issue {issue.number} a later date"
        before = [one for one in self.left if one.number <= issue.number]
        alone = all(article.id in known for one in before for article in one.articles)
        number, to = issue.number, f"--to {self.service}"
        command = f"skip {number} {to}" if alone else f"resolve {number} {to} --submitted"
        return f", or leave out what is left with `partwork ledger {command}`"


def _changed(record: Record, issue: Issue, now: _Now) -> Iterator[Problem]:
    """What to say of an issue that holds other articles now, or begins with another one."""
    name, fixed = _named(record, now.service)
    ids, sure = [article.id for article in issue.articles], record.submitted
    came = [one for one in ids if one not in record.articles and not (sure and one in now.had)]
    gone = [one for one in record.articles if one not in now.place]
    went = [one for one in record.articles if one not in ids and now.goes_out(one)]
    went += [] if sure else gone
    waits = record.stage is not Stage.SETTLED  # its end is asked for while its article comes first
    other = ident(issue) != record.issue and (waits or now.goes_out(record.issue))
    if came:
        message = f"{name} now holds this article too"
        yield _frozen(now.paths[came[0]], message, f"give it a later date: {fixed}")
    elif went or other:
        moved = went[0] if went else ids[0]
        what = "was moved or removed" if went else "comes first now"
        way_on = now.way_on(now.place.get(moved, issue), record)
        message = f"{name} held its articles otherwise ({moved} {what})"
        path = now.paths.get(moved, now.paths[ids[0]])
        yield _frozen(path, message, f"put it back{way_on}: {fixed}")
    elif gone:
        yield _gone(f"{name} held the article {gone[0]}, which is gone")


def _grown(record: Record, now: _Now) -> Iterator[Problem]:
    """What to say of an article put into an issue that was left out: nothing else tells of it."""
    issue = now.place.get(record.issue)
    if issue is None or not record.articles:
        return
    for article in issue.articles:
        if article.id not in now.handed:
            yield Problem(
                path=article.source.path,
                line=1,
                rule="skipped-grown",
                message=f"issue {issue.number}, which was left out at {now.service}, now holds this"
                " article too: nobody there will get it",
                remedy="give it a later date if they are to have it",
                severity="warning",
            )


def early(issue: Issue, record: Record, service: str) -> Iterator[Problem]:
    """What to say of a scheduled issue whose date has moved behind its time there."""
    if record.stage is Stage.SUBMITTED and record.when is not None and record.when < issue.date:
        when = record.when.isoformat(" ", "minutes")
        last = issue.articles[-1].source
        yield Problem(
            path=last.path,
            line=last.line("date"),
            rule="submitted-early",
            message=f"issue {issue.number} is scheduled at {service} for {when}, before its date,"
            f" {issue.date.isoformat(' ', 'minutes')}",
            remedy=f"give it back its date, or take back its schedule there, run `partwork ledger"
            f" forget {issue.number} --to {service}`, and hand it over anew",
            severity="warning",
        )


def _named(record: Record, service: str) -> tuple[str, str]:
    """How to call an issue whose articles changed, and why they must not."""
    if record.submitted:
        name = f"issue {record.number}, submitted to {service} on {record.at:%Y-%m-%d},"
        return name, "what was submitted does not change"
    name = f"issue {record.number}, which {service} may have sent,"
    return name, "nothing changes until it is known; then run again, which looks first"


def _beheaded(record: Record, now: _Now) -> Problem:
    """What to say where the first article is gone: the others would be an issue of their own."""
    name, fixed = _named(record, now.service)
    message = f"{name} began with the article {record.issue}, which is gone"
    left = [one for one in record.articles if now.goes_out(one)]
    if not left:
        return _gone(message)
    way_on = now.way_on(now.place[left[0]], record)
    message += ", and held this one too"
    return _frozen(now.paths[left[0]], message, f"put the article back{way_on}: {fixed}")


def _frozen(path: str, message: str, remedy: str) -> Problem:
    return Problem(path=path, line=1, rule="submitted-frozen", message=message, remedy=remedy)


def _gone(message: str) -> Problem:
    return Problem(
        path=FILE,
        rule="submitted-gone",
        message=message,
        remedy="put the article back, or leave it: nothing depends on it",
        severity="warning",
    )


def rewritten(issue: Issue, service: str) -> Problem:
    """What to say of an issue that reads otherwise than what a service was handed."""
    return Problem(
        path=issue.articles[0].source.path,
        line=1,
        rule="submitted-changed",
        message=f"issue {issue.number} reads otherwise than what was submitted to {service}",
        remedy="nothing is sent again; tell readers in a later issue if it matters",
        severity="warning",
    )


def due(
    issues: Sequence[Issue], records: Mapping[str, Record], common: Common, now: datetime
) -> Iterator[tuple[Issue, Goal, datetime | None]]:
    """What `publish --due` has to do now at a service: each issue, its goal and its time.

    Those that were submitted and never confirmed come with Goal.LOOK.
    """
    ahead = timedelta(hours=0 if common.mode == "send" else common.ahead)
    for issue in issues:
        record = records.get(ident(issue))
        if record is not None and record.passed:
            if record.stage is Stage.SUBMITTED:
                yield issue, Goal.LOOK, None
        elif issue.date <= now + ahead:
            goal = Goal.DRAFT if common.mode == "draft" else Goal.RELEASE
            yield issue, goal, issue.date if common.mode == "schedule" else None


def rounded(at: datetime | None, minutes: int) -> datetime | None:
    """The next time that falls on a multiple of `minutes`, in UTC; a service may take no other."""
    if at is None:
        return None
    at = at.astimezone(UTC)
    whole = at.replace(second=0, microsecond=0)
    late = whole.minute % minutes or (minutes if at > whole else 0)
    if not late:
        return whole
    return whole + timedelta(minutes=minutes - whole.minute % minutes)
