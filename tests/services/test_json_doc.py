"""docs/json.md names the keys that `--format json` gives, each of them and no other."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path, PureWindowsPath
from typing import Any, get_args

import click
import pytest
from fake_listmonk import TOKEN, FakeListmonk
from fake_smtp import served_smtp
from fakes import served
from folders import (
    NEWSLETTER,
    NOW,
    ROOT,
    SENDER,
    SERIES,
    SETTINGS,
    article,
    run,
    three,
    write,
)
from outlet import dated, outlet
from reported import SOME, handed

from pipeline import built, calendars, ledger
from pipeline.cli import COMMANDS, cli
from pipeline.commands import options
from pipeline.ledger.entries import Entry, Event
from pipeline.ledger.records import Stage

PAGE = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
AS_OF = ("--as-of", "2026-10-14")
"""When two of three weekly parts are published."""


def documented() -> dict[str, dict[str, str]]:
    """The keys of each command with their kinds; those of every command stand under "".

    A heading names in code the commands that the table below it is about.
    """
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for section in PAGE.split("\n## ")[1:]:
        heading, _, rest = section.partition("\n")
        keys = dict(re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", rest, re.MULTILINE))
        for command in re.findall(r"`([^`]+)`", heading) or [""]:
            assert not found[command].keys() & keys, heading
            found[command] |= keys
    return found


DOCUMENTED = documented()


def values(value: Any, key: str, known: set[str]) -> Iterator[tuple[str, Any]]:
    """Every key of a value with what it holds; of an object whose names differ, `key{}`."""
    yield key, value
    if isinstance(value, list):
        for one in value:
            yield from values(one, f"{key}[]", known)
        if not value:
            yield f"{key}[]", ...
    elif isinstance(value, dict) and f"{key}{{}}" in known:
        yield from ((f"{key}{{}}", one) for one in value.values())
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from values(one, f"{key}.{name}".removeprefix("."), known)


def leaves(keys: set[str]) -> set[str]:
    """Those keys that hold no other."""
    return {one for one in keys if not any(re.match(rf"{re.escape(one)}[.\[{{]", o) for o in keys)}


def fits(value: Any, kind: str) -> bool:
    """Whether a value is of one of the kinds that a row names."""
    kinds = {
        "text": lambda: isinstance(value, str),
        "number": lambda: isinstance(value, int | float) and not isinstance(value, bool),
        "true/false": lambda: isinstance(value, bool),
        "moment": lambda: datetime.fromisoformat(value).tzinfo is not None,
        "day": lambda: str(date.fromisoformat(value)) == value,
        "list": lambda: isinstance(value, list),
        "null": lambda: value is None,
    }
    for one in re.split(r", | or ", kind.strip()):
        try:
            if kinds[one]():
                return True
        except (TypeError, ValueError):
            continue
    return False


def expect_documented(command: str, *told: str) -> None:
    """What a command told, in several runs, has the keys that the page says, and such values."""
    kinds = DOCUMENTED[""] | DOCUMENTED[command]
    seen: dict[str, list[Any]] = defaultdict(list)
    for one in told:
        for key, value in values(json.loads(one), "", {*kinds}):
            seen[key].append(value)
    problems = {key for key in DOCUMENTED[""] if key.startswith("problems")}
    assert leaves({*seen} - {""}) | problems | {"problems[]"} == leaves({*kinds}) | {"problems[]"}
    wrong = [
        (key, kind, value)
        for key, kind in kinds.items()
        for value in seen[key]
        if value is not ... and not fits(value, kind)
    ]
    assert wrong == []
    nulls = {key for key, kind in kinds.items() if "null" in kind}
    assert {key for key in nulls - problems if None not in seen[key]} == set()


def told(root: Path, *args: str | Path, code: int = 0) -> str:
    """What a command says with `--format json`."""
    done = run(*args, "--format", "json", root=root)
    assert done.exit_code == code, done.output
    assert json.loads(done.stdout)["ok"] is (code == 0)
    return done.stdout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three parts, a draft, a part that waits behind it, and an article outside any series."""
    return write(
        tmp_path / "root",
        three()
        | {
            "newsletter.toml": SETTINGS + SENDER,
            "articles/04-four.md": article("Four", draft=True),
            "articles/05-five.md": article("Five"),
            "articles/apart.md": article("Apart", series=None, date="2026-10-22"),
            "articles/idea.md": article("An idea", series=None, draft=True),
            "articles/plan.md": article("A plan", series=None, draft=True, date="2026-10-18"),
        },
    )


@pytest.fixture
def mailed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two parts that are due and one that is to come, and a service."""
    monkeypatch.setenv("LISTMONK_TOKEN", TOKEN)
    ages = (timedelta(days=8), timedelta(hours=1), timedelta(days=-6))
    with served(FakeListmonk) as fake:
        yield outlet(tmp_path / "mailed", fake, dated(*ages), 'mode = "send"')


# Where something is wrong.


EVERY = """build, feed, check, status, issue, new More, calendar, publish, publish --due, services,
report, ping, themes, export, import x.txt, init ., ledger show, ledger verify, ledger skip 1,
ledger forget 1, ledger resolve 1 --retry"""


@pytest.mark.parametrize("command", EVERY.replace("\n", " ").split(", "))
def test_an_error_that_ends_a_command_leaves_ok_and_problems(root: Path, command: str) -> None:
    (root / "newsletter.toml").write_text("a = [", encoding="utf-8")
    said = json.loads(told(root, *command.split(), code=1))
    assert said.keys() == {"ok", "problems"}
    assert [set(one) for one in said["problems"]] == [
        {key.partition(".")[2] for key in DOCUMENTED[""] if "." in key}
    ] * len(said["problems"])
    assert all(fits(one["line"], "number or null") for one in said["problems"])


def test_a_command_that_was_called_wrongly_says_it_in_text(root: Path) -> None:
    done = run("publish", "--send", "--draft", "--format", "json", root=root)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "exclude each other" in done.stderr


def test_paths_have_forward_slashes_on_windows_too(capsys: pytest.CaptureFixture[str]) -> None:
    options.report("json", (), data={"folder": PureWindowsPath("a\\b"), "file": Path("c/d")})
    assert json.loads(capsys.readouterr().out) == {
        "ok": True,
        "folder": "a/b",
        "file": "c/d",
        "problems": [],
    }


# Command by command.


def test_the_page_tells_of_every_command_that_takes_the_option() -> None:
    context = click.Context(cli)
    found = set()
    for name in COMMANDS:
        command = cli.get_command(context, name)
        below = command.commands if isinstance(command, click.Group) else {"": command}
        for part, one in below.items():
            assert one is not None
            if any(option.name == "style" for option in one.params):
                found.add(f"{name} {part}".rstrip())
    assert {*DOCUMENTED} - {""} == found
    assert [one for one in COMMANDS if one not in PAGE] == []


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("articles[].state", get_args(built.State)),
        ("days[].state", get_args(calendars.State)),
        ("issues[].stage", Stage),
        ("entries[].event", Event),
    ],
)
def test_the_page_names_every_word_that_a_key_can_have(key: str, words: Iterable[str]) -> None:
    row = re.search(rf"^\| `{re.escape(key)}` \| text \|(.*)", PAGE, re.MULTILINE)
    assert row is not None
    assert set(re.findall(r"`([^`]+)`", row[1])) == {str(one) for one in words}


def test_builds(root: Path) -> None:
    expect_documented("build", told(root, "build", *AS_OF))
    expect_documented("feed", told(root, "feed", *AS_OF))


def test_status(root: Path, mailed: Path) -> None:
    told(mailed, "publish", "1", "--send", "--yes")
    expect_documented("status", told(mailed, "status"), told(root, "status", *AS_OF))


def test_check(root: Path) -> None:
    fixed = told(root, "check", "--fix", "--links", *AS_OF)
    assert json.loads(fixed)["fixed"]
    expect_documented("check", fixed)


def test_issue(root: Path) -> None:
    expect_documented("issue", told(root, "issue", "1", *AS_OF))


def test_publish(mailed: Path) -> None:
    stored = told(mailed, "publish", "1", "--send", "--yes")
    later = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    planned = told(mailed, "publish", "2", "--at", later, "--yes")
    seen = told(mailed, "publish", "--due", "--dry-run")
    expect_documented("publish", stored, planned, seen)


def test_services(mailed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served_smtp() as fake, (mailed / "newsletter.toml").open("a", encoding="utf-8") as file:
        file.write(f'[services.list]\nkind = "smtp"\nhost = "127.0.0.1"\nport = {fake.port}\n')
        file.write('security = "none"\n')
        file.flush()
        asked = told(mailed, "services", "--ping")
    monkeypatch.delenv("LISTMONK_TOKEN")
    expect_documented("services", asked, told(mailed, "services"))


def test_report(root: Path) -> None:
    handed(root, SOME, None, {}, {"opens": 1})
    plain = told(root, "report", "--as-of", "2026-12-01")
    expect_documented("report", plain, told(root, "report", "--html"))


def test_the_ledger(mailed: Path) -> None:
    told(mailed, "publish", "1", "--draft")
    with ledger.opened(mailed) as book:
        of = {"service": "weekly", "issue": "x", "number": 7, "note": "said", "when": NOW}
        told_of = {"counts": {"opens": 1}, "repeats": ("opens",), **of}
        book.append(Entry(at=NOW, event=Event.SETTLED, **told_of))  # type: ignore[arg-type]
    expect_documented("ledger show", told(mailed, "ledger", "show"))
    expect_documented("ledger verify", told(mailed, "ledger", "verify", "--fix"))
    for command in (["skip", "1"], ["resolve", "2", "--submitted"], ["forget", "2"]):
        said = json.loads(told(mailed, "ledger", *command))
        rows = {f"entries[].{key}" for one in said["entries"] for key in one}
        known = {one.removesuffix("[]").removesuffix("{}") for one in DOCUMENTED["ledger show"]}
        assert rows
        assert rows <= known


def test_calendar(root: Path) -> None:
    written = told(root, "calendar", "--ics", *AS_OF)
    late = told(root, "calendar", "--as-of", "2026-10-30")
    expect_documented("calendar", written, late)


def test_new(root: Path, tmp_path: Path) -> None:
    apart = told(root, "new", "A note", "--series", "")
    undated = write(tmp_path / "undated", {"newsletter.toml": NEWSLETTER + SERIES})
    expect_documented("new", told(undated, "new", "More"), apart)


def test_init(tmp_path: Path) -> None:
    expect_documented("init", told(tmp_path, "init", "notes"))


def test_import(root: Path, tmp_path: Path) -> None:
    page, text = tmp_path / "page.html", tmp_path / "part-6.txt"
    dated = '<meta property="article:published_time" content="2026-10-01T10:00:00Z">'
    page.write_text(f"{dated}<title>A</title><p>Words<video src=x.mp4></video>.")
    text.write_text("Six\n\nSome words.\n")
    apart = [told(root, "import", page, "--series", "") for _ in range(2)]
    expect_documented("import", *apart, told(root, "import", text, "--series", "care"))


def test_export(root: Path) -> None:
    expect_documented("export", told(root, "export", "--as", "json", *AS_OF))


def test_themes(root: Path) -> None:
    expect_documented("themes", told(root, "themes"))


def test_ping(root: Path) -> None:
    with (root / "newsletter.toml").open("a", encoding="utf-8") as settings:
        settings.write('[feeds]\nhub = "https://hub.example/"\n')
    told(root, "feed", *AS_OF)
    expect_documented("ping", told(root, "ping", "--dry-run"))


# The examples.


@pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq")
def test_the_examples_give_what_they_say(root: Path) -> None:
    (root / "articles" / "apart.md").write_text("no front matter", encoding="utf-8")
    lines = re.search(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    assert lines is not None
    number, errors, size = (line for line in lines[1].splitlines() if not line.startswith("#"))
    here = f'"{sys.executable}" -m pipeline -C "{root}"'
    head = f'partwork() {{ {here} "$@" {" ".join(AS_OF)}; }}\n'

    def given(line: str) -> str:
        done = subprocess.run(  # noqa: S603 - the page's own lines
            ["/bin/sh", "-c", head + line],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        return done.stdout.strip()

    assert given(errors).startswith("articles/apart.md:1: ")
    (root / "articles" / "apart.md").unlink()
    assert given(number) == "3"
    biggest = given(size)
    emails = [*root.glob("output/issues/*/email.html")]
    assert len(emails) == 2
    assert biggest == str(max(one.stat().st_size for one in emails))
