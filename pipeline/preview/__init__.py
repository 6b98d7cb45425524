"""The preview: a local page that shows the newsletter as readers will meet it, and keeps up.

It answers to this machine alone, serves nothing but what a build would make, and writes nothing:
the one exception is a test mail that a person asks for. What it serves is made by the functions
that builds use; only this layer listens, and only on 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import PartworkError, Problem
from pipeline.mailing import Front

HOST = "127.0.0.1"


def serve(root: Path, front: Front, *, port: int, start: str, ready: Callable[[str], None]) -> None:
    """Serve the newsletter in the folder `root` until Ctrl-C, which raises KeyboardInterrupt.

    `port` 0 takes any that is free; `start` is the moment shown first (`now`, `2026-10-13`).
    `ready` is told the address once it answers. PartworkError where the port is taken or the extra
    `preview` is not installed.
    """
    try:
        from pipeline.preview import server
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn", "watchfiles"):
            raise
        raise _refused(f"{error.name} is needed", "pip install 'partwork[preview]'") from None
    try:
        listening = socket.create_server((HOST, port))
    except OSError as error:
        what = f"port {port} can't be used ({error.strerror or error})"
        raise _refused(what, "name another with --port, or 0 for any that is free") from None
    with listening:
        asyncio.run(server.serve(listening, root, front, start, ready))


def _refused(message: str, remedy: str) -> PartworkError:
    return PartworkError([Problem(path="preview", rule="preview", message=message, remedy=remedy)])
