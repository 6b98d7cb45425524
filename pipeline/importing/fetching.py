"""Remote pictures, fetched within bounds over https, never from a private address."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread

import httpx2

from pipeline import text
from pipeline.web import NotReachedError, Visitor

MAX_BYTES = 20 * 1024 * 1024
MAX_PICTURES = 500
MAX_TOTAL = 200 * 1024 * 1024
SECONDS = 300.0
EACH = 60.0
TIMEOUT = 10.0
REDIRECTS = 5


@dataclass(kw_only=True)
class Fetching:
    """Brings one picture after the other, and stops at its bounds.

    `allow` names hosts that may be private and without https, for tests.
    """

    allow: frozenset[str] = frozenset()
    seconds: float = SECONDS
    pictures: int = MAX_PICTURES
    total: int = MAX_TOTAL
    _known: dict[str, bytes | str] = field(default_factory=dict)
    _until: float = 0.0

    def __call__(self, url: str) -> bytes | str:
        """The picture's bytes, or why there are none."""
        if url not in self._known:
            self._known[url] = self._fetched(url)
        return self._known[url]

    def _fetched(self, url: str) -> bytes | str:
        self._until = self._until or time.monotonic() + self.seconds
        got = [one for one in self._known.values() if isinstance(one, bytes)]
        left = self.total - sum(map(len, got))
        if len(self._known) >= self.pictures:
            return f"is one of more than {self.pictures}"
        if left <= 0 or time.monotonic() > self._until:
            return "came after the bound of all pictures together"
        visitor = Visitor(
            "imports a series' pictures",
            timeout=TIMEOUT,
            redirects=REDIRECTS,
            allow=self.allow,
            secure=True,
        )
        until = min(self._until, time.monotonic() + EACH)
        try:
            return _within(EACH, lambda: visitor.body(url, limit=min(MAX_BYTES, left), until=until))
        except NotReachedError as error:
            return error.verdict.why
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, OSError) as error:
            return f"can't be reached ({text.excerpt(str(error) or type(error).__name__, 100)})"


def _within(seconds: float, fetch: Callable[[], bytes]) -> bytes:
    """What `fetch` gives; TimeoutError after these seconds, however slowly a server drips."""
    answers: SimpleQueue[bytes | Exception] = SimpleQueue()

    def work() -> None:
        try:
            answers.put(fetch())
        except Exception as error:  # given on to who waits
            answers.put(error)

    Thread(target=work, daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except Empty:
        raise TimeoutError(f"no answer within {seconds:g} seconds") from None
    if isinstance(found, Exception):
        raise found
    return found
