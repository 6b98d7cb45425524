"""Mailing services: what Partwork asks of one. `registry` opens the ones in newsletter.toml.

An adapter is a module with three things: `Settings` (a frozen dataclass of `setting` fields, read
from `[services.NAME]`), `CAPABILITIES` (what the service can do, as data) and `connect`. It keeps
no state, decides nothing and never retries: `pipeline.publish` decides, `wire` carries.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Literal, Protocol

from pipeline.config import Newsletter
from pipeline.emails import Email
from pipeline.errors import PartworkError, Problem
from pipeline.merge import MergePoint
from pipeline.tables import Table, setting


class ServiceError(PartworkError):
    """The service or the way to it said no: surely nothing happened there."""


class Status(StrEnum):
    """Where the service's own record of an issue stands; each adapter maps every word it knows."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What the service stores beside a draft, so that it can be found again.

    `issue` is `partwork-` and 16 hex digits, the same for ever and of this newsletter alone;
    `content` is 16 hex digits that change with the email.
    """

    issue: str
    content: str = ""

    def __str__(self) -> str:
        return f"{self.issue}-{self.content}"


def key_of(newsletter: Newsletter, first: str, email: Email | None = None) -> Key:
    """An issue's key: who publishes it and its first article's id; and of an email's bytes."""
    origin = f"{newsletter.written_url}\n{first}"
    content = ""
    if email is not None:
        parts = [email.subject, email.preheader, email.html, email.text]
        content = _hex16(json.dumps(parts))
    return Key(issue=f"partwork-{_hex16(origin)}", content=content)


def _hex16(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """The service's own record of an issue.

    `content` is the content half of the key it was stored with, empty where a person took it away;
    `at` the time it is scheduled for, `said` the service's own word for its status, `url` the page
    where a person can look at it.
    """

    id: str
    key: Key
    status: Status
    at: datetime | None = None
    said: str = ""
    url: str = ""


COUNTS = ("recipients", "sent", "opens", "clicks", "bounces", "unsubscribes")
"""What a service may count of an issue; `opens` and `clicks` are readers, but for `repeats`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the service says became of an issue; None where it does not say."""

    status: Status
    said: str = ""
    recipients: int | None = None
    sent: int | None = None
    opens: int | None = None
    clicks: int | None = None
    bounces: int | None = None
    unsubscribes: int | None = None

    @property
    def counts(self) -> dict[str, int]:
        """The numbers that are known, by name."""
        return {name: count for name in COUNTS if (count := getattr(self, name)) is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who receives: a list's name as the service shows it and its size, None where it won't say."""

    name: str
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a service can do: read by the state machine, and printed as the table in the docs.

    `keyed` says that a key can be stored and found again; without it a lost answer or a lost ledger
    stops for a person. `rests_on` says in a sentence what exactly-once rests on. Times given to
    `send` fall on multiples of `minutes`. `repeats` are the counts in which a reader who opens or
    clicks twice counts twice.
    """

    title: str
    verified: str
    rests_on: str
    keyed: bool = True
    drafts: bool = True
    schedules: bool = True
    tests: bool = True
    plain_text: bool = True
    counts: tuple[str, ...] = COUNTS
    repeats: tuple[str, ...] = ()
    minutes: int = 1
    merge: Mapping[MergePoint, str] = field(default_factory=dict)


def counted(report: Report, can: Capabilities) -> dict[str, Any]:
    """What a ledger's entry keeps of a report: `counts`, and `repeats` as far as they are there."""
    counts = report.counts
    return {"counts": counts, "repeats": tuple(one for one in can.repeats if one in counts)}


class MailingService(Protocol):
    """What every adapter does; only `draft`, `test` and `send` change anything.

    Each method raises ServiceError where surely nothing happened, UncertainSend where it may have.
    """

    @property
    def capabilities(self) -> Capabilities:
        """The module's `CAPABILITIES`."""

    def audience(self) -> Sequence[Audience]:
        """Who would receive, one per list; proves the credentials and that each list exists."""

    def find(self, issue: str) -> Remote | None:
        """What the service holds under `Key.issue`: all pages searched, `foremost` of what matches.

        A service that cannot be asked answers None and is not `keyed`.
        """

    def draft(self, email: Email, key: Key, replaces: Remote | None) -> Remote:
        """Store the email under its key, in place of an earlier draft; nobody receives anything."""

    def compare(self, remote: Remote, email: Email) -> Sequence[str]:
        """How the stored draft, read back, differs: a sentence each, none where it is faithful.

        Compares lists, subject and bodies after the service's own rewriting, as far as it shows.
        """

    def test(self, remote: Remote, email: Email, to: Sequence[str]) -> None:
        """Send the draft to these addresses alone."""

    def send(self, remote: Remote, email: Email, at: datetime | None) -> None:
        """Release the draft now, or at a time (aware, in the future).

        The service must refuse to release a second time what was released once.
        """

    def report(self, remote: Remote) -> Report:
        """What became of it, found by `remote.id` alone."""


def foremost(remotes: Iterable[Remote]) -> Remote | None:
    """Of several remotes under one key, the one furthest on its way; of equals, the first given.

    Adapters give the oldest first: two publishers that both made a draft then choose the same one.
    """
    order = (Status.SENT, Status.SENDING, Status.SCHEDULED, Status.STOPPED, Status.DRAFT)
    return min(remotes, key=lambda remote: order.index(remote.status), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """The settings every `[services.NAME]` table has besides its adapter's own."""

    kind: str = setting("The kind of service.")
    mode: Literal["draft", "schedule", "send"] = setting(
        "What `publish --due` does with a due issue: store a draft, schedule it, or send it.",
        "draft",
    )
    ahead: int = setting(
        "Hours before its date at which an issue is drafted or scheduled; `send` waits for it.", 24
    )
    max_lateness: int = setting(
        "Hours after its date at which an issue is still sent without asking.", 24
    )
    timeout: int = setting("Seconds to wait for an answer.", 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an adapter is handed besides its settings; `secrets` by the name of their field."""

    table: Table
    newsletter: Newsletter
    common: Common
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """NAME in `[services.NAME]`."""
        return self.table.name.partition(".")[2]

    def problem(self, message: str, remedy: str, key: str = "") -> Problem:
        """Something wrong with this service, placed at its table or a key of it."""
        return self.table.problem(key, f"{self.name}: {message}", remedy, "service")


class Adapter(Protocol):
    """An adapter module."""

    Settings: type
    CAPABILITIES: Capabilities
    connect: Callable[[Any, Context], MailingService]
    """Make the service from its settings; no request yet, PartworkError for a wrong setting."""
