from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from folders import article, problems, run_python, write
from hypothesis import given
from hypothesis import strategies as st

from pipeline import articlefiles, articles, newsletter, readings
from pipeline.articles import default_slug, file_number
from pipeline.config import Newsletter

ANY = st.text(st.characters(exclude_categories=()), max_size=100)


@pytest.fixture
def outlet(tmp_path: Path) -> Newsletter:
    return newsletter.load(write(tmp_path, {}))


def put(outlet: Newsletter, path: str, contents: str | bytes) -> None:
    write(outlet.root, {f"articles/{path}": contents})


# Bad files in every folder's corner.


def said_of_all(outlet: Newsletter) -> list[str]:
    return problems(readings.read_all(outlet)[1])


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
    sources, found = readings.read_all(outlet)
    assert sources == ()
    assert [one.message for one in found] == [
        "this can't be read (it is a link out of the articles folder)"
    ] * 3


def test_a_link_within_the_folder_is_an_article(outlet: Newsletter) -> None:
    put(outlet, "_shared/text.md", article("One"))
    (outlet.articles_dir / "01-one.md").symlink_to("_shared/text.md")
    sources, found = readings.read_all(outlet)
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
    assert articlefiles.files(outlet) == (("articles/deep/01-one.md",), ())


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
        sources, problems = readings.read_all(outlet)
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
    sources, found = readings.read_all(outlet)
    assert [source.title for source in sources] == ["One"]
    assert len(found) == 2


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
    assert articlefiles.files(outlet) == (tuple(f"articles/{path}" for path in wanted), ())


def test_a_file_that_is_passed_over_for_the_end_of_its_name_is_named(outlet: Newsletter) -> None:
    for path in ["02-b.MD", "c/03-c.markdown", "_d.MD", "README.markdown", "e.mdx", "f.md"]:
        put(outlet, path, "")
    paths, problems = articlefiles.files(outlet)
    assert paths == ("articles/f.md",)
    assert sorted((one.path, one.rule, one.severity) for one in problems) == [
        ("articles/02-b.MD", "file-name", "warning"),
        ("articles/c/03-c.markdown", "file-name", "warning"),
    ]


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
