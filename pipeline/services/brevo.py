"""Brevo (https://brevo.com, once Sendinblue), API v3.

Nothing there is unique: the key stands in the campaign's name, and its issue in the tag, and every
campaign is listed to find it. Brevo allows about a hundred requests an hour on campaigns, so the
list comes without the emails, a hundred campaigns at a time. It makes the plain text itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
    readback,
)
from pipeline.services.answer import Facts
from pipeline.services.named import check_foremost, key_in, name_of
from pipeline.services.wire import Wire
from pipeline.tables import setting

CAPABILITIES = Capabilities(
    title="Brevo",
    verified="the source of its client libraries for API v3, not the service itself",
    rests_on="the key in the campaign's name, looked for again just before the release, and Brevo's"
    " refusal to send a campaign twice. Names are not unique: two publishers that share no ledger"
    " rest on both finding the older of two drafts. A campaign that the ledger knows and the list"
    " does not stops with exit code 3.",
    plain_text=False,
    counts=("sent", "opens", "clicks", "bounces", "unsubscribes"),
    merge={
        MergePoint.FIRST_NAME: "{{ contact.FIRSTNAME }}",
        MergePoint.UNSUBSCRIBE_URL: "{{ unsubscribe }}",
        MergePoint.PREFERENCES_URL: "{{ update_profile }}",
        MergePoint.WEB_URL: "the issue's page",
        MergePoint.ADDRESS: "`email.address`",
    },
)
STATUSES = {
    "draft": Status.DRAFT,
    "queued": Status.SCHEDULED,
    "in_review": Status.SENDING,
    "inReview": Status.SENDING,
    "in_process": Status.SENDING,
    "inProcess": Status.SENDING,
    "sent": Status.SENT,
    "suspended": Status.STOPPED,
    "cancelling": Status.STOPPED,
    "cancelled": Status.STOPPED,
    "archive": Status.STOPPED,
}
"""Brevo writes two of them in two ways. One that waits for Brevo's own review is on its way."""
_PAGE = 100
_TAG = re.compile(r"\{\{|\{%|\{#")
_TESTS = 50
"""Tests that Brevo sends in a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`[services.NAME]` with `kind = "brevo"`."""

    lists: tuple[int, ...] = setting("The ids of the lists that receive the newsletter.")
    first_name: str = setting("The contact attribute that holds the first name.", "FIRSTNAME")
    key_env: str = setting(
        "The environment variable that holds the API key.", "BREVO_API_KEY", secret=True
    )
    url: str = setting("The address of Brevo's API.", "https://api.brevo.com/v3")


def connect(settings: Settings, context: Context) -> Brevo:
    """Check the settings; no request yet."""
    wrong = []
    if not settings.lists:
        wrong.append(context.problem("it is sent to no list", "write lists = [3]", "lists"))
    if not re.fullmatch(r"\w+", settings.first_name):
        what = f"`first_name` is {settings.first_name!r}, not the name of an attribute"
        wrong.append(context.problem(what, "write it as Brevo shows it", "first_name"))
    if not context.newsletter.sender:
        wrong.append(context.problem("nobody is named as the sender", "set email.from_address"))
    if wrong:
        raise PartworkError(wrong)
    braces.checked_fallback(context)
    key = context.secrets["key_env"]
    wire = Wire(context, settings.url, secret=lambda: {"api-key": key})
    return Brevo(settings, context, wire)


@dataclass(frozen=True, slots=True)
class Brevo:
    """One account at Brevo; see `MailingService`."""

    settings: Settings
    context: Context
    wire: Wire

    capabilities = CAPABILITIES

    def audience(self) -> Sequence[Audience]:
        """The lists and how many are on them, unsubscribed ones included."""
        lists = [self.wire.read(f"/contacts/lists/{one}").facts for one in self._lists]
        return [
            Audience(name=one.text("name"), size=one.integer("totalSubscribers")) for one in lists
        ]

    def find(self, issue: str) -> Remote | None:
        """By name and tag, in every status, the oldest first."""
        found = [one for one in self._campaigns() if self._key(one, issue)]
        found.sort(key=lambda one: one.integer("id"))
        return foremost(self._remote(one, issue) for one in found)

    def draft(self, email: Email, key: Key, replaces: Remote | None) -> Remote:
        """Create the campaign, which without a time is a draft, or replace a draft's content."""
        campaign = self._campaign(email, key)
        if replaces is None:
            made = self.wire.write("POST", "/emailCampaigns", campaign)
            ident = made.facts.text("id")
        else:
            self.wire.write("PUT", _path(replaces.id), campaign)
            ident = replaces.id
        return Remote(id=ident, key=key, status=Status.DRAFT, said="draft", url=_page(ident))

    def compare(self, remote: Remote, email: Email) -> Sequence[str]:
        """The campaign as stored; what Brevo will make of it, it does not show."""
        return list(self._differences(self._read(remote), email, remote.key))

    def test(self, remote: Remote, email: Email, to: Sequence[str]) -> None:
        """To contacts of the account; to no address at all would be to its whole test list."""
        if not 0 < len(to) <= _TESTS:
            what = f"{len(to)} tests were asked for; Brevo sends {_TESTS} a day"
            raise ServiceError([self.context.problem(what, "name fewer addresses")])
        self.wire.write("POST", f"{_path(remote.id)}/sendTest", {"emailTo": list(to)})

    def send(self, remote: Remote, email: Email, at: datetime | None) -> None:
        """Send, or set the time and see that it was taken for one."""
        check_foremost(self.context, self.find(remote.key.issue), remote)
        if at is None:
            self.wire.write("POST", f"{_path(remote.id)}/sendNow")
            return
        stamp = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.wire.write("PUT", _path(remote.id), {"scheduledAt": stamp})
        said = self._read(remote).text("status")
        if said == "draft":
            what = f"Brevo took the time {stamp}, but calls the campaign a draft still"
            raise UncertainSend([self.context.problem(what, f"look at {remote.url}")])

    def report(self, remote: Remote) -> Report:
        """The status, and Brevo's overall counts."""
        facts = self.wire.read(_path(remote.id), {"statistics": "globalStats"}).facts
        status = facts.one_of(STATUSES, "status")
        if status is not Status.SENT or not facts.get("statistics", "globalStats"):
            return Report(status=status, said=facts.text("status"))
        stats = facts.at("statistics", "globalStats")
        return Report(
            status=status,
            said=facts.text("status"),
            sent=stats.integer("sent"),
            opens=stats.integer("uniqueViews"),
            clicks=stats.integer("uniqueClicks"),
            bounces=stats.integer("hardBounces") + stats.integer("softBounces"),
            unsubscribes=stats.integer("unsubscriptions"),
        )

    @property
    def _lists(self) -> list[int]:
        return sorted(set(self.settings.lists))

    def _read(self, remote: Remote) -> Facts:
        return self.wire.read(_path(remote.id)).facts

    def _campaigns(self) -> list[Facts]:
        """Every campaign without its email, page by page.

        Whether `count` is of all or of the page is not described: a full page is never the last.
        """
        found: list[Facts] = []
        asked: dict[str, str | int] = {"excludeHtmlContent": "true", "limit": _PAGE, "sort": "asc"}
        while True:
            page = self.wire.read("/emailCampaigns", {**asked, "offset": len(found)}).facts
            count, whole = page.integer("count"), page.value
            past = len(found) >= count and isinstance(whole, dict) and "campaigns" not in whole
            more = [] if past else page.each("campaigns")
            found += more
            if not more or (len(more) < _PAGE and len(found) >= count):
                return found

    def _key(self, facts: Facts, issue: str) -> Key | None:
        """The key in the name; of the tag alone, where somebody gave the campaign another name."""
        tagged = Key(issue=issue) if facts.get("tag") == issue else None
        return key_in(facts.at("name").value, issue) or tagged

    def _remote(self, facts: Facts, issue: str) -> Remote:
        status = facts.one_of(STATUSES, "status")
        timed = status is Status.SCHEDULED and facts.get("scheduledAt") is not None
        return Remote(
            id=facts.text("id"),
            key=self._key(facts, issue) or Key(issue=issue),
            status=status,
            at=facts.moment("scheduledAt") if timed else None,
            said=facts.text("status"),
            url=_page(facts.text("id")),
        )

    def _campaign(self, email: Email, key: Key) -> dict[str, Any]:
        newsletter = self.context.newsletter
        campaign: dict[str, Any] = {
            "name": name_of(newsletter, email, key),
            "tag": key.issue,
            "sender": {
                "name": braces.plain(newsletter.sender_name),
                "email": newsletter.sender,
            },
            "subject": braces.plain(email.subject),
            "previewText": braces.plain(email.preheader),
            "htmlContent": self._html(email),
            "recipients": {"listIds": self._lists},
        }
        if newsletter.email.reply_to:
            campaign["replyTo"] = newsletter.email.reply_to
        return campaign

    def _html(self, email: Email) -> str:
        newsletter = self.context.newsletter
        word = escape(newsletter.email.first_name_fallback)
        values = {
            MergePoint.FIRST_NAME: f'{{{{ contact.{self.settings.first_name}|default:"{word}" }}}}',
            MergePoint.UNSUBSCRIBE_URL: "{{ unsubscribe }}",
            MergePoint.PREFERENCES_URL: "{{ update_profile }}",
            MergePoint.WEB_URL: escape(newsletter.absolute(email.issue.path)),
            MergePoint.ADDRESS: braces.html_address(newsletter),
        }
        return braces.fill_html(email.html, values)

    def _differences(self, stored: Facts, email: Email, key: Key) -> Iterator[str]:
        wanted = self._campaign(email, key)
        lists = sorted(one.integer() for one in stored.each("recipients", "lists"))
        if lists != self._lists:
            yield f"it goes to the lists {lists}, not {self._lists}"
        if excluded := stored.get("recipients", "exclusionLists"):
            yield f"it leaves out the lists {excluded}"
        for field in ("subject", "replyTo"):
            if field in wanted and stored.at(field).value != wanted[field]:
                yield f"its {field} is another"
        for field, value in wanted["sender"].items():
            if stored.at("sender", field).value != value:
                yield f"its sender's {field} is another"
        yield from readback.differences(wanted["htmlContent"], stored.text("htmlContent"), _TAG)


def _path(ident: str) -> str:
    return f"/emailCampaigns/{quote(ident, safe='')}"


def _page(ident: str) -> str:
    return f"https://app.brevo.com/marketing-campaign/edit/{ident}"
