from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from folders import (
    BEFORE,
    NEWSLETTER,
    NOW,
    SERIES,
    SETTINGS,
    WEEKLY,
    article,
    problems,
    three,
    write,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import newsletter, plan
from pipeline.catalogue import Catalogue
from pipeline.errors import PartworkError
from pipeline.plan import Plan

TWO_SERIES = SETTINGS + '\n[series.other]\ntitle = "Other"\n'


def loaded(root: Path) -> Plan:
    return plan.load(newsletter.load(root))


def dates(planned: Plan) -> dict[str, str]:
    return {one.title: one.date.date().isoformat() for one in planned.catalogue.articles}


def refused(root: Path) -> list[str]:
    with pytest.raises(PartworkError) as raised:
        loaded(root)
    return problems(raised.value)


def test_settings_of_pictures_that_are_not_there_are_errors(tmp_path: Path) -> None:
    pictures = SETTINGS.replace('Parts"\n', 'Parts"\nimage = "care.png"\n')
    pictures = pictures.replace("timezone", 'logo = "../newsletter.toml"\ntimezone')
    write(tmp_path, {"newsletter.toml": pictures + '[feeds]\nimage = "a%62c.png"\n'})
    (tmp_path / "articles/abc.png").touch()
    assert refused(tmp_path) == [
        "newsletter.toml:6: `logo` '../newsletter.toml' leaves the articles folder:"
        " keep the file in that folder",
        "newsletter.toml:11: `image` 'care.png' does not exist: add the file or correct the path",
        "newsletter.toml:16: `image` is 'a%62c.png': write 'abc.png'",
    ]


def test_one_unreadable_article_is_not_blamed_on_its_neighbours(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "articles/a.md": article("A", next="B"),
            "articles/b.md": article("B", draft="maybe"),
            "articles/c.md": article("C", previous="B"),
        },
    )
    assert [line.split(":")[0] for line in refused(tmp_path)] == ["articles/b.md"]


def test_a_newsletter_without_articles_is_an_empty_plan(tmp_path: Path) -> None:
    planned = loaded(write(tmp_path, {}))
    assert planned.catalogue.articles == planned.catalogue.issues == planned.waiting == ()
    catalogue, found = plan.published(planned, NOW)
    assert (catalogue.series, catalogue.updated, found) == ((), None, ())


def test_parts_of_two_series_and_single_articles_share_one_order_and_its_issues(
    tmp_path: Path,
) -> None:
    planned = loaded(
        write(
            tmp_path,
            {
                "newsletter.toml": TWO_SERIES,
                **three(),
                "articles/other/1-x.md": article("Other one", series="other"),
                "articles/note.md": article("Note", series=None, date="2026-10-08"),
            },
        )
    )
    assert [[one.title for one in issue.articles] for issue in planned.catalogue.issues] == [
        ["Part one", "Other one"],
        ["Note", "Part two"],
        ["Part three"],
    ]
    assert [one.key for one in planned.catalogue.series] == ["care", "other"]


def test_articles_of_one_moment_come_by_series_and_then_by_path(tmp_path: Path) -> None:
    moment = {"date": "2026-10-06"}
    files = {
        "articles/b.md": article("B", series=None, **moment),
        "articles/a.md": article("A", series=None, **moment),
        "articles/1-x.md": article("Other one", series="other", **moment),
        "articles/1-y.md": article("Care one", **moment),
    }
    planned = loaded(write(tmp_path, {"newsletter.toml": TWO_SERIES, **files}))
    titles = [one.title for one in planned.catalogue.articles]
    assert titles == ["Care one", "Other one", "A", "B"]


# O1, O2: the order is in the files, not in the folder.


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False))
def test_the_order_of_files_on_disk_changes_nothing(tmp_path: Path, chance: random.Random) -> None:
    files = three() | {"articles/note.md": article("Note", series=None, date="2026-10-08")}
    first = write(tmp_path / "a", files)
    second = tmp_path / f"b{chance.random()}"
    paths = [*files]
    chance.shuffle(paths)
    for path in paths:
        write(second, {path: files[path]})
    assert loaded(first).catalogue.articles == loaded(second).catalogue.articles


def test_published_dates_increase_with_the_part(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "articles/1-a.md": article("A", date="2026-10-13"),
            "articles/2-b.md": article("B", date="2026-10-06"),
        },
    )
    (said,) = refused(tmp_path)
    assert "articles/2-b.md:5" in said
    assert "articles/1-a.md:5" in said


# I1: what an article is does not hang on where it lies or what it is called.


def test_no_change_of_name_title_slug_date_or_part_changes_an_id(tmp_path: Path) -> None:
    same = {"id": "tag:northgate.example,2026:kept"}
    before = loaded(write(tmp_path / "a", {"articles/01-old.md": article("Old", **same)}))
    changed = article("New", slug="newer", date="2026-10-07", part=1, **same)
    after = loaded(
        write(
            tmp_path / "b",
            {
                "newsletter.toml": SETTINGS.replace("northgate.example/notes", "moved.example"),
                "articles/deep/new.md": changed,
            },
        )
    )
    assert [one.id for one in before.catalogue.articles] == [same["id"]]
    assert [one.id for one in after.catalogue.articles] == [same["id"]]


# F1: what is to come and what is not finished appears nowhere.


def everything_in(catalogue: Catalogue) -> Iterator[str]:
    """Every title that a renderer could reach."""
    for one in catalogue.articles:
        yield one.title
        for beside in catalogue.neighbours(one):
            if beside:
                yield beside.title
    for series in catalogue.series:
        yield from (one.title for one in series.articles)
    for issue in catalogue.issues:
        yield from (one.title for one in issue.articles)
    yield from (identity.rpartition(":")[2].replace("-", " ") for identity in catalogue.bodies)


@given(st.integers(-24 * 8, 24 * 40))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_to_come_can_be_reached_from_nowhere(four: Plan, hours: int) -> None:
    as_of = datetime(2026, 10, 6, 8, tzinfo=UTC) + timedelta(hours=hours)
    catalogue, _ = plan.published(four, as_of)
    due = {one.title for one in four.catalogue.articles if one.date <= as_of}
    assert set(everything_in(catalogue)) == due
    assert "Draft" not in due
    assert all(issue.date <= as_of for issue in catalogue.issues)
    for cut in (catalogue, catalogue.until(as_of - timedelta(days=7))):
        pages = {one.path: one in cut.articles for one in four.catalogue.articles}
        assert {path: path in cut.visible for path in pages} == pages
        assert set(cut.visible) == {path for path, published in pages.items() if published}
        assert len(cut.visible) == len(cut.articles)
    assert catalogue.updated == max((one.date for one in catalogue.articles), default=None), (
        "the newest change is of something published"
    )


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    files = three() | {
        "articles/note.md": article("Note", series=None, date="2026-10-08"),
        "articles/04-draft.md": article("Draft", draft=True, date="2026-10-08"),
        "articles/05-after.md": article("After the draft"),
        "articles/idea.md": article("Idea", series=None, draft=True),
    }
    return loaded(write(tmp_path_factory.mktemp("four"), files))


def test_at_its_very_second_an_article_is_published(four: Plan) -> None:
    first = four.catalogue.articles[0]
    assert plan.published(four, first.date)[0].articles == (first,)
    assert plan.published(four, first.date - timedelta(seconds=1))[0].articles == ()


def test_a_mistake_in_a_part_to_come_stops_nothing_today_but_is_found_by_a_check(
    tmp_path: Path,
) -> None:
    write(tmp_path, three() | {"articles/02-two.md": article("Part two", "![A](none.png)\n")})
    planned = loaded(tmp_path)
    day_one = planned.catalogue.articles[0].date
    assert len(plan.published(planned, day_one)[0].articles) == 1
    said = problems(PartworkError(plan.checked(planned, BEFORE)))
    assert [line.split(":")[0] for line in said] == ["articles/02-two.md"]
    with pytest.raises(PartworkError, match=r"none\.png"):
        plan.published(planned, NOW)


def test_a_date_that_nothing_but_the_schedule_keeps_is_warned_of_once_it_has_passed(
    tmp_path: Path,
) -> None:
    planned = loaded(write(tmp_path, three()))
    warned = plan.published(planned, planned.catalogue.articles[1].date)[1]
    assert [(one.rule, one.path) for one in warned] == [
        ("date-not-kept", "articles/01-one.md"),
        ("date-not-kept", "articles/02-two.md"),
    ]


def test_an_update_that_is_still_to_come_is_warned_of(tmp_path: Path) -> None:
    late = article("A", date="2026-10-06", updated="2026-12-24")
    planned = loaded(write(tmp_path, {"articles/01-a.md": late}))
    assert [one.rule for one in plan.published(planned, NOW)[1]] == ["updated-early"]
    assert plan.published(planned, datetime(2026, 12, 25, tzinfo=UTC))[1] == ()


@pytest.mark.parametrize("timing", [WEEKLY, ""])
def test_an_article_outside_any_series_needs_a_date(tmp_path: Path, timing: str) -> None:
    settings = NEWSLETTER + SERIES + timing
    write(tmp_path, {"newsletter.toml": settings, "articles/a.md": article("A", series=None)})
    assert "has no date" in refused(tmp_path)[0]


def test_ten_times_the_articles_take_no_more_than_ten_times_the_work(tmp_path: Path) -> None:
    """Counted, not timed: comparisons and slots grow with the number of articles alone."""
    spent = []
    for count in (40, 400):
        files = {
            f"articles/{at:04}.md": article(f"P{at}", previous=f"P{at - 1}" if at > 1 else None)
            for at in range(1, count + 1)
        }
        outlet = newsletter.load(write(tmp_path / str(count), files))
        spent.append(calls_of(lambda outlet=outlet: plan.load(outlet)))
    assert spent[1] <= spent[0] * 11


def calls_of(work: object) -> int:
    import cProfile

    profile = cProfile.Profile()
    profile.runcall(work)  # type: ignore[arg-type]  # a function of nothing
    return sum(entry.callcount for entry in profile.getstats())
