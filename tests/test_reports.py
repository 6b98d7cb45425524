from __future__ import annotations

import json
import os
import re
from pathlib import Path

import click
import pytest
from folders import SENDER, SETTINGS, article, ok, partwork, run, three, write
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline import cli
from pipeline.commands import options
from pipeline.errors import Problem

REPORTS = ["init", "new", "check", "build", "feed", "issue", "status", "report"]
"""The commands with `--format`."""


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
    (tmp_path / ".git").touch()  # a file in git's worktrees, a folder elsewhere
    for cwd, folder in (
        (".", "clients/north"),
        ("clients/north", "."),
        ("clients", "../clients/north"),
    ):
        same = partwork("-C", folder, "check", "--format", "github", cwd=tmp_path / cwd)
        assert same.stdout == done.stdout, "also with a workflow's `working-directory`"
    beyond = partwork("-C", tmp_path / "clients/north", "check", "--format", "github", cwd="/")
    assert beyond.stdout == done.stdout


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
