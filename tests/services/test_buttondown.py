from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx2
import plugs
import pytest
from fake_buttondown import KEY, FakeButtondown
from fake_templates import django, seen
from fakes import served
from plugs import a_service
from samples import EMAIL, LATER, key
from server import http, serving

from pipeline.errors import UncertainSend
from pipeline.services import Key, MailingService, Remote, ServiceError, Status
from pipeline.services.buttondown import STATUSES

PLUG = plugs.BUTTONDOWN


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
        [wrong] = fake.broken
        fake.broken.clear()
    assert answer.status_code == 422
    assert "sendnow" in wrong


def test_a_draft_is_made_as_one(fake: FakeButtondown, made: Remote) -> None:
    assert [one.body["status"] for one in fake.requests if one.writes] == ["draft"]


def test_a_description_begins_no_tag_either(fake: FakeButtondown, service: MailingService) -> None:
    """Where Buttondown shows it, and whether it fills tags in there, is not described."""
    email = replace(EMAIL, preheader="On {{ subscriber.email }} and {% now %}")
    service.draft(email, Key(issue="partwork-0", content="0"), None)
    described = fake.only()["description"]
    assert django(described, {}) == described
    assert seen(described) == email.preheader


def test_a_slug_taken_by_what_is_not_listed_stops_for_a_person(tmp_path: Path) -> None:
    taken = http(400, b'{"code": "slug_invalid", "detail": "taken"}')
    empty = http(200, b'{"results": [], "next": null, "count": 0}')
    with serving(taken, empty) as server, pytest.raises(UncertainSend, match="free its slug"):
        a_service(tmp_path, plugs.buttondown(server.url)).draft(EMAIL, key(tmp_path), None)


def test_another_refusal_is_no_duplicate(tmp_path: Path) -> None:
    refused = http(400, b'{"code": "subject_invalid", "detail": "no"}')
    with serving(refused) as server, pytest.raises(ServiceError, match="subject_invalid"):
        a_service(tmp_path, plugs.buttondown(server.url)).draft(EMAIL, key(tmp_path), None)


def test_find_turns_every_page_and_takes_no_copy_for_the_original(
    service: MailingService, fake: FakeButtondown, made: Remote
) -> None:
    original = fake.emails.pop(made.id)
    for number in range(230):
        copy = {"id": f"em_copy{number}", "slug": f"copy-{number}", "status": "sent"}
        fake.emails[copy["id"]] = {**original, **copy, "creation_date": f"2026-01-01T{number}"}
    fake.emails[made.id] = original
    assert service.find(made.key.issue) == made


def test_what_others_wrote_without_our_fields_is_passed_by(
    service: MailingService, fake: FakeButtondown, made: Remote
) -> None:
    ours = fake.only()
    for number, lacks in enumerate(("slug", "metadata")):
        other = {**ours, "id": f"em_{number}", "slug": "x", "metadata": {}}
        del other[lacks]
        fake.emails[str(number)] = other
    assert service.find(made.key.issue) == made


def test_a_slug_alone_is_enough_and_its_content_then_unknown(
    service: MailingService, fake: FakeButtondown, made: Remote
) -> None:
    fake.only()["metadata"] = {}
    found = service.find(made.key.issue)
    assert found is not None
    assert (found.id, found.key.content) == (made.id, "")


def test_of_copies_whose_slug_a_person_changed_the_oldest_is_meant(
    service: MailingService, fake: FakeButtondown, made: Remote
) -> None:
    fake.emails[made.id]["slug"] = "my-own"
    copy = {"id": "em_0copy", "slug": "my-own-2", "creation_date": LATER.isoformat()}
    fake.emails = {"em_0copy": {**fake.emails[made.id], **copy}, **fake.emails}
    assert service.find(made.key.issue) == made


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
    fake.only()[field] = value
    assert said in "; ".join(service.compare(made, EMAIL))


def test_only_readers_with_the_tags_get_it(fake: FakeButtondown, tmp_path: Path) -> None:
    fake.add_reader("tagged@example.net", "T", "tag_2")
    service = a_service(tmp_path, plugs.buttondown(fake.url, '["tag_1", "tag_2"]'))
    assert [(one.name, one.size) for one in service.audience()] == [("Letters", 0), ("Other", 1)]
    made = service.draft(EMAIL, key(tmp_path), None)
    assert service.compare(made, EMAIL) == []
    service.send(made, EMAIL, None)
    assert [reader for _, reader in fake.deliveries] == ["tagged@example.net"]


def test_of_two_that_release_the_same_draft_one_is_told_what_the_other_was(
    service: MailingService, fake: FakeButtondown, made: Remote, tmp_path: Path
) -> None:
    """Both look before either publishes; the fake mails again what is published again."""
    both = threading.Barrier(2, timeout=20)

    def release() -> None:
        late = a_service(tmp_path, plugs.buttondown(fake.url))
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


def test_a_report_has_the_numbers_once_there_are_any(service: MailingService, made: Remote) -> None:
    assert service.report(made).counts == {}
    service.send(made, EMAIL, None)
    report = service.report(made)
    assert report.status is Status.SENT
    counts = {"recipients": 3, "opens": 2, "clicks": 1, "bounces": 0, "unsubscribes": 1}
    assert report.counts == counts


def untracked(fake: FakeButtondown) -> None:
    fake.newsletters[-1]["enabled_features"] = ["archives", "portal"]


def unsaid(fake: FakeButtondown) -> None:
    del fake.newsletters[-1]["enabled_features"]


def anothers(fake: FakeButtondown) -> None:
    fake.newsletters[-1]["api_key"] = "another's"


def unseen(fake: FakeButtondown) -> None:
    fake.limited = True


@pytest.mark.parametrize("told", [untracked, unsaid, anothers, unseen])
def test_a_nought_of_what_the_newsletter_does_not_track_is_not_known(
    service: MailingService,
    fake: FakeButtondown,
    made: Remote,
    told: Callable[[FakeButtondown], None],
) -> None:
    """Buttondown's counts begin at 0, whether or not its newsletter has the feature `tracking`."""
    service.send(made, EMAIL, None)
    fake.only()["analytics"] |= {"opens": 0, "clicks": 0}
    counts = {"recipients": 3, "opens": 0, "clicks": 0, "bounces": 0, "unsubscribes": 1}
    assert service.report(made).counts == counts
    told(fake)
    known = {"recipients": 3, "bounces": 0, "unsubscribes": 1}
    assert service.report(made).counts == known
    fake.only()["analytics"]["opens"] = 2
    assert service.report(made).counts == {**known, "opens": 2}, "what was counted was tracked"


def test_its_statuses_are_those_that_buttondown_describes(fake: FakeButtondown) -> None:
    assert set(STATUSES) == set(fake.spec.enumeration("status"))


def test_it_waits_as_long_as_it_is_asked_to(tmp_path: Path) -> None:
    slow = http(429, b'{"detail": "slow down"}', retry_after="1")
    answer = http(200, b'{"results": [], "next": null, "count": 0}')
    with serving(slow, answer) as server:
        assert a_service(tmp_path, plugs.buttondown(server.url)).find("partwork-0") is None
        assert len(server.asked) == 2
