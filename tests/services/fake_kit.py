"""Kit's API v4: its rules as its documentation states them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fake_templates import BadTemplateError, liquid, rendered, seen
from fakes import Fake, RefusalError, Request

KEY = "kit_key-of-a-fake"
_FIELDS = {
    "subject": str,
    "content": str,
    "description": str,
    "public": bool,
    "send_at": str | None,
    "email_template_id": int,
    "email_address": str,
    "subscriber_filter": list,
}
_HEAVY = ("content", "email_address", "email_template", "subscriber_filter")
_SENDERS = {"series@example.org", "other@example.org", "notes@northgate.example"}


@dataclass
class FakeKit(Fake):
    broadcasts: dict[int, dict[str, Any]] = field(default_factory=dict)
    readers: dict[str, tuple[str, set[int]]] = field(default_factory=dict)
    """First name and tags by address."""
    tags: dict[int, str] = field(default_factory=lambda: {7: "Letters", 8: "Other"})
    segments: dict[int, str] = field(default_factory=lambda: {5: "Warm"})
    templates: dict[int, str] = field(default_factory=lambda: {1: "{}", 6: "<div>{}</div>"})
    statistics: bool = True
    tracking: bool = True
    how: str = "reparsed"
    """Whether it writes a broadcast's HTML anew before it fills it in, or leaves it `as it is`."""
    lag: int = 0
    """How many of the newest broadcasts the list does not show yet."""
    stale: bool = False
    """Whether the list shows every broadcast as it was made."""
    forgetful: bool = False
    """Whether it takes a time and does nothing at it."""

    def __post_init__(self) -> None:
        for number in range(3):
            self.readers[f"rec{number}@example.net"] = (f"Reader{number}", {7})
        self.readers["else@example.net"] = ("Else", set())

    def stored(self) -> list[dict[str, Any]]:
        return list(self.broadcasts.values())

    def nameless(self) -> list[str]:
        return [self.message(self.only()["id"], "nobody@example.net")[1]]

    def handle(self, request: Request) -> tuple[int, object]:
        if request.headers.get("x-kit-api-key") != KEY:
            raise _refusal(401, "The access token is invalid")
        one = r"/v4/broadcasts/(\d+)"
        routes: list[tuple[str, str, Any, int]] = [
            ("GET", "/v4/account", self._account, 200),
            ("GET", "/v4/subscribers", self._subscribers, 200),
            ("GET", r"/v4/tags/(\d+)/subscribers", self._subscribers, 200),
            ("GET", "/v4/tags", lambda asked: self._named(asked, "tags", self.tags), 200),
            ("GET", "/v4/segments", self._list_segments, 200),
            ("GET", "/v4/broadcasts", self._list, 200),
            ("POST", "/v4/broadcasts", self._create, 201),
            ("GET", one, lambda _, number: {"broadcast": self._one(number)}, 200),
            ("PUT", one, self._update, 200),
            ("GET", f"{one}/stats", self._stats, 200),
        ]
        for method, path, does, status in routes:
            match = re.fullmatch(path, request.path)
            if match and method == request.method:
                return status, does(request, *map(int, match.groups()))
        raise _refusal(404, "Not Found")

    def _account(self, _: Request) -> object:
        return {"user": {"email": "ada@example.org"}, "account": {"id": 1, "name": "Ada's"}}

    def _subscribers(self, request: Request, tag: int | None = None) -> object:
        assert request.query["status"] == "active", "others get no mail"
        found = [{"id": n} for n, (_, tags) in enumerate(self.readers.values()) if _in(tag, tags)]
        return self._page(request, "subscribers", found)

    def _list_segments(self, request: Request) -> object:
        return self._named(request, "segments", self.segments)

    def _named(self, request: Request, what: str, names: dict[int, str]) -> object:
        return self._page(request, what, [{"id": one, "name": names[one]} for one in names])

    def _page(self, request: Request, what: str, items: list[dict[str, Any]]) -> object:
        size = int(request.query.get("per_page", 500))
        start = int(request.query.get("after", 0))
        facts: dict[str, object] = {
            "has_previous_page": start > 0,
            "has_next_page": len(items) > start + size,
            "start_cursor": str(start),
            "end_cursor": str(start + size),
            "per_page": size,
        }
        if request.query.get("include_total_count") == "true":
            facts["total_count"] = len(items)
        return {what: items[start : start + size], "pagination": facts}

    def _list(self, request: Request) -> object:
        newest = [self.broadcasts[one] for one in sorted(self.broadcasts, reverse=True)]
        if request.query.get("slim") == "true":
            newest = [_without(one, *_HEAVY) for one in newest]
        if self.stale:
            newest = [{**one, "status": "draft"} for one in newest]
        return self._page(request, "broadcasts", newest[self.lag :])

    def _one(self, number: int) -> dict[str, Any]:
        if number not in self.broadcasts:
            raise _refusal(404, "Not Found")
        return self.broadcasts[number]

    def _create(self, request: Request) -> object:
        number = 20 + len(self.broadcasts)
        self.broadcasts[number] = {
            "id": number,
            "publication_id": 900 + number,
            "created_at": "2026-10-06T08:00:00Z",
            "subject": "",
            "preview_text": None,
            "description": None,
            "content": None,
            "public": False,
            "published_at": None,
            "send_at": None,
            "email_address": "ada@example.org",
            "email_template": {"id": 6, "name": "Classic"},
            "subscriber_filter": [{"all": [{"type": "all_subscribers"}], "any": None}],
            "status": "draft",
        }
        return self._changed(number, request.body)

    def _update(self, request: Request, number: int) -> object:
        if self._one(number)["status"] in ("sending", "completed"):
            raise _refusal(422, "This broadcast has been sent")
        return self._changed(number, request.body)

    def _changed(self, number: int, given: dict[str, Any]) -> object:
        found = self.broadcasts[number]
        for name, value in given.items():
            if name not in _FIELDS or not isinstance(value, _FIELDS[name]):
                raise _refusal(422, f"{name} is invalid")
        if given.get("email_address", "series@example.org") not in _SENDERS:
            raise _refusal(422, "Email address is not confirmed")
        template = given.get("email_template_id", found["email_template"]["id"])
        if template not in self.templates:
            raise _refusal(422, "Email template is invalid")
        found |= _without(given, "email_template_id")
        found["email_template"] = {"id": template, "name": "Classic"}
        scheduled = found["send_at"] and not self.forgetful
        found["status"] = "scheduled" if scheduled else "draft"
        self.tick(datetime.now(UTC))
        return {"broadcast": found}

    def tick(self, now: datetime) -> None:
        super().tick(now)
        for number, one in self.broadcasts.items():
            if one["status"] == "scheduled" and datetime.fromisoformat(one["send_at"]) <= now:
                one["status"] = "sending"
                if not self.slow:
                    self.finish(number)

    def finish(self, number: int) -> None:
        """Mail a broadcast to everybody whom its filter lets through."""
        found = self.broadcasts[number]
        try:
            self.message(number, "x@example.net")
        except BadTemplateError:
            found["status"] = "aborted"
            return
        for address, (_, tags) in self.readers.items():
            if _gets(found["subscriber_filter"], tags):
                self.deliveries.append((seen(self.message(number, address)[0]), address))
        found["status"] = "completed"

    def message(self, number: int, address: str) -> tuple[str, str]:
        """Subject and HTML as a reader gets them, in the template that stands around it."""
        found = self.broadcasts[number]
        facts = {
            "subscriber.first_name": self.readers.get(address, ("", set()))[0],
            "unsubscribe_url": f"https://unsubscribe.kit.com/{address}",
            "subscriber_preferences_url": f"https://preferences.kit.com/{address}",
        }
        content = rendered(liquid, found["content"], facts, self.how)
        around = self.templates[found["email_template"]["id"]]
        return liquid(found["subject"], facts), around.format(content)

    def _stats(self, _: Request, number: int) -> object:
        if not self.statistics:
            raise _refusal(403, "Upgrade to see statistics")
        subject = seen(self.broadcasts[number]["subject"])
        count = sum(one == subject for one, _ in self.deliveries)
        numbers = {"recipients": count, "emails_opened": 2, "total_clicks": 1, "open_rate": 66.7}
        numbers |= {"unsubscribes": 1, "open_tracking_disabled": not self.tracking}
        return {"broadcast": {"id": number, "stats": numbers}}


def _in(tag: int | None, tags: set[int]) -> bool:
    return tag is None or tag in tags


def _gets(groups: list[dict[str, Any]], tags: set[int]) -> bool:
    [group] = groups
    if group.get("any"):
        return any(tags & set(item["ids"]) for item in group["any"] if item["type"] == "tag")
    return group["all"] == [{"type": "all_subscribers"}]


def _without(one: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name not in names}


def _refusal(status: int, message: str) -> RefusalError:
    return RefusalError(status, {"errors": [message]})
