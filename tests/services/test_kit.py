from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

import crash
import pytest
from fake_kit import KEY, FakeKit
from fake_templates import seen, words
from fakes import served
from samples import a_newsletter, an_email, an_issue
from server import http, serving

from pipeline import merge
from pipeline.emails import Email
from pipeline.errors import PartworkError, UncertainSend
from pipeline.merge import MergePoint
from pipeline.services import Key, MailingService, Remote, ServiceError, Status, key_of
from pipeline.services.kit import STATUSES
from pipeline.services.registry import open_service

ISSUE = an_issue(1)
EMAIL = an_email(ISSUE)
LATER = datetime(2126, 10, 6, 12, 0, tzinfo=UTC)
HOME = "https://example.org/"

TABLE = """
[services.weekly]
kind = "kit"
url = "{url}"
{to}
timeout = 5
"""


def a_service(root: Path, url: str, *, to: str = "tags = [7]", home: str = HOME) -> MailingService:
    newsletter = a_newsletter(root, TABLE.format(url=url, to=to), home)
    return open_service("weekly", newsletter, {"KIT_API_KEY": KEY})


def key(root: Path, email: Email = EMAIL, home: str = HOME) -> Key:
    return key_of(a_newsletter(root, url=home), email.issue, email)


@pytest.fixture
def fake() -> Iterator[FakeKit]:
    with served(FakeKit) as fake:
        yield fake


@pytest.fixture
def service(fake: FakeKit, tmp_path: Path) -> MailingService:
    return a_service(tmp_path, fake.url)


@pytest.fixture
def made(service: MailingService, tmp_path: Path) -> Remote:
    return service.draft(EMAIL, key(tmp_path), None)


def test_a_draft_is_found_by_its_key_and_mailed_to_nobody(
    service: MailingService, fake: FakeKit, tmp_path: Path
) -> None:
    wanted = key(tmp_path)
    assert service.find(wanted.issue) is None
    made = service.draft(EMAIL, wanted, None)
    assert service.find(wanted.issue) == made
    assert (made.status, made.key, made.at) == (Status.DRAFT, wanted, None)
    assert fake.deliveries == []
    [written] = [one.body for one in fake.requests if one.writes]
    assert (written["send_at"], written["public"]) == (None, False)


def test_a_draft_is_replaced_and_not_doubled(
    service: MailingService, fake: FakeKit, made: Remote, tmp_path: Path
) -> None:
    changed = an_email(ISSUE, "corrected")
    again = service.draft(changed, key(tmp_path, changed), made)
    assert (again.id, again.key) == (made.id, key(tmp_path, changed))
    assert service.compare(again, changed) == []
    assert len(fake.broadcasts) == 1


def test_of_two_drafts_of_an_issue_the_older_is_meant_and_only_it_is_sent(
    service: MailingService, fake: FakeKit, made: Remote, tmp_path: Path
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
    service: MailingService, fake: FakeKit, made: Remote
) -> None:
    fake.lag = 1
    with pytest.raises(ServiceError, match="is gone"):
        service.send(made, EMAIL, None)
    assert fake.deliveries == []


def test_what_was_released_is_seen_so_though_the_list_says_draft_still(
    service: MailingService, fake: FakeKit, made: Remote
) -> None:
    fake.stale = True
    service.send(made, EMAIL, None)
    found = service.find(made.key.issue)
    assert found is not None
    assert found.status is Status.SENT


def test_find_turns_every_page_and_passes_by_what_has_no_description(
    service: MailingService, fake: FakeKit, made: Remote
) -> None:
    for number in range(100, 330):
        other = {"id": number, "description": None}
        fake.broadcasts[number] = {**fake.broadcasts[int(made.id)], **other}
    assert service.find(made.key.issue) == made
    assert len([one for one in fake.requests if one.path == "/v4/broadcasts" and one.query]) == 3


def test_two_newsletters_in_one_account_leave_each_other_alone(
    service: MailingService, fake: FakeKit, made: Remote, tmp_path: Path
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
        ("content", "<p>Another</p>", "its content is another"),
        ("public", True, "its public is another"),
        ("email_address", "other@example.org", "its email_address is another"),
        ("subscriber_filter", [{"all": [{"type": "all_subscribers"}]}], "not to the readers"),
        ("subscriber_filter", [{"any": [{"type": "tag", "ids": [7, 8]}]}], "not to the readers"),
    ],
)
def test_what_was_changed_in_a_draft_is_named(
    service: MailingService, fake: FakeKit, made: Remote, field: str, value: object, said: str
) -> None:
    assert service.compare(made, EMAIL) == []
    fake.broadcasts[int(made.id)][field] = value
    [difference] = service.compare(made, EMAIL)
    assert said in difference


def test_a_template_that_was_asked_for_must_be_the_one_that_is_there(
    fake: FakeKit, tmp_path: Path
) -> None:
    service = a_service(tmp_path, fake.url, to="tags = [7]\ntemplate = 1")
    made = service.draft(EMAIL, key(tmp_path), None)
    assert service.compare(made, EMAIL) == []
    fake.broadcasts[int(made.id)]["email_template"]["id"] = 6
    assert service.compare(made, EMAIL) == ["its template is another"]


@pytest.mark.parametrize(
    ("to", "audience", "reached"),
    [
        ("tags = [7, 8]", [("Letters", 3), ("Other", 1)], 4),
        ("tags = [8]\nsegments = [5]", [("Other", 1), ("Warm", None)], 1),
        ("everybody = true", [("everybody at Ada's", 5)], 5),
    ],
)
def test_those_who_were_asked_for_get_it(
    fake: FakeKit, tmp_path: Path, to: str, audience: list[tuple[str, int | None]], reached: int
) -> None:
    fake.readers["eight@example.net"] = ("Eight", {8})
    service = a_service(tmp_path, fake.url, to=to)
    assert [(one.name, one.size) for one in service.audience()] == audience
    made = service.draft(EMAIL, key(tmp_path), None)
    assert service.compare(made, EMAIL) == []
    service.send(made, EMAIL, None)
    assert len(fake.deliveries) == reached


@pytest.mark.parametrize("to", ["", "tags = [7]\neverybody = true"])
def test_who_gets_it_must_be_said_once(tmp_path: Path, to: str) -> None:
    with pytest.raises(PartworkError, match=r"newsletter\.toml:\d+: .*who receives"):
        a_service(tmp_path, "http://127.0.0.1:1", to=to)


def test_a_tag_that_is_not_there_and_a_wrong_key_are_refused(fake: FakeKit, tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="there is no tag 9 at Kit"):
        a_service(tmp_path, fake.url, to="tags = [7, 9]").audience()
    newsletter = a_newsletter(tmp_path, TABLE.format(url=fake.url, to="tags = [7]"))
    with pytest.raises(ServiceError, match="The access token is invalid") as caught:
        open_service("weekly", newsletter, {"KIT_API_KEY": "wrong-key"}).audience()
    assert "wrong-key" not in str(caught.value)


@pytest.mark.parametrize("how", ["reparsed", "as it is"])
def test_what_was_written_is_what_every_reader_sees(
    service: MailingService, fake: FakeKit, made: Remote, how: str
) -> None:
    fake.how = how
    service.send(made, EMAIL, None)
    subject, body = fake.message(int(made.id), "rec1@example.net")
    values = {
        MergePoint.FIRST_NAME: "Reader1",
        MergePoint.UNSUBSCRIBE_URL: "https://unsubscribe.kit.com/rec1@example.net",
        MergePoint.PREFERENCES_URL: "https://preferences.kit.com/rec1@example.net",
        MergePoint.WEB_URL: f"{HOME}{ISSUE.path}",
        MergePoint.ADDRESS: "Example Press, 1 High Street <Ely>",
    }
    expected = merge.fill(EMAIL.html, {point: escape(one) for point, one in values.items()})
    assert seen(subject) == EMAIL.subject
    assert words(body) == words(expected)
    assert 'href="https://unsubscribe.kit.com/rec1@example.net"' in body
    assert "<!--[if mso]><v:rect" in body


def test_a_reader_without_a_name_is_greeted_all_the_same(fake: FakeKit, made: Remote) -> None:
    assert "<p>Dear reader,</p>" in fake.message(int(made.id), "nobody@example.net")[1]


def test_a_fallback_that_would_end_its_tag_is_refused(tmp_path: Path) -> None:
    newsletter = a_newsletter(tmp_path, TABLE.format(url="http://127.0.0.1:1", to="tags = [7]"))
    email = replace(newsletter.email, first_name_fallback='"friend"')
    with pytest.raises(PartworkError, match="first_name_fallback"):
        open_service("weekly", replace(newsletter, email=email), {"KIT_API_KEY": KEY})


def test_sending_reaches_each_reader_once_and_never_twice(
    service: MailingService, fake: FakeKit, made: Remote
) -> None:
    service.send(made, EMAIL, None)
    with pytest.raises(ServiceError, match="another publisher was here"):
        service.send(made, EMAIL, None)
    assert set(fake.copies().values()) == {1}
    assert len(fake.deliveries) == 3


def test_a_scheduled_issue_goes_out_at_its_time(
    service: MailingService, fake: FakeKit, made: Remote
) -> None:
    service.send(made, EMAIL, LATER)
    held = service.find(made.key.issue)
    assert held is not None
    assert (held.status, held.at) == (Status.SCHEDULED, LATER)
    fake.tick(LATER - timedelta(minutes=1))
    assert fake.deliveries == []
    fake.tick(LATER)
    assert len(fake.deliveries) == 3


def test_a_release_after_which_it_is_a_draft_still_is_uncertain(
    service: MailingService, fake: FakeKit, made: Remote
) -> None:
    def forgets(number: int, _: object) -> object:
        return {"broadcast": fake.broadcasts[number]}

    fake._changed = forgets  # type: ignore[method-assign]  # it takes the time and does nothing
    with pytest.raises(UncertainSend, match="a draft still"):
        service.send(made, EMAIL, None)


def test_there_are_no_tests_at_kit(service: MailingService, fake: FakeKit, made: Remote) -> None:
    assert not service.capabilities.tests
    asked = len(fake.requests)
    with pytest.raises(ServiceError, match="sends no tests"):
        service.test(made, EMAIL, ["me@example.net"])
    assert len(fake.requests) == asked


def test_a_report_has_the_numbers_that_the_plan_tells(
    service: MailingService, fake: FakeKit, made: Remote
) -> None:
    assert service.report(made).counts == {}
    service.send(made, EMAIL, None)
    counts = {"recipients": 3, "opens": 2, "clicks": 1, "unsubscribes": 1}
    assert service.report(made).counts == counts
    fake.tracking = False
    del counts["opens"]
    assert service.report(made).counts == counts, "what is not tracked is not known"
    fake.statistics = False
    report = service.report(made)
    assert (report.status, report.counts) == (Status.SENT, {})


@pytest.mark.parametrize("word", [*STATUSES])
def test_each_of_its_statuses_has_a_meaning(
    service: MailingService, fake: FakeKit, made: Remote, word: str
) -> None:
    fake.broadcasts[int(made.id)]["status"] = word
    found = service.find(made.key.issue)
    assert found is not None
    assert (found.status, found.said) == (STATUSES[word], word)
    assert service.report(made).status is STATUSES[word]


def test_a_status_nobody_has_heard_of_is_refused(
    service: MailingService, fake: FakeKit, made: Remote
) -> None:
    fake.broadcasts[int(made.id)]["status"] = "hibernating"
    with pytest.raises(ServiceError, match="hibernating"):
        service.find(made.key.issue)


def test_too_many_requests_are_told_in_words_and_waited_out(tmp_path: Path) -> None:
    """Kit's 429 is plain text and says no time."""
    answer = http(200, b'{"broadcasts": [], "pagination": {"has_next_page": false}}')
    with serving(http(429, b"Retry later"), answer) as server:
        assert a_service(tmp_path, server.url).find("partwork-0") is None
        assert len(server.asked) == 2


PLUG = crash.Plug(
    name="kit",
    serve=lambda: served(FakeKit),
    table=lambda fake: TABLE.format(url=fake.url, to="tags = [7]").replace("= 5", "= 1"),
    environ=(("KIT_API_KEY", KEY),),
    calls=6,
    writes=2,
)


@pytest.mark.parametrize("case", crash.matrix(PLUG))
def test_kit_survives(case: crash.Case, tmp_path: Path) -> None:
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
