"""Server-sent events (HTML Living Standard §9.2): each page learns of the picture after its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pipeline.preview.studio import Studio

PULSE = 0.25
"""Seconds between looks whether the server is to stop: an open page must not hold it up."""


def events(
    studio: Studio, stopping: Callable[[], bool]
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """The endpoint that tells a page when there is something newer than its version."""

    async def stream(version: str) -> AsyncIterator[str]:
        yield "retry: 500\n\n"
        while not stopping():
            news = await studio.news(version, PULSE)
            if news is not None:
                version = news
                yield f"id: {version}\ndata: {version}\n\n"

    async def endpoint(request: Request) -> Response:
        # A browser that lost the connection says what it was told last.
        version = request.headers.get("last-event-id") or request.query_params.get("version", "")
        return StreamingResponse(stream(version), media_type="text/event-stream")

    return endpoint
