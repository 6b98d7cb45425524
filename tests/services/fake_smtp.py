"""A mail server and a list behind it: each message it takes goes to every reader."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from fakes import Accident, Fake
from server import free_port

LIST = "weekly@lists.example.org"
READERS = ("rec0@example.net", "rec1@example.net", "rec2@example.net")
USER, WORD = "series", "word-of-a-fake"


@dataclass
class FakeSmtp(Fake):
    messages: list[bytes] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    port: int = 0
    refuse: str = ""
    """What it says to a recipient instead of taking it."""
    takes: tuple[str, ...] = ()
    """Who is taken all the same."""
    data_reply: str = "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuse and address not in self.takes:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _: Session, envelope: Envelope
    ) -> str:
        if not self.data_reply.startswith("250"):
            return self.data_reply
        for moment in ("before", "after"):
            if accident := self.due(writes=True, moment=moment):  # type: ignore[arg-type]  # one of its moments
                return await self._fail(server, envelope, accident)
            if moment == "before":
                self._take(envelope)
        return "250 OK"

    def _take(self, envelope: Envelope) -> None:
        raw = envelope.original_content or b""
        self.messages.append(raw)
        self.envelopes.append((envelope.mail_from or "", list(envelope.rcpt_tos)))
        subject = str(self.parsed(-1)["subject"])
        for address in envelope.rcpt_tos:
            for reader in READERS if address == LIST else (address,):
                self.deliveries.append((subject, reader))

    async def _fail(self, server: SMTP, envelope: Envelope, accident: Accident) -> str:
        if accident.kind == "kill":
            await asyncio.get_running_loop().run_in_executor(None, self.kill)
        elif accident.kind == "late":
            await asyncio.sleep(2)
            if accident.moment == "before":
                self._take(envelope)
            return "250 OK"
        elif accident.kind == "garbled":
            return "hm?"
        server.transport.abort()
        return "421 gone"

    def parsed(self, number: int) -> EmailMessage:
        """A message it took, as Python's parser reads it."""
        found = message_from_bytes(self.messages[number], policy=policy.SMTP)
        assert isinstance(found, EmailMessage)
        return found


def _authenticate(_: Any, __: Any, ___: Any, mechanism: str, data: Any) -> AuthResult:
    known = LoginPassword(USER.encode(), WORD.encode())
    return AuthResult(success=data == known, handled=False)


@contextmanager
def served_smtp(tls: ssl.SSLContext | None = None) -> Iterator[FakeSmtp]:
    """It on loopback; with a context it offers STARTTLS and asks for a login."""
    fake = FakeSmtp()
    more: dict[str, Any] = {"tls_context": tls, "require_starttls": True} if tls else {}
    if tls:
        more |= {"authenticator": _authenticate, "auth_required": True}
    fake.port = free_port()
    controller = Controller(fake, hostname="127.0.0.1", port=fake.port, **more)
    controller.start()
    try:
        yield fake
    finally:
        controller.stop()
