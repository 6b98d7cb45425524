from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import crash
import pytest
from fake_gotemplate import render
from fake_listmonk import TOKEN, FakeListmonk
from fakes import served
from hypothesis import example, given
from hypothesis import strategies as st
from samples import START, a_newsletter, an_email, an_issue
from shapes_check import check_conversation

from pipeline import merge, text
from pipeline.emails import Email
from pipeline.errors import PartworkError, UncertainSend
from pipeline.merge import MergePoint
from pipeline.services import Key, MailingService, ServiceError, Status, gotemplate, key_of
from pipeline.services.registry import open_service

ISSUE = an_issue(1)
EMAIL = an_email(ISSUE)
LATER = START + timedelta(hours=3)

TABLE = """
[services.weekly]
kind = "listmonk"
url = "{url}"
user = "api"
lists = {lists}
timeout = 5
"""


def a_service(
    root: Path, url: str, *, lists: str = "[4]", home: str = "https://example.org/", more: str = ""
) -> MailingService:
    newsletter = a_newsletter(root, TABLE.format(url=url, lists=lists) + more, home)
    return open_service("weekly", newsletter, {"LISTMONK_TOKEN": TOKEN})


def key(root: Path, email: Email = EMAIL, home: str = "https://example.org/") -> Key:
    return key_of(a_newsletter(root, url=home), email.issue, email)


@pytest.fixture
def fake() -> Iterator[FakeListmonk]:
    with served(FakeListmonk) as fake:
        yield fake


@pytest.fixture
def service(fake: FakeListmonk, tmp_path: Path) -> MailingService:
    return a_service(tmp_path, fake.url)


def test_the_fake_behaves_as_the_real_one_did(fake: FakeListmonk) -> None:
    headers = {"authorization": f"token api:{TOKEN}", "content-type": "application/json"}
    assert check_conversation("listmonk", fake.url, headers, inside="data") > 30


def test_wrong_credentials_say_so_without_showing_them(fake: FakeListmonk, tmp_path: Path) -> None:
    newsletter = a_newsletter(tmp_path, TABLE.format(url=fake.url, lists="[4]"))
    service = open_service("weekly", newsletter, {"LISTMONK_TOKEN": "wrong-token"})
    with pytest.raises(ServiceError, match="invalid API credentials") as caught:
        service.audience()
    assert "wrong-token" not in str(caught.value)


def test_a_list_that_is_not_there_shows_before_anything_is_stored(
    fake: FakeListmonk, tmp_path: Path
) -> None:
    with pytest.raises(ServiceError, match="List not found"):
        a_service(tmp_path, fake.url, lists="[4, 999]").audience()


def test_the_audience_is_the_lists_by_name_and_size(service: MailingService) -> None:
    assert [(one.name, one.size) for one in service.audience()] == [("Weekly", 3)]


def test_a_draft_is_found_by_its_key_and_mailed_to_nobody(
    service: MailingService, fake: FakeListmonk, tmp_path: Path
) -> None:
    wanted = key(tmp_path)
    assert service.find(wanted.issue) is None
    made = service.draft(EMAIL, wanted, None)
    found = service.find(wanted.issue)
    assert found == made
    assert (made.status, made.key) == (Status.DRAFT, wanted)
    assert made.url == f"{fake.url}/admin/campaigns/{made.id}"
    assert fake.deliveries == []


def test_a_draft_is_replaced_and_not_doubled(
    service: MailingService, fake: FakeListmonk, tmp_path: Path
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    changed = an_email(ISSUE, "corrected")
    again = service.draft(changed, key(tmp_path, changed), made)
    assert again.id == made.id
    assert again.key.content != made.key.content
    assert len(fake.campaigns) == 1
    assert service.compare(again, changed) == []


def test_many_publishers_at_once_make_one_campaign(fake: FakeListmonk, tmp_path: Path) -> None:
    wanted = key(tmp_path)
    services = [a_service(tmp_path, fake.url) for _ in range(8)]
    made: list[str] = []

    def make(service: MailingService) -> None:
        made.append(service.draft(EMAIL, wanted, None).id)

    threads = [threading.Thread(target=make, args=(one,)) for one in services]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fake.campaigns) == 1
    assert made == [made[0]] * 8


def test_a_slug_that_is_taken_by_what_has_not_the_tag_stops_for_a_person(
    service: MailingService, fake: FakeListmonk, tmp_path: Path
) -> None:
    service.draft(EMAIL, key(tmp_path), None)
    fake.campaigns[20]["tags"] = []
    with pytest.raises(UncertainSend, match="archive slug"):
        service.draft(EMAIL, key(tmp_path), None)


def test_a_persons_copy_of_a_campaign_is_not_taken_for_it(
    service: MailingService, fake: FakeListmonk, tmp_path: Path
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    copy = {**fake.campaigns[20], "id": 19, "archive_slug": None, "status": "finished"}
    fake.campaigns[19] = copy
    assert service.find(key(tmp_path).issue) == made


def test_find_turns_every_page(service: MailingService, fake: FakeListmonk, tmp_path: Path) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    ours = fake.campaigns.pop(20)
    for number in range(100, 220):
        fake.campaigns[number] = {**ours, "id": number, "archive_slug": None}
    fake.campaigns[300] = {**ours, "id": 300, "created_at": "2027-01-01T00:00:00Z"}
    found = service.find(key(tmp_path).issue)
    assert found is not None
    assert found.id == "300"
    assert found.key == made.key


def test_two_newsletters_in_one_account_leave_each_other_alone(
    fake: FakeListmonk, tmp_path: Path
) -> None:
    home = "https://other.example.org/"
    one, other = a_service(tmp_path, fake.url), a_service(tmp_path, fake.url, home=home)
    first = one.draft(EMAIL, key(tmp_path), None)
    assert other.find(key(tmp_path, home=home).issue) is None
    second = other.draft(EMAIL, key(tmp_path, home=home), None)
    assert first.id != second.id
    assert one.find(key(tmp_path).issue) == first


def test_a_faithful_draft_differs_in_nothing(service: MailingService, tmp_path: Path) -> None:
    assert service.compare(service.draft(EMAIL, key(tmp_path), None), EMAIL) == []


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("subject", "Another", "its subject is another"),
        ("altbody", "Another", "its altbody is another"),
        ("from_email", "x <x@example.org>", "its from_email is another"),
        ("lists", [], "it goes to the lists [], not [4]"),
        ("template_id", 1, "its preview does not show the email"),
        ("body", "<p>Another</p>", "its body is another"),
    ],
)
def test_what_was_changed_in_a_draft_is_named(
    service: MailingService,
    fake: FakeListmonk,
    tmp_path: Path,
    field: str,
    value: object,
    said: str,
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    fake.campaigns[20][field] = value
    differences = service.compare(made, EMAIL)
    assert said in "; ".join(differences)


def test_lists_that_listmonk_left_out_are_noticed(fake: FakeListmonk, tmp_path: Path) -> None:
    service = a_service(tmp_path, fake.url, lists="[4, 999]")
    made = service.draft(EMAIL, key(tmp_path), None)
    assert service.compare(made, EMAIL) == ["it goes to the lists [4], not [4, 999]"]


def received(fake: FakeListmonk, reader: str) -> tuple[str, str, str]:
    name, _ = fake.readers[reader]
    return fake.message(fake.campaigns[20], reader, name)


def test_what_was_written_is_what_every_reader_gets(
    service: MailingService, fake: FakeListmonk, tmp_path: Path
) -> None:
    service.send(service.draft(EMAIL, key(tmp_path), None), EMAIL, None)
    subject, body, plain = received(fake, "rec1@example.net")
    at = f"{fake.url}/subscription/rec1@example.net"
    values = {
        MergePoint.FIRST_NAME: "Reader1",
        MergePoint.UNSUBSCRIBE_URL: at,
        MergePoint.PREFERENCES_URL: f"{at}?manage=true",
        MergePoint.WEB_URL: f"{fake.url}/campaign/rec1@example.net",
        MergePoint.ADDRESS: "Example Press, 1 High Street <Ely>",
    }
    assert subject == EMAIL.subject
    assert plain == merge.fill(EMAIL.text, values)
    escaped = {point: html.escape(value) for point, value in values.items()}
    expected = merge.fill(gotemplate.addresses(EMAIL.html), escaped).replace("/* calm */", " ")
    assert body == expected
    assert '<!--[if mso]><v:rect href="' in body
    assert "<!--[if !mso]><!--><b>modern</b><!--<![endif]-->" in body


def test_a_reader_without_a_name_is_greeted_all_the_same(
    service: MailingService, fake: FakeListmonk, tmp_path: Path
) -> None:
    fake.add_reader("nobody@example.net", "", 4)
    service.send(service.draft(EMAIL, key(tmp_path), None), EMAIL, None)
    _, body, plain = received(fake, "nobody@example.net")
    assert "<p>Dear reader,</p>" in body
    assert plain.startswith("Dear reader,\n")


def test_sending_reaches_each_reader_once_and_never_twice(
    service: MailingService, fake: FakeListmonk, tmp_path: Path
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    service.send(made, EMAIL, None)
    with pytest.raises(ServiceError, match="Only paused campaigns and drafts"):
        service.send(made, EMAIL, None)
    assert set(fake.copies().values()) == {1}
    assert len(fake.deliveries) == 3


def test_a_time_once_given_does_not_hold_back_what_is_sent_now(
    service: MailingService, fake: FakeListmonk, tmp_path: Path
) -> None:
    service.draft(EMAIL, key(tmp_path), None)
    fake.campaigns[20]["send_at"] = LATER.isoformat()
    held = service.find(key(tmp_path).issue)
    assert held is not None
    assert held.at == LATER
    service.send(held, EMAIL, None)
    assert len(fake.deliveries) == 3


def test_a_scheduled_issue_goes_out_at_its_time(
    service: MailingService, fake: FakeListmonk, tmp_path: Path
) -> None:
    service.send(service.draft(EMAIL, key(tmp_path), None), EMAIL, LATER)
    held = service.find(key(tmp_path).issue)
    assert held is not None
    assert (held.status, held.at) == (Status.SCHEDULED, LATER)
    assert fake.deliveries == []
    fake.tick(LATER)
    assert len(fake.deliveries) == 3


def test_a_test_goes_to_the_addresses_named_and_to_nobody_else(
    service: MailingService, fake: FakeListmonk, tmp_path: Path
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    service.test(made, EMAIL, ["rec0@example.net"])
    assert fake.tests == [(EMAIL.subject, "rec0@example.net")]
    assert fake.deliveries == []
    with pytest.raises(ServiceError, match="No known subscribers"):
        service.test(made, EMAIL, ["stranger@example.net"])


def test_a_report_tells_finished_from_received(
    service: MailingService, fake: FakeListmonk, tmp_path: Path
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    fake.campaigns[20]["altbody"] = "<https://example.org/?a=1&b=2> {{ UnsubscribeURL }}"
    service.send(made, EMAIL, None)
    report = service.report(made)
    assert (report.status, report.recipients, report.sent) == (Status.SENT, 3, 0)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("draft", Status.DRAFT),
        ("scheduled", Status.SCHEDULED),
        ("running", Status.SENDING),
        ("finished", Status.SENT),
        ("paused", Status.STOPPED),
        ("cancelled", Status.STOPPED),
    ],
)
def test_each_of_its_statuses_has_a_meaning(
    service: MailingService, fake: FakeListmonk, tmp_path: Path, word: str, status: Status
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    fake.campaigns[20]["status"] = word
    assert service.report(made).status is status
    found = service.find(made.key.issue)
    assert found is not None
    assert (found.status, found.said) == (status, word)


def test_a_status_nobody_has_heard_of_is_refused(
    service: MailingService, fake: FakeListmonk, tmp_path: Path
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    fake.campaigns[20]["status"] = "hibernating"
    with pytest.raises(ServiceError, match="hibernating"):
        service.find(made.key.issue)


def test_a_template_of_the_authors_own_is_used_as_it_is(fake: FakeListmonk, tmp_path: Path) -> None:
    service = a_service(tmp_path, fake.url, more="template = 1\n")
    service.draft(EMAIL, key(tmp_path), None)
    assert fake.campaigns[20]["template_id"] == 1
    assert len(fake.templates) == 1


def test_the_template_that_adds_nothing_is_made_once(
    service: MailingService, fake: FakeListmonk, tmp_path: Path
) -> None:
    other = an_email(an_issue(2))
    service.draft(EMAIL, key(tmp_path), None)
    service.draft(other, key(tmp_path, other), None)
    assert len(fake.templates) == 2


@pytest.mark.parametrize("url", ["http://lists.example.org", "lists.example.org"])
def test_an_address_without_encryption_is_refused_with_its_line(tmp_path: Path, url: str) -> None:
    with pytest.raises(PartworkError, match=r"newsletter\.toml:\d+: "):
        a_service(tmp_path, url)


def test_a_missing_token_is_named_and_a_misspelt_setting_too(tmp_path: Path) -> None:
    newsletter = a_newsletter(tmp_path, TABLE.format(url="http://127.0.0.1:1", lists="[4]"))
    with pytest.raises(PartworkError, match="LISTMONK_TOKEN is not set"):
        open_service("weekly", newsletter, {"LISTMONK_TOKEN": " "})
    table = TABLE.format(url="http://127.0.0.1:1", lists="[4]") + 'tokn_env = "X"\n'
    with pytest.raises(PartworkError, match="did you mean `token_env`"):
        open_service("weekly", a_newsletter(tmp_path, table), {})


FACTS = {".Subscriber.FirstName": "R", "UnsubscribeURL": "u", "TrackLink": "t", "ManageURL": "m"}
characters = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from('{}"\\<>!-@\n`'), max_size=40
).map(text.clean)


@given(characters)
@example("{{ UnsubscribeURL }} https://example.org/@TrackLink {{- x -}}")
@example('{{ TrackLink "https://example.org" }}')
def test_plain_text_arrives_as_typed(typed: str) -> None:
    assert render(gotemplate.plain(typed), FACTS, html=True) == typed


@given(characters)
@example("{{{ UnsubscribeURL }}} https://example.org/@TrackLink")
@example("{{{{x}}}}")
def test_a_subject_arrives_as_typed(typed: str) -> None:
    assert render(gotemplate.subject(typed), FACTS, html=False) == typed


@given(characters, characters, st.sampled_from([*MergePoint]))
@example("{", "{", MergePoint.UNSUBSCRIBE_URL)
@example("https://example.org/@TrackLink", "{{ UnsubscribeURL }}", MergePoint.FIRST_NAME)
def test_html_arrives_as_written_around_and_inside_comments(
    before: str, inside: str, point: MergePoint
) -> None:
    before = html.escape(before)
    inside = re.sub("[-<>]", "", inside)
    written = f"<p>{before}{point.neutral}</p>{{<!--[if mso]>{inside}{point.neutral}<![endif]-->"
    source = merge.fill(gotemplate.body(written), {point: "{{ UnsubscribeURL }}"})
    assert render(source, FACTS, html=True) == merge.fill(written, {point: "u"})


def test_what_is_special_in_a_link_is_percent_encoded_as_go_does_it() -> None:
    link = '<a href="https://example.org/{{x}}?a=b@TrackLink">@TrackLink {{x}}</a>'
    expected = '<a href="https://example.org/%7B%7Bx%7D%7D?a=b%40TrackLink">@TrackLink {{x}}</a>'
    assert render(gotemplate.body(link), FACTS, html=True) == expected


def test_an_email_of_another_content_has_another_key_and_the_same_issue(tmp_path: Path) -> None:
    one, other = key(tmp_path), key(tmp_path, replace(EMAIL, preheader="Another."))
    assert one.issue == other.issue
    assert one.content != other.content
    assert re.fullmatch(r"partwork-[0-9a-f]{16}", one.issue)


PLUG = crash.Plug(
    name="listmonk",
    serve=lambda: served(FakeListmonk),
    table=lambda fake: TABLE.format(url=fake.url, lists="[4]").replace("= 5", "= 1"),
    environ=(("LISTMONK_TOKEN", TOKEN),),
    calls=6,
    writes=2,
)


@pytest.mark.parametrize("case", crash.matrix(PLUG))
def test_listmonk_survives(case: crash.Case, tmp_path: Path) -> None:
    crash.check_exactly_once(PLUG, case, tmp_path)


@pytest.mark.parametrize("machines", [1, 2])
def test_of_two_publishers_at_the_same_moment_one_sends(tmp_path: Path, machines: int) -> None:
    crash.check_two_at_once(PLUG, tmp_path, machines=machines)
