"""Newsletter folders for tests, written from a dict: path → contents."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from pipeline import cli
from pipeline.errors import PartworkError, Problem

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
"""After the first four slots of `SETTINGS`: 6, 13, 20 and 27 October 2026."""
BEFORE = datetime(2026, 10, 1, tzinfo=UTC)

NEWSLETTER = """\
[newsletter]
title = "Northgate Notes"
url = "https://northgate.example/notes/"
description = "One part at a time."
author = { name = "Ann Lee" }
timezone = "Europe/London"
"""
SERIES = """
[series.care]
title = "Care in Parts"
"""
WEEKLY = """
[schedule]
start = 2026-10-06
"""
SETTINGS = NEWSLETTER + SERIES + WEEKLY
SENDER = """
[email]
from_address = "notes@northgate.example"
to = "readers@northgate.example"
address = "1 Gate Lane, Northgate"
unsubscribe_url = "https://northgate.example/unsubscribe"
"""


def article(title: str, body: str = "Text.\n", **fields: Any) -> str:
    """An article file: a part of the series `care` unless `series` is None.

    A value of None leaves a line out; every other value is written as JSON, which is YAML.
    """
    given = {"title": title, "id": f"tag:northgate.example,2026:{title}".replace(" ", "-")}
    lines = [
        f"{key}: {value if key in ('date', 'updated') else json.dumps(value, ensure_ascii=False)}"
        for key, value in (given | {"series": "care"} | fields).items()
        if value is not None
    ]
    return "---\n" + "\n".join(lines) + f"\n---\n\n{body}"


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write the files below `root`, with `SETTINGS` unless it has others or they bring some."""
    (root / "articles").mkdir(parents=True, exist_ok=True)
    settings = {} if (root / "newsletter.toml").exists() else {"newsletter.toml": SETTINGS}
    for path, contents in (settings | dict(files)).items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(contents, str):
            contents = contents.encode(errors="surrogatepass")
        target.write_bytes(contents)
    return root


def three(**of_each: Any) -> dict[str, str]:
    """A series of three parts, numbered by their files' names."""
    names = ("one", "two", "three")
    return {
        f"articles/{at:02}-{name}.md": article(f"Part {name}", **of_each)
        for at, name in enumerate(names, 1)
    }


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes, the builds' own records aside."""
    return {path: (folder / path).read_bytes() for path in listed(folder)}


def listed(folder: Path) -> list[str]:
    """The files below a folder, the builds' own records aside, sorted."""
    return sorted(_files(folder))


def _files(folder: Path) -> Iterator[str]:
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".partwork")]
        for name in names:
            if not name.startswith(".partwork"):
                yield (Path(here) / name).relative_to(folder).as_posix()


def problems(error: PartworkError | tuple[Problem, ...]) -> list[str]:
    """Problems as people see them."""
    found = error.problems if isinstance(error, PartworkError) else error
    return [str(one) for one in found]


def prepared(code: str) -> str:
    """Code for a process of its own, with what most of it uses."""
    return _HEAD + textwrap.dedent(code)


_HEAD = """
import os, signal, sys, time
from pathlib import Path
from pipeline import articles, files, newsletter, outputs, readings

def give_up_root():
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
"""


def run_python(code: str, **how: Any) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own."""
    return subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", prepared(code)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=ROOT,
        **how,
    )


def partwork(
    *args: str | Path, cwd: Path | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run the program as a process of its own."""
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "pipeline", *map(str, args)],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} | env,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=120,
    )


def run(*args: str | Path, root: Path | None = None) -> Result:
    """Run a command in this process."""
    where = ["-C", str(root)] if root else []
    return CliRunner().invoke(cli.cli, [*where, *map(str, args)])


def ok(*args: str | Path, root: Path | None = None) -> Result:
    """The same, and it must end well."""
    done = run(*args, root=root)
    assert done.exit_code == 0, done.output
    return done
