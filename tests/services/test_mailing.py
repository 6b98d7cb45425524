from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fake_listmonk import TOKEN, FakeListmonk
from fakes import Accident, served
from folders import SENDER, SETTINGS, article, write
from outlet import LISTMONK
from server import free_port

from pipeline import checks, ledger, newsletter, plan, status
from pipeline.errors import PartworkError, UncertainSend
from pipeline.ledger.records import Stage, records
from pipeline.mailing import Asked, Front, Result, due, facts, one, said
from pipeline.publish.places import Goal

FIRST = datetime(2026, 10, 6, 8, 0, tzinfo=UTC)
"""The first slot of `SETTINGS`; the others follow week by week."""
WEEK = timedelta(weeks=1)
NAMES = ("one", "two", "three")


def part(number: int, title: str = "", body: str = "Text.\n") -> dict[str, str]:
    """A part with the date of its slot."""
    name = NAMES[number - 1]
    date = (FIRST + (number - 1) * WEEK).isoformat()
    fields = {"id": f"tag:northgate.example,2026:{name}", "date": date}
    return {f"articles/{number:02}-{name}.md": article(title or f"Part {name}", body, **fields)}


def parts(count: int = 3) -> dict[str, str]:
    return {path: content for at in range(count) for path, content in part(at + 1).items()}


class Office:
    """A newsletter of three issues, its service `weekly` at a fake, and a clock to be set."""

    def __init__(self, root: Path, fake: FakeListmonk) -> None:
        self.root = root
        self.fake = fake
        self.now = FIRST + timedelta(minutes=5)
        self.permit: Callable[[Asked], bool] | None = None
        self.set_up('mode = "send"')

    def set_up(self, more: str = "", *others: str) -> None:
        weekly = LISTMONK.format(name="weekly", url=self.fake.url, more=more)
        self.write({"newsletter.toml": "\n".join([SETTINGS, SENDER, *others, weekly])})

    def write(self, files: dict[str, str]) -> None:
        write(self.root, {"newsletter.toml": self._settings()} | files)

    def _settings(self) -> str:
        path = self.root / "newsletter.toml"
        return path.read_text(encoding="utf-8") if path.exists() else SETTINGS

    def front(self, *, dry: bool = False) -> Front:
        self.fake.now = self.now
        environ = {"LISTMONK_TOKEN": TOKEN, "WRONG": "word"}
        return Front(environ=environ, clock=lambda: self.now, permit=self.permit, dry=dry)

    def due(self, *, dry: bool = False) -> Result:
        return due(newsletter.load(self.root), self.front(dry=dry))

    def one(self, which: str = "next", goal: Goal = Goal.RELEASE, **how: object) -> Result:
        return one(newsletter.load(self.root), self.front(), which, "", goal, **how)  # type: ignore[arg-type]  # by name

    def stages(self) -> list[Stage]:
        known = records(ledger.read(self.root), "weekly").values()
        return [one.stage for one in sorted(known, key=lambda one: one.number)]

    def about(self, issue: str, to: str = "weekly") -> said.About:
        outlet = newsletter.load(self.root)
        return said.About(newsletter=outlet, issue=issue, to=to, now=self.now)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with served(FakeListmonk) as fake:
        made = Office(tmp_path, fake)
        made.write(parts())
        yield made


def wrong(result: Result) -> list[tuple[str, str]]:
    return [(one.rule, one.severity) for one in result.problems]


# What is due.


def test_what_is_due_is_sent_once_however_often_it_is_asked(office: Office) -> None:
    first = office.due()
    assert first.exit_code == 0
    assert [one.wrote for one in first.done] == [True]
    assert office.fake.order() == ["Part one"]
    asked = len(office.fake.requests)
    again = office.due()
    assert again == Result(done=())
    assert len(office.fake.requests) == asked, "and the service is not even asked"
    office.now += WEEK
    office.due()
    assert office.fake.order() == ["Part one", "Part two"]
    assert set(office.fake.copies().values()) == {1}


def test_before_the_first_slot_nothing_is_asked_and_nothing_written(office: Office) -> None:
    office.now = FIRST - timedelta(seconds=1)
    assert office.due() == Result(done=())
    assert office.fake.requests == []
    assert not (office.root / ledger.LOCAL).exists()


def test_a_run_that_comes_late_within_bounds_still_sends(office: Office) -> None:
    office.now = FIRST + timedelta(hours=23)
    assert office.due().exit_code == 0
    assert office.fake.order() == ["Part one"]


@pytest.mark.parametrize("mode", ["send", "schedule", "draft"])
def test_a_run_that_comes_far_too_late_sends_nothing_and_says_so(office: Office, mode: str) -> None:
    office.set_up(f'mode = "{mode}"')
    office.now = FIRST + timedelta(hours=25)
    result = office.due()
    assert result.exit_code == 1
    assert wrong(result) == [("too-late", "error")]
    assert "it was due on 2026-10-06" in str(result.problems[0])
    assert office.fake.deliveries == []
    assert mode != "draft" or office.fake.campaigns == {}


def test_a_newsletter_begins_at_a_service_after_the_issues_that_are_left_out(
    office: Office,
) -> None:
    office.now = FIRST + 2 * WEEK
    with pytest.raises(PartworkError, match="there is no issue 9"):
        said.skip(office.about("9"))
    assert len(said.skip(office.about("2"))) == 2
    assert office.due().exit_code == 0
    assert office.fake.order() == ["Part three"]
    with pytest.raises(PartworkError, match="there is nothing to leave out"):
        said.skip(office.about("3"))
    assert office.stages() == [Stage.SKIPPED, Stage.SKIPPED, Stage.SETTLED]


def test_what_may_have_been_sent_is_not_left_out_by_mistake(office: Office) -> None:
    office.fake.strike(Accident(3, "after", "lost"))
    assert office.due().exit_code == 3
    with pytest.raises(PartworkError, match="may have been sent by weekly"):
        said.skip(office.about("2"))


def test_a_schedule_is_handed_over_ahead_of_its_time_and_then_confirmed(office: Office) -> None:
    office.set_up('mode = "schedule"\nahead = 24')
    office.now = FIRST - timedelta(hours=25)
    assert office.due() == Result(done=())
    office.now += timedelta(hours=2)
    assert office.due().exit_code == 0
    assert office.fake.deliveries == []
    assert office.stages() == [Stage.SUBMITTED]
    office.fake.tick(FIRST)
    office.now = FIRST + timedelta(minutes=1)
    assert [one.wrote for one in office.due().done] == [True]
    assert office.stages() == [Stage.SETTLED]
    assert office.fake.order() == ["Part one"]


def test_a_draft_is_stored_once_and_what_a_person_does_with_it_there_stays(office: Office) -> None:
    office.set_up('mode = "draft"')
    office.due()
    office.due()
    (campaign,) = office.fake.campaigns.values()
    campaign["subject"] = "by hand"
    assert office.due().exit_code == 0
    assert campaign["subject"] == "by hand"
    office.write(part(1, "Part one, corrected"))
    assert office.due().exit_code == 0
    assert campaign["subject"] == "Part one, corrected"
    office.fake.finish(next(iter(office.fake.campaigns)))
    office.due()
    assert office.stages() == [Stage.SETTLED], "a person sent it there, and the ledger knows"


def test_a_service_in_trouble_stops_no_other_and_the_worst_exit_code_wins(office: Office) -> None:
    closed = LISTMONK.format(
        name="closed", url=f"{office.fake.url}/closed", more='mode = "send"\ntoken_env = "WRONG"'
    )
    office.set_up('mode = "send"', closed)
    result = office.due()
    assert result.exit_code == 1
    assert [one.message.partition(":")[0] for one in result.problems] == ["closed"]
    assert office.fake.order() == ["Part one"]
    office.now += WEEK
    office.fake.strike(Accident(2, "after", "lost"))
    result = office.due()
    assert result.exit_code == 3
    assert len(result.problems) == 2
    office.fake.strike(None)
    assert office.due().exit_code == 1
    assert office.fake.order() == ["Part one", "Part two"]
    assert set(office.fake.copies().values()) == {1}


def test_the_next_issue_waits_for_one_that_is_still_being_sent(office: Office) -> None:
    office.fake.slow = True
    assert office.due().exit_code == 0
    office.now += WEEK
    result = office.due()
    assert result.exit_code == 0
    assert wrong(result) == [("order-going", "warning")]
    office.fake.finish(next(iter(office.fake.campaigns)))
    office.fake.slow = False
    assert wrong(office.due()) == []
    assert office.fake.order() == ["Part one", "Part two"]


def test_a_secret_that_is_missing_stops_one_service_and_is_named(office: Office) -> None:
    other = LISTMONK.format(name="other", url="http://127.0.0.1:1", more='token_env = "OTHER"')
    office.set_up('mode = "send"', other)
    result = office.due()
    assert "OTHER is not set" in str(result.problems[0])
    assert office.fake.order() == ["Part one"]


def test_a_dry_run_names_the_next_step_and_writes_nothing_anywhere(office: Office) -> None:
    result = office.due(dry=True)
    assert [one.outcome.step.action.name for one in result.done] == ["DRAFT"]
    assert office.fake.campaigns == {}
    assert not any(request.writes for request in office.fake.requests)
    assert not (office.root / ledger.FILE).exists()
    assert not (office.root / ledger.LOCAL).exists()


# One issue, as a person asks for it.


def test_next_is_the_first_issue_that_the_service_was_not_handed(office: Office) -> None:
    office.now = FIRST + 2 * WEEK
    for _ in range(3):
        office.one()
    assert office.fake.order() == ["Part one", "Part two", "Part three"]
    with pytest.raises(PartworkError, match="there is no next issue"):
        office.one()


def test_an_issue_is_not_sent_before_its_date(office: Office) -> None:
    office.now = FIRST - timedelta(days=2)
    for at in (None, FIRST - timedelta(hours=1)):
        with pytest.raises(PartworkError, match="its pages are not published before") as caught:
            office.one(at=at)
        assert [one.rule for one in caught.value.problems] == ["too-early"]
    assert office.fake.requests == []
    assert office.one(at=FIRST).exit_code == 0
    assert office.fake.deliveries == []
    office.fake.tick(FIRST)
    assert office.fake.order() == ["Part one"]


def test_an_error_in_the_email_stops_it_before_the_service_hears_of_it(office: Office) -> None:
    office.set_up('mode = "send"', '[lint]\nlink-vague = "error"')
    office.write(part(1, body="[click here](https://x.example/)\n"))
    with pytest.raises(PartworkError) as caught:
        office.one()
    assert "link-vague" in [one.rule for one in caught.value.problems]
    assert office.due().exit_code == 1
    assert office.fake.requests == []
    assert ledger.read(office.root) == ()


def test_a_lost_answer_asks_for_a_person_and_the_next_run_finds_it(office: Office) -> None:
    office.fake.strike(Accident(3, "after", "lost"))
    with pytest.raises(UncertainSend, match="it looks before it does anything"):
        office.one()
    assert office.fake.order() == ["Part one"]
    assert [one.rule for one in facts.audit(newsletter.load(office.root))[1]] == ["ledger-open"]
    office.fake.strike(None)
    assert office.one("1").exit_code == 0
    assert set(office.fake.copies().values()) == {1}
    assert facts.audit(newsletter.load(office.root))[1] == ()


def test_who_will_get_it_is_said_before_a_release_and_a_no_is_a_no(office: Office) -> None:
    asked: list[Asked] = []

    def never(one: Asked) -> bool:
        asked.append(one)
        return False

    office.permit = never
    office.one()
    assert [(one.service, one.email.subject) for one in asked] == [("weekly", "Part one")]
    assert [(one.name, one.size) for one in asked[0].audience] == [("Weekly", 3)]
    assert office.fake.deliveries == []
    office.one(goal=Goal.DRAFT)
    office.one(goal=Goal.TEST, test_to=["rec0@example.net"])
    assert len(asked) == 1, "a draft and a test ask nobody"
    assert office.fake.tests == [("Part one", "rec0@example.net")]


def test_a_service_must_be_named_where_there_are_several_or_none(office: Office) -> None:
    more = LISTMONK.format(name="other", url=office.fake.url, more="")
    office.set_up("", more)
    with pytest.raises(PartworkError, match="say --to other or --to weekly"):
        office.one()
    office.write({"newsletter.toml": SETTINGS})
    with pytest.raises(PartworkError, match=r"there is no service yet: add \[services\.NAME\]"):
        office.one()


def test_what_was_edited_afterwards_is_reported_and_a_new_next_part_is_no_edit(
    office: Office,
) -> None:
    (office.root / "articles/03-three.md").unlink()
    office.now = FIRST + WEEK
    for _ in range(2):
        office.one()
    office.write(part(3))
    assert wrong(office.one("2")) == []
    assert rewritten(office) == []
    office.write(part(2, body="Corrected.\n"))
    assert ("submitted-changed", "warning") in wrong(office.one("2"))
    assert rewritten(office) == ["articles/02-two.md:1: issue 2 reads otherwise"]
    assert set(office.fake.copies().values()) == {1}


def rewritten(office: Office) -> list[str]:
    planned = plan.load(newsletter.load(office.root))
    found = checks.emails(planned, office.now, "all")
    return [str(one).partition(" than")[0] for one in found if one.rule == "submitted-changed"]


def test_an_article_put_into_what_readers_have_is_an_error_of_check_and_of_publish(
    office: Office,
) -> None:
    office.one()
    date = (FIRST - timedelta(days=1)).isoformat()
    office.write({"articles/note.md": article("Inserted", date=date, series=None)})
    planned = plan.survey(newsletter.load(office.root))
    found = [one for one in checks.sources(planned, office.now) if one.severity == "error"]
    assert [str(one).partition(": give")[0] for one in found] == [
        "articles/note.md:1: issue 1, submitted to weekly on 2026-10-06, now holds this article too"
    ]
    office.now += WEEK
    assert [one for one in wrong(office.due()) if one[1] == "error"] == [
        ("submitted-frozen", "error")
    ]
    assert office.fake.order() == ["Part one"]


def test_check_knows_what_was_sent_where_the_ledger_is_gone_as_publish_does(office: Office) -> None:
    office.one()
    (office.root / "ledger.jsonl").unlink()
    date = (FIRST - timedelta(days=1)).isoformat()
    office.write({"articles/note.md": article("Inserted", date=date, series=None)})
    planned = plan.survey(newsletter.load(office.root))
    found = [one.rule for one in checks.sources(planned, office.now) if one.severity == "error"]
    assert found == ["submitted-frozen"]


def test_an_article_that_joins_what_was_sent_is_named_also_where_nothing_is_due(
    office: Office,
) -> None:
    office.due()
    settings = (office.root / "newsletter.toml").read_text(encoding="utf-8")
    monthly = 'start = 2026-09-20\nevery = "month"'
    office.write({"newsletter.toml": settings.replace("start = 2026-10-06", monthly)})
    office.now += 10 * WEEK
    asked = len(office.fake.requests)
    result = office.due()
    assert wrong(result) == [("submitted-frozen", "error")]
    assert result.exit_code == 1
    assert len(office.fake.requests) == asked
    office.write({"newsletter.toml": settings})
    assert wrong(office.due()) == [("too-late", "error")]


def test_an_article_put_into_a_scheduled_issue_is_named_before_and_after_it_went_out(
    office: Office,
) -> None:
    office.set_up('mode = "schedule"')
    office.now = FIRST - timedelta(hours=20)
    office.due()
    note = article("Inserted", date=FIRST.isoformat(), series=None)
    office.write({"articles/note.md": note})
    for now in (office.now, FIRST + timedelta(minutes=5), FIRST + WEEK):
        office.now = now
        office.fake.tick(now)
        assert wrong(office.due()) == [("submitted-frozen", "error")]
    assert office.fake.order() == ["Part one"]
    note = article("Inserted", date=(FIRST + WEEK).isoformat(), series=None)
    office.write({"articles/note.md": note})
    assert office.due().exit_code == 0
    assert office.stages() == [Stage.SETTLED, Stage.SETTLED]


# What a person decides, and what services tell.


def test_where_a_service_cannot_be_asked_a_persons_word_is_needed_and_taken(
    tmp_path: Path,
) -> None:
    smtp = '[services.post]\nkind = "smtp"\nhost = "127.0.0.1"\nsecurity = "none"\n'
    smtp += f"port = {free_port()}\n"
    write(tmp_path, parts() | {"newsletter.toml": SETTINGS + SENDER + smtp})
    outlet = newsletter.load(tmp_path)
    front = Front(environ={}, clock=lambda: FIRST)
    with pytest.raises(UncertainSend, match="partwork ledger resolve 1 --to post"):
        one(outlet, front, "next", "", Goal.RELEASE)
    about = said.About(newsletter=outlet, issue="1", to="", now=FIRST)
    said.resolve(about, submitted=False)
    with pytest.raises(PartworkError, match="can't be talked to") as caught:
        one(outlet, front, "next", "", Goal.RELEASE)
    assert caught.value.exit_code == 1
    said.resolve(about, submitted=True)
    with pytest.raises(PartworkError, match="run `partwork ledger forget` first"):
        said.resolve(about, submitted=False)
    said.forget(about)
    with pytest.raises(PartworkError, match="there is nothing to forget"):
        said.forget(about)


def test_a_persons_word_is_taken_of_a_service_that_is_in_the_settings_no_longer(
    office: Office,
) -> None:
    note = article("Note", date=FIRST.isoformat(), series=None)
    office.write({"articles/note.md": note})
    office.due()
    (office.root / "articles/01-one.md").unlink()
    (office.root / "newsletter.toml").write_text(SETTINGS + SENDER, encoding="utf-8")
    planned = plan.survey(newsletter.load(office.root))
    [error] = [one for one in checks.frozen(planned) if one.severity == "error"]
    assert "`partwork ledger skip 1 --to weekly`" in error.remedy
    said.skip(office.about("1"))
    assert [one.severity for one in checks.frozen(planned)] == ["warning"]
    with pytest.raises(PartworkError, match="there is no service `weakly`"):
        said.skip(office.about("1", to="weakly"))


def test_figures_are_asked_for_and_kept_in_the_ledger(office: Office) -> None:
    office.one()
    (campaign,) = office.fake.campaigns.values()
    campaign.update(views=2, clicks=1, bounces=1)
    outlet = newsletter.load(office.root)
    asked: list[str] = []
    for _ in range(2):
        assert facts.refresh(outlet, office.front(), asked.append) == ()
    assert asked == ["weekly, issue 1"] * 2
    (counted,) = ledger.read_figures(office.root)
    assert counted.repeats == ("opens", "clicks"), "listmonk counts a reader each time"
    entries = (*ledger.read(office.root), counted)
    rows = status.handed(plan.load(outlet), entries, office.now)
    assert [(row.service, row.issue, row.state) for row in rows] == [("weekly", 1, "sent")]
    expected = {"recipients": 3, "sent": 3, "opens": 2, "clicks": 1, "bounces": 1}
    assert rows[0].counts == expected


def test_status_shows_where_each_issue_stands(office: Office) -> None:
    said.skip(office.about("1"))
    office.now = FIRST + WEEK
    office.one(goal=Goal.DRAFT)
    office.now = FIRST + 2 * WEEK

    def states(as_of: datetime) -> list[str]:
        planned = plan.load(newsletter.load(office.root))
        return [row.state for row in status.handed(planned, ledger.read(office.root), as_of)]

    assert states(office.now) == ["left out", "draft", "not yet"]
    assert states(FIRST) == ["left out", "draft"]
    office.one("2", at=office.now + timedelta(hours=1))
    assert states(office.now) == ["left out", "scheduled", "not yet"]
    assert states(office.now + WEEK) == ["left out", "submitted", "not yet"]
    office.fake.tick(office.now + timedelta(hours=1))
    office.now += timedelta(hours=2)
    office.fake.strike(Accident(2, "before", "lost"))
    with pytest.raises(UncertainSend):
        office.one("3")
    assert states(office.now) == ["left out", "sent", "not known"]


def test_refresh_says_which_service_could_not_be_asked(office: Office) -> None:
    office.one()
    office.fake.requests.clear()
    outlet = newsletter.load(office.root)
    front = Front(environ={}, clock=lambda: office.now)
    (problem,) = facts.refresh(outlet, front)
    assert problem.message == "weekly: the environment variable LISTMONK_TOKEN is not set"


def test_a_survey_names_what_is_missing_and_asks_only_if_told_to(office: Office) -> None:
    outlet = newsletter.load(office.root)
    (found,), said_of_it = facts.survey(outlet, {}, ask=False)
    assert found.missing == ("LISTMONK_TOKEN",)
    assert [one.severity for one in said_of_it] == ["warning"]
    assert [one.severity for one in facts.survey(outlet, {}, ask=True)[1]] == ["error"]
    assert office.fake.requests == []
    (found,), said_of_it = facts.survey(outlet, {"LISTMONK_TOKEN": TOKEN}, ask=True)
    assert said_of_it == ()
    assert [(one.name, one.size) for one in found.audience or ()] == [("Weekly", 3)]
    _, said_of_it = facts.survey(outlet, {"LISTMONK_TOKEN": "word-nobody-sees"}, ask=True)
    assert "invalid API credentials" in str(said_of_it[0])
    assert "word-nobody-sees" not in str(said_of_it[0])
