"""MailerLite (https://mailerlite.com, the API of connect.mailerlite.com).

Nothing there is unique: the key stands in the campaign's name, and the campaigns of every status
are listed to find it. MailerLite takes the HTML apart and writes it anew, makes the plain text
itself and sends no tests. A campaign without groups and segments would go to everybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import quote

from pipeline import merge
from pipeline.emails import Email
from pipeline.errors import PartworkError, UncertainSend
from pipeline.merge import MergePoint
from pipeline.services import (
    Audience,
    Capabilities,
    Context,
    Key,
    Remote,
    Report,
    ServiceError,
    Status,
    foremost,
    literals,
    readback,
)
from pipeline.services.answer import Facts
from pipeline.services.named import check_foremost, key_in, name_of
from pipeline.services.wire import Wire
from pipeline.tables import setting
from pipeline.text import MERGE_START

_UNSUBSCRIBE = "{$unsubscribe}"
CAPABILITIES = Capabilities(
    title="MailerLite",
    verified="conversations that its Python client's tests keep (September 2025), not the service"
    " itself",
    rests_on="the key in the campaign's name, looked for again just before the release, and"
    " MailerLite's refusal to schedule a campaign that is no draft. Names are not unique: two"
    " publishers that share no ledger rest on both finding the older of two drafts. A campaign that"
    " the ledger knows and the lists do not stops with exit code 3.",
    tests=False,
    plain_text=False,
    counts=("sent", "opens", "clicks", "bounces", "unsubscribes"),
    merge={
        MergePoint.FIRST_NAME: "{$name}",
        MergePoint.UNSUBSCRIBE_URL: _UNSUBSCRIBE,
        MergePoint.PREFERENCES_URL: "`email.preferences_url`, else `{$unsubscribe}`",
        MergePoint.WEB_URL: "{$url}",
        MergePoint.ADDRESS: "`email.address`",
    },
)
STATUSES = {"draft": Status.DRAFT, "ready": Status.SENDING, "sent": Status.SENT}
"""Asked for in this order: a campaign that moves on meanwhile is then seen in one of them."""
_VERSION = "2026-11-01"
_TAG = re.compile(r"\{\$")
_TAG_LIKE = re.compile(rf"\{{(?=\$|{MERGE_START})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`[services.NAME]` with `kind = "mailerlite"`."""

    groups: tuple[str, ...] = setting("The ids of the groups that receive the newsletter.", ())
    segments: tuple[str, ...] = setting(
        "The ids of the segments that receive it in place of groups.", ()
    )
    token_env: str = setting(
        "The environment variable that holds the API token.", "MAILERLITE_API_KEY", secret=True
    )
    url: str = setting("The address of MailerLite's API.", "https://connect.mailerlite.com/api")


def connect(settings: Settings, context: Context) -> MailerLite:
    """Check who receives and who sends; no request yet."""
    wrong = []
    if not (settings.groups or settings.segments):
        what = "it would be sent to everybody"
        wrong.append(context.problem(what, "write groups or segments, ids in quotes", "groups"))
    if settings.groups and settings.segments:
        what = "MailerLite passes over the groups where segments are named too"
        remedy = "name one of the two; a segment there can hold whole groups"
        wrong.append(context.problem(what, remedy, "segments"))
    if not context.newsletter.sender:
        wrong.append(context.problem("nobody is named as the sender", "set email.from_address"))
    if wrong:
        raise PartworkError(wrong)
    token = context.secrets["token_env"]
    wire = Wire(
        context,
        settings.url,
        secret=lambda: {"authorization": f"Bearer {token}"},
        headers={"x-version": _VERSION},
        per_minute=120,
    )
    return MailerLite(settings, context, wire)


@dataclass(frozen=True, slots=True)
class MailerLite:
    """One account at MailerLite; see `MailingService`."""

    settings: Settings
    context: Context
    wire: Wire

    capabilities = CAPABILITIES

    def audience(self) -> Sequence[Audience]:
        """The groups and segments, by name and size."""
        return [*self._named("groups", "active_count"), *self._named("segments", "total")]

    def find(self, issue: str) -> Remote | None:
        """By name, in every status, the oldest first."""
        found: dict[str, Facts] = {}
        for status in STATUSES:
            for one in self._every("campaigns", {"filter[status]": status}):
                if key_in(one.at("name").value, issue):
                    found[one.text("id")] = one
        oldest = sorted(found.items(), key=lambda item: (len(item[0]), item[0]))
        return foremost(self._remote(one, issue) for _, one in oldest)

    def draft(self, email: Email, key: Key, replaces: Remote | None) -> Remote:
        """Create the campaign, or replace its draft's content."""
        campaign = self._campaign(email, key)
        if replaces is None:
            answer = self.wire.write("POST", "/campaigns", {"type": "regular", **campaign})
        else:
            answer = self.wire.write("PUT", _path(replaces.id), campaign)
        return self._remote(answer.facts.at("data"), key.issue)

    def compare(self, remote: Remote, email: Email) -> Sequence[str]:
        """The campaign as stored, its HTML as MailerLite wrote it anew."""
        return list(self._differences(self._read(remote.id), email, remote.key))

    def test(self, remote: Remote, email: Email, to: Sequence[str]) -> None:
        """Refuse: MailerLite's API sends no tests."""
        what = "MailerLite's API sends no tests"
        raise ServiceError([self.context.problem(what, f"send one from its page, {remote.url}")])

    def send(self, remote: Remote, email: Email, at: datetime | None) -> None:
        """Send at once, or at a time by the clocks of UTC; then see that it was understood."""
        check_foremost(self.context, self.find(remote.key.issue), remote)
        body: dict[str, Any] = {"delivery": "instant"}
        if at is not None:
            when = at.astimezone(UTC)
            body = {
                "delivery": "scheduled",
                "schedule": {
                    "date": when.strftime("%Y-%m-%d"),
                    "hours": when.strftime("%H"),
                    "minutes": when.strftime("%M"),
                    "timezone_id": self._utc(),
                },
            }
        answer = self.wire.write("POST", f"{_path(remote.id)}/schedule", body)
        done = self._remote(answer.facts.at("data"), remote.key.issue)
        late = at is not None and done.at != at
        if done.status in (Status.DRAFT, Status.STOPPED) or late:
            what = f"MailerLite calls the campaign {done.said} now, for {done.at}"
            raise UncertainSend([self.context.problem(what, f"look at {remote.url}")])

    def report(self, remote: Remote) -> Report:
        """The status, and the counts of the campaign's email."""
        facts = self._read(remote.id)
        status = _status(facts)
        if status is not Status.SENT:
            return Report(status=status, said=_said(facts))
        stats = facts.at("emails", 0, "stats")
        opens = _told(stats, "unique_opens_count")
        return Report(
            status=status,
            said=_said(facts),
            sent=stats.integer("sent"),
            opens=None if facts.get("settings", "track_opens") is False else opens,
            clicks=_told(stats, "unique_clicks_count"),
            bounces=stats.integer("hard_bounces_count") + stats.integer("soft_bounces_count"),
            unsubscribes=stats.integer("unsubscribes_count"),
        )

    def _named(self, kind: str, size: str) -> Iterator[Audience]:
        """The groups or segments in the settings; ServiceError for one that is not there."""
        wanted: tuple[str, ...] = getattr(self.settings, kind)
        known = {one.text("id"): one for one in self._every(kind, {})} if wanted else {}
        for ident in wanted:
            if ident not in known:
                what = f"MailerLite has no {kind[:-1]} {ident}"
                raise ServiceError([self.context.problem(what, "write the id of one", kind)])
            yield Audience(name=known[ident].text("name"), size=known[ident].integer(size))

    def _every(self, kind: str, asked: dict[str, str]) -> Iterator[Facts]:
        """Everything there is, page by page."""
        page, last = 1, 1
        while page <= last:
            facts = self.wire.read(f"/{kind}", {**asked, "limit": 100, "page": page}).facts
            yield from facts.each("data")
            page, last = page + 1, facts.integer("meta", "last_page")

    def _utc(self) -> int:
        """The id that MailerLite gives UTC."""
        for one in self.wire.read("/timezones").facts.each("data"):
            if one.text("name") == "UTC":
                return int(one.text("id"))
        raise ServiceError([self.context.problem("MailerLite has no UTC", "send without a time")])

    def _read(self, ident: str) -> Facts:
        return self.wire.read(_path(ident)).facts.at("data")

    def _remote(self, facts: Facts, issue: str) -> Remote:
        ident, status = facts.text("id"), _status(facts)
        return Remote(
            id=ident,
            key=key_in(facts.at("name").value, issue) or Key(issue=issue),
            status=status,
            at=_moment(facts, "scheduled_for") if status is Status.SCHEDULED else None,
            said=_said(facts),
            url=f"https://dashboard.mailerlite.com/campaigns/{ident}",
        )

    def _campaign(self, email: Email, key: Key) -> dict[str, Any]:
        newsletter = self.context.newsletter
        message = {
            "subject": literals.in_text(email.subject, _TAG_LIKE),
            "from_name": newsletter.sender_name,
            "from": newsletter.sender,
            "content": self._html(email),
        }
        if newsletter.email.reply_to:
            message["reply_to"] = newsletter.email.reply_to
        return {
            "name": name_of(newsletter, email, key),
            **{kind: ids for kind, ids in self._readers.items() if ids},
            "emails": [message],
        }

    @property
    def _readers(self) -> dict[str, list[str]]:
        """Who is to receive it, by kind; a campaign names no kind of which there is none."""
        return {
            "groups": sorted(set(self.settings.groups)),
            "segments": sorted(set(self.settings.segments)),
        }

    def _html(self, email: Email) -> str:
        settings = self.context.newsletter.email
        fallback = literals.tame(settings.first_name_fallback)
        values = {
            MergePoint.FIRST_NAME: f"{{$name|default('{fallback}')}}",
            MergePoint.UNSUBSCRIBE_URL: _UNSUBSCRIBE,
            MergePoint.PREFERENCES_URL: escape(settings.preferences_url) or _UNSUBSCRIBE,
            MergePoint.WEB_URL: "{$url}",
            MergePoint.ADDRESS: literals.in_text(escape(settings.address), _TAG_LIKE),
        }
        # Not `in_html`: MailerLite may put white space around elements when it writes them anew.
        html = literals.in_text(literals.encoded_addresses(email.html), _TAG_LIKE)
        return merge.fill(html, values)

    def _differences(self, stored: Facts, email: Email, key: Key) -> Iterator[str]:
        wanted = self._campaign(email, key)
        for kind, readers in self._readers.items():
            ids = _ids(stored, f"included_{kind}")
            if ids != readers:
                yield f"it goes to the {kind} {ids}, not {readers}"
            if excluded := _ids(stored, f"excluded_{kind}"):
                yield f"it leaves out the {kind} {excluded}"
        [message] = wanted["emails"]
        for field in ("subject", "from_name", "from", "reply_to"):
            if field in message and stored.at("emails", 0, field).value != message[field]:
                yield f"its {field} is another"
        for missing in stored.texts("missing_data"):
            yield f"MailerLite finds no {missing} in it"
        html = stored.text("emails", 0, "content")
        yield from readback.differences(message["content"], html, _TAG)


def _ids(campaign: Facts, which: str) -> list[str]:
    return sorted(one.text("id") for one in campaign.each("basic_filter_for_humans", which))


def _status(facts: Facts) -> Status:
    """`ready` is scheduled until it began; what somebody stopped became a draft, or is sent."""
    status = facts.one_of(STATUSES, "status")
    if facts.flag("is_stopped"):
        return Status.STOPPED
    waits = facts.at("delivery_schedule").value == "scheduled" and not facts.at("started_at").value
    return Status.SCHEDULED if status is Status.SENDING and waits else status


def _said(facts: Facts) -> str:
    return f"{facts.text('status')}, stopped" if facts.flag("is_stopped") else facts.text("status")


def _moment(facts: Facts, name: str) -> datetime | None:
    """A time as MailerLite writes it, `2025-09-21 20:00:00` in UTC."""
    value = facts.at(name).value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", value):
        return datetime.fromisoformat(f"{value}+00:00")
    return facts.moment(name)


def _told(stats: Facts, name: str) -> int | None:
    """A count that MailerLite may leave out, as it did in 2025, or call null."""
    return stats.integer(name) if stats.get(name) is not None else None


def _path(ident: str) -> str:
    return f"/campaigns/{quote(ident, safe='')}"
