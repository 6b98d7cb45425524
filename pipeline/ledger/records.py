"""Records: what all the ledger's lines together say of each issue at one service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pipeline.ledger.entries import INTENTS, Entry, Event


class Stage(StrEnum):
    """How far an issue got, as far as the ledger knows."""

    UNKNOWN = "unknown"
    DRAFTED = "drafted"
    SKIPPED = "skipped"
    SUBMITTED = "submitted"
    SETTLED = "settled"


_STAGE = {
    Event.DRAFTED: Stage.DRAFTED,
    Event.TESTED: Stage.DRAFTED,
    Event.SKIPPED: Stage.SKIPPED,
    Event.SUBMITTED: Stage.SUBMITTED,
    Event.SETTLED: Stage.SETTLED,
}
_RANK = list(Stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One issue at one service. `open` are the intents whose outcome nobody wrote down.

    `at` is when it reached its stage, `when` the time it was scheduled for; `content`, `articles`
    and `remote` are those of what was submitted, else of the latest draft.
    """

    issue: str
    stage: Stage = Stage.UNKNOWN
    number: int = 0
    at: datetime | None = None
    when: datetime | None = None
    content: str = ""
    remote: str = ""
    articles: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    note: str = ""
    open: tuple[Entry, ...] = ()

    @property
    def submitted(self) -> bool:
        """True once a service accepted it."""
        return self.stage in (Stage.SUBMITTED, Stage.SETTLED)

    @property
    def passed(self) -> bool:
        """True where the next issue may follow: it was submitted, or skipped knowingly."""
        return self.submitted or self.stage is Stage.SKIPPED

    @property
    def releasing(self) -> Entry | None:
        """The release that was begun and of whose end nothing is known."""
        return next((one for one in self.open if one.event is Event.SUBMITTING), None)


def records(entries: Iterable[Entry], service: str) -> dict[str, Record]:
    """Each issue's record at a service, by the id of the issue's first article."""
    lines: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: one.at):
        if entry.service == service and entry.issue:
            if entry.event is Event.FORGOTTEN:
                lines.pop(entry.issue, None)
            else:
                lines.setdefault(entry.issue, []).append(entry)
    return {issue: _record(issue, facts) for issue, facts in lines.items()}


def _record(issue: str, facts: list[Entry]) -> Record:
    closed = {digest for one in facts for digest in one.closes}
    stage = max((_STAGE.get(one.event, Stage.UNKNOWN) for one in facts), key=_RANK.index)
    reached = [one for one in facts if _STAGE.get(one.event) is stage]
    said = [one for one in facts if _STAGE.get(one.event) in (Stage.SUBMITTED, Stage.SETTLED)]
    said = said or facts
    return Record(
        issue=issue,
        stage=stage,
        number=facts[-1].number,
        at=reached[0].at if reached else None,
        when=said[-1].when,
        content=next((one.content for one in reversed(said) if one.content), ""),
        remote=next((one.remote for one in reversed(said) if one.remote), ""),
        articles=next((one.articles for one in reversed(said) if one.articles), ()),
        counts=next((one.counts for one in reversed(facts) if one.counts), {}),
        note=facts[-1].note,
        open=tuple(one for one in facts if one.event in INTENTS and one.digest not in closed),
    )
