from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html import escape
from pathlib import Path

import httpx2
import plugs
import pytest
from fake_resend import KEY, SEGMENT, FakeResend
from fakes import served
from plugs import a_service
from samples import EMAIL, START, a_newsletter, key

from pipeline.errors import PartworkError
from pipeline.services import MailingService, Remote, Status
from pipeline.services.registry import named

PLUG = plugs.RESEND


def test_the_fake_mails_at_once_what_is_made_with_send() -> None:
    given = {"from": "a@example.org", "subject": "x", "segment_id": SEGMENT, "send": True}
    given |= {"html": "x", "text": "x"}
    with served(FakeResend) as fake:
        httpx2.post(
            f"{fake.url}/broadcasts", json=given, headers={"authorization": f"Bearer {KEY}"}
        )
        assert len(fake.deliveries) == 3


def test_a_draft_is_made_without_sending_it(fake: FakeResend, made: Remote) -> None:
    assert [one.body.get("send") for one in fake.requests if one.writes] == [None]


def test_find_turns_every_page(service: MailingService, fake: FakeResend, made: Remote) -> None:
    ours = fake.only()
    for number in range(230):
        other = {"id": f"b-{number:03}", "name": f"Another {number}", "at": START}
        fake.broadcasts[str(number)] = {**ours, **other}
    ours["at"] = START - timedelta(days=900)
    assert service.find(made.key.issue) == made
    assert len([one for one in fake.requests if one.path == "/broadcasts"]) == 4


def test_broadcasts_without_a_name_are_passed_by(
    service: MailingService, fake: FakeResend, made: Remote
) -> None:
    ours = fake.only()
    for number in range(2):
        fake.broadcasts[str(number)] = {**ours, "id": str(number)}
        del fake.broadcasts[str(number)]["name"]
    assert service.find(made.key.issue) == made


def test_a_name_that_lost_its_end_is_still_ours_with_content_unknown(
    service: MailingService, fake: FakeResend, made: Remote
) -> None:
    fake.only()["name"] = f"Hands off {made.key.issue}"
    found = service.find(made.key.issue)
    assert found is not None
    assert (found.id, found.key.content) == (made.id, "")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("subject", "Another", "its subject is another"),
        ("html", "<p>Another</p>", "its html is another"),
        ("text", None, "its text is another"),
        ("from", "x <x@example.org>", "its sender is another"),
        ("reply_to", [], "its reply_to is another"),
        ("segment_id", "other", f"it goes to the segment other, not to {SEGMENT}"),
    ],
)
def test_what_was_changed_in_a_draft_is_named(
    service: MailingService, fake: FakeResend, made: Remote, field: str, value: object, said: str
) -> None:
    assert service.compare(made, EMAIL) == []
    fake.only()[field] = value
    assert service.compare(made, EMAIL) == [said]


def test_a_sender_that_is_written_otherwise_is_the_same(
    service: MailingService, fake: FakeResend, made: Remote
) -> None:
    fake.only()["from"] = "Points & Channels <series@example.org>"
    assert service.compare(made, EMAIL) == []


def test_a_topic_goes_with_it_and_is_read_back(fake: FakeResend, tmp_path: Path) -> None:
    service = a_service(tmp_path, plugs.resend(fake.url, more='topic = "t-1"'))
    made = service.draft(EMAIL, key(tmp_path), None)
    assert fake.only()["topic_id"] == "t-1"
    fake.only()["topic_id"] = None
    assert service.compare(made, EMAIL) == ["its topic_id is another"]


@pytest.mark.parametrize(
    ("field", "value"), [("topic_id", "t-1"), ("reply_to", ["editor@example.org"])]
)
def test_what_an_earlier_draft_was_given_and_is_no_longer_asked_for_is_named(
    fake: FakeResend, tmp_path: Path, field: str, value: object
) -> None:
    """A topic that stayed would leave out all who turned it off; a change can't take it away."""
    newsletter = a_newsletter(tmp_path, plugs.resend(fake.url))
    newsletter = replace(newsletter, email=replace(newsletter.email, reply_to=""))
    service = named("weekly", newsletter).open(plugs.ENVIRON)
    made = service.draft(EMAIL, key(tmp_path), None)
    assert service.compare(made, EMAIL) == []
    fake.only()[field] = value
    again = service.draft(EMAIL, key(tmp_path), made)
    assert service.compare(again, EMAIL) == [f"it keeps the {field} {value}: take it away there"]


def test_a_preferences_page_of_the_newsletters_own_is_used(
    fake: FakeResend, tmp_path: Path
) -> None:
    newsletter = a_newsletter(tmp_path, plugs.resend(fake.url))
    page = "https://example.org/preferences?a=1&b=2"
    email = replace(newsletter.email, preferences_url=page)
    service = named("weekly", replace(newsletter, email=email)).open(plugs.ENVIRON)
    service.draft(EMAIL, key(tmp_path), None)
    assert f'href="{escape(page)}"' in fake.only()["html"]
    assert f"Preferences: {page}" in fake.only()["text"]


def test_the_senders_address_is_asked_for(tmp_path: Path) -> None:
    newsletter = a_newsletter(tmp_path, plugs.resend(plugs.NOWHERE))
    email = replace(newsletter.email, from_address="")
    with pytest.raises(PartworkError, match="from_address"):
        named("weekly", replace(newsletter, email=email)).open(plugs.ENVIRON)


def test_a_test_is_a_single_mail_with_stand_ins_to_each_address(
    service: MailingService, fake: FakeResend, made: Remote
) -> None:
    service.test(made, EMAIL, ["me@example.net", "you@example.net"])
    assert [one["to"] for one in fake.mails] == [["me@example.net"], ["you@example.net"]]
    first = fake.mails[0]
    assert first["subject"] == EMAIL.subject
    assert first["text"].startswith("Dear reader,\n")
    assert "https://example.org/unsubscribe?list=1&amp;x=2" in first["html"]
    assert "{{{" not in first["html"].replace("{{{raw}}}", "")
    assert fake.deliveries == []


def test_a_report_has_the_numbers_that_the_plan_tells(
    service: MailingService, fake: FakeResend, made: Remote
) -> None:
    assert service.report(made).counts == {}
    service.send(made, EMAIL, None)
    counts = {"recipients": 3, "opens": 2, "clicks": 1, "bounces": 0, "unsubscribes": 1}
    assert service.report(made).counts == counts
    fake.opened, fake.clicked = 0, 0
    assert service.report(made).counts == {**counts, "opens": 0, "clicks": 0}
    fake.metrics = False
    report = service.report(made)
    assert (report.status, report.counts) == (Status.SENT, {})


@pytest.mark.parametrize(
    "domain",
    [
        {"open_tracking": False, "click_tracking": False},
        {},
        {"name": "other.example.org", "open_tracking": True, "click_tracking": True},
        None,
    ],
)
def test_a_nought_of_what_the_senders_domain_does_not_track_is_not_known(
    service: MailingService, fake: FakeResend, made: Remote, domain: dict[str, object] | None
) -> None:
    """Resend tracks nothing unless a domain is told to, and its metrics say 0 then."""
    fake.opened, fake.clicked = 0, 0
    fake.domains = [{"id": str(n), "name": f"{n}.example.net"} for n in range(150)]
    fake.domains += [{"id": "last", "name": "example.org", **(domain or {})}]
    fake.sending_only = domain is None
    service.send(made, EMAIL, None)
    assert service.report(made).counts == {"recipients": 3, "bounces": 0, "unsubscribes": 1}


def test_what_was_counted_before_tracking_was_switched_off_is_still_told(
    service: MailingService, fake: FakeResend, made: Remote
) -> None:
    fake.clicked = 0
    fake.domains = [{"id": "d", "name": "Example.org", "open_tracking": False}]
    service.send(made, EMAIL, None)
    assert service.report(made).counts["opens"] == 2
    assert "clicks" not in service.report(made).counts
