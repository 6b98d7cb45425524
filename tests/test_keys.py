from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from folders import SETTINGS, article, problems, write
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline import articles, keys, newsletter, schedule, text
from pipeline.articles import Source
from pipeline.config import Newsletter

ANY = st.text(st.characters(exclude_categories=()), max_size=100)


@pytest.fixture
def outlet(tmp_path: Path) -> Newsletter:
    return newsletter.load(write(tmp_path, {}))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Newsletter:
    return newsletter.load(write(tmp_path_factory.mktemp("shared"), {}))


def put(outlet: Newsletter, path: str, contents: str | bytes) -> None:
    write(outlet.root, {f"articles/{path}": contents})


def read(outlet: Newsletter, contents: str | bytes) -> tuple[Source | None, list[str]]:
    put(outlet, "x.md", contents)
    source, found = articles.read(outlet, "articles/x.md")
    return source, problems(found)


def sound(outlet: Newsletter, contents: str | bytes) -> Source:
    source, found = read(outlet, contents)
    assert found == []
    assert source is not None
    return source


@given(ANY)
@example("]]>")
@example("&amp; &#60; &notreal; <b>bold</b>")
@example("{{ title }} {% raw %} *|FNAME|* [[x]]")
@example("\"quotes\" 'and' \\ more")
@example("קורס בחלקים — מבוא")
@example("👩‍⚕️")
@example("long " * 140)
@example("\ud800\x00\x0b\ufffe")
def test_any_title_is_kept_as_typed_in_clean_characters(shared: Newsletter, title: str) -> None:
    raw = f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\nid: tag:x,2026:1\n---\n"
    (shared.articles_dir / "x.md").write_bytes(raw.encode(errors="surrogatepass"))
    source, found = articles.read(shared, "articles/x.md")
    wanted = text.one_line(json.loads(json.dumps(title)))
    if wanted:
        assert problems(found) == []
        assert source is not None
        assert source.title == wanted
    else:
        assert "`title` is empty" in problems(found)[0]


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(outlet: Newsletter) -> None:
    plain = article("One", "Text.\n\nMore.\n", tags=["a"])
    windows = b"\xef\xbb\xbf" + plain.replace("\n", "\r\n").encode()
    assert sound(outlet, windows) == sound(outlet, plain)


def test_an_article_may_have_no_text_and_a_line_of_300_kb(outlet: Newsletter) -> None:
    assert sound(outlet, article("One", "").rstrip()).body == ""
    assert len(sound(outlet, article("One", "word " * 60_000)).body) == 300_001


def test_a_key_without_a_value_counts_as_absent(outlet: Newsletter) -> None:
    empty = "summary:\nauthor:\ntags: ~\nimage:\nimage_alt:\nnotice:\ndate:\n"
    said = sound(outlet, article("One").replace("---\n\n", f"{empty}---\n\n"))
    unsaid = sound(outlet, article("One"))
    for one in ("summary", "authors", "tags", "image", "notice", "date"):
        assert getattr(said, one) == getattr(unsaid, one)


@pytest.mark.parametrize("key", ["title", "id", "slug", "draft"])
def test_a_key_that_decides_must_have_a_value(outlet: Newsletter, key: str) -> None:
    given = {"title": "One", "id": "tag:x,2026:1"} | {key: None}
    head = "".join(f"{name}: {value or ''}\n" for name, value in given.items())
    source, said = read(outlet, f"---\n{head}---\n")
    assert source is None
    assert any(f"`{key}` is " in line for line in said)


def test_a_notice_can_be_another_or_none_at_all(outlet: Newsletter) -> None:
    assert sound(outlet, article("One")).notice is None
    assert sound(outlet, article("One", notice=False)).notice == ""
    assert sound(outlet, article("One", notice="Mind\nthis")).notice == "Mind this"


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("Ann", ["Ann"]),
        (["Ann", {"name": "Bob", "uri": "https://b.example"}], ["Ann", "Bob"]),
        ({"name": "Ann", "url": "https://a.example"}, ["Ann"]),
        ({"name": "Ann", "uri": "mailto:ann@a.example"}, ["Ann"]),
    ],
)
def test_authors_are_names_or_tables(outlet: Newsletter, value: Any, names: list[str]) -> None:
    assert [one.name for one in sound(outlet, article("One", authors=value)).authors] == names
    assert [one.name for one in sound(outlet, article("One", author=value)).authors] == names


def test_a_picture_is_found_beside_its_article_and_inside_the_folder(outlet: Newsletter) -> None:
    put(outlet, "images/my cat.png", b"")
    put(outlet, "deep/x.md", article("One", image="../images/my%20cat.png", image_alt="A cat"))
    source, found = articles.read(outlet, "articles/deep/x.md")
    assert problems(found) == []
    assert source is not None
    assert source.image == "images/my cat.png"


@pytest.mark.parametrize(
    "image",
    [
        "../newsletter.toml",
        "..%2fnewsletter.toml",
        "/etc/passwd",
        "images/../../newsletter.toml",
        "out.png",
        "..\\newsletter.toml",
        "a%00b.png",
        "a%0ab.png",
        "images",
        "https://example.org/a.png",
        "x" * 5000,
    ],
)
def test_a_picture_anywhere_else_is_refused(outlet: Newsletter, image: str) -> None:
    put(outlet, "images/a.png", b"")
    (outlet.articles_dir / "out.png").symlink_to("../newsletter.toml")
    source, said = read(outlet, article("One", image=image, image_alt="A"))
    assert source is None
    assert said[0].startswith("articles/x.md:5: `image` ")


# Dates.

MOMENTS = [
    ("2026-10-06", "2026-10-06T09:00:00+01:00"),
    ("2026-10-06T18:30", "2026-10-06T18:30:00+01:00"),
    ("2026-10-06 18:30:00", "2026-10-06T18:30:00+01:00"),
    ("2026-12-06T18:30:15.987", "2026-12-06T18:30:15+00:00"),
    ("2026-10-06T18:30:00Z", "2026-10-06T19:30:00+01:00"),
    ("2026-10-06T18:30:00-05:00", "2026-10-07T00:30:00+01:00"),
    ("2026-03-29T01:30:00", "2026-03-29T02:30:00+01:00"),  # the clocks skip it
    ("2026-10-25T01:30:00", "2026-10-25T01:30:00+01:00"),  # comes twice: the first
    ("1900-01-01", "1900-01-01T09:00:00+00:00"),
    ("2999-12-31", "2999-12-31T09:00:00+00:00"),
]


@pytest.mark.parametrize(("written", "meant"), MOMENTS)
def test_a_date_is_a_moment_on_the_newsletters_clocks(
    outlet: Newsletter, written: str, meant: str
) -> None:
    source = sound(outlet, article("One", date=written))
    assert source.date is not None
    assert source.date.isoformat() == meant


def test_a_day_alone_means_the_slot_of_that_day(tmp_path: Path) -> None:
    elsewhere = SETTINGS + 'timezone = "America/New_York"\ntime = 07:30:00\n'
    outlet = newsletter.load(write(tmp_path, {"newsletter.toml": elsewhere}))
    day = sound(outlet, article("One", date="2026-10-13")).date
    slots = schedule.slots(outlet)
    assert day is not None
    assert slots is not None
    assert day == slots.at(1)
    assert day.isoformat() == slots.at(1).isoformat() == "2026-10-13T12:30:00+01:00"


@given(st.datetimes(datetime(1900, 1, 2), datetime(2999, 12, 30)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_any_moment_with_an_offset_is_kept_to_the_second(
    shared: Newsletter, naive: datetime, minutes: int
) -> None:
    moment = naive.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    assert keys.moment(moment, shared) == moment
    assert keys.moment(moment.isoformat(), shared) == moment
    assert keys.moment(moment.astimezone(UTC), shared).microsecond == 0
