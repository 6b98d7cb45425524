from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from folders import NEWSLETTER, ROOT, SERIES, WEEKLY, problems, run, three, write
from hypothesis import given
from hypothesis import strategies as st

from pipeline import config, newsletter, tables
from pipeline.errors import PartworkError, Problem


def parsed(toml: str) -> config.Newsletter:
    return newsletter.parse(Path("/nowhere"), toml.encode())


def attempted(toml: str) -> tuple[config.Newsletter | None, tuple[Problem, ...]]:
    try:
        return parsed(toml), ()
    except PartworkError as error:
        return None, error.problems


def refused(root: Path) -> list[str]:
    with pytest.raises(PartworkError) as raised:
        newsletter.load(root)
    return problems(raised.value)


def test_a_folder_without_settings_says_how_to_begin(tmp_path: Path) -> None:
    (said,) = refused(tmp_path)
    assert said.startswith("newsletter.toml: there is no newsletter in ")
    assert "partwork init" in said


def test_a_folder_within_a_newsletter_says_where_that_is(tmp_path: Path) -> None:
    write(tmp_path, {"newsletter.toml": NEWSLETTER, "articles/1.md": ""})
    (said,) = refused(tmp_path / "articles")
    assert f"go to {tmp_path}, or name its folder with --root" in said


def test_settings_that_are_a_folder_are_no_settings(tmp_path: Path) -> None:
    (tmp_path / "newsletter.toml").mkdir()
    assert "Is a directory" in refused(tmp_path)[0]


@given(
    st.text("[]{}\"'=.#\\\n ab1:-{}", max_size=80), st.sampled_from(["feeds", "email", "series"])
)
def test_no_text_in_a_table_makes_the_reader_fall_over(toml: str, table: str) -> None:
    outlet, found = attempted(f"{NEWSLETTER}\n[{table}]\n{toml}")
    assert outlet or found
    assert all(one.path == "newsletter.toml" and one.line for one in found)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_no_text_as_an_address_or_a_timezone_makes_the_reader_fall_over(value: str) -> None:
    quoted = '"' + re.sub(r'[\x00-\x1f\x7f"\\]', "", value) + '"'
    for key in ("url", "timezone", "language", "articles", "output"):
        toml = NEWSLETTER.replace(f"{key} = ", "was_" + key + " = ", 1)
        toml = "\n".join(line for line in toml.splitlines() if not line.startswith("was_"))
        outlet, found = attempted(f"{toml}\n{key} = {quoted}\n")
        assert outlet or any(f"`{key}`" in one.message for one in found)


def test_one_wrong_table_hides_nothing_that_is_wrong_with_the_others(tmp_path: Path) -> None:
    toml = NEWSLETTER + SERIES + '[schedule]\nstart = "soon"\n[email]\nto = "me"\n'
    toml += '[feeds]\nlimit = "ten"\n[series.two]\ntitle = 2\n[series.three]\ntitle = ""\n'
    said = refused(write(tmp_path, {"newsletter.toml": toml.replace("https://", "")}))
    told = [re.findall("`(\\w+)`", one)[0] for one in said]
    assert told == ["url", "start", "to", "limit", "title", "title"]


def test_settings_are_read_with_their_defaults(tmp_path: Path) -> None:
    outlet = newsletter.load(write(tmp_path, {}))
    assert outlet.title == "Northgate Notes"
    assert [one.key for one in outlet.series] == ["care"]
    assert outlet.schedule is not None
    assert outlet.schedule.start == date(2026, 10, 6)
    assert outlet.feeds == config.FeedSettings()
    assert outlet.email.subject == "{title}"


def test_the_sample_newsletter_is_without_fault() -> None:
    assert newsletter.load(ROOT).title == "Northgate Notes"


def test_a_table_that_says_nothing_is_as_good_as_none() -> None:
    empty = "".join(f"[{name}]\n" for name in ("feeds", "markdown", "email", "archive"))
    said, unsaid = parsed(NEWSLETTER + empty), parsed(NEWSLETTER)
    for one in fields(said):
        if one.name != "table":
            assert getattr(said, one.name) == getattr(unsaid, one.name)


def test_every_setting_says_what_it_means() -> None:
    for name, table in newsletter.TABLES.items():
        assert is_dataclass(table)
        for one in tables.settings_of(table):
            assert one.metadata["doc"].endswith((".", ".)")), f"[{name}] {one.name}"


def test_a_series_key_may_hold_a_dot_and_a_space() -> None:
    outlet = parsed(NEWSLETTER + '[series."a.b c"]\ntitle = "AB"\nslug = "ab"\n')
    assert [(one.key, one.slug) for one in outlet.series] == [("a.b c", "ab")]


@pytest.mark.parametrize("written", ["./articles", "articles/", ".//articles/."])
def test_a_folder_is_the_same_however_it_is_written(written: str, tmp_path: Path) -> None:
    toml = f'{NEWSLETTER}articles = "{written}"\noutput = "./out/"\n{SERIES}'
    files = {path: text.replace("Text.", "[x](02-two.md)") for path, text in three().items()}
    write(tmp_path, {"newsletter.toml": toml + WEEKLY} | files)
    made = newsletter.load(tmp_path)
    assert (made.articles, made.output) == ("articles", "out")
    assert "nothing wrong" in run("check", "--as-of", "2026-10-01", root=tmp_path).output


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("https://northgate.example", "https://northgate.example/"),
        ("https://northgate.example/notes/", "https://northgate.example/notes/"),
        ("http://localhost:8000/a//", "http://localhost:8000/a/"),
        ("https://münchen.example/nötes", "https://xn--mnchen-3ya.example/n%C3%B6tes/"),
    ],
)
def test_the_address_is_ascii_and_ends_with_exactly_one_slash(url: str, root: str) -> None:
    outlet = parsed(NEWSLETTER.replace("https://northgate.example/notes/", url))
    assert outlet.root_url == root
    assert outlet.absolute("articles/ü x/") == root + "articles/%C3%BC%20x/"


@pytest.mark.parametrize(
    ("every", "step"),
    [
        ("day", (1, "day")),
        ("week", (1, "week")),
        ("2 weeks", (2, "week")),
        ("10 Days", (10, "day")),
        (" month ", (1, "month")),
        ("0 weeks", None),
        ("-1 week", None),
        ("1.5 weeks", None),
        ("fortnight", None),
        ("week 2", None),
        ("1000 days", None),
        ("", None),
    ],
)
def test_steps_are_whole_numbers_of_days_weeks_or_months(
    every: str, step: tuple[int, str] | None
) -> None:
    assert config.step(every) == step


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2900, 1, 1)),  # noqa: DTZ001 - made aware below
    st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_a_settled_moment_is_the_same_instant_on_the_zones_clocks(
    naive: datetime, name: str
) -> None:
    moment, zone = naive.replace(tzinfo=UTC, microsecond=0), ZoneInfo(name)
    settled = config.settled(moment, zone)
    assert settled == moment
    assert settled.replace(tzinfo=None) == moment.astimezone(zone).replace(tzinfo=None, fold=0)
    assert settled.utcoffset() == moment.astimezone(zone).utcoffset()


def test_settled_moments_keep_their_order_where_the_clocks_go_back() -> None:
    zone = ZoneInfo("Europe/London")
    before = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)  # 01:45 summer time
    after = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)  # 01:15 winter time
    assert before.astimezone(zone) > after.astimezone(zone), "by the wall clock it is the later"
    assert config.settled(before, zone) < config.settled(after, zone)


def test_an_address_of_several_lines_has_commas_between_them() -> None:
    outlet = parsed(f'{NEWSLETTER}\n[email]\naddress = """\n  Clinic,\n1 Gate Lane\n\nTown"""\n')
    assert outlet.email.address == "Clinic, 1 Gate Lane, Town"
