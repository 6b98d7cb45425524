"""What every fake service shares: real HTTP on loopback, and accidents at any moment.

A fake holds its service's rules in `handle`, one request at a time. An `Accident` strikes at the
n-th write: before the service did what was asked, or after, but before its answer.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qs, urlsplit

Moment = Literal["before", "after"]
Kind = Literal["kill", "lost", "garbled", "late", "429", "500"]


@dataclass
class Accident:
    """What happens at the n-th write (1-based), counted from when it was set."""

    write: int
    moment: Moment
    kind: Kind

    def __str__(self) -> str:
        return f"{self.kind} {self.moment} write {self.write}"


@dataclass
class Request:
    """A request as a fake sees it; `body` is JSON already read."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any

    @property
    def writes(self) -> bool:
        return self.method != "GET"


class RefusalError(Exception):
    """What a service answers instead of doing what was asked."""

    def __init__(self, status: int, body: object) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


@dataclass
class Fake:
    """The books of a fake: what it delivered to whom, and what was asked of it."""

    deliveries: list[tuple[str, str]] = field(default_factory=list)
    """(subject, reader) in the order they went out."""
    requests: list[Request] = field(default_factory=list)
    accident: Accident | None = None
    victim: int = 0
    """The publisher's process, for the accident that kills it."""
    broken: list[str] = field(default_factory=list)
    """What was asked or answered otherwise than the service's own description has it."""
    url: str = ""
    now: datetime = datetime(2026, 10, 6, 9, 0, tzinfo=UTC)
    slow: bool = False
    """What is released stays on its way until it is finished by hand."""
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _writes: int = 0

    def handle(self, request: Request) -> tuple[int, object]:
        """The service's rules: the status and the answer, bytes or what becomes JSON."""
        raise RefusalError(404, {"message": request.path})

    def stored(self) -> list[dict[str, Any]]:
        """Every draft and what became of it, the oldest first."""
        return []

    def only(self) -> dict[str, Any]:
        """The one thing stored."""
        [one] = self.stored()
        return one

    def set_status(self, word: str) -> None:
        """Let the one thing stored have this status, and what goes with it."""
        self.only()["status"] = word

    def tick(self, now: datetime) -> None:
        """Let the time come for what is scheduled."""
        self.now = now

    def nameless(self) -> list[str]:
        """HTML, and text where it is sent, of the one thing stored, for a reader without a name."""
        return []

    def copies(self) -> Counter[tuple[str, str]]:
        """How often each reader got each subject."""
        return Counter(self.deliveries)

    def order(self) -> list[str]:
        """The subjects in the order in which they first went out."""
        return list(dict.fromkeys(subject for subject, _ in self.deliveries))

    def strike(self, accident: Accident | None) -> None:
        """Let this happen from now on."""
        self.accident, self._writes, self.victim = accident, 0, 0

    def due(self, *, writes: bool, moment: Moment) -> Accident | None:
        """The accident of this moment, if it is one's time; counts the writes."""
        if not writes:
            return None
        if moment == "before":
            self._writes += 1
        at = self.accident
        return at if at and (at.write, at.moment) == (self._writes, moment) else None

    def kill(self) -> None:
        """Kill the publisher, once it is known who that is."""
        while not self.victim:
            time.sleep(0.001)
        with suppress(ProcessLookupError):
            os.kill(self.victim, signal.SIGKILL)


def _handler(fake: Fake) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            request = Request(
                method=self.command,
                path=parts.path,
                query={name: values[-1] for name, values in parse_qs(parts.query).items()},
                headers={name.lower(): value for name, value in self.headers.items()},
                body=json.loads(raw) if raw else None,
            )
            with fake._lock:
                fake.requests.append(request)
                accident = fake.due(writes=request.writes, moment="before")
                if accident is None:
                    try:
                        status, body = fake.handle(request)
                    except RefusalError as refusal:
                        status, body = refusal.status, refusal.body
                    accident = fake.due(writes=request.writes, moment="after")
            if accident is None:
                self.say(status, body)
            else:
                self.fail(accident)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - http.server's names

        def fail(self, accident: Accident) -> None:
            self.close_connection = True
            if accident.kind == "kill":
                fake.kill()
            elif accident.kind == "late":
                time.sleep(2)
            elif accident.kind == "garbled":
                self.say(200, b'{"data": [[[')
            elif accident.kind != "lost":
                self.say(int(accident.kind), {"message": "an accident"})

        def say(self, status: int, body: object) -> None:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Handler


F = TypeVar("F", bound=Fake)


@contextmanager
def served(make: Callable[[], F]) -> Iterator[F]:
    """A fake answering on loopback for as long as the context lasts.

    Whatever is done meanwhile, it asks nothing that the service's description does not know.
    """
    fake = make()

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A publisher that was killed is no error of the server's."""

    with Server(("127.0.0.1", 0), _handler(fake)) as server:
        server.daemon_threads = True
        fake.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield fake
        finally:
            server.shutdown()
    assert fake.broken == []
