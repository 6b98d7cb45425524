"""The preview as its own process, and the newsletter it shows."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from folders import NEWSLETTER, ROOT, SENDER, SERIES, article, write

SCHEDULE = """
[schedule]
start = 2026-10-06
"""
EDITOR = """
[preview]
editor = "vscode://file/{path}:{line}"
"""
SETTINGS = NEWSLETTER + SERIES + SCHEDULE + SENDER + EDITOR
PNG = (ROOT / "articles/images/logo.png").read_bytes()


@dataclass(frozen=True)
class Answer:
    """An answer of the server; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class Running:
    """A preview that answers at `url`."""

    url: str
    process: subprocess.Popen[str]

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://").rstrip("/")

    def ask(self, path: str, method: str = "GET", body: str = "", **headers: str) -> Answer:
        """One request, exactly as given: paths are not tidied up; None as a Host is ours."""
        connection = http.client.HTTPConnection("127.0.0.1", int(self.host.split(":")[1]))
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.putrequest(method, path, skip_host="host" in given)
        for name, value in given.items():
            connection.putheader(name, value)
        connection.putheader("content-length", str(len(body)))
        connection.endheaders(body.encode())
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, text)

    def page(self, path: str) -> str:
        """A page that is there."""
        answer = self.ask(path)
        assert answer.status == 200, (path, answer.status, answer.body[:300])
        return answer.body

    @property
    def framed(self) -> str:
        """How the addresses of this run's frames begin."""
        found = re.search(r'src="(/framed/[^/]+/)', self.page("/now/archive"))
        assert found
        return found[1]


def started(root: Path, *args: str, **env: str) -> subprocess.Popen[str]:
    """The program, listening on any port."""
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "pipeline", "-C", str(root), "preview", "--port", "0", *args],
        env=os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"} | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def preview(root: Path, *args: str, **env: str) -> Iterator[Running]:
    """A preview for as long as the context lasts; it must end well and say nothing of errors."""
    process = started(root, *args, **env)
    assert process.stdout
    assert process.stderr
    said = process.stdout.readline()
    found = re.search(r"http://\S+", said)
    if found is None:
        raise AssertionError(said + process.stderr.read())
    try:
        yield Running(found[0], process)
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")


def folder(root: Path, files: Mapping[str, str | bytes] | None = None) -> Path:
    """Two published parts, one to come in 2096, a draft, and a single article; with pictures."""
    picture = {"image": "images/logo.png", "image_alt": "Three leaves in a round frame."}
    words = "A sentence that says what this part is about, and why it matters to you.\n"
    given: dict[str, str | bytes] = {
        "newsletter.toml": SETTINGS,
        "articles/images/logo.png": PNG,
        "articles/01-one.md": article(
            "Part one",
            f"{words}\n## A heading\n\nOne, with ![a leaf](images/logo.png).\n",
            date="2026-10-06T09:00:00+01:00",
            **picture,
        ),
        "articles/02-two.md": article(
            "Part two",
            f"{words}\n[Click here](https://northgate.example/more) for more.\n",
            date="2026-10-13T09:00:00+01:00",
        ),
        "articles/03-three.md": article("Part three", words, date="2096-10-20T09:00:00+01:00"),
        "articles/04-four.md": article("Part four", words, draft=True),
        "articles/alone.md": article("Alone", words, series=None, date="2026-10-07T09:00:00+01:00"),
    }
    return write(root, given | dict(files or {}))
