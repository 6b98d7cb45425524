"""A mailing service in memory, obeying the protocol, with trouble at any of its calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pipeline.emails import Email
from pipeline.errors import Problem, UncertainSend
from pipeline.services import (
    Audience,
    Capabilities,
    Key,
    Remote,
    Report,
    ServiceError,
    Status,
    foremost,
)


class CrashError(BaseException):
    """The publisher is gone, in the middle of anything."""


@dataclass(frozen=True)
class Trouble:
    """What befalls the n-th call (1-based): `how` of it, before or after its effect."""

    call: int
    how: str
    after: bool

    def strike(self) -> None:
        problem = Problem(path="x", message="trouble", remedy="wait", rule="trouble")
        if self.how == "crash":
            raise CrashError
        if self.how == "lost":
            raise UncertainSend([problem])
        raise ServiceError([problem])


NO_TROUBLE = Trouble(call=0, how="crash", after=False)


@dataclass
class Held:
    """A draft and what became of it."""

    remote: Remote
    email: Email
    sent_to: int = 0


@dataclass
class FakeService:
    capabilities: Capabilities = Capabilities(title="Fake", verified="", rests_on="")
    held: list[Held] = field(default_factory=list)
    delivered: list[str] = field(default_factory=list)
    """The id of each delivered issue's first article, in order."""
    reached: list[str] = field(default_factory=list)
    """The slug of each article that readers got, in order: an id may change."""
    tested: list[tuple[str, ...]] = field(default_factory=list)
    trouble: Trouble = NO_TROUBLE
    calls: int = 0
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    readers: int = 3
    mangles: bool = False
    slow: bool = False

    def _call(self, *, after: bool) -> None:
        self.calls += not after
        refusal_after = self.trouble.how == "refused" and after
        if (self.calls, after) == (self.trouble.call, self.trouble.after) and not refusal_after:
            self.trouble.strike()

    def strike(self, trouble: Trouble) -> None:
        self.trouble, self.calls = trouble, 0

    def audience(self) -> Sequence[Audience]:
        return [Audience(name="All", size=self.readers)]

    def find(self, issue: str) -> Remote | None:
        self._call(after=False)
        found = foremost(one.remote for one in self.held if one.remote.key.issue == issue)
        self._call(after=True)
        return found if self.capabilities.keyed else None

    def draft(self, email: Email, key: Key, replaces: Remote | None) -> Remote:
        self._call(after=False)
        if not self.capabilities.drafts:
            return Remote(id="", key=key, status=Status.DRAFT)
        if replaces is None:
            remote = Remote(id=str(len(self.held)), key=key, status=Status.DRAFT)
            self.held.append(Held(remote, email))
        else:
            at = int(replaces.id)
            if self.held[at].remote.status is not Status.DRAFT:
                Trouble(0, "refused", after=False).strike()
            remote = replace(self.held[at].remote, key=key)
            self.held[at] = Held(remote, email)
        self._call(after=True)
        return remote

    def compare(self, remote: Remote, email: Email) -> Sequence[str]:
        self._call(after=False)
        if not self.capabilities.drafts:
            return []
        same = self.held[int(remote.id)].email == email and not self.mangles
        self._call(after=True)
        return [] if same else ["its body is another"]

    def test(self, remote: Remote, email: Email, to: Sequence[str]) -> None:
        self._call(after=False)
        self.tested.append(tuple(to))
        self._call(after=True)

    def send(self, remote: Remote, email: Email, at: datetime | None) -> None:
        self._call(after=False)
        if not self.capabilities.drafts:
            self.held.append(Held(replace(remote, id=str(len(self.held))), email))
            remote = self.held[-1].remote
        held = self.held[int(remote.id)]
        if held.remote.status is not Status.DRAFT:
            Trouble(0, "refused", after=False).strike()
        if at is None:
            self.deliver(held)
        else:
            held.remote = replace(held.remote, status=Status.SCHEDULED, at=at)
        self._call(after=True)

    def report(self, remote: Remote) -> Report:
        self._call(after=False)
        if not self.capabilities.drafts:
            return Report(status=Status.SENT)
        held = self.held[int(remote.id)]
        self._call(after=True)
        return Report(status=held.remote.status, recipients=self.readers, sent=held.sent_to)

    def tick(self, now: datetime) -> None:
        """Let the time come for what is scheduled, and what is being sent end."""
        self.now = now
        waiting = [one for one in self.held if one.remote.at is not None]
        for held in sorted(waiting, key=lambda one: one.remote.at or now):
            if held.remote.status is Status.SCHEDULED and held.remote.at <= now:  # type: ignore[operator]  # not None
                self.deliver(held)
        for held in self.held:
            if held.remote.status is Status.SENDING:
                held.remote = replace(held.remote, status=Status.SENT)

    def deliver(self, held: Held) -> None:
        """Every reader gets it."""
        self.reached += (article.source.slug for article in held.email.issue.articles)
        self.delivered.append(held.email.issue.articles[0].id)
        held.sent_to = self.readers
        status = Status.SENDING if self.slow else Status.SENT
        held.remote = replace(held.remote, status=status)
