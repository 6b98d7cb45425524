"""Resend's broadcasts (https://resend.com, API 1.5).

Nothing there is unique and broadcasts take no idempotency key, so the key stands in a broadcast's
name, and every broadcast is listed to find it. What the list says may be old: what is found is
read by itself. `send: true`, which would create and mail in one request, is never used.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from html import escape
from math import inf
from typing import Any
from urllib.parse import quote

from pipeline import text
from pipeline.emails import Email, as_html, stand_ins
from pipeline.errors import PartworkError
from pipeline.merge import MergePoint, fill
from pipeline.services import (
    Audience,
    Capabilities,
    Context,
    Key,
    Remote,
    Report,
    Status,
    braces,
    foremost,
)
from pipeline.services.answer import Facts
from pipeline.services.named import check_foremost, key_in, name_of
from pipeline.services.wire import Wire
from pipeline.tables import setting

_UNSUBSCRIBE = "{{{RESEND_UNSUBSCRIBE_URL}}}"
CAPABILITIES = Capabilities(
    title="Resend",
    verified="the API description 1.5.0, not the service itself",
    rests_on="the key in the broadcast's name, looked for again just before the release. Names are"
    " not unique: two publishers that share no ledger rest on both finding the older of two"
    " drafts, and on Resend's refusal to send one twice. A broadcast that the ledger knows and the"
    " list does not stops with exit code 3.",
    counts=("recipients", "opens", "clicks", "bounces", "unsubscribes"),
    merge={
        MergePoint.FIRST_NAME: "{{{contact.first_name}}}",
        MergePoint.UNSUBSCRIBE_URL: _UNSUBSCRIBE,
        MergePoint.PREFERENCES_URL: f"`email.preferences_url`, or {_UNSUBSCRIBE}",
        MergePoint.WEB_URL: "the issue's page",
        MergePoint.ADDRESS: "`email.address`",
    },
)
STATUSES = {
    "draft": Status.DRAFT,
    "scheduled": Status.SCHEDULED,
    "queued": Status.SENDING,
    "sent": Status.SENT,
    "canceled": Status.STOPPED,
    "failed": Status.STOPPED,
}
_METRICS = {
    "recipients": "sent",
    "opens": "unique_opened",
    "clicks": "unique_clicked",
    "bounces": "bounced",
    "unsubscribes": "unsubscribed",
}
_SWITCHES = {"opens": "open_tracking", "clicks": "click_tracking"}
"""What a domain says of its tracking, which is off unless it is switched on there."""
_UNTOLD = (400, 401, 403, 404, 422)
"""Statuses of what the account's plan or key does not show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`[services.NAME]` with `kind = "resend"`."""

    segment: str = setting("The id of the segment that receives the newsletter.")
    topic: str = setting(
        "The id of a topic: readers who turned it off receive nothing. Empty means none.", ""
    )
    token_env: str = setting(
        "The environment variable that holds an API key with full access.",
        "RESEND_API_KEY",
        secret=True,
    )
    url: str = setting("The address of Resend's API.", "https://api.resend.com")


def connect(settings: Settings, context: Context) -> Resend:
    """Check the settings; no request yet."""
    if not context.newsletter.email.from_address:
        message = f"{context.name}: Resend needs the sender's address"
        table = context.newsletter.table.child("email")
        remedy = "write email.from_address, of a domain that is verified there"
        raise PartworkError([table.problem("from_address", message, remedy, "service")])
    braces.checked_fallback(context)
    authorization = f"Bearer {context.secrets['token_env']}"
    wire = Wire(context, settings.url, secret=lambda: {"authorization": authorization})
    return Resend(settings, context, wire)


@dataclass(frozen=True, slots=True)
class Resend:
    """One account at Resend; see `MailingService`."""

    settings: Settings
    context: Context
    wire: Wire

    capabilities = CAPABILITIES

    def audience(self) -> Sequence[Audience]:
        """The segment; Resend does not say how many are in it."""
        segment = self.wire.read(f"/segments/{quote(self.settings.segment, safe='')}").facts
        return [Audience(name=segment.text("name"))]

    def find(self, issue: str) -> Remote | None:
        """By name, in the whole list; each as it is now."""
        found = [one for one in self._each("/broadcasts") if key_in(one.get("name"), issue)]
        found.sort(key=_age)
        return foremost(self._remote(self._read(one.text("id")), issue) for one in found)

    def draft(self, email: Email, key: Key, replaces: Remote | None) -> Remote:
        """Create the broadcast, or replace its draft's content."""
        broadcast = self._broadcast(email, key)
        if replaces is None:
            answer = self.wire.write("POST", "/broadcasts", broadcast)
        else:
            answer = self.wire.write("PATCH", _path(replaces.id), broadcast)
        ident = answer.facts.text("id")
        return Remote(id=ident, key=key, status=Status.DRAFT, said="draft", url=_page(ident))

    def compare(self, remote: Remote, email: Email) -> Sequence[str]:
        """Every field as stored: Resend shows no rendering."""
        return list(self._differences(self._read(remote.id), email, remote.key))

    def test(self, remote: Remote, email: Email, to: Sequence[str]) -> None:
        """As single mails: Resend sends no broadcast to chosen addresses.

        They hold stand-ins at the merge points, which Resend fills in broadcasts only.
        """
        broadcast = self._broadcast(email, remote.key)
        values = stand_ins(email, self.context.newsletter)
        single: dict[str, object] = {
            **{name: broadcast[name] for name in ("from", "reply_to") if name in broadcast},
            "subject": email.subject,
            "html": fill(email.html, as_html(values)),
            "text": fill(email.text, values),
        }
        for address in to:
            self.wire.write("POST", "/emails", {**single, "to": [address]})

    def send(self, remote: Remote, email: Email, at: datetime | None) -> None:
        """Send it, or schedule it, unless anything was released under its key meanwhile."""
        check_foremost(self.context, self.find(remote.key.issue), remote)
        when = at and at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        self.wire.write("POST", _path(remote.id, "/send"), {"scheduled_at": when} if when else {})

    def report(self, remote: Remote) -> Report:
        """The status, and once it was sent the metrics of the account that are its own."""
        broadcast = self._read(remote.id)
        status, said = broadcast.one_of(STATUSES, "status"), broadcast.text("status")
        sent = broadcast.moment("sent_at") if status is Status.SENT else None
        return Report(status=status, said=said, **(self._counts(broadcast, sent) if sent else {}))

    def _counts(self, broadcast: Facts, sent: datetime) -> dict[str, int]:
        """Counts by field of `Report`; none where the account's plan does not tell them.

        What the sender's domain does not track is counted as 0, and left out then.
        """
        asked = {"broadcast_id": broadcast.text("id"), "metrics": ",".join(_METRICS.values())}
        asked["start_date"] = sent.astimezone(UTC).date().isoformat()
        answer = self.wire.read("/emails/metrics", asked, also=_UNTOLD)
        if answer.status != 200:
            return {}
        totals = answer.facts.at("totals")
        counts = {field: totals.integer(metric) for field, metric in _METRICS.items()}
        noughts = {field for field in _SWITCHES if not counts[field]}
        unknown = noughts - self._tracked(broadcast.text("from")) if noughts else noughts
        return {field: count for field, count in counts.items() if field not in unknown}

    def _tracked(self, sender: str) -> set[str]:
        """Which counts the sender's domain tracks, as far as the key may see it."""
        name = parseaddr(sender)[1].rpartition("@")[2].lower()
        for domain in self._each("/domains", also=_UNTOLD):
            if domain.text("name").lower() == name:
                return {field for field, switch in _SWITCHES.items() if domain.get(switch) is True}
        return set()

    def _each(self, path: str, also: Collection[int] = ()) -> Iterator[Facts]:
        """Everything there is, page by page; nothing where the answer is one of `also`."""
        asked: dict[str, str | int] = {"limit": 100}
        while True:
            answer = self.wire.read(path, asked, also=also)
            if answer.status in also:
                return
            items = answer.facts.each("data")
            yield from items
            if not items or not answer.facts.flag("has_more"):
                return
            asked["after"] = items[-1].text("id")

    def _read(self, ident: str) -> Facts:
        return self.wire.read(_path(ident)).facts

    def _remote(self, facts: Facts, issue: str) -> Remote:
        status = facts.one_of(STATUSES, "status")
        return Remote(
            id=facts.text("id"),
            key=key_in(facts.get("name"), issue) or Key(issue=issue),
            status=status,
            at=facts.moment("scheduled_at") if status is Status.SCHEDULED else None,
            said=facts.text("status"),
            url=_page(facts.text("id")),
        )

    def _broadcast(self, email: Email, key: Key) -> dict[str, Any]:
        newsletter = self.context.newsletter
        broadcast: dict[str, Any] = {
            "name": name_of(newsletter, email, key),
            "segment_id": self.settings.segment,
            "from": text.mailbox(newsletter.sender_name, newsletter.sender),
            "subject": braces.plain(email.subject),
            "html": braces.fill_html(email.html, self._html_tags(email)),
            "text": braces.fill_text(email.text, self._text_tags(email)),
        }
        if newsletter.email.reply_to:
            broadcast["reply_to"] = [newsletter.email.reply_to]
        if self.settings.topic:
            broadcast["topic_id"] = self.settings.topic
        return broadcast

    def _text_tags(self, email: Email) -> Mapping[MergePoint, str]:
        newsletter = self.context.newsletter
        word = newsletter.email.first_name_fallback
        return {
            MergePoint.FIRST_NAME: f"{{{{{{contact.first_name|{word}}}}}}}",
            MergePoint.UNSUBSCRIBE_URL: _UNSUBSCRIBE,
            MergePoint.PREFERENCES_URL: newsletter.email.preferences_url or _UNSUBSCRIBE,
            MergePoint.WEB_URL: newsletter.absolute(email.issue.path),
            MergePoint.ADDRESS: braces.plain(newsletter.email.address),
        }

    def _html_tags(self, email: Email) -> Mapping[MergePoint, str]:
        plain = self._text_tags(email)
        return {
            **{point: escape(tag) for point, tag in plain.items()},
            MergePoint.ADDRESS: braces.html_address(self.context.newsletter),
        }

    def _differences(self, stored: Facts, email: Email, key: Key) -> Iterator[str]:
        wanted = self._broadcast(email, key)
        if stored.at("segment_id").value != wanted["segment_id"]:
            segment = stored.at("segment_id").value
            yield f"it goes to the segment {segment}, not to {wanted['segment_id']}"
        if parseaddr(stored.text("from")) != parseaddr(wanted["from"]):
            yield "its sender is another"
        for field in ("subject", "html", "text", "reply_to", "topic_id"):
            kept = stored.get(field)
            if field in wanted and kept != wanted[field]:
                yield f"its {field} is another"
            elif kept and field not in wanted:
                yield f"it keeps the {field} {kept}: take it away there"


def _age(facts: Facts) -> tuple[float, str]:
    created = facts.moment("created_at")
    return created.timestamp() if created else inf, facts.text("id")


def _path(ident: str, below: str = "") -> str:
    return f"/broadcasts/{quote(ident, safe='')}{below}"


def _page(ident: str) -> str:
    return f"https://resend.com/broadcasts/{quote(ident, safe='')}"
