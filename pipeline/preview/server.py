"""The server: uvicorn on one socket, the studio beside it."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_urlsafe

import uvicorn

from pipeline.mailing import Front
from pipeline.preview.app import Preview
from pipeline.preview.guard import Guard
from pipeline.preview.studio import Studio
from pipeline.workers import PROCESSES

GRACE = 2
"""Seconds that answers under way have when the server is to stop."""


async def serve(
    listening: socket.socket,
    root: Path,
    front: Front,
    start: str,
    ready: Callable[[str], None],
) -> None:
    """Serve on a socket until the process is told to stop."""
    os.environ[PROCESSES] = "1"  # pages are made in threads, and beside threads a fork is not sound
    host, port = listening.getsockname()[:2]
    studio = Studio(root, front.clock)
    server: uvicorn.Server | None = None

    def stopping() -> bool:
        return server is not None and server.should_exit

    framed = f"/framed/{token_urlsafe(16)}/"
    preview = Preview(studio, front, start, framed, stopping)
    hosts = frozenset((f"{host}:{port}", f"localhost:{port}"))
    config = uvicorn.Config(
        Guard(app=preview.application(), hosts=hosts, framed=framed),
        access_log=False,
        http="h11",
        lifespan="off",
        log_level="warning",
        loop="asyncio",
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        ws="none",
    )
    server = uvicorn.Server(config)
    keeping_up = asyncio.create_task(studio.run())
    try:
        ready(f"http://{host}:{port}/")
        await server.serve(sockets=[listening])
    finally:
        keeping_up.cancel()
        with suppress(asyncio.CancelledError):
            await keeping_up
