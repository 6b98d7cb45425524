"""Plain SMTP to a list's address: Mailman, Google Groups, a relay (RFC 5321).

SMTP keeps no drafts and can't be asked what it took. From the message's first byte to the server's
250 the outcome is unknown (§4.2.5, §6.1): a connection lost there is an UncertainSend, and only the
ledger's open intent keeps the next run from mailing it again.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from smtplib import SMTP, SMTP_SSL, SMTPException, SMTPResponseException
from typing import Literal

from pipeline import messages, text
from pipeline.emails import Email
from pipeline.errors import PartworkError, UncertainSend
from pipeline.merge import MergePoint
from pipeline.services import (
    Audience,
    Capabilities,
    Context,
    Key,
    Remote,
    Report,
    ServiceError,
    Status,
)
from pipeline.services.scrub import scrubbed
from pipeline.tables import setting

CAPABILITIES = Capabilities(
    title="SMTP",
    verified="aiosmtpd 1.4 and a list of Mailman 3.3.8 (Debian 3.3.8-2~deb12u2)",
    rests_on="the ledger alone: SMTP can't be asked. A lost answer or a lost ledger stops with exit"
    " code 3 until a person decides.",
    keyed=False,
    drafts=False,
    schedules=False,
    counts=(),
    merge={
        MergePoint.FIRST_NAME: "`email.first_name_fallback`: every reader gets the same message",
        MergePoint.UNSUBSCRIBE_URL: "`email.unsubscribe_url`, which the list may add to",
        MergePoint.PREFERENCES_URL: "`email.preferences_url`",
        MergePoint.WEB_URL: "the issue's page",
        MergePoint.ADDRESS: "`email.address`",
    },
)
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_PATIENCE = 10
"""How many timeouts the server may take over its last word: RFC 5321 §4.5.3.2.6 says ten minutes,
and giving up sooner would leave a message in doubt that was only being looked through."""
_ATOMS = r"[!#-'*+\-./0-9=?A-Z^-~]+"
_ADDRESS = re.compile(rf"{_ATOMS}@{_ATOMS}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`[services.NAME]` with `kind = "smtp"`."""

    host: str = setting("The mail server that takes the message.")
    port: int = setting("Its port; 0 means 587 for starttls, 465 for tls, 25 for none.", 0)
    security: Literal["starttls", "tls", "none"] = setting(
        "How the connection is encrypted; `none` only on this machine.", "starttls"
    )
    username: str = setting("The account's name; empty means no login.", "")
    password_env: str = setting(
        "The environment variable that holds the account's password.", "", secret=True
    )
    to: str = setting("The list's address; empty means `email.to`.", "")
    sender: str = setting("The address that gets the bounces; empty means the sender's.", "")


def connect(settings: Settings, context: Context) -> Smtp:
    """Check the settings; no connection yet."""
    email = context.newsletter.email
    sender = settings.sender or context.newsletter.sender
    given = {"to": settings.to or email.to, "sender": sender}
    service = Smtp(settings, context, **{key: _in_ascii(one) for key, one in given.items()})
    wrong = []
    for key, address in given.items():
        if not _in_ascii(address):
            what = f"`{key}` is {address!r}, not an address" if address else f"`{key}` is missing"
            wrong.append(context.problem(what, "write name@example.org", key))
    if not text.idna(settings.host):
        what = f"`host` is {settings.host!r}, which names no server"
        wrong.append(context.problem(what, "write mail.example.org", "host"))
    if not settings.username.isascii():
        what = f"`username` is {settings.username!r}, which no login can hold"
        wrong.append(context.problem(what, "write it without accents", "username"))
    if settings.security == "none" and not text.is_loopback(settings.host):
        what = f"{settings.host} would be spoken to without encryption"
        wrong.append(context.problem(what, 'write security = "starttls" or "tls"', "security"))
    if bool(settings.username) != bool(settings.password_env):
        wrong.append(context.problem("a login needs both", "set username and password_env"))
    if wrong:
        raise PartworkError(wrong)
    return service


@dataclass(frozen=True, slots=True)
class Smtp:
    """One mail server and the list's address; see `MailingService`."""

    settings: Settings
    context: Context
    to: str
    sender: str

    capabilities = CAPABILITIES

    def audience(self) -> Sequence[Audience]:
        """The list's address; its size is the list server's secret."""
        with self._session() as smtp:
            self._expect(smtp.noop(), "NOOP")
        return [Audience(name=self.to)]

    def find(self, issue: str) -> Remote | None:
        """Nothing: SMTP can't be asked."""
        return None

    def draft(self, email: Email, key: Key, replaces: Remote | None) -> Remote:
        """Build the message, so that what is wrong with it shows before anything is sent."""
        self._message(email, self.to)
        return Remote(id=str(key), key=key, status=Status.DRAFT, said="built, not stored")

    def compare(self, remote: Remote, email: Email) -> Sequence[str]:
        """Nothing is stored, so nothing can differ."""
        return ()

    def test(self, remote: Remote, email: Email, to: Sequence[str]) -> None:
        """Send the message to each address by itself."""
        if wrong := [address for address in to if not _in_ascii(address)]:
            remedy = "nothing was sent; write name@example.org"
            raise ServiceError([self.context.problem(f"{wrong[0]!r} is not an address", remedy)])
        encoded = messages.encode(email, self.context.newsletter)
        for at, address in enumerate(map(_in_ascii, to)):
            try:
                self._deliver(encoded.copy(to=address, test=True), address)
            except ServiceError as error:
                if not at:
                    raise
                remedy = f"{', '.join(to[:at])} got it, nobody else; see what it says"
                problems = [replace(one, remedy=remedy) for one in error.problems]
                raise ServiceError(problems) from None

    def send(self, remote: Remote, email: Email, at: datetime | None) -> None:
        """Send the message to the list."""
        self._deliver(self._message(email, self.to), self.to)

    def report(self, remote: Remote) -> Report:
        """A message that was taken is out of our hands."""
        return Report(status=Status.SENT, said="accepted")

    def _message(self, email: Email, to: str) -> bytes:
        return messages.build(email, self.context.newsletter, to=to)

    def _deliver(self, message: bytes, to: str) -> None:
        with self._session() as smtp:
            options = [f"SIZE={len(message)}"] if smtp.has_extn("size") else []
            if not message.isascii():
                if not smtp.has_extn("8bitmime"):
                    raise self._refused("it takes no 8-bit message")
                options.append("BODY=8BITMIME")
            self._expect(smtp.mail(self.sender, options), f"MAIL FROM:<{self.sender}>")
            self._expect(smtp.rcpt(to), f"RCPT TO:<{to}>")
            self._expect(smtp.docmd("DATA"), "DATA", 354)
            self._hand_over(smtp, message)

    def _hand_over(self, smtp: SMTP, message: bytes) -> None:
        """The message itself: until the server's word on it, it may or may not have been taken."""
        lines = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
        dotted = re.sub(rb"(?m)^\.", b"..", lines).removesuffix(b"\r\n")  # RFC 5321 §4.5.2
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(self.context.common.timeout * _PATIENCE)
            smtp.send(dotted + b"\r\n.\r\n")
            reply = smtp.getreply()
            if smtp.sock is not None:  # what follows is the goodbye: the ledger waits for it
                smtp.sock.settimeout(self.context.common.timeout)
        except (OSError, SMTPException) as error:
            raise self._uncertain(f"the connection was lost ({error})") from None
        if reply[0] // 100 not in (2, 4, 5):
            raise self._uncertain(f"it answered {_said(*reply)!r}")
        self._expect(reply, "the message")

    @contextmanager
    def _session(self) -> Iterator[SMTP]:
        """A connection, encrypted and logged in. Whatever fails in it, no message was taken."""
        seconds = self.context.common.timeout
        host, port = self.settings.host, self.settings.port or _PORTS[self.settings.security]
        try:
            if self.settings.security == "tls":
                smtp: SMTP = SMTP_SSL(host, port, timeout=seconds, context=_tls())
            else:
                smtp = SMTP(host, port, timeout=seconds)
        except (OSError, SMTPException) as error:
            raise self._unreachable(error) from None
        try:
            if self.settings.security == "starttls":
                smtp.starttls(context=_tls())
            smtp.ehlo_or_helo_if_needed()
            if self.settings.username:
                smtp.login(self.settings.username, self.context.secrets["password_env"])
            yield smtp
        except SMTPResponseException as error:
            raise self._refused(_said(error.smtp_code, error.smtp_error)) from None
        except (OSError, SMTPException) as error:
            raise self._unreachable(error) from None
        finally:
            with suppress(OSError, SMTPException):
                smtp.quit()
            smtp.close()

    def _expect(self, reply: tuple[int, bytes], what: str, code: int = 250) -> None:
        """The server's yes: `code`, or any 2yz where that is 250 (RFC 5321 §4.2.1)."""
        if reply[0] != code and (code != 250 or reply[0] // 100 != 2):
            raise self._refused(f"{what}: {_said(*reply)}")

    def _uncertain(self, what: str) -> UncertainSend:
        what = self._scrub(f"{what}, so {self.settings.host} may have taken the message or not")
        remedy = (
            "find out whether the list got it, then run `partwork ledger resolve` with --submitted"
            " or --retry"
        )
        return UncertainSend([self.context.problem(what, remedy)])

    def _refused(self, said: str) -> ServiceError:
        what = self._scrub(f"{self.settings.host} refused: {said}")
        remedy = "nothing was sent; see what it says, then run again"
        return ServiceError([self.context.problem(what, remedy)])

    def _unreachable(self, error: Exception) -> ServiceError:
        what = self._scrub(f"{self.settings.host} can't be talked to ({error})")
        remedy = "nothing was sent; check host, port and security, then run again"
        return ServiceError([self.context.problem(what, remedy)])

    def _scrub(self, message: str) -> str:
        secrets = self.context.secrets.values()
        logins = [f"\0{self.settings.username}\0{secret}" for secret in secrets]  # RFC 4616 §2
        return text.excerpt(scrubbed(message, [*secrets, *logins]), 300)


def _said(code: int, words: bytes | str) -> str:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {text.one_line(said)}"


def _tls() -> ssl.SSLContext:
    """Verified certificates and names; SSL_CERT_FILE and SSL_CERT_DIR name other authorities."""
    return ssl.create_default_context()


def _in_ascii(address: str) -> str:
    """An address as every server takes it, its host in IDNA; empty where it is none."""
    if not text.is_address(address):
        return ""
    local, at, host = address.rpartition("@")
    plain = f"{local}{at}{text.idna(host)}"
    return plain if _ADDRESS.fullmatch(plain) else ""
