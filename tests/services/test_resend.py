from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import escape
from pathlib import Path

import crash
import httpx2
import pytest
from fake_resend import KEY, SEGMENT, FakeResend
from fake_templates import seen, words
from fakes import served
from samples import START, a_newsletter, an_email, an_issue

from pipeline import merge
from pipeline.emails import Email
from pipeline.errors import PartworkError
from pipeline.merge import MergePoint
from pipeline.services import Key, MailingService, Remote, ServiceError, Status, key_of
from pipeline.services.registry import open_service
from pipeline.services.resend import STATUSES

ISSUE = an_issue(1)
EMAIL = an_email(ISSUE)
LATER = START + timedelta(hours=3)
HOME = "https://example.org/"

TABLE = """
[services.weekly]
kind = "resend"
url = "{url}"
segment = "{segment}"
timeout = 5
"""


def a_service(
    root: Path, url: str, *, segment: str = SEGMENT, home: str = HOME, more: str = ""
) -> MailingService:
    newsletter = a_newsletter(root, TABLE.format(url=url, segment=segment) + more, home)
    return open_service("weekly", newsletter, {"RESEND_API_KEY": KEY})


def key(root: Path, email: Email = EMAIL, home: str = HOME) -> Key:
    return key_of(a_newsletter(root, url=home), email.issue, email)


@pytest.fixture
def fake() -> Iterator[FakeResend]:
    """Whatever a test does, it asks nothing that Resend's description does not know."""
    with served(FakeResend) as fake:
        yield fake
    assert fake.spec.broken == []


@pytest.fixture
def service(fake: FakeResend, tmp_path: Path) -> MailingService:
    return a_service(tmp_path, fake.url)


@pytest.fixture
def made(service: MailingService, tmp_path: Path) -> Remote:
    return service.draft(EMAIL, key(tmp_path), None)


def test_the_fake_mails_at_once_what_is_made_with_send() -> None:
    given = {"from": "a@example.org", "subject": "x", "segment_id": SEGMENT, "send": True}
    given |= {"html": "x", "text": "x"}
    with served(FakeResend) as fake:
        httpx2.post(
            f"{fake.url}/broadcasts", json=given, headers={"authorization": f"Bearer {KEY}"}
        )
        assert len(fake.deliveries) == 3


def test_a_draft_is_found_by_its_key_and_mailed_to_nobody(
    service: MailingService, fake: FakeResend, tmp_path: Path
) -> None:
    wanted = key(tmp_path)
    assert service.find(wanted.issue) is None
    made = service.draft(EMAIL, wanted, None)
    assert service.find(wanted.issue) == made
    assert (made.status, made.key) == (Status.DRAFT, wanted)
    assert fake.deliveries == []
    assert [one.body.get("send") for one in fake.requests if one.writes] == [None]


def test_a_draft_is_replaced_and_not_doubled(
    service: MailingService, fake: FakeResend, made: Remote, tmp_path: Path
) -> None:
    changed = an_email(ISSUE, "corrected")
    again = service.draft(changed, key(tmp_path, changed), made)
    assert again.id == made.id
    assert service.find(made.key.issue) == again
    assert again.key == key(tmp_path, changed)
    assert service.compare(again, changed) == []
    assert len(fake.broadcasts) == 1


def test_of_two_drafts_of_an_issue_the_older_is_meant_and_only_it_is_sent(
    service: MailingService, fake: FakeResend, made: Remote, tmp_path: Path
) -> None:
    second = service.draft(EMAIL, key(tmp_path), None)
    assert service.find(made.key.issue) == made
    with pytest.raises(ServiceError, match="another publisher was here"):
        service.send(second, EMAIL, None)
    assert fake.deliveries == []
    service.send(made, EMAIL, None)
    found = service.find(made.key.issue)
    assert found is not None
    assert (found.id, found.status) == (made.id, Status.SENT)


def test_a_draft_that_the_list_does_not_show_is_not_released(
    service: MailingService, fake: FakeResend, made: Remote
) -> None:
    fake.lag = 1
    with pytest.raises(ServiceError, match="is gone"):
        service.send(made, EMAIL, None)
    assert fake.deliveries == []


def test_what_was_released_is_seen_so_though_the_list_says_draft_still(
    service: MailingService, fake: FakeResend, made: Remote
) -> None:
    fake.stale = True
    service.send(made, EMAIL, None)
    found = service.find(made.key.issue)
    assert found is not None
    assert found.status is Status.SENT


def test_find_turns_every_page(
    service: MailingService, fake: FakeResend, made: Remote, tmp_path: Path
) -> None:
    ours = fake.broadcasts[made.id]
    for number in range(230):
        other = {"id": f"b-{number:03}", "name": f"Another {number}", "at": START}
        fake.broadcasts[str(number)] = {**ours, **other}
    ours["at"] = START - timedelta(days=900)
    assert service.find(made.key.issue) == made
    assert len([one for one in fake.requests if one.path == "/broadcasts"]) == 4


def test_broadcasts_without_a_name_are_passed_by(
    service: MailingService, fake: FakeResend, made: Remote
) -> None:
    for number in range(2):
        fake.broadcasts[str(number)] = {**fake.broadcasts[made.id], "id": str(number)}
        del fake.broadcasts[str(number)]["name"]
    assert service.find(made.key.issue) == made


def test_a_name_that_lost_its_end_is_still_ours_with_content_unknown(
    service: MailingService, fake: FakeResend, made: Remote
) -> None:
    fake.broadcasts[made.id]["name"] = f"Hands off {made.key.issue}"
    found = service.find(made.key.issue)
    assert found is not None
    assert (found.id, found.key.content) == (made.id, "")


def test_two_newsletters_in_one_account_leave_each_other_alone(
    service: MailingService, fake: FakeResend, made: Remote, tmp_path: Path
) -> None:
    home = "https://other.example.org/"
    other = a_service(tmp_path, fake.url, home=home)
    assert other.find(key(tmp_path, home=home).issue) is None
    second = other.draft(EMAIL, key(tmp_path, home=home), None)
    assert second.id != made.id
    assert service.find(made.key.issue) == made


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
    fake.broadcasts[made.id][field] = value
    assert service.compare(made, EMAIL) == [said]


def test_a_sender_that_is_written_otherwise_is_the_same(
    service: MailingService, fake: FakeResend, made: Remote
) -> None:
    fake.broadcasts[made.id]["from"] = "Points & Channels <series@example.org>"
    assert service.compare(made, EMAIL) == []


def test_a_topic_goes_with_it_and_is_read_back(fake: FakeResend, tmp_path: Path) -> None:
    service = a_service(tmp_path, fake.url, more='topic = "t-1"\n')
    made = service.draft(EMAIL, key(tmp_path), None)
    assert fake.broadcasts[made.id]["topic_id"] == "t-1"
    fake.broadcasts[made.id]["topic_id"] = None
    assert service.compare(made, EMAIL) == ["its topic_id is another"]


def test_the_audience_is_the_segment_by_name(service: MailingService) -> None:
    assert [(one.name, one.size) for one in service.audience()] == [("Weekly", None)]


def test_a_segment_that_is_not_there_and_a_wrong_key_are_refused(
    fake: FakeResend, tmp_path: Path
) -> None:
    with pytest.raises(ServiceError, match="Segment not found"):
        a_service(tmp_path, fake.url, segment="nobody").audience()
    newsletter = a_newsletter(tmp_path, TABLE.format(url=fake.url, segment=SEGMENT))
    with pytest.raises(ServiceError, match="API key is invalid") as caught:
        open_service("weekly", newsletter, {"RESEND_API_KEY": "wrong-key"}).audience()
    assert "wrong-key" not in str(caught.value)


@pytest.mark.parametrize("how", ["reparsed", "as it is"])
def test_what_was_written_is_what_every_reader_sees(
    service: MailingService, fake: FakeResend, made: Remote, how: str
) -> None:
    fake.how = how
    service.send(made, EMAIL, None)
    subject, body, plain = fake.message(made.id, "rec1@example.net")
    unsubscribe = "https://unsubscribe.resend.com/?to=rec1@example.net"
    values = {
        MergePoint.FIRST_NAME: "Reader1",
        MergePoint.UNSUBSCRIBE_URL: unsubscribe,
        MergePoint.PREFERENCES_URL: unsubscribe,
        MergePoint.WEB_URL: f"{HOME}{ISSUE.path}",
        MergePoint.ADDRESS: "Example Press, 1 High Street <Ely>",
    }
    expected = merge.fill(EMAIL.html, {point: escape(one) for point, one in values.items()})
    assert seen(subject) == EMAIL.subject
    assert seen(plain) == merge.fill(EMAIL.text, values)
    assert words(body) == words(expected)
    assert f'href="{unsubscribe}"' in body
    assert "<!--[if mso]><v:rect" in body


def test_a_reader_without_a_name_is_greeted_all_the_same(fake: FakeResend, made: Remote) -> None:
    fake.readers["nobody@example.net"] = ("", SEGMENT)
    _, body, plain = fake.message(made.id, "nobody@example.net")
    assert "<p>Dear reader,</p>" in body
    assert plain.startswith("Dear reader,\n")


def test_a_preferences_page_of_the_newsletters_own_is_used(
    fake: FakeResend, tmp_path: Path
) -> None:
    newsletter = a_newsletter(tmp_path, TABLE.format(url=fake.url, segment=SEGMENT))
    page = "https://example.org/preferences?a=1&b=2"
    email = replace(newsletter.email, preferences_url=page)
    service = open_service("weekly", replace(newsletter, email=email), {"RESEND_API_KEY": KEY})
    made = service.draft(EMAIL, key(tmp_path), None)
    assert f'href="{escape(page)}"' in fake.broadcasts[made.id]["html"]
    assert f"Preferences: {page}" in fake.broadcasts[made.id]["text"]


@pytest.mark.parametrize("field", ["from_address", "first_name_fallback"])
def test_what_resend_can_not_do_without_is_asked_for(tmp_path: Path, field: str) -> None:
    newsletter = a_newsletter(tmp_path, TABLE.format(url="http://127.0.0.1:1", segment="x"))
    wrong = {"from_address": "", "first_name_fallback": "a|b"}[field]
    email = replace(newsletter.email, **{field: wrong})
    with pytest.raises(PartworkError, match=field):
        open_service("weekly", replace(newsletter, email=email), {"RESEND_API_KEY": KEY})


def test_sending_reaches_each_reader_once_and_never_twice(
    service: MailingService, fake: FakeResend, made: Remote
) -> None:
    service.send(made, EMAIL, None)
    with pytest.raises(ServiceError, match="another publisher was here"):
        service.send(made, EMAIL, None)
    assert set(fake.copies().values()) == {1}
    assert len(fake.deliveries) == 3


def test_a_scheduled_issue_goes_out_at_its_time(
    service: MailingService, fake: FakeResend, made: Remote
) -> None:
    service.send(made, EMAIL, LATER)
    held = service.find(made.key.issue)
    assert held is not None
    assert (held.status, held.at) == (Status.SCHEDULED, LATER)
    assert fake.deliveries == []
    fake.tick(LATER)
    assert len(fake.deliveries) == 3


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
    fake.metrics = False
    report = service.report(made)
    assert (report.status, report.counts) == (Status.SENT, {})


@pytest.mark.parametrize("word", [*STATUSES])
def test_each_of_its_statuses_has_a_meaning(
    service: MailingService, fake: FakeResend, made: Remote, word: str
) -> None:
    times = {"scheduled_at": "2026-10-06 12:00:00+00", "sent_at": "2026-10-06 12:00:00+00"}
    fake.broadcasts[made.id] |= {"status": word, "seen": "", **times}
    found = service.find(made.key.issue)
    assert found is not None
    assert (found.status, found.said) == (STATUSES[word], word)
    assert service.report(made).status is STATUSES[word]


def test_a_status_nobody_has_heard_of_is_refused(
    service: MailingService, fake: FakeResend, made: Remote
) -> None:
    fake.broadcasts[made.id]["status"] = "hibernating"
    with pytest.raises(ServiceError, match="hibernating"):
        service.find(made.key.issue)


PLUG = crash.Plug(
    name="resend",
    serve=lambda: served(FakeResend),
    table=lambda fake: TABLE.format(url=fake.url, segment=SEGMENT).replace("= 5", "= 1"),
    environ=(("RESEND_API_KEY", KEY),),
    calls=6,
    writes=2,
)


@pytest.mark.parametrize("case", crash.matrix(PLUG))
def test_resend_survives(case: crash.Case, tmp_path: Path) -> None:
    crash.check_exactly_once(PLUG, case, tmp_path)


@pytest.mark.parametrize("machines", [1, 2])
def test_of_two_publishers_at_once_one_wins(machines: int, tmp_path: Path) -> None:
    crash.check_two_at_once(PLUG, tmp_path, machines=machines)


def test_a_list_that_lags_stops_for_a_person_and_mails_nobody(tmp_path: Path) -> None:
    with PLUG.serve() as fake:
        table = PLUG.table(fake)
        fake.lag = 1  # type: ignore[attr-defined]  # this fake's own
        codes = [crash.run(tmp_path, table, PLUG.environ, 1) for _ in range(2)]
        assert (codes, fake.deliveries) == ([3, 3], [])
        fake.lag = 0  # type: ignore[attr-defined]  # this fake's own
        codes = [crash.run(tmp_path, table, PLUG.environ, number) for number in (1, 1, 2, 3)]
        assert codes == [0, 0, 0, 0]
        crash.check_books(PLUG, fake, [0, 0, 0])
