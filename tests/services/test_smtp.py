from __future__ import annotations

import shutil
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from smtplib import SMTP, SMTPResponseException

import crash
import pytest
from fake_smtp import LIST, READERS, USER, WORD, FakeSmtp, served_smtp
from fakes import Accident
from samples import a_newsletter, an_email, an_issue, issues
from server import certificate, free_port

from pipeline import ledger
from pipeline.emails import stand_ins
from pipeline.errors import PartworkError, UncertainSend
from pipeline.merge import fill
from pipeline.publish.decisions import resolve
from pipeline.services import Key, MailingService, ServiceError, Status, key_of
from pipeline.services.registry import named

ISSUE = an_issue(1)
EMAIL = an_email(ISSUE)

TABLE = """
[services.weekly]
kind = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
timeout = 1
"""


def a_service(root: Path, port: int, more: str = "", **environ: str) -> MailingService:
    table = TABLE.format(port=port)
    for line in more.splitlines():
        name = line.partition(" ")[0]
        table = "\n".join(one for one in table.splitlines() if not one.startswith(f"{name} "))
        table += f"\n{line}"
    return named("weekly", a_newsletter(root, table)).open(environ)


@pytest.fixture
def fake() -> Iterator[FakeSmtp]:
    with served_smtp() as fake:
        yield fake


@pytest.fixture
def service(fake: FakeSmtp, tmp_path: Path) -> MailingService:
    return a_service(tmp_path, fake.port)


@pytest.fixture
def key(tmp_path: Path) -> Key:
    return key_of(a_newsletter(tmp_path), ISSUE.articles[0].id, EMAIL)


def send(service: MailingService, key: Key) -> None:
    service.send(service.draft(EMAIL, key, None), EMAIL, None)


def test_the_message_arrives_whole(
    service: MailingService, fake: FakeSmtp, key: Key, tmp_path: Path
) -> None:
    send(service, key)
    assert fake.envelopes == [("series@example.org", [LIST])]
    message = fake.parsed(0)
    assert message["subject"] == EMAIL.subject
    assert message["to"] == LIST
    assert message["list-unsubscribe"] == "<https://example.org/unsubscribe?list=1&x=2>"
    assert message.defects == []
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    values = stand_ins(EMAIL, a_newsletter(tmp_path))
    said = plain.get_content().replace("\r\n", "\n")
    assert said == fill(EMAIL.text, values)
    assert "\n.a line that begins with a dot\n" in said
    assert "<!--[if !mso]><!--><b>modern</b><!--<![endif]-->" in html.get_content()


def test_a_draft_sends_nothing_and_nothing_is_found_again(
    service: MailingService, fake: FakeSmtp, key: Key
) -> None:
    made = service.draft(EMAIL, key, None)
    assert (made.status, made.key) == (Status.DRAFT, key)
    assert service.find(key.issue) is None
    assert service.compare(made, EMAIL) == ()
    assert fake.messages == []


def test_a_test_goes_to_each_address_alone(
    service: MailingService, fake: FakeSmtp, key: Key
) -> None:
    service.test(service.draft(EMAIL, key, None), EMAIL, ["a@example.net", "b@example.net"])
    assert [to for _, to in fake.envelopes] == [["a@example.net"], ["b@example.net"]]
    assert [fake.parsed(at)["to"] for at in (0, 1)] == ["a@example.net", "b@example.net"]


def test_a_test_that_ends_half_way_says_who_got_it(
    service: MailingService, fake: FakeSmtp, key: Key
) -> None:
    fake.refuse, fake.takes = "550 5.1.1 no such user", ("a@example.net",)
    made = service.draft(EMAIL, key, None)
    with pytest.raises(ServiceError, match=r"no such user.*a@example\.net got it") as caught:
        service.test(made, EMAIL, ["a@example.net", "b@example.net", "c@example.net"])
    assert "nothing was sent" not in str(caught.value)
    assert [reader for _, reader in fake.deliveries] == ["a@example.net"]


def test_no_mail_program_takes_the_issue_or_a_later_test_for_a_test_it_has(
    service: MailingService, fake: FakeSmtp, key: Key
) -> None:
    made = service.draft(EMAIL, key, None)
    edited = replace(EMAIL, subject="Mended")
    for email in (EMAIL, edited, EMAIL):
        service.test(made, email, ["a@example.net"])
    service.send(made, EMAIL, None)
    ids = [fake.parsed(at)["message-id"] for at in range(4)]
    assert ids[0] == ids[2]
    assert len({*ids}) == 3
    assert all(one.endswith("@example.org>") for one in ids)


def test_tests_to_several_addresses_serialise_the_email_once(
    service: MailingService, fake: FakeSmtp, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = service.draft(EMAIL, key, None)
    done: list[EmailMessage] = []
    real = EmailMessage.as_bytes
    monkeypatch.setattr(EmailMessage, "as_bytes", lambda of: done.append(of) or real(of))
    service.test(made, EMAIL, [f"{name}@example.net" for name in "abc"])
    assert len(fake.envelopes) == 3
    assert len(done) == 1


@pytest.mark.parametrize(
    "address",
    ["two\r\nRCPT TO:<x@example.net>", "no-address", "<>", "", "a@b..example", "é@x.example"],
)
def test_nothing_can_be_slipped_into_the_envelope(
    service: MailingService, fake: FakeSmtp, key: Key, address: str
) -> None:
    made = service.draft(EMAIL, key, None)
    with pytest.raises(ServiceError, match="not an address"):
        service.test(made, EMAIL, [address])
    assert fake.messages == []


def test_hosts_of_any_script_are_told_to_the_server_in_ascii(
    fake: FakeSmtp, tmp_path: Path, key: Key
) -> None:
    more = 'to = "liste@bücher.example"\nsender = "back@bücher.example"'
    service = a_service(tmp_path, fake.port, more)
    service.test(service.draft(EMAIL, key, None), EMAIL, ["du@bücher.example"])
    send(service, key)
    host = "xn--bcher-kva.example"
    assert fake.envelopes == [(f"back@{host}", [f"du@{host}"]), (f"back@{host}", [f"liste@{host}"])]


@pytest.mark.parametrize("kind", ["lost", "garbled"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_connection_lost_after_the_message_is_uncertain(
    service: MailingService, fake: FakeSmtp, key: Key, kind: str, moment: str
) -> None:
    fake.strike(Accident(1, moment, kind))  # type: ignore[arg-type]  # one of its kinds
    with pytest.raises(UncertainSend, match="ledger resolve"):
        send(service, key)


def test_a_server_that_takes_its_time_over_the_message_is_waited_for(
    service: MailingService, fake: FakeSmtp, key: Key
) -> None:
    fake.strike(Accident(1, "after", "late"))
    send(service, key)
    assert len(fake.messages) == 1


def test_at_the_goodbye_a_server_is_waited_for_as_at_any_other_word(
    service: MailingService, fake: FakeSmtp, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float | None] = []
    real = SMTP.quit
    monkeypatch.setattr(SMTP, "quit", lambda of: waits.append(of.sock.gettimeout()) or real(of))
    send(service, key)
    assert waits == [1.0]


@pytest.mark.parametrize("reply", ["451 4.7.1 greylisted", "554 5.7.1 no spam", "552 too big"])
def test_a_message_that_is_refused_surely_went_nowhere(
    service: MailingService, fake: FakeSmtp, key: Key, reply: str
) -> None:
    fake.data_reply = reply
    with pytest.raises(ServiceError, match=reply[:3]):
        send(service, key)
    assert fake.deliveries == []


def test_a_list_that_refuses_its_senders_surely_got_nothing(
    service: MailingService, fake: FakeSmtp, key: Key
) -> None:
    fake.refuse = "550 5.7.1 not a member"
    with pytest.raises(ServiceError, match="not a member"):
        send(service, key)


def test_nobody_there_is_no_uncertainty(tmp_path: Path, key: Key) -> None:
    with pytest.raises(ServiceError, match="can't be talked to"):
        send(a_service(tmp_path, free_port()), key)


@contextmanager
def hanging_up(after: bytes) -> Iterator[int]:
    """A server that closes the connection when it has read this word."""

    def serve() -> None:
        with suppress(OSError):
            connection, _ = listening.accept()
            with connection:
                connection.sendall(b"220 hello\r\n")
                while data := connection.recv(4096):
                    if data.upper().startswith(after):
                        return
                    connection.sendall(
                        b"354 go\r\n" if data.startswith(b"data") else b"250 fine\r\n"
                    )

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]


@pytest.mark.parametrize("word", [b"EHLO", b"MAIL", b"RCPT", b"DATA"])
def test_a_connection_lost_before_the_message_surely_sent_nothing(
    tmp_path: Path, key: Key, word: bytes
) -> None:
    with hanging_up(word) as port, pytest.raises(ServiceError, match="nothing was sent"):
        send(a_service(tmp_path, port), key)


STARTTLS = f"""security = "starttls"
username = "{USER}"
password_env = "SMTP_WORD"
"""


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[FakeSmtp]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    with served_smtp(context) as fake:
        yield fake


def test_a_certificate_nobody_vouches_for_ends_it_before_the_password(
    secure: FakeSmtp, tmp_path: Path, key: Key
) -> None:
    with pytest.raises(ServiceError, match="certificate"):
        send(a_service(tmp_path, secure.port, STARTTLS, SMTP_WORD=WORD), key)
    assert secure.messages == []


def test_a_login_over_a_verified_connection_sends(
    secure: FakeSmtp, tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    service = a_service(tmp_path, secure.port, STARTTLS, SMTP_WORD=WORD)
    assert [one.name for one in service.audience()] == [LIST]
    send(service, key)
    assert sorted(reader for _, reader in secure.deliveries) == sorted(READERS)


def test_a_wrong_password_is_said_and_not_shown(
    secure: FakeSmtp, tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    service = a_service(tmp_path, secure.port, STARTTLS, SMTP_WORD="not-the-word")
    with pytest.raises(ServiceError, match="535") as caught:
        send(service, key)
    assert "not-the-word" not in str(caught.value)
    assert "not-the-word" not in repr(service)


def test_a_login_that_the_server_repeats_is_not_shown(
    tmp_path: Path, key: Key, secure: FakeSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    login = b64encode(f"\0{USER}\0not-the-word".encode()).decode()
    monkeypatch.setattr(SMTP, "login", lambda *_: _refuse(f"Syntax: AUTH PLAIN {login}"))
    service = a_service(tmp_path, secure.port, STARTTLS, SMTP_WORD="not-the-word")
    with pytest.raises(ServiceError, match="Syntax") as caught:
        send(service, key)
    assert login not in str(caught.value)


def _refuse(words: str) -> None:
    raise SMTPResponseException(501, words.encode())


def test_a_server_without_encryption_is_not_trusted_with_anything(
    fake: FakeSmtp, tmp_path: Path, key: Key
) -> None:
    with pytest.raises(ServiceError, match="STARTTLS"):
        send(a_service(tmp_path, fake.port, 'security = "starttls"'), key)
    assert fake.messages == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('host = "mail.example.org"', "without encryption"),
        ('to = "nobody"', "`to` is 'nobody'"),
        ('sender = "a@example.org>"', "`sender` is"),
        ('sender = "é@example.org"', "`sender` is"),
        ('host = ""', "`host` is ''"),
        ('host = "mail..example.org"', "`host` is 'mail..example.org'"),
        ("timeout = 0", "`timeout` is 0"),
        ("timeout = 100000000000", "`timeout` is 100000000000"),
        ("ahead = -1", "`ahead` is -1"),
        ("max_lateness = -24", "`max_lateness` is -24"),
        ("max_lateness = 100000000000", "`max_lateness` is 100000000000"),
        ('username = "séries"\npassword_env = "WORD"', "`username` is 'séries'"),
        ('username = "series"', "a login needs both"),
        ('mode = "schedule"', "can't schedule"),
        ('hots = "x"', "did you mean `host`"),
    ],
)
def test_a_wrong_setting_is_named_with_its_line(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(PartworkError, match=said) as caught:
        a_service(tmp_path, 25, more, WORD="word")
    assert all(problem.line for problem in caught.value.problems)


def test_it_says_what_it_cannot_do(service: MailingService, key: Key) -> None:
    can = service.capabilities
    assert [can.keyed, can.drafts, can.schedules] == [False] * 3
    assert service.report(service.draft(EMAIL, key, None)).status is Status.SENT


# Rolled back, and this machine's copy gone too, nothing in the world remembers the message: SMTP
# can't be asked. docs/services/smtp.md says so; what is left are `max_lateness` and the Message-ID.
PLUG = crash.Plug(
    name="smtp",
    serve=served_smtp,
    table=lambda fake: TABLE.format(port=fake.port),  # type: ignore[attr-defined]  # a FakeSmtp
    environ=(),
    calls=4,
    writes=1,
    keyed=False,
    kinds=("lost", "garbled", "late"),
    fates=("kept", "lost", "rolled back here"),
)


@pytest.mark.parametrize("case", crash.matrix(PLUG))
def test_smtp_survives_or_asks(case: crash.Case, tmp_path: Path) -> None:
    crash.check_exactly_once(PLUG, case, tmp_path)


def test_of_two_publishers_at_the_same_moment_one_sends(tmp_path: Path) -> None:
    crash.check_two_at_once(PLUG, tmp_path, machines=1)


def test_an_issue_whose_lines_were_set_aside_unread_is_asked_about_and_not_mailed_again(
    tmp_path: Path,
) -> None:
    with served_smtp() as fake:
        table = TABLE.format(port=fake.port)
        crash.begin(PLUG, tmp_path, table)
        assert [crash.run(tmp_path, table, (), number) for number in (1, 2)] == [0, 0]
        shutil.rmtree(tmp_path / ledger.LOCAL)  # as in CI, which has only what git has
        file = tmp_path / ledger.FILE
        file.write_text(file.read_text().replace('\n{"schema":1', '{"schema":1'))
        with pytest.raises(PartworkError, match="set it aside"):
            ledger.read(tmp_path)
        assert ledger.repair(tmp_path) == 1
        begun = issues(2)[0]
        with ledger.opened(tmp_path) as book:
            resolve(book, "weekly", begun, submitted=True, now=begun.date)
        assert crash.run(tmp_path, table, (), 2) == 3
        with ledger.opened(tmp_path) as book:
            resolve(book, "weekly", issues(2)[1], submitted=True, now=begun.date)
        assert [crash.run(tmp_path, table, (), number) for number in (2, 3)] == [0, 0]
        assert set(fake.copies().values()) == {1}
