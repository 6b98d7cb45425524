"""Resend's broadcasts, API 1.5: their rules as its description and documentation state them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from typing import Any

from fake_templates import handlebars, rendered, seen
from fakes import Fake, RefusalError, Request
from specs_check import Spec

KEY = "re_key-of-a-fake"
SEGMENT = "78261eea-8f8b-4381-83c6-79fa7120f1cf"
_DOMAIN = {"id": "d-1", "name": "example.org", "open_tracking": True, "click_tracking": True}
_LISTED = ("id", "name", "segment_id", "status", "created_at", "scheduled_at", "sent_at")


@dataclass
class FakeResend(Fake):
    spec: Spec = field(default_factory=lambda: Spec("resend"))
    broadcasts: dict[str, dict[str, Any]] = field(default_factory=dict)
    segments: dict[str, str] = field(default_factory=lambda: {SEGMENT: "Weekly", "other": "Other"})
    readers: dict[str, tuple[str, str]] = field(default_factory=dict)
    """First name and segment by address."""
    mails: list[dict[str, Any]] = field(default_factory=list)
    how: str = "reparsed"
    """Whether it writes a broadcast's HTML anew before it fills it in, or leaves it `as it is`."""
    metrics: bool = True
    opened: int = 2
    clicked: int = 1
    domains: list[dict[str, Any]] = field(default_factory=lambda: [_DOMAIN])
    sending_only: bool = False
    """Whether the key may not see the domains."""
    lag: int = 0
    """How many of the newest broadcasts the list does not show yet."""
    stale: bool = False
    """Whether the list shows every broadcast as it was made."""
    _ticks: int = 0

    def __post_init__(self) -> None:
        for number in range(3):
            self.readers[f"rec{number}@example.net"] = (f"Reader{number}", SEGMENT)
        self.readers["else@example.net"] = ("Else", "other")
        self.broken = self.spec.broken

    @property
    def tests(self) -> list[tuple[str, str]]:
        """(subject, reader) of the single mails."""
        return [(one["subject"], reader) for one in self.mails for reader in one["to"]]

    def stored(self) -> list[dict[str, Any]]:
        return list(self.broadcasts.values())

    def set_status(self, word: str) -> None:
        times = dict.fromkeys(("scheduled_at", "sent_at"), "2026-10-06 12:00:00+00")
        self.only().update(status=word, seen="", **times)

    def nameless(self) -> list[str]:
        self.readers["nobody@example.net"] = ("", SEGMENT)
        return [*self.message(self.only()["id"], "nobody@example.net")[1:]]

    def handle(self, request: Request) -> tuple[int, object]:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            raise _refusal(401, "restricted_api_key", "API key is invalid")
        if wrong := self.spec.check_request(request):
            raise _refusal(422, "validation_error", wrong[0])
        one = r"/broadcasts/([^/]+)"
        routes: list[tuple[str, str, Any, int]] = [
            ("GET", r"/segments/([^/]+)", self._segment, 200),
            ("GET", "/domains", self._domains, 200),
            ("GET", "/emails/metrics", self._metrics, 200),
            ("POST", "/emails", self._mail, 200),
            ("GET", "/broadcasts", self._list, 200),
            ("POST", "/broadcasts", self._create, 201),
            ("GET", one, self._get, 200),
            ("PATCH", one, self._update, 200),
            ("POST", f"{one}/send", self._send, 200),
        ]
        for method, path, does, status in routes:
            match = re.fullmatch(path, request.path)
            if match and method == request.method:
                answer = does(request, *match.groups())
                self.spec.check_answer(request, status, answer)
                return status, answer
        raise _refusal(404, "not_found", "Not found")

    def _segment(self, _: Request, ident: str) -> object:
        if ident not in self.segments:
            raise _refusal(404, "not_found", "Segment not found")
        return {"object": "segment", "id": ident, "name": self.segments[ident]}

    def _domains(self, request: Request) -> object:
        if self.sending_only:
            raise _refusal(401, "restricted_api_key", "This API key can only send emails")
        return _paged(self.domains, request)

    def _metrics(self, request: Request) -> object:
        if not self.metrics:
            raise _refusal(403, "invalid_access", "Upgrade to see metrics")
        sent = self.broadcasts[request.query["broadcast_id"]]
        assert request.query["start_date"] <= sent["sent_at"], "the range begins before it was sent"
        count = sum(subject == sent["seen"] for subject, _ in self.deliveries)
        known = {"sent": count, "unique_opened": self.opened, "unique_clicked": self.clicked}
        known |= {"bounced": 0, "unsubscribed": 1}
        return {"totals": {name: known[name] for name in request.query["metrics"].split(",")}}

    def _mail(self, request: Request) -> object:
        self.mails.append(request.body)
        return {"id": f"mail-{len(self.mails)}"}

    def _list(self, request: Request) -> object:
        newest = sorted(self.broadcasts.values(), key=lambda one: str(one["at"]), reverse=True)
        shown = [{name: one[name] for name in _LISTED if name in one} for one in newest[self.lag :]]
        if self.stale:
            shown = [{**one, "status": "draft"} for one in shown]
        return _paged(shown, request)

    def _one(self, ident: str) -> dict[str, Any]:
        if ident not in self.broadcasts:
            raise _refusal(404, "not_found", "Broadcast not found")
        return self.broadcasts[ident]

    def _get(self, _: Request, ident: str) -> object:
        hidden = ("at", "seen")
        return {name: one for name, one in self._one(ident).items() if name not in hidden}

    def _create(self, request: Request) -> object:
        given = dict(request.body)
        send, scheduled = given.pop("send", False), given.pop("scheduled_at", None)
        if given["segment_id"] not in self.segments:
            raise _refusal(404, "not_found", "Segment not found")
        self._ticks += 1
        ident = f"{0xFFFF - self._ticks:08x}-aaaa"  # later ones sort first
        made = self.now + timedelta(milliseconds=self._ticks)
        self.broadcasts[ident] = {
            "object": "broadcast",
            "id": ident,
            "status": "draft",
            "created_at": made.isoformat(" ", "milliseconds").replace("+00:00", "+00"),
            "at": made,
            "html": None,
            "text": None,
            "topic_id": None,
            **given,
        }
        if send:
            self._release(ident, scheduled)
        return {"object": "broadcast", "id": ident}

    def _update(self, request: Request, ident: str) -> object:
        found = self._one(ident)
        if found["status"] not in ("draft", "scheduled"):
            raise _refusal(403, "validation_error", "Only drafts can be changed")
        found.update(request.body)
        return {"object": "broadcast", "id": ident}

    def _send(self, request: Request, ident: str) -> object:
        if self._one(ident)["status"] != "draft":
            raise _refusal(403, "validation_error", "This broadcast was already sent or scheduled")
        self._release(ident, request.body.get("scheduled_at"))
        return {"id": ident}

    def _release(self, ident: str, when: str | None) -> None:
        found = self._one(ident)
        if when and datetime.fromisoformat(when) > self.now:
            found |= {"status": "scheduled", "scheduled_at": when}
            return
        found["status"] = "queued"
        if not self.slow:
            self.finish(ident)

    def tick(self, now: datetime) -> None:
        super().tick(now)
        for ident, one in self.broadcasts.items():
            if one["status"] == "scheduled" and datetime.fromisoformat(one["scheduled_at"]) <= now:
                self.finish(ident)

    def finish(self, ident: str) -> None:
        """Mail a broadcast to everybody in its segment."""
        found = self.broadcasts[ident]
        for address, (_, segment) in self.readers.items():
            if segment == found["segment_id"]:
                found["seen"] = seen(self.message(ident, address)[0])
                self.deliveries.append((found["seen"], address))
        found["status"] = "sent"
        found["sent_at"] = self.now.isoformat(" ", "milliseconds").replace("+00:00", "+00")

    def message(self, ident: str, address: str) -> tuple[str, str, str]:
        """Subject, HTML and text as a reader gets them."""
        found = self.broadcasts[ident]
        facts = {
            "contact.first_name": self.readers.get(address, ("", ""))[0],
            "RESEND_UNSUBSCRIBE_URL": f"https://unsubscribe.resend.com/?to={escape(address)}",
        }
        html = rendered(handlebars, found["html"], facts, self.how)
        return handlebars(found["subject"], facts), html, handlebars(found["text"], facts)


def _paged(items: list[dict[str, Any]], request: Request) -> object:
    after, limit = request.query.get("after"), int(request.query.get("limit", 20))
    start = 1 + next((n for n, one in enumerate(items) if one["id"] == after), -1)
    page = items[start : start + limit]
    return {"object": "list", "has_more": len(items) > start + limit, "data": page}


def _refusal(status: int, name: str, message: str) -> RefusalError:
    return RefusalError(status, {"statusCode": status, "name": name, "message": message})
