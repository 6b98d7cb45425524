from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import plugs
import pytest
from fake_ghost import KEY, STAFF, FakeGhost
from fake_ghost_editor import lexical
from plugs import a_service
from samples import EMAIL, START, key
from shapes_check import check_conversation

from pipeline.errors import PartworkError, UncertainSend
from pipeline.services import MailingService, Remote, ServiceError, Status, webtoken
from pipeline.services.ghost import EMAILS, POSTS

PLUG = plugs.GHOST


def test_the_fake_behaves_as_the_real_one_did(fake: FakeGhost) -> None:
    token = webtoken.signed(KEY, int(datetime.now(UTC).timestamp()))
    headers = {
        "authorization": f"Ghost {token}",
        "accept-version": "v6.0",
        "content-type": "application/json",
    }
    assert check_conversation("ghost", fake.url + "/ghost/api/admin", headers) > 15


@pytest.mark.parametrize("age", [-400, 400])
def test_a_token_of_another_time_is_refused(fake: FakeGhost, age: int) -> None:
    now = int(datetime.now(UTC).timestamp())
    for at, status in ((now, 200), (now - abs(age), 401)):
        headers = {"authorization": f"Ghost {webtoken.signed(KEY, at)}"}
        answer = httpx2.get(f"{fake.url}/ghost/api/admin/newsletters/", headers=headers)
        assert answer.status_code == status


def test_a_token_is_signed_as_openssl_signs_it() -> None:
    made = webtoken.signed("6b029e281d648b3a914852dd:00ff", 1_790_000_000)
    assert made == (
        "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCIsICJraWQiOiAiNmIwMjllMjgxZDY0OGIzYTkxNDg1MmRkIn0."
        "eyJpYXQiOiAxNzkwMDAwMDAwLCAiZXhwIjogMTc5MDAwMDMwMCwgImF1ZCI6ICIvYWRtaW4vIn0."
        "OQm26fp8g1usE2p2EkBjLF5WsUdVNcsZ1hqOBLeZouc"
    )


@pytest.mark.parametrize("secret", ["x", "ab:cd", KEY + "0", KEY.replace(":", "")])
def test_what_is_no_admin_key_is_named_with_its_line_and_not_shown(
    tmp_path: Path, secret: str
) -> None:
    with pytest.raises(PartworkError, match=r"newsletter\.toml:\d+: .*GHOST_ADMIN_KEY") as caught:
        a_service(tmp_path, plugs.ghost(plugs.NOWHERE), GHOST_ADMIN_KEY=secret)
    assert len(secret) < 3 or secret not in str(caught.value)


def test_a_size_that_ghost_does_not_say_is_not_known(
    service: MailingService, fake: FakeGhost
) -> None:
    fake.counts = False
    assert [(one.name, one.size) for one in service.audience()] == [("Series", None)]


@pytest.mark.parametrize("slug", ["nowhere", "archived"])
def test_a_newsletter_that_is_not_active_stops_before_anything_is_published(
    fake: FakeGhost, tmp_path: Path, slug: str
) -> None:
    fake.add_newsletter("archived", "Old", "archived")
    service = a_service(tmp_path, plugs.ghost(fake.url, more=f'newsletter = "{slug}"'))
    made = service.draft(EMAIL, key(tmp_path), None)
    for refuses in (
        service.audience,
        lambda: service.compare(made, EMAIL),
        lambda: service.send(made, EMAIL, None),
    ):
        with pytest.raises(ServiceError, match="use one of default-newsletter"):
            refuses()
    assert fake.only()["status"] == "draft"


def test_somebody_who_edits_at_the_same_moment_is_not_overwritten(
    service: MailingService, fake: FakeGhost, made: Remote
) -> None:
    post, handle = fake.only(), fake.handle

    def handle_and_edit(request: Any) -> Any:
        answer = json.loads(json.dumps(handle(request)))
        post["updated_at"] = f"2026-10-06T09:00:{len(fake.requests):02}.000Z"
        return answer

    fake.handle = handle_and_edit  # type: ignore[method-assign]  # an editor at work meanwhile
    with pytest.raises(ServiceError, match="Someone else is editing"):
        service.send(made, EMAIL, None)
    assert post["status"] == "draft"


def test_of_two_posts_with_one_key_the_younger_gets_another_slug(
    service: MailingService, fake: FakeGhost, made: Remote, tmp_path: Path
) -> None:
    service.draft(EMAIL, key(tmp_path), None)
    assert [one["slug"] for one in fake.stored()][1].endswith("-2")
    assert service.find(made.key.issue) == made


def test_a_post_that_was_sent_comes_before_an_older_draft(
    service: MailingService, fake: FakeGhost, tmp_path: Path
) -> None:
    service.draft(EMAIL, key(tmp_path), None)
    second = service.draft(EMAIL, key(tmp_path), None)
    service.send(second, EMAIL, None)
    found = service.find(second.key.issue)
    assert found is not None
    assert (found.id, found.status) == (second.id, Status.SENT)


def test_find_turns_every_page(service: MailingService, fake: FakeGhost, made: Remote) -> None:
    for number in range(2, 250):
        copy = {**fake.posts[made.id], "id": f"{number + 900:024x}"}
        fake.posts[copy["id"]] = copy
    assert service.find(made.key.issue) == made


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email_subject", "Another", "its email_subject is another"),
        ("custom_excerpt", None, "its custom_excerpt is another"),
        ("email_only", False, "its email_only is another"),
        ("lexical", "{", "its body is not one HTML card"),
        ("lexical", lexical("<p>Another</p>"), "its body is not one HTML card"),
        ("tags", [], ""),
    ],
)
def test_what_was_changed_in_a_draft_is_named(
    service: MailingService, fake: FakeGhost, made: Remote, field: str, value: object, said: str
) -> None:
    assert service.compare(made, EMAIL) == []
    fake.only()[field] = value
    assert said in "; ".join(service.compare(made, EMAIL))


def test_a_post_that_was_taken_back_after_its_email_counts_as_sent(
    service: MailingService, fake: FakeGhost, made: Remote
) -> None:
    service.send(made, EMAIL, None)
    fake.only()["status"] = "draft"
    found = service.find(made.key.issue)
    assert found is not None
    assert found.status is Status.SENT
    with pytest.raises(ServiceError, match="draft, its email submitted"):
        service.send(made, EMAIL, None)


def test_a_time_that_ghost_finds_too_near_is_refused(service: MailingService, made: Remote) -> None:
    with pytest.raises(ServiceError, match="at least 2 minutes in the future"):
        service.send(made, EMAIL, START + timedelta(minutes=1))


def test_a_post_published_without_an_email_is_for_a_person(
    service: MailingService, fake: FakeGhost, made: Remote
) -> None:
    create = fake._update

    def forgets(request: Any, ident: str) -> Any:
        request.query.pop("newsletter")
        return create(request, ident)

    fake._update = forgets  # type: ignore[method-assign]  # a Ghost that mails nobody
    with pytest.raises(UncertainSend, match="was published to"):
        service.send(made, EMAIL, None)
    found = service.find(made.key.issue)
    assert found is not None
    assert (found.status, found.said) == (Status.STOPPED, "sent, without an email")


def test_a_test_needs_a_staff_token_and_goes_to_nobody_else(
    service: MailingService, fake: FakeGhost, made: Remote, tmp_path: Path
) -> None:
    with pytest.raises(ServiceError, match="staff access token"):
        service.test(made, EMAIL, ["me@example.org"])
    staff = a_service(tmp_path, plugs.ghost(fake.url), GHOST_ADMIN_KEY=STAFF)
    staff.test(made, EMAIL, ["me@example.org"])
    assert [address for _, address in fake.tests] == ["me@example.org"]
    assert fake.deliveries == []


def test_a_report_counts_what_ghost_counts(
    service: MailingService, fake: FakeGhost, made: Remote
) -> None:
    assert service.report(made).counts == {}
    service.send(made, EMAIL, None)
    post = fake.only()
    post["email"].update(opened_count=2, failed_count=1)
    post["count"]["clicks"] = 1
    report = service.report(made)
    assert report.status is Status.SENT
    assert report.counts == {"recipients": 3, "opens": 2, "clicks": 1, "bounces": 1}
    post["email"].update(track_opens=False, track_clicks=False)
    assert service.report(made).counts == {"recipients": 3, "bounces": 1}, "nothing is tracked"


@pytest.mark.parametrize(("word", "status"), POSTS.items())
def test_each_status_of_a_post_has_a_meaning(
    service: MailingService, fake: FakeGhost, made: Remote, word: str, status: Status
) -> None:
    fake.only().update(status=word, published_at="2026-10-06T12:00:00.000Z")
    found = service.find(made.key.issue)
    assert found is not None
    assert found.status is service.report(made).status is status


@pytest.mark.parametrize(("word", "status"), EMAILS.items())
def test_each_status_of_an_email_has_a_meaning(
    service: MailingService, fake: FakeGhost, made: Remote, word: str, status: Status
) -> None:
    service.send(made, EMAIL, None)
    fake.only()["email"]["status"] = word
    found = service.find(made.key.issue)
    assert found is not None
    assert found.status is service.report(made).status is status
    assert found.said == f"sent, its email {word}"


@pytest.mark.parametrize("place", ["post", "email"])
def test_a_status_nobody_has_heard_of_is_refused(
    service: MailingService, fake: FakeGhost, made: Remote, place: str
) -> None:
    service.send(made, EMAIL, None)
    post = fake.only()
    if place == "post":
        post["email"] = None
    (post if place == "post" else post["email"])["status"] = "hibernating"
    with pytest.raises(ServiceError, match="hibernating"):
        service.report(made)


def test_a_long_title_is_cut_and_a_missing_preheader_is_none(
    service: MailingService, fake: FakeGhost, tmp_path: Path
) -> None:
    email = replace(EMAIL, subject="word " * 90, preheader="")
    made = service.draft(email, key(tmp_path, email), None)
    assert len(fake.only()["title"]) <= 255
    assert service.compare(made, email) == []
