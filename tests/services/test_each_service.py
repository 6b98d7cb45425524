"""What holds at each service that keeps the key where no two must differ."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import crash
import mailing
import plugs
import pytest
from crash import Plug
from fake_buttondown import FakeButtondown
from fake_templates import seen, words
from fakes import served
from plugs import (
    BREVO,
    BUTTONDOWN,
    EVERY,
    GHOST,
    KIT,
    LISTMONK,
    MAILCHIMP,
    MAILERLITE,
    RESEND,
    a_service,
    patient,
)
from samples import EMAIL, HOME, ISSUE, LATER, a_newsletter, an_email, key

from pipeline import merge
from pipeline.errors import PartworkError, UncertainSend
from pipeline.merge import MergePoint
from pipeline.services import (
    MailingService,
    Remote,
    ServiceError,
    Status,
    brevo,
    buttondown,
    key_of,
    kit,
    listmonk,
    mailchimp,
    resend,
)
from pipeline.services.registry import configured, named

OTHER_HOME = "https://other.example.org/"
SECRET = "0badc0de"  # noqa: S105 - it opens nothing
READERS = ["rec0@example.net", "rec1@example.net"]
STRANGERS = ["me@example.net", "you@example.net"]


def at(*services: Plug) -> pytest.MarkDecorator:
    """The claim is made at these services."""
    return pytest.mark.parametrize("plug", services, ids=name)


def name(value: object) -> str | None:
    """A case by the name of its service, and the rest of it as pytest would call it."""
    return value.name if isinstance(value, Plug) else None


EACH = at(*EVERY)
ONE_BY_ONE = at(BREVO, KIT, MAILCHIMP, MAILERLITE, RESEND)
"""Where each draft made under a key is another one, and the oldest alone may be released."""
UNIQUE = at(
    BUTTONDOWN,
    replace(
        BUTTONDOWN,
        name="buttondown, by its other name",
        serve=lambda: served(lambda: FakeButtondown(duplicate="email_duplicate")),
    ),
    LISTMONK,
)
"""Where a key is a slug that can't be taken twice."""
LAGGING = at(KIT, RESEND)
"""Where what is found in the list is read again, since the list may be old."""


@EACH
def test_a_draft_is_found_by_its_key_and_mailed_to_nobody(
    service: MailingService, fake: Any, tmp_path: Path
) -> None:
    wanted = key(tmp_path)
    assert service.find(wanted.issue) is None
    made = service.draft(EMAIL, wanted, None)
    assert service.find(wanted.issue) == made
    assert (made.status, made.key, made.at) == (Status.DRAFT, wanted, None)
    assert made.url.startswith("http")
    assert fake.deliveries == []


@EACH
def test_one_account_is_not_two_services_of_which_one_would_take_the_others_issue_for_its_own(
    plug: Plug, fake: Any, tmp_path: Path
) -> None:
    table = patient(plug, fake)
    twice = table + table.replace("[services.weekly]", "[services.staff]")
    with pytest.raises(PartworkError, match=r"staff is the same account at .* as weekly"):
        configured(a_newsletter(tmp_path, twice))


@EACH
def test_a_faithful_draft_differs_in_nothing(service: MailingService, made: Remote) -> None:
    assert service.compare(made, EMAIL) == []


@EACH
def test_an_issue_of_all_that_has_broken_a_mail_is_stored_faithfully(
    plug: Plug, fake: Any, tmp_path: Path
) -> None:
    greeted = mailing.settings(greeting="Dear {first_name}") + patient(plug, fake)
    newsletter = mailing.write(tmp_path, mailing.four_parts(mailing.TORTURE), greeted)
    service = named("weekly", newsletter).open(plugs.ENVIRON)
    email = mailing.email(newsletter, 2)
    made = service.draft(email, key_of(newsletter, email.issue.articles[0].id, email), None)
    assert service.compare(made, email) == []


@EACH
def test_a_draft_is_replaced_and_not_doubled(
    service: MailingService, fake: Any, made: Remote, tmp_path: Path
) -> None:
    changed = an_email(ISSUE, "corrected")
    again = service.draft(changed, key(tmp_path, changed), made)
    assert (again.id, again.key) == (made.id, key(tmp_path, changed))
    assert again.key.content != made.key.content
    assert service.find(made.key.issue) == again
    assert len(fake.stored()) == 1
    assert service.compare(again, changed) == []
    assert service.compare(again, EMAIL) != []
    assert fake.deliveries == []


@EACH
def test_of_two_drafts_with_one_key_the_older_is_released_and_the_other_never(
    service: MailingService, fake: Any, tmp_path: Path
) -> None:
    drafts = [service.draft(EMAIL, key(tmp_path), None) for _ in range(9)]
    found = service.find(key(tmp_path).issue)
    assert found == drafts[0]
    assert found.id == str(fake.stored()[0]["id"])
    service.send(found, EMAIL, None)
    for other in drafts:
        again = service.find(other.key.issue)
        assert again is not None
        assert (again.id, again.status) == (found.id, Status.SENT)
    assert set(fake.copies().values()) == {1}


@ONE_BY_ONE
def test_the_younger_of_two_drafts_can_not_be_released(
    service: MailingService, fake: Any, made: Remote, tmp_path: Path
) -> None:
    second = service.draft(EMAIL, key(tmp_path), None)
    assert second.id != made.id
    for when in (None, LATER):
        with pytest.raises(ServiceError, match="another publisher was here"):
            service.send(second, EMAIL, when)
    fake.tick(LATER)
    assert fake.deliveries == []


@UNIQUE
def test_many_publishers_at_once_make_one_draft(plug: Plug, fake: Any, tmp_path: Path) -> None:
    wanted = key(tmp_path)
    services = [a_service(tmp_path, patient(plug, fake)) for _ in range(8)]
    with ThreadPoolExecutor(len(services)) as threads:
        made = [*threads.map(lambda one: one.draft(EMAIL, wanted, None).id, services)]
    assert made == [str(fake.only()["id"])] * 8


@LAGGING
def test_a_draft_that_the_list_does_not_show_is_not_released(
    service: MailingService, fake: Any, made: Remote
) -> None:
    fake.lag = 1
    with pytest.raises(ServiceError, match="is gone"):
        service.send(made, EMAIL, None)
    assert fake.deliveries == []


@LAGGING
def test_what_was_released_is_seen_so_though_the_list_says_draft_still(
    service: MailingService, fake: Any, made: Remote
) -> None:
    fake.stale = True
    service.send(made, EMAIL, None)
    found = service.find(made.key.issue)
    assert found is not None
    assert found.status is Status.SENT


@LAGGING
def test_a_list_that_lags_stops_for_a_person_and_mails_nobody(
    plug: Plug, fake: Any, tmp_path: Path
) -> None:
    table = plug.table(fake)
    fake.lag = 1
    codes = [crash.run(tmp_path, table, plug.environ, 1) for _ in range(2)]
    assert (codes, fake.deliveries) == ([3, 3], [])
    fake.lag = 0
    codes = [crash.run(tmp_path, table, plug.environ, number) for number in (1, 1, 2, 3)]
    assert codes == [0, 0, 0, 0]
    crash.check_books(plug, fake, [0, 0, 0])


@EACH
def test_two_newsletters_in_one_account_leave_each_other_alone(
    plug: Plug, service: MailingService, fake: Any, made: Remote, tmp_path: Path
) -> None:
    other = a_service(tmp_path, patient(plug, fake), OTHER_HOME)
    assert other.find(key(tmp_path, home=OTHER_HOME).issue) is None
    second = other.draft(EMAIL, key(tmp_path, home=OTHER_HOME), None)
    assert second.id != made.id
    assert service.find(made.key.issue) == made


@EACH
def test_sending_reaches_each_reader_once_and_never_twice(
    plug: Plug, service: MailingService, fake: Any, made: Remote
) -> None:
    refusals = {"ghost": "no draft any more", "listmonk": "Only paused campaigns and drafts"}
    service.send(made, EMAIL, None)
    with pytest.raises(ServiceError, match=refusals.get(plug.name, "another publisher was here")):
        service.send(made, EMAIL, None)
    assert set(fake.copies().values()) == {1}
    assert len(fake.deliveries) == 3


@EACH
def test_a_scheduled_issue_goes_out_at_its_time(
    service: MailingService, fake: Any, made: Remote
) -> None:
    service.send(made, EMAIL, LATER)
    held = service.find(made.key.issue)
    assert held is not None
    assert (held.status, held.at) == (Status.SCHEDULED, LATER)
    with pytest.raises(ServiceError):
        service.send(made, EMAIL, None)
    fake.tick(LATER - timedelta(minutes=1))
    assert fake.deliveries == []
    fake.tick(LATER)
    assert len(fake.deliveries) == 3
    assert service.report(made).status is Status.SENT


@pytest.mark.parametrize(
    ("plug", "when"), [(BREVO, LATER), (BUTTONDOWN, None), (KIT, None)], ids=name
)
def test_a_release_after_which_it_is_a_draft_still_is_uncertain(
    service: MailingService, fake: Any, made: Remote, when: datetime | None
) -> None:
    fake.forgetful = True
    with pytest.raises(UncertainSend, match="a draft still"):
        service.send(made, EMAIL, when)


@EACH
def test_what_is_on_its_way_is_neither_a_draft_nor_sent(
    service: MailingService, fake: Any, made: Remote
) -> None:
    fake.slow = True
    service.send(made, EMAIL, None)
    found = service.find(made.key.issue)
    assert found is not None
    assert found.status is service.report(made).status is Status.SENDING


@pytest.mark.parametrize(
    ("plug", "word", "status"),
    [
        pytest.param(plug, word, status, id=f"{plug.name}, {word}")
        for plug, adapter in (
            (BREVO, brevo),
            (BUTTONDOWN, buttondown),
            (KIT, kit),
            (LISTMONK, listmonk),
            (MAILCHIMP, mailchimp),
            (RESEND, resend),
        )
        for word, status in adapter.STATUSES.items()
    ],
)
def test_each_of_its_statuses_has_a_meaning(
    service: MailingService, fake: Any, made: Remote, word: str, status: Status
) -> None:
    fake.set_status(word)
    found = service.find(made.key.issue)
    assert found is not None
    assert (found.status, found.said) == (status, word)
    assert service.report(made).status is status


@EACH
def test_a_status_nobody_has_heard_of_is_refused(
    service: MailingService, fake: Any, made: Remote
) -> None:
    fake.set_status("hibernating")
    with pytest.raises(ServiceError, match="hibernating"):
        service.report(made)
    fake.broken.clear()  # the description has not heard of it either


@at(BREVO, BUTTONDOWN, KIT, LISTMONK, MAILCHIMP, RESEND)
def test_what_has_a_status_nobody_has_heard_of_is_not_passed_by(
    service: MailingService, fake: Any, made: Remote
) -> None:
    fake.set_status("hibernating")
    with pytest.raises(ServiceError, match="hibernating"):
        service.find(made.key.issue)
    fake.broken.clear()  # the description has not heard of it either


@EACH
def test_every_merge_point_has_a_value(service: MailingService) -> None:
    assert set(service.capabilities.merge) == set(MergePoint)


@pytest.mark.parametrize("how", ["reparsed", "as it is"])
@pytest.mark.parametrize(
    ("plug", "first_name", "unsubscribe", "preferences", "page"),
    [
        (
            BUTTONDOWN,
            "Reader1 <&>",
            "https://buttondown.com/unsubscribe/rec1@example.net",
            "https://buttondown.com/portal/rec1@example.net",
            "https://buttondown.com/ada/archive/{key}/",
        ),
        (
            KIT,
            "Reader1",
            "https://unsubscribe.kit.com/rec1@example.net",
            "https://preferences.kit.com/rec1@example.net",
            f"{HOME}{ISSUE.path}",
        ),
        (
            RESEND,
            "Reader1",
            "https://unsubscribe.resend.com/?to=rec1@example.net",
            "https://unsubscribe.resend.com/?to=rec1@example.net",
            f"{HOME}{ISSUE.path}",
        ),
    ],
    ids=name,
)
def test_what_was_written_is_what_every_reader_sees(
    service: MailingService,
    fake: Any,
    made: Remote,
    how: str,
    first_name: str,
    unsubscribe: str,
    preferences: str,
    page: str,
) -> None:
    fake.how = how
    assert service.compare(made, EMAIL) == []
    service.send(made, EMAIL, None)
    subject, body, *plain = fake.message(fake.only()["id"], "rec1@example.net")
    values = {
        MergePoint.FIRST_NAME: first_name,
        MergePoint.UNSUBSCRIBE_URL: unsubscribe,
        MergePoint.PREFERENCES_URL: preferences,
        MergePoint.WEB_URL: page.format(key=made.key.issue),
        MergePoint.ADDRESS: "Example Press, 1 High Street <Ely>",
    }
    expected = merge.fill(EMAIL.html, {point: escape(one) for point, one in values.items()})
    assert seen(subject) == EMAIL.subject
    assert words(body) == words(expected)
    assert f'href="{unsubscribe}"' in body
    assert "<!--[if mso]><v:rect" in body
    for text in plain:
        assert seen(text) == merge.fill(EMAIL.text, values)


@EACH
def test_a_reader_without_a_name_is_greeted_all_the_same(fake: Any, made: Remote) -> None:
    html, *plain = fake.nameless()
    assert "<p>Dear reader,</p>" in re.sub(r"\n *", "", html)
    for text in plain:
        assert re.match(r"Dear reader,\s*Part-1", text)


@at(BREVO, BUTTONDOWN, KIT, RESEND)
@pytest.mark.parametrize("fallback", ['"friend"', 'fr"}}iend', "a|b"])
def test_a_fallback_that_would_end_its_tag_is_refused(
    plug: Plug, fake: Any, tmp_path: Path, fallback: str
) -> None:
    newsletter = a_newsletter(tmp_path, plug.table(fake))
    email = replace(newsletter.email, first_name_fallback=fallback)
    with pytest.raises(PartworkError, match="first_name_fallback"):
        named("weekly", replace(newsletter, email=email)).open(plugs.ENVIRON)
    assert fake.requests == []


@pytest.mark.parametrize(
    ("plug", "wrong", "said"),
    [
        (BREVO, SECRET, "Key not found"),
        (BUTTONDOWN, SECRET, "Invalid token"),
        (GHOST, f"{'ee' * 12}:{SECRET * 8}", "Unknown Admin API Key"),
        (KIT, SECRET, "The access token is invalid"),
        (LISTMONK, SECRET, "invalid API credentials"),
        (MAILCHIMP, f"{SECRET}-us21", "Your API key may be invalid"),
        (MAILERLITE, SECRET, "Unauthenticated"),
        (RESEND, SECRET, "API key is invalid"),
    ],
    ids=name,
)
def test_wrong_credentials_say_so_without_showing_them(
    plug: Plug, fake: Any, tmp_path: Path, wrong: str, said: str
) -> None:
    [(variable, _)] = plug.environ
    service = a_service(tmp_path, patient(plug, fake), **{variable: wrong})
    with pytest.raises(ServiceError, match=said) as caught:
        service.audience()
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("plug", "called", "size"),
    [
        (BREVO, "Weekly", 3),
        (BUTTONDOWN, "everybody at ada", 3),
        (GHOST, "Series", 3),
        (KIT, "Letters", 3),
        (LISTMONK, "Weekly", 3),
        (MAILCHIMP, "Weekly", 3),
        (MAILERLITE, "Weekly", 3),
        (RESEND, "Weekly", None),
    ],
    ids=name,
)
def test_the_audience_is_named_with_its_size_where_it_is_told(
    service: MailingService, called: str, size: int | None
) -> None:
    assert [(one.name, one.size) for one in service.audience()] == [(called, size)]


@pytest.mark.parametrize(
    ("plug", "table", "said"),
    [
        (BREVO, lambda url: plugs.brevo(url, "[3, 99]"), "List ID does not exist"),
        (BUTTONDOWN, lambda url: plugs.buttondown(url, '["tag_9"]'), "No such tag"),
        (
            GHOST,
            lambda url: plugs.ghost(url, more='newsletter = "nowhere"'),
            "use one of default-newsle",
        ),
        (KIT, lambda url: plugs.kit(url, "tags = [7, 9]"), "there is no tag 9 at Kit"),
        (LISTMONK, lambda url: plugs.listmonk(url, "[4, 999]"), "List not found"),
        (MAILCHIMP, lambda url: plugs.mailchimp(url, "zzz"), "could not be found"),
        (MAILCHIMP, lambda url: plugs.mailchimp(url, more="segment = 78"), "could not be found"),
        (
            MAILERLITE,
            lambda url: plugs.mailerlite(url, '["100093655191127682", "5"]'),
            "MailerLite has no group 5",
        ),
        (
            MAILERLITE,
            lambda url: plugs.mailerlite(url, "[]", more='segments = ["5"]'),
            "has no segment 5",
        ),
        (RESEND, lambda url: plugs.resend(url, "nobody"), "Segment not found"),
    ],
    ids=name,
)
def test_readers_that_are_not_there_show_before_anything_is_stored(
    fake: Any, tmp_path: Path, table: Callable[[str], str], said: str
) -> None:
    service = a_service(tmp_path, table(fake.url))
    with pytest.raises(ServiceError, match=said):
        service.audience()
    assert not any(one.writes for one in fake.requests)


@pytest.mark.parametrize(
    ("plug", "to"),
    [
        (BREVO, READERS),
        (BUTTONDOWN, STRANGERS),
        (LISTMONK, READERS),
        (MAILCHIMP, STRANGERS),
        (RESEND, STRANGERS),
    ],
    ids=name,
)
def test_a_test_goes_to_the_addresses_named_and_to_nobody_else(
    service: MailingService, fake: Any, made: Remote, to: list[str]
) -> None:
    service.test(made, EMAIL, to)
    assert [address for _, address in fake.tests] == to
    assert fake.deliveries == []


@at(KIT, MAILERLITE)
def test_where_no_tests_are_sent_they_are_refused_without_asking(
    service: MailingService, fake: Any, made: Remote
) -> None:
    assert not service.capabilities.tests
    asked = len(fake.requests)
    with pytest.raises(ServiceError, match="sends no tests"):
        service.test(made, EMAIL, ["me@example.net"])
    assert len(fake.requests) == asked


@pytest.mark.parametrize(
    ("plug", "case"),
    [
        pytest.param(plug, case, id=f"{plug.name}, {case}")
        for plug in EVERY
        for case in crash.cases(plug)
    ],
)
def test_every_accident_is_survived(plug: Plug, case: crash.Case, tmp_path: Path) -> None:
    crash.check_exactly_once(plug, case, tmp_path)


@EACH
@pytest.mark.parametrize("machines", [1, 2])
def test_of_two_publishers_at_the_same_moment_one_sends(
    plug: Plug, tmp_path: Path, machines: int
) -> None:
    crash.check_two_at_once(plug, tmp_path, machines=machines)
