"""listmonk 6.2 as it behaves: its rules as recorded from a real one, not as documented."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fake_gotemplate import BadTemplateError, has_actions, render
from fakes import Fake, RefusalError, Request

TOKEN = "token-of-a-fake"  # noqa: S105 - it opens nothing
_STATUSES = {"draft", "scheduled", "running", "paused", "cancelled", "finished"}
_DUPLICATE = (
    "Error creating Campaign: pq: duplicate key value violates unique constraint"
    ' "campaigns_archive_slug_key". Key (archive_slug)=({}) already exists.'
)
_STAMP = "2026-10-06T08:00:00.64935Z"
_DEFAULT = '<html><body class="listmonk">{{ template "content" . }}</body></html>'


@dataclass
class FakeListmonk(Fake):
    lists: dict[int, dict[str, Any]] = field(default_factory=dict)
    readers: dict[str, tuple[str, set[int]]] = field(default_factory=dict)
    templates: list[dict[str, Any]] = field(default_factory=list)
    campaigns: dict[int, dict[str, Any]] = field(default_factory=dict)
    tests: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._template("Default campaign template", _DEFAULT)
        self.add_list(4, "Weekly")
        for number in range(3):
            self.add_reader(f"rec{number}@example.net", f"Reader{number} <&> Number", 4)

    def add_list(self, number: int, name: str) -> None:
        self.lists[number] = {
            "id": number,
            "created_at": _STAMP,
            "updated_at": _STAMP,
            "uuid": f"d05000d7-e542-4340-8316-{number:012}",
            "name": name,
            "type": "public",
            "optin": "single",
            "status": "active",
            "tags": [],
            "description": "",
            "subscriber_statuses": {},
            "subscription_created_at": None,
            "subscription_updated_at": None,
        }

    def add_reader(self, address: str, name: str, *lists: int) -> None:
        self.readers[address] = (name, set(lists))

    def stored(self) -> list[dict[str, Any]]:
        return list(self.campaigns.values())

    def nameless(self) -> list[str]:
        return [*self.message(self.only(), "nobody@example.net", "")[1:]]

    def handle(self, request: Request) -> tuple[int, object]:
        if request.headers.get("authorization") != f"token api:{TOKEN}":
            raise RefusalError(403, {"message": "invalid API credentials"})
        for method, pattern, does in self._routes():
            match = re.fullmatch(pattern, request.path)
            if match and method == request.method:
                answer = does(request, *map(int, match.groups()))
                return 200, answer if isinstance(answer, bytes) else {"data": answer}
        raise RefusalError(404, {"message": "Not Found"})

    def _routes(self) -> list[tuple[str, str, Any]]:
        one = r"/api/campaigns/(\d+)"
        return [
            ("GET", r"/api/lists/(\d+)", self._get_list),
            ("GET", r"/api/templates", lambda _: self.templates),
            ("POST", r"/api/templates", self._add_template),
            ("GET", r"/api/campaigns", self._query),
            ("POST", r"/api/campaigns", self._create),
            ("GET", one, self._get),
            ("PUT", one, self._update),
            ("PUT", one + "/status", self._set_status),
            ("POST", one + "/test", self._send_test),
            ("GET", one + "/preview", self._preview),
        ]

    def _get_list(self, _: Request, number: int) -> object:
        if number not in self.lists:
            raise RefusalError(400, {"message": "List not found"})
        size = sum(number in lists for _, lists in self.readers.values())
        return {**self.lists[number], "subscriber_count": size}

    def _template(self, name: str, body: str) -> dict[str, Any]:
        self.templates.append(
            {
                "id": len(self.templates) + 1,
                "created_at": _STAMP,
                "updated_at": _STAMP,
                "name": name,
                "subject": "",
                "type": "campaign",
                "body": body,
                "body_source": None,
                "is_default": not self.templates,
            }
        )
        return self.templates[-1]

    def _add_template(self, request: Request) -> object:
        return self._template(request.body["name"], request.body["body"])

    def _query(self, request: Request) -> object:
        asked = request.query  # `tags` is not among what is looked at
        found = sorted(self.campaigns.values(), key=lambda one: one["created_at"])
        if asked.get("order", "DESC") != "ASC":
            found.reverse()
        if "tag" in asked:
            found = [one for one in found if asked["tag"] in one["tags"]]
        size, page = int(asked.get("per_page", 20)), int(asked.get("page", 1))
        results = found[(page - 1) * size : page * size]
        if asked.get("no_body") == "true":
            results = [{**one, "body": ""} for one in results]
        if not results:
            return {"results": [], "search": "", "query": "", "total": 0, "per_page": 0, "page": 0}
        total = len(found)
        where = {"search": "", "query": "", "per_page": size, "page": page}
        return {"results": results, "total": total, **where}

    def _one(self, number: int) -> dict[str, Any]:
        if number not in self.campaigns:
            raise RefusalError(400, {"message": "Campaign not found"})
        return self.campaigns[number]

    def _get(self, request: Request, number: int) -> object:
        found = self._one(number)
        return {**found, "body": ""} if request.query.get("no_body") == "true" else found

    def _create(self, request: Request) -> object:
        given = self._checked(request.body)
        slug = given["archive_slug"]
        if slug and any(one["archive_slug"] == slug for one in self.campaigns.values()):
            raise RefusalError(500, {"message": _DUPLICATE.format(slug)})
        number = len(self.campaigns) + 20
        stamp = f"2026-10-06T08:{len(self.campaigns):02}:00.64935Z"
        self.campaigns[number] = {
            "id": number,
            "uuid": f"634a8d8f-594a-4047-88c8-{number:012}",
            "created_at": stamp,
            "updated_at": stamp,
            "started_at": None,
            "to_send": 0,
            "sent": 0,
            "views": 0,
            "clicks": 0,
            "bounces": 0,
            "media": [],
            "status": "draft",
            "body_source": None,
            "archive_template_id": None,
            "archive_meta": {},
            **given,
        }
        return self.campaigns[number]

    def _update(self, request: Request, number: int) -> object:
        found = self._one(number)
        if found["status"] not in ("draft", "paused", "scheduled"):
            raise RefusalError(400, {"message": "Cannot update a running or a finished campaign."})
        kept = {**found, "lists": []}  # every other field that is left out keeps its value
        found.update(self._checked({**kept, **request.body}))
        if found["status"] == "scheduled" and found["send_at"] is None:
            found["status"] = "draft"
        return found

    def _checked(self, body: dict[str, Any]) -> dict[str, Any]:
        if not 1 <= len(body.get("name") or "") <= 2000:
            raise RefusalError(400, {"message": "Invalid length for name."})
        if not body.get("lists"):
            raise RefusalError(400, {"message": "Invalid list IDs."})
        send_at = body.get("send_at")
        if send_at and datetime.fromisoformat(send_at) < self.now:
            raise RefusalError(400, {"message": "Scheduled date should be in the future."})
        slug = re.sub(r"[^\w]|_", " ", (body.get("archive_slug") or "").lower()).strip()
        checked = {
            "type": body.get("type") or "regular",
            "name": body["name"],
            "subject": body["subject"],
            "from_email": body.get("from_email") or "listmonk <noreply@example.net>",
            "body": body.get("body") or "",
            "altbody": body.get("altbody") or None,
            "content_type": body.get("content_type") or "richtext",
            "send_at": send_at,
            "tags": [re.sub(r"\s+", "-", tag.strip()) for tag in body.get("tags") or []],
            "headers": body.get("headers") or [],
            "attribs": body.get("attribs") or {},
            "template_id": body.get("template_id") or 1,
            "messenger": body.get("messenger") or "email",
            "archive": bool(body.get("archive")),
            "archive_slug": re.sub(r"\s+", "-", slug) or None,
            "lists": [
                {"id": one, "name": self.lists[one]["name"]}
                for one in body["lists"]
                if one in self.lists
            ],
        }
        self._compiled(checked)
        return checked

    def _compiled(self, campaign: dict[str, Any]) -> None:
        facts = self._facts("x@example.net", "X")
        for field_, name in (("body", "message"), ("altbody", "alt plaintext message")):
            source = campaign[field_] or ""
            try:
                if field_ == "body" or has_actions(source):
                    render(source, facts, html=False)
            except BadTemplateError as error:
                message = f"Error compiling campaign body: error compiling {name}: {error}"
                raise RefusalError(400, {"message": message}) from None

    def _set_status(self, request: Request, number: int) -> object:
        found, status = self._one(number), request.body["status"]
        was = found["status"]
        if status not in _STATUSES:
            message = "Error updating Campaign: pq: invalid input value for enum campaign_status"
            raise RefusalError(500, {"message": f'{message}: "{status}"'})
        refusals = {
            "draft": (was == "scheduled", "Only scheduled campaigns can be saved as drafts."),
            "scheduled": (was in ("draft", "paused"), "Only drafts can be scheduled."),
            "running": (
                was in ("draft", "paused"),
                "Only paused campaigns and drafts can be started.",
            ),
            "paused": (was == "running", "Only active campaigns can be paused."),
            "cancelled": (was in ("running", "paused"), "Only active campaigns can be cancelled."),
        }
        fine, message = refusals.get(status, (True, ""))
        if status == "scheduled" and not found["send_at"]:
            fine, message = False, "Campaign needs a date to be scheduled."
        if not fine:
            raise RefusalError(400, {"message": message})
        # A date holds back what is started by hand, while the answer says that it runs.
        found["status"] = "scheduled" if status == "running" and found["send_at"] else status
        said = {**found, "status": status}
        if found["status"] == "running" and not self.slow:
            self.finish(number)
        return said

    def tick(self, now: datetime) -> None:
        super().tick(now)
        for number, one in self.campaigns.items():
            if one["status"] == "scheduled" and datetime.fromisoformat(one["send_at"]) <= now:
                self.finish(number)

    def finish(self, number: int) -> None:
        """Send a campaign to everybody on its lists; what can't be rendered is sent to nobody."""
        found = self.campaigns[number]
        wanted = {one["id"] for one in found["lists"]}
        readers = [
            (address, name) for address, (name, lists) in self.readers.items() if lists & wanted
        ]
        found["to_send"] = len(readers)
        found["started_at"] = found["updated_at"]
        found["status"] = "finished"
        for address, name in readers:
            try:
                subject, _, _ = self.message(found, address, name)
            except BadTemplateError:
                continue
            self.deliveries.append((subject, address))
            found["sent"] += 1

    def message(self, campaign: dict[str, Any], address: str, name: str) -> tuple[str, str, str]:
        """Subject, HTML and plain text as a reader gets them."""
        facts = self._facts(address, name)
        subject, plain = campaign["subject"], campaign["altbody"] or ""
        if has_actions(subject):
            subject = render(subject, facts, html=False)
        if has_actions(plain):
            plain = render(plain, facts, html=True)
        html = render(campaign["body"], facts, html=True)
        around = next(one for one in self.templates if one["id"] == campaign["template_id"])
        return subject, around["body"].replace('{{ template "content" . }}', html), plain

    def _send_test(self, request: Request, number: int) -> object:
        campaign = {**self._one(number), **self._checked(request.body)}
        known = [one.lower() for one in request.body["subscribers"] if one.lower() in self.readers]
        if not known:
            raise RefusalError(400, {"message": "No known subscribers to test."})
        campaign["template_id"] = self._one(number)["template_id"]
        for address in known:
            subject, _, _ = self.message(campaign, address, self.readers[address][0])
            self.tests.append((subject, address))
        return True

    def _preview(self, _: Request, number: int) -> bytes:
        try:
            return self.message(self._one(number), "demo@example.net", "Demo User")[1].encode()
        except BadTemplateError as error:
            raise RefusalError(400, {"message": f"Error rendering message: {error}"}) from None

    def _facts(self, address: str, name: str) -> dict[str, str]:
        at = f"{self.url}/subscription/{address}"
        return {
            ".Subscriber.FirstName": next((w for w in name.split(" ") if len(w) > 2), name),
            "UnsubscribeURL": at,
            "ManageURL": f"{at}?manage=true",
            "MessageURL": f"{self.url}/campaign/{address}",
            "TrackLink": f"{self.url}/link",
            "TrackView": "",
        }
