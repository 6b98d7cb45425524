from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import crash
import plugs
import pytest
from fake_brevo import FakeBrevo
from fake_templates import django, reparsed, seen, words
from hypothesis import example, given
from hypothesis import strategies as st
from plugs import a_service
from samples import EMAIL, ISSUE, START, a_newsletter, an_email, key

from pipeline import text
from pipeline.errors import PartworkError
from pipeline.services import MailingService, Remote, ServiceError, Status, braces
from pipeline.services.brevo import STATUSES
from pipeline.services.registry import named

PLUG = plugs.BREVO


@pytest.mark.parametrize(
    ("lists", "more", "said"),
    [
        ("[]", "", "it is sent to no list"),
        ("[3]", 'first_name = "a b"\n', "not the name of an attribute"),
    ],
)
def test_settings_that_make_no_sense_are_refused_with_their_line(
    tmp_path: Path, lists: str, more: str, said: str
) -> None:
    with pytest.raises(PartworkError, match=rf"newsletter\.toml:\d+: .*{said}"):
        a_service(tmp_path, plugs.brevo(plugs.NOWHERE, lists, more=more))


def test_a_draft_for_a_list_that_is_not_there_is_refused(fake: FakeBrevo, tmp_path: Path) -> None:
    service = a_service(tmp_path, plugs.brevo(fake.url, "[3, 99]"))
    with pytest.raises(ServiceError, match="List IDs"):
        service.draft(EMAIL, key(tmp_path), None)


def test_the_audience_is_the_lists_by_name_and_size(fake: FakeBrevo, tmp_path: Path) -> None:
    service = a_service(tmp_path, plugs.brevo(fake.url, "[4, 3, 3]"))
    assert [(one.name, one.size) for one in service.audience()] == [("Weekly", 3), ("Others", 0)]


def test_a_campaign_that_was_given_another_name_is_found_by_its_tag(
    service: MailingService, fake: FakeBrevo, made: Remote
) -> None:
    fake.only()["name"] = "My own name"
    found = service.find(made.key.issue)
    assert found is not None
    assert (found.id, found.key.content) == (made.id, "")


def test_find_turns_every_page_without_asking_for_an_email(
    service: MailingService, fake: FakeBrevo, made: Remote
) -> None:
    ours = fake.campaigns.pop(41)
    for number in range(100, 350):
        fake.campaigns[number] = {**ours, "id": number, "name": "Another", "tag": ""}
    fake.campaigns[400] = {**ours, "id": 400}
    fake.requests.clear()
    found = service.find(made.key.issue)
    assert found is not None
    assert (found.id, found.key) == ("400", made.key)
    assert [one.query["excludeHtmlContent"] for one in fake.requests] == ["true"] * 3


def test_find_turns_the_page_though_the_count_is_that_of_the_page(
    service: MailingService, fake: FakeBrevo, made: Remote
) -> None:
    """Brevo's library calls it the “number of email campaigns retrieved”, of all or of these."""
    ours = fake.campaigns.pop(41)
    fake.counts_pages = True
    for others in (99, 100, 199):
        fake.campaigns = {n: {**ours, "id": n, "name": "Another", "tag": ""} for n in range(others)}
        assert service.find(made.key.issue) is None
        fake.campaigns[400] = {**ours, "id": 400}
        found = service.find(made.key.issue)
        assert found is not None
        assert found.id == "400"


def test_a_release_needs_few_of_the_hundred_requests_an_hour(
    fake: FakeBrevo, tmp_path: Path
) -> None:
    assert crash.run(tmp_path, plugs.brevo(fake.url), PLUG.environ, 1) == 0
    assert 100 - fake.hourly <= 8


def test_too_many_requests_end_the_run_and_say_so(
    service: MailingService, fake: FakeBrevo, tmp_path: Path
) -> None:
    inner: Any = service
    inner.wire._sleep = lambda _: None
    fake.hourly = 0
    with pytest.raises(ServiceError, match="fewer requests: run again later"):
        service.find(key(tmp_path).issue)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("subject", "Another", "its subject is another"),
        ("replyTo", "[DEFAULT_REPLY_TO]", "its replyTo is another"),
        ("sender", {"name": "X", "email": "series@example.org"}, "its sender's name is another"),
        ("recipients", {"lists": [3, 4]}, "it goes to the lists [3, 4], not [3]"),
        ("recipients", {"lists": [3], "exclusionLists": [4]}, "it leaves out the lists [4]"),
        ("htmlContent", "<p>Another</p>", "its text reads otherwise"),
    ],
)
def test_what_was_changed_in_a_draft_is_named(
    service: MailingService, fake: FakeBrevo, made: Remote, field: str, value: object, said: str
) -> None:
    assert service.compare(made, EMAIL) == []
    fake.only()[field] = value
    assert said in "; ".join(service.compare(made, EMAIL))


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("https://example.org/a?x=1", "https://example.org/b", "it lacks the address https://e"),
        ("{{ unsubscribe }}", "{{ mirror }}", "it lacks the address {{ unsubscribe }}"),
        ("<span>{</span>{", "{{", "it does not hold the merge tags"),
    ],
)
def test_what_was_changed_in_the_body_is_named(
    service: MailingService, fake: FakeBrevo, tmp_path: Path, was: str, now: str, said: str
) -> None:
    email = an_email(ISSUE, "{{ contact.EMAIL }}")
    made = service.draft(email, key(tmp_path, email), None)
    campaign = fake.only()
    assert was in campaign["htmlContent"]
    campaign["htmlContent"] = campaign["htmlContent"].replace(was, now)
    assert said in "; ".join(service.compare(made, email))


def test_html_that_brevo_wrote_anew_is_no_difference(
    service: MailingService, fake: FakeBrevo, made: Remote
) -> None:
    campaign = fake.only()
    campaign["htmlContent"] = reparsed(campaign["htmlContent"]).replace("</p>", "</p>\n  ")
    assert service.compare(made, EMAIL) == []


def test_what_was_written_is_what_every_reader_gets(
    service: MailingService, fake: FakeBrevo, tmp_path: Path
) -> None:
    typed = "{{ unsubscribe }} {% if contact %} {# note #} {{ contact.EMAIL }}"
    email = replace(an_email(ISSUE, typed), subject="On {{ mirror }} & {% raw %}")
    made = service.draft(email, key(tmp_path, email), None)
    service.send(made, email, None)
    subject, html = fake.message(41, "rec1@example.net")
    assert seen(subject) == email.subject
    assert "DearReader1," in words(html)
    assert "".join(typed.split()) in words(html)
    assert "ExamplePress,1HighStreet<Ely>" in words(html)
    assert '<a href="https://r.example/un?rec1@example.net">Unsubscribe</a>' in html
    assert '<a href="https://r.example/up?rec1@example.net">Preferences</a>' in html
    assert '<!--[if mso]><v:rect href="https://example.org/issues/' in html
    assert "<!--[if !mso]><!--><b>modern</b><!--<![endif]-->" in html
    assert len(fake.deliveries) == 3


def test_a_senders_name_begins_no_tag_either(fake: FakeBrevo, tmp_path: Path) -> None:
    """Brevo's template language is that of `subject`, `htmlContent` and `sender.name`."""
    newsletter = a_newsletter(tmp_path, plugs.brevo(fake.url))
    email = replace(newsletter.email, from_name="{{ mustache }} weekly")
    service = named("weekly", replace(newsletter, email=email)).open(plugs.ENVIRON)
    made = service.draft(EMAIL, key(tmp_path), None)
    name = fake.only()["sender"]["name"]
    assert django(name, {}) == name
    assert seen(name) == email.from_name
    assert service.compare(made, EMAIL) == []


def test_a_campaign_that_waits_without_a_time_is_found_all_the_same(
    service: MailingService, fake: FakeBrevo, made: Remote
) -> None:
    """`scheduledAt` is optional: one that was sent at once is `queued` too before it goes."""
    fake.only()["status"] = "queued"
    assert "scheduledAt" not in fake.only()
    found = service.find(made.key.issue)
    assert found is not None
    assert (found.status, found.at) == (Status.SCHEDULED, None)


def test_its_statuses_are_those_that_brevos_client_library_knows() -> None:
    """Those that getbrevo/brevo-node 5.0.1 is answered, and those that it may ask for."""
    answered = "draft sent archive queued suspended in_process in_review cancelling cancelled"
    asked = "suspended archive sent queued draft inProcess inReview cancelling cancelled"
    assert set(STATUSES) == {*answered.split(), *asked.split()}


def test_a_time_in_the_past_is_refused(service: MailingService, made: Remote) -> None:
    with pytest.raises(ServiceError, match="greater than current date"):
        service.send(made, EMAIL, START - timedelta(hours=1))


def test_tests_go_to_known_readers_and_never_to_the_whole_test_list(
    service: MailingService, fake: FakeBrevo, made: Remote
) -> None:
    service.test(made, EMAIL, ["rec0@example.net"])
    assert [address for _, address in fake.tests] == ["rec0@example.net"]
    for refused in ([], ["rec0@example.net"] * 51):
        with pytest.raises(ServiceError, match="50 a day"):
            service.test(made, EMAIL, refused)
    with pytest.raises(ServiceError, match="stranger"):
        service.test(made, EMAIL, ["stranger@example.net"])
    assert len(fake.tests) == 1
    assert fake.deliveries == []


def test_a_report_counts_what_brevo_counts(
    service: MailingService, fake: FakeBrevo, made: Remote
) -> None:
    assert service.report(made).counts == {}
    service.send(made, EMAIL, None)
    report = service.report(made)
    assert report.status is Status.SENT
    counts = {"sent": 3, "opens": 2, "clicks": 1, "bounces": 3, "unsubscribes": 1}
    assert report.counts == counts
    fake.only()["statistics"] = {}
    assert service.report(made).counts == {}


@given(st.text(st.sampled_from("{}%# x.|") | st.characters(exclude_categories=["Cs", "Cc"])))
@example("{{ unsubscribe }}{%")
@example("{")
def test_no_subject_is_taken_for_a_template(typed: str) -> None:
    typed = text.clean(typed)
    assert seen(django(braces.plain(typed), {})) == seen(typed)
