"""Buttondown (https://buttondown.com), by its API of 2026-04-01.

An email without a status is mailed to everybody: every one is stored as a draft, and only
`publish` releases it. The key is the email's slug, which Buttondown keeps unique, and stands in its
metadata too. No filter finds either, so `find` lists all emails.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from pipeline import text
from pipeline.emails import Email
from pipeline.errors import UncertainSend
from pipeline.merge import MergePoint
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
from pipeline.services.named import check_foremost
from pipeline.services.readback import shows
from pipeline.services.wire import Wire
from pipeline.tables import setting

VERSION = "2026-04-01"
_TAGS = {
    MergePoint.UNSUBSCRIBE_URL: "{{ unsubscribe_url }}",
    MergePoint.PREFERENCES_URL: "{{ manage_subscription_url }}",
    MergePoint.WEB_URL: "{{ email.absolute_url }}",
}
CAPABILITIES = Capabilities(
    title="Buttondown",
    verified=f"the API description of {VERSION}, not the service itself",
    rests_on="the key as the email's slug, which Buttondown keeps unique, and an idempotency key on"
    " the release, made of the draft and when it was last changed: of two publishers that saw the"
    " same draft, the second is given the first one's answer.",
    plain_text=False,
    counts=("recipients", "opens", "clicks", "bounces", "unsubscribes"),
    merge={
        MergePoint.FIRST_NAME: "{{ subscriber.metadata.first_name }}",
        **_TAGS,
        MergePoint.ADDRESS: "`email.address`",
    },
)
STATUSES = {
    "draft": Status.DRAFT,
    "scheduled": Status.SCHEDULED,
    "about_to_send": Status.SENDING,
    "in_flight": Status.SENDING,
    "throttled": Status.SENDING,
    "resending": Status.SENDING,
    "sent": Status.SENT,
    "imported": Status.SENT,
    "paused": Status.STOPPED,
    "errored": Status.STOPPED,
    "suppressed": Status.STOPPED,
    "deleted": Status.STOPPED,
    "managed_by_rss": Status.STOPPED,
    "transactional": Status.STOPPED,
}
_Readers = tuple[list[tuple[str, str, str]], str, bool]
"""Conditions, how they are joined, and whether there are groups of them."""
_MODE = "<!-- buttondown-editor-mode: fancy -->"
_ISSUE, _CONTENT = "partwork", "partwork_content"
_COUNTS = {
    "recipients": "recipients",
    "opens": "opens",
    "clicks": "clicks",
    "bounces": "permanent_failures",
    "unsubscribes": "unsubscriptions",
}
_TAKEN = ('"slug_invalid"', '"email_duplicate"')
_UNMAILED = (
    *("blocked", "complained", "removed", "unactivated"),
    *("undeliverable", "unpaid", "unsubscribed", "upcoming"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`[services.NAME]` with `kind = "buttondown"`."""

    token_env: str = setting(
        "The environment variable that holds the newsletter's API key.",
        "BUTTONDOWN_API_KEY",
        secret=True,
    )
    tags: tuple[str, ...] = setting(
        "The ids of tags; readers with any of them receive the newsletter. Empty means everybody.",
        (),
    )
    url: str = setting("The address of Buttondown's API.", "https://api.buttondown.com")


def connect(settings: Settings, context: Context) -> Buttondown:
    """Check the settings; no request yet."""
    braces.checked_fallback(context)
    authorization = f"Token {context.secrets['token_env']}"
    wire = Wire(
        context,
        settings.url,
        secret=lambda: {"authorization": authorization},
        headers={"x-api-version": VERSION},
        per_minute=600,
    )
    return Buttondown(settings, context, wire)


@dataclass(frozen=True, slots=True)
class Buttondown:
    """One newsletter at Buttondown, which its API key stands for; see `MailingService`."""

    settings: Settings
    context: Context
    wire: Wire

    capabilities = CAPABILITIES

    def audience(self) -> Sequence[Audience]:
        """The tags, or all of the newsletter's subscribers, and how many of them get mail."""
        if not self.settings.tags:
            name = self.wire.read("/v1/accounts/me").facts.text("username")
            return [Audience(name=f"everybody at {name}", size=self._size())]
        paths = [f"/v1/tags/{quote(tag, safe='')}" for tag in self.settings.tags]
        tags = [self.wire.read(path).facts for path in paths]
        return [Audience(name=one.text("name"), size=self._size(one.text("id"))) for one in tags]

    def find(self, issue: str) -> Remote | None:
        """By slug, which tells our email from a person's copy of it, or else by metadata."""
        asked = {"ordering": "creation_date", "excluded_fields": "body"}  # the oldest first
        found = [one for one in self._each("/v1/emails", asked) if _is_of(one, issue)]
        ours = [one for one in found if one.get("slug") == issue]
        return foremost(self._remote(one, issue) for one in ours or found)

    def draft(self, email: Email, key: Key, replaces: Remote | None) -> Remote:
        """Create the email as a draft, or replace its content."""
        content = self._content(email, key)
        if replaces is not None:
            return self._remote(self.wire.write("PATCH", _path(replaces), content).facts, key.issue)
        created = {**content, "slug": key.issue, "status": "draft"}
        answer = self.wire.write("POST", "/v1/emails", created, also=(400,))
        if answer.status != 400:
            return self._remote(answer.facts, key.issue)
        if not any(code in answer.text for code in _TAKEN):
            raise self.wire.refused(answer, write=True)
        if found := self.find(key.issue):
            return found
        what = f"an email has the slug {key.issue}, but is not among those that Buttondown lists"
        remedy = "find out whether it was mailed; if it was not, free its slug there"
        raise UncertainSend([self.context.problem(what, remedy)])

    def compare(self, remote: Remote, email: Email) -> Sequence[str]:
        """The fields as stored, and the text as Buttondown renders it for a mail."""
        stored = self.wire.read(_path(remote)).facts
        rendered = self.wire.read(_path(remote, "/renders"), {"target": "email"}).facts
        return list(self._differences(stored, rendered.text("content"), email, remote.key))

    def test(self, remote: Remote, email: Email, to: Sequence[str]) -> None:
        """To any addresses."""
        self.wire.write("POST", _path(remote, "/send-draft"), {"recipients": list(to)})

    def send(self, remote: Remote, email: Email, at: datetime | None) -> None:
        """Publish what is still a draft.

        Buttondown asks for the header's word of an API key's first release (2026-04-01,
        `sending_requires_confirmation`); here a person or newsletter.toml has given it.
        """
        draft = self.wire.read(_path(remote)).facts
        check_foremost(self.context, self._remote(draft, remote.key.issue), remote)
        seen = f"partwork-{remote.id}-{draft.text('modification_date')}"
        when = at and at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        published = self.wire.write(
            "POST",
            _path(remote, "/publish"),
            {"publish_date": when} if when else {},
            headers={"x-idempotency-key": seen, "x-buttondown-live-dangerously": "true"},
        ).facts
        status = published.one_of(STATUSES, "status")
        if status is Status.DRAFT:
            message = "Buttondown took the release, but calls the email a draft still"
            raise UncertainSend([self.context.problem(message, f"look at {_page(remote.id)}")])

    def report(self, remote: Remote) -> Report:
        """The email's analytics, which it has once it was sent.

        They say 0 of what the newsletter does not track: that is left out.
        """
        facts = self.wire.read(_path(remote)).facts
        status, said = facts.one_of(STATUSES, "status"), facts.text("status")
        if facts.get("analytics") is None:
            return Report(status=status, said=said)
        told = facts.at("analytics")
        counts = {field: told.integer(name) for field, name in _COUNTS.items()}
        noughts = {field for field in ("opens", "clicks") if not counts[field]}
        unknown = noughts if noughts and not self._tracks() else set()
        known = {field: count for field, count in counts.items() if field not in unknown}
        return Report(status=status, said=said, **known)

    def _tracks(self) -> bool:
        """Whether the key's newsletter tracks opens and clicks; False where that is not told."""
        key = self.context.secrets["token_env"]
        each = self._each("/v1/newsletters", {}, also=(401, 403, 404))
        ours = [one for one in each if one.get("api_key") == key]
        return bool(ours) and "tracking" in (ours[0].get("enabled_features") or ())

    def _size(self, tag: str = "") -> int:
        asked = [("-type", one) for one in _UNMAILED] + ([("tag", tag)] if tag else [])
        return self.wire.read(f"/v1/subscribers?{urlencode(asked)}").facts.integer("count")

    def _each(
        self, path: str, asked: Mapping[str, str], also: Collection[int] = ()
    ) -> Iterator[Facts]:
        """Everything there is, page by page; nothing where the answer is one of `also`."""
        page = 1
        while True:
            answer = self.wire.read(path, {**asked, "page": page}, also=also)
            if answer.status in also:
                return
            facts = answer.facts
            yield from facts.each("results")
            if facts.at("next").value is None:
                return
            page += 1

    def _remote(self, facts: Facts, issue: str) -> Remote:
        status = facts.one_of(STATUSES, "status")
        content = facts.get("metadata", _CONTENT)
        return Remote(
            id=facts.text("id"),
            key=Key(issue=issue, content=content if isinstance(content, str) else ""),
            status=status,
            at=facts.moment("publish_date") if status is Status.SCHEDULED else None,
            said=facts.text("status"),
            url=_page(facts.text("id")),
        )

    def _content(self, email: Email, key: Key) -> dict[str, Any]:
        newsletter = self.context.newsletter
        return {
            "subject": braces.plain(email.subject),
            "body": _MODE + braces.fill_html(email.html, self._tags),
            "description": braces.plain(text.excerpt(email.preheader, 300)),
            "canonical_url": newsletter.absolute(email.issue.path),
            "secondary_id": email.issue.number,
            "template": "naked",
            "metadata": {_ISSUE: key.issue, _CONTENT: key.content},
            "filters": {
                "filters": [
                    {"field": "subscriber.tags", "operator": "contains", "value": tag}
                    for tag in self.settings.tags
                ],
                "groups": [],
                "predicate": "or" if self.settings.tags else "and",
            },
        }

    @property
    def _readers(self) -> _Readers:
        """Who is to receive it, as `_readers` reads it from a stored filter."""
        tags = sorted(self.settings.tags)
        each = [("subscriber.tags", "contains", tag) for tag in tags]
        return each, "or" if len(tags) > 1 else "", False

    @property
    def _tags(self) -> Mapping[MergePoint, str]:
        word = escape(self.context.newsletter.email.first_name_fallback)
        return {
            MergePoint.FIRST_NAME: f'{{{{ subscriber.metadata.first_name|default:"{word}" }}}}',
            **_TAGS,
            MergePoint.ADDRESS: braces.html_address(self.context.newsletter),
        }

    def _differences(self, stored: Facts, rendered: str, email: Email, key: Key) -> Iterator[str]:
        wanted = self._content(email, key)
        if _readers(stored.at("filters")) != self._readers:
            yield f"it goes to {stored.at('filters').value}, not to the readers asked for"
        if stored.text("subject") != wanted["subject"]:
            yield "its subject is another"
        if stored.text("body").removeprefix(_MODE) != wanted["body"].removeprefix(_MODE):
            yield "its body is another"
        if stored.at("template").value != wanted["template"]:
            yield "a template stands around it"
        if not shows(email.html, rendered):
            yield "what Buttondown makes of it does not show all of its text"


def _is_of(facts: Facts, issue: str) -> bool:
    return issue in (facts.get("slug"), facts.get("metadata", _ISSUE))


def _readers(filters: Facts) -> _Readers:
    """A filter without its order, and without the predicate where there is nothing to join."""
    each = [
        (one.text("field"), one.text("operator"), one.text("value"))
        for one in filters.each("filters")
    ]
    joined = len(each) + len(filters.each("groups")) > 1
    return sorted(each), filters.text("predicate") if joined else "", filters.each("groups") != []


def _path(remote: Remote, below: str = "") -> str:
    return f"/v1/emails/{quote(remote.id, safe='')}{below}"


def _page(ident: str) -> str:
    return f"https://buttondown.com/emails/{quote(ident, safe='')}"
