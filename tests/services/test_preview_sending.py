"""“Send me a test”: all that the preview writes, only when a person says so, once each time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from browser import axe, window
from fake_listmonk import TOKEN, FakeListmonk
from fakes import Accident, served
from folders import NEWSLETTER, snapshot
from outlet import dated, outlet
from playwright.sync_api import Browser
from previewing import Answer, Running, preview

ADDRESS = "rec0@example.net"
PATH = "/now/issues/1/test"


@pytest.fixture
def fake() -> Iterator[FakeListmonk]:
    with served(FakeListmonk) as fake:
        yield fake


@pytest.fixture
def root(tmp_path: Path, fake: FakeListmonk) -> Path:
    parts = dated(timedelta(hours=1), timedelta(days=-6)) | {
        "articles/03-part-3.md": "---\ntitle: Part 3\nid: tag:x.example,2026:3\nseries: care\n"
        "draft: true\n---\n\nA draft.\n"
    }
    return outlet(tmp_path, fake, parts, 'mode = "send"')


@pytest.fixture
def shown(root: Path) -> Iterator[Running]:
    with preview(root, LISTMONK_TOKEN=TOKEN) as running:
        yield running


def token_of(running: Running) -> str:
    asked = running.page(f"{PATH}?{urlencode({'service': 'weekly', 'to': ADDRESS})}")
    found = re.search(r'name="token" value="([^"]+)"', asked)
    assert found, asked
    return found[1]


def post(running: Running, path: str = PATH, **fields: str) -> Answer:
    given = {"service": "weekly", "to": ADDRESS} | fields
    if "token" not in fields:
        given["token"] = token_of(running)
    return running.ask(path, "POST", urlencode(given), origin=f"http://{running.host}")


def test_a_person_asks_is_asked_and_gets_the_test_alone(
    browser: Browser, shown: Running, fake: FakeListmonk, root: Path
) -> None:
    with window(browser) as page:
        page.goto(shown.url + "now/issues/1")
        page.fill("[name=to]", ADDRESS)
        page.click("text=Send a test…")
        page.get_by_role("heading", name="Send a test of issue 1?").wait_for()
        assert fake.requests == [], "nothing is asked of anybody before a yes"
        assert f"{ADDRESS}, and nobody else" in page.inner_text("main")
        assert axe(page) == []
        page.click("text=Send the test")
        page.get_by_role("heading", name="Sent").wait_for()
        assert f"was sent by weekly to {ADDRESS}, and to nobody else" in page.inner_text("main")
        assert axe(page) == []
        asked = len(fake.requests)
        page.reload()
        assert len(fake.requests) == asked, "a reload sends nothing"
        page.goto(shown.url + "now/")
        page.get_by_text("stored as a draft").wait_for()
    tests = [one for one in fake.requests if one.path.endswith("/test")]
    assert len(tests) == 1
    assert tests[0].body["subscribers"] == [ADDRESS]
    assert fake.deliveries == [], "no reader got anything"
    events = [
        json.loads(line)["event"] for line in (root / "ledger.jsonl").read_text().splitlines()
    ]
    assert "drafted" in events
    assert "submitting" not in events


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"token": ""}, {}),
        ({"token": "guessed"}, {}),
        ({"token": "gués"}, {}),
        ({str(number): "x" for number in range(30)}, {}),
        ({}, {"origin": "https://evil.example"}),
        ({}, {"origin": "null"}),
        ({"pad": "x" * 20_000}, {}),
    ],
)
def test_a_form_from_elsewhere_sends_nothing(
    shown: Running, fake: FakeListmonk, root: Path, fields: dict[str, str], headers: dict[str, str]
) -> None:
    before = snapshot(root)
    given = {"service": "weekly", "to": ADDRESS, "token": token_of(shown)} | fields
    body = urlencode(given)
    sent = shown.ask(PATH, "POST", body, **({"origin": f"http://{shown.host}"} | headers))
    assert sent.status == 403
    assert fake.requests == []
    assert snapshot(root) == before


def test_looking_at_the_question_sends_nothing(
    shown: Running, fake: FakeListmonk, root: Path
) -> None:
    before = snapshot(root)
    for query in ("", f"?service=weekly&to={ADDRESS}", f"?service=weekly&to={ADDRESS}&token=x"):
        shown.page(PATH + query)
    assert fake.requests == []
    assert snapshot(root) == before


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        (PATH, {"to": "Ann <ann@example.net>"}, "is not a mail address"),
        (PATH, {"to": "a@example.net, b@example.net"}, "is not a mail address"),
        (PATH, {"to": "a@example.net\r\nbcc: b@example.net"}, "is not a mail address"),
        (PATH, {"to": ""}, "Say to which address"),
        (PATH, {"service": "other"}, "There is no service “other”"),
        ("/now+drafts/issues/3/test", {}, "show no drafts"),
        ("/soon/issues/1/test", {}, "Nothing can be sent now"),
        ("/now/issues/99/test", {}, "There is nothing here"),
    ],
)
def test_what_can_not_be_sent_is_said_and_not_sent(
    shown: Running, fake: FakeListmonk, path: str, fields: dict[str, str], said: str
) -> None:
    answer = post(shown, path, **fields)
    assert said in answer.body
    assert fake.requests == []


def test_what_the_service_says_no_to_is_shown(shown: Running, fake: FakeListmonk) -> None:
    fake.strike(Accident(1, "before", "500"))
    answer = post(shown)
    assert answer.status == 303
    page = shown.page(answer.headers["location"])
    assert "Sent</h1>" not in page
    assert 'class="problems"' in page
    assert fake.deliveries == []


def test_a_secret_that_is_missing_is_named_and_never_shown(root: Path, fake: FakeListmonk) -> None:
    with preview(root, LISTMONK_TOKEN="") as running:
        page = running.page(f"{PATH}?service=weekly&to={ADDRESS}")
        assert "LISTMONK_TOKEN is not set" in page
        assert 'method="post"' not in page
    with preview(root, LISTMONK_TOKEN=TOKEN) as running:
        for path in ("/now/", "/now/issues/1", f"{PATH}?service=weekly&to={ADDRESS}"):
            assert TOKEN not in running.page(path)
    assert fake.requests == []


def test_a_service_that_is_set_up_wrongly_is_said_in_place_of_the_button(tmp_path: Path) -> None:
    toml = NEWSLETTER + '[series.care]\ntitle = "Care"\n[services.weekly]\nkind = "listmunk"\n'
    root = tmp_path
    (root / "articles").mkdir()
    (root / "newsletter.toml").write_text(toml, encoding="utf-8")
    for path, words in dated(timedelta(hours=1)).items():
        (root / path).write_text(words, encoding="utf-8")
    with preview(root) as running:
        page = running.page("/now/issues/1")
    assert "did you mean <code>listmonk</code>" in page.lower()
    assert "Send a test…" not in page
