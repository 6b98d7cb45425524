"""What holds at each service that keeps the key where no two must differ."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import mailing
import plugs
import pytest
from crash import Plug, check_two_at_once
from samples import START, a_newsletter, an_email, an_issue

from pipeline.emails import Email
from pipeline.merge import MergePoint
from pipeline.services import Key, MailingService, ServiceError, Status, key_of
from pipeline.services.registry import open_service

ISSUE = an_issue(1)
EMAIL = an_email(ISSUE)
LATER = START + timedelta(hours=3)
HOME = "https://example.org/"
EACH = pytest.mark.parametrize(
    "plug",
    [plugs.BREVO, plugs.GHOST, plugs.MAILCHIMP, plugs.MAILERLITE],
    ids=lambda plug: plug.name,
)


def a_service(plug: Plug, root: Path, fake: Any, home: str = HOME) -> MailingService:
    table = plug.table(fake).replace("timeout = 1", "timeout = 5")
    return open_service("weekly", a_newsletter(root, table, home), dict(plug.environ))


def key(root: Path, email: Email = EMAIL, home: str = HOME) -> Key:
    return key_of(a_newsletter(root, url=home), email.issue, email)


@pytest.fixture
def fake(plug: Plug) -> Iterator[Any]:
    with plug.serve() as fake:
        yield fake


@pytest.fixture
def service(plug: Plug, fake: Any, tmp_path: Path) -> MailingService:
    return a_service(plug, tmp_path, fake)


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
def test_a_faithful_draft_differs_in_nothing(
    service: MailingService, fake: Any, tmp_path: Path
) -> None:
    assert service.compare(service.draft(EMAIL, key(tmp_path), None), EMAIL) == []


@EACH
def test_an_issue_of_all_that_has_broken_a_mail_is_stored_faithfully(
    plug: Plug, fake: Any, tmp_path: Path
) -> None:
    greeted = mailing.settings(greeting="Dear {first_name}") + plug.table(fake)
    newsletter = mailing.write(tmp_path, mailing.four_parts(mailing.TORTURE), greeted)
    service = open_service("weekly", newsletter, dict(plug.environ))
    email = mailing.email(newsletter, 2)
    made = service.draft(email, key_of(newsletter, email.issue, email), None)
    assert service.compare(made, email) == []


@EACH
def test_a_draft_is_replaced_and_not_doubled(
    service: MailingService, fake: Any, tmp_path: Path
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    changed = an_email(ISSUE, "corrected")
    again = service.draft(changed, key(tmp_path, changed), made)
    assert again.id == made.id
    assert service.find(made.key.issue) == again
    assert again.key.content != made.key.content
    assert len(fake.stored()) == 1
    assert service.compare(again, changed) == []
    assert service.compare(again, EMAIL) != []


@EACH
def test_of_two_drafts_with_one_key_the_older_is_released_and_the_other_never(
    service: MailingService, fake: Any, tmp_path: Path
) -> None:
    drafts = [service.draft(EMAIL, key(tmp_path), None) for _ in range(9)]
    found = service.find(key(tmp_path).issue)
    assert found is not None
    assert found.id == fake.stored()[0]["id"] or found.id == str(fake.stored()[0]["id"])
    service.send(found, EMAIL, None)
    for other in drafts:
        again = service.find(other.key.issue)
        assert again is not None
        assert (again.id, again.status) == (found.id, Status.SENT)
    assert set(fake.copies().values()) == {1}


@EACH
def test_two_newsletters_in_one_account_leave_each_other_alone(
    plug: Plug, fake: Any, tmp_path: Path
) -> None:
    home = "https://other.example.org/"
    one, other = a_service(plug, tmp_path, fake), a_service(plug, tmp_path, fake, home)
    first = one.draft(EMAIL, key(tmp_path), None)
    assert other.find(key(tmp_path, home=home).issue) is None
    second = other.draft(EMAIL, key(tmp_path, home=home), None)
    assert first.id != second.id
    assert one.find(key(tmp_path).issue) == first


@EACH
def test_sending_reaches_each_reader_once_and_never_twice(
    service: MailingService, fake: Any, tmp_path: Path
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    service.send(made, EMAIL, None)
    with pytest.raises(ServiceError, match=r"another publisher was here|no draft any more"):
        service.send(made, EMAIL, None)
    assert set(fake.copies().values()) == {1}
    assert len(fake.deliveries) == 3


@EACH
def test_a_scheduled_issue_goes_out_at_its_time(
    service: MailingService, fake: Any, tmp_path: Path
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    service.send(made, EMAIL, LATER)
    held = service.find(made.key.issue)
    assert held is not None
    assert (held.status, held.at) == (Status.SCHEDULED, LATER)
    with pytest.raises(ServiceError):
        service.send(made, EMAIL, None)
    assert fake.deliveries == []
    fake.tick(LATER)
    assert len(fake.deliveries) == 3
    assert service.report(made).status is Status.SENT


@EACH
def test_what_is_on_its_way_is_neither_a_draft_nor_sent(
    service: MailingService, fake: Any, tmp_path: Path
) -> None:
    fake.slow = True
    made = service.draft(EMAIL, key(tmp_path), None)
    service.send(made, EMAIL, None)
    found = service.find(made.key.issue)
    assert found is not None
    assert found.status is service.report(made).status is Status.SENDING


@EACH
def test_a_status_nobody_has_heard_of_is_refused(
    service: MailingService, fake: Any, tmp_path: Path
) -> None:
    made = service.draft(EMAIL, key(tmp_path), None)
    fake.stored()[0]["status"] = "hibernating"
    with pytest.raises(ServiceError, match="hibernating"):
        service.report(made)


@EACH
def test_every_merge_point_has_a_value(service: MailingService) -> None:
    assert set(service.capabilities.merge) == set(MergePoint)


@EACH
@pytest.mark.parametrize("machines", [1, 2])
def test_of_two_publishers_at_the_same_moment_one_sends(
    plug: Plug, tmp_path: Path, machines: int
) -> None:
    check_two_at_once(plug, tmp_path, machines=machines)
