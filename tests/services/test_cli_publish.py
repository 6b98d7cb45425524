from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fake_listmonk import TOKEN, FakeListmonk
from fakes import Accident, served
from folders import ROOT, snapshot
from outlet import dated, ok, outlet, run, weekly

from pipeline import ledger

SOON = (timedelta(hours=1), timedelta(days=-6))
"""One issue that is due, and one that is not."""


@pytest.fixture
def fake() -> Iterator[FakeListmonk]:
    with served(FakeListmonk) as fake:
        yield fake


@pytest.fixture
def root(tmp_path: Path, fake: FakeListmonk) -> Path:
    return outlet(tmp_path, fake, dated(*SOON), 'mode = "send"')


def started(root: Path, *args: str, **how: object) -> subprocess.Popen[str]:
    """The program, still running."""
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]  # noqa: S603 - ours
        [sys.executable, "-m", "pipeline", "-C", str(root), *args],
        env=os.environ | {"PYTHONPATH": str(ROOT), "LISTMONK_TOKEN": TOKEN},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **how,
    )


# Wrong usage: nothing is asked of anybody.


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--send"], "nobody is there to be asked: say --yes"),
        (["--at", "2100-01-01T09:00"], "nobody is there to be asked: say --yes"),
        (["--draft", "--send"], "--draft and --send exclude each other"),
        (["--test", "a@example.net", "--send", "--yes"], "--test and --send exclude"),
        (["--due", "--send", "--yes"], "leave out --send"),
        (["7", "--due"], "leave out 7"),
        (["--due", "--allow-gap"], "leave out --allow-gap"),
        (["--due", "--as-of", "2026-10-13"], "--as-of goes with --dry-run only"),
        (["--at", "2020-01-01T09:00", "--yes"], "has passed: use --send"),
        (["--at", "2100-01-01", "--yes"], "is not a time such as 2026-10-13T09:00"),
        (["--at", "soon", "--yes"], "is not a time such as"),
    ],
)
def test_wrong_usage_ends_with_2_before_anything_is_asked(
    root: Path, fake: FakeListmonk, args: list[str], said: str
) -> None:
    before = snapshot(root)
    done = run(root, "publish", *args)
    assert done.returncode == 2
    assert said in done.stderr
    assert fake.requests == []
    assert snapshot(root) == before


# One issue.


def test_the_default_is_a_draft_and_a_person_is_told_where_it_lies(
    root: Path, fake: FakeListmonk
) -> None:
    assert ok(root, "publish") == (
        f"Issue 1 at weekly is stored as a draft. {fake.url}/admin/campaigns/20\n"
    )
    assert fake.deliveries == []
    assert [one["status"] for one in fake.campaigns.values()] == ["draft"]


def test_a_test_goes_to_its_addresses_and_a_release_to_everybody_once(
    root: Path, fake: FakeListmonk
) -> None:
    said = ok(root, "publish", "--to", "weekly", "--test", "rec0@example.net")
    assert "was sent to rec0@example.net, and to nobody else" in said
    assert fake.deliveries == []
    for _ in range(2):
        said = ok(root, "publish", "1", "--to", "weekly", "--send", "--yes")
        assert said == "Issue 1 at weekly was sent to 3 readers.\n"
    assert set(fake.copies().values()) == {1}
    assert len(fake.deliveries) == 3


def test_a_dry_run_writes_nothing_anywhere(root: Path, fake: FakeListmonk) -> None:
    before = snapshot(root)
    said = ok(root, "publish", "--send", "--dry-run", "--as-of", "2100-01-01")
    assert "the next step is to store the email as a draft" in said
    assert not any(request.writes for request in fake.requests)
    assert snapshot(root) == before
    assert not (root / ledger.LOCAL).exists()


def test_json_tells_programs_where_an_issue_stands(root: Path) -> None:
    done = json.loads(ok(root, "publish", "--send", "--yes", "--format", "json"))
    (issue,) = done["issues"]
    assert (issue["service"], issue["issue"], issue["stage"]) == ("weekly", 1, "settled")
    assert (issue["wrote"], issue["changed"]) == (True, False)
    rows = json.loads(ok(root, "status", "--format", "json"))["issues"]
    assert [(row["state"], row["counts"]["recipients"]) for row in rows] == [("sent", 3)]
    assert "At weekly" in ok(root, "status", "--refresh")


def on_a_terminal(root: Path, answer: str) -> tuple[int, str]:
    """Publish with `--send` where a person answers; the exit code and what they read."""
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    done = started(root, "publish", "--send", stdin=theirs)
    _, said = done.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    return done.returncode, said


def test_on_a_terminal_a_person_is_asked_with_the_lists_name_and_size(
    root: Path, fake: FakeListmonk
) -> None:
    code, said = on_a_terminal(root, "n")
    assert "weekly: send issue 1, “Part 1”, to Weekly (3 readers), now?" in said
    assert code == 1
    assert fake.deliveries == []
    code, _ = on_a_terminal(root, "y")
    assert code == 0
    assert len(fake.deliveries) == 3


# For cron.


def test_due_twice_sends_once_and_says_nothing_the_second_time(
    root: Path, fake: FakeListmonk
) -> None:
    first = run(root, "publish", "--due")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == "Issue 1 at weekly was sent to 3 readers.\n"
    again = run(root, "publish", "--due")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert set(fake.copies().values()) == {1}
    assert len(fake.deliveries) == 3


def test_two_processes_at_once_send_one_mail(root: Path, fake: FakeListmonk) -> None:
    running = [started(root, "publish", "--due") for _ in range(2)]
    said = [one.communicate(timeout=60) for one in running]
    assert [one.returncode for one in running] == [0, 0], said
    assert sorted(out for out, _ in said) == ["", "Issue 1 at weekly was sent to 3 readers.\n"]
    assert set(fake.copies().values()) == {1}


def test_a_stale_schedule_stops_and_says_what_to_do(tmp_path: Path, fake: FakeListmonk) -> None:
    root = outlet(tmp_path, fake, dated(timedelta(days=3)), 'mode = "send"')
    done = run(root, "publish", "--due")
    assert done.returncode == 1
    assert "articles/01-part-1.md:1: issue 1: it was due on" in done.stderr
    assert "`partwork publish 1 --to weekly --send`" in done.stderr
    assert fake.deliveries == []
    assert run(root, "publish", "1", "--to", "weekly", "--send", "--yes").returncode == 0
    assert len(fake.deliveries) == 3


def test_a_lost_answer_ends_with_3_and_the_next_run_finds_what_happened(
    root: Path, fake: FakeListmonk
) -> None:
    fake.strike(Accident(3, "after", "lost"))
    done = run(root, "publish", "--due")
    assert done.returncode == 3
    assert "newsletter.toml:" in done.stderr
    assert "whether it did what was asked is not known" in done.stderr
    assert TOKEN not in done.stderr
    fake.strike(None)
    assert "began to be released" in run(root, "ledger", "verify").stderr
    assert "was sent to 3 readers" in ok(root, "publish", "--due")
    assert set(fake.copies().values()) == {1}
    assert run(root, "ledger", "verify").stderr == ""


def test_an_error_of_the_lint_ends_with_1_and_nothing_is_stored(
    root: Path, fake: FakeListmonk
) -> None:
    settings = root / "newsletter.toml"
    settings.write_text(settings.read_text() + '[lint]\nlink-vague = "error"\n')
    part = root / "articles/01-part-1.md"
    part.write_text(part.read_text() + "[click here](https://x.example/)\n")
    done = run(root, "publish", "--send", "--yes")
    assert done.returncode == 1
    assert "articles/01-part-1.md:9: " in done.stderr
    assert fake.requests == []


def test_ctrl_c_ends_cleanly_and_the_next_run_sends_once(root: Path, fake: FakeListmonk) -> None:
    fake.strike(Accident(3, "after", "late"))
    running = started(root, "publish", "--send", "--yes")
    until = time.monotonic() + 30
    while not fake.deliveries and time.monotonic() < until:
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert (running.returncode, said.strip()) == (130, "Stopped.")
    fake.strike(None)
    assert "was sent to 3 readers" in ok(root, "publish", "1", "--send", "--yes")
    assert set(fake.copies().values()) == {1}


# The ledger and the services.


def test_a_persons_word_is_written_into_the_ledger_and_obeyed(
    tmp_path: Path, fake: FakeListmonk
) -> None:
    root = outlet(tmp_path, fake, weekly(3), 'mode = "send"')
    assert ok(root, "ledger", "show") == "The ledger is empty.\n"
    said = ok(root, "ledger", "skip", "1", "--to", "weekly")
    assert said == "Issue 1 at weekly: skipped.\n"
    assert ok(root, "ledger", "resolve", "2", "--submitted") == "Issue 2 at weekly: settled.\n"
    assert ok(root, "publish", "--due") == "Issue 3 at weekly was sent to 3 readers.\n"
    assert fake.order() == ["Part 3"]
    assert "a person said that it was submitted" in ok(root, "ledger", "show", "--to", "weekly")
    assert ok(root, "ledger", "forget", "1") == "Issue 1 at weekly: forgotten.\n"
    assert "after it went to weekly already" in run(root, "publish", "1", "--send", "--yes").stderr
    done = run(root, "ledger", "resolve", "1")
    assert done.returncode == 2
    assert "say --submitted, or --retry" in done.stderr


def test_damage_is_named_with_its_line_and_set_aside_without_loss(root: Path) -> None:
    ok(root, "publish")
    with (root / ledger.FILE).open("a") as file:
        file.write("<<<<<<< HEAD\n")
    for command in (["publish", "--due"], ["ledger", "show"], ["ledger", "verify"], ["status"]):
        done = run(root, *command)
        assert done.returncode == 1
        assert "ledger.jsonl:3: this line can't be read" in done.stderr
    assert "1 unreadable line was set aside" in ok(root, "ledger", "verify", "--fix")
    assert "<<<<<<< HEAD" in ok(root, "ledger", "show")


def test_services_shows_what_is_set_up_and_never_a_secret(root: Path) -> None:
    said = ok(root, "services", "--ping")
    assert "Weekly (3 readers)" in said
    done = run(root, "services", token="")
    assert done.returncode == 0
    assert "LISTMONK_TOKEN (not set)" in done.stdout
    done = run(root, "services", "--ping", token="word-nobody-sees")  # noqa: S106 - a wrong one
    assert done.returncode == 1
    assert "invalid API credentials" in done.stderr
    assert "word-nobody-sees" not in done.stdout + done.stderr
    listed = json.loads(ok(root, "services", "--ping", "--format", "json"))["services"]
    assert listed[0]["can"] == ["draft", "test", "schedule", "count"]
    assert listed[0]["audience"] == [{"name": "Weekly", "size": 3}]
