"""Which part is which: numbers, then titles, then dates, then names; contradictions stop."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from folders import NEWSLETTER, article, ok, run, snapshot, write
from hypothesis import given
from hypothesis import strategies as st

from importing import samples
from pipeline.errors import PartworkError
from pipeline.importing import order
from pipeline.importing.chain import Stone
from pipeline.importing.order import Order

SINCE = "\n[schedule]\nstart = 2026-01-06\n"
DAY = datetime(2026, 1, 1, 9, tzinfo=UTC)


def stone(path: str, title: str = "", *, new: bool = True, **known: object) -> Stone:
    return Stone(key=path, path=path, title=title or path.upper(), new=new, **known)  # type: ignore[arg-type]


def arranged(*stones: Stone, reverse: bool = False) -> list[str]:
    numbers = order.arranged(stones, {}, reverse=reverse).numbers
    return sorted(numbers, key=lambda path: numbers[path])


def refused(*stones: Stone, reverse: bool = False) -> str:
    with pytest.raises(PartworkError) as raised:
        order.arranged(stones, {}, reverse=reverse)
    return str(raised.value)


# Bad paths first: nothing is guessed where two things contradict each other.


def test_a_fork_is_named_with_both_files() -> None:
    said = refused(
        stone("a", next="C", lines={"next": 4}), stone("b", next="C", lines={"next": 7}), stone("c")
    )
    assert said.startswith("b:7: this puts 'B' right before 'C', but a:4 puts 'A' right before 'C'")


def test_a_circle_is_named_with_both_files() -> None:
    said = refused(
        stone("a", next="B", lines={"next": 3}),
        stone("b", next="C"),
        stone("c", next="A", lines={"next": 9}),
    )
    assert "c:9: the titles lead in a circle" in said
    assert "a:3 puts" in said


def test_two_that_name_each_other_the_same_way_are_a_circle() -> None:
    assert "circle" in refused(stone("a", next="B"), stone("b", next="A"))


def test_a_title_that_two_have_is_named_with_both_files() -> None:
    said = refused(stone("a", next="Same"), stone("b", "Same"), stone("c", "SAME"))
    assert "b and c" in said


def test_numbers_that_contradict_the_chain_are_named_with_both_files() -> None:
    said = refused(stone("a", number=1, next="B"), stone("b", next="C"), stone("c", number=2))
    assert said.startswith("c: this is part 2, but the titles make it part 3, counted from a")


def test_a_number_that_two_have_is_named_with_both_files() -> None:
    assert refused(stone("a", number=1), stone("b", number=1)).startswith(
        "b: this is part 1, and so is a"
    )


def test_dates_that_contradict_the_numbers_are_named_with_both_files() -> None:
    said = refused(stone("a", number=2, date=DAY), stone("b", number=1, date=DAY + timedelta(1)))
    assert said.startswith("a: part 2 ('A') is dated 2026-01-01 09:00, not after part 1, b")


def test_dates_that_go_on_here_and_back_there_stop() -> None:
    said = refused(
        stone("a", next="B", date=DAY),
        stone("b", next="C", date=DAY + timedelta(2)),
        stone("c", date=DAY + timedelta(1)),
    )
    assert said.startswith("b: this puts 'B' before 'C'")
    assert "a puts 'A' before 'B'" in said


def test_reverse_against_the_dates_stops() -> None:
    said = refused(
        stone("a", next="B", date=DAY), stone("b", date=DAY + timedelta(1)), reverse=True
    )
    assert "--reverse contradicts the numbers or dates" in said


def test_a_part_before_part_1_is_refused() -> None:
    said = refused(stone("old", "Old", new=False, number=1), stone("a", next="Old"))
    assert "before part 1" in said


def test_reverse_where_dates_or_numbers_decide_is_refused() -> None:
    assert "leave it out" in refused(stone("a", date=DAY), stone("b", number=1), reverse=True)


# What decides.


def test_the_chain_decides_whatever_the_files_are_called() -> None:
    assert arranged(stone("z", next="Y"), stone("y", next="B"), stone("b")) == ["z", "y", "b"]


@pytest.mark.parametrize("named", ["ＷＨＡＴ  “is” It", "what “IS” it", "What “is” it"])
def test_titles_match_after_unicode_and_case_folding(named: str) -> None:
    assert arranged(stone("z", next=named), stone("a", "What “is” It")) == ["z", "a"]


def test_dates_say_that_next_leads_back() -> None:
    stones = (
        stone("a", next="B", date=DAY + timedelta(2)),
        stone("b", next="C", date=DAY + timedelta(1)),
        stone("c", date=DAY),
    )
    found = order.arranged(stones, {})
    assert found.numbers == {"c": 1, "b": 2, "a": 3}
    assert found.turned
    assert not found.unsettled
    assert "“Next” leads to the part before" in str(found.notes[0])


def test_numbers_say_that_next_leads_back() -> None:
    assert arranged(stone("a", number=2, next="B"), stone("b", number=1)) == ["b", "a"]


def test_without_numbers_and_dates_the_way_is_said_to_be_unsettled() -> None:
    stones = (stone("a", next="B"), stone("b"))
    assert order.arranged(stones, {}).unsettled == "A"
    turned = order.arranged(stones, {}, reverse=True)
    assert turned.numbers == {"b": 1, "a": 2}
    assert not turned.unsettled


def test_a_part_that_is_named_and_missing_keeps_its_place() -> None:
    found = order.arranged((stone("a", next="Gone"), stone("c", previous="GONE")), {})
    assert found.numbers == {"a": 1, "c": 3}
    assert "a: part 2, 'gone', is missing: its place is kept free" in map(str, found.notes)


def test_neighbours_at_the_outer_ends_keep_no_place() -> None:
    found = order.arranged((stone("a", previous="Before", next="B"), stone("b", next="After")), {})
    assert found.numbers == {"a": 1, "b": 2}


def test_an_orphan_is_reported_and_comes_last() -> None:
    found = order.arranged((stone("a", next="B"), stone("b"), stone("0")), {})
    assert found.numbers == {"0": 1, "a": 2, "b": 3}
    assert any("no title leads here" in str(one) for one in found.notes)


def test_dates_decide_where_no_title_does() -> None:
    stones = (stone("a", date=DAY + timedelta(1)), stone("b", date=DAY))
    found = order.arranged(stones, {})
    assert found.numbers == {"b": 1, "a": 2}
    assert "in the order of their dates" in str(found.notes[0])


def test_names_decide_last_and_ten_comes_after_nine() -> None:
    assert arranged(stone("s/p10"), stone("s/p9"), stone("s/P8")) == ["s/P8", "s/p9", "s/p10"]
    assert arranged(stone("b"), stone("a"), reverse=True) == ["b", "a"]


def test_numbers_in_all_titles_are_part_numbers() -> None:
    stones = (stone("a", "Rest (part 2)"), stone("b", "Part 1: Sleep"), stone("c", "Pain, Part 10"))
    found = order.arranged(stones, {})
    assert found.numbers == {"b": 1, "a": 2, "c": 10}
    assert "numbers are those in the titles" in str(found.notes[0])
    stones = (stone("a", "Part 2"), stone("b", "Another part"))
    assert order.arranged(stones, {}).numbers == {"a": 1, "b": 2}


def test_numbers_from_0_move_up_and_numbers_with_gaps_only_sort() -> None:
    assert order.arranged((stone("a", number=0), stone("b", number=1)), {}).numbers == {
        "a": 1,
        "b": 2,
    }
    assert order.arranged((stone("a", number=20), stone("b", number=10)), {}).numbers == {
        "b": 1,
        "a": 2,
    }
    assert order.arranged((stone("a", number=4), stone("b", number=5)), {}).numbers == {
        "a": 4,
        "b": 5,
    }


def test_new_parts_chain_onto_those_that_are_there() -> None:
    old = (
        stone("o1", "One", new=False, number=1),
        stone("o2", "Two", new=False, number=2, next="Three"),
    )
    assert order.arranged(
        (*old, stone("a", "Three"), stone("b", previous="three")), {}
    ).numbers == {
        "a": 3,
        "b": 4,
    }
    assert order.arranged((*old, stone("x"), stone("y")), {}).numbers == {"x": 3, "y": 4}


def test_a_newer_page_of_a_site_that_runs_back_chains_onto_what_was_turned() -> None:
    old = (
        stone("o1", "One", new=False, number=1, next="Two"),
        stone("o2", "Two", new=False, number=2, previous="One"),
    )
    assert "if “Next” leads back" in refused(*old, stone("x", "Three", next="Two"))
    assert order.arranged((*old, stone("x", "Three", next="Two")), {}, reverse=True).numbers == {
        "x": 3
    }
    assert order.arranged((*old, stone("x", "Three", previous="Two")), {}).numbers == {"x": 3}


@given(st.permutations(range(6)), st.booleans(), st.booleans(), st.booleans())
def test_any_series_chained_any_way_comes_in_its_order(
    shuffled: list[int], back: bool, forth: bool, dated: bool
) -> None:
    def of(at: int) -> Stone:
        return stone(
            f"f{shuffled[at]}",
            f"Piece {at} of it",
            previous=f"PIECE {at - 1} OF IT" if at and (back or not forth) else None,
            next=f"piece {at + 1}  of it" if at < 5 and forth else None,
            date=DAY + timedelta(at) if dated else None,
        )

    stones = sorted((of(at) for at in range(6)), key=lambda one: one.path)
    found: Order = order.arranged(stones, {})
    assert found.numbers == {f"f{shuffled[at]}": at + 1 for at in range(6)}
    assert bool(found.unsettled) is not dated


# Through the command.


def prepared(
    tmp_path: Path, files: dict[str, str], settings: str = NEWSLETTER + SINCE
) -> tuple[Path, Path]:
    samples.put(tmp_path / "s", {name: one.encode() for name, one in files.items()})
    return write(tmp_path / "n", {"newsletter.toml": settings}), tmp_path / "s"


def test_a_contradiction_writes_nothing_and_names_the_lines(tmp_path: Path) -> None:
    root, source = prepared(
        tmp_path,
        {"a.txt": "A\nx.\nNext\n\nC\n", "b.txt": "B\nx.\n\nNext\nNext\n\nC\n", "c.txt": "C\nx.\n"},
    )
    done = run("import", source, root=root)
    assert done.exit_code == 1
    assert "s/b.txt:7: this puts 'B' right before 'C'" in done.output
    assert "s/a.txt:5 puts 'A' right before 'C'" in done.output
    assert sorted(snapshot(root)) == ["newsletter.toml"]


def test_a_warning_says_that_the_order_rests_on_the_word_next(tmp_path: Path) -> None:
    root, source = prepared(tmp_path, {"a.txt": "A\nx.\nNext\n\nB\n", "b.txt": "B\ny.\n"})
    assert (
        "nothing but the word “Next” says that 'A' is part 1"
        in ok("import", source, root=root).output
    )


def test_reverse_turns_the_chain_and_the_neighbours(tmp_path: Path) -> None:
    root, source = prepared(
        tmp_path, {"a.txt": "Able\nx.\nNext\n\nBaker\n", "b.txt": "Baker\ny.\n"}
    )
    ok("import", source, "--reverse", root=root)
    assert "part: 2\nprevious: Baker\n" in (root / "articles/02-able.md").read_text(
        encoding="utf-8"
    )
    assert "nothing wrong" in ok("check", "--as-of", "2026-01-01", root=root).output


def test_two_parts_of_one_moment_are_set_a_second_apart(tmp_path: Path) -> None:
    head = "---\ntitle: {}\ndate: 2026-01-05T09:00:00Z\npart: {}\n---\nText.\n"
    root, source = prepared(tmp_path, {"x.md": head.format("A", 1), "y.md": head.format("B", 2)})
    said = ok("import", source, root=root).output
    assert "it is dated a second later" in said
    assert "date: 2026-01-05T09:00:01+00:00" in (root / "articles/02-y.md").read_text(
        encoding="utf-8"
    )


def test_an_article_that_is_there_keeps_its_number(tmp_path: Path) -> None:
    root, source = prepared(
        tmp_path,
        {"01-x.txt": "X\ntext.\n"},
        NEWSLETTER + "\n[series.care]\ntitle = 'Care'\n" + SINCE,
    )
    write(root, {"articles/01-one.md": article("One")})
    done = run("import", source, root=root)
    assert done.exit_code == 1
    assert "this is part 1, and so is articles/01-one.md" in done.output
    assert [*snapshot(root)] == ["articles/01-one.md", "newsletter.toml"]


def test_a_feed_without_dates_comes_as_listed_or_reversed(tmp_path: Path) -> None:
    items = [
        {"id": f"tag:x.example,2026:{at}", "title": title, "content_html": "<p>x</p>"}
        for at, title in enumerate("ABC")
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": items}
    root, source = prepared(tmp_path, {"feed.json": json.dumps(feed)})
    ok("import", source / "feed.json", "--reverse", root=root)
    assert sorted(one.name for one in (root / "articles").glob("*.md")) == [
        "01-c.md",
        "02-b.md",
        "03-a.md",
    ]


PAGE = (
    "<html><head><title>{title}</title>{head}</head>"
    "<body><h1>{title}</h1><p>x</p>{links}</body></html>"
)


@pytest.mark.parametrize(
    ("head", "links"),
    [
        ("", '<div class="nav-next"><a href="{to}">Older →</a></div>'),
        ("", '<a rel="next" href="{to}">A title that was cut off…</a>'),
        ('<link rel="next" href="{to}">', ""),
    ],
)
def test_links_to_a_neighbour_chain_pages_without_its_title(
    tmp_path: Path, head: str, links: str
) -> None:
    files = {}
    for name, title, to in (
        ("z", "First", "./m.html"),
        ("m", "Second", "a.html#top"),
        ("a", "Third", ""),
    ):
        given = (
            {"head": head.format(to=to), "links": links.format(to=to)}
            if to
            else {"head": "", "links": ""}
        )
        files[f"{name}.html"] = PAGE.format(title=title, **given)
    root, source = prepared(tmp_path, files)
    ok("import", source, root=root)
    assert sorted(one.name for one in (root / "articles").glob("*.md")) == [
        "01-first.md",
        "02-second.md",
        "03-third.md",
    ]
    assert "next: Second" in (root / "articles/01-first.md").read_text(encoding="utf-8")


def test_links_to_a_neighbour_by_its_public_url_chain_pages_too(tmp_path: Path) -> None:
    files = {}
    for name, title, to in (("z", "First", "/b/two/"), ("a", "Second", "")):
        head = f'<link rel="canonical" href="https://x.example/b/{"one" if to else "two"}/">'
        links = f'<a rel="next" href="{to}">Next</a>' if to else ""
        files[f"{name}.html"] = PAGE.format(title=title, head=head, links=links)
    root, source = prepared(tmp_path, files)
    ok("import", source, root=root)
    assert (root / "articles/01-first.md").exists()
