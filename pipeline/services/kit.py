"""Kit (https://kit.com, once ConvertKit), API v4.

A broadcast without `send_at` is a draft; a time that has come mails it, for Kit has no other
release. Nothing there is unique: the key stands in the description, which readers do not see, and
every broadcast is listed to find it. Kit sends no tests and makes the plain text itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import quote

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
    braces,
    foremost,
)
from pipeline.services.answer import Facts
from pipeline.services.named import check_foremost, key_in, name_of
from pipeline.services.wire import Wire
from pipeline.tables import setting

_UNSUBSCRIBE = "{{ unsubscribe_url }}"
_PREFERENCES = "{{ subscriber_preferences_url }}"
CAPABILITIES = Capabilities(
    title="Kit",
    verified="the documentation of API v4, not the service itself",
    rests_on="the key in the broadcast's description, looked for again just before the release."
    " Descriptions are not unique: two publishers that share no ledger rest on both finding the"
    " older of two drafts, and on Kit's mailing a broadcast once, however often it is given a time."
    " A broadcast that the ledger knows and the list does not stops with exit code 3.",
    tests=False,
    plain_text=False,
    counts=("recipients", "opens", "clicks", "unsubscribes"),
    repeats=("clicks",),
    merge={
        MergePoint.FIRST_NAME: "{{ subscriber.first_name }}",
        MergePoint.UNSUBSCRIBE_URL: _UNSUBSCRIBE,
        MergePoint.PREFERENCES_URL: _PREFERENCES,
        MergePoint.WEB_URL: "the issue's page",
        MergePoint.ADDRESS: "`email.address`",
    },
)
STATUSES = {
    "draft": Status.DRAFT,
    "scheduled": Status.SCHEDULED,
    "sending": Status.SENDING,
    "completed": Status.SENT,
    "aborted": Status.STOPPED,
}
_Readers = list[tuple[str, str, list[int]]]
"""How a group of conditions is joined, what kind each is, and its ids."""
_STATS = {
    "recipients": "recipients",
    "opens": "emails_opened",
    "clicks": "total_clicks",
    "unsubscribes": "unsubscribes",
}
_SWITCHES = {"opens": "open_tracking_disabled", "clicks": "click_tracking_disabled"}
_PAGE = "https://app.kit.com/broadcasts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`[services.NAME]` with `kind = "kit"`."""

    tags: tuple[int, ...] = setting("The ids of tags whose subscribers receive it.", ())
    segments: tuple[int, ...] = setting("The ids of segments whose subscribers receive it.", ())
    everybody: bool = setting("Whether all of the account's subscribers receive it.", False)
    template: int = setting(
        "The id of the email template around it; 0 means the account's default.", 0
    )
    token_env: str = setting(
        "The environment variable that holds an API key of v4.", "KIT_API_KEY", secret=True
    )
    url: str = setting("The address of Kit's API.", "https://api.kit.com")


def connect(settings: Settings, context: Context) -> Kit:
    """Check the settings; no request yet."""
    if settings.everybody == bool(settings.tags or settings.segments):
        message = "it is not said who receives the newsletter, or said twice"
        remedy = "write `tags` or `segments`, or everybody = true"
        raise PartworkError([context.problem(message, remedy, "everybody")])
    braces.checked_fallback(context)
    key = context.secrets["token_env"]
    wire = Wire(context, settings.url, secret=lambda: {"x-kit-api-key": key}, per_minute=120)
    return Kit(settings, context, wire)


@dataclass(frozen=True, slots=True)
class Kit:
    """One account at Kit; see `MailingService`."""

    settings: Settings
    context: Context
    wire: Wire

    capabilities = CAPABILITIES

    def audience(self) -> Sequence[Audience]:
        """The tags and segments; Kit does not say how many are in a segment."""
        if self.settings.everybody:
            name = self.wire.read("/v4/account").facts.text("account", "name")
            return [Audience(name=f"everybody at {name}", size=self._size("/v4/subscribers"))]
        tags, segments = self._names("tags"), self._names("segments")
        return [
            *(
                Audience(name=tags[one], size=self._size(f"/v4/tags/{one}/subscribers"))
                for one in self.settings.tags
            ),
            *(Audience(name=segments[one]) for one in self.settings.segments),
        ]

    def find(self, issue: str) -> Remote | None:
        """By description, in the whole list; each as it is now."""
        listed = self._each("/v4/broadcasts", "broadcasts", slim="true")
        found = [one for one in listed if key_in(one.at("description").value, issue)]
        found.sort(key=lambda one: one.integer("id"))
        return foremost(self._remote(self._read(one.text("id")), issue) for one in found)

    def draft(self, email: Email, key: Key, replaces: Remote | None) -> Remote:
        """Create the broadcast, or replace its draft's content."""
        broadcast = {**self._broadcast(email, key), "send_at": None}
        if replaces is None:
            answer = self.wire.write("POST", "/v4/broadcasts", broadcast)
        else:
            answer = self.wire.write("PUT", _path(replaces.id), broadcast)
        return self._remote(answer.facts.at("broadcast"), key.issue)

    def compare(self, remote: Remote, email: Email) -> Sequence[str]:
        """Every field as stored: Kit shows no rendering."""
        return list(self._differences(self._read(remote.id), email, remote.key))

    def test(self, remote: Remote, email: Email, to: Sequence[str]) -> None:
        """Refuse: Kit's API sends no tests."""
        message = "Kit's API sends no tests"
        remedy = f"send one from its pages, {_PAGE}"
        raise ServiceError([self.context.problem(message, remedy)])

    def send(self, remote: Remote, email: Email, at: datetime | None) -> None:
        """Give it its time, unless anything was released under its key meanwhile."""
        check_foremost(self.context, self.find(remote.key.issue), remote)
        when = at or datetime.now(UTC)  # the only way to say "now" to Kit
        stamp = when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        released = {**self._broadcast(email, remote.key), "send_at": stamp}
        answer = self.wire.write("PUT", _path(remote.id), released).facts.at("broadcast")
        if answer.one_of(STATUSES, "status") is Status.DRAFT:
            message = f"Kit took the time {stamp}, but calls the broadcast a draft still"
            raise UncertainSend([self.context.problem(message, f"look at {remote.url}")])

    def report(self, remote: Remote) -> Report:
        """The status, and the statistics where the account's plan has them."""
        broadcast = self._read(remote.id)
        status, said = broadcast.one_of(STATUSES, "status"), broadcast.text("status")
        counts = self._counts(remote.id) if status is Status.SENT else {}
        return Report(status=status, said=said, **counts)

    def _counts(self, ident: str) -> dict[str, int]:
        """Counts by field of `Report`; none where the account's plan does not tell them."""
        answer = self.wire.read(_path(ident, "/stats"), also=(401, 402, 403, 404, 422))
        if answer.status != 200:
            return {}
        stats = answer.facts.at("broadcast", "stats")
        unknown = {field for field, switch in _SWITCHES.items() if stats.get(switch) is True}
        fields = _STATS.keys() - unknown
        return {field: stats.integer(_STATS[field]) for field in fields}

    def _names(self, what: str) -> dict[int, str]:
        """The names of the tags or segments in the settings; ServiceError for one not there."""
        wanted = getattr(self.settings, what)
        each = self._each(f"/v4/{what}", what) if wanted else ()
        names = {one.integer("id"): one.text("name") for one in each}
        if missing := [one for one in wanted if one not in names]:
            message = f"there is no {what[:-1]} {missing[0]} at Kit"
            raise ServiceError([self.context.problem(message, "write the id of one", what)])
        return names

    def _size(self, path: str) -> int:
        asked: dict[str, str | int] = {"per_page": 1, "include_total_count": "true"}
        answer = self.wire.read(path, {**asked, "status": "active"})
        return answer.facts.integer("pagination", "total_count")

    def _each(self, path: str, what: str, **asked: str | int) -> Iterator[Facts]:
        asked["per_page"] = 100
        while True:
            facts = self.wire.read(path, asked).facts
            yield from facts.each(what)
            if not facts.flag("pagination", "has_next_page"):
                return
            asked["after"] = facts.text("pagination", "end_cursor")

    def _read(self, ident: str) -> Facts:
        return self.wire.read(_path(ident)).facts.at("broadcast")

    def _remote(self, facts: Facts, issue: str) -> Remote:
        ident, status = facts.text("id"), facts.one_of(STATUSES, "status")
        return Remote(
            id=ident,
            key=key_in(facts.at("description").value, issue) or Key(issue=issue),
            status=status,
            at=facts.moment("send_at") if status is Status.SCHEDULED else None,
            said=facts.text("status"),
            url=_PAGE,
        )

    def _broadcast(self, email: Email, key: Key) -> dict[str, Any]:
        newsletter, settings = self.context.newsletter, self.settings
        broadcast: dict[str, Any] = {
            "subject": braces.plain(email.subject),
            "content": braces.fill_html(email.html, self._tags(email)),
            "description": name_of(newsletter, email, key),
            "public": False,
        }
        if settings.template:
            broadcast["email_template_id"] = settings.template
        if newsletter.email.from_address:
            broadcast["email_address"] = newsletter.email.from_address
        if not settings.everybody:
            items = [{"type": kind, "ids": ids} for _, kind, ids in self._readers]
            broadcast["subscriber_filter"] = [{"any": items}]
        return broadcast

    @property
    def _readers(self) -> _Readers:
        """Who is to receive it, as `_readers` reads it from a stored filter."""
        if self.settings.everybody:
            return [("all", "all_subscribers", [])]
        each = (("segment", self.settings.segments), ("tag", self.settings.tags))
        return [("any", kind, sorted(set(ids))) for kind, ids in each if ids]

    def _tags(self, email: Email) -> Mapping[MergePoint, str]:
        newsletter = self.context.newsletter
        word = escape(newsletter.email.first_name_fallback)
        return {
            MergePoint.FIRST_NAME: f'{{{{ subscriber.first_name | default: "{word}" }}}}',
            MergePoint.UNSUBSCRIBE_URL: _UNSUBSCRIBE,
            MergePoint.PREFERENCES_URL: _PREFERENCES,
            MergePoint.WEB_URL: escape(newsletter.absolute(email.issue.path)),
            MergePoint.ADDRESS: braces.html_address(newsletter),
        }

    def _differences(self, stored: Facts, email: Email, key: Key) -> Iterator[str]:
        wanted = self._broadcast(email, key)
        if _readers(stored.at("subscriber_filter")) != self._readers:
            found = stored.at("subscriber_filter").value
            yield f"it goes to {found}, not to the readers asked for"
        for field in ("subject", "content", "public", "email_address"):
            if field in wanted and stored.at(field).value != wanted[field]:
                yield f"its {field} is another"
        if self.settings.template not in (0, stored.integer("email_template", "id")):
            yield "its template is another"


def _readers(groups: Facts) -> _Readers:
    """A filter without its order and without the groups that are missing or null."""
    return sorted(
        (how, item.text("type"), sorted(one.integer() for one in _listed(item, "ids")))
        for group in groups.each()
        for how in ("all", "any", "none")
        for item in _listed(group, how)
    )


def _listed(facts: Facts, name: str) -> list[Facts]:
    """The items of a list that Kit may leave out, or call null."""
    return facts.each(name) if facts.get(name) is not None else []


def _path(ident: str, below: str = "") -> str:
    return f"/v4/broadcasts/{quote(ident, safe='')}{below}"
