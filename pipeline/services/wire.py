"""The wire: the one module that speaks HTTP to mailing services.

It sorts every failure once for all adapters. Where a connection was refused or the service answered
4xx, surely nothing happened: ServiceError. Where the answer to a write was lost, garbled or 5xx, it
may have been done: UncertainSend, and never a second try. Reads are tried again.
"""

from __future__ import annotations

import json
import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping
from email.utils import parsedate_to_datetime
from functools import cached_property
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from threading import Thread
from urllib.parse import urlencode, urlsplit

import httpx2

from pipeline import __version__, text
from pipeline.errors import PartworkError, UncertainSend
from pipeline.services import Context, ServiceError
from pipeline.services.answer import Answer, Facts
from pipeline.services.scrub import credentials, proxy_passwords, scrubbed

MAX_BYTES = 8_000_000
"""An answer longer than this is not read to its end."""
MAX_WAIT = 60.0
"""Seconds a service may ask us to wait (Retry-After, RFC 9110 §10.2.3); beyond, the run ends."""
TRIES = 4
"""How often a read, or a write that was refused with 429, is tried in all."""

_LOG = logging.getLogger("partwork")
_SURE = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)
"""Raised before a request was whole on its way: the service can't have acted on it."""
_REMEDIES = {
    401: "check the secret and what it is allowed to do",
    403: "check the secret and what it is allowed to do, or ask less often",
    404: "check the address and the ids in this table",
    429: "it wants fewer requests: run again later",
}

_Exchange = tuple[int, httpx2.Headers, bytes]


class _LostError(Exception):
    """A request went out and no whole answer came back."""


class _UnsentError(Exception):
    """A request did not go out."""


class Wire:
    """Requests to one service, `base` being the address under which its paths lie.

    `secret` makes the headers that carry the credentials, anew for each request; `headers` are the
    others; `per_minute` is how many requests the service allows within a minute.
    """

    def __init__(
        self,
        context: Context,
        base: str,
        *,
        secret: Callable[[], Mapping[str, str]],
        headers: Mapping[str, str] | None = None,
        per_minute: int | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._context = context
        self._base = base.rstrip("/")
        self._secret = secret
        self._headers = headers or {}
        self._sleep = sleep
        self._latest: deque[float] = deque(maxlen=per_minute or 0)
        self._secrets = {*context.secrets.values(), *proxy_passwords()}
        if wrong := self._wrong_address():
            raise PartworkError([context.problem(wrong, "write https://…", "url")])
        self._loopback = text.is_loopback(urlsplit(base).hostname or "")
        for library in ("httpx2", "httpcore2"):
            logging.getLogger(library).setLevel(logging.WARNING)  # below it they log credentials

    def read(
        self,
        path: str,
        params: Mapping[str, str | int] | None = None,
        *,
        also: Collection[int] = (),
        is_json: bool = True,
    ) -> Answer:
        """GET, tried again while it fails. A status in `also` is an answer and no failure."""
        url = self._base + path + (f"?{urlencode(params)}" if params else "")
        return self._call("GET", url, None, {}, also, is_json)

    def write(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        also: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """POST, PUT, PATCH or DELETE with a JSON body: once, unless refused with 429."""
        return self._call(method, self._base + path, body, headers or {}, also, is_json=True)

    def refused(self, answer: Answer, *, write: bool) -> PartworkError:
        """The failure that a status is; for one in `also` that the adapter has no use for."""
        words = f"it answered {answer.status}: {text.excerpt(answer.text, 200)}".rstrip(": ")
        if 300 <= answer.status < 400:
            words += " (it is at another address)"
        uncertain = write and (answer.status >= 500 or answer.status == 408)
        return self._failure(words, sure=not uncertain, remedy=_REMEDIES.get(answer.status))

    def _call(
        self,
        method: str,
        url: str,
        body: object,
        headers: Mapping[str, str],
        also: Collection[int],
        is_json: bool,
    ) -> Answer:
        write = method != "GET"
        for tried in range(1, TRIES + 1):
            self._pace()
            wait, again = 2.0 ** (tried - 1), not write
            try:
                status, said, data = self._exchange(method, url, body, headers)
                answer = self._answer(status, data, is_json and 200 <= status < 300, write)
            except _UnsentError as error:
                failure = self._failure(str(error), sure=True)
            except _LostError as error:
                failure = self._failure(str(error), sure=not write)
            except ServiceError as error:
                failure = error
            else:
                _LOG.debug("%s %s: %s", method, self._scrub(url), status)
                if 200 <= status < 300 or status in also:
                    return answer
                failure = self.refused(answer, write=write)
                asked = _retry_after(said)
                wait = wait if asked is None else asked
                again = wait <= MAX_WAIT and (status == 429 or (status >= 500 and not write))
            _LOG.debug("%s %s: %s", method, self._scrub(url), failure)
            if tried == TRIES or not again:
                break
            self._sleep(wait)
        raise failure

    def _exchange(self, method: str, url: str, body: object, also: Mapping[str, str]) -> _Exchange:
        """One request on a connection of its own; the whole of it within the service's timeout."""
        secret = self._secret()
        self._secrets.update(*map(credentials, secret.values()))
        headers = {
            "accept": "application/json, text/html;q=0.5",
            "accept-encoding": "identity",
            "user-agent": f"Partwork/{__version__}",
            **self._headers,
            **also,
            **secret,
        }
        content = None
        if body is not None:
            headers["content-type"] = "application/json"
            content = json.dumps(body, ensure_ascii=False).encode()
        seconds = float(self._context.common.timeout)
        timeout = httpx2.Timeout(seconds, connect=seconds / 2)

        def exchange() -> _Exchange:
            with (
                self._client(timeout) as client,
                client.stream(method, url, content=content, headers=headers) as response,
            ):
                data = bytearray()
                for chunk in response.iter_bytes():
                    data += chunk
                    if len(data) > MAX_BYTES:
                        raise _LostError(f"its answer is longer than {MAX_BYTES // 10**6} MB")
                return response.status_code, response.headers, bytes(data)

        try:
            return _within(seconds, exchange)
        except _SURE as error:
            raise _UnsentError(f"it can't be reached ({_told(error)})") from None
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            raise _LostError(f"no whole answer came ({_told(error)})") from None
        except TimeoutError:
            raise _LostError(f"no whole answer came within {seconds:g} seconds") from None

    def _client(self, timeout: httpx2.Timeout) -> httpx2.Client:
        try:
            return httpx2.Client(verify=self._tls, trust_env=not self._loopback, timeout=timeout)
        except (httpx2.InvalidURL, ImportError, OSError, ValueError) as error:
            what = "the proxy or the certificates that the environment names can't be used"
            names = "HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE, SSL_CERT_DIR"
            raise _UnsentError(f"{what} ({_told(error)}; look at {names})") from None

    @cached_property
    def _tls(self) -> SSLContext:
        """Verified certificates; SSL_CERT_FILE and SSL_CERT_DIR name other authorities."""
        if self._base.startswith("http:"):
            return SSLContext(PROTOCOL_TLS_CLIENT)  # never used: trusts nobody, and loads nothing
        return httpx2.create_ssl_context()

    def _answer(self, status: int, data: bytes, is_json: bool, write: bool) -> Answer:
        def complain(what: str) -> PartworkError:
            return self._failure(f"its answer makes no sense: {what}", sure=not write)

        said = data.decode("utf-8", "replace")
        value = None
        if is_json and not write and not said.strip():
            raise complain("it is empty")
        if is_json and said.strip():
            try:
                value = json.loads(said)
            except (ValueError, RecursionError):
                raise complain(f"{text.excerpt(said, 60)!r} is not JSON") from None
        return Answer(status=status, text=said, facts=Facts(value, complain))

    def _failure(self, what: str, *, sure: bool, remedy: str | None = None) -> PartworkError:
        what = self._scrub(what)
        if sure:
            remedy = remedy or "nothing was changed there; see what it says, then run again"
            return ServiceError([self._context.problem(what, remedy)])
        what = f"{what}; whether it did what was asked is not known"
        remedy = "run the same command again: it looks before it does anything"
        return UncertainSend([self._context.problem(what, remedy)])

    def _scrub(self, message: str) -> str:
        return scrubbed(message, self._secrets)

    def _pace(self) -> None:
        """Wait where `per_minute` requests were made within the last minute."""
        if self._latest and len(self._latest) == self._latest.maxlen:
            early = self._latest[0] + 60 - time.monotonic()
            if early > 0:
                self._sleep(early)
        self._latest.append(time.monotonic())

    def _wrong_address(self) -> str:
        try:
            parts = urlsplit(self._base)
            known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
            httpx2.URL(self._base).raw_host.decode().encode("idna")  # no label is empty or too long
        except (ValueError, httpx2.InvalidURL):
            known = False
        if not known:
            return f"{self._base!r} is not an address"
        if parts.username or parts.password or parts.query or parts.fragment:
            return "the address holds more than host and path"
        if parts.scheme == "http" and not text.is_loopback(parts.hostname or ""):
            return f"{parts.hostname} would be spoken to without encryption"
        return ""


def _within(seconds: float, exchange: Callable[[], _Exchange]) -> _Exchange:
    """Run it, or leave it behind after so many seconds with TimeoutError.

    A thread, since the library bounds each read and not the sum of them: a server that drips a byte
    a second would hold us for ever.
    """
    done: list[_Exchange] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(exchange())
        except BaseException as error:
            failed.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not done:
        raise TimeoutError
    return done[0]


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds; a date counts from the answer's own Date."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        until, now = parsedate_to_datetime(value), parsedate_to_datetime(headers["date"])
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError, KeyError):
        return None


def _told(error: Exception) -> str:
    return text.one_line(str(error)) or type(error).__name__
