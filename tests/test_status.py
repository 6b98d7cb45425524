from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from folders import BEFORE, NOW, SETTINGS, article, three, write

from pipeline import newsletter, plan, status
from pipeline.built import Row
from pipeline.plan import Plan

FILES = {
    "newsletter.toml": SETTINGS + '\n[series.other]\ntitle = "Other"\n',
    **three(),
    "articles/04-draft.md": article("Draft", draft=True),
    "articles/05-after.md": article("After"),
    "articles/o/1-x.md": article("Other one", series="other", date="2026-10-07"),
    "articles/b.md": article("Later note", series=None, date="2026-10-30"),
    "articles/c.md": article("Early note", series=None, date="2026-10-02"),
    "articles/a.md": article("Idea", series=None, draft=True),
}


@pytest.fixture
def planned(tmp_path: Path) -> Plan:
    return plan.load(newsletter.load(write(tmp_path, FILES)))


def row(planned: Plan, title: str, as_of: datetime = NOW) -> Row:
    (found,) = (one for one in status.rows(planned, as_of) if one.title == title)
    return found


def test_a_newsletter_without_articles_has_no_rows(tmp_path: Path) -> None:
    assert status.rows(plan.load(newsletter.load(write(tmp_path, {}))), NOW) == ()


def test_every_article_has_one_row_series_by_series_then_the_others_by_date(planned: Plan) -> None:
    assert [(one.series, one.title) for one in status.rows(planned, NOW)] == [
        ("care", "Part one"),
        ("care", "Part two"),
        ("care", "Part three"),
        ("care", "Draft"),
        ("care", "After"),
        ("other", "Other one"),
        ("", "Early note"),
        ("", "Later note"),
        ("", "Idea"),
    ]


def test_a_draft_has_its_part_and_no_issue(planned: Plan) -> None:
    draft = row(planned, "Draft")
    assert (draft.part, draft.state, draft.issue, draft.date) == (4, "draft", None, None)


def test_a_part_that_waits_says_for_what(planned: Plan) -> None:
    after = row(planned, "After")
    assert (after.state, after.until, after.issue) == ("waiting", "part 4, a draft", None)
    first = row(planned, "Part one", BEFORE)
    assert (first.state, first.until) == ("waiting", "2026-10-06 09:00")
    assert first.planned


def test_between_its_date_and_its_slot_an_article_is_in_the_feed(planned: Plan) -> None:
    wednesday = datetime(2026, 10, 7, 12, tzinfo=UTC)
    other = row(planned, "Other one", wednesday)
    assert (other.state, other.until, other.issue) == ("in the feed", "2026-10-13 09:00", 2)
    assert row(planned, "Other one", wednesday + timedelta(weeks=1)).state == "issued"


@pytest.mark.parametrize("year", [1900, 2999])
def test_any_day_may_be_asked_about(planned: Plan, year: int) -> None:
    for month, day in ((1, 1), (12, 31)):
        rows = status.rows(planned, datetime(year, month, day, tzinfo=UTC))
        assert len(rows) == 9
