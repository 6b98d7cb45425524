"""The state of every part, and of every issue at every mailing service, as plain rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.articles import Article, Source
from pipeline.built import Row, State
from pipeline.issues import Issue
from pipeline.ledger.entries import Entry
from pipeline.ledger.records import Record, Stage, records
from pipeline.plan import Plan
from pipeline.series import Numbered


def rows(plan: Plan, as_of: datetime) -> tuple[Row, ...]:
    """Every article: series by series in part order, then the others by date."""
    issue_of = {article.id: issue for issue in plan.catalogue.issues for article in issue.articles}
    titles = {one.key: one.title for one in plan.newsletter.series}
    found = [
        *(_article(article, issue_of[article.id], as_of) for article in plan.catalogue.articles),
        *(_undated(one.source, one.part, "waiting", one.reason) for one in plan.waiting),
        *_drafts(plan),
    ]
    order = {key: at for at, key in enumerate([*titles, ""])}
    late = datetime.max.replace(tzinfo=as_of.tzinfo)
    found.sort(
        key=lambda row: (
            order[row.series],
            row.part or 0,
            late if row.part or row.date is None else row.date,
            row.path,
        )
    )
    return tuple(found)


def _article(article: Article, issue: Issue, as_of: datetime) -> Row:
    state: State = "issued"
    until = ""
    if article.date > as_of:
        state, until = "waiting", _local(article.date)
    elif issue.date > as_of:
        state, until = "in the feed", _local(issue.date)
    return Row(
        series=article.source.series or "",
        part=article.part,
        title=article.title,
        path=article.source.path,
        date=article.date,
        planned=article.planned,
        issue=issue.number,
        state=state,
        until=until,
    )


def _local(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")


def _undated(source: Source, part: int | None, state: State, until: str = "") -> Row:
    return Row(
        series=source.series or "",
        part=part,
        title=source.title,
        path=source.path,
        date=source.date,
        planned=False,
        issue=None,
        state=state,
        until=until,
    )


def _drafts(plan: Plan) -> Iterator[Row]:
    for draft in plan.drafts:
        if isinstance(draft, Numbered):
            yield _undated(draft.source, draft.number, "draft")
        else:
            yield _undated(draft, None, "draft")


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """An issue at a mailing service, as the ledger knows it.

    `at` is when it got where it is, or the time it is scheduled for; `counts` what the service
    last reported, by name (`services.COUNTS`).
    """

    service: str
    issue: int
    title: str
    state: str
    at: datetime | None
    counts: Mapping[str, int]


def handed(plan: Plan, entries: Sequence[Entry], as_of: datetime) -> tuple[Handed, ...]:
    """Each issue that is due, or was handed over, at each service: service by service, in order."""
    configured = [table.name.partition(".")[2] for table in plan.newsletter.services]
    names = dict.fromkeys([*configured, *(entry.service for entry in entries if entry.service)])
    found = []
    for name in names:
        known = records(entries, name)
        for issue in plan.catalogue.issues:
            record = known.get(issue.articles[0].id)
            if record is None and issue.date > as_of:
                continue
            record = record or Record(issue=issue.articles[0].id)
            ahead = record.when is not None and record.when > as_of
            scheduled = record.stage is Stage.SUBMITTED and ahead
            found.append(
                Handed(
                    service=name,
                    issue=issue.number,
                    title=issue.articles[0].title,
                    state="scheduled" if scheduled else _state(record),
                    at=record.when if scheduled else record.at,
                    counts=record.counts,
                )
            )
    return tuple(found)


def _state(record: Record) -> str:
    if record.releasing is not None and not record.submitted:
        return "not known"
    return {
        Stage.UNKNOWN: "not yet",
        Stage.DRAFTED: "draft",
        Stage.SKIPPED: "left out",
        Stage.SUBMITTED: "submitted",
        Stage.SETTLED: "sent",
    }[record.stage]
