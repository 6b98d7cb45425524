from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any

import plugs
import pytest
from fake_mailerlite import FIRST, TOKEN, FakeMailerLite, anew, filled
from fake_templates import seen, words
from hypothesis import example, given
from hypothesis import strategies as st
from plugs import a_service
from samples import EMAIL, ISSUE, START, an_email, key
from shapes_check import check_conversation

from pipeline import merge, text
from pipeline.errors import PartworkError, UncertainSend
from pipeline.merge import MergePoint
from pipeline.services import MailingService, Remote, ServiceError, Status, literals
from pipeline.services.mailerlite import _TAG_LIKE

PLUG = plugs.MAILERLITE
WEEKLY, FRIENDS = "100093655191127682", "139794711363717070"


def test_the_fake_behaves_as_the_real_one_did(fake: FakeMailerLite) -> None:
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
    assert check_conversation("mailerlite", fake.url + "/api", headers) > 8


def test_a_newsletter_that_would_go_to_everybody_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(PartworkError, match=r"newsletter\.toml:\d+: .*sent to everybody"):
        a_service(tmp_path, plugs.mailerlite(plugs.NOWHERE, "[]"))


def test_groups_beside_segments_which_mailerlite_would_pass_over_are_refused(
    tmp_path: Path,
) -> None:
    table = plugs.mailerlite(plugs.NOWHERE, more=f'segments = ["{FRIENDS}"]')
    with pytest.raises(PartworkError, match=r"newsletter\.toml:\d+: .*passes over the groups"):
        a_service(tmp_path, table)


@pytest.mark.parametrize(
    ("groups", "more", "named"),
    [
        (f'["{WEEKLY}"]', "", {"groups": [WEEKLY]}),
        ("[]", f'segments = ["{FRIENDS}"]', {"segments": [FRIENDS]}),
    ],
)
def test_readers_of_one_kind_are_named_and_no_others(
    fake: FakeMailerLite, tmp_path: Path, groups: str, more: str, named: dict[str, list[str]]
) -> None:
    service = a_service(tmp_path, plugs.mailerlite(fake.url, groups, more=more))
    made = service.draft(EMAIL, key(tmp_path), None)
    [body] = [one.body for one in fake.requests if one.writes]
    assert {kind: body[kind] for kind in ("groups", "segments") if kind in body} == named
    assert service.compare(made, EMAIL) == []


def test_ids_without_quotes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PartworkError, match="text in quotes"):
        a_service(tmp_path, plugs.mailerlite(plugs.NOWHERE, f"[{WEEKLY}]"))


@pytest.mark.parametrize(
    ("groups", "more"), [("[]", 'segments = ["5"]'), (f'["{WEEKLY}", "5"]', "")]
)
def test_a_draft_for_readers_that_are_not_there_is_refused(
    fake: FakeMailerLite, tmp_path: Path, groups: str, more: str
) -> None:
    service = a_service(tmp_path, plugs.mailerlite(fake.url, groups, more=more))
    with pytest.raises(ServiceError, match="is invalid"):
        service.draft(EMAIL, key(tmp_path), None)


def test_the_audience_is_the_groups_or_segments_by_name_and_size(
    fake: FakeMailerLite, tmp_path: Path
) -> None:
    for number in range(120):
        fake.groups[f"2{number:017}"] = f"Group {number}"
    fake.groups["9"] = "The last"
    groups = plugs.mailerlite(fake.url, f'["{WEEKLY}", "9"]')
    segments = plugs.mailerlite(fake.url, "[]", more=f'segments = ["{FRIENDS}"]')
    sizes = [
        [(one.name, one.size) for one in a_service(tmp_path, table).audience()]
        for table in (groups, segments)
    ]
    assert sizes == [[("Weekly", 3), ("The last", 0)], [("Friends", 2)]]


def test_the_older_of_two_campaigns_has_the_smaller_number_and_not_the_first_in_the_alphabet(
    service: MailingService, fake: FakeMailerLite, made: Remote
) -> None:
    fake.campaigns["99"] = {**fake.campaigns[made.id], "id": "99"}
    found = service.find(made.key.issue)
    assert found is not None
    assert found.id == "99"


def test_find_turns_every_page_of_every_status(
    service: MailingService, fake: FakeMailerLite, made: Remote
) -> None:
    ours = fake.campaigns.pop(made.id)
    for number in range(250):
        ident = str(FIRST + 100 + number)
        fake.campaigns[ident] = {**ours, "id": ident, "name": "Another"}
    fake.campaigns["77"] = {**ours, "id": "77"}
    for word in ("draft", "ready", "sent"):
        for one in fake.campaigns.values():
            one["status"] = word
        found = service.find(made.key.issue)
        assert found is not None
        assert (found.id, found.said, found.key) == ("77", word, made.key)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("subject", "Another", "its subject is another"),
        ("from_name", "Another", "its from_name is another"),
        ("from", "x@example.org", "its from is another"),
        ("reply_to", "x@example.org", "its reply_to is another"),
        ("content", "<p>Another</p>", "its text reads otherwise"),
    ],
)
def test_what_was_changed_in_a_draft_is_named(
    service: MailingService,
    fake: FakeMailerLite,
    made: Remote,
    field: str,
    value: object,
    said: str,
) -> None:
    assert service.compare(made, EMAIL) == []
    fake.only()["emails"][0][field] = value
    assert said in "; ".join(service.compare(made, EMAIL))


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("https://example.org/a?x=1", "https://example.org/b", "it lacks the address https://e"),
        ('href="{$unsubscribe}"', 'href="#"', "it lacks the address {$unsubscribe}"),
        ("{\u2060$email}", "{$email}", "it does not hold the merge tags"),
    ],
)
def test_what_was_changed_in_the_body_is_named(
    service: MailingService, fake: FakeMailerLite, tmp_path: Path, was: str, now: str, said: str
) -> None:
    email = an_email(ISSUE, "{$email}")
    made = service.draft(email, key(tmp_path, email), None)
    stored = fake.only()["emails"][0]
    assert was in stored["content"]
    stored["content"] = stored["content"].replace(was, now)
    assert said in "; ".join(service.compare(made, email))


def test_other_readers_and_what_is_missing_are_named(
    service: MailingService, fake: FakeMailerLite, made: Remote
) -> None:
    fake.only()["missing_data"] = ["content"]
    filters = fake.only()["basic_filter_for_humans"]
    filters["included_groups"] = []
    filters["included_segments"] = [{"id": 5}]
    filters["excluded_groups"] = [{"id": 6}]
    filters["excluded_segments"] = [{"id": 7}]
    assert service.compare(made, EMAIL) == [
        f"it goes to the groups [], not ['{WEEKLY}']",
        "it leaves out the groups ['6']",
        "it goes to the segments ['5'], not []",
        "it leaves out the segments ['7']",
        "MailerLite finds no content in it",
    ]


def test_what_was_written_is_what_every_reader_gets(
    service: MailingService, fake: FakeMailerLite, tmp_path: Path
) -> None:
    typed = "{$email} {$name|default('x')} {$unsubscribe}"
    email = replace(an_email(ISSUE, typed), subject="On {$name} & more")
    made = service.draft(email, key(tmp_path, email), None)
    assert service.compare(made, email) == []
    service.send(made, email, None)
    subject, html = fake.message(made.id, "rec1@example.net")
    assert seen(subject) == email.subject
    shown = words(html)
    assert "DearReader1," in shown
    assert "".join(typed.split()) in shown
    assert "{{site.title}}{%ifx%}*|FNAME|*[[name]]%%first%%{{{raw}}}{$unsubscribe}" in shown
    assert "ExamplePress,1HighStreet<Ely>" in shown
    assert '<a href="https://click.example/un?rec1@example.net">Unsubscribe</a>' in html
    assert '<a href="https://click.example/un?rec1@example.net">Preferences</a>' in html
    assert f'<!--[if mso]><v:rect href="https://preview.example/{made.id}"' in html


def test_a_page_for_preferences_is_linked_where_there_is_one(
    service: MailingService, fake: FakeMailerLite, tmp_path: Path
) -> None:
    inner: Any = service
    context = inner.context
    settings = replace(context.newsletter.email, preferences_url="https://example.org/p?a=1&b=2")
    newsletter = replace(context.newsletter, email=settings)
    again = replace(inner, context=replace(context, newsletter=newsletter))
    made = again.draft(EMAIL, key(tmp_path), None)
    assert (
        '<a href="https://example.org/p?a=1&amp;b=2">Preferences'
        in (fake.message(made.id, "rec1@example.net")[1])
    )


def test_a_time_in_the_past_is_refused(service: MailingService, made: Remote) -> None:
    with pytest.raises(ServiceError, match="a date after now"):
        service.send(made, EMAIL, START - timedelta(hours=1))


def test_a_time_that_was_understood_otherwise_is_for_a_person(
    service: MailingService, fake: FakeMailerLite, made: Remote
) -> None:
    fake._timezones = lambda _: {"data": [{"id": "371", "name": "UTC"}]}  # type: ignore[method-assign]  # another zone's id
    with pytest.raises(UncertainSend, match="calls the campaign ready now, for 2026-10-06 10:00"):
        service.send(made, EMAIL, START + timedelta(hours=3))


def test_a_report_counts_what_mailerlite_counts(
    service: MailingService, fake: FakeMailerLite, made: Remote
) -> None:
    assert service.report(made).counts == {}
    service.send(made, EMAIL, None)
    report = service.report(made)
    assert report.status is Status.SENT
    counts = {"sent": 3, "opens": 2, "clicks": 1, "bounces": 3, "unsubscribes": 1}
    assert report.counts == counts
    for missing in ({}, {"unique_opens_count": None, "unique_clicks_count": None}):
        stats = fake.campaigns[made.id]["emails"][0]["stats"]
        recorded = {name: one for name, one in stats.items() if not name.startswith("unique_")}
        fake.campaigns[made.id]["emails"][0]["stats"] = {**recorded, **missing}
        known = {"sent": 3, "bounces": 3, "unsubscribes": 1}
        assert service.report(made).counts == known, "what is not told is not known"
        fake.campaigns[made.id]["emails"][0]["stats"] = stats
    fake.campaigns[made.id]["settings"] = {"track_opens": False}
    del counts["opens"]
    assert service.report(made).counts == counts, "what is not tracked is not known"


@pytest.mark.parametrize(
    ("facts", "status", "said"),
    [
        ({"status": "draft"}, Status.DRAFT, "draft"),
        ({"status": "draft", "is_stopped": True}, Status.STOPPED, "draft, stopped"),
        ({"status": "ready", "delivery_schedule": "instant"}, Status.SENDING, "ready"),
        ({"status": "ready", "delivery_schedule": "scheduled"}, Status.SCHEDULED, "ready"),
        (
            {"status": "ready", "delivery_schedule": "scheduled", "started_at": "x"},
            Status.SENDING,
            "ready",
        ),
        ({"status": "sent"}, Status.SENT, "sent"),
        ({"status": "sent", "is_stopped": True}, Status.STOPPED, "sent, stopped"),
    ],
)
def test_each_of_its_statuses_has_a_meaning(
    service: MailingService,
    fake: FakeMailerLite,
    made: Remote,
    facts: dict[str, Any],
    status: Status,
    said: str,
) -> None:
    fake.only().update(facts)
    found = service.find(made.key.issue)
    assert found is not None
    assert (found.status, found.said) == (status, said)
    assert service.report(made).status is status


characters = st.lists(
    st.sampled_from(["{", "}", "$", "{$name}", "{$", "|default('x')}", "unsubscribe", "&", "<"])
    | st.characters(exclude_categories=["Cs", "Cc", "Zs"]),
    max_size=10,
).map(lambda parts: text.clean("".join(parts)))


@given(characters, characters)
@example("{$name}", "")
@example("{", "$name}")
def test_no_text_is_taken_for_a_tag(before: str, after: str) -> None:
    point = MergePoint.UNSUBSCRIBE_URL
    source = f'<p title="{escape(before)}">{escape(before)}{point.neutral}{escape(after)}</p>'
    html = literals.in_text(literals.encoded_addresses(source), _TAG_LIKE)
    stored = anew(merge.fill(html, {point: "{$unsubscribe}"}), "S")
    shown = words(filled(stored, {"unsubscribe": "U", "name": "N"}))
    assert shown == "".join(seen(f"{before}U{after}").split())
