"""`partwork report` and `status --refresh`, as processes, with a service that counts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_listmonk import TOKEN, FakeListmonk
from fakes import Accident, served
from outlet import ok, outlet, run, weekly
from terminal import on_a_terminal

from pipeline import ledger


@pytest.fixture
def fake() -> Iterator[FakeListmonk]:
    with served(FakeListmonk) as fake:
        yield fake


@pytest.fixture
def root(tmp_path: Path, fake: FakeListmonk) -> Path:
    """Three issues that went out, each read by fewer."""
    root = outlet(tmp_path, fake, weekly(3), 'mode = "send"\nmax_lateness = 9999')
    ok(root, "publish", "--due")
    for number, campaign in enumerate(fake.campaigns.values()):
        campaign.update(views=9 - number, clicks=2, bounces=number)
    return root


def opens(root: Path) -> list[int | None]:
    (section,) = json.loads(ok(root, "report", "--format", "json"))["sections"]
    return [row["opens"] for row in section["rows"]]


def test_a_service_that_cannot_be_asked_is_named_and_what_is_known_is_shown(
    root: Path, fake: FakeListmonk
) -> None:
    ok(root, "report", "--refresh")
    done = run(root, "report", "--refresh", token="wrong")  # noqa: S106 - it is none
    assert done.returncode == 1
    assert "weekly" in done.stderr
    assert "~9" in done.stdout


def test_what_was_asked_for_once_stays_when_the_service_forgets(
    root: Path, fake: FakeListmonk
) -> None:
    said = ok(root, "report", "--refresh")
    assert re.search(r"Part 1 .* ~9\+ +~2\+ +0\+ +–$", said, re.MULTILINE), said
    assert "weekly never tells unsubscribes.\n" in said
    ok(root, "report", "--html")
    page = (root / "previews/report.html").read_text(encoding="utf-8")
    assert "weekly never tells unsubscribes." in page
    assert opens(root) == [9, 8, 7]
    fake.campaigns.clear()
    assert run(root, "report", "--refresh").returncode == 1
    assert opens(root) == [9, 8, 7]


def test_an_issue_that_the_service_lost_stops_no_other(root: Path, fake: FakeListmonk) -> None:
    ok(root, "report", "--refresh")
    lost = max(fake.campaigns)
    del fake.campaigns[lost]
    for campaign in fake.campaigns.values():
        campaign["views"] = 50
    done = run(root, "report", "--refresh")
    assert done.returncode == 0, done.stderr
    assert "warning: newsletter.toml:" in done.stderr
    assert "issue 3: " in done.stderr
    assert opens(root) == [50, 50, 7]


def test_asking_again_the_same_day_adds_no_line(root: Path, fake: FakeListmonk) -> None:
    for _ in range(3):
        ok(root, "status", "--refresh")
    assert len(ledger.read_figures(root)) == 3
    assert "reported" not in (root / ledger.FILE).read_text(encoding="utf-8")


def test_each_issue_is_named_on_a_terminal_while_it_is_asked_for(
    root: Path, fake: FakeListmonk
) -> None:
    fake.strike(Accident(2, "before", "late"))
    code, said = on_a_terminal("-C", root, "status", "--refresh", LISTMONK_TOKEN=TOKEN)
    assert code == 0, said
    assert "1 issues weekly, issue 3" in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said)
    assert "weekly, issue" not in run(root, "status", "--refresh").stderr


def test_ctrl_c_while_a_service_is_asked_leaves_the_figures_whole(
    root: Path, fake: FakeListmonk
) -> None:
    ok(root, "report", "--refresh")
    before = ledger.read_figures(root)
    stuck = (
        "import time\n"
        "from pipeline.services.listmonk import Listmonk\n"
        "real = Listmonk.report\n"
        "def report(self, remote):\n"
        "    time.sleep(0.3)\n"
        "    return real(self, remote)\n"
        "Listmonk.report = report\n"
    )
    code, said = on_a_terminal(
        "-C", root, "report", "--refresh", code=stuck, stop_at="issue 2", LISTMONK_TOKEN=TOKEN
    )
    assert code == 130, said
    assert "Traceback" not in said
    kept = {one.issue: one.counts for one in ledger.read_figures(root)}
    assert kept == {one.issue: one.counts for one in before}
    ok(root, "report", "--refresh")
