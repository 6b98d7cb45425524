from __future__ import annotations

import string
from dataclasses import replace
from datetime import timedelta

import pytest
from samples import WEEK, an_issue

from pipeline.ledger.entries import Entry, Event
from pipeline.ledger.records import Record, Stage
from pipeline.publish.explain import EXPLAIN, spoken
from pipeline.publish.places import ENDS, LEADS_TO, TABLE, WRITES, Action, Goal, Place, drawing
from pipeline.publish.steps import (
    GUARDS,
    Others,
    Said,
    Seen,
    Step,
    Wanted,
    next_step,
    place,
)
from pipeline.services import Capabilities, Key, Remote, Report, Status

ISSUE = an_issue(3)
KEY = Key(issue="partwork-0123456789abcdef", content="c" * 16)
CAN = Capabilities(title="Fake", verified="", rests_on="")
KEYLESS = replace(CAN, keyed=False, drafts=False)
NOW = ISSUE.date + timedelta(minutes=5)
DRAFT = Remote(id="7", key=KEY, status=Status.DRAFT)
ALONE = Others()
INTENT = Entry(at=NOW, event=Event.SUBMITTING, issue=ISSUE.articles[0].id, line=9)


def wanted(goal: Goal = Goal.RELEASE, **more: object) -> Wanted:
    return Wanted(issue=ISSUE, key=KEY, goal=goal, **more)  # type: ignore[arg-type]  # test data by name


def said(stage: Stage = Stage.UNKNOWN, **more: object) -> Said:
    record = {one: more.pop(one) for one in ("open", "remote", "content") if one in more}
    return Said(record=Record(issue=ISSUE.articles[0].id, stage=stage, **record), **more)  # type: ignore[arg-type]  # test data by name


def saw(status: Status = Status.DRAFT, content: str = KEY.content, **more: object) -> Seen:
    remote = replace(DRAFT, status=status, key=replace(KEY, content=content))
    return Seen(looked=True, remote=remote, **more)  # type: ignore[arg-type]  # test data by name


@pytest.mark.parametrize(
    ("said", "seen", "can", "here"),
    [
        (said(), Seen(), CAN, Place.UNSEEN),
        (said(Stage.DRAFTED, remote="7"), Seen(), CAN, Place.UNSEEN),
        (said(), Seen(looked=True), CAN, Place.ABSENT),
        (said(Stage.DRAFTED, remote="7"), Seen(looked=True), CAN, Place.LOST),
        (said(open=(INTENT,)), Seen(looked=True), CAN, Place.LOST),
        (said(open=(INTENT,)), saw(), CAN, Place.STORED),
        (said(), saw(), CAN, Place.STORED),
        (said(), saw(content="older"), CAN, Place.OUTDATED),
        (said(), saw(content=""), CAN, Place.OUTDATED),
        (said(), saw(differences=()), CAN, Place.FAITHFUL),
        (said(), saw(differences=(), tested=True), CAN, Place.TESTED),
        (said(), saw(differences=("x",)), CAN, Place.DIFFERENT),
        (said(), saw(differences=("x",), drafted=True), CAN, Place.MANGLED),
        (said(), saw(Status.SENT), CAN, Place.TAKEN),
        (said(), saw(Status.SENDING, content="older"), CAN, Place.TAKEN),
        (said(), saw(Status.SCHEDULED), CAN, Place.TAKEN),
        (said(), saw(Status.STOPPED), CAN, Place.STOPPED),
        (said(Stage.SUBMITTED), Seen(), CAN, Place.SUBMITTED),
        (said(Stage.SUBMITTED), Seen(report=Report(status=Status.SENDING)), CAN, Place.GOING),
        (said(Stage.SUBMITTED), Seen(report=Report(status=Status.SCHEDULED)), CAN, Place.GOING),
        (said(Stage.SUBMITTED), Seen(report=Report(status=Status.STOPPED)), CAN, Place.FAILED),
        (said(Stage.SUBMITTED), Seen(report=Report(status=Status.DRAFT)), CAN, Place.FAILED),
        (
            said(Stage.SUBMITTED),
            Seen(report=Report(status=Status.SENT, recipients=4, sent=0)),
            CAN,
            Place.FAILED,
        ),
        (said(Stage.SETTLED), Seen(), CAN, Place.SETTLED),
        (said(Stage.SKIPPED), Seen(), CAN, Place.SKIPPED),
        (said(open=(INTENT,)), Seen(), KEYLESS, Place.UNDECIDED),
        (said(known=False), Seen(), KEYLESS, Place.UNDECIDED),
        (said(known=False), Seen(), CAN, Place.UNSEEN),
        (said(), Seen(looked=True), KEYLESS, Place.ABSENT),
        (said(Stage.SETTLED, open=(INTENT,)), Seen(), KEYLESS, Place.SETTLED),
    ],
)
def test_where_an_issue_stands(said: Said, seen: Seen, can: Capabilities, here: Place) -> None:
    assert place(said, seen, wanted(), can) is here


def test_the_table_has_an_action_for_every_place_and_goal() -> None:
    assert TABLE.keys() == set(Place)
    assert all(row.keys() == set(Goal) for row in TABLE.values())


def test_looking_changes_nothing_anywhere() -> None:
    assert {row[Goal.LOOK] for row in TABLE.values()}.isdisjoint(WRITES)


def test_a_draft_and_a_test_never_release() -> None:
    rows = [TABLE[here] for here in Place]
    assert all(row[goal] is not Action.RELEASE for row in rows for goal in (Goal.DRAFT, Goal.TEST))


def test_nothing_is_released_that_was_not_read_back_in_the_same_run() -> None:
    releases = {here for here in Place if TABLE[here][Goal.RELEASE] is Action.RELEASE}
    leading = {action for action, places in LEADS_TO.items() if releases & set(places)}
    assert leading == {Action.COMPARE, Action.TEST}
    assert releases.isdisjoint({Place.STORED, Place.UNSEEN, Place.DIFFERENT, Place.MANGLED})


def test_every_action_that_goes_on_leads_somewhere() -> None:
    assert LEADS_TO.keys() == set(Action) - ENDS


def test_every_place_that_ends_a_run_says_what_to_do() -> None:
    ending = {here for here in Place if {*TABLE[here].values()} & {Action.STOP, Action.ASK}}
    assert EXPLAIN.keys() == ending
    for here in ending:
        step = Step(action=Action.ASK, place=here)
        problem = spoken("weekly", "Fake", wanted(), step, said(open=(INTENT,)), Seen())
        assert "{" not in str(problem)
        assert problem.remedy
    for guard in GUARDS:
        step = Step(action=guard.action, place=Place.UNSEEN, guard=guard)
        problem = spoken("weekly", "Fake", wanted(), step, said(), Seen())
        assert problem.rule == guard.rule
        assert string.Formatter().parse(guard.message)


def test_an_open_release_is_shown_where_it_stands_in_the_ledger() -> None:
    step = Step(action=Action.ASK, place=Place.UNDECIDED)
    problem = spoken("weekly", "SMTP", wanted(), step, said(open=(INTENT,)), Seen())
    assert (problem.path, problem.line) == ("ledger.jsonl", 9)


def blocked(others: Others = ALONE, can: Capabilities = CAN, **more: object) -> str:
    """The rule that stops a release that is ready to go."""
    step = next_step(said(others=others), saw(differences=()), wanted(**more), can, NOW)
    assert (step.guard is None) == (step.action is Action.RELEASE)
    return step.guard.rule if step.guard else ""


def test_an_issue_waits_for_every_earlier_one() -> None:
    assert blocked(Others(missing=(1, 2))) == "order-gap"
    assert blocked(Others(missing=(1, 2)), allow_gap=True) == ""


def test_an_issue_does_not_follow_one_that_comes_after_it() -> None:
    assert blocked(Others(later=(4,))) == "order-later"
    assert blocked(Others(later=(4,)), allow_gap=True) == ""


def test_an_issue_does_not_overtake_one_that_is_scheduled() -> None:
    assert blocked(Others(latest=NOW + WEEK)) == "order-scheduled"
    assert blocked(Others(latest=NOW + WEEK), at=NOW + WEEK) == "order-scheduled"
    assert blocked(Others(latest=NOW + WEEK), at=NOW + 2 * WEEK) == ""


def test_an_issue_waits_while_an_earlier_one_is_going_out() -> None:
    seen = saw(differences=())
    step = next_step(said(others=Others(going=(2,))), seen, wanted(), CAN, NOW)
    assert (step.action, step.rule) == (Action.WAIT, "order-going")


def test_a_stale_issue_is_not_sent_unasked() -> None:
    hour = timedelta(hours=1)
    assert blocked(max_lateness=timedelta(0)) == "too-late"
    assert blocked(max_lateness=hour) == ""
    assert blocked(at=NOW - 2 * hour, max_lateness=hour) == "too-late"
    assert blocked(max_lateness=None) == ""


def test_a_service_that_cannot_schedule_says_so() -> None:
    at_once = replace(CAN, schedules=False)
    assert blocked(at=NOW + WEEK, can=at_once) == "no-schedule"
    assert blocked(at=NOW - timedelta(minutes=1), can=at_once) == ""


def test_what_stops_a_release_stops_it_before_anything_is_stored() -> None:
    gap = said(others=Others(missing=(1,)))
    step = next_step(gap, Seen(looked=True), wanted(), CAN, NOW)
    assert (step.action, step.rule) == (Action.STOP, "order-gap")
    assert next_step(gap, Seen(looked=True), wanted(Goal.DRAFT), CAN, NOW).action is Action.DRAFT


def test_what_the_service_already_sent_is_written_down_however_late() -> None:
    late = wanted(max_lateness=timedelta(0))
    step = next_step(said(others=Others(missing=(1,))), saw(Status.SENT), late, CAN, NOW + WEEK)
    assert step.action is Action.RECORD


def test_a_time_that_has_come_means_now() -> None:
    ready = saw(differences=())
    assert next_step(said(), ready, wanted(at=NOW), CAN, NOW).at is None
    assert next_step(said(), ready, wanted(at=NOW + WEEK), CAN, NOW).at == NOW + WEEK


def test_the_drawing_shows_every_place_and_where_it_leads() -> None:
    lines = drawing(Goal.RELEASE).splitlines()
    assert "    FAITHFUL --> SUBMITTED: release" in lines
    assert "    LOST --> [*]: ask" in lines
    assert {line.split()[0] for line in lines[2:]} == {here.name for here in Place}


@pytest.mark.parametrize(
    ("numbers", "said_so"),
    [((4,), "issue 4"), ((1, 2, 3), "issues 1 to 3"), ((1, 3), "issues 1, 3")],
)
def test_missing_issues_are_named_briefly(numbers: tuple[int, ...], said_so: str) -> None:
    guard = next(one for one in GUARDS if one.rule == "order-gap")
    step = Step(action=guard.action, place=Place.ABSENT, guard=guard)
    known = said(others=Others(missing=numbers))
    problem = spoken("weekly", "Fake", wanted(), step, known, Seen())
    assert problem.message == f"issue 3: {said_so} before it did not reach weekly"
