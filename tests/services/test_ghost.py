from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import crash
import httpx2
import pytest
from fake_ghost import KEY, STAFF, FakeGhost
from fake_ghost_editor import lexical, received
from fakes import served
from hypothesis import example, given
from hypothesis import strategies as st
from samples import START, a_newsletter, an_email, an_issue
from shapes_check import check_conversation

from pipeline import merge, text
from pipeline.emails import Email
from pipeline.errors import PartworkError, UncertainSend
from pipeline.merge import MergePoint
from pipeline.services import Key, MailingService, ServiceError, Status, key_of, literals, webtoken
from pipeline.services.ghost import _TAG_LIKE, EMAILS, POSTS
from pipeline.services.registry import open_service

ISSUE = an_issue(1)
EMAIL = an_email(ISSUE)
LATER = START + timedelta(hours=3)

TABLE = """
[services.weekly]
kind = "ghost"
url = "{url}"
timeout = 5
"""


def a_service(
    root: Path, url: str, *, secret: str = KEY, home: str = "https://example.org/", more: str = ""
) -> MailingService:
    newsletter = a_newsletter(root, TABLE.format(url=url) + more, home)
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


def test_the_editor_keeps_what_the_real_one_kept() -> None:
    given_html = (
        '<!--kg-card-begin: html--><div class="x" style="color:#123"><table role="presentation">'
        '<tr><td><p>Hi {first_name, "friend"}</p><!--[if mso]>m<![endif]--><p>code {{ x }}'
        "</p></td></tr></table></div><!--kg-card-end: html--><p>para <b>bold</b></p>"
    )
    card, paragraph = json.loads(lexical(given_html))["root"]["children"]
    assert card["html"] == (
        '<div class="x" style="color:#123"><table role="presentation"><tbody><tr><td><p>Hi'
        ' {first_name, "friend"}</p><!--[if mso]>m<![endif]--><p>code {{ x }}</p></td></tr>'
        "</tbody></table></div>"
    )
    assert paragraph["type"] == "paragraph"


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


def test_a_draft_is_found_by_its_key_and_mailed_to_nobody(
    service: MailingService, fake: FakeGhost, tmp_path: Path
) -> None:
    wanted = key(tmp_path)
    assert service.find(wanted.issue) is None
    made = service.draft(EMAIL, wanted, None)
    assert service.find(wanted.issue) == made
    assert (made.status, made.key) == (Status.DRAFT, wanted)
    assert made.url == f"{fake.url}/ghost/#/editor/post/{made.id}"
    assert fake.deliveries == []
    assert the_post(fake)["email_only"] is True


def test_a_draft_is_replaced_and_not_doubled(
    service: MailingService, fake: FakeGhost, tmp_path: Path
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    changed = an_email(ISSUE, "corrected")
    again = service.draft(changed, key(tmp_path, changed), made)
    assert again.id == made.id
    assert again.key.content != made.key.content
    assert len(fake.posts) == 1
    assert service.compare(again, changed) == []


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


def test_two_newsletters_in_one_ghost_leave_each_other_alone(
    fake: FakeGhost, tmp_path: Path
) -> None:
    home = "https://other.example.org/"
    one, other = a_service(tmp_path, fake.url), a_service(tmp_path, fake.url, home=home)
    first = one.draft(EMAIL, key(tmp_path), None)
    assert other.find(key(tmp_path, home=home).issue) is None
    second = other.draft(EMAIL, key(tmp_path, home=home), None)
    assert first.id != second.id
    assert one.find(key(tmp_path).issue) == first


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


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("Part-1", "Part-2", "its text reads otherwise"),
        ("https://example.org/a?x=1", "https://example.org/b", "it lacks the address https://e"),
        ("%\u2060%{", "%%{", "its text reads otherwise"),
        ("%%{unsubscribe_url}%%", "#", "it lacks the address %%{unsubscribe_url}%%"),
    ],
)
def test_what_was_changed_in_the_body_is_named(
    service: MailingService, fake: FakeGhost, tmp_path: Path, was: str, now: str, said: str
) -> None:
    email = an_email(ISSUE, "%%{name}%%")
    made = service.draft(email, key(tmp_path, email), None)
    document = json.loads(the_post(fake)["lexical"])
    card = document["root"]["children"][0]
    assert was in card["html"]
    card["html"] = card["html"].replace(was, now)
    the_post(fake)["lexical"] = json.dumps(document)
    assert said in "; ".join(service.compare(made, email))


class Seen(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_what_was_written_is_what_every_member_gets(
    service: MailingService, fake: FakeGhost, tmp_path: Path
) -> None:
    typed = "%%{unsubscribe_url}%% %%{list_unsubscribe}%% %recipient.uuid% %unsubscribe_url%"
    email = an_email(ISSUE, typed)
    service.send(service.draft(email, key(tmp_path, email), None), email, None)
    html, plain = fake.message(the_post(fake), "m1@example.net")
    at = f"{fake.url}/unsubscribe/?uuid=m1@example.net"
    for shown in (Seen(html).text, plain):
        assert "Dear Mem1," in shown
        assert typed in shown.replace(literals.JOINER, "")
        assert "{{ site.title }} {% if x %} *|FNAME|* [[name]] %%first%% {{{raw}}}" in shown
        assert "Example Press, 1 High Street <Ely>" in shown
    assert f'<a href="{at}">Unsubscribe</a>' in html
    assert f'<a href="{fake.url}/#/portal/account">Preferences</a>' in html
    assert '<!--[if mso]><v:rect href="https://example.org/issues/' in html
    assert "<!--[if !mso]><!--><b>modern</b><!--<![endif]-->" in html
    assert "@media print{a{color:blue}}" in html


def test_a_member_without_a_name_is_greeted_all_the_same(
    service: MailingService, fake: FakeGhost, tmp_path: Path
) -> None:
    fake.members["nobody@example.net"] = ("", "default-newsletter")
    service.send(service.draft(EMAIL, key(tmp_path), None), EMAIL, None)
    html, plain = fake.message(the_post(fake), "nobody@example.net")
    assert "<p>Dear reader,</p>" in html
    assert "Dear reader," in plain


def test_sending_reaches_each_member_once_and_never_twice(
    service: MailingService, fake: FakeGhost, tmp_path: Path
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    service.send(made, EMAIL, None)
    with pytest.raises(ServiceError, match="no draft any more"):
        service.send(made, EMAIL, None)
    assert set(fake.copies().values()) == {1}
    assert len(fake.deliveries) == 3
    assert the_post(fake)["status"] == "sent"


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


def test_a_scheduled_issue_goes_out_at_its_time(
    service: MailingService, fake: FakeGhost, tmp_path: Path
) -> None:
    service.send(service.draft(EMAIL, key(tmp_path), None), EMAIL, LATER)
    held = service.find(key(tmp_path).issue)
    assert held is not None
    assert (held.status, held.at) == (Status.SCHEDULED, LATER)
    assert fake.deliveries == []
    fake.tick(LATER)
    assert len(fake.deliveries) == 3


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


FACTS = {"unsubscribe_url": "U", "list_unsubscribe": "L", "first_name": "F", "uuid": "I"}
characters = st.lists(
    st.sampled_from(["%", "%%{", "}%%", "{", "}", "unsubscribe_url", "first_name", '"', ","])
    | st.sampled_from(["%recipient.uuid%", "list_unsubscribe", "&", "<", "\n", " ", "uuid"])
    | st.characters(exclude_categories=["Cs", "Cc"]),
    max_size=12,
).map(lambda parts: text.clean("".join(parts)))


@given(characters, st.sampled_from([*MergePoint]))
@example("%%{unsubscribe_url}%%", MergePoint.UNSUBSCRIBE_URL)
@example("%", MergePoint.UNSUBSCRIBE_URL)
def test_no_text_is_taken_for_a_tag(typed: str, point: MergePoint) -> None:
    values = dict.fromkeys(MergePoint, "%%{unsubscribe_url}%%")
    source = f'<div title="{escape(typed)}">{escape(typed)}{point.neutral}|</div>'
    card = merge.fill(literals.in_text(source, _TAG_LIKE), values)
    document = lexical(f"<!--kg-card-begin: html-->{card}<!--kg-card-end: html-->")
    html, plain = received(document, FACTS)
    visible = Seen(html).text.replace(literals.JOINER, "")
    for shown in (visible, plain.replace(literals.JOINER, "")):
        assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", f"{typed}U|")


def test_a_long_title_is_cut_and_a_missing_preheader_is_none(
    service: MailingService, fake: FakeGhost, tmp_path: Path
) -> None:
    email = replace(EMAIL, subject="word " * 90, preheader="")
    made = service.draft(email, key(tmp_path, email), None)
    assert len(the_post(fake)["title"]) <= 255
    assert service.compare(made, email) == []


PLUG = crash.Plug(
    name="ghost",
    serve=lambda: served(FakeGhost),
    table=lambda fake: TABLE.format(url=fake.url).replace("= 5", "= 1"),
    environ=(("GHOST_ADMIN_KEY", KEY),),
    calls=6,
    writes=2,
)


@pytest.mark.parametrize("case", crash.matrix(PLUG))
def test_ghost_survives(case: crash.Case, tmp_path: Path) -> None:
    crash.check_exactly_once(PLUG, case, tmp_path)


@pytest.mark.parametrize("machines", [1, 2])
def test_of_two_publishers_at_the_same_moment_one_sends(tmp_path: Path, machines: int) -> None:
    crash.check_two_at_once(PLUG, tmp_path, machines=machines)
