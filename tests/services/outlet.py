"""A newsletter's folder with a mailing service at a fake, and the program run in it."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fake_listmonk import TOKEN, FakeListmonk
from folders import NEWSLETTER, SENDER, SERIES, article, partwork, write

LISTMONK = """
[services.{name}]
kind = "listmonk"
url = "{url}"
user = "api"
lists = [4]
timeout = 5
{more}
"""
NOW = datetime.now(UTC).replace(microsecond=0)
"""The program reads the real clock, so dates are counted from it."""


def dated(*ages: timedelta, **fields: object) -> dict[str, str]:
    """Parts of a series, each so long ago; a negative age is still to come."""
    return {
        f"articles/{number:02}-part-{number}.md": article(
            f"Part {number}", date=(NOW - age).isoformat(), **fields
        )
        for number, age in enumerate(ages, 1)
    }


def weekly(count: int = 3) -> dict[str, str]:
    """Parts a week apart, the last one due an hour ago."""
    return dated(*(timedelta(weeks=count - at, hours=1) for at in range(1, count + 1)))


def outlet(root: Path, fake: FakeListmonk, files: dict[str, str], more: str = "") -> Path:
    """The folder, with the service `weekly` at the fake."""
    services = LISTMONK.format(name="weekly", url=fake.url, more=more)
    return write(root, files | {"newsletter.toml": NEWSLETTER + SERIES + SENDER + services})


def run(root: Path, *args: str, token: str = TOKEN) -> subprocess.CompletedProcess[str]:
    """The program as a process of its own, without a terminal."""
    return partwork("-C", root, *args, LISTMONK_TOKEN=token)


def ok(root: Path, *args: str) -> str:
    """What the program says where all is well."""
    done = run(root, *args)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout
