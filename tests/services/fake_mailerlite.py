"""MailerLite's API with its rules as its Python client's recorded tests show them (2025-09).

Ids are texts, times are UTC without saying so, the list shows `ready` alone unless asked, and HTML
is taken apart and written anew with comments and a style sheet of MailerLite's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from fake_templates import reparsed, seen
from fakes import Fake, RefusalError, Request

TOKEN = "token-of-a-fake"  # noqa: S105 - it opens nothing
FIRST = 165969226036676056
_TAG = re.compile(r"\{\$(\w+)(?:\|default\('([^']*)'\))?\}")
_UNSENT = ("sent", "hard_bounces_count", "soft_bounces_count", "unsubscribes_count")
_STATS = (*_UNSENT, "unique_opens_count", "unique_clicks_count")


@dataclass
class FakeMailerLite(Fake):
    groups: dict[str, str] = field(default_factory=dict)
    segments: dict[str, str] = field(default_factory=dict)
    readers: dict[str, tuple[str, set[str]]] = field(default_factory=dict)
    """First name and groups by address."""
    campaigns: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.groups = {"100093655191127682": "Weekly", "107641605251400900": "Others"}
        self.segments = {"139794711363717070": "Friends"}
        for number in range(3):
            address = f"rec{number}@example.net"
            self.readers[address] = (f"Reader{number}", {"100093655191127682"})

    def stored(self) -> list[dict[str, Any]]:
        return list(self.campaigns.values())

    def nameless(self) -> list[str]:
        self.readers["nobody@example.net"] = ("", {"100093655191127682"})
        return [self.message(self.only()["id"], "nobody@example.net")[1]]

    def handle(self, request: Request) -> tuple[int, object]:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise RefusalError(401, {"message": "Unauthenticated."})
        one = r"/api/campaigns/(\d+)"
        routes: list[tuple[str, str, Any]] = [
            ("GET", r"/api/groups", self._list_groups),
            ("GET", r"/api/segments", self._list_segments),
            ("GET", r"/api/timezones", self._timezones),
            ("GET", r"/api/campaigns", self._query),
            ("POST", r"/api/campaigns", self._create),
            ("GET", one, self._get),
            ("PUT", one, self._update),
            ("POST", one + "/schedule", self._schedule),
            ("POST", one + "/cancel", self._cancel),
        ]
        for method, pattern, does in routes:
            match = re.fullmatch(pattern, request.path)
            if match and method == request.method:
                answer = does(request, *match.groups())
                return (201 if does == self._create else 200), answer
        raise RefusalError(404, {"message": "Not found."})

    def _list_groups(self, request: Request) -> object:
        rows = [
            {"id": ident, "name": name, "active_count": len(self._to([ident], []))}
            for ident, name in self.groups.items()
        ]
        return _paged(rows, request)

    def _list_segments(self, request: Request) -> object:
        rows = [{"id": one, "name": name, "total": 2} for one, name in self.segments.items()]
        return _paged(rows, request)

    def _timezones(self, _: Request) -> object:
        names = {"1": "Africa/Abidjan", "371": "Europe/Vilnius", "426": "UTC", "435": "UTC"}
        return {"data": [{"id": ident, "name": name} for ident, name in names.items()]}

    def _to(self, groups: list[str], segments: list[str]) -> list[str]:
        """Nobody named means everybody."""
        if not groups and not segments:
            return list(self.readers)
        return [one for one, (_, member) in self.readers.items() if member & set(groups)]

    def _query(self, request: Request) -> object:
        status = request.query.get("filter[status]", "ready")
        newest_first = sorted(self.campaigns.values(), key=lambda one: one["id"], reverse=True)
        return _paged([_listed(one) for one in newest_first if one["status"] == status], request)

    def _create(self, request: Request) -> object:
        number = str(FIRST + len(self.campaigns))
        self.campaigns[number] = {
            "id": number,
            "type": "regular",
            "status": "draft",
            "delivery_schedule": None,
            "created_at": "2026-10-06 08:00:00",
            "scheduled_for": None,
            "started_at": None,
            "finished_at": None,
            "stopped_at": None,
            "is_stopped": False,
            "missing_data": [],
            "emails": [{"id": f"{number}9", "plain_text": "", "stats": dict.fromkeys(_UNSENT, 0)}],
        }
        self._change(self.campaigns[number], request.body)
        return {"data": _listed(self.campaigns[number])}

    def _change(self, found: dict[str, Any], given: dict[str, Any]) -> None:
        groups, segments = given.get("groups", []), given.get("segments", [])
        for kind, known, asked in (
            ("groups", self.groups, groups),
            ("segments", self.segments, segments),
        ):
            if any(one not in known for one in asked):
                message = f"The selected {kind}.0 is invalid."
                raise RefusalError(422, {"message": message, "errors": {f"{kind}.0": [message]}})
        groups = [] if segments else groups  # "if both are provided, only segments are used"
        email = given["emails"][0]
        written = {key: email[key] for key in ("subject", "from_name", "from")}
        found["name"] = given["name"]
        found["emails"][0].update(written, reply_to=email.get("reply_to", "owner@example.org"))
        if "content" in email:
            found["emails"][0]["content"] = anew(email["content"], email["subject"])
        found["missing_data"] = [] if "content" in found["emails"][0] else ["content"]
        found["filter"] = [
            [{"operator": "in_any", "args": [kind, ids]}]
            for kind, ids in (("groups", groups), ("segments", segments))
            if ids
        ]
        found["basic_filter_for_humans"] = {
            "included_groups": [{"id": int(one), "name": self.groups[one]} for one in groups],
            "excluded_groups": [],
            "included_segments": [{"id": int(one)} for one in segments],
            "excluded_segments": [],
            "all_active_subscribers": not (groups or segments),
        }

    def _one(self, ident: str) -> dict[str, Any]:
        if ident not in self.campaigns:
            raise RefusalError(404, {"message": "Resource not found."})
        return self.campaigns[ident]

    def _get(self, _: Request, ident: str) -> object:
        return {"data": self._one(ident)}

    def _draft(self, ident: str) -> dict[str, Any]:
        found = self._one(ident)
        if found["status"] != "draft":
            raise RefusalError(
                422, {"message": "Only draft campaigns can be changed or scheduled."}
            )
        return found

    def _update(self, request: Request, ident: str) -> object:
        self._change(self._draft(ident), request.body)
        return {"data": self._one(ident)}

    def _schedule(self, request: Request, ident: str) -> object:
        found, given = self._draft(ident), request.body
        if "{$unsubscribe}" not in found["emails"][0].get("content", ""):
            raise RefusalError(422, {"message": "The unsubscribe link is missing."})
        if given["delivery"] == "scheduled":
            when = given["schedule"]
            zone = timedelta(hours=0 if str(when.get("timezone_id")) in ("426", "435") else 2)
            words = f"{when['date']}T{when['hours']}:{when['minutes']}"
            at = datetime.fromisoformat(words).replace(tzinfo=timezone(zone)).astimezone(UTC)
            if at <= self.now:
                raise RefusalError(422, {"message": "The date must be a date after now."})
            found["scheduled_for"] = at.strftime("%Y-%m-%d %H:%M:%S")
        found.update(status="ready", delivery_schedule=given["delivery"])
        answer = {**found, "emails": [dict(found["emails"][0])]}
        if given["delivery"] == "instant" and not self.slow:
            self.finish(ident)
        return {"data": answer}

    def _cancel(self, _: Request, ident: str) -> object:
        found = self._one(ident)
        if found["status"] != "ready":
            raise RefusalError(422, {"message": "Only ready campaigns can be cancelled."})
        found.update(status="draft", is_stopped=True, stopped_at="2026-10-06 09:30:00")
        return {"data": found}

    def tick(self, now: datetime) -> None:
        super().tick(now)
        waiting = [one for one in self.campaigns.values() if one["status"] == "ready"]
        for one in waiting:
            if datetime.fromisoformat(one["scheduled_for"] + "+00:00") <= now:
                self.finish(one["id"])

    def finish(self, ident: str) -> None:
        found = self.campaigns[ident]
        asked = {kind: ids for [rule] in found["filter"] for kind, ids in [rule["args"]]}
        readers = self._to(asked.get("groups", []), asked.get("segments", []))
        found.update(status="sent", started_at="2026-10-06 09:00:00", finished_at="x")
        counts = dict(zip(_STATS, (len(readers), 1, 2, 1, 2, 1), strict=True))
        found["emails"][0]["stats"] = counts
        self.deliveries += [(seen(self.message(ident, one)[0]), one) for one in readers]

    def message(self, ident: str, reader: str) -> tuple[str, str]:
        """Subject and HTML as a reader gets them."""
        email, name = self.campaigns[ident]["emails"][0], self.readers[reader][0]
        facts = {
            "name": name,
            "email": reader,
            "unsubscribe": f"https://click.example/un?{reader}",
            "url": f"https://preview.example/{ident}",
        }
        return filled(email["subject"], facts), filled(email["content"], facts)


def filled(source: str, facts: dict[str, str]) -> str:
    """What MailerLite makes of its variables; one that it does not know becomes nothing."""
    return _TAG.sub(lambda it: facts.get(it[1], "") or it[2] or "", source)


def anew(content: str, subject: str) -> str:
    """HTML as MailerLite writes it: parsed, spaced out, with another title and its own marks."""
    html = reparsed(content)
    html = re.sub(r"<title>.*?</title>", lambda _: f"<title>{subject}</title>", html)
    html = html.replace("<head>", "<head>\n    <!--{$head_top}--><!--{$head_bottom}-->")
    html = re.sub(r"<(p|h1|td)>", r"<\1>\n      ", html).replace("</p>", "\n    </p>")
    own = '<style type="text/css">\n    .mlFooter p {\n    margin: 0;\n    }\n    </style>'
    return html.replace("</body>", f"<!--{{$body_bottom}}-->{own}\n  </body>")


def _listed(campaign: dict[str, Any]) -> dict[str, Any]:
    """As the list and the answer to a creation show it: without the HTML."""
    [email] = campaign["emails"]
    return {**campaign, "emails": [{k: v for k, v in email.items() if k != "content"}]}


def _paged(rows: list[dict[str, Any]], request: Request) -> object:
    limit, page = int(request.query.get("limit", 25)), int(request.query.get("page", 1))
    if limit not in (10, 25, 50, 100):
        raise RefusalError(422, {"message": "The selected limit is invalid."})
    last = max(1, -(-len(rows) // limit))
    meta = {"current_page": page, "last_page": last, "per_page": limit, "total": len(rows)}
    return {"data": rows[(page - 1) * limit : page * limit], "meta": meta}
