"""Requests to addresses on the internet, for URLs that other people wrote.

Every hop of a redirection is looked up first and reached at the very address that was found:
nothing in an article can make a build machine speak to itself or to its network. No cookie, no
credentials, no proxy, and no connection that stays open.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Literal, NamedTuple, TypeVar

import httpx2

from pipeline import __version__, text

_NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 addresses in IPv6 (RFC 6052 §2.1)."""
_ADDRESSES = 3
"""How many of a host's addresses are tried."""

T = TypeVar("T")


class Verdict(NamedTuple):
    """What is thought of a URL, and why."""

    kind: Literal["fine", "broken", "unsure"]
    why: str = ""


NOWHERE = Verdict("broken", "is at no known host")
NOT_NOW = Verdict("unsure", "is at a host that can't be looked up now")


class NotReachedError(Exception):
    """No request can be made; carries the verdict."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.why)
        self.verdict = verdict


class Visitor:
    """Makes requests.

    `purpose` stands in the user agent; `timeout` are seconds for each step of a request,
    `redirects` how many are followed; `allow` names hosts that may be private; `secure` says that
    every hop must be https, but for these hosts.
    """

    def __init__(
        self,
        purpose: str,
        *,
        timeout: float,
        redirects: int,
        allow: Collection[str] = (),
        secure: bool = False,
    ) -> None:
        self.agent = f"partwork/{__version__} ({purpose})"
        self.timeout = timeout
        self.redirects = redirects
        self.allow = frozenset(allow)
        self.secure = secure
        self.transport = httpx2.HTTPTransport(
            trust_env=False,
            limits=httpx2.Limits(max_keepalive_connections=0),
        )

    def status(self, method: str, url: str) -> int:
        """The last answer's status, after redirections; no body is read."""
        return self._followed(method, url, lambda response: response.status_code)

    def body(self, url: str, *, limit: int, until: float) -> bytes:
        """What is there, as sent; NotReachedError where it is more than `limit` bytes or no answer.

        `until` is a moment of `time.monotonic`: a server that drips its answer is left then.
        """

        def read(response: httpx2.Response) -> bytes:
            if response.status_code != 200:
                raise NotReachedError(Verdict("broken", f"answers {response.status_code}"))
            found = bytearray()
            for chunk in response.iter_raw():
                found += chunk
                if len(found) > limit:
                    raise NotReachedError(Verdict("unsure", "is too large"))
                if time.monotonic() > until:
                    raise NotReachedError(Verdict("unsure", "took too long"))
            return bytes(found)

        return self._followed("GET", url, read)

    def _followed(self, method: str, url: str, use: Callable[[httpx2.Response], T]) -> T:
        for _ in range(self.redirects + 1):
            found = self._request(method, url, use)
            if not isinstance(found, httpx2.URL):
                return found
            url = str(found)
        raise NotReachedError(Verdict("broken", f"leads on more than {self.redirects} times"))

    def _request(
        self, method: str, url: str, use: Callable[[httpx2.Response], T]
    ) -> T | httpx2.URL:
        target = httpx2.URL(url).copy_with(fragment=None, username="", password="")
        if target.scheme not in ("http", "https") or not target.host:
            raise NotReachedError(Verdict("broken", f"leads on to {text.excerpt(url, 80)}"))
        if self.secure and target.scheme != "https" and target.host not in self.allow:
            raise NotReachedError(Verdict("unsure", "is not at an https address"))
        *first, last = self._addresses(target)[:_ADDRESSES]
        for address in first:
            with suppress(httpx2.ConnectError, httpx2.ConnectTimeout):
                return self._exchange(method, target, address, use)
        return self._exchange(method, target, last, use)

    def _exchange(
        self, method: str, target: httpx2.URL, address: str, use: Callable[[httpx2.Response], T]
    ) -> T | httpx2.URL:
        """What is made of the answer, or where it leads on; then the connection is closed."""
        request = httpx2.Request(
            method,
            target.copy_with(host=address),
            headers={
                "Host": target.netloc.decode(),
                "User-Agent": self.agent,
                "Accept": "*/*",
                "Accept-Encoding": "identity",
            },
            extensions={
                "sni_hostname": target.raw_host.decode(),
                "timeout": httpx2.Timeout(self.timeout).as_dict(),
            },
        )
        response = self.transport.handle_request(request)
        try:
            location = response.headers.get("location", "")
            if 300 <= response.status_code < 400 and location:
                return target.join(location)
            return use(response)
        finally:
            response.close()

    def _addresses(self, target: httpx2.URL) -> list[str]:
        """A host's addresses, looked up once, so that what was looked at is what is reached."""
        host = target.raw_host.decode()
        try:
            found = socket.getaddrinfo(host, target.port or 443, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            later = error.errno == socket.EAI_AGAIN
            raise NotReachedError(NOT_NOW if later else NOWHERE) from None
        addresses = [str(one[4][0]) for one in found]
        if host not in self.allow and not all(map(is_public, addresses)):
            raise NotReachedError(Verdict("broken", f"leads into a private network, to {host}"))
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
