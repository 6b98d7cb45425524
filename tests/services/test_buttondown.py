from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import escape
from pathlib import Path

import crash
import httpx2
import pytest
from fake_buttondown import KEY, FakeButtondown
from fake_templates import seen, words
from fakes import served
from samples import START, a_newsletter, an_email, an_issue
from server import http, serving

from pipeline import merge
from pipeline.emails import Email
from pipeline.errors import PartworkError, UncertainSend
from pipeline.merge import MergePoint
from pipeline.services import Key, MailingService, Remote, ServiceError, Status, key_of
from pipeline.services.buttondown import STATUSES
from pipeline.services.registry import open_service

ISSUE = an_issue(1)
EMAIL = an_email(ISSUE)
LATER = START + timedelta(hours=3)
HOME = "https://example.org/"

TABLE = """
[services.weekly]
kind = "buttondown"
url = "{url}"
tags = {tags}
timeout = 5
"""


def a_service(root: Path, url: str, *, tags: str = "[]", home: str = HOME) -> MailingService:
    newsletter = a_newsletter(root, TABLE.format(url=url, tags=tags), home)
    return open_service("weekly", newsletter, {"BUTTONDOWN_API_KEY": KEY})


def key(root: Path, email: Email = EMAIL, home: str = HOME) -> Key:
    return key_of(a_newsletter(root, url=home), email.issue, email)


@pytest.fixture
def fake() -> Iterator[FakeButtondown]:
    """Whatever a test does, it asks nothing that Buttondown's description does not know."""
    with served(FakeButtondown) as fake:
        yield fake
    assert fake.spec.broken == []


@pytest.fixture
def service(fake: FakeButtondown, tmp_path: Path) -> MailingService:
    return a_service(tmp_path, fake.url)


@pytest.fixture
def made(service: MailingService, tmp_path: Path) -> Remote:
    return service.draft(EMAIL, key(tmp_path), None)


def test_the_fake_mails_everybody_what_has_no_status() -> None:
    headers = {
        "authorization": f"Token {KEY}",
        "x-api-version": "2026-04-01",
        "x-buttondown-live-dangerously": "true",
    }
    email = {"subject": "Oops", "body": "<!-- buttondown-editor-mode: fancy --><p>x</p>"}
    with served(FakeButtondown) as fake:
        answer = httpx2.post(f"{fake.url}/v1/emails", json=email, headers=headers)
    assert answer.json()["status"] == "sent"
    assert len(fake.deliveries) == 3


def test_the_fake_refuses_fields_that_are_not_described() -> None:
    headers = {"authorization": f"Token {KEY}", "x-api-version": "2026-04-01"}
    with served(FakeButtondown) as fake:
        answer = httpx2.post(
            f"{fake.url}/v1/emails", json={"subject": "x", "sendnow": True}, headers=headers
        )
    assert answer.status_code == 422
    assert "sendnow" in fake.spec.broken[0]


def test_a_draft_is_found_by_its_key_and_mailed_to_nobody(
    service: MailingService, fake: FakeButtondown, tmp_path: Path
) -> None:
    wanted = key(tmp_path)
    assert service.find(wanted.issue) is None
    made = service.draft(EMAIL, wanted, None)
    assert service.find(wanted.issue) == made
    assert (made.status, made.key) == (Status.DRAFT, wanted)
    assert fake.deliveries == []
    assert [one.body["status"] for one in fake.requests if one.writes] == ["draft"]


def test_a_draft_is_replaced_and_not_doubled(
    service: MailingService, fake: FakeButtondown, made: Remote, tmp_path: Path
) -> None:
    changed = an_email(ISSUE, "corrected")
    again = service.draft(changed, key(tmp_path, changed), made)
    assert again.id == made.id
    assert again.key == key(tmp_path, changed)
    assert service.compare(again, changed) == []
    assert len(fake.emails) == 1
    assert fake.deliveries == []


@pytest.mark.parametrize("code", ["slug_invalid", "email_duplicate"])
def test_many_publishers_at_once_make_one_email(
    fake: FakeButtondown, tmp_path: Path, code: str
) -> None:
    fake.duplicate = code
    wanted = key(tmp_path)
    made: list[str] = []

    def make(service: MailingService) -> None:
        made.append(service.draft(EMAIL, wanted, None).id)

    services = [a_service(tmp_path, fake.url) for _ in range(6)]
    threads = [threading.Thread(target=make, args=(one,)) for one in services]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fake.emails) == 1
    assert made == [made[0]] * 6


def test_a_slug_taken_by_what_is_not_listed_stops_for_a_person() -> None:
    taken = http(400, b'{"code": "slug_invalid", "detail": "taken"}')
    empty = http(200, b'{"results": [], "next": null, "count": 0}')
    with serving(taken, empty) as server, pytest.raises(UncertainSend, match="free its slug"):
        a_service(Path("x"), server.url).draft(EMAIL, key(Path("x")), None)


def test_another_refusal_is_no_duplicate() -> None:
    refused = http(400, b'{"code": "subject_invalid", "detail": "no"}')
    with serving(refused) as server, pytest.raises(ServiceError, match="subject_invalid"):
        a_service(Path("x"), server.url).draft(EMAIL, key(Path("x")), None)


def test_find_turns_every_page_and_takes_no_copy_for_the_original(
    service: MailingService, fake: FakeButtondown, made: Remote, tmp_path: Path
) -> None:
    original = fake.emails.pop(made.id)
    for number in range(230):
        copy = {"id": f"em_copy{number}", "slug": f"copy-{number}", "status": "sent"}
        fake.emails[copy["id"]] = {**original, **copy, "creation_date": f"2026-01-01T{number}"}
    fake.emails[made.id] = original
    assert service.find(key(tmp_path).issue) == made


def test_what_others_wrote_without_our_fields_is_passed_by(
    service: MailingService, fake: FakeButtondown, made: Remote, tmp_path: Path
) -> None:
    for number, lacks in enumerate(("slug", "metadata")):
        other = {**fake.emails[made.id], "id": f"em_{number}", "slug": "x", "metadata": {}}
        del other[lacks]
        fake.emails[str(number)] = other
    assert service.find(key(tmp_path).issue) == made


def test_a_slug_alone_is_enough_and_its_content_then_unknown(
    service: MailingService, fake: FakeButtondown, made: Remote, tmp_path: Path
) -> None:
    fake.emails[made.id]["metadata"] = {}
    found = service.find(key(tmp_path).issue)
    assert found is not None
    assert (found.id, found.key.content) == (made.id, "")


def test_of_copies_whose_slug_a_person_changed_the_oldest_is_meant(
    service: MailingService, fake: FakeButtondown, made: Remote
) -> None:
    fake.emails[made.id]["slug"] = "my-own"
    copy = {"id": "em_0copy", "slug": "my-own-2", "creation_date": LATER.isoformat()}
    fake.emails = {"em_0copy": {**fake.emails[made.id], **copy}, **fake.emails}
    assert service.find(made.key.issue) == made


def test_two_newsletters_in_one_account_leave_each_other_alone(
    service: MailingService, fake: FakeButtondown, made: Remote, tmp_path: Path
) -> None:
    home = "https://other.example.org/"
    other = a_service(tmp_path, fake.url, home=home)
    assert other.find(key(tmp_path, home=home).issue) is None
    second = other.draft(EMAIL, key(tmp_path, home=home), None)
    assert second.id != made.id
    assert service.find(key(tmp_path).issue) == made


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("subject", "Another", "its subject is another"),
        ("body", "<!-- buttondown-editor-mode: fancy --><p>Another</p>", "its body is another"),
        ("body", "<!-- buttondown-editor-mode: fancy --><p>x</p>", "does not show all of its text"),
        ("template", "modern", "a template stands around it"),
        (
            "filters",
            {
                "filters": [{"field": "subscriber.tags", "operator": "contains", "value": "x"}],
                "groups": [],
                "predicate": "and",
            },
            "it goes to",
        ),
    ],
)
def test_what_was_changed_in_a_draft_is_named(
    service: MailingService,
    fake: FakeButtondown,
    made: Remote,
    field: str,
    value: object,
    said: str,
) -> None:
    assert service.compare(made, EMAIL) == []
    fake.emails[made.id][field] = value
    assert said in "; ".join(service.compare(made, EMAIL))


def test_only_readers_with_the_tags_get_it(fake: FakeButtondown, tmp_path: Path) -> None:
    fake.add_reader("tagged@example.net", "T", "tag_2")
    service = a_service(tmp_path, fake.url, tags='["tag_1", "tag_2"]')
    assert [(one.name, one.size) for one in service.audience()] == [("Letters", 0), ("Other", 1)]
    made = service.draft(EMAIL, key(tmp_path), None)
    assert service.compare(made, EMAIL) == []
    service.send(made, EMAIL, None)
    assert [reader for _, reader in fake.deliveries] == ["tagged@example.net"]


def test_without_tags_everybody_gets_it(service: MailingService) -> None:
    assert [(one.name, one.size) for one in service.audience()] == [("everybody at ada", 3)]


def test_a_tag_that_is_not_there_and_a_wrong_key_are_refused(
    fake: FakeButtondown, tmp_path: Path
) -> None:
    with pytest.raises(ServiceError, match="No such tag"):
        a_service(tmp_path, fake.url, tags='["tag_9"]').audience()
    newsletter = a_newsletter(tmp_path, TABLE.format(url=fake.url, tags="[]"))
    with pytest.raises(ServiceError, match="Invalid token") as caught:
        open_service("weekly", newsletter, {"BUTTONDOWN_API_KEY": "wrong-key"}).audience()
    assert "wrong-key" not in str(caught.value)


@pytest.mark.parametrize("how", ["reparsed", "as it is"])
def test_what_was_written_is_what_every_reader_sees(
    service: MailingService, fake: FakeButtondown, made: Remote, how: str
) -> None:
    fake.how = how
    assert service.compare(made, EMAIL) == []
    service.send(made, EMAIL, None)
    subject, body = fake.message(made.id, "rec1@example.net")
    values = {
        MergePoint.FIRST_NAME: "Reader1 <&>",
        MergePoint.UNSUBSCRIBE_URL: "https://buttondown.com/unsubscribe/rec1@example.net",
        MergePoint.PREFERENCES_URL: "https://buttondown.com/portal/rec1@example.net",
        MergePoint.WEB_URL: f"https://buttondown.com/ada/archive/{made.key.issue}/",
        MergePoint.ADDRESS: "Example Press, 1 High Street <Ely>",
    }
    expected = merge.fill(EMAIL.html, {point: escape(one) for point, one in values.items()})
    assert seen(subject) == EMAIL.subject
    assert words(body) == words(expected)
    assert 'href="https://buttondown.com/unsubscribe/rec1@example.net"' in body
    assert "<!--[if mso]><v:rect" in body


def test_a_reader_without_a_name_is_greeted_all_the_same(
    fake: FakeButtondown, made: Remote
) -> None:
    assert "<p>Dear reader,</p>" in fake.message(made.id, "nobody@example.net")[1]


def test_a_fallback_that_would_end_its_tag_is_refused_at_its_line(tmp_path: Path) -> None:
    newsletter = a_newsletter(tmp_path, TABLE.format(url="http://127.0.0.1:1", tags="[]"))
    email = replace(newsletter.email, first_name_fallback='fr"}}iend')
    with pytest.raises(PartworkError, match="first_name_fallback"):
        open_service("weekly", replace(newsletter, email=email), {"BUTTONDOWN_API_KEY": KEY})


def test_sending_reaches_each_reader_once_and_never_twice(
    service: MailingService, fake: FakeButtondown, made: Remote
) -> None:
    service.send(made, EMAIL, None)
    with pytest.raises(ServiceError, match="another publisher was here"):
        service.send(made, EMAIL, None)
    assert set(fake.copies().values()) == {1}
    assert len(fake.deliveries) == 3


def test_of_two_that_release_the_same_draft_one_is_told_what_the_other_was(
    fake: FakeButtondown, made: Remote, tmp_path: Path
) -> None:
    """Both look before either publishes; the fake mails again what is published again."""
    both = threading.Barrier(2, timeout=20)
    service = a_service(tmp_path, fake.url)

    def release() -> None:
        late = a_service(tmp_path, fake.url)
        write = late.wire.write  # type: ignore[attr-defined]  # the adapter's own

        def wait(*given: object, **more: object) -> object:
            both.wait()
            return write(*given, **more)

        late.wire.write = wait  # type: ignore[attr-defined]  # the adapter's own
        late.send(made, EMAIL, None)

    threads = [threading.Thread(target=release) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in fake.requests if one.path.endswith("/publish")]) == 2
    assert set(fake.copies().values()) == {1}
    assert service.report(made).status is Status.SENT


def test_a_scheduled_issue_goes_out_at_its_time(
    service: MailingService, fake: FakeButtondown, made: Remote, tmp_path: Path
) -> None:
    service.send(made, EMAIL, LATER)
    held = service.find(key(tmp_path).issue)
    assert held is not None
    assert (held.status, held.at) == (Status.SCHEDULED, LATER)
    assert fake.deliveries == []
    fake.tick(LATER)
    assert len(fake.deliveries) == 3


def test_a_release_after_which_it_is_a_draft_still_is_uncertain(
    fake: FakeButtondown, service: MailingService, made: Remote
) -> None:
    fake._release = lambda *_: None  # type: ignore[method-assign]  # it forgets to
    with pytest.raises(UncertainSend, match="a draft still"):
        service.send(made, EMAIL, None)


def test_a_test_goes_to_the_addresses_named_and_to_nobody_else(
    service: MailingService, fake: FakeButtondown, made: Remote
) -> None:
    service.test(made, EMAIL, ["me@example.net", "you@example.net"])
    assert [address for _, address in fake.tests] == ["me@example.net", "you@example.net"]
    assert fake.deliveries == []


def test_a_report_has_the_numbers_once_there_are_any(service: MailingService, made: Remote) -> None:
    assert service.report(made).counts == {}
    service.send(made, EMAIL, None)
    report = service.report(made)
    assert report.status is Status.SENT
    counts = {"recipients": 3, "opens": 2, "clicks": 1, "bounces": 0, "unsubscribes": 1}
    assert report.counts == counts


@pytest.mark.parametrize("word", [*STATUSES])
def test_each_of_its_statuses_has_a_meaning(
    service: MailingService, fake: FakeButtondown, made: Remote, word: str
) -> None:
    fake.emails[made.id]["status"] = word
    found = service.find(made.key.issue)
    assert found is not None
    assert (found.status, found.said) == (STATUSES[word], word)
    assert service.report(made).status is STATUSES[word]


def test_its_statuses_are_those_that_buttondown_describes(fake: FakeButtondown) -> None:
    assert set(STATUSES) == set(fake.spec.enumeration("status"))


def test_a_status_nobody_has_heard_of_is_refused(
    service: MailingService, fake: FakeButtondown, made: Remote
) -> None:
    fake.emails[made.id]["status"] = "hibernating"
    with pytest.raises(ServiceError, match="hibernating"):
        service.find(made.key.issue)
    fake.spec.broken.clear()


def test_it_waits_as_long_as_it_is_asked_to() -> None:
    slow = http(429, b'{"detail": "slow down"}', retry_after="1")
    answer = http(200, b'{"results": [], "next": null, "count": 0}')
    with serving(slow, answer) as server:
        assert a_service(Path("x"), server.url).find("partwork-0") is None
        assert len(server.asked) == 2


PLUG = crash.Plug(
    name="buttondown",
    serve=lambda: served(FakeButtondown),
    table=lambda fake: TABLE.format(url=fake.url, tags="[]").replace("= 5", "= 1"),
    environ=(("BUTTONDOWN_API_KEY", KEY),),
    calls=6,
    writes=2,
)


@pytest.mark.parametrize("case", crash.matrix(PLUG))
def test_buttondown_survives(case: crash.Case, tmp_path: Path) -> None:
    crash.check_exactly_once(PLUG, case, tmp_path)


@pytest.mark.parametrize("machines", [1, 2])
def test_of_two_publishers_at_once_one_wins(machines: int, tmp_path: Path) -> None:
    crash.check_two_at_once(PLUG, tmp_path, machines=machines)
