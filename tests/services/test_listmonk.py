from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import plugs
import pytest
from fake_gotemplate import render
from fake_listmonk import TOKEN, FakeListmonk
from hypothesis import example, given
from hypothesis import strategies as st
from plugs import a_service
from samples import EMAIL, ISSUE, LATER, a_newsletter, an_email, an_issue, key
from shapes_check import check_conversation

from pipeline import merge, text
from pipeline.errors import PartworkError, UncertainSend
from pipeline.merge import MergePoint
from pipeline.services import MailingService, Remote, ServiceError, Status, gotemplate
from pipeline.services.listmonk import STATUSES
from pipeline.services.registry import named

PLUG = plugs.LISTMONK


def test_the_fake_behaves_as_the_real_one_did(fake: FakeListmonk) -> None:
    headers = {"authorization": f"token api:{TOKEN}", "content-type": "application/json"}
    assert check_conversation("listmonk", fake.url, headers, inside="data") > 30


def test_a_slug_that_is_taken_by_what_has_not_the_tag_stops_for_a_person(
    service: MailingService, fake: FakeListmonk, made: Remote, tmp_path: Path
) -> None:
    fake.only()["tags"] = []
    with pytest.raises(UncertainSend, match="archive slug"):
        service.draft(EMAIL, key(tmp_path), None)


def test_a_persons_copy_of_a_campaign_is_not_taken_for_it(
    service: MailingService, fake: FakeListmonk, made: Remote
) -> None:
    copy = {**fake.only(), "id": 19, "archive_slug": None, "status": "finished"}
    fake.campaigns[19] = copy
    assert service.find(made.key.issue) == made


def test_find_turns_every_page(service: MailingService, fake: FakeListmonk, made: Remote) -> None:
    ours = fake.campaigns.pop(20)
    for number in range(100, 220):
        fake.campaigns[number] = {**ours, "id": number, "archive_slug": None}
    fake.campaigns[300] = {**ours, "id": 300, "created_at": "2027-01-01T00:00:00Z"}
    found = service.find(made.key.issue)
    assert found is not None
    assert found.id == "300"
    assert found.key == made.key


def test_a_drafts_address_is_its_page(fake: FakeListmonk, made: Remote) -> None:
    assert made.url == f"{fake.url}/admin/campaigns/{made.id}"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("subject", "Another", "its subject is another"),
        ("altbody", "Another", "its altbody is another"),
        ("from_email", "x <x@example.org>", "its from_email is another"),
        ("headers", [{"Reply-To": "x@example.org"}], "its headers are others"),
        ("lists", [], "it goes to the lists [], not [4]"),
        ("template_id", 1, "its preview does not show the email"),
        ("body", "<p>Another</p>", "its body is another"),
    ],
)
def test_what_was_changed_in_a_draft_is_named(
    service: MailingService, fake: FakeListmonk, made: Remote, field: str, value: object, said: str
) -> None:
    fake.only()[field] = value
    differences = service.compare(made, EMAIL)
    assert said in "; ".join(differences)


def test_an_address_for_replies_that_is_no_longer_set_is_taken_away(
    service: MailingService, fake: FakeListmonk, made: Remote, tmp_path: Path
) -> None:
    newsletter = a_newsletter(tmp_path, plugs.listmonk(fake.url))
    without = replace(newsletter, email=replace(newsletter.email, reply_to=""))
    later = named("weekly", without).open(plugs.ENVIRON)
    assert later.compare(made, EMAIL) == ["its headers are others"]
    again = later.draft(EMAIL, made.key, made)
    assert fake.only()["headers"] == []
    assert later.compare(again, EMAIL) == []


def test_lists_that_listmonk_left_out_are_noticed(fake: FakeListmonk, tmp_path: Path) -> None:
    service = a_service(tmp_path, plugs.listmonk(fake.url, "[4, 999]"))
    made = service.draft(EMAIL, key(tmp_path), None)
    assert service.compare(made, EMAIL) == ["it goes to the lists [4], not [4, 999]"]


def test_what_was_written_is_what_every_reader_gets(
    service: MailingService, fake: FakeListmonk, made: Remote
) -> None:
    service.send(made, EMAIL, None)
    name, _ = fake.readers["rec1@example.net"]
    subject, body, plain = fake.message(fake.only(), "rec1@example.net", name)
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


def test_a_time_once_given_does_not_hold_back_what_is_sent_now(
    service: MailingService, fake: FakeListmonk, made: Remote
) -> None:
    fake.only()["send_at"] = LATER.isoformat()
    held = service.find(made.key.issue)
    assert held is not None
    assert held.at == LATER
    service.send(held, EMAIL, None)
    assert len(fake.deliveries) == 3


def test_a_draft_whose_time_has_passed_is_stored_anew(
    service: MailingService, fake: FakeListmonk, made: Remote, tmp_path: Path
) -> None:
    fake.only()["send_at"] = (fake.now - timedelta(hours=1)).isoformat()
    held = service.find(made.key.issue)
    edited = an_email(ISSUE, "edited")
    again = service.draft(edited, key(tmp_path, edited), held)
    assert (again.id, again.status, again.at) == (made.id, Status.DRAFT, None)
    assert service.compare(again, edited) == []


def test_a_test_has_the_subject_and_goes_to_subscribers_only(
    service: MailingService, fake: FakeListmonk, made: Remote
) -> None:
    service.test(made, EMAIL, ["rec0@example.net"])
    assert fake.tests == [(EMAIL.subject, "rec0@example.net")]
    assert fake.deliveries == []
    with pytest.raises(ServiceError, match="No known subscribers"):
        service.test(made, EMAIL, ["stranger@example.net"])


def test_a_stranger_among_the_tests_addresses_is_named_and_not_passed_over(
    service: MailingService, fake: FakeListmonk, made: Remote
) -> None:
    with pytest.raises(ServiceError, match=r"No known subscribers.*stranger@example\.net"):
        service.test(made, EMAIL, ["rec0@example.net", "stranger@example.net"])
    service.test(made, EMAIL, ["rec1@example.net", "rec2@example.net"])
    assert [reader for _, reader in fake.tests] == [f"rec{at}@example.net" for at in range(3)]


def test_a_report_tells_finished_from_received(
    service: MailingService, fake: FakeListmonk, made: Remote
) -> None:
    fake.only()["altbody"] = "<https://example.org/?a=1&b=2> {{ UnsubscribeURL }}"
    service.send(made, EMAIL, None)
    report = service.report(made)
    assert (report.status, report.recipients, report.sent) == (Status.SENT, 3, 0)


def test_opens_and_clicks_that_no_template_counts_are_not_known(
    service: MailingService, fake: FakeListmonk, made: Remote
) -> None:
    service.send(made, EMAIL, None)
    report = service.report(made)
    assert report.sent == 3
    assert (report.opens, report.clicks) == (None, None)
    fake.only().update(views=5, clicks=2)
    counted = service.report(made)
    assert (counted.opens, counted.clicks) == (5, 2)


def test_what_is_paused_or_cancelled_is_stopped_and_finished_is_sent() -> None:
    assert STATUSES == {
        "draft": Status.DRAFT,
        "scheduled": Status.SCHEDULED,
        "running": Status.SENDING,
        "finished": Status.SENT,
        "paused": Status.STOPPED,
        "cancelled": Status.STOPPED,
    }


def test_a_template_of_the_authors_own_is_used_as_it_is(fake: FakeListmonk, tmp_path: Path) -> None:
    service = a_service(tmp_path, plugs.listmonk(fake.url, more="template = 1"))
    service.draft(EMAIL, key(tmp_path), None)
    assert fake.only()["template_id"] == 1
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
        a_service(tmp_path, plugs.listmonk(url))


def test_a_missing_token_is_named_and_a_misspelt_setting_too(tmp_path: Path) -> None:
    newsletter = a_newsletter(tmp_path, plugs.listmonk(plugs.NOWHERE))
    with pytest.raises(PartworkError, match="LISTMONK_TOKEN is not set"):
        named("weekly", newsletter).open({"LISTMONK_TOKEN": " "})
    table = plugs.listmonk(plugs.NOWHERE, more='tokn_env = "X"')
    with pytest.raises(PartworkError, match="did you mean `token_env`"):
        named("weekly", a_newsletter(tmp_path, table)).open({})


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
