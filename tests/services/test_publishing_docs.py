from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from fake_listmonk import TOKEN, FakeListmonk
from fakes import Accident, served
from folders import ROOT, write
from outlet import dated, ok, outlet, run

from pipeline import cli, ledger
from pipeline.publish.places import TABLE
from pipeline.starting import samples

DOCS = ROOT / "docs"
OPERATIONS = (DOCS / "operations.md").read_text(encoding="utf-8")
SCHEDULE = (DOCS / "schedule.md").read_text(encoding="utf-8")
PAGES = (OPERATIONS, SCHEDULE, (ROOT / "README.md").read_text(encoding="utf-8"))


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", SCHEDULE, re.DOTALL)


def commands() -> Iterator[str]:
    """Every call of the program in these pages, by whole words."""
    for page in PAGES:
        for words in re.findall(r"partwork (?:[a-z]+)(?: [^\s`|]+)*", page):
            if words.split()[1] in cli.COMMANDS:
                yield words.partition("  ")[0]


def test_every_command_in_the_pages_is_one_that_the_program_takes() -> None:
    found = sorted(set(commands()))
    assert len(found) > 10
    for words in found:
        expect_parsed([*map(_filled, shlex.split(words.partition(" #")[0])[1:])])


def _filled(word: str) -> str:
    return {"N": "7"}.get(word, word.rstrip(".,;:"))


def expect_parsed(words: list[str]) -> None:
    """The command line takes these words; a sentence that goes on after a command is let pass."""
    name, *rest = words
    command: click.Command | None = cli.cli.get_command(click.Context(cli.cli), name)
    assert command is not None, words
    if isinstance(command, click.Group) and rest:
        command = command.commands[rest.pop(0)]
    known = {one for param in command.params for one in param.opts}
    assert {one for one in rest if one.startswith("--")} <= known | {"--help"}, words


def test_the_state_machine_in_the_page_is_the_one_in_the_code() -> None:
    for place in TABLE:
        assert f"| `{place.name}` | {place.value} |" in OPERATIONS


def test_the_workflows_let_one_run_at_a_time_and_keep_the_ledger_by_one_script() -> None:
    github, gitlab = (yaml.safe_load(one) for one in blocks("yaml"))
    assert github["concurrency"] == {"group": "publish", "cancel-in-progress": False}
    assert github["permissions"] == {"contents": "write"}
    assert gitlab["publish"]["resource_group"] == "publish"
    ours, theirs = script(github), gitlab["publish"]["script"][-1]
    assert theirs.replace(" -o ci.skip", "") == ours


def test_a_new_newsletter_hands_over_in_timed_runs_alone_and_by_the_same_script() -> None:
    github = yaml.safe_load(blocks("yaml")[0])
    switched_on = yaml.safe_load(re.sub(r"^( *)# (?=[- p])", r"\1", samples.WORKFLOW, flags=re.M))
    assert switched_on["permissions"] == github["permissions"]
    *_, last = switched_on["jobs"]["build"]["steps"]
    assert last["if"] == "github.event_name == 'schedule'", "a push may be of any branch"
    (same,) = (one for one in github["jobs"]["publish"]["steps"] if one.get("name") == last["name"])
    assert {**same, "if": last["if"]} == last
    assert switched_on["jobs"]["build"]["steps"][0] == github["jobs"]["publish"]["steps"][0]


def test_the_units_name_each_other_and_the_command() -> None:
    service, timer = (ConfigParser() for _ in range(2))
    for unit, text in zip((service, timer), blocks("ini"), strict=True):
        unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have capitals
        unit.read_string(text)
    assert service["Service"]["ExecStart"].endswith("/partwork publish --due")
    assert timer["Timer"]["Persistent"] == "true"
    assert blocks("crontab")[0].rstrip().endswith("/partwork publish --due")


# The script that workflows run, with a repository and a service.


def script(workflow: dict[str, Any]) -> str:
    steps = workflow["jobs"]["publish"]["steps"]
    found: str = next(step["run"] for step in steps if "git push" in step.get("run", ""))
    return found


def git(folder: Path, *args: str) -> str:
    """Run git where no settings of this machine matter."""
    return subprocess.run(  # noqa: S603 - git itself
        ["git", *args],  # noqa: S607
        cwd=folder,
        env=os.environ | ENVIRON,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


ENVIRON = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Partwork",
    "GIT_AUTHOR_EMAIL": "partwork@localhost",
    "GIT_COMMITTER_NAME": "Partwork",
    "GIT_COMMITTER_EMAIL": "partwork@localhost",
}


def shell(script: str, cwd: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script of our own page where `partwork` is this program; `folder` is for that."""
    program = folder / "bin/partwork"
    program.parent.mkdir(exist_ok=True)
    program.write_text('#!/bin/sh\nexec python -m pipeline "$@"\n')
    program.chmod(0o755)
    path = [str(program.parent), str(Path(sys.executable).parent), os.environ["PATH"]]
    paths = {"PATH": os.pathsep.join(path), "PYTHONPATH": str(ROOT)}
    return subprocess.run(  # noqa: S603 - the script of our own page
        ["bash", "-e", "-c", script],  # noqa: S607
        cwd=cwd,
        env=os.environ | ENVIRON | paths | {"LISTMONK_TOKEN": TOKEN},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


class Runner:
    """Checks the repository out anew for each run, as workflows do."""

    def __init__(self, folder: Path, fake: FakeListmonk) -> None:
        self.folder = folder
        self.origin = folder / "origin.git"
        home = outlet(folder / "home", fake, dated(timedelta(hours=1)), 'mode = "send"')
        (home / ".gitattributes").write_text("ledger.jsonl merge=union\n")
        git(folder, "init", "-q", "--bare", "-b", "main", str(self.origin))
        git(home, "init", "-q", "-b", "main")
        git(home, "add", ".")
        git(home, "commit", "-q", "-m", "Begin")
        git(home, "push", "-q", str(self.origin), "main")

    def checkout(self, name: str) -> Path:
        git(self.folder, "clone", "-q", str(self.origin), name)
        return self.folder / name

    def run(self, checkout: Path) -> int:
        return shell(script(yaml.safe_load(blocks("yaml")[0])), checkout, self.folder).returncode

    def events(self) -> list[str]:
        """What the ledger on the server says."""
        lines = git(self.origin, "show", f"main:{ledger.FILE}").splitlines()
        return [re.findall(r'"event":"(\w+)"', line)[0] for line in lines]


@pytest.fixture
def fake() -> Iterator[FakeListmonk]:
    with served(FakeListmonk) as fake:
        yield fake


@pytest.fixture
def runner(tmp_path: Path, fake: FakeListmonk) -> Runner:
    return Runner(tmp_path, fake)


def test_a_workflow_sends_once_and_its_ledger_reaches_the_repository(
    runner: Runner, fake: FakeListmonk
) -> None:
    assert runner.run(runner.checkout("first")) == 0
    assert runner.events()[-1] == "settled"
    commits = git(runner.origin, "rev-list", "--count", "main")
    assert runner.run(runner.checkout("second")) == 0
    assert git(runner.origin, "rev-list", "--count", "main") == commits, "nothing was due"
    assert set(fake.copies().values()) == {1}


def test_a_ledger_is_kept_also_where_the_build_changed_files_that_git_has(
    runner: Runner, fake: FakeListmonk
) -> None:
    checkout = runner.checkout("first")
    (checkout / ".gitattributes").write_text("ledger.jsonl merge=union\n*.html text\n")
    assert runner.run(checkout) == 0
    assert runner.events()[-1] == "settled"


def test_a_workflow_that_ends_in_doubt_keeps_the_ledger_and_its_exit_code(
    runner: Runner, fake: FakeListmonk
) -> None:
    fake.strike(Accident(3, "after", "lost"))
    assert runner.run(runner.checkout("first")) == 3
    assert runner.events()[-1] == "submitting"
    fake.strike(None)
    assert runner.run(runner.checkout("second")) == 0
    assert runner.events()[-1] == "settled"
    assert set(fake.copies().values()) == {1}


def test_two_workflows_that_began_with_one_ledger_send_once_and_their_lines_merge(
    runner: Runner, fake: FakeListmonk
) -> None:
    first, second = runner.checkout("first"), runner.checkout("second")
    assert runner.run(first) == 0
    assert runner.run(second) == 0
    assert runner.events().count("settled") == 2
    assert set(fake.copies().values()) == {1}
    assert [one.event.value for one in ledger.read(runner.checkout("third"))].count("settled") == 2


def test_of_many_newsletters_one_that_fails_keeps_no_other_from_its_turn(
    tmp_path: Path, fake: FakeListmonk
) -> None:
    (loop,) = (one for one in blocks("sh") if "for newsletter in" in one)
    write(tmp_path, {"clients/a broken one/newsletter.toml": "title = "})
    outlet(tmp_path / "clients/north", fake, dated(timedelta(hours=1)), 'mode = "send"')
    done = shell(loop, tmp_path, tmp_path)
    assert done.returncode == 1
    assert set(fake.copies().values()) == {1}
    broken, north = done.stdout.strip().split("\n\n")
    assert broken.startswith("clients/a broken one/\nerror: newsletter.toml:1: ")
    assert north == "clients/north/\nIssue 1 at weekly was sent to 3 readers."
    (tmp_path / "clients/a broken one/newsletter.toml").unlink()
    (tmp_path / "clients/a broken one").rmdir()
    again = shell(loop, tmp_path, tmp_path)
    assert (again.returncode, again.stdout) == (0, ""), "and nothing is said where nothing is due"


def test_what_the_page_says_to_run_after_exit_code_3_lets_the_issue_out_again(
    tmp_path: Path, fake: FakeListmonk
) -> None:
    root = outlet(tmp_path, fake, dated(timedelta(hours=1)))
    steps = OPERATIONS.partition("## Exit code 3\n")[2].partition("\n## ")[0]
    (told,) = re.findall(r"`partwork (ledger forget 7 --to weekly)`", steps)
    ok(root, "publish", "--draft")
    fake.campaigns.clear()
    again = ("publish", "1", "--send", "--yes")
    done = run(root, *again)
    assert done.returncode == 3
    assert "which holds it no longer" in done.stderr
    assert f"`partwork {told.replace('7', '1')}`" in done.stderr
    ok(root, *told.replace("7", "1").split())
    assert "was sent to 3 readers" in ok(root, *again)
