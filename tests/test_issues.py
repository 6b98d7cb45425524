from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from folders import SETTINGS
from hypothesis import given
from hypothesis import strategies as st

from pipeline import issues, newsletter, schedule
from pipeline.articles import Article, Source
from pipeline.issues import Issue
from pipeline.spool import held

OUTLET = newsletter.parse(Path("/nowhere"), SETTINGS.encode())
WEEKLY = schedule.slots(OUTLET)
FIRST = datetime(2026, 10, 6, 8, tzinfo=UTC)


def article(name: str, moment: datetime) -> Article:
    source = Source(
        path=f"articles/{name}.md",
        id=f"tag:x,2026:{name}",
        title=name,
        slug=name,
        text=held(b""),
        body_line=1,
    )
    return Article(source=source, date=moment)


def grouped(*moments: datetime, weekly: bool = True) -> tuple[Issue, ...]:
    made = [article(f"a{at}", moment) for at, moment in enumerate(sorted(moments))]
    return issues.group(made, WEEKLY if weekly else None)


def test_no_articles_make_no_issue() -> None:
    assert grouped() == ()


def test_a_slot_with_nothing_makes_no_issue_and_takes_no_number() -> None:
    one, two = grouped(FIRST, FIRST + timedelta(weeks=5))
    assert (one.number, two.number) == (1, 2)
    assert two.date.date() == date(2026, 11, 10)


def test_an_issue_holds_what_became_due_since_the_slot_before_it() -> None:
    second = timedelta(seconds=1)
    week = timedelta(weeks=1)
    found = grouped(FIRST, FIRST + second, FIRST + week, FIRST + week + second)
    assert [[a.title for a in one.articles] for one in found] == [["a0"], ["a1", "a2"], ["a3"]]
    assert [one.number for one in found] == [1, 2, 3]


def test_an_article_before_the_first_slot_goes_out_with_an_earlier_one() -> None:
    (one,) = grouped(FIRST - timedelta(days=10))
    assert one.date == FIRST - timedelta(weeks=1)


def test_without_a_schedule_every_moment_is_an_issue_of_its_own() -> None:
    found = grouped(FIRST, FIRST, FIRST + timedelta(seconds=1), weekly=False)
    assert [len(one.articles) for one in found] == [2, 1]
    assert [one.date for one in found] == [FIRST, FIRST + timedelta(seconds=1)]


def test_an_issue_is_filed_by_its_number_and_its_first_article() -> None:
    assert grouped(FIRST)[0].path == "issues/001-a0/"


@given(
    st.lists(
        st.integers(-60 * 24 * 90, 60 * 24 * 400).map(lambda m: timedelta(minutes=m)), max_size=20
    ),
    st.booleans(),
)
def test_every_article_is_in_exactly_one_issue_and_issues_keep_its_order(
    offsets: list[timedelta], weekly: bool
) -> None:
    moments = sorted(FIRST + offset for offset in offsets)
    found = grouped(*moments, weekly=weekly)
    assert [one.date for issue in found for one in issue.articles] == moments
    assert [issue.number for issue in found] == [*range(1, len(found) + 1)]
    assert all(a.date < b.date for a, b in pairwise(found))
    for issue in found:
        assert all(one.date <= issue.date for one in issue.articles), "due by its slot"
        assert all(one.date > issue.date - timedelta(days=8) for one in issue.articles)
