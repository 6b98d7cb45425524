"""Mailchimp (https://mailchimp.com, Marketing API 3.0).

Nothing there is unique: the key stands in the campaign's title, which readers do not see, and every
campaign of the account is listed to find it, since a person may move one to another folder. A
campaign gets its content in a request of its own, so its title names the content only once that is
in: what a crash left half made is seen to be so.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import quote

from pipeline import merge, text
from pipeline.emails import Email
from pipeline.errors import PartworkError
from pipeline.merge import MergePoint
from pipeline.services import (
    Audience,
    Capabilities,
    Context,
    Key,
    Remote,
    Report,
    Status,
    foremost,
    literals,
    readback,
)
from pipeline.services.answer import Facts
from pipeline.services.named import check_foremost, key_in, name_of
from pipeline.services.wire import Wire
from pipeline.tables import setting
from pipeline.text import MERGE_END

_TAGS = {
    MergePoint.FIRST_NAME: "*|FNAME|*",
    MergePoint.UNSUBSCRIBE_URL: "*|UNSUB|*",
    MergePoint.PREFERENCES_URL: "*|UPDATE_PROFILE|*",
    MergePoint.WEB_URL: "*|ARCHIVE|*",
    MergePoint.ADDRESS: "*|HTML:LIST_ADDRESS_HTML|*",
}
CAPABILITIES = Capabilities(
    title="Mailchimp",
    verified="the source of its client libraries for API 3.0, not the service itself",
    rests_on="the key in the campaign's title, looked for again just before the release, and"
    " Mailchimp's refusal to send a campaign twice. Titles are not unique: two publishers that"
    " share no ledger rest on both finding the older of two drafts. A campaign that the ledger"
    " knows and the list does not stops with exit code 3.",
    minutes=15,
    merge=_TAGS,
)
STATUSES = {
    "save": Status.DRAFT,
    "schedule": Status.SCHEDULED,
    "sending": Status.SENDING,
    "sent": Status.SENT,
    "paused": Status.STOPPED,
    "canceling": Status.STOPPED,
    "canceled": Status.STOPPED,
    "archived": Status.STOPPED,
}
_PAGE = 1000
_SHOWN = ("id", "web_id", "create_time", "status", "send_time", "settings.title")
_TAG = re.compile(r"\*\|")
_TAG_LIKE = re.compile(rf"\*\||(?<={MERGE_END})\|")
_KEY = re.compile(r"[0-9A-Za-z]+-([a-z]{2,4}[0-9]{1,3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`[services.NAME]` with `kind = "mailchimp"`."""

    list: str = setting("The id of the audience that receives the newsletter.")
    segment: int = setting("The id of a segment or tag of it; 0 means the whole audience.", 0)
    folder: str = setting(
        "The folder for its campaigns, made if it is missing; empty means the newsletter's title.",
        "",
    )
    key_env: str = setting(
        "The environment variable that holds the API key.", "MAILCHIMP_API_KEY", secret=True
    )
    url: str = setting(
        "The address of the API; empty means the data centre's that the key names.", ""
    )


def connect(settings: Settings, context: Context) -> Mailchimp:
    """Find the data centre in the key, and who the sender is; no request yet."""
    secret = context.secrets["key_env"]
    key = _KEY.fullmatch(secret)
    wrong = []
    if not key:
        what = f"what {settings.key_env} holds is no API key"
        wrong.append(
            context.problem(what, "copy it whole: it ends in -us21 or the like", "key_env")
        )
    if not context.newsletter.sender:
        wrong.append(context.problem("nobody is named as the sender", "set email.from_address"))
    if wrong or not key:
        raise PartworkError(wrong)
    basic = b64encode(f"partwork:{secret}".encode()).decode()
    wire = Wire(
        context,
        settings.url or f"https://{key[1]}.api.mailchimp.com/3.0",
        secret=lambda: {"authorization": f"Basic {basic}"},
    )
    return Mailchimp(settings, context, wire, centre=key[1])


@dataclass(frozen=True, slots=True)
class Mailchimp:
    """One audience of one account; see `MailingService`."""

    settings: Settings
    context: Context
    wire: Wire
    centre: str

    capabilities = CAPABILITIES

    def audience(self) -> Sequence[Audience]:
        """The audience, or the segment of it that receives."""
        path = f"/lists/{quote(self.settings.list, safe='')}"
        found = self.wire.read(path, {"fields": "name,stats.member_count"}).facts
        if not self.settings.segment:
            return [Audience(name=found.text("name"), size=found.integer("stats", "member_count"))]
        part = self.wire.read(f"{path}/segments/{self.settings.segment}").facts
        name = f"{found.text('name')}: {part.text('name')}"
        return [Audience(name=name, size=part.integer("member_count"))]

    def find(self, issue: str) -> Remote | None:
        """By the key in the title, in every status and folder, the oldest first."""
        asked = {
            "fields": ",".join(["total_items", *(f"campaigns.{one}" for one in _SHOWN)]),
            "sort_field": "create_time",
            "sort_dir": "ASC",
        }
        found = [
            one
            for one in self._every("/campaigns", "campaigns", asked)
            if key_in(one.at("settings", "title").value, issue)
        ]
        found.sort(key=lambda one: (one.text("create_time"), one.integer("web_id")))
        return foremost(self._remote(one, issue) for one in found)

    def draft(self, email: Email, key: Key, replaces: Remote | None) -> Remote:
        """Create the campaign or change it, then set its content, then name that in its title."""
        unfinished = self._campaign(email, replace(key, content=""))
        if replaces is None:
            unfinished["settings"]["folder_id"] = self._folder()
            made = self.wire.write("POST", "/campaigns", {"type": "regular", **unfinished})
        else:
            made = self.wire.write("PATCH", _path(replaces.id), unfinished)
        path = _path(made.facts.text("id"))
        self.wire.write("PUT", f"{path}/content", self._content(email))
        done = self.wire.write("PATCH", path, self._campaign(email, key))
        return self._remote(done.facts, key.issue)

    def compare(self, remote: Remote, email: Email) -> Sequence[str]:
        """The fields and the content as stored, and Mailchimp's own checklist."""
        campaign = self.wire.read(_path(remote.id)).facts
        content = self.wire.read(f"{_path(remote.id)}/content").facts
        checklist = self.wire.read(f"{_path(remote.id)}/send-checklist").facts
        return [
            *self._differences(campaign, email, remote.key),
            *self._misread(content, email),
            *_unready(checklist),
        ]

    def test(self, remote: Remote, email: Email, to: Sequence[str]) -> None:
        """To any addresses."""
        body = {"test_emails": list(to), "send_type": "html"}
        self.wire.write("POST", f"{_path(remote.id)}/actions/test", body)

    def send(self, remote: Remote, email: Email, at: datetime | None) -> None:
        """Send, or schedule for a quarter of an hour."""
        check_foremost(self.context, self.find(remote.key.issue), remote)
        actions = f"{_path(remote.id)}/actions"
        if at is None:
            self.wire.write("POST", f"{actions}/send")
        else:
            body = {"schedule_time": at.astimezone(UTC).isoformat()}
            self.wire.write("POST", f"{actions}/schedule", body)

    def report(self, remote: Remote) -> Report:
        """The campaign's status and, once it is sent, its report."""
        campaign = self.wire.read(_path(remote.id)).facts
        report = Report(
            status=campaign.one_of(STATUSES, "status"),
            said=campaign.text("status"),
            recipients=campaign.integer("recipients", "recipient_count"),
            sent=campaign.integer("emails_sent"),
        )
        if report.status is not Status.SENT:
            return report
        facts = self.wire.read(f"/reports/{quote(remote.id, safe='')}").facts
        bounces = (facts.integer("bounces", f"{kind}_bounces") for kind in ("hard", "soft"))
        opens = facts.integer("opens", "unique_opens")
        clicks = facts.integer("clicks", "unique_subscriber_clicks")
        return replace(
            report,
            opens=None if campaign.get("tracking", "opens") is False else opens,
            clicks=None if campaign.get("tracking", "html_clicks") is False else clicks,
            bounces=sum(bounces),
            unsubscribes=facts.integer("unsubscribed"),
        )

    def _every(self, path: str, kind: str, asked: Mapping[str, str]) -> list[Facts]:
        """Everything there is, page by page."""
        found: list[Facts] = []
        while True:
            page = self.wire.read(path, {**asked, "count": _PAGE, "offset": len(found)}).facts
            more = page.each(kind)
            found += more
            if not more or len(found) >= page.integer("total_items"):
                return found

    def _folder(self) -> str:
        """The id of the newsletter's folder: one that is there, or one made now."""
        name = text.excerpt(self.settings.folder or self.context.newsletter.title, 100)
        for one in self._every("/campaign-folders", "folders", {}):
            if one.text("name") == name:
                return one.text("id")
        return self.wire.write("POST", "/campaign-folders", {"name": name}).facts.text("id")

    def _remote(self, facts: Facts, issue: str) -> Remote:
        status = facts.one_of(STATUSES, "status")
        page = f"https://{self.centre}.admin.mailchimp.com/campaigns/edit"
        return Remote(
            id=facts.text("id"),
            key=key_in(facts.at("settings", "title").value, issue) or Key(issue=issue),
            status=status,
            at=facts.moment("send_time") if status is Status.SCHEDULED else None,
            said=facts.text("status"),
            url=f"{page}?id={facts.text('web_id')}",
        )

    def _campaign(self, email: Email, key: Key) -> dict[str, Any]:
        newsletter = self.context.newsletter
        recipients: dict[str, Any] = {"list_id": self.settings.list}
        if self.settings.segment:
            # Without a `match` Mailchimp passes the segment over (drewm/mailchimp-api#203).
            options = {"saved_segment_id": self.settings.segment, "match": "all"}
            recipients["segment_opts"] = options
        return {
            "recipients": recipients,
            "settings": {
                "subject_line": literals.in_text(email.subject, _TAG_LIKE),
                "preview_text": text.excerpt(literals.in_text(email.preheader, _TAG_LIKE), 150),
                "title": name_of(newsletter, email, key),
                "from_name": newsletter.sender_name,
                "reply_to": newsletter.sender,
                "auto_footer": False,
                "inline_css": False,
            },
        }

    def _content(self, email: Email) -> dict[str, str]:
        fallback = self.context.newsletter.email.first_name_fallback
        html = literals.in_html(email.html, _TAG_LIKE)
        plain = literals.in_text(email.text, _TAG_LIKE)
        in_html = literals.in_html(escape(fallback), _TAG_LIKE)
        in_text = literals.in_text(fallback, _TAG_LIKE)
        return {
            "html": merge.fill(html, {**_TAGS, MergePoint.FIRST_NAME: _first_name(in_html)}),
            "plain_text": merge.fill(
                plain,
                {
                    **_TAGS,
                    MergePoint.FIRST_NAME: _first_name(in_text),
                    MergePoint.ADDRESS: "*|LIST:ADDRESS|*",
                },
            ),
        }

    def _differences(self, campaign: Facts, email: Email, key: Key) -> Iterator[str]:
        wanted = self._campaign(email, key)
        audience = campaign.text("recipients", "list_id")
        if audience != self.settings.list:
            yield f"it goes to the audience {audience}, not {self.settings.list}"
        options = campaign.get("recipients", "segment_opts") or {}
        segment = options.get("saved_segment_id") or 0
        if segment != self.settings.segment:
            yield f"it goes to the segment {segment}, not {self.settings.segment}"
        elif not segment and (options.get("conditions") or options.get("prebuilt_segment_id")):
            yield "it goes to a part of the audience"
        for field in ("subject_line", "from_name", "reply_to", "auto_footer"):
            if campaign.at("settings", field).value != wanted["settings"][field]:
                yield f"its {field} is another"

    def _misread(self, stored: Facts, email: Email) -> Iterator[str]:
        wanted = self._content(email)
        yield from readback.differences(wanted["html"], _text(stored, "html"), _TAG)
        if not readback.same_words(wanted["plain_text"], _text(stored, "plain_text")):
            yield "its plain text is another"


def _unready(checklist: Facts) -> Iterator[str]:
    if not checklist.flag("is_ready"):
        for one in checklist.each("items"):
            if one.text("type") == "error":
                yield f"Mailchimp finds it not ready: {one.text('heading')}: {one.text('details')}"


def _text(facts: Facts, name: str) -> str:
    """A text that is absent where it is empty."""
    return facts.text(name) if facts.get(name) is not None else ""


def _first_name(fallback: str) -> str:
    return f"*|IF:FNAME|**|FNAME|**|ELSE:|*{fallback}*|END:IF|*"


def _path(ident: str) -> str:
    return f"/campaigns/{quote(ident, safe='')}"
