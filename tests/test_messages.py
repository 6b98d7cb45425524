from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from archives import part
from hypothesis import given, settings
from hypothesis import strategies as st
from mailing import EMAIL, LOOK_ALIKES, ODD, PACKAGED, TORTURE, email, four_parts, with_email, write
from mailing import settings as toml

from pipeline import messages, newsletter, themes
from pipeline.config import Newsletter
from pipeline.emails import Email
from pipeline.errors import PartworkError
from pipeline.merge import MergePoint

ROOT = Path(__file__).parent.parent
ONCE = ("From", "To", "Subject", "Date", "Message-ID", "List-Id", "MIME-Version")


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Newsletter:
    """A newsletter with a torture article as its second issue."""
    files = four_parts() | {"2.md": part(2, ODD, TORTURE, summary=ODD)}
    return write(tmp_path_factory.mktemp("newsletter"), files)


@pytest.fixture(scope="module")
def issue(notes: Newsletter) -> Email:
    """The torture issue."""
    return email(notes, 2)


def read(raw: bytes) -> EmailMessage:
    """A message as Python's parser reads it, with no defect."""
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    for one in message.walk():
        assert one.defects == []
        assert [h.defects for h in one.values() if getattr(h, "defects", ())] == []
    return message


def part_of(message: EmailMessage, kind: str) -> str:
    """The text of the part of a kind, `plain` or `html`."""
    found = message.get_body((kind,))
    assert found is not None
    content: str = found.get_content()
    return content.replace("\r\n", "\n")


def test_the_parser_finds_no_defect_and_each_header_once(issue: Email, notes: Newsletter) -> None:
    message = read(messages.build(issue, notes))
    assert {name: len(message.get_all(name) or ()) for name in ONCE} == dict.fromkeys(ONCE, 1)


def test_text_comes_first_and_both_parts_are_utf8(issue: Email, notes: Newsletter) -> None:
    message = read(messages.build(issue, notes))
    assert message.get_content_type() == "multipart/alternative"
    kinds = [(one.get_content_type(), one.get_content_charset()) for one in message.iter_parts()]
    assert kinds == [("text/plain", "utf-8"), ("text/html", "utf-8")]
    assert {one["Content-Transfer-Encoding"] for one in message.iter_parts()} == {
        "quoted-printable"
    }


def test_what_was_rendered_is_what_arrives(issue: Email, notes: Newsletter) -> None:
    message = read(messages.build(issue, notes))
    assert message["Subject"] == issue.subject
    html = part_of(message, "html")
    assert html.startswith(issue.html.partition("\ufdd1")[0])
    assert part_of(message, "plain").startswith(issue.text.partition("\ufdd1")[0])
    assert not re.search("[\ufdd0-\ufdd5]", html + part_of(message, "plain"))


def test_no_line_is_longer_than_mail_allows(issue: Email, notes: Newsletter) -> None:
    far = with_email(notes, unsubscribe_url="https://northgate.example/" + "u" * 400)
    raw = messages.build(issue, far)
    assert max(map(len, raw.split(b"\r\n"))) <= 998  # RFC 5322 §2.1.1
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert "u" * 400 in read(raw)["List-Unsubscribe"]
    assert b"=?utf-8?" not in raw.split(b"List-Unsubscribe:")[1].split(b"\r\n")[0]


def test_encoded_words_in_headers_keep_to_their_limit(issue: Email, notes: Newsletter) -> None:
    long = replace(issue, subject="สวัสดี 😀 " * 40)
    head = messages.build(long, notes).split(b"\r\n\r\n")[0]
    words = re.findall(rb"=\?[^?]+\?[bq]\?[^?]*\?=", head, re.IGNORECASE)
    assert words
    assert max(map(len, words)) <= 75  # RFC 2047 §2


def test_two_builds_are_the_same_bytes(notes: Newsletter) -> None:
    first, second = (messages.build(email(notes, 2), notes) for _ in range(2))
    assert first == second


def test_date_and_id_come_from_the_issue(issue: Email, notes: Newsletter) -> None:
    message = read(messages.build(issue, notes))
    assert message["Date"].datetime == issue.issue.date
    edited = replace(issue, subject="Another", html="<p>x</p>", text="x\n")
    assert read(messages.build(edited, notes))["Message-ID"] == message["Message-ID"]
    other = replace(issue, issue=replace(issue.issue, number=99))
    assert read(messages.build(other, notes))["Message-ID"] != message["Message-ID"]
    assert message["Message-ID"].endswith("@northgate.example>")


@settings(max_examples=30, deadline=None)
@given(name=st.text(), subject=st.text())
def test_no_header_can_be_slipped_in(
    issue: Email, notes: Newsletter, name: str, subject: str
) -> None:
    odd = with_email(notes, from_name=f"{name}\r\nBcc: x@evil.example")
    raw = messages.build(replace(issue, subject=f"{subject}\r\nBcc: x@evil.example"), odd)
    message = read(raw)
    assert message["Bcc"] is None
    assert len(message.get_all("From") or ()) == 1
    assert message["From"].addresses[0].addr_spec == EMAIL["from_address"]


@pytest.mark.parametrize(
    "to", ["a@b.example\r\nBcc: c@d.example", "nobody", "a@b@c", "a b@c.d", "<a@b.c>", "a@b, c@d"]
)
def test_an_address_that_is_none_is_refused(issue: Email, notes: Newsletter, to: str) -> None:
    with pytest.raises(ValueError, match="no mail address"):
        messages.build(issue, notes, to=to)


def test_unsubscribing_is_offered_both_ways_and_by_one_click(
    issue: Email, notes: Newsletter
) -> None:
    message = read(messages.build(issue, notes))
    both = "<https://northgate.example/unsubscribe>, <mailto:unsubscribe@northgate.example>"
    assert message["List-Unsubscribe"] == both
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "<northgate-notes.northgate.example>"


def test_the_ways_to_unsubscribe_name_a_host_that_can_be_looked_up(
    issue: Email, notes: Newsletter
) -> None:
    far = with_email(
        notes,
        unsubscribe_url="https://müller.example:8443/größe?an=ä&x=1",
        unsubscribe_mailto="weg@müller.example",
    )
    assert read(messages.build(issue, far))["List-Unsubscribe"] == (
        "<https://xn--mller-kva.example:8443/gr%C3%B6%C3%9Fe?an=%C3%A4&x=1>,"
        " <mailto:weg@xn--mller-kva.example>"
    )


def test_a_mailto_alone_is_no_one_click(issue: Email, notes: Newsletter) -> None:
    message = read(messages.build(issue, with_email(notes, unsubscribe_url="")))
    assert message["List-Unsubscribe"] == "<mailto:unsubscribe@northgate.example>"
    assert message["List-Unsubscribe-Post"] is None
    assert 'href="mailto:unsubscribe@northgate.example"' in part_of(message, "html")


def test_without_a_way_to_unsubscribe_there_is_a_warning_and_no_header(
    issue: Email, notes: Newsletter
) -> None:
    bare = with_email(notes, unsubscribe_url="", unsubscribe_mailto="")
    found = {one.rule: one.severity for one in messages.check(bare)}
    assert found == {"no-unsubscribe": "warning"}
    message = read(messages.build(issue, bare))
    assert message["List-Unsubscribe"] is None
    assert f'<a href="{bare.root_url}" style' in part_of(message, "html")


def test_values_for_one_reader_go_everywhere(issue: Email, notes: Newsletter) -> None:
    own = 'https://northgate.example/u?a=1&b="2"'
    values = {MergePoint.UNSUBSCRIBE_URL: own, MergePoint.ADDRESS: "A & B <C>"}
    message = read(messages.build(issue, notes, to="ann@reader.example", values=values))
    assert message["To"] == "ann@reader.example"
    assert "<https://northgate.example/u?a=1&b=%222%22>" in message["List-Unsubscribe"]
    assert "https://northgate.example/u?a=1&amp;b=&quot;2&quot;" in part_of(message, "html")
    assert "A &amp; B &lt;C&gt;" in part_of(message, "html")
    assert "A & B <C>" in part_of(message, "plain")


def test_look_alikes_of_other_programs_arrive_as_typed(notes: Newsletter, tmp_path: Path) -> None:
    title = " ".join(LOOK_ALIKES)
    files = {"1.md": part(1, title, summary=title, image="images/square.png", image_alt=title)}
    own = write(tmp_path, files)
    message = read(messages.build(email(own, 1), own))
    assert message["Subject"] == title
    assert title in part_of(message, "plain").replace("\n", " ")


def test_a_message_without_a_sender_is_an_error(issue: Email, notes: Newsletter) -> None:
    nobody = replace(with_email(notes, from_address=""), author=replace(notes.author, email=""))
    with pytest.raises(PartworkError, match=r"newsletter\.toml:.*nobody is named as the sender"):
        messages.build(issue, nobody)


@pytest.mark.parametrize("address", ["Ann <ann@northgate.example>", "ann at x", "ann@x..example"])
def test_an_author_whose_address_is_none_is_told_as_the_sender(
    notes: Newsletter, issue: Email, address: str
) -> None:
    author = replace(notes.author, email=address)
    wrong = replace(with_email(notes, from_address=""), author=author)
    with pytest.raises(PartworkError, match=r"newsletter\.toml.*no mail address.*from_address"):
        messages.build(issue, wrong)


def test_the_authors_address_stands_in_for_the_sender(issue: Email, notes: Newsletter) -> None:
    author = replace(notes.author, email="ann@northgate.example")
    own = replace(with_email(notes, from_address=""), author=author)
    assert "ann@northgate.example" in read(messages.build(issue, own))["From"]


def test_an_address_few_servers_take_is_an_error(issue: Email, notes: Newsletter) -> None:
    with pytest.raises(PartworkError, match="letters before the @"):
        messages.build(issue, with_email(notes, reply_to="jürgen@northgate.example"))


def test_a_domain_of_any_script_is_written_in_ascii(issue: Email, notes: Newsletter) -> None:
    own = replace(with_email(notes, from_address="a@bücher.example"), url="https://bücher.example/")
    message = read(messages.build(issue, own))
    assert message["From"].addresses[0].addr_spec == "a@xn--bcher-kva.example"
    assert message["Message-ID"].endswith("@xn--bcher-kva.example>")


def test_a_missing_postal_address_is_a_warning(notes: Newsletter) -> None:
    found = messages.check(with_email(notes, address=""))
    assert [(one.rule, one.severity) for one in found] == [("no-address", "warning")]


def test_replies_go_where_the_settings_say(issue: Email, notes: Newsletter) -> None:
    own = with_email(notes, reply_to="answers@northgate.example")
    assert read(messages.build(issue, own))["Reply-To"] == "answers@northgate.example"


def spam_score(raw: bytes) -> tuple[float, str]:
    """What SpamAssassin gives a message offline, and its reasons."""
    program = shutil.which("spamassassin")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("no SpamAssassin on this machine, and CI must have one", pytrace=False)
        pytest.skip("no SpamAssassin on this machine")
    done = subprocess.run([program, "-L", "-t"], input=raw, capture_output=True, check=True)  # noqa: S603  # found above
    report = done.stdout.decode(errors="replace").rpartition("Content analysis details:")[2]
    found = re.search(r"\((-?[\d.]+) points", report)
    assert found, report
    return float(found[1]), report


@pytest.mark.parametrize(("number", "theme"), list(enumerate(themes.names([PACKAGED]), 1)))
def test_spamassassin_likes_the_sample_in_every_theme(number: int, theme: str) -> None:
    sample = with_email(newsletter.load(ROOT), theme=theme)
    score, report = spam_score(messages.build(email(sample, number), sample))
    assert score < 1, report


def test_spamassassin_likes_a_right_to_left_issue(tmp_path: Path) -> None:
    arabic = toml().replace('language = "en-GB"', 'language = "ar"')
    body = "الفقرة الأولى من الجزء مع كلمات كثيرة عن العناية.\n\n## عنوان\n\nفقرة أخرى."
    own = write(tmp_path, four_parts(body), arabic)
    score, report = spam_score(messages.build(email(own, 2), own))
    assert score < 1, report
