from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fake_service import CrashError, FakeService, Trouble
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from samples import START, WEEK, a_newsletter, an_article, an_email, an_issue, issues

from pipeline import ledger
from pipeline.emails import Email
from pipeline.errors import PartworkError, UncertainSend
from pipeline.issues import Issue
from pipeline.ledger.entries import Event
from pipeline.ledger.records import Stage
from pipeline.publish import Outcome, look, order, publish
from pipeline.publish.decisions import forget, leave_out, resolve
from pipeline.publish.desk import Desk
from pipeline.publish.places import LEADS_TO, Action, Goal
from pipeline.publish.steps import Step, Wanted
from pipeline.services import (
    Capabilities,
    Common,
    Key,
    Remote,
    ServiceError,
    Status,
    foremost,
)

CAN = Capabilities(title="Fake", verified="", rests_on="")
KEYLESS = replace(CAN, keyed=False, drafts=False, schedules=False)


class World:
    """A newsletter, its ledger on disk, one service and a clock."""

    def __init__(self, root: Path, count: int = 3, can: Capabilities = CAN) -> None:
        self.root = root
        self.newsletter = a_newsletter(root)
        self.issues = list(issues(count))
        self.service = FakeService(capabilities=can)
        self.now = START
        self.edits: dict[str, str] = {}
        self.steps: list[Step] = []

    def email(self, issue: Issue):
        return an_email(issue, self.edits.get(issue.articles[0].id, ""))

    def desk(self, book: ledger.Ledger, **more: object) -> Desk:
        self.steps = []

        def say(_: Wanted, step: Step) -> None:
            if self.steps and self.steps[-1].action in LEADS_TO:
                assert step.place in LEADS_TO[self.steps[-1].action], (self.steps[-1], step)
            self.steps.append(step)

        given = {"say": say, "clock": lambda: self.now, **more}
        return Desk(
            name="weekly",
            service=self.service,
            ledger=book,
            newsletter=self.newsletter,
            issues=tuple(self.issues),
            **given,  # type: ignore[arg-type]  # test data by name
        )

    def publish(self, number: int, goal: Goal = Goal.RELEASE, **more: object) -> Outcome:
        at_desk = {name: more.pop(name) for name in ("permit", "dry") if name in more}
        issue = self.issues[number - 1]
        with ledger.opened(self.root) as book:
            desk = self.desk(book, **at_desk)
            return publish(desk, issue, self.email(issue), goal, **more)  # type: ignore[arg-type]  # test data by name

    def events(self) -> list[Event]:
        return [one.event for one in ledger.read(self.root)]

    def trouble(self, call: int, how: str, *, after: bool = False) -> None:
        self.service.strike(Trouble(call, how, after))

    def lose_the_ledger(self) -> None:
        (self.root / ledger.FILE).unlink(missing_ok=True)
        shutil.rmtree(self.root / ledger.LOCAL, ignore_errors=True)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def by_hand(world: World, draft: int = 0) -> None:
    """A person sends a draft on the service's own pages."""
    world.service.deliver(world.service.held[draft])


def test_an_issue_goes_out_with_an_intent_before_each_write(world: World) -> None:
    outcome = world.publish(1)
    assert outcome.record.stage is Stage.SETTLED
    assert world.service.delivered == [world.issues[0].articles[0].id]
    assert world.events() == [
        Event.DRAFTING,
        Event.DRAFTED,
        Event.SUBMITTING,
        Event.SUBMITTED,
        Event.SETTLED,
    ]
    assert outcome.record.counts == {"recipients": 3, "sent": 3}


def test_what_is_done_is_done_without_asking_anybody(world: World) -> None:
    world.publish(1)
    world.service.calls = 0
    assert world.publish(1).step.action is Action.DONE
    assert world.service.calls == 0


def test_the_default_releases_nothing(world: World) -> None:
    outcome = world.publish(1, Goal.DRAFT)
    assert outcome.step.place.name == "FAITHFUL"
    assert world.service.delivered == []
    world.publish(1, Goal.TEST, test_to=["me@example.net"])
    assert world.service.tested == [("me@example.net",)]
    assert world.service.delivered == []


def test_a_dry_run_writes_nothing_anywhere(world: World) -> None:
    outcome = world.publish(1, dry=True)
    assert outcome.step.action is Action.DRAFT
    assert world.service.held == []
    assert world.events() == []


def test_a_release_that_is_not_permitted_does_not_happen(world: World) -> None:
    outcome = world.publish(1, permit=lambda *_: False)
    assert outcome.step.action is Action.RELEASE
    assert world.service.delivered == []
    assert world.events() == [Event.DRAFTING, Event.DRAFTED]


def test_issues_go_out_in_order_only(world: World) -> None:
    with pytest.raises(PartworkError, match="issue 2: issue 1 before it did not reach weekly"):
        world.publish(2)
    assert world.service.held == []
    world.publish(1)
    world.publish(2)
    assert len(world.service.delivered) == 2


def test_a_gap_is_left_only_knowingly_and_for_good(world: World) -> None:
    world.publish(3, allow_gap=True)
    assert world.events().count(Event.SKIPPED) == 2
    with pytest.raises(PartworkError, match="left out at weekly knowingly"):
        world.publish(1)
    assert len(world.service.delivered) == 1


def test_an_issue_put_in_before_a_submitted_one_is_not_sent_after_it(world: World) -> None:
    world.publish(1)
    world.publish(2)
    late = an_issue(2, "inserted", date=START + timedelta(days=1))
    world.issues = [world.issues[0], late, replace(world.issues[1], number=3)]
    with pytest.raises(PartworkError, match="issue 3 after it went to weekly already"):
        world.publish(2)
    assert len(world.service.delivered) == 2


def test_an_article_put_into_a_submitted_issue_is_an_error_that_names_it(world: World) -> None:
    world.publish(1)
    new = an_article("inserted")
    world.issues[0] = replace(world.issues[0], articles=(*world.issues[0].articles, new))
    with pytest.raises(
        PartworkError, match=r"articles/inserted\.md:1: issue 1, submitted"
    ) as caught:
        world.publish(2)
    assert [one.rule for one in caught.value.problems] == ["submitted-frozen"]


def test_an_article_put_before_the_first_of_a_submitted_issue_is_one_too(world: World) -> None:
    world.publish(1)
    new = an_article("inserted")
    world.issues[0] = replace(world.issues[0], articles=(new, *world.issues[0].articles))
    with pytest.raises(PartworkError, match="issue 1, submitted to weekly on 2026-10-06"):
        world.publish(1)
    assert len(world.service.delivered) == 1


def test_an_article_taken_out_of_a_submitted_issue_is_one_too(tmp_path: Path) -> None:
    world = World(tmp_path)
    both = an_issue(1, "one", "two")
    world.issues[0] = both
    world.publish(1)
    world.issues[0] = replace(both, articles=both.articles[:1])
    world.issues[1] = replace(world.issues[1], articles=(both.articles[1],))
    with pytest.raises(PartworkError, match="moved or removed"):
        world.publish(2)


def test_what_is_left_of_a_submitted_issue_whose_first_article_is_gone_is_not_sent_again(
    world: World,
) -> None:
    both = an_issue(1, "one", "two")
    world.issues[0] = both
    world.publish(1)
    world.issues[0] = replace(both, articles=both.articles[1:])
    with pytest.raises(PartworkError, match=r"articles/two\.md:1: issue 1, submitted") as caught:
        world.publish(1)
    assert "ledger skip 1 --to weekly" in str(caught.value)
    assert len(world.service.delivered) == 1
    with ledger.opened(world.root) as book:
        leave_out(book, "weekly", world.issues, world.issues[0], now=world.now)
    world.publish(2)
    assert len(world.service.delivered) == 2


@pytest.mark.parametrize("inserted", [False, True])
def test_issues_that_a_new_schedule_parts_are_left_out_as_the_message_says_and_never_sent_again(
    world: World, inserted: bool
) -> None:
    both, third = an_issue(1, "one", "two"), an_issue(2, "part-2")
    world.issues = [both, third]
    world.publish(1)
    between = [an_issue(2, "inserted")] if inserted else []
    parted = [an_issue(1, "one"), *between, an_issue(2, "two"), third]
    world.issues = [replace(one, number=number) for number, one in enumerate(parted, 1)]
    place = len(between) + 2
    done = f"resolve {place} --to weekly --submitted" if inserted else "skip 2 --to weekly"
    with pytest.raises(PartworkError, match=f"`partwork ledger {done}`"):
        world.publish(len(parted))
    assert len(world.service.delivered) == 1
    with ledger.opened(world.root) as book:
        if inserted:
            resolve(book, "weekly", world.issues[place - 1], submitted=True, now=world.now)
        else:
            leave_out(book, "weekly", world.issues, world.issues[1], now=world.now)
    for number in range(2, len(parted) + 1):
        with suppress(PartworkError):
            world.publish(number, allow_gap=True)
    names = [one.rpartition(":")[2] for one in world.service.delivered]
    assert names == ["one", *["inserted"] * inserted, "part-2"]


def test_issues_that_a_new_schedule_joins_stop_nothing_and_are_not_sent_again(
    world: World,
) -> None:
    for number in (1, 2):
        world.publish(number)
    first, second, third = world.issues
    joined = replace(first, articles=first.articles + second.articles)
    world.issues = [joined, replace(third, number=2)]
    world.publish(1)
    world.publish(2)
    assert len(world.service.delivered) == 3
    world.issues = [replace(joined, articles=joined.articles + third.articles)]
    world.publish(1)
    assert len(world.service.delivered) == 3


def test_issues_of_which_one_is_still_on_its_way_are_not_joined(world: World) -> None:
    world.publish(1)
    world.publish(2, at=START + WEEK)
    first, second, third = world.issues
    world.issues = [replace(first, articles=first.articles + second.articles), third]
    with pytest.raises(PartworkError, match=r"part-2\.md:1: issue 1, submitted"):
        world.publish(2)


def test_a_scheduled_issue_is_not_hidden_behind_an_article_that_was_left_out(world: World) -> None:
    world.issues[0] = an_issue(1, "one", "two")
    with ledger.opened(world.root) as book:
        leave_out(book, "weekly", world.issues, world.issues[0], now=world.now)
    was = world.issues
    world.publish(2, at=START + WEEK)
    joined = replace(was[1], articles=(was[0].articles[0], *was[1].articles))
    world.issues = [an_issue(1, "two"), joined, was[2]]
    with pytest.raises(PartworkError, match=r"issue 2, submitted .*:one comes first now") as caught:
        world.publish(3)
    assert "ledger" not in caught.value.problems[0].remedy
    world.issues = [an_issue(1, "one", "two"), was[1], was[2]]
    world.service.tick(START + WEEK)
    world.publish(3)
    assert world.service.reached == ["part-2", "part-3"]


def test_an_issue_that_begins_with_another_of_its_articles_now_is_not_sent_again(
    world: World,
) -> None:
    both = world.issues[0] = an_issue(1, "one", "two", "three")
    world.publish(1)
    one, two, three = both.articles
    world.issues[0] = replace(both, articles=(one, three, two))
    world.publish(1)
    world.issues[0] = replace(both, articles=(two, one, three))
    with pytest.raises(PartworkError, match=r"two\.md:1: issue 1.*:two comes first now") as caught:
        world.publish(2)
    assert "ledger skip 1 --to weekly" in str(caught.value)
    assert len(world.service.delivered) == 1


def test_an_article_that_is_gone_from_a_submitted_issue_stops_nothing_until_it_is_back(
    world: World,
) -> None:
    both = world.issues[0] = an_issue(1, "one", "two")
    world.publish(1)
    world.issues[0] = replace(both, articles=both.articles[:1])
    with ledger.opened(world.root) as book:
        records = world.desk(book).records()
    [problem] = order.frozen(world.issues, records, "weekly")
    assert (problem.rule, problem.severity) == ("submitted-gone", "warning")
    world.publish(2)
    world.issues[2] = replace(world.issues[2], articles=both.articles[1:])
    with pytest.raises(PartworkError, match=r"two\.md:1: issue 1, submitted"):
        world.publish(3)
    assert len(world.service.delivered) == 2


def test_an_article_put_into_an_issue_that_was_left_out_is_named_and_stops_nothing(
    world: World,
) -> None:
    world.issues[0] = an_issue(1, "one", "two")
    with ledger.opened(world.root) as book:
        leave_out(book, "weekly", world.issues, world.issues[0], now=world.now)
        records = world.desk(book).records()
    assert list(order.frozen(world.issues, records, "weekly")) == []
    world.issues[0] = an_issue(1, "one", "inserted", "two")
    [problem] = order.frozen(world.issues, records, "weekly")
    assert str(problem).startswith("articles/inserted.md:1: issue 1, which was left out at weekly,")
    assert (problem.rule, problem.severity) == ("skipped-grown", "warning")
    world.publish(2)
    assert world.service.reached == ["part-2"]


def test_what_is_left_is_not_left_out_together_with_something_new(world: World) -> None:
    both = world.issues[0] = an_issue(1, "one", "two")
    world.publish(1)
    world.issues[0] = replace(both, articles=(*both.articles[1:], an_article("new")))
    with pytest.raises(PartworkError, match="give what is new in issue 1 a later date") as caught:
        world.publish(1)
    assert "ledger skip" not in str(caught.value)


@pytest.mark.parametrize("can", [CAN, KEYLESS])
@pytest.mark.parametrize("change", ["before", "after", "gone"])
def test_an_issue_that_may_have_gone_out_does_not_change_until_that_is_known(
    tmp_path: Path, can: Capabilities, change: str
) -> None:
    world = World(tmp_path, can=can)
    both, new = an_issue(1, "one", "two"), an_article("inserted")
    world.issues[0] = both
    with ledger.opened(world.root) as book:
        resolve(book, "weekly", both, submitted=False, now=world.now)
    world.trouble(5 if can.keyed else 4, "lost", after=True)
    with pytest.raises(UncertainSend):
        world.publish(1)
    assert len(world.service.delivered) == 1
    changed = {
        "before": (new, *both.articles),
        "after": (*both.articles, new),
        "gone": both.articles[1:],
    }
    world.issues[0] = replace(both, articles=changed[change])
    with pytest.raises(PartworkError, match=r"issue 1, which weekly may have sent") as caught:
        world.publish(1)
    assert "run again" in str(caught.value)
    world.issues[0] = both
    with suppress(UncertainSend):
        world.publish(1)
    assert len(world.service.delivered) == 1


@pytest.mark.parametrize("change", ["put in", "taken out"])
@pytest.mark.parametrize("how", ["scheduled", "by hand", "lost"])
def test_what_went_out_is_written_down_as_it_was_whatever_became_of_the_issue_since(
    world: World, how: str, change: str
) -> None:
    both = world.issues[0] = an_issue(1, "one", "two")
    if how == "lost":
        world.trouble(6, "lost", after=True)
        with pytest.raises(UncertainSend):
            world.publish(1)
    else:
        goal = Goal.DRAFT if how == "by hand" else Goal.RELEASE
        world.publish(1, goal, at=START + WEEK / 7)
    if how == "by hand":
        by_hand(world)
    world.service.tick(START + WEEK / 7)
    if change == "put in":
        world.issues[0] = replace(both, articles=(*both.articles, an_article("three")))
    else:
        world.issues[:2] = [an_issue(1, "one"), an_issue(2, "two")]
    with ledger.opened(world.root) as book:
        record = look(world.desk(book), world.issues[0]).record
        assert record.stage is Stage.SETTLED
        assert record.articles == tuple(one.id for one in both.articles)
        [problem] = order.frozen(world.issues, world.desk(book).records(), "weekly")
    assert problem.rule == "submitted-frozen"


def test_an_issue_whose_date_moved_behind_the_time_it_is_scheduled_for_is_named(
    world: World,
) -> None:
    world.publish(1, at=START + WEEK)
    with ledger.opened(world.root) as book:
        records = world.desk(book).records()
    assert list(order.frozen(world.issues, records, "weekly")) == []
    world.issues[0] = an_issue(1, date=START + 2 * WEEK)
    [problem] = order.frozen(world.issues, records, "weekly")
    assert (problem.rule, problem.severity) == ("submitted-early", "warning")
    assert "issue 1 is scheduled at weekly for 2026-10-13 09:00" in problem.message


def test_an_issue_whose_articles_are_all_gone_stops_nothing(world: World) -> None:
    world.publish(1)
    with ledger.opened(world.root) as book:
        records = world.desk(book).records()
    problems = list(order.frozen(world.issues[1:], records, "weekly"))
    assert [(one.rule, one.severity) for one in problems] == [("submitted-gone", "warning")]


def test_what_changed_after_it_was_submitted_is_reported(world: World) -> None:
    world.publish(1)
    assert not world.publish(1).changed
    world.edits[world.issues[0].articles[0].id] = "corrected"
    assert world.publish(1).changed
    assert len(world.service.delivered) == 1


@pytest.mark.parametrize("goal", [Goal.DRAFT, Goal.TEST, Goal.RELEASE])
@pytest.mark.parametrize("back", [True, False])
def test_an_article_that_was_given_another_id_is_not_handed_over_a_second_time(
    world: World, goal: Goal, back: bool
) -> None:
    world.publish(1)
    was = world.issues[0].articles[0]
    email = world.email(world.issues[0])
    named = replace(was, source=replace(was.source, id="tag:example.org,2026:another"))
    world.issues[0] = replace(world.issues[0], articles=(named,))
    with ledger.opened(world.root) as book:
        with pytest.raises(PartworkError, match=f"the id {was.id}.*resolve 1 --to weekly --subm"):
            publish(world.desk(book), world.issues[0], email, goal)
        if not back:
            resolve(book, "weekly", world.issues[0], submitted=True, now=world.now)
    assert len(world.service.held) == 1
    if back:
        world.issues[0] = replace(world.issues[0], articles=(was,))
    world.publish(2)
    assert len(world.service.delivered) == 2


def test_a_draft_follows_its_article_until_it_is_sent(world: World) -> None:
    world.publish(1, Goal.DRAFT)
    world.edits[world.issues[0].articles[0].id] = "corrected"
    world.publish(1)
    assert len(world.service.held) == 1
    assert "corrected" in world.service.held[0].email.html
    assert len(world.service.delivered) == 1


def test_a_draft_that_a_person_changed_is_not_sent_and_not_overwritten(world: World) -> None:
    world.publish(1, Goal.DRAFT)
    world.service.held[0].email = replace(world.service.held[0].email, html="by hand")
    with pytest.raises(PartworkError, match="its body is another"):
        world.publish(1)
    assert world.service.held[0].email.html == "by hand"
    world.publish(1, Goal.DRAFT)
    world.publish(1)
    assert len(world.service.delivered) == 1


def test_a_service_that_spoils_what_it_stores_sends_nothing(world: World) -> None:
    world.service.mangles = True
    for goal in (Goal.DRAFT, Goal.TEST, Goal.RELEASE):
        with pytest.raises(PartworkError):
            world.publish(1, goal)
    assert world.service.delivered == []


def test_a_draft_that_was_deleted_stops_for_a_person(world: World) -> None:
    world.publish(1, Goal.DRAFT)
    world.service.held.clear()
    with pytest.raises(UncertainSend, match="holds it no longer"):
        world.publish(1)
    with ledger.opened(world.root) as book:
        forget(book, "weekly", world.issues, world.issues[0], now=world.now)
    world.publish(1)
    assert len(world.service.delivered) == 1


@pytest.mark.parametrize("first", ["put before", "taken away"])
@pytest.mark.parametrize("goal", [Goal.DRAFT, Goal.RELEASE])
def test_a_draft_of_the_time_when_an_issue_began_otherwise_is_not_left_beside_its_draft(
    world: World, first: str, goal: Goal
) -> None:
    was = world.issues[0] = an_issue(1, "one", "two")
    world.publish(1, Goal.DRAFT)
    before = (an_article("inserted"), *was.articles)
    world.issues[0] = replace(was, articles=before if first == "put before" else was.articles[1:])
    with pytest.raises(
        PartworkError, match=r"began with the article .*:one, .* delete it"
    ) as caught:
        world.publish(1, goal)
    assert "ledger forget 1 --to weekly" in str(caught.value)
    assert len(world.service.held) == 1
    world.service.held[0].remote = replace(world.service.held[0].remote, key=Key(issue="gone"))
    with pytest.raises(UncertainSend, match="holds it no longer"):
        world.publish(1, goal)
    with ledger.opened(world.root) as book:
        forget(book, "weekly", world.issues, world.issues[0], now=world.now)
    world.publish(1)
    assert len(world.service.delivered) == 1


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("changed", ["put before", "turned round"])
def test_what_a_person_sent_by_hand_is_not_sent_again_under_another_first_article(
    world: World, changed: str, lost: bool
) -> None:
    was = world.issues[0] = an_issue(1, "one", "two")
    world.publish(1, Goal.DRAFT)
    by_hand(world)
    before = (an_article("inserted"), *was.articles)
    world.issues[0] = replace(was, articles=before if "put" in changed else was.articles[::-1])
    if lost:
        world.lose_the_ledger()
    assert world.publish(1, dry=True).step.action is Action.DRAFT
    with pytest.raises(PartworkError, match=r"articles/\w+\.md:1: issue 1, submitted to weekly"):
        world.publish(1)
    assert len(world.service.held) == 1
    if not lost:
        world.issues[0] = was
        assert world.publish(1).record.submitted


@pytest.mark.parametrize("deleted", [False, True])
def test_the_draft_of_an_issue_that_was_left_out_is_not_to_be_stored_anew(
    world: World, deleted: bool
) -> None:
    world.issues = [an_issue(1, "one"), an_issue(2, "two", "three")]
    world.publish(2, Goal.DRAFT)
    with ledger.opened(world.root) as book:
        leave_out(book, "weekly", world.issues, world.issues[1], now=world.now)
        forget(book, "weekly", world.issues, world.issues[0], now=world.now)
    world.issues = [an_issue(1, "one", "three"), an_issue(2, "two")]
    if not deleted:
        with pytest.raises(PartworkError, match=r"issue 2 .*: delete that at weekly, so") as caught:
            world.publish(1)
        assert "--draft" not in str(caught.value)
    world.service.held[0].remote = replace(world.service.held[0].remote, key=Key(issue="gone"))
    world.publish(1)
    assert world.service.reached == ["one", "three"]


def test_issues_that_were_joined_since_are_known_as_sent_also_where_the_ledger_is_lost(
    world: World,
) -> None:
    world.publish(1)
    world.publish(2)
    world.lose_the_ledger()
    first, second, _ = world.issues
    world.issues = [replace(first, articles=first.articles + second.articles)]
    assert world.publish(1, dry=True).step.action is Action.RECORD
    assert world.publish(1).record.submitted
    assert len(world.service.delivered) == 2


def test_an_email_that_stopped_when_the_issue_began_otherwise_is_deleted_only_if_nobody_has_it(
    world: World,
) -> None:
    was = world.issues[0] = an_issue(1, "one", "two")
    world.publish(1, Goal.DRAFT)
    held = world.service.held[0]
    held.remote = replace(held.remote, status=Status.STOPPED)
    world.issues[0] = replace(was, articles=(an_article("inserted"), *was.articles))
    with pytest.raises(PartworkError, match="says of it: stopped: if it reached nobody, delete"):
        world.publish(1)


def test_a_draft_that_held_the_next_issue_too_and_was_sent_by_hand_is_not_followed_by_that_one(
    world: World,
) -> None:
    world.issues[0] = an_issue(1, "one", "two")
    world.publish(1, Goal.DRAFT)
    by_hand(world)
    world.issues[:2] = [an_issue(1, "one"), an_issue(2, "two")]
    with pytest.raises(PartworkError, match=r"two\.md:1: issue 1, submitted to weekly"):
        world.publish(2)
    assert len(world.service.held) == 1


def test_a_lost_ledger_is_written_anew_from_what_the_service_says(world: World) -> None:
    world.publish(1)
    world.publish(2)
    world.lose_the_ledger()
    world.publish(3)
    assert len(world.service.delivered) == 3
    with ledger.opened(world.root) as book:
        stages = [one.stage for one in world.desk(book).records().values()]
    assert stages == [Stage.SETTLED] * 3


def test_an_issue_waits_until_the_one_before_it_is_out(world: World) -> None:
    world.service.slow = True
    assert world.publish(1).step.place.name == "GOING"
    waiting = world.publish(2)
    assert waiting.step.action is Action.WAIT
    assert waiting.wait is not None
    assert "weekly is still sending issue 1" in waiting.wait.message
    world.service.tick(world.now)
    world.publish(2)
    assert len(world.service.delivered) == 2


def test_an_issue_does_not_overtake_a_scheduled_one(world: World) -> None:
    world.publish(1, at=START + WEEK)
    assert world.service.delivered == []
    with pytest.raises(PartworkError, match="is scheduled"):
        world.publish(2)
    world.publish(2, at=START + 2 * WEEK)
    world.now = START + 3 * WEEK
    world.service.tick(world.now)
    world.publish(3)
    assert len(world.service.delivered) == 3


def test_a_stopped_issue_holds_the_next_until_a_person_has_decided(world: World) -> None:
    world.service.slow = True
    world.publish(1)
    held = world.service.held[0]
    held.remote = replace(held.remote, status=Status.STOPPED)
    for number in (1, 2):
        with pytest.raises(PartworkError, match="says of it: stopped"):
            world.publish(number)
    with ledger.opened(world.root) as book:
        resolve(book, "weekly", world.issues[0], submitted=True, now=world.now)
    world.publish(2)
    assert len(world.service.delivered) == 2


def test_an_issue_that_was_cancelled_is_handed_over_anew_as_the_messages_say(world: World) -> None:
    world.service.slow = True
    world.publish(1)
    held = world.service.held[0]
    held.remote = replace(held.remote, status=Status.STOPPED)
    with pytest.raises(PartworkError, match="`partwork ledger forget 1 --to weekly` lets it"):
        world.publish(1)
    with ledger.opened(world.root) as book:
        forget(book, "weekly", world.issues, world.issues[0], now=world.now)
    with pytest.raises(PartworkError, match="delete it there to hand it over anew"):
        world.publish(1)
    held.remote = replace(held.remote, key=Key(issue="gone"))
    world.service.delivered.clear()
    world.publish(1)
    assert len(world.service.delivered) == 1


def test_sent_to_nobody_is_not_sent(world: World) -> None:
    world.service.slow = True
    world.publish(1)
    world.service.held[0].sent_to = 0
    world.service.tick(world.now)
    with pytest.raises(PartworkError, match="to 0 of 3 readers"):
        world.publish(2)


def test_what_was_sent_is_called_sent_also_where_the_service_does_not_say_what_became_of_it(
    world: World,
) -> None:
    world.trouble(6, "refused")
    with pytest.raises(ServiceError, match="issue 1: it was submitted to weekly") as caught:
        world.publish(1)
    assert len(world.service.delivered) == 1
    assert world.events()[-1] is Event.SUBMITTED
    [problem] = caught.value.problems
    assert "trouble" in problem.message
    assert "`partwork ledger resolve 1 --to weekly --submitted`" in problem.remedy
    assert "nothing is sent again" in problem.remedy
    world.publish(1)
    assert len(world.service.delivered) == 1


def test_a_refusal_is_written_down_and_tried_again_next_time(world: World) -> None:
    world.trouble(2, "refused")
    with pytest.raises(ServiceError):
        world.publish(1)
    assert world.events() == [Event.DRAFTING, Event.FAILED]
    world.publish(1)
    assert len(world.service.delivered) == 1


@pytest.mark.parametrize("how", ["crash", "lost"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", range(1, 7))
def test_a_lost_answer_never_sends_twice(world: World, call: int, how: str, after: bool) -> None:
    world.trouble(call, how, after=after)
    with pytest.raises((CrashError, UncertainSend)):
        world.publish(1)
    world.publish(1)
    world.publish(2)
    assert world.service.delivered == [one.articles[0].id for one in world.issues[:2]]


class Racing(FakeService):
    """A service at which something else happens just before our first draft is stored."""

    meanwhile: Callable[[], object] | None = None

    def draft(self, email: Email, key: Key, replaces: Remote | None) -> Remote:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return super().draft(email, key, replaces)


@pytest.mark.parametrize("goal", [Goal.DRAFT, Goal.RELEASE])
def test_of_two_publishers_on_two_machines_that_both_store_a_draft_one_sends(
    tmp_path: Path, goal: Goal
) -> None:
    ours, other = World(tmp_path / "ours"), World(tmp_path / "other")
    service = Racing()
    for world in (ours, other):
        world.root.mkdir()
        world.service = service
    service.meanwhile = lambda: other.publish(1, goal)
    ours.publish(1)
    assert len(service.held) == 2
    assert len(service.delivered) == 1
    other.publish(1)
    assert len(service.delivered) == 1


def test_the_foremost_remote_is_the_furthest_and_of_equals_the_oldest() -> None:
    def remote(number: int, status: Status) -> Remote:
        return Remote(id=str(number), key=Key(issue="x"), status=status)

    drafts = [remote(1, Status.DRAFT), remote(2, Status.DRAFT)]
    assert foremost(drafts) == drafts[0]
    for status in (Status.SENT, Status.SENDING, Status.SCHEDULED, Status.STOPPED):
        assert foremost([*drafts, remote(3, status)]) == remote(3, status)
    assert foremost([remote(1, Status.STOPPED), remote(2, Status.SENT)]) == remote(2, Status.SENT)
    assert foremost([]) is None


def test_without_a_key_the_first_of_all_issues_needs_a_persons_word(tmp_path: Path) -> None:
    world = World(tmp_path, can=KEYLESS)
    with pytest.raises(UncertainSend, match="it is new, or the ledger was lost") as caught:
        world.publish(1)
    assert caught.value.exit_code == 3
    with ledger.opened(world.root) as book:
        resolve(book, "weekly", world.issues[0], submitted=False, now=world.now)
    world.publish(1)
    world.publish(2)
    assert len(world.service.delivered) == 2


def test_without_a_key_a_lost_ledger_mails_nothing_again_where_its_message_is_followed(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, can=KEYLESS)
    with ledger.opened(world.root) as book:
        resolve(book, "weekly", world.issues[0], submitted=False, now=world.now)
    world.publish(1)
    world.publish(2)
    world.lose_the_ledger()
    with pytest.raises(UncertainSend, match="which issue was mailed last, and leave out all up to"):
        world.publish(1)
    with ledger.opened(world.root) as book:
        leave_out(book, "weekly", world.issues, world.issues[1], now=world.now)
    world.publish(3)
    assert len(world.service.delivered) == 3


def test_an_issue_that_is_too_late_or_stands_before_what_was_sent_can_be_left_out(
    world: World,
) -> None:
    world.now = START + WEEK
    with pytest.raises(PartworkError, match="or leave it out with `partwork ledger skip 1"):
        world.publish(1, max_lateness=timedelta(hours=1))
    world.publish(1)
    inserted = an_issue(1, "inserted", date=START - WEEK)
    every = [inserted, *world.issues]
    world.issues = [replace(one, number=number) for number, one in enumerate(every, 1)]
    with pytest.raises(PartworkError, match="or leave it out with `partwork ledger skip 1"):
        world.publish(1)
    with ledger.opened(world.root) as book:
        leave_out(book, "weekly", world.issues, world.issues[0], now=world.now)
    world.publish(3)
    assert len(world.service.delivered) == 2


@pytest.mark.parametrize("submitted", [True, False])
def test_without_a_key_a_lost_answer_waits_for_a_persons_word(
    tmp_path: Path, submitted: bool
) -> None:
    world = World(tmp_path, can=KEYLESS)
    with ledger.opened(world.root) as book:
        resolve(book, "weekly", world.issues[0], submitted=False, now=world.now)
    world.trouble(4, "lost", after=submitted)
    with pytest.raises(UncertainSend):
        world.publish(1)
    for number in (1, 2):
        with pytest.raises(UncertainSend, match=r"ledger\.jsonl:2: issue 1: its release was begun"):
            world.publish(number)
    with ledger.opened(world.root) as book:
        resolve(book, "weekly", world.issues[0], submitted=submitted, now=world.now)
    world.publish(1)
    world.publish(2)
    assert world.service.delivered == [one.articles[0].id for one in world.issues[:2]]


def test_what_a_person_says_of_an_issue_is_said_of_it_as_it_went_out(tmp_path: Path) -> None:
    world = World(tmp_path, can=KEYLESS)
    with ledger.opened(world.root) as book:
        resolve(book, "weekly", world.issues[0], submitted=False, now=world.now)
    world.trouble(4, "lost")
    with pytest.raises(UncertainSend):
        world.publish(1)
    was = world.issues[0]
    world.issues[0] = replace(was, articles=(*was.articles, an_article("inserted")))
    with ledger.opened(world.root) as book:
        said = resolve(book, "weekly", world.issues[0], submitted=True, now=world.now)
    assert said.articles == (was.articles[0].id,)


@pytest.mark.parametrize("lost", [False, True])
def test_a_draft_that_was_deleted_is_stored_anew_where_a_person_says_that_nobody_got_it(
    world: World, lost: bool
) -> None:
    if lost:
        world.trouble(5, "lost")
    with suppress(UncertainSend):
        world.publish(1, Goal.RELEASE if lost else Goal.DRAFT)
    world.service.held[0].remote = replace(world.service.held[0].remote, key=Key(issue="gone"))
    with pytest.raises(UncertainSend, match="holds it no longer"):
        world.publish(1)
    with ledger.opened(world.root) as book:
        resolve(book, "weekly", world.issues[0], submitted=False, now=world.now)
    world.publish(1)
    assert len(world.service.delivered) == 1


def test_nobody_can_unsay_a_submission_by_a_retry(world: World) -> None:
    world.publish(1)
    with ledger.opened(world.root) as book, pytest.raises(PartworkError, match="was submitted"):
        resolve(book, "weekly", world.issues[0], submitted=False, now=world.now)


def test_a_clock_that_was_set_back_unsays_nothing(tmp_path: Path) -> None:
    world = World(tmp_path, can=KEYLESS)
    with ledger.opened(world.root) as book:
        resolve(book, "weekly", world.issues[0], submitted=False, now=world.now)
        forget(book, "weekly", world.issues, world.issues[0], now=world.now + WEEK)
        resolve(book, "weekly", world.issues[1], submitted=False, now=world.now)
    for _ in range(2):
        world.publish(1)
    assert len(world.service.delivered) == 1
    with ledger.opened(world.root) as book:
        forget(book, "weekly", world.issues, world.issues[0], now=world.now - WEEK)
        assert world.issues[0].articles[0].id not in world.desk(book).records()


def test_there_is_nothing_to_forget_of_what_was_never_known(world: World) -> None:
    with ledger.opened(world.root) as book, pytest.raises(PartworkError, match="not in the ledger"):
        forget(book, "weekly", world.issues, world.issues[0], now=world.now)


def test_services_do_not_know_of_each_other(world: World) -> None:
    world.publish(1)
    other = FakeService()
    with ledger.opened(world.root) as book:
        desk = replace(world.desk(book), name="other", service=other)
        publish(desk, world.issues[0], world.email(world.issues[0]), Goal.RELEASE)
    assert len(other.delivered) == 1


def due(world: World, mode: str, now: datetime) -> list[tuple[int, Goal, datetime | None]]:
    with ledger.opened(world.root) as book:
        records = world.desk(book).records()
    common = Common(kind="x", mode=mode, ahead=24)  # type: ignore[arg-type]  # one of its modes
    found = order.due(world.issues, records, common, now)
    return [(issue.number, goal, at) for issue, goal, at in found]


def test_what_is_due_is_due_by_the_services_mode(world: World) -> None:
    eve = START - timedelta(hours=20)
    assert due(world, "send", eve) == []
    assert due(world, "send", START) == [(1, Goal.RELEASE, None)]
    assert due(world, "schedule", eve) == [(1, Goal.RELEASE, START)]
    assert due(world, "draft", eve) == [(1, Goal.DRAFT, None)]
    assert due(world, "draft", START - timedelta(hours=25)) == []


def test_what_was_submitted_is_due_only_until_it_is_confirmed(world: World) -> None:
    world.service.slow = True
    world.publish(1)
    assert due(world, "send", START) == [(1, Goal.LOOK, None)]
    world.service.tick(START)
    with ledger.opened(world.root) as book:
        look(world.desk(book), world.issues[0])
    assert due(world, "send", START) == []


@pytest.mark.parametrize(
    ("at", "minutes", "then"),
    [
        ("09:00:00", 15, "09:00"),
        ("09:00:01", 15, "09:15"),
        ("09:07:30", 15, "09:15"),
        ("09:52:00", 15, "10:00"),
        ("09:07:30", 1, "09:08"),
        ("09:07:00", 1, "09:07"),
    ],
)
def test_a_time_is_rounded_up_to_what_a_service_takes(at: str, minutes: int, then: str) -> None:
    moment = datetime.fromisoformat(f"2026-10-06T{at}+00:00")
    assert order.rounded(moment, minutes) == datetime.fromisoformat(f"2026-10-06T{then}+00:00")
    assert order.rounded(None, minutes) is None


def test_an_issue_is_not_scheduled_behind_a_later_one_that_the_ledger_lost(world: World) -> None:
    first, second, third = world.issues
    world.publish(1)
    world.publish(2, at=second.date)
    world.lose_the_ledger()
    inserted = an_issue(2, "inserted", date=second.date - timedelta(minutes=1))
    world.issues = [first, inserted, replace(second, number=3), replace(third, number=4)]
    with pytest.raises(PartworkError, match="issue 3 after it went"):
        world.publish(2, at=second.date + timedelta(days=1))
    assert len(world.service.held) == 2


HOW = st.sampled_from(["crash", "lost", "refused"])


class Publishing(RuleBasedStateMachine):
    """Whatever happens: never twice, never out of order, nothing left out unsaid."""

    keyed = True

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.world = World(self.folder, can=CAN if self.keyed else KEYLESS)
        self.snapshots: list[bytes] = []
        self.blocked = False
        self.inserted = 0
        if not self.keyed:
            with ledger.opened(self.folder) as book:
                resolve(book, "weekly", self.world.issues[0], submitted=False, now=START)

    def teardown(self) -> None:
        if not hasattr(self, "folder"):
            return
        try:
            self.everything_goes_out_in_the_end()
        finally:
            shutil.rmtree(self.folder)

    def attempt(self, number: int, goal: Goal, **more: Any) -> None:
        number = min(number, len(self.world.issues))
        self.world.now += timedelta(minutes=1)
        if goal is Goal.RELEASE:  # none is asked for before its date (`mailing`, too-early)
            date = self.world.issues[number - 1].date
            if "at" in more:
                more["at"] = max(more["at"], date)
            elif self.world.now < date:
                self.world.now = date
                self.world.service.tick(date)
        before = set(self.world.service.delivered)
        with suppress(CrashError, PartworkError):
            self.world.publish(number, goal, **more)
        self.world.service.strike(Trouble(0, "crash", after=False))
        for ident in set(self.world.service.delivered) - before:
            at = next(i for i, one in enumerate(self.world.issues) if order.ident(one) == ident)
            earlier = {order.ident(one) for one in self.world.issues[:at]}
            assert earlier <= before, "an issue was sent before one that precedes it"

    @rule(number=st.integers(1, 5))
    def release(self, number: int) -> None:
        self.attempt(number, Goal.RELEASE)

    @rule(
        number=st.integers(1, 5),
        goal=st.sampled_from([Goal.RELEASE, Goal.DRAFT, Goal.TEST]),
        call=st.integers(1, 8),
        how=HOW,
        after=st.booleans(),
    )
    def in_trouble(self, number: int, goal: Goal, call: int, how: str, after: bool) -> None:
        self.world.trouble(call, how, after=after)
        self.attempt(number, goal, test_to=["me@example.net"])

    @precondition(lambda self: self.keyed)
    @rule(number=st.integers(1, 5), days=st.integers(0, 3))
    def schedule(self, number: int, days: int) -> None:
        self.attempt(number, Goal.RELEASE, at=self.world.now + timedelta(days=days))

    @rule(days=st.integers(0, 4))
    def wait(self, days: int) -> None:
        self.world.now += timedelta(days=days)
        self.world.service.tick(self.world.now)

    @rule(number=st.integers(1, 5), word=st.sampled_from(["a", "b", "c"]))
    def edit(self, number: int, word: str) -> None:
        if number <= len(self.world.issues):
            self.world.edits[order.ident(self.world.issues[number - 1])] = word

    @precondition(lambda self: self.inserted < 2)
    @rule(number=st.integers(1, 4))
    def insert(self, number: int) -> None:
        """An article dated before others makes an issue of its own, and all later numbers move."""
        self.inserted += 1
        at = min(number, len(self.world.issues)) - 1
        date = self.world.issues[at].date - timedelta(minutes=1)
        new = an_issue(number, f"inserted-{self.inserted}", date=date)
        every = [*self.world.issues[:at], new, *self.world.issues[at:]]
        self.world.issues = [replace(one, number=n) for n, one in enumerate(every, 1)]

    @rule(slow=st.booleans())
    def the_service_gets_slow_or_quick(self, slow: bool) -> None:
        self.world.service.slow = slow

    @rule()
    def commit(self) -> None:
        if (self.folder / ledger.FILE).exists():
            self.snapshots.append((self.folder / ledger.FILE).read_bytes())

    @rule(which=st.integers(0, 5), here=st.booleans())
    def roll_back(self, which: int, here: bool) -> None:
        """To an older commit; `here` keeps this machine's own copy."""
        if which < len(self.snapshots) and (here or self.keyed):
            (self.folder / ledger.FILE).write_bytes(self.snapshots[which])
            if not here:
                shutil.rmtree(self.folder / ledger.LOCAL, ignore_errors=True)

    @rule()
    def lose_the_ledger(self) -> None:
        if self.keyed:
            self.world.lose_the_ledger()

    @invariant()
    def nothing_twice(self) -> None:
        if hasattr(self, "world"):
            delivered = self.world.service.delivered
            assert len(delivered) == len(set(delivered))

    def everything_goes_out_in_the_end(self) -> None:
        """In peace, unless something was put in before what readers already have."""
        world = self.world
        world.service.slow = False
        world.now += 60 * WEEK
        world.service.tick(world.now)
        sent = [order.ident(one) in world.service.delivered for one in world.issues]
        if sent != sorted(sent, reverse=True):
            return
        for number in range(1, len(world.issues) + 1):
            world.now += timedelta(minutes=1)
            try:
                world.publish(number)
            except UncertainSend:
                assert not self.keyed
                return
        assert world.service.delivered == [order.ident(one) for one in world.issues]


class Rearranging(Publishing):
    """The same while articles change places, and a person sends drafts by hand.

    The ledger is there: what a mail held that was rearranged since, no service tells.
    """

    lose_the_ledger = roll_back = commit = edit = insert = schedule = wait = None  # type: ignore[assignment]  # no such rules here

    @initialize()
    def begin(self) -> None:
        super().begin()
        self.world.issues = [an_issue(n, f"{n}-a", f"{n}-b") for n in (1, 2, 3)]

    def attempt(self, number: int, goal: Goal, **more: Any) -> None:
        with suppress(CrashError, PartworkError):
            number = min(number, len(self.world.issues))
            self.world.publish(number, goal, **more)
        self.world.service.strike(Trouble(0, "crash", after=False))

    @rule(number=st.integers(1, 3))
    def leave_a_gap(self, number: int) -> None:
        self.attempt(number, Goal.RELEASE, allow_gap=True)

    @rule(number=st.integers(1, 3))
    def store(self, number: int) -> None:
        self.attempt(number, Goal.DRAFT)

    @rule(which=st.integers(0, 9))
    def send_by_hand(self, which: int) -> None:
        drafts = [one for one in self.world.service.held if one.remote.status is Status.DRAFT]
        if which < len(drafts):
            self.world.service.deliver(drafts[which])

    @precondition(lambda self: self.inserted < 4)
    @rule(number=st.integers(1, 3), at=st.integers(0, 2))
    def put_in(self, number: int, at: int) -> None:
        self.inserted += 1
        new = an_article(f"put-in-{self.inserted}")
        self.rearrange(number, lambda has: (*has[:at], new, *has[at:]))

    @rule(number=st.integers(1, 3), order=st.permutations(range(3)))
    def turn_round(self, number: int, order: list[int]) -> None:
        self.rearrange(number, lambda has: tuple(has[at] for at in order if at < len(has)))

    @rule(number=st.integers(1, 3), to=st.integers(1, 3), last=st.booleans())
    def move(self, number: int, to: int, last: bool) -> None:
        has = self.world.issues[min(number, len(self.world.issues)) - 1].articles
        if number == to or len(has) < 2:
            return
        moved = has[-1] if last else has[0]
        self.rearrange(number, lambda has: tuple(one for one in has if one is not moved))
        self.rearrange(to, lambda has: (moved, *has))

    def rearrange(self, number: int, change: Callable[[Any], Any]) -> None:
        at = min(number, len(self.world.issues)) - 1
        was = self.world.issues[at]
        if articles := change(was.articles):
            self.world.issues[at] = replace(was, articles=articles)

    @invariant()
    def nothing_twice(self) -> None:
        if hasattr(self, "world"):
            reached = self.world.service.reached
            assert len(reached) == len(set(reached)), reached

    def everything_goes_out_in_the_end(self) -> None:
        """It need not: what was rearranged stops for a person."""


class PublishingWithoutAKey(Publishing):
    """The same where the service can't be asked: a person may be, but nothing comes twice."""

    keyed = False


OFTEN = settings(
    max_examples=150,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestPublishing = Publishing.TestCase
TestPublishing.settings = OFTEN
TestRearranging = Rearranging.TestCase
TestRearranging.settings = OFTEN
TestPublishingWithoutAKey = PublishingWithoutAKey.TestCase
TestPublishingWithoutAKey.settings = OFTEN
