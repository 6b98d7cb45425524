"""Remote pictures: over https, from public addresses, within bounds; else they stay links."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from folders import NEWSLETTER, ok, write
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from importing import samples
from pipeline import importing
from pipeline.importing import fetching
from pipeline.importing.fetching import Fetching

LOCAL = frozenset({"localhost", "127.0.0.1"})


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    with HTTPServer(host="127.0.0.1") as running:
        yield running


def test_a_picture_is_fetched_once(server: HTTPServer) -> None:
    server.expect_oneshot_request("/a.png").respond_with_data(samples.picture())
    fetch = Fetching(allow=LOCAL)
    assert fetch(server.url_for("/a.png")) == samples.picture()
    assert fetch(server.url_for("/a.png")) == samples.picture()


def test_an_address_without_https_is_never_asked(server: HTTPServer) -> None:
    assert Fetching()(server.url_for("/a.png")) == "is not at an https address"
    assert not server.log


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/a.png",
        "https://localhost/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/meta",
    ],
)
def test_a_private_address_is_never_asked(url: str) -> None:
    said = Fetching()(url)
    assert isinstance(said, str)
    assert "private network" in said


def test_a_name_of_a_private_address_is_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.168.1.1", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    assert "private network" in str(Fetching()("https://pictures.example/a.png"))


@pytest.mark.parametrize(
    "location",
    ["http://10.0.0.1/a.png", "https://10.0.0.1/a.png", "file:///etc/passwd", "ftp://x.example/a"],
)
def test_no_redirection_leads_where_a_picture_may_not_be(server: HTTPServer, location: str) -> None:
    server.expect_request("/a.png").respond_with_data(status=302, headers={"Location": location})
    assert isinstance(Fetching(allow=LOCAL)(server.url_for("/a.png")), str)


def test_a_redirection_within_bounds_is_followed(server: HTTPServer) -> None:
    server.expect_request("/a.png").respond_with_data(status=301, headers={"Location": "/b.png"})
    server.expect_request("/b.png").respond_with_data(samples.picture())
    assert Fetching(allow=LOCAL)(server.url_for("/a.png")) == samples.picture()


def test_more_than_the_bound_is_not_read(
    server: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []

    def endless(_: Request) -> Response:
        def pieces() -> Iterator[bytes]:
            for _ in range(1000):
                sent.append(1)
                yield b"x" * 100_000

        return Response(pieces())

    server.expect_request("/a.png").respond_with_handler(endless)
    monkeypatch.setattr(fetching, "MAX_BYTES", 500_000)
    assert Fetching(allow=LOCAL)(server.url_for("/a.png")) == "is too large"
    assert len(sent) < 900


def test_pictures_are_bounded_in_number_and_in_all(server: HTTPServer) -> None:
    server.expect_request("/a.png").respond_with_data(samples.picture())
    fetch = Fetching(allow=LOCAL, pictures=2)
    said = [fetch(server.url_for("/a.png") + f"?{at}") for at in range(3)]
    assert said[2] == "is one of more than 2"
    assert len(server.log) == 2
    small = Fetching(allow=LOCAL, total=len(samples.picture()) + 1)
    assert small(server.url_for("/a.png")) == samples.picture()
    assert small(server.url_for("/a.png?2")) == "is too large"


@pytest.mark.parametrize("status", [404, 403, 500])
def test_an_answer_that_is_none_leaves_a_link(server: HTTPServer, status: int) -> None:
    server.expect_request("/a.png").respond_with_data(status=status)
    assert Fetching(allow=LOCAL)(server.url_for("/a.png")) == f"answers {status}"


def test_a_server_that_never_answers_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "EACH", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        said = Fetching(allow=LOCAL)(f"http://127.0.0.1:{silent.getsockname()[1]}/a.png")
    assert "can't be reached (no answer within 0.2 seconds)" in str(said)


def test_fetched_pictures_lie_beside_the_article_and_the_rest_stay_links(
    tmp_path: Path, server: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.expect_request("/couch.png").respond_with_data(samples.picture())
    monkeypatch.setattr(importing, "fetcher", lambda: Fetching(allow=LOCAL))
    export = samples.wxr().replace(
        b"https://clinic.example/couch.png", server.url_for("/couch.png").encode()
    )
    samples.put(tmp_path, {"x.xml": export})
    root = write(tmp_path / "n", {"newsletter.toml": NEWSLETTER})
    said = ok("import", tmp_path / "x.xml", "--fetch-images", root=root).output
    assert (root / "articles/images/needles-and-nerves/couch.png").read_bytes() == samples.picture()
    text = (root / "articles/01-needles-and-nerves.md").read_text(encoding="utf-8")
    assert "](images/needles-and-nerves/couch.png " in text
    assert "image: images/needles-and-nerves/couch.png" in text
    assert "couch" in said
    assert "nothing wrong" in ok("check", root=root).output


def test_without_being_asked_nothing_is_fetched(tmp_path: Path, server: HTTPServer) -> None:
    export = samples.wxr().replace(
        b"https://clinic.example/couch.png", server.url_for("/couch.png").encode()
    )
    samples.put(tmp_path, {"x.xml": export})
    root = write(tmp_path / "n", {"newsletter.toml": NEWSLETTER})
    ok("import", tmp_path / "x.xml", root=root)
    assert not server.log
    assert server.url_for("/couch.png") in (root / "articles/01-needles-and-nerves.md").read_text(
        encoding="utf-8"
    )
