from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import click
import pytest
from folders import SENDER, SETTINGS, article, ok, partwork, run, run_python, snapshot, three, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import newsletter


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


def test_init_begins_in_the_folder_that_root_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes").mkdir()
    monkeypatch.chdir(tmp_path)
    assert ok("-C", "notes", "init").output.endswith("\nNow: partwork -C notes build\n")
    made = json.loads(ok("-C", "notes", "init", "more", "--format", "json").stdout)
    assert made["folder"] == str(Path("notes/more"))
    assert [one.name for one in tmp_path.iterdir()] == ["notes"]
    ok("build", root=tmp_path / "notes/more")


def test_the_command_that_init_names_can_be_run_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = ok("init", "Dana's notes").output.rpartition("Now: partwork ")[2]
    ok(*shlex.split(said))
    assert (tmp_path / "Dana's notes/output/feed.xml").is_file()


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


def test_what_may_not_be_read_is_named_as_that(open_to_all: Path) -> None:
    """As a user without the right to: root may read anything."""
    closed = {
        "newsletter.toml": "",
        "email_templates/issue.mjml.j2": "",
        "email_templates/partials/inner.j2": "",
        "email_templates/themes/calm/theme.toml": "",
        "email_templates/words/en.toml": "",
    }
    root = write(
        open_to_all, closed | {"email_templates/a.j2": "{% include 'partials/inner.j2' %}"}
    )
    for path in closed:
        (root / path).chmod(0)
    (root / "email_templates/words").chmod(0)
    done = run_python(
        f"""
        from pipeline import templating, themes
        from pipeline.emails import words
        root = Path({str(root)!r})
        folders = [root / "email_templates"]
        env = templating.environment(folders, root=root)
        env.from_string("{{% include 'x' %}}")  # loads what Jinja loads late
        give_up_root()
        for read in (
            lambda: newsletter.load(root),
            lambda: templating.render(env, "issue.mjml.j2"),
            lambda: templating.render(env, "a.j2"),
            lambda: themes.load(folders, "calm"),
            lambda: words.load(folders, "en"),
        ):
            try:
                read()
            except Exception as error:
                print(str(error).removeprefix(f"{{root}}/"))
        """
    )
    (root / "email_templates/words").chmod(0o755)
    assert done.stdout.splitlines() == [
        f"{path}: this can't be read (Permission denied): check its permissions" for path in closed
    ], done.stderr


def test_check_fix_writes_what_is_missing_and_then_all_is_well(tmp_path: Path) -> None:
    root = write(tmp_path, {"articles/01-a.md": article("A", id=None)})
    assert run("check", "--as-of", "2026-11-01", root=root).exit_code == 1
    dry = run("check", "--fix", "--dry-run", "--as-of", "2026-11-01", root=root)
    assert dry.exit_code == 1
    done = ok("check", "--fix", "--as-of", "2026-11-01", root=root)
    assert "articles/01-a.md:3: id: tag:northgate.example,2026:a" in done.output
    assert "date: 2026-10-06T09:00:00+01:00" in done.output
    again = ok("check", "--fix", "--as-of", "2026-11-01", root=root)
    assert again.output == "1 article, nothing wrong.\n"


def test_status_shows_the_series_as_a_table_in_aligned_columns(tmp_path: Path) -> None:
    files = three() | {"articles/04-x.md": article("第四部 " + "long " * 60)}
    lines = ok("status", "--as-of", "2026-10-14", root=write(tmp_path, files)).output.splitlines()
    assert lines[0] == "Care in Parts"
    assert re.sub(" +", " ", lines[2]) == "1 Part one Tue 2026-10-06 09:00 001 issued"
    assert lines[4].endswith("waiting until 2026-10-20 09:00")
    assert all(len(line) < 130 for line in lines)


def test_a_build_shows_of_a_long_series_what_is_about_the_next_part(tmp_path: Path) -> None:
    parts = {f"articles/{n:02}-{n}.md": article(f"Nr. {n}") for n in range(1, 51)}
    root = write(tmp_path, {"newsletter.toml": SETTINGS + SENDER} | parts)

    def table(*args: str) -> list[str]:
        output = ok(*args, root=root).output
        rows = output.partition("\n\n")[0].splitlines()[2:]
        return [re.sub(" +", " ", row) for row in rows]

    early = table("build", "--as-of", "2026-10-14")
    assert [row.split()[0] for row in early] == [*map(str, range(1, 9)), "…"]
    assert early[-1] == "… 42 after: `partwork status` shows all"
    late = table("build", "--as-of", "2028-01-01")
    assert late[0] == "… 45 before: `partwork status` shows all"
    assert [row.split()[0] for row in late[1:]] == ["46", "47", "48", "49", "50"]
    assert len(table("status", "--as-of", "2028-01-01")) == 50
    data = json.loads(ok("build", "--as-of", "2028-01-01", "--format", "json", root=root).output)
    assert len(data["articles"]) == 50


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
