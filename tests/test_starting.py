from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from folders import NEWSLETTER, NOW, SERIES, SETTINGS, article, problems, snapshot, three, write
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline import newsletter, plan, starting, text
from pipeline.errors import PartworkError
from pipeline.starting import NewArticle

ANY = st.text(st.characters(exclude_categories=()), max_size=120)


def begun(root: Path, title: str = "Next", series: str | None = None) -> NewArticle:
    return starting.article(plan.load(newsletter.load(root)), title, series, NOW)


def refused(root: Path, title: str, series: str | None = None) -> str:
    with pytest.raises(PartworkError) as raised:
        begun(root, title, series)
    (said,) = problems(raised.value)
    return said


# `partwork new`.


def test_an_unknown_series_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    root = write(tmp_path, three())
    assert refused(root, "A", "cre") == "new: there is no series 'cre': did you mean `care`?"


def test_a_table_that_is_to_be_added_is_named_as_toml_writes_it(tmp_path: Path) -> None:
    root = write(tmp_path, {"newsletter.toml": NEWSLETTER})
    said = refused(root, "A", "schlafübung")
    assert said.endswith('add [series."schlafübung"] to newsletter.toml')


@pytest.mark.parametrize("title", ["Two", "TWO", "\ttwo!"])
def test_a_title_whose_place_is_taken_is_refused(tmp_path: Path, title: str) -> None:
    assert "is already there" in refused(write(tmp_path, three()), title)


@pytest.mark.parametrize("title", ["", " ", "***", "../..", "\0", "👩‍⚕️"])
def test_a_title_that_gives_no_file_name_is_refused(tmp_path: Path, title: str) -> None:
    assert "gives no file name" in refused(write(tmp_path, {}), title)


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    root = write(tmp_path, {"articles/01-next.md": article("Other", slug="another", part=1)})
    (root / "articles/02-next.md").mkdir()
    assert "articles/02-next.md is already there" in refused(root, "Next")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY)
@example("No")
@example("true")
@example("2026")
@example("2026-10-06")
@example("a: b # c")
@example("- a")
@example("'quoted' \"twice\" \\")
@example("{{ a }} *|b|* ]]> <b>&amp;</b>")
@example("long " * 140)
@example("\ufeffa\u2028b\ud800")
def test_whatever_the_title_the_new_file_passes_a_check(tmp_path: Path, title: str) -> None:
    if not text.slugify(title):
        return
    root = write(tmp_path, {"newsletter.toml": SETTINGS})
    made = begun(root, title)
    path = root / made.path
    path.write_text(made.content, encoding="utf-8")
    try:
        surveyed = plan.survey(newsletter.load(root))
        assert plan.checked(surveyed, NOW) == ()
        (source,) = surveyed.sources
        assert (source.title, source.id, source.part) == (text.one_line(title), made.id, 1)
        assert (source.date, source.draft) == (made.date, True)
    finally:
        path.unlink()


def test_the_next_part_has_the_next_number_slot_and_folder(tmp_path: Path) -> None:
    files = {
        "articles/care/01-a.md": article("A", date="2026-10-06"),
        "articles/care/02-b.md": article("B", date="2026-11-10"),
    }
    made = begun(write(tmp_path, files), "More about B")
    assert (made.path, made.part) == ("articles/care/03-more-about-b.md", 3)
    assert made.date is not None
    assert made.date.isoformat() == "2026-11-17T09:00:00+00:00", "after every part that is there"


def test_parts_that_wait_and_drafts_keep_the_slots_before_it(tmp_path: Path) -> None:
    files = {
        "articles/01-a.md": article("A", draft=True),
        "articles/02-b.md": article("B"),
        "articles/03-c.md": article("C", draft=True),
    }
    made = begun(write(tmp_path, files))
    assert made.part == 4
    assert made.date is not None
    assert made.date.date() == date(2026, 11, 24), "3, 10 and 17 November are theirs"


def test_a_series_that_starts_later_gets_its_first_slot(tmp_path: Path) -> None:
    later = SETTINGS.replace('Parts"\n', 'Parts"\nstart = 2027-01-06\n')
    made = begun(write(tmp_path, {"newsletter.toml": later}))
    assert made.date is not None
    assert made.date.date() == date(2027, 1, 12)


def test_a_series_that_starts_on_a_day_of_the_slots_clocks_misses_no_slot(tmp_path: Path) -> None:
    abroad = SETTINGS.replace('Parts"\n', 'Parts"\nstart = 2027-01-05\n')
    abroad += 'timezone = "Pacific/Auckland"\n'
    made = begun(write(tmp_path, {"newsletter.toml": abroad}))
    assert made.date is not None
    assert made.date.isoformat() == "2027-01-04T20:00:00+00:00"


def test_without_a_schedule_the_date_is_left_to_the_author(tmp_path: Path) -> None:
    made = begun(write(tmp_path, {"newsletter.toml": NEWSLETTER + SERIES}))
    assert made.date is None
    assert "date:" not in made.content


def test_a_part_can_follow_a_series_that_is_ordered_by_titles_alone(tmp_path: Path) -> None:
    files = {"articles/a.md": article("A", next="B"), "articles/b.md": article("B")}
    root = write(tmp_path, files)
    made = begun(root)
    write(root, {made.path: made.content})
    assert made.part == 3
    assert plan.load(newsletter.load(root)).problems == ()


@pytest.mark.parametrize(("series", "wanted"), [(None, None), ("", None), ("other", 1)])
def test_with_two_series_none_is_guessed(
    tmp_path: Path, series: str | None, wanted: int | None
) -> None:
    two = SETTINGS + '\n[series.other]\ntitle = "Other"\n'
    made = begun(write(tmp_path, {"newsletter.toml": two, **three()}), series=series)
    assert made.part == wanted
    if wanted is None:
        assert made.date == NOW


# `partwork init`.


def init(folder: Path, **changes: object) -> tuple[str, ...]:
    given: dict[str, object] = {
        "title": "My Notes",
        "url": "https://example.org/",
        "author": "Ann",
        "timezone": "Europe/London",
        "as_of": NOW,
        "templates": False,
    }
    return starting.begin(folder, **(given | changes))  # type: ignore[arg-type]  # by their names


@pytest.mark.parametrize(
    "wrong",
    [
        {"timezone": "Europe/Nowhere"},
        {"url": "example.org"},
        {"url": "https://[::1"},
        {"title": " "},
        {"author": ""},
    ],
)
def test_a_wrong_setting_writes_nothing(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(PartworkError, match=r"newsletter\.toml:"):
        init(tmp_path / "new", **wrong)
    assert not (tmp_path / "new").exists()


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    write(tmp_path, {"newsletter.toml": "mine", ".gitignore": "mine"})
    before = snapshot(tmp_path)
    with pytest.raises(PartworkError, match=r"newsletter\.toml: this is already there"):
        init(tmp_path)
    assert snapshot(tmp_path) == before
    (tmp_path / "newsletter.toml").unlink()
    assert ".gitignore" not in init(tmp_path)
    assert (tmp_path / ".gitignore").read_text(encoding="utf-8") == "mine"


def test_what_a_file_that_stays_does_not_say_is_named(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "node_modules\noutput\n/previews\n", ".gitattributes": "x y\n"})
    (tmp_path / "newsletter.toml").unlink()
    assert [str(one) for one in starting.left_out(tmp_path)] == [
        ".gitignore: this was there and stays as it is: "
        "add to it, each on a line: /export/, /.partwork-cache/",
        ".gitattributes: this was there and stays as it is: "
        "add to it, each on a line: ledger.jsonl merge=union, figures.jsonl merge=union",
    ]
    init(tmp_path)
    assert (tmp_path / ".gitattributes").read_text(encoding="utf-8") == "x y\n"


def test_files_that_are_not_there_or_say_all_leave_nothing_to_name(tmp_path: Path) -> None:
    assert starting.left_out(tmp_path) == ()
    init(tmp_path)
    assert starting.left_out(tmp_path) == ()


def test_a_folder_that_refuses_half_way_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / ".github").touch()  # where a folder must be
    with pytest.raises(PartworkError, match="can't be written"):
        init(tmp_path)
    assert snapshot(tmp_path) == {".github": b""}


def test_a_dry_run_names_the_files_and_writes_none(tmp_path: Path) -> None:
    named = init(tmp_path / "new", dry_run=True)
    assert not (tmp_path / "new").exists()
    assert init(tmp_path / "new") == named


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY, ANY)
@example('"quotes" \\ and {braces}', "O'Neill & Söhne 👩‍⚕️")
@example("<<year>> <<nope>>", "x")
def test_whatever_its_title_a_new_newsletter_passes_a_check(
    tmp_path: Path, title: str, author: str
) -> None:
    if not text.one_line(title) or not text.one_line(author):
        return
    folder = tmp_path / "new"
    files = init(folder, title=title, author=author)
    try:
        outlet = newsletter.load(folder)
        assert outlet.title == text.one_line(title)
        assert outlet.author.name == text.one_line(author)
        assert plan.checked(plan.survey(outlet), NOW) == ()
    finally:
        for path in files:
            (folder / path).unlink()


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("hour", [0, 8, 9, 23])
def test_a_new_newsletter_has_an_issue_at_once(tmp_path: Path, zone: str, hour: int) -> None:
    as_of = datetime(2026, 3, 1, hour, 30, tzinfo=UTC)
    init(tmp_path, timezone=zone, as_of=as_of)
    planned = plan.load(newsletter.load(tmp_path))
    assert len(planned.due(as_of)) == 1
    assert plan.published(planned, as_of)[1] == (), "and nothing to warn of"


def test_the_packaged_templates_come_along_if_wanted(tmp_path: Path) -> None:
    assert any(path.startswith("email_templates/") for path in init(tmp_path, templates=True))
