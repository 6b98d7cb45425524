"""Brevo's API v3 with its rules as its client libraries and documentation have them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fake_templates import BadTemplateError, django, seen
from fakes import Fake, RefusalError, Request

KEY = "xkeysib-of-a-fake"


@dataclass
class FakeBrevo(Fake):
    lists: dict[int, str] = field(default_factory=dict)
    readers: dict[str, tuple[str, set[int]]] = field(default_factory=dict)
    """First name and lists by address."""
    campaigns: dict[int, dict[str, Any]] = field(default_factory=dict)
    tests: list[tuple[str, str]] = field(default_factory=list)
    hourly: int = 100
    """How many more requests about campaigns are answered."""
    counts_pages: bool = False
    """Whether the list's count is of the campaigns on the page, not of all."""
    forgetful: bool = False
    """Whether it takes a time and does nothing at it."""

    def __post_init__(self) -> None:
        self.lists = {3: "Weekly", 4: "Others"}
        for number in range(3):
            self.readers[f"rec{number}@example.net"] = (f"Reader{number}", {3})

    def stored(self) -> list[dict[str, Any]]:
        return list(self.campaigns.values())

    def set_status(self, word: str) -> None:
        self.only().update(status=word, scheduledAt="2026-10-06T12:00:00.000Z")

    def nameless(self) -> list[str]:
        self.readers["nobody@example.net"] = ("", {3})
        return [self.message(self.only()["id"], "nobody@example.net")[1]]

    def handle(self, request: Request) -> tuple[int, object]:
        if request.headers.get("api-key") != KEY:
            raise RefusalError(401, {"message": "Key not found", "code": "unauthorized"})
        one = r"/v3/emailCampaigns/(\d+)"
        routes: list[tuple[str, str, Any]] = [
            ("GET", r"/v3/contacts/lists/(\d+)", self._list),
            ("GET", r"/v3/emailCampaigns", self._query),
            ("POST", r"/v3/emailCampaigns", self._create),
            ("GET", one, self._get),
            ("PUT", one, self._update),
            ("POST", one + "/sendTest", self._test),
            ("POST", one + "/sendNow", self._send),
        ]
        if "emailCampaigns" in request.path:
            if not self.hourly:
                raise RefusalError(429, {"code": "too_many_requests", "message": "too many"})
            self.hourly -= 1
        for method, pattern, does in routes:
            match = re.fullmatch(pattern, request.path)
            if match and method == request.method:
                answer = does(request, *map(int, match.groups()))
                created = pattern == r"/v3/emailCampaigns" and method == "POST"
                return (204, b"") if answer is None else (201 if created else 200, answer)
        raise RefusalError(404, {"message": request.path, "code": "document_not_found"})

    def _list(self, _: Request, number: int) -> object:
        if number not in self.lists:
            raise _not_found("List ID does not exist")
        size = len(self._to([number]))
        name = self.lists[number]
        return {"id": number, "name": name, "totalSubscribers": size, "uniqueSubscribers": size}

    def _to(self, lists: list[int]) -> list[str]:
        return [one for one, (_, on) in self.readers.items() if on & set(lists)]

    def _query(self, request: Request) -> object:
        asked = request.query
        limit, offset = int(asked.get("limit", 50)), int(asked.get("offset", 0))
        if limit > 100:
            raise RefusalError(400, {"code": "out_of_range", "message": "Limit exceeds max value"})
        found = [self.campaigns[one] for one in sorted(self.campaigns)]
        if asked.get("sort", "desc") == "desc":
            found.reverse()
        bare = {"htmlContent": ""} if asked.get("excludeHtmlContent") == "true" else {}
        shown = [{**one, **bare} for one in found[offset : offset + limit]]
        count = len(shown) if self.counts_pages else len(found)
        return {"campaigns": shown, "count": count} if shown else {"count": count}

    def _create(self, request: Request) -> object:
        number = len(self.campaigns) + 41
        self.campaigns[number] = {
            "id": number,
            "type": "classic",
            "status": "draft",
            "replyTo": "[DEFAULT_REPLY_TO]",
            "header": "[DEFAULT_HEADER]",
            "footer": "[DEFAULT_FOOTER]",
            "testSent": False,
            "recipients": {"lists": [], "exclusionLists": []},
            "statistics": {},
        }
        self._change(self.campaigns[number], request.body)
        return {"id": number}

    def _change(self, found: dict[str, Any], given: dict[str, Any]) -> None:
        given = dict(given)
        if "recipients" in given:
            lists = given.pop("recipients")["listIds"]
            if any(one not in self.lists for one in lists):
                raise RefusalError(400, {"code": "invalid_parameter", "message": "List IDs"})
            found["recipients"] = {"lists": lists, "exclusionLists": []}
        found.update(given)
        if given.get("scheduledAt"):
            if datetime.fromisoformat(given["scheduledAt"]) <= self.now:
                message = "Schedule date should be greater than current date"
                raise RefusalError(400, {"code": "invalid_parameter", "message": message})
            if not self.forgetful:
                found["status"] = "queued"

    def _one(self, number: int) -> dict[str, Any]:
        if number not in self.campaigns:
            raise _not_found("Campaign ID does not exist")
        return self.campaigns[number]

    def _get(self, request: Request, number: int) -> object:
        found = self._one(number)
        if request.query.get("statistics") != "globalStats":
            return {**found, "statistics": {}}
        return found

    def _update(self, request: Request, number: int) -> None:
        found = self._one(number)
        if found["status"] not in ("draft", "suspended", "queued"):
            message = "Campaign is already sent or being sent"
            raise RefusalError(400, {"code": "permission_denied", "message": message})
        self._change(found, request.body)

    def _test(self, request: Request, number: int) -> None:
        to = request.body["emailTo"] or list(self.readers)  # nobody means the whole test list
        strangers = [one for one in to if one not in self.readers]
        if strangers:
            raise RefusalError(400, {"message": "no contact", "unexistingEmails": strangers})
        self.tests += [(self._one(number)["subject"], one) for one in to]

    def _send(self, _: Request, number: int) -> None:
        found = self._one(number)
        if found["status"] not in ("draft", "suspended"):
            message = "Campaign is already sent or being sent"
            raise RefusalError(400, {"code": "permission_denied", "message": message})
        found["status"] = "in_process"
        if not self.slow:
            self.finish(number)

    def tick(self, now: datetime) -> None:
        super().tick(now)
        for number, one in self.campaigns.items():
            if one["status"] == "queued" and datetime.fromisoformat(one["scheduledAt"]) <= now:
                self.finish(number)

    def finish(self, number: int) -> None:
        """Send to everybody; a template that does not compile suspends the campaign."""
        found = self.campaigns[number]
        readers = self._to(found["recipients"]["lists"])
        try:
            mailed = [(seen(self.message(number, one)[0]), one) for one in readers]
        except BadTemplateError:
            found["status"] = "suspended"
            return
        self.deliveries += mailed
        found["status"] = "sent"
        counts = {"sent": len(mailed), "delivered": len(mailed), "uniqueViews": 2, "viewed": 5}
        counts |= {"uniqueClicks": 1, "clickers": 1, "hardBounces": 1, "softBounces": 2}
        counts["unsubscriptions"] = 1
        found["statistics"] = {"globalStats": counts}

    def message(self, number: int, reader: str) -> tuple[str, str]:
        """Subject and HTML as a reader gets them."""
        found, name = self.campaigns[number], self.readers[reader][0]
        facts = {
            "contact.FIRSTNAME": name,
            "unsubscribe": f"https://r.example/un?{reader}",
            "update_profile": f"https://r.example/up?{reader}",
            "mirror": f"https://r.example/mr?{reader}",
        }
        return django(found["subject"], facts), django(found["htmlContent"], facts)


def _not_found(message: str) -> RefusalError:
    return RefusalError(404, {"code": "document_not_found", "message": message})
