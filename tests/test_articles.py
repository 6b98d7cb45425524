from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from folders import SETTINGS, article, problems, run_python, write
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline import articles, keys, newsletter, schedule, text
from pipeline.articles import Source, default_slug, file_number
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


# Bad files in every folder's corner.


def said_of_all(outlet: Newsletter) -> list[str]:
    return problems(articles.read_all(outlet)[1])


def test_a_missing_folder_of_articles_is_an_error_at_its_setting(tmp_path: Path) -> None:
    outlet = newsletter.load(write(tmp_path, {}))
    (tmp_path / "articles").rmdir()
    assert said_of_all(outlet) == [
        "newsletter.toml:1: the folder articles/ does not exist:"
        " make it, or set [newsletter] articles"
    ]


def test_a_link_out_of_the_folder_is_refused_whatever_it_leads_to(
    outlet: Newsletter, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secret = tmp_path_factory.mktemp("outside") / "secret.md"
    secret.write_text(article("Secret"), encoding="utf-8")
    (outlet.articles_dir / "a.md").symlink_to(secret)
    (outlet.articles_dir / "b.md").symlink_to("../newsletter.toml")
    (outlet.articles_dir / "c.md").symlink_to("/proc/self/environ")
    sources, found = articles.read_all(outlet)
    assert sources == ()
    assert [one.message for one in found] == [
        "this can't be read (it is a link out of the articles folder)"
    ] * 3


def test_a_link_within_the_folder_is_an_article(outlet: Newsletter) -> None:
    put(outlet, "_shared/text.md", article("One"))
    (outlet.articles_dir / "01-one.md").symlink_to("_shared/text.md")
    sources, found = articles.read_all(outlet)
    assert problems(found) == []
    assert [source.path for source in sources] == ["articles/01-one.md"]


def test_links_to_nothing_and_links_in_a_circle_are_errors(outlet: Newsletter) -> None:
    (outlet.articles_dir / "a.md").symlink_to("nowhere.md")
    (outlet.articles_dir / "b.md").symlink_to("c.md")
    (outlet.articles_dir / "c.md").symlink_to("b.md")
    said = said_of_all(outlet)
    assert [line.split(":")[0] for line in said] == [f"articles/{name}.md" for name in "abc"]
    assert "No such file" in said[0]
    assert "symbolic links" in said[1]


def test_folders_that_lead_in_a_circle_are_not_entered(outlet: Newsletter) -> None:
    put(outlet, "deep/01-one.md", article("One"))
    (outlet.articles_dir / "deep" / "loop").symlink_to("..", target_is_directory=True)
    assert articles.files(outlet) == (("articles/deep/01-one.md",), ())


def test_a_pipe_or_a_folder_named_like_an_article_holds_no_build_up(outlet: Newsletter) -> None:
    os.mkfifo(outlet.articles_dir / "pipe.md")
    (outlet.articles_dir / "folder.md").mkdir()
    assert [line.partition(": ")[2] for line in said_of_all(outlet)] == [
        "this can't be read (it is not a plain file):"
        " check its name and its permissions, and copy it here if it is a link"
    ]


def test_a_name_that_is_not_utf_8_is_shown_in_a_way_that_can_be_printed(
    outlet: Newsletter,
) -> None:
    (outlet.articles_dir / os.fsdecode(b"caf\xe9.md")).write_text(article("One"), "utf-8")
    (said,) = said_of_all(outlet)
    assert said.startswith("articles/caf\\udce9.md: this can't be read (its name is not UTF-8)")
    said.encode()


def test_a_file_that_vanishes_while_it_is_read_is_an_error(outlet: Newsletter) -> None:
    source, found = articles.read(outlet, "articles/gone.md")
    assert source is None
    assert "No such file" in problems(found)[0]


def test_an_article_or_a_folder_that_may_not_be_read_is_an_error(open_to_all: Path) -> None:
    """As a user without the right to: root may read anything."""
    write(open_to_all, {"articles/01-one.md": article("One"), "articles/deep/02-two.md": ""})
    (open_to_all / "articles/01-one.md").chmod(0)
    (open_to_all / "articles/deep").chmod(0)
    done = run_python(
        f"""
        outlet = newsletter.load(Path({str(open_to_all)!r}))
        give_up_root()
        sources, problems = articles.read_all(outlet)
        print(len(sources), *problems, sep="\\n")
        """
    )
    (open_to_all / "articles/deep").chmod(0o755)
    assert done.returncode == 0, done.stderr
    count, *said = done.stdout.splitlines()
    assert count == "0"
    assert [line.partition(": ")[0] for line in sorted(said)] == [
        "articles/01-one.md",
        "articles/deep",
    ]
    assert all("Permission denied" in line for line in said)


def test_one_bad_article_hides_no_other(outlet: Newsletter) -> None:
    put(outlet, "01-one.md", article("One"))
    put(outlet, "02-two.md", b"\xff")
    put(outlet, "03-three.md", article("Three", part="x"))
    sources, found = articles.read_all(outlet)
    assert [source.title for source in sources] == ["One"]
    assert len(found) == 2


# What counts as an article.


def test_articles_are_found_in_folders_too_and_in_the_order_of_their_paths(
    outlet: Newsletter,
) -> None:
    wanted = ["01-a.md", "b/02 b.md", "ü/3-c.md"]
    for path in [
        *wanted[::-1],
        "README.md",
        "b/readme.md",
        "_d.md",
        ".e.md",
        ".git/f.md",
        "_g/h.md",
    ]:
        put(outlet, path, "")
    put(outlet, "notes.txt", "")
    assert articles.files(outlet) == (tuple(f"articles/{path}" for path in wanted), ())


@pytest.mark.parametrize(
    ("name", "number", "slug"),
    [
        ("02-sciatica.md", 2, "sciatica"),
        ("002_sciatica.md", 2, "sciatica"),
        ("2. Sciatica.md", 2, "sciatica"),
        ("12.md", 12, "12"),
        ("0-intro.md", 0, "intro"),
        ("2026-10-06-sciatica.md", None, "2026-10-06-sciatica"),
        ("2026-10-06.md", None, "2026-10-06"),
        ("top-10-tips.md", None, "top-10-tips"),
        ("10tips.md", None, "10tips"),
        ("1234567-x.md", None, "1234567-x"),
        ("sciatica.md", None, "sciatica"),
        ("٣-x.md", 3, "x"),
        ("---.md", None, ""),
    ],
)
def test_a_number_counts_only_at_the_head_of_a_name_and_a_date_is_none(
    name: str, number: int | None, slug: str
) -> None:
    assert file_number(f"articles/7-folder/{name}") == number
    assert default_slug(f"articles/7-folder/{name}") == slug


@given(st.dates().map(date.isoformat), ANY)
def test_no_date_is_ever_a_part_number(day: str, rest: str) -> None:
    assert file_number(f"articles/{day}-{rest.replace('/', '')}.md") is None


# What is read.


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


def test_ids_and_slugs_that_two_articles_share_name_both_places(outlet: Newsletter) -> None:
    put(outlet, "a.md", article("One", slug="Straße"))
    put(outlet, "b.md", article("One", slug="strasse"))
    assert said_of_all(outlet) == [
        "articles/b.md:3: the id 'tag:northgate.example,2026:One' is also that of"
        " articles/a.md:3: give the copied article its own: delete the line and run"
        " `partwork check --fix`",
        "articles/b.md:5: the slug 'strasse' is also that of articles/a.md:5:"
        " give one of them another `slug`",
    ]


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
