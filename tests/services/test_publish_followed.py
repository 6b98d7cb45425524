"""A person who does, word for word, what the messages of `publish` say: each leads on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from fake_service import Held
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from samples import START, WEEK, an_article
from test_publish import Rearranging

from pipeline import ledger
from pipeline.articles import Article
from pipeline.errors import PartworkError, Problem
from pipeline.ledger.entries import Event
from pipeline.ledger.records import Record, records
from pipeline.publish import order
from pipeline.publish.decisions import forget, leave_out, resolve
from pipeline.publish.places import Action, Goal
from pipeline.services import Status, key_of

ROUNDS = 15
"""More messages than it takes to bring out what these newsletters hold."""


class Following(Rearranging):
    """In the end every article was mailed once, or is left out as a person said or is told."""

    # What else people do to articles and at the service.

    @rule(number=st.integers(1, 3), at=st.integers(0, 2))
    def delete_an_article(self, number: int, at: int) -> None:
        self.rearrange(number, lambda has: has[:at] + has[at + 1 :])

    @rule(which=st.integers(0, 9), what=st.sampled_from(["delete", "change", "cancel"]))
    def spoil_a_draft(self, which: int, what: str) -> None:
        drafts = [one for one in self.world.service.held if one.remote.status is Status.DRAFT]
        for held in drafts[which : which + 1]:
            if what == "delete":
                self.delete(held)
            elif what == "change":
                held.email = replace(held.email, preheader="by hand")
            else:
                held.remote = replace(held.remote, status=Status.STOPPED)

    @rule(which=st.integers(0, 2))
    def take_back_a_schedule(self, which: int) -> None:
        held = self.world.service.held
        waiting = [one for one in held if one.remote.status is Status.SCHEDULED]
        for one in waiting[which : which + 1]:
            one.remote = replace(one.remote, status=Status.DRAFT, at=None)

    @rule(number=st.integers(1, 3))
    def skip(self, number: int) -> None:
        self.say(f"ledger skip {min(number, len(self.world.issues))} --to weekly")

    @precondition(lambda self: self.keyed)
    @rule(number=st.integers(1, 3), days=st.integers(1, 9))
    def plan(self, number: int, days: int) -> None:
        number = min(number, len(self.world.issues))
        at = max(self.world.now, self.world.issues[number - 1].date) + timedelta(days=days)
        self.attempt(number, Goal.RELEASE, at=at)

    @rule(days=st.integers(1, 9))
    def days_pass(self, days: int) -> None:
        self.world.now += timedelta(days=days)
        self.world.service.tick(self.world.now)

    @rule(number=st.integers(1, 3))
    def follow_once(self, number: int) -> None:
        self.bring(number, rounds=1)

    # The person.

    def everything_goes_out_in_the_end(self) -> None:
        self.world.service.slow = False
        self.days_pass(60 * 7)
        for _ in range(2):  # what is put off becomes an issue of its own
            number = 1
            while number <= len(self.world.issues):
                self.bring(number)
                number += 1
        entries = ledger.read(self.folder)
        known = records(entries, "weekly")
        named = {one.path for one in order.frozen(self.world.issues, known, "weekly")}
        skipped = {id_ for one in entries if one.event is Event.SKIPPED for id_ in one.articles}
        for issue in self.world.issues:
            assert known[order.ident(issue)].passed
            for article in issue.articles:
                out = article.source.slug in self.world.service.reached
                told = article.id in skipped or article.source.path in named
                assert out or told, f"{article.id} was left out unsaid"

    def bring(self, number: int, rounds: int = ROUNDS) -> None:
        """Publish an issue, doing what each message says, until it is out or left out."""
        told: list[str] = []
        while number <= len(self.world.issues) and len(told) < rounds:
            self.world.now += timedelta(minutes=1)
            self.world.now = max(self.world.now, self.world.issues[number - 1].date)
            self.world.service.tick(self.world.now)
            try:
                outcome = self.world.publish(number)
            except PartworkError as error:
                problem = next(one for one in error.problems if one.severity == "error")
                told.append(str(problem))
                if problem.rule == "skipped":
                    return
                self.follow(problem)
            else:
                if outcome.step.action is not Action.WAIT:
                    return
                told.append("waits")
                self.days_pass(7)
        assert number > len(self.world.issues) or rounds == 1, "\n".join(["no way out:", *told])

    def follow(self, problem: Problem) -> None:
        """Do what a message says, by what is true of the service."""
        message, remedy = problem.message, problem.remedy
        commands: list[str] = re.findall(r"`partwork ([^`]*)`", remedy)
        stray = re.search(r"began with the article (\S+), which is not", message)
        if problem.rule == "order-gap":
            self.bring(int(re.findall(r"issues? (\d+)", message)[1]), rounds=1)
        elif problem.rule == "order-scheduled":
            self.days_pass(14)
        elif problem.rule == "draft-stray" and stray:
            if self.mailed(stray[1]):
                self.put_back(self.known()[stray[1]].articles)
            else:
                self.delete_all(stray[1])
                self.say(*commands)
        elif problem.rule == "draft-outdated" and not commands:
            [number] = re.findall(r"draft of issue (\d+)", message)
            self.delete_all(order.ident(self.world.issues[int(number) - 1]))
        elif problem.rule == "submitted-frozen" and "later date" in remedy:
            self.put_off(problem)
        elif problem.rule == "submitted-frozen" and not commands:
            [number] = re.findall(r"issue (\d+), (?:submitted|which)", message)
            self.put_back(next(o.articles for o in self.handed() if o.number == int(number)))
        elif sum("--submitted" in one for one in commands) and len(commands) == 2:
            submitted = next(one for one in commands if "--submitted" in one)
            ident = order.ident(self.world.issues[int(submitted.split()[2]) - 1])
            self.say(*(one for one in commands if ("--submitted" in one) == self.mailed(ident)))
        elif problem.rule == "stopped":
            ident = order.ident(self.world.issues[int(commands[0].split()[2]) - 1])
            if self.mailed(ident):
                self.say(*commands)
            else:
                self.delete_all(ident)
        else:
            assert commands, f"what is one to do? {problem}"
            self.say(commands[-1])

    def say(self, *commands: str) -> None:
        """Type commands, each with what it leads to."""
        for command in commands:
            what, number, *rest = command.removeprefix("ledger ").split()
            issues, issue = self.world.issues, self.world.issues[int(number) - 1]
            try:
                if what == "publish":
                    self.world.publish(
                        int(number), Goal.DRAFT if "--draft" in rest else Goal.RELEASE
                    )
                    continue
                with ledger.opened(self.folder) as book:
                    if what == "skip":
                        leave_out(book, "weekly", issues, issue, now=self.world.now)
                    elif what == "forget":
                        forget(book, "weekly", issues, issue, now=self.world.now)
                    else:
                        done = "--submitted" in rest
                        resolve(book, "weekly", issue, submitted=done, now=self.world.now)
            except PartworkError as error:
                if what == "publish":
                    self.follow(next(one for one in error.problems if one.severity == "error"))
                elif what != "skip":  # an issue may be left out that is out already
                    raise

    def delete(self, held: Held) -> None:
        held.remote = replace(held.remote, key=replace(held.remote.key, issue="gone"))

    def delete_all(self, ident: str) -> None:
        """Delete what the service holds of an issue that began with this article."""
        key = key_of(self.world.newsletter, ident).issue
        for held in self.world.service.held:
            if held.remote.key.issue == key:
                self.delete(held)

    def mailed(self, ident: str) -> bool:
        """Whether readers have the issue that began with this article."""
        held = self.world.service.held
        return any(one.sent_to and one.email.issue.articles[0].id == ident for one in held)

    def known(self) -> dict[str, Record]:
        return records(ledger.read(self.folder), "weekly")

    def handed(self) -> list[Record]:
        return [one for one in self.known().values() if one.submitted or one.releasing]

    def put_off(self, problem: Problem) -> None:
        """Date what is new in an issue that was sent after all others."""
        had = {article for one in self.handed() for article in one.articles}
        every = [one for issue in self.world.issues for one in issue.articles]
        if number := re.search(r"new in issue (\d+)", problem.remedy):
            here = self.world.issues[int(number[1]) - 1].articles
            new = [one for one in here if one.id not in had]
        else:
            new = [one for one in every if one.source.path == problem.path]
        kept = [[one for one in i.articles if one not in new] for i in self.world.issues]
        self.arrange([*kept, new])

    def put_back(self, articles: Sequence[str]) -> None:
        """Make these an issue again, where the first of them stands now."""
        issues = self.world.issues
        here = [n for n, i in enumerate(issues) if {one.id for one in i.articles} & {*articles}]
        groups = [[one for one in i.articles if one.id not in articles] for i in issues]
        groups.insert(
            min(here, default=0), [an_article(one.rpartition(":")[2]) for one in articles]
        )
        self.arrange(groups)

    def arrange(self, groups: Sequence[Sequence[Article]]) -> None:
        issue: Any = self.world.issues[0]
        self.world.issues = [
            replace(issue, number=n, date=START + (n - 1) * WEEK, articles=tuple(has))
            for n, has in enumerate((one for one in groups if one), 1)
        ]


class FollowingWithoutAKey(Following):
    """The same where the service can't be asked."""

    keyed = False


OFTEN = settings(
    max_examples=100,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestFollowing = Following.TestCase
TestFollowing.settings = OFTEN
TestFollowingWithoutAKey = FollowingWithoutAKey.TestCase
TestFollowingWithoutAKey.settings = OFTEN
