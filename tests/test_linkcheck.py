from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest
from pytest_httpserver import HTTPServer

from pipeline import linkcheck
from pipeline.linkcheck import KEPT, Asked, Bounds, Report, check
from pipeline.web import is_public

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
QUICK = Bounds(pause=0, timeout=2, seconds=20)
HERE = frozenset({"localhost"})


@pytest.fixture(scope="module")
def running() -> Iterator[HTTPServer]:
    with HTTPServer(host="localhost") as running:
        yield running


@pytest.fixture
def server(running: HTTPServer) -> HTTPServer:
    """A web server of our own under the name localhost, which is asked though it is private."""
    running.clear()
    return running


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://localhost:{listening.getsockname()[1]}/"


def ask(
    tmp_path: Path, *urls: str, bounds: Bounds = QUICK, at: datetime = NOW, allow: object = HERE
) -> Report:
    links = [Asked(url=url, path="articles/one.md", line=at) for at, url in enumerate(urls, 1)]
    cache = tmp_path / ".partwork-cache" / "links.json"
    return check(links, cache=cache, as_of=at, bounds=bounds, allow=allow)  # type: ignore[arg-type]


def said(report: Report) -> list[str]:
    return [problem.message for problem in report.problems]


def test_a_broken_link_is_a_warning_at_each_of_its_places(
    tmp_path: Path, server: HTTPServer
) -> None:
    server.expect_request("/gone").respond_with_data(status=410)
    url = server.url_for("/gone")
    report = ask(tmp_path, url, f"{url}#there")
    assert [(one.path, one.line, one.severity) for one in report.problems] == [
        ("articles/one.md", 1, "warning"),
        ("articles/one.md", 2, "warning"),
    ]
    assert "answers 410" in said(report)[0]
    assert [request.method for request, _ in server.log] == ["HEAD", "GET"]


def test_a_link_that_works_is_asked_for_once_and_briefly(
    tmp_path: Path, server: HTTPServer
) -> None:
    server.expect_request("/fine", method="HEAD").respond_with_data("long" * 99)
    report = ask(tmp_path, server.url_for("/fine"), server.url_for("/fine#a"))
    assert report == Report(problems=(), asked=1, known=0, unsure=())
    ((request, _),) = server.log
    assert "partwork/" in request.headers["User-Agent"]
    assert "Cookie" not in request.headers


@pytest.mark.parametrize("status", [405, 404, 500, 501])
def test_a_server_that_refuses_head_is_asked_with_get(
    tmp_path: Path, server: HTTPServer, status: int
) -> None:
    server.expect_request("/x", method="HEAD").respond_with_data(status=status)
    server.expect_request("/x", method="GET").respond_with_data("here")
    assert said(ask(tmp_path, server.url_for("/x"))) == []


def test_a_server_that_hangs_up_on_head_is_asked_with_get(tmp_path: Path) -> None:
    with _raw_server({"HEAD": b"", "GET": b"HTTP/1.1 200 OK\r\n\r\nhello"}) as url:
        assert ask(tmp_path, url) == Report(problems=(), asked=1, known=0, unsure=())


@pytest.mark.parametrize("status", [401, 403, 429, 503, 999])
def test_a_server_that_does_not_answer_programs_leaves_it_open(
    tmp_path: Path, server: HTTPServer, status: int
) -> None:
    server.expect_request("/x").respond_with_data(status=status)
    report = ask(tmp_path, server.url_for("/x"))
    assert report.problems == ()
    assert report.unsure == (f"{server.url_for('/x')}: answers {status}",)


def test_a_host_is_left_in_peace_between_two_requests(
    tmp_path: Path, server: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    still = SimpleNamespace(sleep=slept.append, monotonic=time.monotonic)
    monkeypatch.setattr(linkcheck, "time", still)
    server.expect_request("/x").respond_with_data("here")
    urls = [server.url_for(f"/x?{number}") for number in range(3)]
    assert ask(tmp_path, *urls, bounds=Bounds(pause=7)).asked == 3
    assert slept == [7, 7]


def test_a_redirection_is_followed_and_its_end_counts(tmp_path: Path, server: HTTPServer) -> None:
    server.expect_request("/a").respond_with_data(status=301, headers={"Location": "/b?c=d"})
    server.expect_request("/b").respond_with_data(status=302, headers={"Location": "gone"})
    server.expect_request("/gone").respond_with_data(status=404)
    assert "answers 404" in said(ask(tmp_path, server.url_for("/a")))[0]


def test_redirections_without_end_are_given_up(tmp_path: Path, server: HTTPServer) -> None:
    server.expect_request("/a").respond_with_data(status=302, headers={"Location": "/a"})
    assert "leads on more than 5 times" in said(ask(tmp_path, server.url_for("/a")))[0]
    assert len(server.log) == 6


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:1/", "http://[::1]/", "http://169.254.169.254/latest/meta-data/"]
)
def test_a_redirection_into_a_private_network_is_not_followed(
    tmp_path: Path, server: HTTPServer, target: str
) -> None:
    server.expect_request("/a").respond_with_data(status=302, headers={"Location": target})
    assert "leads into a private network" in said(ask(tmp_path, server.url_for("/a")))[0]


def test_a_redirection_to_another_scheme_is_not_followed(
    tmp_path: Path, server: HTTPServer
) -> None:
    server.expect_request("/a").respond_with_data(
        status=302, headers={"Location": "ftp://x.example/"}
    )
    assert "leads on to ftp://x.example/" in said(ask(tmp_path, server.url_for("/a")))[0]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "127.1"])
def test_a_private_host_is_never_asked(tmp_path: Path, server: HTTPServer, host: str) -> None:
    report = ask(tmp_path, f"http://{host}:{server.port}/", allow=())
    assert len(report.problems) == 1
    assert server.log == []


def test_a_name_that_leads_to_a_private_address_is_never_asked(
    tmp_path: Path, server: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def looked_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*kind, ("93.184.215.14", port)), (*kind, ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    report = ask(tmp_path, f"http://public.example:{server.port}/")
    assert "leads into a private network, to public.example" in said(report)[0]
    assert (asked, server.log) == (["public.example"], [])


def test_what_was_looked_up_is_what_is_reached(
    tmp_path: Path, server: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.expect_request("/x").respond_with_data("here")
    real, asked = socket.getaddrinfo, []

    def looked_up(host: str, port: int, *rest: object, **more: object) -> object:
        asked.append(host)
        name = "localhost" if host == "rebinding.example" else host
        return real(name, port, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    url = f"http://rebinding.example:{server.port}/x"
    report = ask(tmp_path, url, allow={"rebinding.example"})
    assert report.problems == ()
    assert asked.count("rebinding.example") == 1
    ((request, _),) = server.log
    assert request.host == f"rebinding.example:{server.port}"


def test_an_address_that_does_not_answer_gives_way_to_the_next(
    tmp_path: Path, server: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.expect_request("/x").respond_with_data("here")
    real = socket.getaddrinfo

    def looked_up(host: str, port: int, *rest: object, **more: object) -> object:
        if host != "two.example":
            return real(host, port, *rest, **more)  # type: ignore[arg-type]
        kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*kind, ("127.0.0.2", port)), (*kind, ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    report = ask(tmp_path, f"http://two.example:{server.port}/x", allow={"two.example"})
    assert report == Report(problems=(), asked=1, known=0, unsure=())


def test_a_link_that_holds_a_password_is_not_asked_for(tmp_path: Path, server: HTTPServer) -> None:
    server.expect_request("/x").respond_with_data("here")
    url = server.url_for("/x").replace("://", "://user:secret@")
    assert said(ask(tmp_path, url)) == []
    assert server.log == []


@pytest.mark.parametrize(
    "url",
    ["https:/one.example/x", "http:one.example", "https://", "https://a..b/", "HTTP://a:99999/"],
)
def test_an_address_that_names_no_host_is_broken_and_not_asked_for(
    tmp_path: Path, url: str
) -> None:
    report = ask(tmp_path, url)
    assert said(report) == [f"the link to {url} names no host that can be asked"]
    assert (report.asked, report.known) == (0, 0)


def test_a_host_that_does_not_exist_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "is at no known host" in said(ask(tmp_path, "https://nowhere.example/"))[0]


def test_where_no_host_is_known_the_network_is_doubted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    report = ask(tmp_path, "https://one.example/", "https://two.example/")
    assert report.problems == ()
    assert report.unsure[0].endswith("no host could be looked up at all")


def test_without_a_network_nothing_is_called_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", offline)
    report = ask(tmp_path, "https://somewhere.example/")
    assert report.problems == ()
    assert len(report.unsure) == 1


def test_a_port_where_nobody_listens_is_broken(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    report = ask(tmp_path, f"http://localhost:{port}/")
    assert "can't be reached" in said(report)[0]


def test_a_slow_server_is_left_and_the_rest_is_told(tmp_path: Path, silent: str) -> None:
    bounds = Bounds(pause=0, timeout=10, seconds=0.3)
    report = ask(tmp_path, silent, f"{silent}?again", bounds=bounds)
    assert report.problems == ()
    assert [one.split(": ", 1)[1] for one in report.unsure] == [
        "no time was left within 0.3 seconds"
    ] * 2


def test_a_server_that_never_answers_leaves_it_open(tmp_path: Path, silent: str) -> None:
    report = ask(tmp_path, silent, bounds=Bounds(timeout=0.2, seconds=20))
    assert report.unsure[0].endswith("gave no answer within 0.2 seconds")


def test_no_more_links_are_asked_for_than_allowed(tmp_path: Path, server: HTTPServer) -> None:
    server.expect_request("/x").respond_with_data("here")
    urls = [server.url_for(f"/x?{number}") for number in range(5)]
    report = ask(tmp_path, *urls, bounds=Bounds(links=2, pause=0, timeout=2))
    assert (report.asked, len(report.unsure), len(server.log)) == (2, 3, 2)
    assert "more than 2 links" in report.unsure[0]


def test_a_link_that_was_fine_is_kept_for_seven_days(tmp_path: Path, server: HTTPServer) -> None:
    server.expect_ordered_request("/x").respond_with_data("here")
    server.expect_ordered_request("/x").respond_with_data(status=404)
    server.expect_ordered_request("/x").respond_with_data(status=404)
    url = server.url_for("/x")
    assert ask(tmp_path, url).asked == 1
    later = ask(tmp_path, url, at=NOW + KEPT - timedelta(seconds=1))
    assert (later.asked, later.known, later.problems) == (0, 1, ())
    assert len(ask(tmp_path, url, at=NOW + KEPT).problems) == 1


def test_a_broken_link_is_asked_for_again(tmp_path: Path, server: HTTPServer) -> None:
    server.expect_ordered_request("/x").respond_with_data(status=404)
    server.expect_ordered_request("/x").respond_with_data(status=404)
    server.expect_ordered_request("/x").respond_with_data("mended")
    assert len(ask(tmp_path, server.url_for("/x")).problems) == 1
    assert ask(tmp_path, server.url_for("/x")).problems == ()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"fine": 3}', '{"fine": {"x": 3}}', '{"fine": {"x": "y"}}', "\x00"]
)
def test_a_broken_cache_is_as_none(tmp_path: Path, server: HTTPServer, content: str) -> None:
    server.expect_request("/x").respond_with_data("here")
    cache = tmp_path / ".partwork-cache" / "links.json"
    cache.parent.mkdir()
    cache.write_text(content, encoding="utf-8")
    assert ask(tmp_path, server.url_for("/x")).asked == 1
    assert list(json.loads(cache.read_text(encoding="utf-8"))["fine"]) == [server.url_for("/x")]


def test_only_links_to_the_web_are_asked_for(tmp_path: Path) -> None:
    report = ask(tmp_path, "mailto:a@b.example", "articles/x/", "ftp://x.example/", "#a", "//x", "")
    assert report == Report(problems=(), asked=0, known=0, unsure=())
    assert not (tmp_path / ".partwork-cache").exists()


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - an address to refuse
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::5db8:d70e", True),
    ],
)
def test_an_address_is_on_the_internet_or_not(address: str, public: bool) -> None:
    assert is_public(address) is public


class _raw_server:  # noqa: N801 - used like a function
    """Answers each method with bytes and hangs up."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self.answers = answers
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.thread = Thread(target=self.serve, daemon=True)

    def __enter__(self) -> str:
        self.thread.start()
        return f"http://localhost:{self.socket.getsockname()[1]}/"

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def serve(self) -> None:
        try:
            while True:
                connection, _ = self.socket.accept()
                with connection:
                    method = connection.recv(4096).split(b" ", 1)[0].decode()
                    connection.sendall(self.answers[method])
        except OSError:
            return
