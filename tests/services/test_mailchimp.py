from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import plugs
import pytest
from fake_mailchimp import FakeMailchimp
from fakes import RefusalError
from hypothesis import given
from hypothesis import strategies as st
from plugs import a_service
from samples import EMAIL, ISSUE, LATER, a_newsletter, an_email, an_issue, key

from pipeline.errors import PartworkError
from pipeline.publish.order import rounded
from pipeline.services import MailingService, Remote, ServiceError, Status
from pipeline.services.mailchimp import CAPABILITIES
from pipeline.services.registry import named

PLUG = plugs.MAILCHIMP


@pytest.mark.parametrize("secret", ["nothing", "abc-", "abc-us21.evil.example/", "abc-us21/x"])
def test_a_key_without_its_data_centre_is_refused_and_not_shown(
    tmp_path: Path, secret: str
) -> None:
    with pytest.raises(PartworkError, match=r"newsletter\.toml:\d+: .*MAILCHIMP_API_KEY") as caught:
        a_service(tmp_path, plugs.mailchimp(plugs.NOWHERE), MAILCHIMP_API_KEY=secret)
    assert secret not in str(caught.value)


def test_the_data_centre_in_the_key_is_the_host(tmp_path: Path) -> None:
    table = plugs.mailchimp("").replace('url = "/3.0"\n', "")
    service: Any = a_service(tmp_path, table)
    assert service.wire._base == "https://us21.api.mailchimp.com/3.0"


def test_a_sender_is_needed(tmp_path: Path) -> None:
    newsletter = a_newsletter(tmp_path, plugs.mailchimp(plugs.NOWHERE))
    nobody = replace(
        newsletter,
        email=replace(newsletter.email, from_address=""),
        author=replace(newsletter.author, email=""),
    )
    with pytest.raises(PartworkError, match="nobody is named as the sender"):
        named("weekly", nobody).open(plugs.ENVIRON)


def test_a_segment_is_named_with_its_size(fake: FakeMailchimp, tmp_path: Path) -> None:
    part = a_service(tmp_path, plugs.mailchimp(fake.url, more="segment = 77"))
    assert [(one.name, one.size) for one in part.audience()] == [("Weekly: Friends", 1)]


@pytest.mark.parametrize(("status", "said"), [(429, "fewer requests"), (403, "less often")])
def test_too_many_requests_end_the_run_and_say_so(
    service: MailingService, fake: FakeMailchimp, tmp_path: Path, status: int, said: str
) -> None:
    wire: Any = service
    wire.wire._sleep = lambda _: None
    fake.angry = [status] * 4
    with pytest.raises(ServiceError, match=said):
        service.draft(EMAIL, key(tmp_path), None)
    assert fake.campaigns == {}


def test_campaigns_lie_in_one_folder_of_the_newsletters_name(
    service: MailingService, fake: FakeMailchimp, tmp_path: Path
) -> None:
    for number in (1, 2):
        email = an_email(an_issue(number))
        service.draft(email, key(tmp_path, email), None)
    assert [one["name"] for one in fake.folders] == ["Points & Channels"]
    assert {one["settings"]["folder_id"] for one in fake.campaigns.values()} == {"f0"}


def test_a_campaign_that_was_moved_to_another_folder_is_found(
    service: MailingService, fake: FakeMailchimp, made: Remote
) -> None:
    fake.only()["settings"]["folder_id"] = "elsewhere"
    assert service.find(made.key.issue) == made


@pytest.mark.parametrize("replaced", [False, True])
def test_a_draft_is_not_called_whole_before_its_content_is_in(
    service: MailingService, fake: FakeMailchimp, tmp_path: Path, replaced: bool
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None) if replaced else None
    changed = an_email(ISSUE, "corrected")

    def full(*_: object) -> Any:
        raise RefusalError(400, {"detail": "not this"})

    fake._set_content = full  # type: ignore[method-assign]  # a service out of order
    with pytest.raises(ServiceError, match="not this"):
        service.draft(changed, key(tmp_path, changed), made)
    found = service.find(key(tmp_path).issue)
    assert found is not None
    assert (found.status, found.key.content) == (Status.DRAFT, "")


def test_find_turns_every_page(service: MailingService, fake: FakeMailchimp, made: Remote) -> None:
    ours = fake.campaigns.pop(made.id)
    for number in range(2300):
        ident = f"{number:08x}"
        others = {**ours, "id": ident, "settings": {"title": f"Another {number}"}}
        fake.campaigns[ident] = others
    fake.campaigns[made.id] = {**ours, "create_time": "2027-01-01T00:00:00+00:00"}
    found = service.find(made.key.issue)
    assert found is not None
    assert (found.id, found.key) == (made.id, made.key)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("subject_line", "Another", "its subject_line is another"),
        ("from_name", "Another", "its from_name is another"),
        ("reply_to", "x@example.org", "its reply_to is another"),
        ("auto_footer", True, "its auto_footer is another"),
    ],
)
def test_what_was_changed_in_a_draft_is_named(
    service: MailingService, fake: FakeMailchimp, made: Remote, field: str, value: object, said: str
) -> None:
    assert service.compare(made, EMAIL) == []
    fake.only()["settings"][field] = value
    assert service.compare(made, EMAIL) == [said]


@pytest.mark.parametrize(
    ("recipients", "said"),
    [
        ({"list_id": "zzz"}, "it goes to the audience zzz, not abc123"),
        ({"list_id": "abc123", "segment_opts": {"saved_segment_id": 5}}, "the segment 5, not 0"),
        (
            {"list_id": "abc123", "segment_opts": {"match": "all", "conditions": [{"op": "is"}]}},
            "it goes to a part of the audience",
        ),
        (
            {"list_id": "abc123", "segment_opts": {"prebuilt_segment_id": "subscribers-female"}},
            "it goes to a part of the audience",
        ),
    ],
)
def test_other_recipients_are_named(
    service: MailingService,
    fake: FakeMailchimp,
    made: Remote,
    recipients: dict[str, Any],
    said: str,
) -> None:
    fake.only()["recipients"] = {**recipients, "recipient_count": 3}
    assert said in "; ".join(service.compare(made, EMAIL))


def test_a_checklist_that_is_not_done_is_told(
    service: MailingService, fake: FakeMailchimp, tmp_path: Path
) -> None:
    fake.readers.clear()
    made = service.draft(EMAIL, key(tmp_path), None)
    assert service.compare(made, EMAIL) == [
        "Mailchimp finds it not ready: List: Your campaign has no recipients."
    ]


def test_a_segment_alone_receives(fake: FakeMailchimp, tmp_path: Path) -> None:
    service = a_service(tmp_path, plugs.mailchimp(fake.url, more="segment = 77"))
    made = service.draft(EMAIL, key(tmp_path), None)
    assert service.compare(made, EMAIL) == []
    service.send(made, EMAIL, None)
    assert [reader for _, reader in fake.deliveries] == ["rec1@example.net"]


@given(st.datetimes(datetime(2026, 10, 7), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds the zone
def test_a_time_is_rounded_to_one_that_mailchimp_takes(at: datetime) -> None:
    when = rounded(at, CAPABILITIES.minutes)
    assert when is not None
    assert timedelta() <= when - at < timedelta(minutes=15)
    assert (when.minute % 15, when.second, when.microsecond) == (0, 0, 0)


def test_a_time_off_the_quarter_hours_is_refused(service: MailingService, made: Remote) -> None:
    with pytest.raises(ServiceError, match="quarter-hour"):
        service.send(made, EMAIL, LATER + timedelta(minutes=5))


def test_a_report_counts_what_mailchimp_counts(
    service: MailingService, fake: FakeMailchimp, made: Remote
) -> None:
    assert service.report(made).counts == {"recipients": 3, "sent": 0}
    service.send(made, EMAIL, None)
    report = service.report(made)
    assert report.status is Status.SENT
    counts = {"recipients": 3, "sent": 3, "opens": 2, "clicks": 1, "bounces": 3, "unsubscribes": 1}
    assert report.counts == counts
    fake.campaigns[made.id]["tracking"] = {"opens": False, "html_clicks": True}
    del counts["opens"]
    assert service.report(made).counts == counts, "what is not tracked is not known"
