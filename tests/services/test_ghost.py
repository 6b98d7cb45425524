from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import crash
import httpx2
import plugs
import pytest
from fake_ghost import KEY, STAFF, FakeGhost
from fake_ghost_editor import lexical
from fakes import served
from samples import START, a_newsletter, an_email, an_issue
from shapes_check import check_conversation

from pipeline.emails import Email
from pipeline.errors import PartworkError, UncertainSend
from pipeline.services import Key, MailingService, ServiceError, Status, key_of, webtoken
from pipeline.services.ghost import EMAILS, POSTS
from pipeline.services.registry import open_service

ISSUE = an_issue(1)
EMAIL = an_email(ISSUE)
LATER = START + timedelta(hours=3)


def a_service(
    root: Path, url: str, *, secret: str = KEY, home: str = "https://example.org/", more: str = ""
) -> MailingService:
    newsletter = a_newsletter(root, plugs.ghost(url, more=more), home)
    return open_service("weekly", newsletter, {"GHOST_ADMIN_KEY": secret})


def key(root: Path, email: Email = EMAIL, home: str = "https://example.org/") -> Key:
    return key_of(a_newsletter(root, url=home), email.issue, email)


@pytest.fixture
def fake() -> Iterator[FakeGhost]:
    with served(FakeGhost) as fake:
        yield fake


@pytest.fixture
def service(fake: FakeGhost, tmp_path: Path) -> MailingService:
    return a_service(tmp_path, fake.url)


def the_post(fake: FakeGhost) -> dict[str, Any]:
    [post] = fake.posts.values()
    return post


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


def test_a_key_of_another_ghost_says_so_without_showing_itself(
    fake: FakeGhost, tmp_path: Path
) -> None:
    other = f"{'ee' * 12}:{'99' * 32}"
    with pytest.raises(ServiceError, match="Unknown Admin API Key") as caught:
        a_service(tmp_path, fake.url, secret=other).audience()
    assert "9999" not in str(caught.value)


@pytest.mark.parametrize("secret", ["x", "ab:cd", KEY + "0", KEY.replace(":", "")])
def test_what_is_no_admin_key_is_named_with_its_line_and_not_shown(
    tmp_path: Path, secret: str
) -> None:
    with pytest.raises(PartworkError, match=r"newsletter\.toml:\d+: .*GHOST_ADMIN_KEY") as caught:
        a_service(tmp_path, "http://127.0.0.1:1", secret=secret)
    assert len(secret) < 3 or secret not in str(caught.value)


def test_the_audience_is_the_newsletters_members(service: MailingService) -> None:
    assert [(one.name, one.size) for one in service.audience()] == [("Series", 3)]


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
    service = a_service(tmp_path, fake.url, more=f'newsletter = "{slug}"\n')
    made = service.draft(EMAIL, key(tmp_path), None)
    for refuses in (
        service.audience,
        lambda: service.compare(made, EMAIL),
        lambda: service.send(made, EMAIL, None),
    ):
        with pytest.raises(ServiceError, match="use one of default-newsletter"):
            refuses()
    assert the_post(fake)["status"] == "draft"


def test_somebody_who_edits_at_the_same_moment_is_not_overwritten(
    service: MailingService, fake: FakeGhost, tmp_path: Path
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    post, handle = the_post(fake), fake.handle

    def handle_and_edit(request: Any) -> Any:
        answer = json.loads(json.dumps(handle(request)))
        post["updated_at"] = f"2026-10-06T09:00:{len(fake.requests):02}.000Z"
        return answer

    fake.handle = handle_and_edit  # type: ignore[method-assign]  # an editor at work meanwhile
    with pytest.raises(ServiceError, match="Someone else is editing"):
        service.send(made, EMAIL, None)
    assert post["status"] == "draft"


def test_of_two_posts_with_one_key_all_publishers_take_the_older(
    service: MailingService, fake: FakeGhost, tmp_path: Path
) -> None:
    first = service.draft(EMAIL, key(tmp_path), None)
    service.draft(EMAIL, key(tmp_path), None)
    assert [one["slug"] for one in fake.posts.values()][1].endswith("-2")
    assert service.find(first.key.issue) == first


def test_a_post_that_was_sent_comes_before_an_older_draft(
    service: MailingService, fake: FakeGhost, tmp_path: Path
) -> None:
    service.draft(EMAIL, key(tmp_path), None)
    second = service.draft(EMAIL, key(tmp_path), None)
    service.send(second, EMAIL, None)
    found = service.find(second.key.issue)
    assert found is not None
    assert (found.id, found.status) == (second.id, Status.SENT)


def test_find_turns_every_page(service: MailingService, fake: FakeGhost, tmp_path: Path) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
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
    service: MailingService,
    fake: FakeGhost,
    tmp_path: Path,
    field: str,
    value: object,
    said: str,
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    assert service.compare(made, EMAIL) == []
    the_post(fake)[field] = value
    assert said in "; ".join(service.compare(made, EMAIL))


def test_a_post_that_was_taken_back_after_its_email_counts_as_sent(
    service: MailingService, fake: FakeGhost, tmp_path: Path
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    service.send(made, EMAIL, None)
    the_post(fake)["status"] = "draft"
    found = service.find(made.key.issue)
    assert found is not None
    assert found.status is Status.SENT
    with pytest.raises(ServiceError, match="draft, its email submitted"):
        service.send(made, EMAIL, None)


def test_a_time_that_ghost_finds_too_near_is_refused(
    service: MailingService, tmp_path: Path
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    with pytest.raises(ServiceError, match="at least 2 minutes in the future"):
        service.send(made, EMAIL, START + timedelta(minutes=1))


def test_a_post_published_without_an_email_is_for_a_person(
    service: MailingService, fake: FakeGhost, tmp_path: Path
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
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
    service: MailingService, fake: FakeGhost, tmp_path: Path
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    with pytest.raises(ServiceError, match="staff access token"):
        service.test(made, EMAIL, ["me@example.org"])
    a_service(tmp_path, fake.url, secret=STAFF).test(made, EMAIL, ["me@example.org"])
    assert [address for _, address in fake.tests] == ["me@example.org"]
    assert fake.deliveries == []


def test_a_report_counts_what_ghost_counts(
    service: MailingService, fake: FakeGhost, tmp_path: Path
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    assert service.report(made).counts == {}
    service.send(made, EMAIL, None)
    post = the_post(fake)
    post["email"].update(opened_count=2, failed_count=1)
    post["count"]["clicks"] = 1
    report = service.report(made)
    assert report.status is Status.SENT
    assert report.counts == {"recipients": 3, "opens": 2, "clicks": 1, "bounces": 1}
    post["email"].update(track_opens=False, track_clicks=False)
    assert service.report(made).counts == {"recipients": 3, "bounces": 1}, "nothing is tracked"


@pytest.mark.parametrize(("word", "status"), POSTS.items())
def test_each_status_of_a_post_has_a_meaning(
    service: MailingService, fake: FakeGhost, tmp_path: Path, word: str, status: Status
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    the_post(fake).update(status=word, published_at="2026-10-06T12:00:00.000Z")
    found = service.find(made.key.issue)
    assert found is not None
    assert found.status is service.report(made).status is status


@pytest.mark.parametrize(("word", "status"), EMAILS.items())
def test_each_status_of_an_email_has_a_meaning(
    service: MailingService, fake: FakeGhost, tmp_path: Path, word: str, status: Status
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    service.send(made, EMAIL, None)
    the_post(fake)["email"]["status"] = word
    found = service.find(made.key.issue)
    assert found is not None
    assert found.status is service.report(made).status is status
    assert found.said == f"sent, its email {word}"


@pytest.mark.parametrize("place", ["post", "email"])
def test_a_status_nobody_has_heard_of_is_refused(
    service: MailingService, fake: FakeGhost, tmp_path: Path, place: str
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    service.send(made, EMAIL, None)
    post = the_post(fake)
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
    assert len(the_post(fake)["title"]) <= 255
    assert service.compare(made, email) == []


@pytest.mark.parametrize("case", crash.matrix(plugs.GHOST))
def test_ghost_survives(case: crash.Case, tmp_path: Path) -> None:
    crash.check_exactly_once(plugs.GHOST, case, tmp_path)
