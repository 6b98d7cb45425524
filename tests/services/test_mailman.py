"""Issues of the sample, through the adapter and a real Mailman 3, to the members of a list."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import mailing
import pytest
from folders import ROOT
from list_server import ListServer, mailman, parsed

from pipeline import ledger, newsletter, plan
from pipeline.config import Newsletter
from pipeline.publish import publish
from pipeline.publish.decisions import resolve
from pipeline.publish.desk import Desk
from pipeline.publish.places import Goal
from pipeline.services import MailingService, ServiceError, key_of
from pipeline.services.registry import named

LIST = "readers@lists.northgate.example"
LEAVE = "readers-leave@lists.northgate.example"
SENDER = "notes@northgate.example"
MEMBERS = ["ann@example.net", "bob@example.org"]
TABLE = """
[services.list]
kind = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
"""
FOOTER = f"""\
_______________________________________________
Readers mailing list -- {LIST}
To unsubscribe send an email to {LEAVE}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ListServer]:
    """Mailman with the sample's list, set as docs/services/smtp.md says."""
    with mailman(tmp_path_factory.mktemp("mailman")) as server:
        server.make_list(LIST, MEMBERS)
        server.configure(LIST, accept_these_nonmembers=SENDER, max_message_size=0)
        yield server


@pytest.fixture
def notes(tmp_path: Path, server: ListServer) -> Newsletter:
    """The sample, with the list's own address for leaving it."""
    shutil.copytree(ROOT / "articles", tmp_path / "articles")
    lines = (ROOT / "newsletter.toml").read_text().splitlines()
    kept = [line for line in lines if not line.startswith("unsubscribe_")]
    assert kept[-1].startswith("address"), "the sample's last table is [email]"
    ours = [*kept, f'unsubscribe_mailto = "{LEAVE}"', TABLE.format(port=server.port)]
    (tmp_path / "newsletter.toml").write_text("\n".join(ours))
    return newsletter.load(tmp_path)


def opened(notes: Newsletter) -> MailingService:
    return named("list", notes).open({})


def send(notes: Newsletter, number: int = 1) -> None:
    """Hand an issue over, whatever the ledger says."""
    email = mailing.email(notes, number)
    service = opened(notes)
    key = key_of(notes, email.issue.articles[0].id, email)
    service.send(service.draft(email, key, None), email, None)


def check_held(notes: Newsletter, server: ListServer) -> None:
    before = server.held(LIST)
    send(notes)
    assert server.delivered() == []
    assert server.held(LIST) == before + 1


def test_a_list_that_is_not_there_surely_got_nothing(notes: Newsletter, server: ListServer) -> None:
    with pytest.raises(ServiceError, match=r"554.*nobody@lists"):
        send(mailing.with_email(notes, to="nobody@lists.northgate.example"))
    assert server.delivered() == []


def test_an_issue_above_the_limit_of_a_list_is_taken_and_held(
    notes: Newsletter, server: ListServer
) -> None:
    server.configure(LIST, max_message_size=1)
    try:
        check_held(notes, server)
    finally:
        server.configure(LIST, max_message_size=0)


def test_an_issue_of_somebody_else_is_taken_and_held(notes: Newsletter, server: ListServer) -> None:
    check_held(mailing.with_email(notes, from_address="somebody@northgate.example"), server)


def test_an_issue_reaches_every_member_once_and_whole(
    notes: Newsletter, server: ListServer
) -> None:
    planned = plan.load(notes)
    email = mailing.email(notes, 1)
    with ledger.opened(notes.root) as book:
        desk = Desk(
            name="list",
            service=opened(notes),
            ledger=book,
            newsletter=notes,
            issues=planned.catalogue.issues,
            clock=lambda: email.issue.date,
        )
        resolve(book, "list", email.issue, submitted=False, now=email.issue.date)
        for _ in range(2):
            publish(desk, email.issue, email, Goal.RELEASE)

    delivered = server.delivered()
    assert [member for member, _ in delivered] == MEMBERS
    sent, raw = server.front.taken[-1], delivered[0][1]
    before, message = parsed(sent), parsed(raw)
    assert [part.defects for part in message.walk()] == [[]] * 5
    assert [value.defects for value in message.values()] == [()] * len(message.keys())
    assert sent.partition(b"\r\n\r\n")[2].strip() in raw, "both parts, byte for byte"
    issue, footer = message.iter_parts()
    assert [part.get_content_type() for part in issue.iter_parts()] == ["text/plain", "text/html"]
    assert footer.get_content().replace("\r\n", "\n") == FOOTER

    assert message["subject"] == f"[Readers] {email.subject}"
    for name in ("message-id", "date", "from", "to"):
        assert message.get_all(name) == before.get_all(name)
    assert message.get_all("list-id") == ["<readers.lists.northgate.example>"]
    assert message.get_all("list-unsubscribe") == [f"<mailto:{LEAVE}>"]
    assert message["list-unsubscribe-post"] is None


def test_mailman_delivers_the_same_message_as_often_as_it_gets_it(
    notes: Newsletter, server: ListServer
) -> None:
    """So exactly-once rests on the ledger alone."""
    send(notes)
    send(notes)
    delivered = server.delivered()
    assert [member for member, _ in delivered] == sorted(MEMBERS * 2)
    assert len({parsed(raw)["message-id"] for _, raw in delivered}) == 1


def test_a_list_puts_its_own_address_for_a_link_that_unsubscribes_with_one_click(
    notes: Newsletter, server: ListServer
) -> None:
    send(mailing.with_email(notes, unsubscribe_url="https://northgate.example/unsubscribe"))
    assert parsed(server.front.taken[-1])["list-unsubscribe"].startswith("<https://")
    for _, raw in server.delivered():
        message = parsed(raw)
        assert message.get_all("list-unsubscribe") == [f"<mailto:{LEAVE}>"]
        assert message.get_all("list-unsubscribe-post") == ["List-Unsubscribe=One-Click"]
