"""Ghost's newsletters (https://ghost.org, Admin API of 6.65).

Ghost makes one email of a post and never another, however often the post is published. The key is
an internal tag of the post: a slug would not do, since Ghost turns one that is taken into `x-2`.
Ghost puts the email into a design of its own, and makes the plain text from it.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from pipeline import merge, text
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
    webtoken,
)
from pipeline.services.answer import Facts
from pipeline.services.wire import Wire
from pipeline.tables import setting

_TAGS = {
    MergePoint.FIRST_NAME: "%%{first_name}%%",
    MergePoint.UNSUBSCRIBE_URL: "%%{unsubscribe_url}%%",
    MergePoint.PREFERENCES_URL: "%%{manage_account_url}%%",
}
CAPABILITIES = Capabilities(
    title="Ghost",
    verified="recordings of Ghost 6.65.0",
    rests_on="Ghost making one email of a post and never a second; the key is a tag of the post,"
    " and of two posts with it the older is published.",
    plain_text=False,
    counts=("recipients", "opens", "clicks", "bounces"),
    merge={
        **_TAGS,
        MergePoint.WEB_URL: "the issue's page",
        MergePoint.ADDRESS: "`email.address`",
    },
)
POSTS = {
    "draft": Status.DRAFT,
    "scheduled": Status.SCHEDULED,
    "published": Status.STOPPED,
    "sent": Status.STOPPED,
}
"""A post without an email: one that was published without can never have one."""
EMAILS = {
    "pending": Status.SENDING,
    "submitting": Status.SENDING,
    "submitted": Status.SENT,
    "failed": Status.STOPPED,
}
_CONTENT = "#content-"
_KEY = re.compile(r"[0-9a-f]{24}:(?:[0-9a-f]{2}){16,64}")
_TAG = re.compile(r"%%\{")
_TAG_LIKE = re.compile(r"%%\{|%(?=recipient[._]|(?:tag_|mailing_list_)?unsubscribe)")
"""Ghost's tags, and those of Mailgun, which sends Ghost's mail."""
_SHEET = re.compile(r"<!--.*?-->|(<style\b[^>]*>.*?</style>)", re.DOTALL)
_BODY = re.compile(r"<body\b[^>]*>(.*)</body>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`[services.NAME]` with `kind = "ghost"`."""

    url: str = setting("The address of Ghost's admin, such as `https://example.ghost.io`.")
    newsletter: str = setting("The slug of the newsletter in Ghost.", "default-newsletter")
    segment: str = setting(
        "Which of its members receive: `all`, `status:free`, `status:-free` or another filter.",
        "all",
    )
    key_env: str = setting(
        "The environment variable that holds the Admin API key of a custom integration, or a"
        " staff access token.",
        "GHOST_ADMIN_KEY",
        secret=True,
    )


def connect(settings: Settings, context: Context) -> Ghost:
    """Check the address and the form of the key; no request yet."""
    key = context.secrets["key_env"]
    if not _KEY.fullmatch(key):
        what = f"what {settings.key_env} holds is no Admin API key"
        remedy = "copy it whole from Ghost's integration: 24 hex digits, a colon, 64 hex digits"
        raise PartworkError([context.problem(what, remedy, "key_env")])
    wire = Wire(
        context,
        settings.url.rstrip("/") + "/ghost/api/admin",
        secret=lambda: {"authorization": f"Ghost {webtoken.signed(key, int(time.time()))}"},
        headers={"accept-version": "v6.0"},
    )
    return Ghost(settings, context, wire)


@dataclass(frozen=True, slots=True)
class Ghost:
    """One newsletter of one Ghost; see `MailingService`."""

    settings: Settings
    context: Context
    wire: Wire

    capabilities = CAPABILITIES

    def audience(self) -> Sequence[Audience]:
        """The newsletter and its members, of whom a segment may receive."""
        found = self._newsletter()
        told = found.get("count") is not None
        size = found.integer("count", "active_members") if told else None
        return [Audience(name=found.text("name"), size=size)]

    def find(self, issue: str) -> Remote | None:
        """By tag, in every status, the oldest first."""
        wanted = f"tag:hash-{issue}+status:[draft,scheduled,published,sent]"
        found = self._every("posts", {"filter": wanted, "include": "tags,email"})
        found.sort(key=lambda post: (post.text("created_at"), post.text("id")))
        return foremost(self._remote(post, issue) for post in found)

    def draft(self, email: Email, key: Key, replaces: Remote | None) -> Remote:
        """Create the post, or replace its content if nobody else just did."""
        post = self._written(email, key)
        if replaces is None:
            new = {**post, "slug": key.issue, "status": "draft"}
            answer = self.wire.write("POST", "/posts/?source=html", {"posts": [new]})
        else:
            post["updated_at"] = self._post(replaces).text("updated_at")
            path = _path(replaces) + "?source=html"
            answer = self.wire.write("PUT", path, {"posts": [post]})
        return self._remote(answer.facts.at("posts", 0), key.issue)

    def compare(self, remote: Remote, email: Email) -> Sequence[str]:
        """The fields as stored, the body as Ghost parsed it, and that the newsletter is active."""
        self._newsletter()
        return list(self._differences(self._post(remote), email, remote.key))

    def test(self, remote: Remote, email: Email, to: Sequence[str]) -> None:
        """To any addresses, with a staff access token: an integration's key may not."""
        body = {"emails": list(to), "newsletter": self.settings.newsletter}
        path = f"/email_previews{_path(remote)}"
        answer = self.wire.write("POST", path, body, also=(403,))
        if answer.status == 403:
            what = f"{self.settings.key_env} may not send tests"
            remedy = "put a staff access token into it: Ghost's settings, Staff, your own page"
            raise ServiceError([self.context.problem(what, remedy, "key_env")])

    def send(self, remote: Remote, email: Email, at: datetime | None) -> None:
        """Publish or schedule the post as an email alone, through the newsletter."""
        self._newsletter()  # through one that is not active Ghost publishes without an email
        post = self._post(remote)
        if post.text("status") != "draft" or post.at("email").value:
            what = f"the post {remote.id} is {_said(post)}, and no draft any more"
            raise ServiceError([self.context.problem(what, "look at it there")])
        change: dict[str, Any] = {"status": "published", "email_only": True}
        if at is not None:
            change.update(status="scheduled", published_at=_stamp(at))
        change["updated_at"] = post.text("updated_at")
        query = {"newsletter": self.settings.newsletter, "email_segment": self.settings.segment}
        path = f"{_path(remote)}?{urlencode(query)}"
        done = self.wire.write("PUT", path, {"posts": [change]}).facts.at("posts", 0)
        through = done.text("newsletter", "slug") if done.at("newsletter").value else ""
        to = done.text("email_segment")
        mailed = at is not None or done.at("email").value
        if not mailed or query != {"newsletter": through, "email_segment": to}:
            what = f"the post {remote.id} was published to {to!r} of the newsletter {through!r}"
            raise UncertainSend([self.context.problem(what, "look at it there", "newsletter")])

    def report(self, remote: Remote) -> Report:
        """The email's counters; opens and bounces are as late as Mailgun's own."""
        post = self._post(remote)
        if not post.at("email").value:
            return Report(status=_status(post), said=_said(post))
        opens, clicks = post.integer("email", "opened_count"), post.integer("count", "clicks")
        return Report(
            status=_status(post),
            said=_said(post),
            recipients=post.integer("email", "email_count"),
            opens=None if post.get("email", "track_opens") is False else opens,
            clicks=None if post.get("email", "track_clicks") is False else clicks,
            bounces=post.integer("email", "failed_count"),
        )

    def _newsletter(self) -> Facts:
        """The newsletter, which must be active."""
        found = self._every("newsletters", {"include": "count.active_members"})
        active = {one.text("slug"): one for one in found if one.text("status") == "active"}
        wanted = self.settings.newsletter
        if wanted not in active:
            what = f"Ghost has no active newsletter `{wanted}`"
            remedy = f"use one of {', '.join(active)}"
            raise ServiceError([self.context.problem(what, remedy, "newsletter")])
        return active[wanted]

    def _every(self, kind: str, asked: Mapping[str, str]) -> list[Facts]:
        """Everything that matches, page by page."""
        found: list[Facts] = []
        page: int | None = 1
        while page:
            facts = self.wire.read(f"/{kind}/", {**asked, "limit": 100, "page": page}).facts
            found += facts.each(kind)
            more = facts.at("meta", "pagination", "next").value
            page = facts.integer("meta", "pagination", "next") if more else None
        return found

    def _post(self, remote: Remote) -> Facts:
        asked = {"include": "tags,email,newsletter,count.clicks"}
        return self.wire.read(_path(remote), asked).facts.at("posts", 0)

    def _remote(self, post: Facts, issue: str) -> Remote:
        names = [one.text("name") for one in post.each("tags")]
        contents = [name for name in names if name.startswith(_CONTENT)]
        status = _status(post)
        return Remote(
            id=post.text("id"),
            key=Key(
                issue=issue,
                content=contents[0].removeprefix(_CONTENT) if len(contents) == 1 else "",
            ),
            status=status,
            at=post.moment("published_at") if status is Status.SCHEDULED else None,
            said=_said(post),
            url=f"{self.settings.url.rstrip('/')}/ghost/#/editor/post/{post.text('id')}",
        )

    def _written(self, email: Email, key: Key) -> dict[str, Any]:
        subject = literals.in_text(email.subject, _TAG_LIKE)
        preheader = literals.in_text(email.preheader, _TAG_LIKE)
        return {
            "title": text.excerpt(subject, 255),
            "email_subject": subject,
            "custom_excerpt": text.excerpt(preheader, 300) or None,
            "html": f"<!--kg-card-begin: html-->{self._card(email)}<!--kg-card-end: html-->",
            "email_only": True,
            "tags": [{"name": f"#{key.issue}"}, {"name": _CONTENT + key.content}],
        }

    def _card(self, email: Email) -> str:
        """The email as one element, for Ghost has the document's head and body itself.

        Only elements and text survive at the top of an HTML card: comments, and so Outlook's
        blocks, need an element around them (Koenig 2026-07, kg-default-nodes, html-parser).
        """
        written = self.context.newsletter
        sheets = "".join(filter(None, _SHEET.findall(email.html.partition("<body")[0])))
        body = _BODY.search(email.html)
        inner = body[1] if body else email.html
        card = literals.encoded_addresses(f"<div>{sheets}{inner}</div>")
        fallback = literals.tame(written.email.first_name_fallback)
        values = {
            **_TAGS,
            MergePoint.FIRST_NAME: f'%%{{first_name, "{fallback}"}}%%',
            MergePoint.WEB_URL: escape(written.absolute(email.issue.path)),
            MergePoint.ADDRESS: literals.in_text(escape(written.email.address), _TAG_LIKE),
        }
        return merge.fill(literals.in_text(card, _TAG_LIKE), values)

    def _differences(self, post: Facts, email: Email, key: Key) -> Iterator[str]:
        wanted = self._written(email, key)
        for field in ("email_subject", "custom_excerpt", "email_only"):
            if post.at(field).value != wanted[field]:
                yield f"its {field} is another"
        cards = _cards(post.text("lexical"))
        if len(cards) != 1 or cards[0].get("type") != "html":
            yield "its body is not one HTML card"
        else:
            yield from readback.differences(self._card(email), str(cards[0].get("html")), _TAG)


def _status(post: Facts) -> Status:
    if post.at("email").value:
        return post.one_of(EMAILS, "email", "status")
    return post.one_of(POSTS, "status")


def _said(post: Facts) -> str:
    said = post.text("status")
    if post.at("email").value:
        return f"{said}, its email {post.text('email', 'status')}"
    return said if said in ("draft", "scheduled") else f"{said}, without an email"


def _cards(lexical: str) -> list[dict[str, Any]]:
    """The top of a document of Ghost's editor; empty where it can't be read."""
    try:
        cards = json.loads(lexical)["root"]["children"]
    except (ValueError, LookupError, TypeError):
        return []
    return [one for one in cards if isinstance(one, dict)] if isinstance(cards, list) else []


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _path(remote: Remote) -> str:
    return f"/posts/{quote(remote.id, safe='')}/"
