from __future__ import annotations

from pathlib import Path

import plugs
import pytest
from fake_kit import FakeKit
from plugs import a_service
from samples import EMAIL, key
from server import http, serving

from pipeline.errors import PartworkError
from pipeline.services import MailingService, Remote, Status

PLUG = plugs.KIT


def test_a_draft_has_no_time_and_is_not_public(fake: FakeKit, made: Remote) -> None:
    [written] = [one.body for one in fake.requests if one.writes]
    assert (written["send_at"], written["public"]) == (None, False)


def test_find_turns_every_page_and_passes_by_what_has_no_description(
    service: MailingService, fake: FakeKit, made: Remote
) -> None:
    ours = fake.only()
    for number in range(100, 330):
        fake.broadcasts[number] = {**ours, "id": number, "description": None}
    assert service.find(made.key.issue) == made
    assert len([one for one in fake.requests if one.path == "/v4/broadcasts" and one.query]) == 3


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
    fake.only()[field] = value
    [difference] = service.compare(made, EMAIL)
    assert said in difference


def test_a_template_that_was_asked_for_must_be_the_one_that_is_there(
    fake: FakeKit, tmp_path: Path
) -> None:
    service = a_service(tmp_path, plugs.kit(fake.url, "tags = [7]\ntemplate = 1"))
    made = service.draft(EMAIL, key(tmp_path), None)
    assert service.compare(made, EMAIL) == []
    fake.only()["email_template"]["id"] = 6
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
    service = a_service(tmp_path, plugs.kit(fake.url, to))
    assert [(one.name, one.size) for one in service.audience()] == audience
    made = service.draft(EMAIL, key(tmp_path), None)
    assert service.compare(made, EMAIL) == []
    service.send(made, EMAIL, None)
    assert len(fake.deliveries) == reached


@pytest.mark.parametrize("to", ["", "tags = [7]\neverybody = true"])
def test_who_gets_it_must_be_said_once(tmp_path: Path, to: str) -> None:
    with pytest.raises(PartworkError, match=r"newsletter\.toml:\d+: .*who receives"):
        a_service(tmp_path, plugs.kit(plugs.NOWHERE, to))


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


def test_too_many_requests_are_told_in_words_and_waited_out(tmp_path: Path) -> None:
    """Kit's 429 is plain text and says no time."""
    answer = http(200, b'{"broadcasts": [], "pagination": {"has_next_page": false}}')
    with serving(http(429, b"Retry later"), answer) as server:
        assert a_service(tmp_path, plugs.kit(server.url)).find("partwork-0") is None
        assert len(server.asked) == 2
