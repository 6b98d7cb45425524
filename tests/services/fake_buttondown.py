"""Buttondown's API of 2026-04-01: its rules as its description and documentation state them.

Where they leave open what happens, the worst does: a published email that is published again is
mailed again.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fake_templates import BadTemplateError, django, rendered, seen
from fakes import Fake, RefusalError, Request
from specs_check import Spec

KEY = "key-of-a-fake"
_PAGE = 100
_OUT = {"blocked", "complained", "removed", "unactivated", "undeliverable", "unsubscribed"}


@dataclass
class FakeButtondown(Fake):
    spec: Spec = field(default_factory=lambda: Spec("buttondown"))
    emails: dict[str, dict[str, Any]] = field(default_factory=dict)
    readers: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=lambda: {"tag_1": "Letters", "tag_2": "Other"})
    newsletters: list[dict[str, Any]] = field(
        default_factory=lambda: [_newsletter("another's"), _newsletter(KEY, "tracking")]
    )
    limited: bool = False
    """Whether the key may not see the newsletters."""
    tests: list[tuple[str, str]] = field(default_factory=list)
    duplicate: str = "slug_invalid"
    """How it calls an email whose slug is taken."""
    how: str = "reparsed"
    """Whether it writes an email's HTML anew before it fills in tags, or leaves it `as it is`."""
    forgetful: bool = False
    """Whether it takes a release and does nothing."""
    _answers: dict[str, tuple[int, object]] = field(default_factory=dict)
    _known_key: bool = False
    _ticks: int = 0

    def __post_init__(self) -> None:
        for number in range(3):
            self.add_reader(f"rec{number}@example.net", f"Reader{number} <&>")
        self.add_reader("gone@example.net", "Gone", type="unsubscribed")
        self.broken = self.spec.broken

    def add_reader(self, address: str, name: str, *tags: str, type: str = "regular") -> None:  # noqa: A002 - Buttondown's word
        metadata = {"first_name": name} if name else {}
        self.readers[address] = {"metadata": metadata, "tags": set(tags), "type": type}

    def stored(self) -> list[dict[str, Any]]:
        return list(self.emails.values())

    def nameless(self) -> list[str]:
        return [self.message(self.only()["id"], "nobody@example.net")[1]]

    def handle(self, request: Request) -> tuple[int, object]:
        if request.headers.get("authorization") != f"Token {KEY}":
            raise _refusal(401, "authentication_invalid", "Invalid token.")
        if request.headers.get("x-api-version") != "2026-04-01":
            raise _refusal(400, "version", "Another version of the API answers otherwise.")
        if wrong := self.spec.check_request(request):
            raise RefusalError(422, {"detail": [{"type": "extra_forbidden", "msg": wrong[0]}]})
        once = request.headers.get("x-idempotency-key", "")
        if once in self._answers:
            return self._answers[once]
        status, answer = self._routed(request)
        self.spec.check_answer(request, status, answer)
        if once:
            self._answers[once] = status, json.loads(json.dumps(answer))
        return status, answer

    def _routed(self, request: Request) -> tuple[int, object]:
        one = r"/v1/emails/([^/]+)"
        routes: list[tuple[str, str, Any, int]] = [
            ("GET", "/v1/accounts/me", self._account, 200),
            ("GET", "/v1/newsletters", self._list_newsletters, 200),
            ("GET", "/v1/subscribers", self._subscribers, 200),
            ("GET", r"/v1/tags/([^/]+)", self._tag, 200),
            ("GET", "/v1/emails", self._list, 200),
            ("POST", "/v1/emails", self._create, 201),
            ("GET", one, lambda _, ident: self._email(ident), 200),
            ("PATCH", one, self._update, 200),
            ("POST", f"{one}/publish", self._publish, 200),
            ("POST", f"{one}/send-draft", self._send_test, 200),
            ("GET", f"{one}/renders", self._render, 200),
        ]
        for method, path, does, status in routes:
            match = re.fullmatch(path, request.path)
            if match and method == request.method:
                return status, does(request, *match.groups())
        raise _refusal(404, "not_found", "Not found.")

    def _account(self, _: Request) -> object:
        return {"username": "ada", "email_address": "ada@example.org"}

    def _list_newsletters(self, _: Request) -> object:
        if self.limited:
            raise _refusal(403, "forbidden", "This key may not do that.")
        count = len(self.newsletters)
        return {"results": self.newsletters, "next": None, "previous": None, "count": count}

    def _tag(self, _: Request, ident: str) -> object:
        if ident not in self.tags:
            raise _refusal(404, "not_found", "No such tag.")
        return {"id": ident, "name": self.tags[ident]}

    def _subscribers(self, request: Request) -> object:
        assert request.query["-type"], "the ones who get no mail are left out"
        tag = request.query.get("tag")
        found = [
            address
            for address, one in self.readers.items()
            if one["type"] not in _OUT and (tag is None or tag in one["tags"])
        ]
        return {"results": found[:_PAGE], "next": None, "previous": None, "count": len(found)}

    def _list(self, request: Request) -> object:
        asked = request.query  # neither slug nor metadata is among what is looked at
        found = sorted(self.emails.values(), key=lambda one: str(one["creation_date"]))
        if asked.get("ordering") != "creation_date":
            found.reverse()
        page = int(asked.get("page", 1))
        results = [dict(one) for one in found[(page - 1) * _PAGE : page * _PAGE]]
        if asked.get("excluded_fields") == "body":
            for one in results:
                del one["body"]
        url = f"{self.url}/v1/emails?page={page + 1}"
        more = len(found) > page * _PAGE
        count = len(found)
        return {"results": results, "next": url if more else None, "previous": None, "count": count}

    def _email(self, ident: str) -> dict[str, Any]:
        if ident not in self.emails:
            raise _refusal(404, "not_found", "Not found.")
        return self.emails[ident]

    def _create(self, request: Request) -> object:
        given = request.body
        slug = given.get("slug")
        if slug and any(one["slug"] == slug for one in self.emails.values()):
            raise _refusal(400, self.duplicate, "The slug is already in use.")
        self._check_body(given)
        status = given.get("status", "about_to_send")
        if status == "about_to_send" and not self._known_key:
            self._known_key = "x-buttondown-live-dangerously" in request.headers
            if not self._known_key:
                raise _refusal(400, "sending_requires_confirmation", "Say that you mean it.")
        ident = f"em_{len(self.emails):026}"
        self.emails[ident] = {
            "id": ident,
            "creation_date": self._stamp(),
            "modification_date": "",
            "absolute_url": f"https://buttondown.com/ada/archive/{slug}/",
            "analytics": None,
            "body": "",
            "canonical_url": "",
            "description": "",
            "metadata": {},
            "filters": {"filters": [], "groups": [], "predicate": "and"},
            "secondary_id": None,
            "template": None,
            "publish_date": None,
            **given,
            "status": "draft",
        }
        if status != "draft":
            self._release(ident)
        return self._touched(ident)

    def _check_body(self, given: dict[str, Any]) -> None:
        body = given.get("body") or ""
        if body.lstrip().startswith("---"):
            raise _refusal(400, "body_contains_frontmatter", "The body begins with frontmatter.")
        if given.get("template") == "naked" and "{{ unsubscribe_url }}" not in body:
            raise _refusal(400, "body_invalid", "There is no way to unsubscribe.")

    def _update(self, request: Request, ident: str) -> object:
        found = self._email(ident)
        self._check_body({**found, **request.body})
        found.update({name: value for name, value in request.body.items() if value is not None})
        return self._touched(ident)

    def _publish(self, request: Request, ident: str) -> object:
        self._update(request, ident)
        self._release(ident, request.body.get("publish_date"))
        return self._touched(ident)

    def _release(self, ident: str, when: str | None = None) -> None:
        found = self._email(ident)
        if self.forgetful:
            return
        if when and datetime.fromisoformat(when) > self.now:
            found["status"] = "scheduled"
            return
        found["status"] = "in_flight"
        if not self.slow:
            self.finish(ident)

    def tick(self, now: datetime) -> None:
        super().tick(now)
        for ident, one in self.emails.items():
            if one["status"] == "scheduled" and datetime.fromisoformat(one["publish_date"]) <= now:
                self.finish(ident)

    def finish(self, ident: str) -> None:
        """Mail an email to everybody whom its filters let through."""
        found = self.emails[ident]
        try:
            self.message(ident, "x@example.net")
        except BadTemplateError:
            found["status"] = "errored"
            return
        reached = [address for address in self.readers if self._gets(found, address)]
        subjects = {address: seen(self.message(ident, address)[0]) for address in reached}
        self.deliveries += [(subject, address) for address, subject in subjects.items()]
        counts = {"recipients": len(reached), "deliveries": len(reached), "opens": 2, "clicks": 1}
        counts |= {"temporary_failures": 0, "permanent_failures": 0, "unsubscriptions": 1}
        found["analytics"] = counts
        found["status"] = "sent"
        self._touched(ident)

    def _gets(self, email: dict[str, Any], address: str) -> bool:
        reader, filters = self.readers[address], email["filters"]
        hits = [one["value"] in reader["tags"] for one in filters["filters"]]
        matches = any(hits) if filters["predicate"] == "or" else all(hits)
        return reader["type"] not in _OUT and matches

    def message(self, ident: str, address: str) -> tuple[str, str]:
        """Subject and HTML as a reader gets them."""
        found = self.emails[ident]
        metadata = self.readers.get(address, {"metadata": {}})["metadata"]
        facts = {
            **{f"subscriber.metadata.{name}": value for name, value in metadata.items()},
            "unsubscribe_url": f"https://buttondown.com/unsubscribe/{address}",
            "manage_subscription_url": f"https://buttondown.com/portal/{address}",
            "email.absolute_url": found["absolute_url"],
        }
        mode, _, body = found["body"].partition("-->")
        assert mode == "<!-- buttondown-editor-mode: fancy ", "the mode would be guessed"
        html = rendered(django, body, facts, self.how)
        return django(found["subject"], facts), html

    def _send_test(self, request: Request, ident: str) -> object:
        for address in request.body["recipients"]:
            self.tests.append((self.message(ident, address)[0], address))
        return b""

    def _render(self, _: Request, ident: str) -> object:
        try:
            return {"content": self.message(ident, "preview@example.net")[1]}
        except BadTemplateError as error:
            raise _refusal(400, "body_invalid", str(error)) from None

    def _stamp(self) -> str:
        self._ticks += 1
        return (self.now + timedelta(milliseconds=self._ticks)).isoformat()

    def _touched(self, ident: str) -> dict[str, Any]:
        self.emails[ident]["modification_date"] = self._stamp()
        return self.emails[ident]


def _newsletter(key: str, *features: str) -> dict[str, Any]:
    return {"id": f"news_{key}", "api_key": key, "enabled_features": ["archives", *features]}


def _refusal(status: int, code: str, detail: str) -> RefusalError:
    return RefusalError(status, {"code": code, "detail": detail, "metadata": {}})
