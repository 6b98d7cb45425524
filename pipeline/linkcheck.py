"""Links to the web, asked politely and within bounds whether they still lead somewhere.

What `web` says of requests holds for these.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

import httpx2

from pipeline import files, text
from pipeline.errors import Problem, in_order
from pipeline.web import NOWHERE, NotReachedError, Verdict, Visitor

KEPT = timedelta(days=7)
"""How long a link that was fine is not asked for again."""

_NO_HOST = Verdict("broken", "names no host that can be asked")
_CANNOT_TELL = frozenset({401, 403, 405, 406, 407, 408, 409, 423, 425, 429, 451, 501, 503, 999})
"""Answers to programs, which a reader may never get (RFC 9110 §15; 999 is LinkedIn's own)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A link and the file and line where it stands."""

    url: str
    path: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much is asked at most.

    `links` in all and `seconds` in all; `pause` seconds between two requests to a host, `timeout`
    seconds for each; `redirects` followed; `hosts` asked at the same time.
    """

    links: int = 300
    seconds: float = 120.0
    pause: float = 1.0
    timeout: float = 10.0
    redirects: int = 5
    hosts: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of it.

    `problems` are warnings, one for each place of a broken link; `asked` and `known` count the URLs
    that were asked for and those that were fine a few days ago; `unsure` names each URL of which
    nobody can tell, with the reason.
    """

    problems: tuple[Problem, ...]
    asked: int
    known: int
    unsure: tuple[str, ...]


def check(
    links: Iterable[Asked],
    *,
    cache: Path,
    as_of: datetime,
    bounds: Bounds = Bounds(),
    allow: Collection[str] = (),
    told: Callable[[str], None] = lambda _: None,
) -> Report:
    """Ask for every link to the web; each URL once, its fragment left out.

    `cache` is the file of what was fine before `as_of`; `allow` names hosts that are asked though
    they are private; `told` is called with each URL that was asked for.
    """
    places: dict[str, list[Asked]] = {}
    for link in links:
        if is_asked(link.url):
            places.setdefault(link.url.partition("#")[0], []).append(link)
    before = _read(cache)
    fine = {url: when for url, when in before.items() if as_of - KEPT < when <= as_of}
    lost = {url: _NO_HOST for url in places if not text.host(url)}
    new = [url for url in places if url not in fine and url not in lost]
    verdicts = _ask_all(new[: bounds.links], bounds, frozenset(allow), told)
    if len(set(map(text.host, verdicts))) > 1 and set(verdicts.values()) == {NOWHERE}:
        verdicts = dict.fromkeys(verdicts, Verdict("unsure", "no host could be looked up at all"))
    late = dict.fromkeys(new[bounds.links :], Verdict("unsure", f"more than {bounds.links} links"))
    verdicts |= late | lost
    fine |= {url: as_of for url, verdict in verdicts.items() if verdict.kind == "fine"}
    if fine != before:
        _write(cache, fine)
    return Report(
        problems=in_order(
            Problem(
                path=one.path,
                line=one.line,
                message=f"the link to {one.url} {verdict.why}",
                remedy="correct it, or take the link out",
                rule="link-broken",
                severity="warning",
            )
            for url, verdict in verdicts.items()
            if verdict.kind == "broken"
            for one in places[url]
        ),
        asked=len(verdicts) - len(late) - len(lost),
        known=len(places) - len(new) - len(lost),
        unsure=tuple(
            f"{url}: {verdict.why}" for url, verdict in verdicts.items() if verdict.kind == "unsure"
        ),
    )


def is_asked(url: str) -> bool:
    """Whether a link leads to the web, or is meant to; one that holds a password stays unsaid."""
    return bool(text.host(url)) or (url.lower().startswith(("http:", "https:")) and "@" not in url)


def _read(cache: Path) -> dict[str, datetime]:
    """When each URL was last fine; nothing where the file is missing or broken."""
    try:
        content = json.loads(cache.read_bytes())
        return {url: datetime.fromisoformat(when) for url, when in content["fine"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _write(cache: Path, fine: Mapping[str, datetime]) -> None:
    content = {"fine": {url: when.isoformat() for url, when in sorted(fine.items())}}
    files.replace(cache, json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n")


def _ask_all(
    urls: list[str], bounds: Bounds, allow: frozenset[str], told: Callable[[str], None]
) -> dict[str, Verdict]:
    """A verdict for each URL, in order; hosts side by side, the URLs of a host one by one.

    Threads that still wait when the time is up are left behind: the library bounds each read and
    not their sum, so a server that drips its answer could hold us for ever.
    """
    waiting: SimpleQueue[list[str]] = SimpleQueue()
    by_host: dict[str, list[str]] = {}
    for url in urls:
        by_host.setdefault(text.host(url), []).append(url)
    for one in by_host.values():
        waiting.put(one)
    asking = _Asking(bounds, allow)
    answers: SimpleQueue[tuple[str, Verdict]] = SimpleQueue()
    until = time.monotonic() + bounds.seconds

    def work() -> None:
        while True:
            try:
                host = waiting.get_nowait()
            except Empty:
                return
            for at, url in enumerate(host):
                if at:
                    time.sleep(bounds.pause)
                if time.monotonic() > until:
                    return
                answers.put((url, asking.verdict(url)))

    for _ in range(min(bounds.hosts, len(by_host))):
        Thread(target=work, daemon=True).start()
    found: dict[str, Verdict] = {}
    while len(found) < len(urls) and (left := until - time.monotonic()) > 0:
        try:
            url, verdict = answers.get(timeout=left)
        except Empty:
            break
        found[url] = verdict
        told(url)
    missing = Verdict("unsure", f"no time was left within {bounds.seconds:g} seconds")
    return {url: found.get(url, missing) for url in urls}


class _Asking:
    """Asks one URL after the other whether it leads somewhere."""

    def __init__(self, bounds: Bounds, allow: frozenset[str]) -> None:
        self.bounds = bounds
        self.visitor = Visitor(
            "checks a newsletter's links",
            timeout=bounds.timeout,
            redirects=bounds.redirects,
            allow=allow,
        )

    def verdict(self, url: str) -> Verdict:
        """HEAD, and GET where that does not please the server."""
        try:
            status = self._head(url)
            if status >= 400:
                status = self.visitor.status("GET", url)
        except NotReachedError as error:
            return error.verdict
        except httpx2.TimeoutException:
            return Verdict("unsure", f"gave no answer within {self.bounds.timeout:g} seconds")
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, OSError) as error:
            return Verdict("broken", f"can't be reached ({text.excerpt(str(error), 100)})")
        if status < 400:
            return Verdict("fine")
        return Verdict("unsure" if status in _CANNOT_TELL else "broken", f"answers {status}")

    def _head(self, url: str) -> int:
        try:
            return self.visitor.status("HEAD", url)
        except httpx2.RemoteProtocolError:
            return 501  # some servers hang up on a HEAD
