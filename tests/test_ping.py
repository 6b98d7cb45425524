from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from folders import NEWSLETTER, SERIES, WEEKLY, article, partwork, three, write
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipeline import build, ledger, newsletter, plan, websub
from pipeline.errors import PartworkError

AS_OF = datetime(2026, 10, 13, 12, tzinfo=UTC)
FEEDS = [
    f"https://northgate.example/notes/{folder}{name}"
    for folder in ("", "series/care/")
    for name in ("feed.xml", "atom.xml", "feed.json")
]


class Hub:
    """A hub on loopback: what it was told, and what it answers."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("/hub")
        self.told: list[dict[str, list[str]]] = []
        self.statuses: list[int] = []
        server.expect_request("/hub", method="POST").respond_with_handler(self._take)

    def _take(self, request: Request) -> Response:
        assert request.mimetype == "application/x-www-form-urlencoded"
        self.told.append(parse_qs(request.get_data(as_text=True)))
        return Response("", status=self.statuses.pop(0) if self.statuses else 204)


@pytest.fixture
def hub(httpserver: HTTPServer) -> Hub:
    return Hub(httpserver)


@pytest.fixture
def root(tmp_path: Path, hub: Hub) -> Path:
    return write(tmp_path, three() | {"newsletter.toml": settings(hub.url)})


def settings(hub: str) -> str:
    return f'{NEWSLETTER}{SERIES}{WEEKLY}\n[feeds]\nhub = "{hub}"\n'


def built(root: Path, as_of: datetime = AS_OF) -> None:
    build.feeds_only(newsletter.load(root), as_of)


def ping(root: Path, *, dry: bool = False) -> list[str]:
    catalogue = plan.load(newsletter.load(root)).catalogue
    return [topic.url for topic in websub.ping(catalogue, lambda: AS_OF, dry=dry)]


def test_the_hub_is_told_of_each_feed_in_the_form_that_hubs_take(root: Path, hub: Hub) -> None:
    built(root)
    assert ping(root) == FEEDS
    assert hub.told == [{"hub.mode": ["publish"], "hub.url": [url]} for url in FEEDS]


def test_the_hub_is_told_the_address_that_a_feed_gives_of_itself(root: Path, hub: Hub) -> None:
    text = settings(hub.url).replace("northgate.example/notes", "münchen.example/nötes")
    write(root, {"newsletter.toml": text})
    built(root)
    own = json.loads((root / "output/feed.json").read_bytes())["feed_url"]

    assert own == "https://xn--mnchen-3ya.example/n%C3%B6tes/feed.json"
    assert own in ping(root)


def test_what_did_not_change_is_not_told_again(root: Path, hub: Hub) -> None:
    built(root)
    ping(root)
    built(root, AS_OF + timedelta(hours=1))
    assert ping(root) == []
    assert len(hub.told) == len(FEEDS)
    built(root, AS_OF + timedelta(weeks=1))
    assert ping(root) == FEEDS, "a part joined them"
    lines = (root / ledger.FILE).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2 * len(FEEDS)


def test_only_the_feeds_of_what_changed_are_told(root: Path, hub: Hub) -> None:
    built(root)
    ping(root)
    date = (AS_OF - timedelta(days=1)).isoformat()
    write(root, {"articles/single.md": article("A single one", date=date, series=None)})
    write(root, {"newsletter.toml": settings(hub.url)})
    built(root)
    assert ping(root) == FEEDS[:3]


def test_a_hub_that_fails_is_told_the_rest_the_next_time(root: Path, hub: Hub) -> None:
    built(root)
    hub.statuses = [202, 204, 503]
    with pytest.raises(PartworkError, match="answered 503: run `partwork ping` again") as caught:
        ping(root)
    assert caught.value.exit_code == 1
    assert str(caught.value).startswith("newsletter.toml:")
    assert ping(root) == FEEDS[2:]
    assert ping(root) == []


@pytest.mark.parametrize("status", [301, 307, 400, 404, 500])
def test_only_a_yes_is_a_yes_and_no_redirection_is_followed(
    root: Path, hub: Hub, status: int
) -> None:
    built(root)
    hub.statuses = [status]
    with pytest.raises(PartworkError, match=f"answered {status}"):
        ping(root)
    assert len(hub.told) == 1
    assert ledger.read(root) == ()


def test_a_hub_that_never_answers_holds_nobody_for_long(
    root: Path, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websub, "SECONDS", 0.2)
    over = threading.Event()

    def hang(_: Request) -> Response:
        over.wait(30)
        return Response("")

    httpserver.expect_request("/slow").respond_with_handler(hang)
    write(root, {"newsletter.toml": settings(httpserver.url_for("/slow"))})
    built(root)
    try:
        with pytest.raises(PartworkError, match=r"gave no answer|can't be reached"):
            ping(root)
    finally:
        over.set()


def test_another_hub_is_told_of_everything(root: Path, hub: Hub, httpserver: HTTPServer) -> None:
    built(root)
    ping(root)
    httpserver.expect_request("/other", method="POST").respond_with_data("", status=202)
    write(root, {"newsletter.toml": settings(httpserver.url_for("/other"))})
    assert ping(root) == FEEDS


def test_a_dry_run_tells_nobody_and_writes_nothing(root: Path, hub: Hub) -> None:
    built(root)
    assert ping(root, dry=True) == FEEDS
    assert hub.told == []
    assert not (root / ledger.FILE).exists()


def test_without_a_hub_or_without_feeds_it_says_what_to_do(root: Path) -> None:
    done = partwork("-C", root, "ping")
    assert done.returncode == 1
    assert "there are no feeds in output/: build them first" in done.stderr
    write(root, {"newsletter.toml": NEWSLETTER + SERIES + WEEKLY})
    built(root)
    done = partwork("-C", root, "ping")
    assert done.returncode == 1
    assert "there is no hub: set `hub` to the URL of a WebSub hub" in done.stderr


def test_the_program_names_each_feed_once_and_then_nothing(root: Path, hub: Hub) -> None:
    built(root)
    done = partwork("-C", root, "ping")
    assert (done.returncode, done.stdout.splitlines()) == (0, FEEDS)
    again = partwork("-C", root, "ping")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert len(hub.told) == len(FEEDS)
