from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from folders import SETTINGS, problems
from hypothesis import given
from hypothesis import strategies as st

from pipeline import newsletter, series
from pipeline.articles import Source
from pipeline.spool import held

OUTLET = newsletter.parse(Path("/nowhere"), SETTINGS.encode())


def source(name: str, **fields: object) -> Source:
    given = {
        "title": f"Title {name}",
        "slug": name,
        "text": held(b""),
        "body_line": 1,
        "series": "care",
    }
    given |= {"id": f"tag:x,2026:{name}", "path": f"articles/{name}.md"} | fields
    return Source(**given)  # type: ignore[arg-type]  # the fields are typed by their names


def arranged(*sources: Source) -> tuple[list[tuple[int, str]], list[str]]:
    parts, found = series.arrange(OUTLET, sorted(sources, key=lambda one: one.path))
    return [(part.number, part.source.slug) for part in parts["care"]], problems(found)


def chain(count: int) -> list[Source]:
    """Parts 1 to `count`, each saying all there is to say: number, file name, neighbours."""
    return [
        source(
            f"{at:03}-x",
            part=at,
            previous=f"Title {at - 1:03}-x" if at > 1 else None,
            next=f"Title {at + 1:03}-x" if at < count else None,
        )
        for at in range(1, count + 1)
    ]


def numbers(found: list[tuple[int, str]]) -> list[int]:
    return [number for number, _ in found]


@given(st.data(), st.integers(1, 9))
def test_a_chain_of_titles_gives_the_same_order_as_numbers(data: st.DataObject, count: int) -> None:
    names = data.draw(st.permutations([chr(97 + at) for at in range(count)]))
    by_number = [source(name, part=at) for at, name in enumerate(names, 1)]
    linked = []
    for at, one in enumerate(by_number):
        by_next = data.draw(st.booleans()) if at + 1 < count else False
        linked.append(
            replace(
                one,
                part=None,
                previous=by_number[at - 1].title if at else None,
                next=by_number[at + 1].title if by_next else None,
            )
        )
    assert arranged(*linked) == arranged(*by_number)
    assert arranged(*linked)[1] == []


@given(st.data(), st.integers(1, 8))
def test_any_mix_of_numbers_names_and_titles_gives_one_order_whatever_lies_where(
    data: st.DataObject, count: int
) -> None:
    parts = []
    for at, one in enumerate(chain(count), 1):
        ways = st.sets(st.sampled_from(["part", "name", "previous"]), min_size=1)
        says = data.draw(ways) if at > 1 else {"part"}
        name = f"{at:03}-x" if "name" in says else f"{chr(122 - at)}-x"
        parts.append(
            replace(
                one,
                path=f"articles/{data.draw(st.sampled_from('ab'))}/{name}.md",
                part=at if "part" in says else None,
                previous=one.previous if "previous" in says else None,
                next=one.next if data.draw(st.booleans()) else None,
            )
        )
    assert arranged(*parts) == ([(at, f"{at:03}-x") for at in range(1, count + 1)], [])


@given(st.permutations(chain(6)))
def test_the_order_of_files_decides_nothing(shuffled: list[Source]) -> None:
    assert series.arrange(OUTLET, shuffled)[0] == series.arrange(OUTLET, chain(6))[0]
    assert series.arrange(OUTLET, shuffled)[1] == ()


@given(st.data(), st.integers(2, 6))
def test_two_parts_that_change_places_in_one_claim_only_are_always_found(
    data: st.DataObject, count: int
) -> None:
    parts = chain(count)
    first = data.draw(st.integers(0, count - 2))
    a, b = parts[first], parts[first + 1]
    parts[first : first + 2] = [replace(a, part=b.part), replace(b, part=a.part)]
    _, said = arranged(*parts)
    assert any("disagree" in line for line in said), "the files' names say otherwise"
    unnamed = [replace(one, path=f"articles/{'abcdefgh'[at]}.md") for at, one in enumerate(parts)]
    _, said = arranged(*unnamed)
    assert any("right before" in line for line in said), "the titles say otherwise"


@given(st.integers(2, 6), st.data())
def test_a_circle_of_any_length_is_found_and_ends(count: int, data: st.DataObject) -> None:
    names = "abcdef"[:count]
    ring = [source(n, next=f"Title {names[(at + 1) % count]}") for at, n in enumerate(names)]
    tail = [source("z", next="Title a")] if data.draw(st.booleans()) else []
    _, said = arranged(*ring, *tail)
    assert any("circle" in line or "right before" in line for line in said)


def test_one_error_of_each_article_is_enough() -> None:
    _, said = arranged(
        source("a", part=1), source("b", previous="Title a"), source("c", previous="Title a")
    )
    assert len(said) == 1
    assert "articles/c.md:1" in said[0]
    assert "articles/b.md:1" in said[0], "both files are named"


def test_a_new_numbered_part_may_follow_a_chain_without_numbers() -> None:
    found, said = arranged(source("a", next="Title b"), source("b"), source("c", part=3))
    assert (found, said) == ([(1, "a"), (2, "b"), (3, "c")], [])


def test_a_chain_whose_beginning_is_missing_does_not_begin_at_1() -> None:
    found, said = arranged(source("b", previous="Lost"), source("c", previous="Title b"))
    assert found == []
    assert [line.split(":")[0] for line in said] == [
        "articles/b.md",
        "articles/b.md",
        "articles/c.md",
    ]


def test_no_part_goes_beyond_what_the_series_declares_however_it_got_its_number() -> None:
    declared = SETTINGS.replace('Parts"\n', 'Parts"\nparts = 2\n')
    outlet = newsletter.parse(Path("/nowhere"), declared.encode())
    linked = [source("a", next="Title b"), source("b", next="Title c"), source("c")]
    said = problems(series.arrange(outlet, linked)[1])
    assert said == [
        "articles/c.md:1: part 3 is more than the 2 that newsletter.toml:10 declares:"
        " correct one of them"
    ]


def test_a_series_of_one_needs_no_number() -> None:
    assert arranged(source("a")) == ([(1, "a")], [])


def test_a_number_in_the_middle_of_a_chain_counts_both_ways() -> None:
    found, said = arranged(
        source("a", next="Title b"), source("b", part=7), source("c", previous="Title b")
    )
    assert (found, said) == ([(6, "a"), (7, "b"), (8, "c")], [])


def test_titles_are_matched_whatever_their_case_spacing_and_form() -> None:
    found, said = arranged(
        source("a", title="Café  ﬁnal"), source("b", previous="CAFE\u0301 final")
    )
    assert (numbers(found), said) == ([1, 2], [])


def test_a_date_at_the_head_of_a_name_is_no_part_number() -> None:
    found, said = arranged(
        source("a", path="articles/2026-10-06-x.md", next="Title b"),
        source("b", path="articles/2026-10-13-x.md"),
    )
    assert (numbers(found), said) == ([1, 2], [])


def test_far_apart_numbers_are_compared_without_counting_through() -> None:
    found, said = arranged(
        source("a", part=1, next="Title b"), source("b", part=999_999), source("c", part=2)
    )
    assert numbers(found) == [1, 2, 999_999]
    assert said == [
        "articles/a.md:1: this puts 'Title a' right before 'Title b', but articles/a.md:1 is"
        " part 1 and articles/b.md:1 is part 999999 with articles/c.md between them:"
        " correct the part numbers or the titles"
    ]


def test_series_do_not_mix() -> None:
    outlet = newsletter.parse(
        Path("/nowhere"), (SETTINGS + '[series.other]\ntitle = "Other"\n').encode()
    )
    parts, found = series.arrange(
        outlet,
        [
            source("a", part=1),
            source("b", part=1, series="other", title="Title a"),
            source("c", part=2, previous="Title a"),
            source("d", series=None),
        ],
    )
    assert problems(found) == []
    assert {key: [part.source.slug for part in of] for key, of in parts.items()} == {
        "care": ["a", "c"],
        "other": ["b"],
    }


@pytest.mark.parametrize("count", [1, 3])
def test_drafts_keep_their_place(count: int) -> None:
    found, _ = arranged(*(replace(one, draft=True) for one in chain(count)))
    assert numbers(found) == [*range(1, count + 1)]
