from __future__ import annotations

import logging
import socket
import ssl
import traceback
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from samples import a_newsletter
from server import Reply, certificate, cut, drip, flood, free_port, http, lost, serving

from pipeline.errors import PartworkError, UncertainSend
from pipeline.services import Common, Context, ServiceError, Status
from pipeline.services.answer import Answer
from pipeline.services.wire import TRIES, Wire
from pipeline.tables import Table

CANARY = 'tok/en+"42"'

Make = Callable[..., Wire]


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def wire(tmp_path: Path, waits: list[float]) -> Make:
    def make(url: str, canary: str = CANARY, **more: object) -> Wire:
        context = Context(
            table=Table(path="newsletter.toml", name="services.weekly", values={}, lines={}),
            newsletter=a_newsletter(tmp_path),
            common=Common(kind="x", timeout=1),
            secrets={"token_env": canary},
        )
        headers = {"authorization": f"Bearer {canary}"}
        return Wire(context, url, secret=lambda: headers, sleep=waits.append, **more)  # type: ignore[arg-type]  # test data by name

    return make


def test_a_server_of_these_tests_that_was_closed_takes_no_connection_of_another() -> None:
    with serving(http(200)) as server:
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))


def expect_one_request(wire: Make, reply: Reply, kind: type[PartworkError]) -> PartworkError:
    """A write meets this reply: it fails in this way, having been sent once."""
    with serving(reply) as server:
        with pytest.raises(kind) as caught:
            wire(server.url).write("POST", "/x", {"a": 1})
        assert type(caught.value) is kind
        assert len(server.asked) == 1
    return caught.value


@pytest.mark.parametrize("reply", [lost, cut, drip, flood, http(200, b"<html>"), b"junk\r\n\r\n"])
def test_a_write_whose_answer_is_lost_or_garbled_is_uncertain_and_never_repeated(
    wire: Make, reply: Reply
) -> None:
    expect_one_request(wire, reply, UncertainSend)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_write_that_failed_inside_the_service_is_uncertain(wire: Make, status: int) -> None:
    error = expect_one_request(wire, http(status, b"no luck", retry_after="1"), UncertainSend)
    assert error.exit_code == 3
    assert "looks before it does anything" in str(error)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 301, 302, 307])
def test_a_write_that_was_refused_surely_did_nothing(wire: Make, status: int) -> None:
    error = expect_one_request(wire, http(status, b"no"), ServiceError)
    assert error.exit_code == 1


def test_a_connection_that_is_refused_surely_did_nothing(wire: Make) -> None:
    with pytest.raises(ServiceError, match="can't be reached"):
        wire(f"http://127.0.0.1:{free_port()}").write("POST", "/x", {})


def test_a_write_refused_for_its_haste_is_made_again(wire: Make, waits: list[float]) -> None:
    with serving(http(429, b"slow", retry_after="7"), http(429), http(200)) as server:
        assert wire(server.url).write("POST", "/x").status == 200
    assert waits == [7.0, 2.0]


def test_a_service_that_never_stops_refusing_ends_the_run(wire: Make, waits: list[float]) -> None:
    with serving(http(429)) as server, pytest.raises(ServiceError, match="fewer requests"):
        wire(server.url).write("POST", "/x")
    assert waits == [1.0, 2.0, 4.0][: TRIES - 1]


def test_reads_are_tried_again_with_longer_waits(wire: Make, waits: list[float]) -> None:
    with serving(lost, http(503), cut, http(200, b'{"ok":true}')) as server:
        assert wire(server.url).read("/x", {"q": "a b&c"}).facts.flag("ok")
    assert waits == [1.0, 2.0, 4.0]
    assert server.asked[0].startswith(b"GET /x?q=a+b%26c HTTP/1.1")


def test_a_read_whose_answer_is_empty_or_garbled_is_tried_again(
    wire: Make, waits: list[float]
) -> None:
    def nothing(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 X\r\n\r\n")

    with serving(nothing, http(200, b"<html>"), http(200, b'{"ok":true}')) as server:
        assert wire(server.url).read("/x").facts.flag("ok")
    assert waits == [1.0, 2.0]
    with serving(nothing) as server, pytest.raises(ServiceError, match="it is empty"):
        wire(server.url).read("/x")


def test_a_read_that_keeps_failing_is_no_uncertain_send(wire: Make, waits: list[float]) -> None:
    with serving(http(500)) as server:
        with pytest.raises(ServiceError):
            wire(server.url).read("/x")
        assert len(server.asked) == TRIES


def test_retry_after_may_be_a_date(wire: Make, waits: list[float]) -> None:
    when = "Tue, 06 Oct 2026 09:00:30 GMT"
    now = "Tue, 06 Oct 2026 09:00:00 GMT"
    with serving(http(503, retry_after=when, date=now), http(200)) as server:
        wire(server.url).read("/x")
    assert waits == [30.0]


def test_nobody_waits_for_an_hour(wire: Make, waits: list[float]) -> None:
    with serving(http(429, retry_after="3600")) as server, pytest.raises(ServiceError):
        wire(server.url).read("/x")
    assert waits == []


def test_requests_keep_within_what_a_service_allows_in_a_minute(
    wire: Make, waits: list[float]
) -> None:
    with serving(http(200)) as server:
        paced = wire(server.url, per_minute=2)
        paced.read("/x")
        paced.read("/x")
        assert waits == []
        paced.read("/x")
    assert len(waits) == 1
    assert 50 < waits[0] <= 60


def test_a_write_may_carry_headers_of_its_own(wire: Make) -> None:
    with serving(http(200)) as server:
        wire(server.url).write("POST", "/x", headers={"x-idempotency-key": "once"})
    assert b"x-idempotency-key: once" in server.asked[0].lower()


def test_an_awaited_failure_is_an_answer(wire: Make) -> None:
    with serving(http(404, b"none")) as server:
        wired = wire(server.url)
        answer = wired.read("/x", also=(404,))
        assert (answer.status, answer.text) == (404, "none")
        assert "404" in str(wired.refused(answer, write=False))


def test_credentials_do_not_follow_a_redirect(wire: Make) -> None:
    with serving(http(200)) as other:
        with serving(http(307, location=other.url)) as server, pytest.raises(ServiceError):
            wire(server.url).read("/x")
        assert other.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://lists.example.org",
        "http://10.0.0.7:9000",
        "https://user:word@lists.example.org",
        "ftp://lists.example.org",
        "lists.example.org",
        "https://lists.example.org/?a=1",
        "",
        "https://[::1",
        "https://lists..example.org",
        "https://lists.example.org:port",
        "https://lists.example.org:99999",
        f"https://{'a' * 64}.example.org",
    ],
)
def test_an_address_that_would_show_credentials_or_is_none_is_refused(wire: Make, url: str) -> None:
    with pytest.raises(PartworkError, match="https://"):
        wire(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://localhost:1", "http://[::1]:1"])
def test_this_machine_needs_no_encryption(wire: Make, url: str) -> None:
    assert wire(url)


def test_a_certificate_that_nobody_vouches_for_ends_it_before_a_word_is_said(
    wire: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(both)
    with serving(http(200), tls=tls) as server:
        with pytest.raises(ServiceError, match="can't be reached"):
            wire(server.url).write("POST", "/x")
        assert server.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        assert wire(server.url).write("POST", "/x").status == 200


def test_proxies_are_those_of_the_environment_but_never_for_this_machine(
    wire: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(http(407, b"who are you")) as proxy, serving(http(200)) as server:
        monkeypatch.setenv("https_proxy", f"http://me:pa%24s@127.0.0.1:{proxy.port}")
        monkeypatch.setenv("http_proxy", f"http://me:pa%24s@127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert wire(server.url).read("/x").status == 200
        assert proxy.asked == []
        with pytest.raises(ServiceError) as caught:
            wire("https://service.example.org").write("POST", "/x")
        assert proxy.asked[0].startswith(b"CONNECT service.example.org:443")
        assert "pa%24s" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("all_proxy", "socks5://127.0.0.1:1"),
        ("https_proxy", "ftp://me:pass-word@127.0.0.1:1"),
        ("https_proxy", "http://127.0.0.1:port"),
        ("https_proxy", "http://[::1"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem"),
        ("SSL_CERT_FILE", "/dev/null"),
    ],
)
def test_a_proxy_or_certificates_that_can_not_be_used_are_named_and_nothing_is_sent(
    wire: Make, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ServiceError, match="SSL_CERT_FILE") as caught:
        wire("https://service.example.org").write("POST", "/x")
    assert "pass-word" not in str(caught.value)


def echoes() -> bytes:
    raw = CANARY.encode()
    forms = [raw, quote(CANARY, safe="").encode(), b64encode(raw), b"Bearer " + raw]
    return b" ".join(forms)


def test_no_secret_reaches_an_error_a_traceback_or_the_log(
    wire: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for logger in ("httpx2", "httpcore2", "httpcore2.http11", "partwork"):
        logging.getLogger(logger).setLevel(logging.NOTSET)
    shown = ""
    for reply in (http(400, echoes()), http(500, echoes()), http(200, echoes()), lost):
        with serving(reply) as server, pytest.raises(PartworkError) as caught:
            wire(server.url).write("POST", f"/{quote(CANARY, safe='')}", {})
        shown += "".join(traceback.format_exception(caught.value))
    shown += caplog.text
    assert "***" in shown
    for form in echoes().decode().split():
        assert form == "Bearer" or form not in shown
    assert CANARY not in repr(wire("http://127.0.0.1:1").__dict__["_context"])


def test_a_secret_that_no_header_can_hold_is_not_shown_either(wire: Make) -> None:
    canary = "".join(["two", "\n", "lines"])
    with serving(http(200)) as server, pytest.raises(ServiceError) as caught:
        wire(server.url, canary).write("POST", "/x")
    assert "lines" not in "".join(traceback.format_exception(caught.value)).replace('"lines"', "")
    assert b"".join(server.asked) == b""


@pytest.mark.parametrize(
    "body",
    [b"[]", b'{"data":null}', b'{"data":{"id":{}}}', b'{"data":{"id":1,"status":"odd"}}', b"{}"],
)
def test_an_answer_without_the_facts_asked_for_is_no_answer(wire: Make, body: bytes) -> None:
    def understand(answer: Answer) -> None:
        answer.facts.text("data", "id")
        answer.facts.one_of({"draft": Status.DRAFT}, "data", "status")

    with serving(http(200, body)) as server:
        wired = wire(server.url)
        with pytest.raises(UncertainSend, match="makes no sense"):
            understand(wired.write("PUT", "/x"))
        with pytest.raises(ServiceError, match="makes no sense"):
            understand(wired.read("/x"))


def test_facts_are_typed(wire: Make) -> None:
    body = (
        b'{"n":7,"t":"x","when":"2026-10-06T09:00:00Z","none":null,"l":["a",1],'
        b'"naive":"2026-10-06T09:00"}'
    )
    with serving(http(200, body)) as server:
        facts = wire(server.url).read("/x").facts
    assert facts.integer("n") == 7
    assert facts.text("n") == "7"
    moment = facts.moment("when")
    assert moment is not None
    assert moment.utcoffset() is not None
    assert facts.moment("none") is None
    assert facts.texts("l") == ["a", "1"]
    for wrong in (
        lambda: facts.integer("t"),
        lambda: facts.moment("t"),
        lambda: facts.moment("naive"),
        lambda: facts.each("t"),
        lambda: facts.at("l", 5),
    ):
        with pytest.raises(ServiceError):
            wrong()
