"""The desk: where publishing happens, what is known there, and how it is written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pipeline.config import Newsletter
from pipeline.issues import Issue
from pipeline.ledger import Ledger
from pipeline.ledger.entries import Entry, Event
from pipeline.ledger.records import Record, records
from pipeline.publish import order
from pipeline.publish.steps import Said, Step, Wanted
from pipeline.services import Capabilities, MailingService


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where publishing happens: one service, the ledger held alone, and the command's side.

    `clock` gives the time (aware); `say` is told each step; `permit` is asked before a release;
    `dry` performs nothing that writes anywhere.
    """

    name: str
    service: MailingService
    ledger: Ledger
    newsletter: Newsletter
    issues: Sequence[Issue]
    clock: Callable[[], datetime]
    say: Callable[[Wanted, Step], None] = lambda *_: None
    permit: Callable[[Wanted, Step], bool] = lambda *_: True
    dry: bool = False

    @property
    def can(self) -> Capabilities:
        """What the service can do."""
        return self.service.capabilities

    def records(self) -> dict[str, Record]:
        """What the ledger says of each issue at this service."""
        return records(self.ledger.entries, self.name)

    def said(self, issue: Issue) -> Said:
        """What the ledger says of an issue, and what the others mean for it."""
        known = self.records()
        ident = order.ident(issue)
        return Said(
            record=known.get(ident, Record(issue=ident)),
            known=bool(known),
            aside=_aside(self.ledger.entries, self.name, ident),
            handed={
                one.content: one.issue
                for one in known.values()
                if one.submitted and one.content and one.issue != ident
            },
            others=order.others(self.issues, known, issue, self.clock()),
        )

    def write(self, wanted: Wanted, event: Event, **more: Any) -> Entry:
        """Add a line about an issue to the ledger; `more` says otherwise than what is wanted."""
        line = Entry(
            at=self.clock(),
            event=event,
            service=self.name,
            issue=order.ident(wanted.issue),
            number=wanted.issue.number,
            content=wanted.key.content,
            articles=tuple(article.id for article in wanted.issue.articles),
        )
        return self.ledger.append(replace(line, **more))


def _aside(entries: Sequence[Entry], name: str, ident: str) -> bool:
    """Whether the last that the ledger has of an issue is a line that was set aside unread."""
    about = [
        one
        for one in entries
        if (one.service, one.issue) == (name, ident)
        or (one.event is Event.TORN and f'"{ident}"' in one.note)
    ]
    return bool(about) and about[-1].event is Event.TORN
