from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from folders import ROOT, SENDER, SETTINGS, article, partwork, snapshot, three, write
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline import cli, newsletter, plan
from pipeline.commands import options
from pipeline.errors import Problem

REPORTS = ["init", "new", "check", "build", "feed", "issue", "status"]
"""The commands with `--format`."""


def run(*args: str | Path, root: Path | None = None) -> Result:
    where = ["-C", str(root)] if root else []
    return CliRunner().invoke(cli.cli, [*where, *map(str, args)])


def ok(*args: str | Path, root: Path | None = None) -> Result:
    done = run(*args, root=root)
    assert done.exit_code == 0, done.output
    return done


# Wrong usage: exit code 2.


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["bild"], "there is no command 'bild': did you mean `build`?"),
        (["BUILD"], "did you mean `build`?"),
        (["zzz"], "use one of build, check, "),
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
        "real = outputs._holds\n"
        "def slow(*args):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    return real(*args)\n"
        "outputs._holds = slow\n"
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


# What a machine reads.


def test_json_names_every_problem_and_its_place(tmp_path: Path) -> None:
    root = write(tmp_path, three() | {"articles/02-two.md": article("Two", part=0, sumary="x")})
    done = run("check", "--format", "json", "--as-of", "2026-10-01", root=root)
    assert done.exit_code == 1
    result = json.loads(done.stdout)
    assert result["ok"] is False
    assert [(one["path"], one["line"], one["rule"]) for one in result["problems"]] == [
        ("articles/02-two.md", 5, "value"),
        ("articles/02-two.md", 6, "unknown-key"),
    ]
    assert set(result["problems"][0]) == {"path", "line", "severity", "rule", "message", "remedy"}


@pytest.mark.parametrize("command", REPORTS)
def test_json_is_one_valid_document_of_every_command(tmp_path: Path, command: str) -> None:
    title = 'Ü "quoted" \\ 👩‍⚕️ ]]> & <b>'
    files = three() | {"articles/01-one.md": article(title, id="tag:x,2026:1")}
    root = write(tmp_path, files | {"newsletter.toml": SETTINGS + SENDER})
    extra = {"new": ["A"], "init": [tmp_path / "new"]}.get(command, [])
    done = ok(command, *extra, "--format", "json", root=root)
    result = json.loads(done.stdout)
    assert result["ok"] is True
    for row in result.get("articles", []) if command == "status" else []:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", row["date"])


@pytest.mark.parametrize("command", ["build", "feed", "issue", "status", "new"])
def test_json_of_a_failure_is_valid_too(tmp_path: Path, command: str) -> None:
    extra = ["A"] if command == "new" else []
    done = run(command, *extra, "--format", "json", root=tmp_path / "none")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["problems"][0]["rule"] == "no-newsletter"


@given(
    st.text(st.characters(exclude_categories=())),
    st.text(st.characters(exclude_characters="\0/."), min_size=1, max_size=20),
)
@example("100%0A, 5%3A", "a%2Cb")
def test_an_annotation_is_one_line_that_github_reads_back(message: str, path: str) -> None:
    problem = Problem(path=path, line=3, message=message, remedy="mend it", rule="a,b:c")
    with click.Context(cli.cli) as context:
        context.params["root"] = Path()
        line = options._annotation(problem)
    match = re.fullmatch(
        r"::error file=([^,:\r\n]*),line=3,title=([^,:\r\n]*)::([^\r\n]*)", line, re.DOTALL
    )
    assert match
    assert unescaped(match[3]) == f"{message}: mend it"
    assert unescaped(match[2]) == "a,b:c"
    assert Path(unescaped(match[1])) == Path(path)


def unescaped(text: str) -> str:
    """As GitHub's runner reads a command's data and properties."""
    for code, char in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, char)
    return text


def test_annotations_point_into_the_repository_not_the_newsletter(tmp_path: Path) -> None:
    write(tmp_path / "clients/north", {"articles/x.md": "---\ntitle: A\n---\n"})
    done = partwork("-C", "clients/north", "check", "--format", "github", cwd=tmp_path)
    assert done.stdout.startswith("::error file=clients/north/articles/x.md,line=1,title=")


def test_problems_go_to_standard_error_and_the_result_alone_to_a_pipe(tmp_path: Path) -> None:
    done = partwork("-C", write(tmp_path, three()), "status", "--as-of", "2026-11-01")
    assert done.returncode == 0
    assert done.stdout.startswith("Care in Parts\n")
    done = partwork("-C", write(tmp_path, three()), "build", "--as-of", "2026-11-01")
    assert "warning: articles/01-one.md:1: its date" in done.stderr
    assert "warning" not in done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_title_can_be_shown_on_any_terminal(tmp_path: Path, encoding: str) -> None:
    root = write(tmp_path, {"articles/01-a.md": article("Ünï 👩‍⚕️ 第一部 קורס")})
    (root / "articles" / os.fsdecode(b"caf\xe9.md")).touch()
    done = partwork("-C", root, "check", PYTHONIOENCODING=encoding)
    assert done.returncode == 1
    assert "caf" in done.stderr
    assert "failed in a way" not in done.stderr
    (root / "articles" / os.fsdecode(b"caf\xe9.md")).unlink()
    assert partwork("-C", root, "status", PYTHONIOENCODING=encoding).returncode == 0


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


# The five commands people use.


def test_init_then_build_works_at_once(tmp_path: Path) -> None:
    ok("init", tmp_path / "my notes")
    done = ok("build", root=tmp_path / "my notes")
    assert "warning" not in done.output
    made = snapshot(tmp_path / "my notes/output")
    for path in ("feed.xml", "atom.xml", "feed.json", "feeds.opml", "index.html", "sitemap.xml"):
        assert made[path]
    assert made["issues/001-the-first-part/email.html"]
    ok("check", root=tmp_path / "my notes")
    ok("new", "What comes next", root=tmp_path / "my notes")
    assert ok("check", root=tmp_path / "my notes").output == "2 articles, nothing wrong.\n"


def test_new_says_what_it_made_and_dry_run_makes_nothing(tmp_path: Path) -> None:
    root = write(tmp_path, three())
    dry = ok("new", "Part four", "--dry-run", "--as-of", "2026-10-01", root=root)
    assert not (root / "articles/04-part-four.md").exists()
    made = json.loads(
        ok("new", "Part four", "--as-of", "2026-10-01", "--format", "json", root=root).stdout
    )
    assert made["path"] == "articles/04-part-four.md"
    assert made["part"] == 4
    assert made["date"] == "2026-10-27T09:00:00+00:00"
    assert (root / made["path"]).read_text(encoding="utf-8") in dry.output


def test_new_opens_the_editor_if_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path, three())
    monkeypatch.setenv("VISUAL", "touch edited; true")
    monkeypatch.setenv("EDITOR", "false")
    opened: list[str] = []
    monkeypatch.setattr(click, "edit", lambda **how: opened.append(how["filename"]))
    ok("new", "Part four", "--edit", root=root)
    assert opened == [str(root / "articles/04-part-four.md")]


def test_check_fix_writes_what_is_missing_and_then_all_is_well(tmp_path: Path) -> None:
    root = write(tmp_path, {"articles/01-a.md": article("A", id=None)})
    assert run("check", "--as-of", "2026-11-01", root=root).exit_code == 1
    dry = run("check", "--fix", "--dry-run", "--as-of", "2026-11-01", root=root)
    assert dry.exit_code == 1
    done = ok("check", "--fix", "--as-of", "2026-11-01", root=root)
    assert "articles/01-a.md:3: id: tag:northgate.example,2026:a" in done.output
    assert "date: 2026-10-06T09:00:00+01:00" in done.output
    again = ok("check", "--fix", "--as-of", "2026-11-01", root=root)
    assert again.output == "1 articles, nothing wrong.\n"


def test_status_shows_the_series_as_a_table_in_aligned_columns(tmp_path: Path) -> None:
    files = three() | {"articles/04-x.md": article("第四部 " + "long " * 60)}
    lines = ok("status", "--as-of", "2026-10-14", root=write(tmp_path, files)).output.splitlines()
    assert lines[0] == "Care in Parts"
    assert re.sub(" +", " ", lines[2]) == "1 Part one Tue 2026-10-06 09:00 001 issued"
    assert lines[4].endswith("waiting until 2026-10-20 09:00")
    assert all(len(line) < 130 for line in lines)


def test_an_issue_that_is_not_due_is_never_written_where_readers_see_it(tmp_path: Path) -> None:
    root = write(tmp_path, three() | {"newsletter.toml": SETTINGS + SENDER})
    ok("build", "--as-of", "2026-10-07", root=root)
    before = snapshot(root / "output")
    ok("issue", "next", "--as-of", "2026-10-07", root=root)
    assert snapshot(root / "output") == before
    assert (root / "previews/issues/002-two/email.html").exists()
    ok("issue", "1", "--as-of", "2026-10-07", root=root)
    assert (root / "output/issues/001-one/email.eml").exists()


@pytest.mark.parametrize("which", ["9", "0", "-1", "²", "9" * 5000, "first", ""])
def test_an_issue_that_there_is_not_is_refused(tmp_path: Path, which: str) -> None:
    done = run("issue", "--", which, root=write(tmp_path, three()))
    assert done.exit_code == 1
    assert "issue" in done.output


def test_another_folder_can_be_named_from_anywhere(tmp_path: Path) -> None:
    root = write(tmp_path / "Ünï côde", three())
    assert ok("status", root=root).output == partwork("status", cwd=root).stdout
    assert newsletter.load(root).root == root


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30))
def test_no_text_as_a_day_makes_a_command_fall_over(tmp_path: Path, day: str) -> None:
    done = run("status", f"--as-of={day}", root=write(tmp_path, {}))
    assert done.exit_code in (0, 2), done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
