"""Mailchimp's Marketing API 3.0 with its rules as its client libraries and documentation have them.

Nothing is unique and nothing idempotent; what was not asked for in `fields` is not shown; a
campaign without an unsubscribe tag or an address gets Mailchimp's own footer.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from typing import Any

from fakes import Fake, RefusalError, Request

KEY = f"{'0123456789abcdef' * 2}-us21"
ADDRESS = "Example Press, 2 Low Street, Ely"
FOOTER = "Want to change how you receive these emails? (Mailchimp's own footer)"
_TAG = re.compile(r"\*\|([A-Z0-9_:]+)\|\*")
_IF = re.compile(r"\*\|IF:(\w+)\|\*(.*?)(?:\*\|ELSE:\|\*(.*?))?\*\|END:IF\|\*", re.DOTALL)
_EDITABLE = ("save", "paused")


@dataclass
class FakeMailchimp(Fake):
    readers: dict[str, str] = field(default_factory=dict)
    """First names by address."""
    segments: dict[int, set[str]] = field(default_factory=dict)
    folders: list[dict[str, Any]] = field(default_factory=list)
    campaigns: dict[str, dict[str, Any]] = field(default_factory=dict)
    contents: dict[str, dict[str, str]] = field(default_factory=dict)
    tests: list[tuple[str, str]] = field(default_factory=list)
    angry: list[int] = field(default_factory=list)
    """How the next requests are refused for coming too fast: 429, or a bare 403."""

    def __post_init__(self) -> None:
        self.readers = {f"rec{number}@example.net": f"Reader{number}" for number in range(3)}
        self.segments = {77: {"rec1@example.net"}}

    def stored(self) -> list[dict[str, Any]]:
        return list(self.campaigns.values())

    def nameless(self) -> list[str]:
        self.readers["nobody@example.net"] = ""
        return [*self.message(self.only()["id"], "nobody@example.net")[1:]]

    def handle(self, request: Request) -> tuple[int, object]:
        if self.angry:
            raise RefusalError(self.angry.pop(0), b"")
        basic = request.headers.get("authorization", "").removeprefix("Basic ")
        if not basic or b64encode(f"partwork:{KEY}".encode()).decode() != basic:
            raise _refusal(401, "API Key Invalid", "Your API key may be invalid.")
        one = r"/3\.0/campaigns/([0-9a-f]+)"
        routes: list[tuple[str, str, Any]] = [
            ("GET", r"/3\.0/lists/(\w+)", self._list),
            ("GET", r"/3\.0/lists/(\w+)/segments/(\d+)", self._segment),
            ("GET", r"/3\.0/campaign-folders", self._folders),
            ("POST", r"/3\.0/campaign-folders", self._add_folder),
            ("GET", r"/3\.0/campaigns", self._query),
            ("POST", r"/3\.0/campaigns", self._create),
            ("GET", one, self._get),
            ("PATCH", one, self._patch),
            ("GET", one + "/content", self._content),
            ("PUT", one + "/content", self._set_content),
            ("GET", one + "/send-checklist", self._checklist),
            ("POST", one + "/actions/test", self._test),
            ("POST", one + "/actions/send", self._send),
            ("POST", one + "/actions/schedule", self._schedule),
            ("POST", one + "/actions/unschedule", self._unschedule),
            ("GET", r"/3\.0/reports/([0-9a-f]+)", self._report),
        ]
        for method, pattern, does in routes:
            match = re.fullmatch(pattern, request.path)
            if match and method == request.method:
                answer = does(request, *match.groups())
                return (204, b"") if answer is None else (200, answer)
        raise _refusal(404, "Resource Not Found", request.path)

    def _list(self, _: Request, ident: str) -> object:
        if ident != "abc123":
            raise _refusal(404, "Resource Not Found", "The requested resource could not be found.")
        return {"id": ident, "name": "Weekly", "stats": {"member_count": len(self.readers)}}

    def _segment(self, request: Request, ident: str, number: str) -> object:
        self._list(request, ident)
        if int(number) not in self.segments:
            raise _refusal(404, "Resource Not Found", "The requested resource could not be found.")
        size = len(self.segments[int(number)])
        return {"id": int(number), "name": "Friends", "member_count": size}

    def _folders(self, request: Request) -> object:
        return _page("folders", self.folders, request)

    def _add_folder(self, request: Request) -> object:
        self.folders.append({"id": f"f{len(self.folders)}", "name": request.body["name"]})
        return self.folders[-1]

    def _query(self, request: Request) -> object:
        asked = request.query
        found = sorted(self.campaigns.values(), key=lambda one: str(one["create_time"]))
        if asked.get("sort_dir", "DESC") == "DESC":
            found.reverse()
        if "folder_id" in asked:
            found = [one for one in found if one["settings"]["folder_id"] == asked["folder_id"]]
        answer = _page("campaigns", found, request)
        names = [one.removeprefix("campaigns.") for one in asked["fields"].split(",")]
        kept = [_only(one, names) for one in answer["campaigns"]]
        return {**answer, "campaigns": kept}

    def _create(self, request: Request) -> object:
        assert request.body["type"] == "regular"
        number = len(self.campaigns) + 1
        ident = f"{(number * 7919) % 65521:010x}"  # in no order
        self.campaigns[ident] = {
            "id": ident,
            "web_id": 1000 + number,
            "type": "regular",
            "create_time": "2026-10-06T08:00:00+00:00",
            "status": "save",
            "emails_sent": 0,
            "send_time": "",
            "recipients": {},
            "settings": {"folder_id": "", "auto_footer": True, "title": ""},
        }
        self.contents[ident] = {}
        return self._changed(self.campaigns[ident], request)

    def _changed(self, found: dict[str, Any], request: Request) -> dict[str, Any]:
        given = request.body
        settings = given.get("settings", {})
        if len(settings.get("subject_line", "")) > 150:
            raise _refusal(400, "Invalid Resource", "subject_line: 150 characters at most")
        if "recipients" in given:
            ident = given["recipients"]["list_id"]
            self._list(request, ident)
            options = given["recipients"].get("segment_opts", {})
            if "match" not in options:  # a segment is passed over without it
                options = {}
            segment = options.get("saved_segment_id")
            found["recipients"] = {
                "list_id": ident,
                **({"segment_opts": options} if options else {}),
                "list_name": "Weekly",
                "recipient_count": len(self._to(segment)),
            }
        found["settings"].update(settings)
        return found

    def _to(self, segment: int | None) -> list[str]:
        return [one for one in self.readers if not segment or one in self.segments[segment]]

    def _one(self, ident: str, *, editable: bool = False) -> dict[str, Any]:
        if ident not in self.campaigns:
            raise _refusal(404, "Resource Not Found", "The requested resource could not be found.")
        if editable and self.campaigns[ident]["status"] not in _EDITABLE:
            raise _refusal(400, "Bad Request", "Cannot update this campaign in its status.")
        return self.campaigns[ident]

    def _get(self, _: Request, ident: str) -> object:
        return self._one(ident)

    def _patch(self, request: Request, ident: str) -> object:
        return self._changed(self._one(ident, editable=True), request)

    def _content(self, _: Request, ident: str) -> object:
        self._one(ident)
        return {**self.contents[ident], "archive_html": ""}

    def _set_content(self, request: Request, ident: str) -> object:
        self._one(ident, editable=True)
        given = request.body
        self.contents[ident] = {"html": given["html"], "plain_text": given.get("plain_text") or "…"}
        return self.contents[ident]

    def _checklist(self, _: Request, ident: str) -> dict[str, Any]:
        found = self._one(ident)
        to = found["recipients"]["recipient_count"]
        checks = [
            ("List", to > 0, "Your campaign has no recipients."),
            ("Subject", bool(found["settings"].get("subject_line")), "There is no subject."),
            ("HTML Email", bool(self.contents[ident].get("html")), "Your campaign has no content."),
        ]
        items = [
            {"type": "success" if fine else "error", "id": 500, "heading": name, "details": said}
            for name, fine, said in checks
        ]
        return {"is_ready": all(fine for _, fine, _ in checks), "items": items}

    def _test(self, request: Request, ident: str) -> None:
        subject = self.message(ident, next(iter(self.readers)))[0]
        self.tests += [(f"[Test] {subject}", one) for one in request.body["test_emails"]]

    def _ready(self, request: Request, ident: str) -> dict[str, Any]:
        found = self._one(ident)
        if found["status"] != "save" or not self._checklist(request, ident)["is_ready"]:
            raise _refusal(400, "Bad Request", "Your Campaign is not ready to send.")
        return found

    def _send(self, request: Request, ident: str) -> None:
        self._ready(request, ident)["status"] = "sending"
        if not self.slow:
            self.finish(ident)

    def _schedule(self, request: Request, ident: str) -> None:
        at = datetime.fromisoformat(request.body["schedule_time"])
        if at.minute % 15 or at.second or at.utcoffset() != timedelta():
            raise _refusal(
                400, "Bad Request", "Campaigns may only be scheduled on the quarter-hour"
            )
        if at <= self.now:
            raise _refusal(400, "Bad Request", "You cannot schedule a campaign in the past.")
        self._ready(request, ident).update(status="schedule", send_time=at.isoformat())

    def _unschedule(self, _: Request, ident: str) -> None:
        found = self._one(ident)
        if found["status"] != "schedule":
            raise _refusal(400, "Bad Request", "This campaign is not scheduled.")
        found.update(status="save", send_time="")

    def tick(self, now: datetime) -> None:
        super().tick(now)
        for ident, one in self.campaigns.items():
            if one["status"] == "schedule" and datetime.fromisoformat(one["send_time"]) <= now:
                self.finish(ident)

    def finish(self, ident: str) -> None:
        found = self.campaigns[ident]
        readers = self._to(found["recipients"].get("segment_opts", {}).get("saved_segment_id"))
        found.update(status="sent", emails_sent=len(readers))
        self.deliveries += [(self.message(ident, one)[0], one) for one in readers]

    def _report(self, _: Request, ident: str) -> object:
        found = self._one(ident)
        if found["status"] != "sent":
            raise _refusal(404, "Resource Not Found", "The requested resource could not be found.")
        return {
            "emails_sent": found["emails_sent"],
            "opens": {"opens_total": 5, "unique_opens": 2},
            "clicks": {"clicks_total": 4, "unique_clicks": 3, "unique_subscriber_clicks": 1},
            "bounces": {"hard_bounces": 1, "soft_bounces": 2, "syntax_errors": 0},
            "unsubscribed": 1,
        }

    def message(self, ident: str, reader: str) -> tuple[str, str, str]:
        """Subject, HTML and plain text as a reader gets them."""
        content, subject = self.contents[ident], self.campaigns[ident]["settings"]["subject_line"]
        html, plain = content["html"], content["plain_text"]
        if "*|UNSUB|*" not in html or "LIST_ADDRESS_HTML|*" not in html:
            html += FOOTER
            plain += FOOTER
        name = self.readers[reader]
        at = f"https://weekly.us21.list-manage.com/{{}}?u={reader}"
        facts = {
            "FNAME": name,
            "UNSUB": at.format("unsubscribe"),
            "UPDATE_PROFILE": at.format("profile"),
            "ARCHIVE": "https://mailchi.mp/archive",
            "LIST:ADDRESS": ADDRESS,
            "HTML:LIST_ADDRESS_HTML": f"<span>{escape(ADDRESS)}</span>",
        }
        return merged(subject, facts), merged(html, facts), merged(plain, facts)


def merged(source: str, facts: dict[str, str]) -> str:
    """What Mailchimp makes of merge tags; one that it does not know becomes nothing."""
    source = _IF.sub(lambda it: it[2] if facts.get(it[1]) else it[3] or "", source)
    return _TAG.sub(lambda it: facts.get(it[1], ""), source)


def _only(whole: dict[str, Any], names: list[str]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name in names:
        top, _, below = name.partition(".")
        if top in whole:
            kept[top] = {below: whole[top].get(below)} if below else whole[top]
    return kept


def _page(kind: str, found: list[dict[str, Any]], request: Request) -> dict[str, Any]:
    count, offset = int(request.query.get("count", 10)), int(request.query.get("offset", 0))
    if count > 1000:
        raise _refusal(400, "Invalid Resource", "count: 1000 at most")
    return {kind: found[offset : offset + count], "total_items": len(found)}


def _refusal(status: int, title: str, detail: str) -> RefusalError:
    kind = "https://mailchimp.com/developer/marketing/docs/errors/"
    said = {"type": kind, "title": title, "status": status, "detail": detail, "instance": "5d3a"}
    return RefusalError(status, said)
