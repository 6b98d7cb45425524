"""Ghost 6.65 as it behaves: its rules as recorded from a real one, and as its source has them."""

from __future__ import annotations

import hmac
import json
import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fake_ghost_editor import lexical, mailgun, received
from fakes import Fake, RefusalError, Request

KEY = f"{'ab' * 12}:{'0c' * 32}"
STAFF = f"{'cd' * 12}:{'0e' * 32}"
_BLANK = ("feature_image", "codeinjection_head", "codeinjection_foot", "custom_template")
_BLANK += ("canonical_url", "og_image", "og_title", "og_description", "twitter_image")
_BLANK += ("twitter_title", "twitter_description", "meta_title", "meta_description", "frontmatter")
_BLANK += ("feature_image_alt", "feature_image_caption", "mobiledoc")
_JOINED = ("tags", "authors", "tiers", "newsletter", "email", "count", "primary_author")
_JOINED += ("primary_tag",)


@dataclass
class FakeGhost(Fake):
    newsletters: list[dict[str, Any]] = field(default_factory=list)
    members: dict[str, tuple[str, str]] = field(default_factory=dict)
    """(name, newsletter) by address."""
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    tests: list[tuple[str, str]] = field(default_factory=list)
    counts: bool = True
    _ids: int = 0

    def __post_init__(self) -> None:
        self.add_newsletter("default-newsletter", "Series")
        for number in range(3):
            self.members[f"m{number}@example.net"] = (f"Mem{number} <&> Ber", "default-newsletter")

    def add_newsletter(self, slug: str, name: str, status: str = "active") -> None:
        self.newsletters.append(
            {"id": self._id(), "slug": slug, "name": name, "status": status, "sort_order": 0}
        )

    def _id(self) -> str:
        self._ids += 1
        return f"{self._ids:024x}"

    def stored(self) -> list[dict[str, Any]]:
        return list(self.posts.values())

    def nameless(self) -> list[str]:
        self.members["nobody@example.net"] = ("", "default-newsletter")
        return [*self.message(self.only(), "nobody@example.net")]

    def handle(self, request: Request) -> tuple[int, object]:
        staff = self._who(request.headers.get("authorization", "")) == STAFF
        base = "/ghost/api/admin"
        one = rf"{base}/posts/([0-9a-f]{{24}})/"
        routes: list[tuple[str, str, Any]] = [
            ("GET", f"{base}/newsletters/", self._get_newsletters),
            ("GET", f"{base}/posts/", self._query),
            ("POST", f"{base}/posts/", self._create),
            ("GET", rf"{base}/posts/slug/([\w-]+)/", self._by_slug),
            ("GET", one, self._get),
            ("PUT", one, self._update),
        ]
        for method, pattern, does in routes:
            match = re.fullmatch(pattern, request.path)
            if match and method == request.method:
                return (201 if method == "POST" else 200), does(request, *match.groups())
        preview = re.fullmatch(rf"{base}/email_previews/posts/([0-9a-f]{{24}})/", request.path)
        if preview and not staff:
            message = "API tokens do not have permission to access this endpoint"
            raise RefusalError(403, error(message, "NoPermissionError"))
        if preview and request.method == "POST":
            self._test(preview[1], request.body["emails"])
            return 204, b""
        raise RefusalError(404, error("Resource not found", "NotFoundError"))

    def _who(self, authorization: str) -> str:
        """The key that signed a token of the last five minutes, for the Admin API."""
        try:
            scheme, token = authorization.split(" ")
            header, claims, signature = token.split(".")
            head, said = (json.loads(_decoded(part)) for part in (header, claims))
        except ValueError:
            raise RefusalError(
                400, error("Invalid token", "BadRequestError", code="INVALID_JWT")
            ) from None
        keys = {key.partition(":")[0]: key for key in (KEY, STAFF)}
        if head.get("kid") not in keys or scheme != "Ghost":
            message, code = "Unknown Admin API Key", "UNKNOWN_ADMIN_API_KEY"
            raise RefusalError(401, error(message, "UnauthorizedError", code=code))
        key = keys[head["kid"]]
        secret = bytes.fromhex(key.partition(":")[2])
        right = hmac.digest(secret, f"{header}.{claims}".encode(), "sha256")
        seconds = datetime.now(UTC).timestamp()
        fine = (
            head.get("alg") == "HS256"
            and hmac.compare_digest(right, _decoded(signature))
            and said.get("aud") == "/admin/"
            and said["iat"] + 300 >= seconds
            and said["iat"] <= said["exp"] <= said["iat"] + 300
            and said["exp"] >= seconds
        )
        if not fine:
            raise RefusalError(401, error("Invalid token", "UnauthorizedError", code="INVALID_JWT"))
        return key

    def _get_newsletters(self, request: Request) -> object:
        def shown(one: dict[str, Any]) -> dict[str, Any]:
            if not self.counts or "count.active_members" not in request.query.get("include", ""):
                return one
            size = sum(newsletter == one["slug"] for _, newsletter in self.members.values())
            return {**one, "count": {"active_members": size}}

        return _paged("newsletters", [shown(one) for one in self.newsletters], request)

    def _query(self, request: Request) -> object:
        """Drafts and all else too; the newest first, as nobody asks for an order here."""
        asked = re.fullmatch(r"tag:([\w-]+)\+status:\[([\w,]+)\]", request.query["filter"])
        assert asked, "a filter that this fake can't read"
        tag, statuses = asked[1], asked[2].split(",")
        found = [
            self._shown(one, request.query.get("include"))
            for one in sorted(self.posts.values(), key=lambda it: it["id"], reverse=True)
            if one["status"] in statuses and tag in [it["slug"] for it in one["tags"]]
        ]
        return _paged("posts", found, request)

    def _by_slug(self, request: Request, slug: str) -> object:
        for one in self.posts.values():
            if one["slug"] == slug:
                return self._answer(one, request)
        message = "Resource not found error, cannot read post."
        raise RefusalError(404, error(message, "NotFoundError", context="Post not found."))

    def _one(self, ident: str) -> dict[str, Any]:
        if ident not in self.posts:
            message = "Resource not found error, cannot read post."
            raise RefusalError(404, error(message, "NotFoundError", context="Post not found."))
        return self.posts[ident]

    def _get(self, request: Request, ident: str) -> object:
        return self._answer(self._one(ident), request)

    def _answer(self, post: dict[str, Any], request: Request) -> object:
        shown = self._shown(post, request.query.get("include"))
        names = request.query.get("fields")
        return {"posts": [{name: shown[name] for name in names.split(",")} if names else shown]}

    def _shown(self, post: dict[str, Any], include: str | None) -> dict[str, Any]:
        """What is joined to a post only where it was asked for, unless nothing was asked for."""
        wanted = _JOINED if include is None else [one.split(".")[0] for one in include.split(",")]
        return {key: value for key, value in post.items() if key not in _JOINED or key in wanted}

    def _create(self, request: Request) -> object:
        given = request.body["posts"][0]
        if "title" not in given:
            message = "Validation error, cannot save post."
            raise RefusalError(422, error(message, "ValidationError", property="0"))
        ident, stamp = self._id(), _stamp(self.now)
        post = {
            "id": ident,
            "uuid": f"78df3d98-4ae3-4655-b490-{self._ids:012}",
            "comment_id": ident,
            "slug": self._free(given.get("slug") or "untitled"),
            "featured": False,
            "status": "draft",
            "visibility": "public",
            "created_at": stamp,
            "updated_at": stamp,
            "published_at": None,
            "custom_excerpt": None,
            "excerpt": "",
            "reading_time": 0,
            "email_subject": None,
            "email_segment": "all",
            "email_only": False,
            "url": f"{self.url}/p/{ident}/",
            "primary_author": {},
            "primary_tag": None,
            "lexical": lexical(""),
            "authors": [],
            "tiers": [],
            "tags": [],
            "newsletter": None,
            "email": None,
            "count": {"clicks": 0, "positive_feedback": 0, "negative_feedback": 0},
            **dict.fromkeys(_BLANK),
        }
        self.posts[ident] = post
        self._write(post, given, request)
        return {"posts": [post]}

    def _free(self, slug: str) -> str:
        taken = {one["slug"] for one in self.posts.values()}
        others = (f"{slug}-{number}" for number in range(2, 100))
        return slug if slug not in taken else next(one for one in others if one not in taken)

    def _write(self, post: dict[str, Any], given: dict[str, Any], request: Request) -> None:
        known = ("title", "custom_excerpt", "email_subject", "email_only", "status", "published_at")
        post.update({key: value for key, value in given.items() if key in known})
        if "html" in given and request.query.get("source") == "html":
            post["lexical"] = lexical(given["html"])
        if "tags" in given:
            post["tags"] = [self._tag(one["name"]) for one in given["tags"]]

    def _tag(self, name: str) -> dict[str, Any]:
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower().replace("#", "hash-")).strip("-")
        internal = name.startswith("#")
        return {"name": name, "slug": slug, "visibility": "internal" if internal else "public"}

    def _update(self, request: Request, ident: str) -> object:
        post, given = self._one(ident), request.body["posts"][0]
        if given.get("updated_at") != post["updated_at"]:
            message = "Saving failed! Someone else is editing this post."
            raise RefusalError(
                409,
                error(message, "UpdateCollisionError", context=message, code="UPDATE_COLLISION"),
            )
        was = post["status"]
        soon = self.now + timedelta(minutes=2)
        if (
            given.get("status") == "scheduled"
            and datetime.fromisoformat(given["published_at"]) < soon
        ):
            said = "Date must be at least 2 minutes in the future."
            message = "Validation error, cannot edit post."
            raise RefusalError(422, error(message, "ValidationError", context=said))
        self._write(post, given, request)
        post["updated_at"] = _stamp(self.now)
        slug = request.query.get("newsletter")
        active = [one for one in self.newsletters if one["status"] == "active"]
        if given.get("status") in ("published", "scheduled") and was == "draft" and slug:
            post["newsletter"] = next((one for one in active if one["slug"] == slug), None)
            post["email_segment"] = request.query.get("email_segment", "all")
        if given.get("status") == "published":
            self._publish(post)
        return {"posts": [post]}

    def _publish(self, post: dict[str, Any]) -> None:
        """Put it on the web, and make its email: the first time, and never again."""
        post["published_at"] = post["published_at"] or _stamp(self.now)
        if post["email_only"]:
            post["status"] = "sent"
        if post["newsletter"] and post["email"] is None:
            stamp = _stamp(self.now)
            post["email"] = {
                "id": self._id(),
                "post_id": post["id"],
                "uuid": f"0667b391-a605-440c-ba46-{self._ids:012}",
                "status": "pending",
                "recipient_filter": post["email_segment"],
                "error": None,
                "error_data": None,
                "email_count": len(self._readers(post)),
                "csd_email_count": None,
                "delivered_count": 0,
                "opened_count": 0,
                "failed_count": 0,
                "subject": post["email_subject"] or post["title"],
                "from": '"Series" <ghost@example.org>',
                "reply_to": None,
                "html": None,
                "plaintext": None,
                "source": post["lexical"],
                "source_type": "lexical",
                "track_opens": True,
                "track_clicks": True,
                "feedback_enabled": False,
                "submitted_at": stamp,
                "newsletter_id": post["newsletter"]["id"],
                "created_at": stamp,
                "updated_at": stamp,
            }
            if not self.slow:
                self.submit(post)

    def submit(self, post: dict[str, Any]) -> None:
        post["email"]["status"] = "submitted"
        subject = post["email"]["subject"]
        self.deliveries += [(mailgun(subject, {}), one) for one in self._readers(post)]

    def tick(self, now: datetime) -> None:
        super().tick(now)
        waiting = [one for one in self.posts.values() if one["status"] == "scheduled"]
        for post in waiting:
            if datetime.fromisoformat(post["published_at"]) <= now:
                post["status"] = "published"
                self._publish(post)

    def _readers(self, post: dict[str, Any]) -> list[str]:
        slug = post["newsletter"]["slug"]
        return [one for one, (_, newsletter) in self.members.items() if newsletter == slug]

    def _test(self, ident: str, addresses: list[str]) -> None:
        post = self._one(ident)
        self.tests += [(f"[Test] {post['email_subject']}", one) for one in addresses]

    def message(self, post: dict[str, Any], reader: str) -> tuple[str, str]:
        """HTML and plain text as a member gets them, the card without Ghost's design around it."""
        name = self.members[reader][0]
        facts = {
            "first_name": name.split(" ")[0],
            "name": name,
            "email": reader,
            "uuid": f"uuid-of-{reader}",
            "unsubscribe_url": f"{self.url}/unsubscribe/?uuid={reader}",
            "list_unsubscribe": f"{self.url}/unsubscribe/?uuid={reader}",
            "manage_account_url": f"{self.url}/#/portal/account",
        }
        return received(post["lexical"], facts)


def _paged(kind: str, found: list[dict[str, Any]], request: Request) -> object:
    limit, page = int(request.query.get("limit", 15)), int(request.query.get("page", 1))
    limit = min(limit, 100)
    pages = max(1, -(-len(found) // limit))
    where = {"page": page, "limit": limit, "pages": pages, "total": len(found)}
    where |= {"next": page + 1 if page < pages else None, "prev": page - 1 or None}  # type: ignore[dict-item]  # None ends the pages
    shown = found[(page - 1) * limit : page * limit]
    return {kind: shown, "meta": {"pagination": where}}


def error(message: str, kind: str, **more: str) -> object:
    named = {"context": None, "details": None, "property": None, "help": None, "code": None}
    ids = {"id": "b5c605f5-ed66-4137-afdf-809e272b2614", "ghostErrorCode": None}
    return {"errors": [{"message": message, "type": kind, **named, **more, **ids}]}


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
