from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import vobject
from folders import SETTINGS, article, ok, run, snapshot, three, write

from pipeline import ledger
from pipeline.ledger.entries import Entry, Event

THEN = "2026-10-14"
"""The first two of four parts are out; the clocks go back on 25 October."""
SERVICE = '\n[services.weekly]\nkind = "smtp"\nhost = "localhost"\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(
        tmp_path,
        three()
        | {
            "articles/04-four.md": article("Title, to; come\\", id="tag:x,2026:4"),
            "articles/05-five.md": article("Half-written", draft=True, date="2026-11-10"),
            "articles/06-six.md": article("Part six"),
            "articles/none.md": article("Some day", series=None, draft=True),
            "articles/old.md": article("Forgotten", series=None, draft=True, date="2026-10-10"),
        },
    )


def table(root: Path, *args: str, as_of: str = THEN) -> list[str]:
    done = ok("calendar", "--as-of", as_of, *args, root=root)
    return [re.sub(" +", " ", line) for line in done.stdout.splitlines()]


def values(root: Path, *args: str) -> dict[str, Any]:
    done = ok("calendar", "--as-of", THEN, "--format", "json", *args, root=root)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def subscribed(root: Path, *args: str, as_of: str = THEN) -> Any:
    """The calendar file as another program reads it."""
    done = ok("calendar", "--as-of", as_of, "--ics", "-", *args, root=root)
    return vobject.readOne(done.stdout)


def told(calendar: Any) -> list[str]:
    return [event.summary.value for event in calendar.vevent_list]


# The table.


def test_the_coming_slots_are_listed_with_parts_gaps_drafts_and_clocks(root: Path) -> None:
    assert table(root, "--weeks", "5")[1:] == [
        "Tue 2026-10-20 09:00 BST 003 3. Part three planned",
        "Tue 2026-10-27 09:00 GMT 004 4. Title, to; come\\ planned clocks go back 1 h",
        "Tue 2026-11-03 09:00 GMT gap",
        "Tue 2026-11-10 09:00 GMT 5. Half-written (draft) draft",
        "Tue 2026-11-17 09:00 GMT gap",
        "",
        "A draft without a date: Some day",
        "Waits for part 5, a draft: Part six",
    ]


def test_closed_slots_are_marked_and_what_was_meant_for_them_goes_out_next(tmp_path: Path) -> None:
    settings = SETTINGS.replace("start = 2026-10-06", "start = 2026-12-21\nholidays = 'GB-ENG'")
    files = {
        "newsletter.toml": settings,
        "articles/01-a.md": article("A"),
        "articles/02-b.md": article("B"),
        "articles/c.md": article("C", series=None, draft=True, date="2026-12-26"),
    }
    rows = table(write(tmp_path, files), "--weeks", "3", as_of="2026-12-20")
    assert rows[1:4] == [
        "Mon 2026-12-21 09:00 GMT 001 1. A planned",
        "Mon 2026-12-28 09:00 GMT holiday Boxing Day (observed)",
        "Mon 2027-01-04 09:00 GMT 002 2. B; C (draft) planned",
    ]


def test_an_issue_that_goes_out_on_a_holiday_says_which(tmp_path: Path) -> None:
    settings = SETTINGS.replace("start = 2026-10-06", "start = 2026-12-21\nholidays = 'GB-ENG'")
    files = {"newsletter.toml": settings, "articles/01-a.md": article("A", date="2026-12-28")}
    rows = table(write(tmp_path, files), "--weeks", "2", as_of="2026-12-22")
    assert rows[1] == "Mon 2026-12-28 09:00 GMT 001 1. A planned Boxing Day (observed)"


def test_without_a_schedule_the_dates_of_the_files_are_the_calendar(tmp_path: Path) -> None:
    files = {
        "newsletter.toml": SETTINGS.partition("[schedule]")[0],
        "articles/a.md": article("A", series=None, date="2026-11-03T08:00:00"),
        "articles/b.md": article("B", series=None, date="2026-10-20T08:00:00", draft=True),
    }
    assert table(write(tmp_path, files))[1:] == [
        "Tue 2026-10-20 08:00 BST B (draft) draft",
        "Tue 2026-11-03 08:00 GMT 001 A planned",
    ]


def test_without_a_schedule_all_of_one_moment_is_one_day_with_one_uid(tmp_path: Path) -> None:
    date = {"series": None, "date": "2026-11-03T08:00:00"}
    files = {
        "newsletter.toml": SETTINGS.partition("[schedule]")[0],
        "articles/a.md": article("A", **date),
        "articles/b.md": article("B", **date, draft=True),
        "articles/c.md": article("C", **date, draft=True),
    }
    root = write(tmp_path, files)
    assert table(root)[1:] == ["Tue 2026-11-03 08:00 GMT 001 A; B (draft); C (draft) planned"]
    assert len(subscribed(root, "--titles").vevent_list) == 1  # two would have the same UID


def test_late_drafts_and_issues_are_warned_of_at_their_files(root: Path) -> None:
    write(root, {"newsletter.toml": SETTINGS + SERVICE})
    done = ok("calendar", "--as-of", THEN, "--format", "github", root=root)
    assert "old.md,line=5,title=late-part::this is still a draft" in done.output
    assert "issue 2 was due on 2026-10-13T09:00:00+01:00, and weekly was not handed it" in (
        done.output
    )
    assert "issue 1 was due" not in done.output, "a service may begin at any issue"


def test_an_issue_is_late_only_until_it_is_handed_over(root: Path) -> None:
    write(root, {"newsletter.toml": SETTINGS + SERVICE})
    first = "tag:northgate.example,2026:Part-"
    for number, name in ((1, "one"), (2, "two")):
        with ledger.opened(root) as book:
            book.append(
                Entry(
                    at=datetime(2026, 10, 13, 9, tzinfo=UTC),
                    event=Event.SUBMITTED,
                    service="weekly",
                    issue=first + name,
                    number=number,
                )
            )
        late = [one for one in values(root)["problems"] if one["rule"] == "late-issue"]
        assert len(late) == 2 - number


def test_programs_get_the_same(root: Path) -> None:
    found = values(root, "--until", "2026-10-27")
    assert [one["state"] for one in found["days"]] == ["planned", "planned"]
    assert found["days"][1] | {"articles": None} == {
        "date": "2026-10-27T09:00:00+00:00",
        "timezone": "Europe/London",
        "state": "planned",
        "issue": 4,
        "articles": None,
        "drafts": [],
        "holiday": "",
        "clocks": -1.0,
    }
    assert [one["path"] for one in found["late"]] == ["articles/old.md"]
    assert [one["title"] for one in found["undated"]] == ["Some day"]
    assert [one["for"] for one in found["waiting"]] == ["part 5, a draft"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--weeks", "0"], "0 is not in the range"),
        (["--weeks", "521"], "521 is not in the range"),
        (["--until", "2026-10-01"], "not within ten years"),
        (["--until", "2036-12-01"], "not within ten years"),
        (["--until", "soon"], "--until"),
        (["--ics", "output/x.ics", "--titles"], "output/ is published"),
    ],
)
def test_wrong_usage_is_refused_and_writes_nothing(
    root: Path, args: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    before = snapshot(root)
    done = run("calendar", "--as-of", THEN, *args)
    assert done.exit_code == 2
    assert said in done.output
    assert snapshot(root) == before


def test_ten_years_of_a_daily_newsletter_are_a_table(tmp_path: Path) -> None:
    settings = SETTINGS.replace("[schedule]", '[schedule]\nevery = "day"')
    root = write(tmp_path, three() | {"newsletter.toml": settings})
    assert len(table(root, "--weeks", "520")) == 3641


# The file.


def test_readers_learn_when_and_no_title_before_its_day(root: Path) -> None:
    done = ok("calendar", "--as-of", THEN, "--ics", "-", root=root)
    for secret in (
        "Part three",
        "Title",
        "come",
        "Half-written",
        "Forgotten",
        "Some day",
        "six",
        "04-four",
    ):
        assert secret not in done.stdout
    calendar = subscribed(root)
    assert told(calendar) == [
        "Northgate Notes, Issue 1: Part one",
        "Northgate Notes, Issue 2: Part two",
        "Northgate Notes, Issue 3",
        "Northgate Notes, Issue 4",
    ]
    out, coming = calendar.vevent_list[1:3]
    assert out.url.value == "https://northgate.example/notes/issues/002-two/"
    assert coming.url.value == "https://northgate.example/notes/"
    assert coming.dtstart.value.isoformat() == "2026-10-20T09:00:00+01:00"
    assert coming.duration.value == timedelta(minutes=15)
    assert coming.transp.value == "TRANSPARENT"


def test_the_desk_sees_titles_drafts_and_gaps_and_is_reminded(root: Path) -> None:
    calendar = subscribed(root, "--titles", "--alarm", "45", "--weeks", "5")
    assert told(calendar)[2:] == [
        "Northgate Notes, Issue 3: Part three",
        "Northgate Notes, Issue 4: Title, to; come\\",
        "Northgate Notes: (gap)",
        "Northgate Notes: Half-written (draft)",
        "Northgate Notes: (gap)",
    ]
    assert [hasattr(one, "valarm") for one in calendar.vevent_list] == [False] * 2 + [True] * 5
    event = calendar.vevent_list[2]
    assert event.valarm.trigger.value == timedelta(minutes=-45)
    assert [one.status.value for one in calendar.vevent_list[3:5]] == ["CONFIRMED", "TENTATIVE"]
    assert event.description.value == "Care in Parts, Part 3: Part three"


def test_a_slot_keeps_its_uid_whatever_becomes_of_it(root: Path) -> None:
    def uids() -> dict[str, str]:
        events = subscribed(root).vevent_list
        return {one.dtstart.value.isoformat(): one.uid.value for one in events}

    before = uids()
    write(root, {"articles/03-three.md": article("Renamed", slug="new", id="tag:x,2026:3")})
    assert uids() == before
    later = subscribed(root, as_of="2026-10-21")
    assert [one.uid.value for one in later.vevent_list] == [*before.values()]
    assert len({*before.values()}) == 4
    assert all(one.endswith("@northgate.example") for one in before.values())


def test_no_clock_is_in_the_file(root: Path) -> None:
    first = ok("calendar", "--as-of", "2026-10-14T01:00", "--ics", "-", root=root).stdout
    again = ok("calendar", "--as-of", "2026-10-16T09:12", "--ics", "-", root=root).stdout
    assert again == first
    event = vobject.readOne(first).vevent_list[0]
    assert event.dtstamp.value == datetime(2026, 10, 6, 8, tzinfo=UTC)
    assert event.last_modified.value == event.dtstamp.value
    assert event.sequence.value == "0"


def test_the_hour_stays_across_a_change_of_the_clocks_for_whoever_knows_the_zone(
    root: Path,
) -> None:
    calendar = subscribed(root)
    starts = [one.dtstart.value for one in calendar.vevent_list]
    assert {one.hour for one in starts} == {9}
    hours = [one.astimezone(UTC).hour for one in starts]
    assert hours == [8, 8, 8, 9]
    assert calendar.vtimezone.tzid.value == "Europe/London"


def test_lines_are_folded_and_ended_as_rfc_5545_wants_them(tmp_path: Path) -> None:
    files = {"articles/01-a.md": article("Ünïcode " * 30 + "end")}
    root = write(tmp_path, files)
    ok("calendar", "--as-of", THEN, "--ics", tmp_path / "c.ics", root=root)
    raw = (tmp_path / "c.ics").read_bytes()
    assert raw.endswith(b"\r\n")
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert not any(b"\n" in line for line in lines)
    assert vobject.readOne(raw.decode()).vevent.summary.value.endswith("Ünïcode end")


def test_the_file_lands_where_it_is_asked_for(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"{root}/calendar.ics is written." in table(root, "--ics")
    monkeypatch.chdir(root)
    assert "output/c.ics is written." in table(root, "--ics", "output/c.ics")
    before = (root / "output/c.ics").stat().st_mtime_ns
    table(root, "--ics", "output/c.ics", as_of="2026-10-15")
    assert (root / "output/c.ics").stat().st_mtime_ns == before, "nothing in it changed"
    ok("build", "--as-of", THEN, root=root)
    assert (root / "output/c.ics").exists(), "a build keeps what it did not make"


def test_without_the_library_the_table_works_and_the_file_names_the_remedy(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "icalendar", None)
    ok("calendar", root=root)
    done = run("calendar", "--ics", root=root)
    assert done.exit_code == 1
    assert "pip install 'partwork[calendar]'" in done.output
    assert not (root / "calendar.ics").exists()
