"""A real list server, Mailman 3 as Debian has it, between two mail servers of the test.

What the front takes is handed to Mailman by LMTP, as a site's own mail server would; what Mailman
sends to its members ends at the sink. Everything is in one folder and on loopback, and nothing of
the machine's own Mailman is read or written. Where the machine has none these tests are skipped,
but in CI they fail.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import smtplib
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from server import free_port

PROGRAMS = Path("/usr/lib/mailman3/bin")
QUEUES = ("in", "pipeline", "out")
"""The processes a post passes through; besides them only LMTP and REST are needed."""
IDLE = ("archive", "bounces", "command", "digest", "nntp", "retry", "task", "virgin")
PATIENCE = 60
"""Seconds until what has not happened won't."""
_WORD = "word-of-a-test"
_CONFIG = """
[mailman]
layout: test
[paths.test]
var_dir: {folder}
bin_dir: {programs}
[webservice]
hostname: 127.0.0.1
port: {rest}
workers: 1
admin_user: test
admin_pass: {word}
[mta]
incoming: mailman.mta.null.NullMTA
smtp_host: 127.0.0.1
smtp_port: {sink}
lmtp_host: 127.0.0.1
lmtp_port: {lmtp}
"""
_CONFIG += "".join(f"[runner.{name}]\nsleep_time: 0.1s\n" for name in QUEUES)
_CONFIG += "".join(f"[runner.{name}]\nstart: no\n" for name in IDLE)


@dataclass
class Sink:
    """A mail server that keeps what it is given: each recipient with the message."""

    taken: list[tuple[str, bytes]] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _: SMTP, __: Session, envelope: Envelope
    ) -> str:
        raw = envelope.original_content or b""
        self.taken += [(to, raw) for to in envelope.rcpt_tos]
        return "250 OK"


@dataclass
class Front:
    """A mail server that hands on by LMTP while its client waits, and answers what it was told."""

    lmtp: int
    taken: list[bytes] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _: SMTP, __: Session, envelope: Envelope
    ) -> str:
        raw = envelope.original_content or b""
        self.taken.append(raw)
        return await asyncio.to_thread(self._hand_on, envelope, raw)

    def _hand_on(self, envelope: Envelope, raw: bytes) -> str:
        try:
            with smtplib.LMTP("127.0.0.1", self.lmtp, timeout=PATIENCE) as mailman:
                mailman.sendmail(envelope.mail_from or "", envelope.rcpt_tos, raw)
        except smtplib.SMTPException as error:
            return f"554 {error}".replace("\n", " ")
        return "250 OK"


@dataclass
class ListServer:
    """Mailman at work; `port` takes mail for its lists."""

    folder: Path
    rest: int
    port: int
    front: Front
    sink: Sink

    def make_list(self, address: str, members: list[str]) -> None:
        """A list with these members and the settings of a new one."""
        self._ask("POST", "domains", mail_host=address.partition("@")[2])
        self._ask("POST", "lists", fqdn_listname=address)
        for member in members:
            told = {"list_id": address.replace("@", "."), "subscriber": member}
            agreed = dict.fromkeys(("pre_verified", "pre_confirmed", "pre_approved"), True)
            self._ask("POST", "members", **told, **agreed, send_welcome_message=False)

    def configure(self, address: str, **config: object) -> None:
        """Change a list's settings."""
        self._ask("PATCH", f"lists/{address}/config", **config)

    def held(self, address: str) -> int:
        """How many messages wait for the list's moderator."""
        return int(self._ask("GET", f"lists/{address}/held")["total_size"])

    def delivered(self) -> list[tuple[str, bytes]]:
        """Who got what since the last call, by name, once Mailman has nothing left to do."""
        _wait(lambda: not self._queued(), self._queued)
        taken, self.sink.taken = self.sink.taken, []
        return sorted(taken)

    def ready(self) -> bool:
        """Whether it answers on both its ports."""
        with suppress(OSError, URLError, smtplib.SMTPException):
            self._ask("GET", "system/versions")
            with smtplib.LMTP("127.0.0.1", self.front.lmtp, timeout=PATIENCE):
                return True
        return False

    def _queued(self) -> list[str]:
        """Messages on their way: one leaves a queue only when it is in the next."""
        return [str(one) for name in QUEUES for one in self.folder.glob(f"queue/{name}/*")]

    def _ask(self, method: str, path: str, **data: object) -> Any:
        request = Request(
            f"http://127.0.0.1:{self.rest}/3.1/{path}",
            data=urlencode(data).encode() if data else None,
            method=method,
            headers={"authorization": "Basic " + b64encode(f"test:{_WORD}".encode()).decode()},
        )
        with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - loopback
            return json.loads(answer.read() or b"null")


def parsed(raw: bytes) -> EmailMessage:
    """A message as Python's parser reads it."""
    found = message_from_bytes(raw, policy=policy.SMTP)
    assert isinstance(found, EmailMessage)
    return found


@contextmanager
def mailman(folder: Path) -> Iterator[ListServer]:
    """Mailman in a folder; skips where the machine has none, fails in CI."""
    _expect_programs()
    lmtp, rest, into, out = (free_port() for _ in range(4))
    front, sink = Front(lmtp), Sink()
    server = ListServer(folder, rest, into, front, sink)
    config = folder / "mailman.cfg"
    ports = {"rest": rest, "sink": out, "lmtp": lmtp}
    config.write_text(_CONFIG.format(folder=folder, programs=PROGRAMS, word=_WORD, **ports))
    mail = [Controller(one, "127.0.0.1", port) for one, port in ((front, into), (sink, out))]
    for one in mail:
        one.start()
    try:
        with _running(config, folder / "said"):
            _wait(server.ready, (folder / "said").read_text)
            yield server
    finally:
        for one in mail:
            one.stop()


@contextmanager
def _running(config: Path, said: Path) -> Iterator[None]:
    """Its master and the runners it starts: a process group that ends with the block."""
    with said.open("wb") as log:
        master = subprocess.Popen(  # noqa: S603 - Mailman itself
            [PROGRAMS / "master", "-C", config],
            cwd=config.parent,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield
    finally:
        os.killpg(master.pid, signal.SIGKILL)  # its folder goes too: nothing is worth a goodbye
        master.wait()


def _wait(until: Callable[[], bool], reason: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < end, reason()
        time.sleep(0.05)


def _expect_programs() -> None:
    if (PROGRAMS / "master").exists():
        return
    reason = f"no Mailman 3 on this machine (looked for {PROGRAMS / 'master'})"
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, and CI must have one", pytrace=False)
    pytest.skip(reason)
