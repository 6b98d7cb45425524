"""listmonk, self-hosted (https://listmonk.app, API of 6.2).

A campaign's `archive_slug` is unique in listmonk's database: with the key there, an issue can't
become two campaigns, however many publishers try. The key is its tag too, since slugs can't be
searched for. A campaign is released once: only drafts and paused ones start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import quote

from pipeline import merge, text
from pipeline.config import Newsletter
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
    ServiceError,
    Status,
    foremost,
    gotemplate,
)
from pipeline.services.answer import Facts
from pipeline.services.wire import Wire
from pipeline.tables import setting

_TAGS = {
    MergePoint.FIRST_NAME: "{{ .Subscriber.FirstName }}",
    MergePoint.UNSUBSCRIBE_URL: "{{ UnsubscribeURL }}",
    MergePoint.PREFERENCES_URL: "{{ ManageURL }}",
    MergePoint.WEB_URL: "{{ MessageURL }}",
}
CAPABILITIES = Capabilities(
    title="listmonk",
    verified="listmonk 6.2.0",
    rests_on="the key as the campaign's archive slug, which listmonk's database keeps unique, and"
    " its refusal to start a campaign twice.",
    counts=("recipients", "sent", "opens", "clicks", "bounces"),
    repeats=("opens", "clicks"),
    merge={**_TAGS, MergePoint.ADDRESS: "`email.address`"},
)
STATUSES = {
    "draft": Status.DRAFT,
    "scheduled": Status.SCHEDULED,
    "running": Status.SENDING,
    "finished": Status.SENT,
    "paused": Status.STOPPED,
    "cancelled": Status.STOPPED,
}
_CONTENT = "content-"
_BLANK = '{{ template "content" . }}'
_STYLE = re.compile(r"(<style[^>]*>)(.*?)(</style>)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`[services.NAME]` with `kind = "listmonk"`."""

    url: str = setting("The address of listmonk, such as `https://lists.example.org`.")
    lists: tuple[int, ...] = setting("The ids of the lists that receive the newsletter.")
    user: str = setting("The API user's name (Admin, Users, of type API).")
    token_env: str = setting(
        "The environment variable that holds the API user's token.", "LISTMONK_TOKEN", secret=True
    )
    template: int = setting(
        "The id of the campaign template around the email; 0 means one that adds nothing, which is"
        " made once.",
        0,
    )


def connect(settings: Settings, context: Context) -> Listmonk:
    """Check the address; no request yet."""
    authorization = f"token {settings.user}:{context.secrets['token_env']}"
    wire = Wire(context, settings.url, secret=lambda: {"authorization": authorization})
    return Listmonk(settings, context, wire)


@dataclass(frozen=True, slots=True)
class Listmonk:
    """One listmonk; see `MailingService`."""

    settings: Settings
    context: Context
    wire: Wire

    capabilities = CAPABILITIES

    def audience(self) -> Sequence[Audience]:
        """The lists and how many are on them, unsubscribed ones included."""
        lists = [self.wire.read(f"/api/lists/{one}").facts.at("data") for one in self._lists]
        return [
            Audience(name=one.text("name"), size=one.integer("subscriber_count")) for one in lists
        ]

    def find(self, issue: str) -> Remote | None:
        """By tag; the slug tells our campaign from a person's copy of it."""
        found = [one for one in self._campaigns(issue) if issue in one.texts("tags")]
        ours = [one for one in found if one.at("archive_slug").value == issue]
        return foremost(self._remote(one, issue) for one in ours or found)

    def draft(self, email: Email, key: Key, replaces: Remote | None) -> Remote:
        """Create the campaign, or replace its draft's content."""
        campaign = {**self._campaign(email, key), "template_id": self._template()}
        if replaces is not None:
            if replaces.at is not None:  # kept where it is left out, and refused once it is past
                campaign["send_at"] = None
            answer = self.wire.write("PUT", _path(replaces), campaign)
            return self._remote(answer.facts.at("data"), key.issue)
        answer = self.wire.write("POST", "/api/campaigns", campaign, also=(500,))
        if answer.status != 500:
            return self._remote(answer.facts.at("data"), key.issue)
        if "archive_slug" not in answer.text:
            raise self.wire.refused(answer, write=True)
        if found := self.find(key.issue):
            return found
        what = f"a campaign has the archive slug {key.issue} but not the tag"
        raise UncertainSend([self.context.problem(what, "look at it there and tag it again")])

    def compare(self, remote: Remote, email: Email) -> Sequence[str]:
        """The fields as stored, and the body as listmonk renders it for its preview."""
        stored = self.wire.read(_path(remote)).facts.at("data")
        preview = self.wire.read(_path(remote, "/preview"), is_json=False).text
        return list(self._differences(stored, preview, email, remote.key))

    def test(self, remote: Remote, email: Email, to: Sequence[str]) -> None:
        """To subscribers only, each by itself: of several, listmonk passes over whom it lacks."""
        campaign = self._campaign(email, remote.key)
        for address in to:
            try:
                body = {**campaign, "subscribers": [address]}
                self.wire.write("POST", _path(remote, "/test"), body)
            except ServiceError as error:
                problems = [
                    replace(one, message=f"{one.message} ({address})") for one in error.problems
                ]
                raise ServiceError(problems) from None

    def send(self, remote: Remote, email: Email, at: datetime | None) -> None:
        """Set the time, or take away an earlier one, which would hold it back; then start it."""
        if at is not None or remote.at is not None:
            when = at and at.astimezone(UTC).isoformat().replace("+00:00", "Z")
            campaign = self._campaign(email, remote.key)
            self.wire.write("PUT", _path(remote), {**campaign, "send_at": when})
        status = "scheduled" if at is not None else "running"
        self.wire.write("PUT", _path(remote, "/status"), {"status": status})

    def report(self, remote: Remote) -> Report:
        """The campaign's counters; `finished` alone does not say that anybody was sent it.

        Opens and clicks are counted only where a template asks for it, and 0 else.
        """
        facts = self.wire.read(_path(remote), {"no_body": "true"}).facts.at("data")
        return Report(
            status=facts.one_of(STATUSES, "status"),
            said=facts.text("status"),
            recipients=facts.integer("to_send"),
            sent=facts.integer("sent"),
            opens=facts.integer("views") or None,
            clicks=facts.integer("clicks") or None,
            bounces=facts.integer("bounces"),
        )

    @property
    def _lists(self) -> list[int]:
        return sorted(set(self.settings.lists))

    def _campaigns(self, tag: str) -> list[Facts]:
        """Every campaign with a tag, oldest first, page by page."""
        found: list[Facts] = []
        while True:
            page = len(found) // 50 + 1
            asked: dict[str, str | int] = {"tag": tag, "page": page, "per_page": 50}
            order = {"no_body": "true", "order_by": "created_at", "order": "ASC"}
            facts = self.wire.read("/api/campaigns", {**asked, **order}).facts.at("data")
            results = facts.each("results")
            found += results
            if not results or len(found) >= facts.integer("total"):
                return found

    def _remote(self, facts: Facts, issue: str) -> Remote:
        tags = [one for one in facts.texts("tags") if one.startswith(_CONTENT)]
        content = tags[0].removeprefix(_CONTENT) if len(tags) == 1 else ""
        return Remote(
            id=facts.text("id"),
            key=Key(issue=issue, content=content),
            status=facts.one_of(STATUSES, "status"),
            at=facts.moment("send_at"),
            said=facts.text("status"),
            url=f"{self.settings.url.rstrip('/')}/admin/campaigns/{facts.text('id')}",
        )

    def _campaign(self, email: Email, key: Key) -> dict[str, Any]:
        newsletter = self.context.newsletter
        name = f"{newsletter.title} {email.issue.number}: {email.subject}"
        campaign: dict[str, Any] = {
            "name": text.excerpt(name, 200),
            "subject": gotemplate.subject(email.subject),
            "lists": self._lists,
            "type": "regular",
            "content_type": "html",
            "messenger": "email",
            "body": merge.fill(gotemplate.body(email.html), _html_tags(newsletter)),
            "altbody": merge.fill(email.text, _text_tags(newsletter), gotemplate.plain),
            "tags": [key.issue, _CONTENT + key.content],
            "archive": False,
            "archive_slug": key.issue,
            "headers": [{"Reply-To": one} for one in [newsletter.email.reply_to] if one],
        }
        if newsletter.email.from_address:
            campaign["from_email"] = text.mailbox(newsletter.sender_name, newsletter.sender)
        return campaign

    def _template(self) -> int:
        """The template that adds nothing: one that is there, or one made now."""
        if self.settings.template:
            return self.settings.template
        for one in self.wire.read("/api/templates").facts.each("data"):
            if one.text("type") == "campaign" and one.text("body").strip() == _BLANK:
                return one.integer("id")
        blank = {"name": "Partwork: the email alone", "type": "campaign", "body": _BLANK}
        return self.wire.write("POST", "/api/templates", blank).facts.integer("data", "id")

    def _differences(self, stored: Facts, preview: str, email: Email, key: Key) -> Iterator[str]:
        wanted = self._campaign(email, key)
        lists = sorted(one.integer("id") for one in stored.each("lists"))
        if lists != wanted["lists"]:
            yield f"it goes to the lists {lists}, not {wanted['lists']}"
        for field in ("subject", "body", "altbody", "from_email", "content_type", "messenger"):
            if field in wanted and stored.at(field).value != wanted[field]:
                yield f"its {field} is another"
        if stored.at("headers").value != wanted["headers"]:
            yield "its headers are others"
        if not _rendered(email.html, preview):
            yield "its preview does not show the email as it was rendered"


def _rendered(html: str, preview: str) -> bool:
    """Whether a preview is the email with something at each merge point.

    Go drops the comments in style sheets (html/template); white space may move with them.
    """
    shown, at = _bare(preview), 0
    pieces = [_bare(piece) for piece in merge.literals(gotemplate.addresses(html))]
    for piece in pieces:
        found = shown.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return shown.startswith(pieces[0]) and shown.endswith(pieces[-1])


def _bare(html: str) -> str:
    def style(match: re.Match[str]) -> str:
        return match[1] + re.sub(r"/\*.*?\*/", " ", match[2], flags=re.DOTALL) + match[3]

    return re.sub(r"\s+", "", _STYLE.sub(style, html))


def _html_tags(newsletter: Newsletter) -> Mapping[MergePoint, str]:
    fallback = gotemplate.quoted(newsletter.email.first_name_fallback)
    return {
        **_TAGS,
        MergePoint.FIRST_NAME: f"{{{{ or .Subscriber.FirstName {fallback} }}}}",
        MergePoint.ADDRESS: gotemplate.body(escape(newsletter.email.address)),
    }


def _text_tags(newsletter: Newsletter) -> Mapping[MergePoint, str]:
    fallback = gotemplate.quoted(newsletter.email.first_name_fallback)
    return {
        **_TAGS,
        MergePoint.FIRST_NAME: f"{{{{ Safe (or .Subscriber.FirstName {fallback}) }}}}",
        MergePoint.ADDRESS: gotemplate.plain(newsletter.email.address),
    }


def _path(remote: Remote, below: str = "") -> str:
    return f"/api/campaigns/{quote(remote.id, safe='')}{below}"
