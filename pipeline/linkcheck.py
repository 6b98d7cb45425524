"""Links to the web, asked politely and within bounds whether they still lead somewhere.

Besides services/wire the only module that touches the network. Every hop of a redirection is looked
up first and reached at the very address that was found: nothing in an article can make a build
machine speak to itself or to its network.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Literal, NamedTuple

import httpx2

from pipeline import __version__, files, text
from pipeline.errors import Problem, in_order

AGENT = f"partwork/{__version__} (checks a newsletter's links)"
KEPT = timedelta(days=7)
"""How long a link that was fine is not asked for again."""

_NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 addresses in IPv6 (RFC 6052 §2.1)."""
_ADDRESSES = 3
"""How many of a host's addresses are tried."""
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


class Verdict(NamedTuple):
    """What is thought of a URL, and why."""

    kind: Literal["fine", "broken", "unsure"]
    why: str = ""


_NOWHERE = Verdict("broken", "is at no known host")
_NOT_NOW = Verdict("unsure", "is at a host that can't be looked up now")


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
        if text.host(link.url):
            places.setdefault(link.url.partition("#")[0], []).append(link)
    before = _read(cache)
    fine = {url: when for url, when in before.items() if as_of - KEPT < when <= as_of}
    new = [url for url in places if url not in fine]
    verdicts = _ask_all(new[: bounds.links], bounds, frozenset(allow), told)
    if len(set(map(text.host, verdicts))) > 1 and set(verdicts.values()) == {_NOWHERE}:
        verdicts = dict.fromkeys(verdicts, Verdict("unsure", "no host could be looked up at all"))
    late = dict.fromkeys(new[bounds.links :], Verdict("unsure", f"more than {bounds.links} links"))
    verdicts |= late
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
        asked=len(verdicts) - len(late),
        known=len(places) - len(new),
        unsure=tuple(
            f"{url}: {verdict.why}" for url, verdict in verdicts.items() if verdict.kind == "unsure"
        ),
    )


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


class _NotReachedError(Exception):
    """No request can be made; carries the verdict."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.why)
        self.verdict = verdict


class _Asking:
    """Requests without a memory: no cookie, no credentials, no proxy, no connection kept."""

    def __init__(self, bounds: Bounds, allow: frozenset[str]) -> None:
        self.bounds = bounds
        self.allow = allow
        self.transport = httpx2.HTTPTransport(
            trust_env=False,
            limits=httpx2.Limits(max_keepalive_connections=0),
        )

    def verdict(self, url: str) -> Verdict:
        """HEAD, and GET where that does not please the server."""
        try:
            status = self._status("HEAD", url)
            if status >= 400:
                status = self._status("GET", url)
        except _NotReachedError as error:
            return error.verdict
        except httpx2.TimeoutException:
            return Verdict("unsure", f"gave no answer within {self.bounds.timeout:g} seconds")
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, OSError) as error:
            return Verdict("broken", f"can't be reached ({text.excerpt(str(error), 100)})")
        if status < 400:
            return Verdict("fine")
        return Verdict("unsure" if status in _CANNOT_TELL else "broken", f"answers {status}")

    def _status(self, method: str, url: str) -> int:
        """The last answer's status, after redirections; no body is read."""
        for _ in range(self.bounds.redirects + 1):
            try:
                status, location = self._request(method, url)
            except httpx2.RemoteProtocolError:
                if method == "GET":
                    raise
                return 501  # some servers hang up on a HEAD
            if not (300 <= status < 400 and location):
                return status
            url = str(httpx2.URL(url).join(location))
        raise _NotReachedError(
            Verdict("broken", f"leads on more than {self.bounds.redirects} times")
        )

    def _request(self, method: str, url: str) -> tuple[int, str]:
        target = httpx2.URL(url).copy_with(fragment=None, username="", password="")
        if target.scheme not in ("http", "https") or not target.host:
            raise _NotReachedError(Verdict("broken", f"leads on to {text.excerpt(url, 80)}"))
        *first, last = self._addresses(target)[:_ADDRESSES]
        for address in first:
            with suppress(httpx2.ConnectError, httpx2.ConnectTimeout):
                return self._exchange(method, target, address)
        return self._exchange(method, target, last)

    def _exchange(self, method: str, target: httpx2.URL, address: str) -> tuple[int, str]:
        """The status and where it leads on; the connection is closed with the body unread."""
        request = httpx2.Request(
            method,
            target.copy_with(host=address),
            headers={"Host": target.netloc.decode(), "User-Agent": AGENT, "Accept": "*/*"},
            extensions={
                "sni_hostname": target.raw_host.decode(),
                "timeout": httpx2.Timeout(self.bounds.timeout).as_dict(),
            },
        )
        response = self.transport.handle_request(request)
        try:
            return response.status_code, response.headers.get("location", "")
        finally:
            response.close()

    def _addresses(self, target: httpx2.URL) -> list[str]:
        """A host's addresses, looked up once, so that what was looked at is what is reached."""
        host = target.raw_host.decode()
        try:
            found = socket.getaddrinfo(host, target.port or 443, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            later = error.errno == socket.EAI_AGAIN
            raise _NotReachedError(_NOT_NOW if later else _NOWHERE) from None
        addresses = [str(one[4][0]) for one in found]
        if host not in self.allow and not all(map(is_public, addresses)):
            raise _NotReachedError(Verdict("broken", f"leads into a private network, to {host}"))
        return addresses


def is_public(address: str) -> bool:
    """True for an IP address on the internet (IANA special-purpose address registries)."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if found in _NAT64:
            inner = IPv4Address(int(found) & 0xFFFFFFFF)
        found = inner or found
    return found.is_global and not found.is_multicast
