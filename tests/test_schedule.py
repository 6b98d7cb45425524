from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from folders import NEWSLETTER, SERIES, problems
from hypothesis import given
from hypothesis import strategies as st

from pipeline import newsletter, schedule
from pipeline.articles import Article, Source
from pipeline.config import WEEKDAYS, Newsletter, Schedule
from pipeline.schedule import Slots, Waiting
from pipeline.series import Numbered
from pipeline.spool import held

OUTLET = newsletter.parse(Path("/nowhere"), (NEWSLETTER + SERIES).encode())
ZONES = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]


def outlet(start: date = date(2026, 10, 6), every: str = "week", **settings: object) -> Newsletter:
    zone = str(settings.pop("zone", OUTLET.timezone))
    timing = Schedule(start=start, every=every, **settings)  # type: ignore[arg-type]  # by their names
    return replace(OUTLET, timezone=zone, schedule=timing)


def grid(start: date, every: str = "week", **settings: object) -> Slots:
    found = schedule.slots(outlet(start, every, **settings))
    assert found is not None
    return found


def shown(slots: Slots, count: int, first: int = 0) -> list[str]:
    return [slots.at(at).isoformat(timespec="minutes") for at in range(first, first + count)]


# Slots.


def test_an_issue_leaves_at_the_same_hour_on_both_sides_of_a_change_of_the_clocks() -> None:
    assert shown(grid(date(2026, 10, 20)), 2) == [
        "2026-10-20T09:00+01:00",
        "2026-10-27T09:00+00:00",
    ]
    assert shown(grid(date(2026, 3, 24)), 2) == ["2026-03-24T09:00+00:00", "2026-03-31T09:00+01:00"]


@pytest.mark.parametrize(
    ("zone", "day", "at", "slot"),
    [
        # Skipped: on by the length of the gap. Twice: the first.
        ("Europe/London", date(2026, 3, 29), time(1, 30), "2026-03-29T02:30+01:00"),
        ("Europe/London", date(2026, 10, 25), time(1, 30), "2026-10-25T01:30+01:00"),
        ("America/New_York", date(2026, 3, 8), time(2, 0), "2026-03-08T03:00-04:00"),
        ("America/New_York", date(2026, 11, 1), time(1, 59), "2026-11-01T01:59-04:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-04T02:45+11:00"),
        ("Australia/Lord_Howe", date(2026, 4, 5), time(1, 45), "2026-04-05T01:45+11:00"),
    ],
)
def test_a_time_that_is_skipped_moves_on_and_one_that_comes_twice_is_the_first(
    zone: str, day: date, at: time, slot: str
) -> None:
    slots = grid(day, "day", time=at, zone=zone)
    assert shown(slots, 1) == [slot]
    assert slots.at(-1) < slots.at(0) < slots.at(1)
    assert [slots.index(slots.at(n)) for n in (-1, 0, 1)] == [-1, 0, 1]


def test_slots_may_keep_the_clocks_of_another_zone() -> None:
    slots = grid(date(2026, 10, 20), timezone="America/New_York")
    assert shown(slots, 3) == [
        "2026-10-20T14:00+01:00",
        "2026-10-27T13:00+00:00",  # London's clocks have gone back, New York's have not
        "2026-11-03T14:00+00:00",
    ]


def test_months_without_a_31st_end_with_their_last_day() -> None:
    assert [slot[:10] for slot in shown(grid(date(2028, 1, 31), "month"), 5)] == [
        "2028-01-31",
        "2028-02-29",
        "2028-03-31",
        "2028-04-30",
        "2028-05-31",
    ]


@pytest.mark.parametrize(
    ("start", "every", "weekday", "days"),
    [
        (date(2026, 10, 6), "2 weeks", "", ["10-06", "10-20", "11-03"]),
        (date(2026, 10, 7), "week", "tuesday", ["10-13", "10-20", "10-27"]),
        (date(2026, 10, 6), "week", "Tuesday", ["10-06", "10-13", "10-20"]),
        (date(2026, 10, 1), "month", "monday", ["10-05", "11-02", "12-07"]),
        (date(2026, 10, 6), "3 months", "", ["10-06", "01-06", "04-06"]),
        (date(2026, 10, 6), "10 days", "", ["10-06", "10-16", "10-26"]),
    ],
)
def test_slots_follow_their_step_and_weekday(
    start: date, every: str, weekday: str, days: list[str]
) -> None:
    assert [s[5:10] for s in shown(grid(start, every, weekday=weekday), 3)] == days


@st.composite
def grids(draw: st.DrawFn) -> Slots:
    unit = draw(st.sampled_from(["day", "week", "month"]))
    return grid(
        draw(st.dates(date(2015, 1, 1), date(2040, 1, 1))),
        f"{draw(st.integers(1, 12))} {unit}",
        weekday=draw(st.sampled_from(["", *WEEKDAYS])) if unit != "day" else "",
        time=draw(st.times().map(lambda at: at.replace(second=0, microsecond=0))),
        zone=draw(st.sampled_from(ZONES)),
    )


MOMENTS = st.datetimes(datetime(2014, 1, 1), datetime(2050, 1, 1)).map(  # noqa: DTZ001 - made aware here
    lambda naive: naive.replace(tzinfo=UTC)
)


@given(grids(), MOMENTS)
def test_the_slot_of_a_moment_is_the_first_at_or_after_it(slots: Slots, moment: datetime) -> None:
    at = slots.index(moment)
    assert slots.at(at - 1) < moment <= slots.at(at)


@given(grids(), st.integers(-200, 200))
def test_slots_come_strictly_one_after_another(slots: Slots, at: int) -> None:
    assert slots.at(at) < slots.at(at + 1)
    assert slots.index(slots.at(at)) == at


@given(grids(), st.integers(-200, 200))
def test_a_slot_is_at_the_hour_of_the_wall_clock_or_just_after_a_gap(slots: Slots, at: int) -> None:
    zone = slots.newsletter.slots_zone
    moment = slots.at(at)
    assert moment.utcoffset() == moment.astimezone(zone).utcoffset(), "the zone's own offset"
    wall = datetime.combine(moment.date(), slots.schedule.time)
    assert timedelta() <= moment.replace(tzinfo=None) - wall <= timedelta(hours=1)


def test_no_calendar_reaches_beyond_its_end() -> None:
    for every in ("day", "week", "month", "999 months"):
        with pytest.raises(OverflowError):
            grid(date(2026, 10, 6), every).at(10_000_000)


# Dates of parts.


def part(number: int, day: str = "", *, draft: bool = False, time: str = "09:00+01:00") -> Numbered:
    source = Source(
        path=f"articles/{number:03}.md",
        id=f"tag:x,2026:{number}",
        title=f"Part {number}",
        slug=f"part-{number}",
        text=held(b""),
        body_line=1,
        series="care",
        date=datetime.fromisoformat(f"{day}T{time}") if day else None,
        draft=draft,
    )
    return Numbered(source=source, number=number)


def dated(where: Newsletter, *parts: Numbered) -> tuple[dict[int, str], dict[int, str], list[str]]:
    """Days by part, reasons by waiting part, and what is said."""
    articles, waiting, found = schedule.dated(where, {"care": parts})
    return (
        {one.part or 0: one.date.date().isoformat() for one in articles},
        {one.part: one.reason for one in waiting},
        problems(found),
    )


def test_undated_parts_take_the_slots_one_by_one() -> None:
    days, waiting, said = dated(outlet(), part(1), part(2), part(3))
    assert days == {1: "2026-10-06", 2: "2026-10-13", 3: "2026-10-20"}
    assert (waiting, said) == ({}, [])


def test_an_undated_part_takes_the_first_slot_after_the_part_before_it() -> None:
    days, _, said = dated(outlet(), part(1, "2026-11-18"), part(2), part(3, "2026-12-25"), part(4))
    assert days == {1: "2026-11-18", 2: "2026-11-24", 3: "2026-12-25", 4: "2026-12-29"}
    assert said == []


def test_an_undated_part_never_overtakes_a_draft() -> None:
    days, waiting, said = dated(outlet(), part(1), part(2, draft=True), part(3), part(4))
    assert days == {1: "2026-10-06"}
    assert waiting == {3: "part 2, a draft", 4: "part 2, a draft"}
    assert said == []


def test_an_undated_part_never_overtakes_a_missing_part() -> None:
    assert dated(outlet(), part(1), part(3))[:2] == (
        {1: "2026-10-06"},
        {3: "part 2, which is missing"},
    )
    assert dated(outlet(), part(2))[:2] == ({}, {2: "part 1, which is missing"})


def test_a_series_may_begin_elsewhere_with_a_date_of_its_own() -> None:
    days, waiting, said = dated(outlet(), part(10, "2026-10-06"), part(11))
    assert days == {10: "2026-10-06", 11: "2026-10-13"}
    assert (waiting, said) == ({}, [])


def test_a_dated_part_that_overtakes_is_told_once() -> None:
    days, waiting, said = dated(
        outlet(), part(1, draft=True), part(2, "2026-10-13"), part(3, "2026-10-20"), part(4)
    )
    assert days == {2: "2026-10-13", 3: "2026-10-20"}
    assert waiting == {4: "part 1, a draft"}
    assert said == [
        "articles/002.md:1: part 2 has a date but comes after part 1, a draft:"
        " finish that part first, or readers get the series out of order"
    ]


@pytest.mark.parametrize(
    ("second", "clock"),
    [("2026-10-06", "09:00+01:00"), ("2026-10-05", "09:00+01:00"), ("2026-10-06", "08:00+00:00")],
)
def test_dates_must_strictly_increase_with_the_part(second: str, clock: str) -> None:
    _, _, said = dated(outlet(), part(1, "2026-10-06"), part(2, second, time=clock))
    assert len(said) == 1
    assert said[0].startswith("articles/002.md:1: part 2 is dated ")
    assert "articles/001.md:1" in said[0]


def test_without_a_schedule_a_part_needs_a_date() -> None:
    _, _, said = dated(OUTLET, part(1, "2026-10-06"), part(2))
    assert said == [
        "articles/002.md:1: there is no date and no schedule to give one:"
        " add a line `date: …`, or a [schedule] to newsletter.toml"
    ]


def test_a_series_with_a_start_of_its_own_begins_at_the_first_slot_from_it() -> None:
    (care,) = OUTLET.series
    late = replace(outlet(), series=(replace(care, start=date(2026, 12, 2)),))
    assert dated(late, part(1), part(2))[0] == {1: "2026-12-08", 2: "2026-12-15"}
    early = part(1, "2026-10-01")
    assert dated(late, early, part(2))[0] == {1: "2026-10-01", 2: "2026-12-08"}


@pytest.mark.parametrize(
    ("here", "there", "hour", "first"),
    [("America/New_York", "Asia/Tokyo", 9, 12), ("Asia/Tokyo", "America/New_York", 20, 14)],
)
def test_the_start_of_a_series_is_a_day_on_the_slots_own_clocks(
    here: str, there: str, hour: int, first: int
) -> None:
    (care,) = OUTLET.series
    every_day = outlet(every="day", time=time(hour), zone=here, timezone=there)
    late = replace(every_day, series=(replace(care, start=date(2026, 10, 13)),))
    assert dated(late, part(1))[0] == {1: f"2026-10-{first}"}


def test_more_parts_than_the_calendar_has_slots_are_an_error_and_no_crash() -> None:
    parts = [part(number) for number in range(1, 121)]
    days, _, said = dated(outlet(every="999 months"), *parts)
    assert days[1] == "2026-10-06"
    assert len(said) == 1
    assert "beyond the year 9999" in said[0]


@given(
    grids(),
    st.lists(
        st.tuples(st.sampled_from(["undated", "dated", "draft", "missing"]), st.integers(0, 400)),
        max_size=12,
    ),
)
def test_whatever_is_dated_stays_in_order_and_nothing_is_lost(
    slots: Slots, kinds: list[tuple[str, int]]
) -> None:
    parts = []
    for number, (kind, days) in enumerate(kinds, 1):
        if kind != "missing":
            day = (date(2026, 1, 1) + timedelta(days=days)).isoformat() if kind == "dated" else ""
            parts.append(part(number, day, draft=kind == "draft"))
    articles, waiting, found = schedule.dated(slots.newsletter, {"care": tuple(parts)})
    placed = [one.part for one in articles] + [one.part for one in waiting]
    assert sorted(placed) == [one.number for one in parts if not one.source.draft]  # type: ignore[type-var]
    errors = [one for one in found if one.severity == "error"]
    dates = [one.date for one in articles]
    assert errors or all(a < b for a, b in pairwise(dates))
    expect_none_overtakes(articles, waiting, kinds)


def expect_none_overtakes(
    articles: tuple[Article, ...], waiting: tuple[Waiting, ...], kinds: list[tuple[str, int]]
) -> None:
    """No part takes a date from the schedule while one before it is a draft or missing."""
    first = next((at for at, (kind, _) in enumerate(kinds) if kind != "missing"), 0)
    begins = first if kinds and kinds[first][0] == "dated" else 0
    for article in articles:
        before = [kind for kind, _ in kinds[begins : (article.part or 0) - 1]]
        assert not article.planned or not {"draft", "missing"} & {*before}
    for one in waiting:
        assert {"draft", "missing"} & {kind for kind, _ in kinds[: one.part - 1]}
