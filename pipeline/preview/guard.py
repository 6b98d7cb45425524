"""The guard: who may ask, and what a document may do.

A page elsewhere on the web can make a browser ask this server (by a link, an image, a form, or a
name of its own that leads to 127.0.0.1), so each request must name this server as its host, and
where it says which page it comes from, that must be one of ours. Writes must say it. Our frames
have no origin of their own (`null`), like those of anybody: they are known by a key in their
address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
"""What a frame may do: open a link in a new tab. No scripts, no forms, no origin of its own."""

_PAGE = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""The policy of our own pages: nothing inline, nothing from elsewhere."""


def frame_headers(pictures: str = "'self' https:") -> dict[str, str]:
    """The headers of a document made from articles, wherever it is opened."""
    policy = (
        "default-src 'none'",
        f"img-src {pictures}",
        "style-src 'self' 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        f"sandbox {SANDBOX}",
    )
    return {"content-security-policy": "; ".join(policy)}


_COMMON: Mapping[str, str] = {
    "cache-control": "no-store",
    "content-security-policy": _PAGE,
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Around the application: refuses what is foreign, and sets the headers of every answer."""

    app: ASGIApp
    hosts: frozenset[str]
    """`host:port` as browsers write it."""
    framed: str
    """How the addresses of frames begin, in this run alone."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _COMMON.items():
                    headers.setdefault(name, value)
            await send(message)

        why = self.refusal(scope["method"], scope["path"], Headers(scope=scope))
        answer = PlainTextResponse(why, status_code=403) if why else self.app
        await answer(scope, receive, sealed)

    def refusal(self, method: str, path: str, headers: Headers) -> str:
        """Why a request is refused, empty where it is not."""
        if headers.get("host", "").lower() not in self.hosts:
            return "This preview answers to 127.0.0.1 and localhost only.\n"
        origin = headers.get("origin")
        own = origin is None or (origin == "null" and path.startswith(self.framed))
        if own and method in ("GET", "HEAD"):
            return ""
        if (origin or "").lower() not in {f"http://{host}" for host in self.hosts}:
            return "This preview takes no requests from other pages.\n"
        return ""
