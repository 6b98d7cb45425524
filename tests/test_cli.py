from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from folders import ROOT, article, ok, partwork, run, snapshot, three, write

from pipeline import cli, plan

REPORTS = [
    *("init", "new", "check", "build", "feed", "issue", "status"),
    *("report", "export", "calendar", "import"),
]
"""The commands with `--format`."""


# Wrong usage: exit code 2.


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["bild"], "there is no command 'bild': did you mean `build`?"),
        (["BUILD"], "did you mean `build`?"),
        (["zzz"], "use one of build, calendar, check, "),
        (["build", "--as-of", "soon"], "'soon' is not a date such as 2026-10-13"),
        (["build", "--as-of", "0001-01-01"], "is not a date"),
        (["build", "--as-of", "9999-12-31T23:59:59"], "is not a date"),
        (["build", "--format", "xml"], "'xml' is not one of 'text', 'json', 'github'"),
        (["build", "extra"], "unexpected extra argument"),
        (["new"], "Missing argument 'TITLE'"),
        (["build", "--bild"], "No such option"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_hint(tmp_path: Path, args: list[str], said: str) -> None:
    done = run(*args, root=write(tmp_path, {}))
    assert done.exit_code == 2
    assert said in done.output


# What the author can mend: exit code 1, no traceback.


@pytest.mark.parametrize(
    "command", [["build"], ["feed"], ["issue"], ["status"], ["check"], ["new", "A"]]
)
def test_no_command_shows_a_traceback_for_a_mistake(tmp_path: Path, command: list[str]) -> None:
    root = write(tmp_path, three() | {"articles/02-two.md": "---\ntitle: [\n---\n"})
    before = snapshot(root)
    done = partwork("-C", root, *command)
    assert done.returncode == 1
    assert "articles/02-two.md:" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert snapshot(root) == before, "nothing is written"


def test_debug_shows_the_traceback_wherever_it_stands(tmp_path: Path) -> None:
    for args in (("--debug", "-C", tmp_path, "build"), ("-C", tmp_path, "build", "--debug")):
        done = partwork(*args)
        assert done.returncode == 1
        assert "Traceback" in done.stderr


def test_an_unforeseen_error_is_one_line_and_a_way_to_report_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from pipeline.__main__ import main

    def broken(_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(plan, "survey", broken)
    monkeypatch.setattr(sys, "argv", ["partwork", "-C", str(write(tmp_path, {})), "check"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 70
    said = capsys.readouterr().err
    assert "ZeroDivisionError: a bug" in said
    assert "--debug" in said
    assert "Traceback" not in said


def test_a_folder_without_a_newsletter_says_how_to_begin(tmp_path: Path) -> None:
    done = run("build", root=tmp_path / "none")
    assert done.exit_code == 1
    assert "partwork init" in done.output


@pytest.mark.parametrize("blocker", ["file", "link"])
def test_an_output_that_is_no_folder_is_named(tmp_path: Path, blocker: str) -> None:
    root = write(tmp_path, three())
    (root / "output").touch() if blocker == "file" else (root / "output").symlink_to("none")
    done = run("build", root=root)
    assert done.exit_code == 1
    assert "output: this is not a folder: move it away" in done.output


# Stopped from outside.


def test_ctrl_c_ends_cleanly_and_leaves_the_last_good_output_whole(tmp_path: Path) -> None:
    root = write(tmp_path, three())
    ok("build", root=root)
    before = snapshot(root)
    write(root, {"articles/01-one.md": article("Part one", "Changed.\n")})
    code = (
        "import os, signal\n"
        "from pipeline import outputs\n"
        "real = outputs.staging.stage\n"
        "def slow(*args):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    return real(*args)\n"
        "outputs.staging.stage = slow\n"
        "from pipeline.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code, "-C", str(root), "build"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 130
    assert "Traceback" not in done.stderr
    assert "Stopped." in done.stderr
    write(root, {"articles/01-one.md": before["articles/01-one.md"]})
    assert snapshot(root) == before


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
def test_json_is_json_in_every_encoding_of_the_output(tmp_path: Path, encoding: str) -> None:
    write(tmp_path, {"articles/01-é.md": article("Thé 😀 “two”")})
    done = partwork("-C", tmp_path, "status", "--format", "json", PYTHONIOENCODING=encoding)
    assert json.loads(done.stdout)["articles"][0]["title"] == "Thé 😀 “two”"


def test_a_reader_that_closes_the_pipe_ends_it_quietly(tmp_path: Path) -> None:
    root = write(tmp_path, three())
    running = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "pipeline", "-C", str(root), "status"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert running.stdout
    assert running.stderr
    running.stdout.close()
    said = running.stderr.read()
    running.wait(30)
    running.stderr.close()
    assert "Traceback" not in said
    assert "BrokenPipe" not in said


# Help.


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_has_examples_that_are_right(command: str) -> None:
    said = ok(command, "--help").output
    assert "Examples:" in said
    examples = re.findall(r"^ +(partwork .*?)(?:  +.*)?$", said, re.MULTILINE)
    assert examples
    for line in examples:
        words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', line)][1:]
        expect_parsed([word for word in words if word not in (">", "eval")])


def expect_parsed(words: list[str]) -> None:
    """The command line takes these words: its parser finds no fault."""
    root = cli.cli.make_context("partwork", list(words))
    name, command, rest = cli.cli.resolve_command(root, [*root._protected_args, *root.args])
    assert name in cli.COMMANDS
    assert command
    rest = [word for word in rest if not word.startswith("~")]
    command.make_context(name, rest, parent=root)


@pytest.mark.parametrize("command", REPORTS)
def test_every_command_that_reports_has_the_same_options(command: str) -> None:
    said = ok(command, "--help").output
    assert "--format [text|json|github]" in said
    assert "--as-of DATE" in said


def test_the_short_help_lists_every_command_and_its_version() -> None:
    said = ok("--help").output
    assert all(f"  {name} " in said for name in cli.COMMANDS)
    assert re.fullmatch(r"partwork \d+\.\d+\S*\n", ok("--version").output)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_that_the_shell_can_take(shell: str) -> None:
    assert "_PARTWORK_COMPLETE" in ok("completion", shell).output


def test_a_command_says_all_it_has_to_say_before_it_ends_at_once() -> None:
    """Into a pipe, where nothing is written before the end."""
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "completion", "bash"],
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout.endswith(b"\n")
    assert done.stdout.count(b"\n") > 20


@pytest.mark.skipif(sys.platform == "win32", reason="a shell closes the streams")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_is_one_that_nobody_uses(tmp_path: Path, closed: str) -> None:
    root = write(tmp_path, three())
    for command, code in (("build", 0), ("build --format json", 0), ("publish --send", 2)):
        shell = f'"$0" -m pipeline -C "$1" {command} {closed}'
        done = subprocess.run(  # noqa: S603 - our own program
            ["sh", "-c", shell, sys.executable, str(root)],  # noqa: S607
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        assert done.returncode == code, done
    assert (root / "output/index.html").is_file()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_what_can_not_be_said_is_an_error_also_at_the_end() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "pipeline", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            cwd=ROOT,
        )
    assert done.returncode != 0
    assert b"Traceback" not in done.stderr
