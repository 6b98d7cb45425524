"""Copies of an email encoded once are what Python makes of each message by itself."""

from __future__ import annotations

from dataclasses import replace
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from pathlib import Path

import pytest
from archives import part
from folders import NOW
from hypothesis import example, given
from hypothesis import strategies as st
from mailing import ODD, TORTURE, email, four_parts, write

from pipeline import build, emails, messages
from pipeline.config import Newsletter
from pipeline.emails import Email
from pipeline.merge import MergePoint, fill
from pipeline.messages import copies

POINTS = st.sampled_from([one.neutral for one in MergePoint])
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufdd1\ufdd2%"))
LINES = st.lists(
    WORDS
    | POINTS
    | st.sampled_from(["=", "\n", " \n", "\t\n", ".\n", "x" * 74, "é" * 30, " " * 80])
)
RENDERED = LINES.map(lambda pieces: "".join(pieces) + "\n")
VALUES = st.fixed_dictionaries(
    dict.fromkeys(MergePoint, WORDS | st.just("https://u.example/?" + "=" * 90))
)
LOCAL = st.text("abcdefghijklmnopqrstuvwxyz0123456789.-_+", min_size=1, max_size=70).filter(
    lambda text: ".." not in text and not text.startswith(".") and not text.endswith(".")
)


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Newsletter:
    files = four_parts() | {"2.md": part(2, ODD, TORTURE, summary=ODD)}
    return write(tmp_path_factory.mktemp("newsletter"), files)


@pytest.fixture(scope="module")
def issue(notes: Newsletter) -> Email:
    return email(notes, 2)


def slowly(of: Email, notes: Newsletter, to: str, values: dict[MergePoint, str]) -> bytes:
    """One reader's message, filled in first and then serialised as a whole by Python."""
    known = emails.stand_ins(of, notes) | values
    settings = notes.email
    message = EmailMessage(policy=copies.POLICY)
    message["From"] = Address(settings.from_name, *settings.from_address.split("@"))
    message["To"] = Address("", *to.split("@"))
    message["Subject"] = of.subject
    message["Date"] = format_datetime(of.issue.date)
    plain = fill(of.text, known)
    html = fill(of.html, {point: escape(value) for point, value in known.items()})
    message.set_content(plain, charset="utf-8", cte="quoted-printable")
    message.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    message["Content-Language"] = of.lang
    message.set_boundary("=_" + sha256(f"{of.text}\0{of.html}".encode()).hexdigest()[:32])
    return message.as_bytes()


def without_machine_headers(raw: bytes) -> bytes:
    """What begins with From: the headers before it are written by hand in both ways."""
    return raw[raw.index(b"From: ") :]


@given(RENDERED, RENDERED, st.lists(st.tuples(LOCAL, VALUES), min_size=2, max_size=3))
@example(f"{'x' * 70}{MergePoint.ADDRESS.neutral}\n", "\n", [("a", {}), ("b" * 60, {})])
def test_every_copy_is_byte_equal_to_a_message_serialised_by_itself(
    issue: Email, notes: Newsletter, text: str, html: str, readers: list
) -> None:
    of = replace(issue, text=text, html=html)
    encoded = messages.encode(of, notes)
    for local, values in readers:
        to = f"{local}@reader.example"
        copy = without_machine_headers(encoded.copy(to=to, values=values))
        assert copy == slowly(of, notes, to, values)


def test_copies_of_a_whole_issue_are_byte_equal_too(issue: Email, notes: Newsletter) -> None:
    encoded = messages.encode(issue, notes)
    for number in (1, 22, 333):
        own = {MergePoint.UNSUBSCRIBE_URL: f"https://u.example/{'=' * number}?a&b"}
        to = f"reader-{number}@reader.example"
        copy = encoded.copy(to=to, values=own)
        assert copy == messages.build(issue, notes, to=to, values=own)
        assert without_machine_headers(copy) == slowly(issue, notes, to, own)
        assert f"<{own[MergePoint.UNSUBSCRIBE_URL]}>".encode() in copy.split(b"From: ")[0]


def test_a_second_copy_serialises_no_message(
    issue: Email, notes: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded = messages.encode(issue, notes)
    first = encoded.copy(to="a@reader.example")

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a message is serialised anew")

    monkeypatch.setattr(EmailMessage, "as_bytes", refuse)
    monkeypatch.setattr(EmailMessage, "set_content", refuse)
    assert encoded.copy(to="b@reader.example") == first.replace(b"To: a@", b"To: b@")


def test_a_damaged_merge_point_is_refused_before_any_copy(issue: Email, notes: Newsletter) -> None:
    for broken in (MergePoint.ADDRESS.neutral[:-1], "%EF%B7%91address%EF%B7%92"):
        with pytest.raises(ValueError, match="damaged merge point"):
            messages.encode(replace(issue, html=f"<p>{broken}</p>\n"), notes)


def test_a_build_serialises_no_message(notes: Newsletter, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a message is serialised where none was asked for")

    monkeypatch.setattr(messages, "encode", refuse)
    monkeypatch.setattr(EmailMessage, "as_bytes", refuse)
    built = build.everything(notes, NOW)
    assert any(path.endswith("/email.html") for path in built.written.sizes)
    assert not list(Path(built.folder).rglob("*.eml"))
