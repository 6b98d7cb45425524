"""The end of a site builder's page: cut off and read, whatever of it is there."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pipeline.importing.readers import pagination

WORDS = st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=60).map(
    lambda said: " ".join(said.split())
)
TITLES = WORDS.filter(lambda said: said and pagination.way_of(said) is None)
GAPS = st.lists(st.sampled_from(["", " ", "\t"]), max_size=3)


@st.composite
def halves(draw: st.DrawFn, label: str) -> tuple[list[str], str | None]:
    """One half of the pagination as lines, and the title it names."""
    shown = draw(st.sampled_from([label, label.upper(), label.lower(), label.title()]))
    lines = [shown] * draw(st.sampled_from([1, 2]))
    title = draw(st.none() | TITLES)
    return [*lines, *draw(GAPS), *([title] if title else []), *draw(GAPS)], title


@given(st.lists(TITLES, min_size=1, max_size=5), st.data())
def test_any_end_is_cut_off_whole_and_each_title_found(
    body: list[str], data: st.DataObject
) -> None:
    before, previous = data.draw(halves("Previous") | st.just(([], None)))
    after, following = data.draw(halves("Next") | st.just(([], None)))
    swapped = data.draw(st.booleans())
    tail = after + before if swapped else before + after
    left, found = pagination.cut([*body, *tail])
    assert (left, found.previous, found.next) == (len(body), previous, following)


@given(st.lists(WORDS, max_size=8))
def test_nothing_is_cut_where_no_line_is_a_label(lines: list[str]) -> None:
    assume(all(pagination.way_of(one) is None for one in lines))
    assert pagination.cut(lines) == (len(lines), pagination.Neighbours())


@pytest.mark.parametrize(
    ("label", "way"),
    [
        ("Previous", "previous"),
        ("PREV", "previous"),
        ("← Previous post", "previous"),
        ("« older", "previous"),
        ("Vorheriger Beitrag", "previous"),
        ("Next", "next"),
        ("next →", "next"),
        ("Next Article:", "next"),
        ("Suivant", "next"),
        ("Nextdoor", None),
        ("What comes next", None),
        ("Next we rest", None),
        ("", None),
    ],
)
def test_a_label_is_known_by_its_words_alone(label: str, way: str | None) -> None:
    assert pagination.way_of(label) == way


@pytest.mark.parametrize(
    "body",
    [
        ["Text.", "Next", "One thing.", "Another thing."],
        ["Next", "One", "Two"],
        ["Previous", "x" * 300],
        ["A", "Previous", "B", "C", "Next"],
    ],
)
def test_a_label_in_the_midst_of_a_text_cuts_nothing_before_the_end(body: list[str]) -> None:
    left, found = pagination.cut(body)
    assert left >= len(body) - 1
    assert found == pagination.Neighbours()


@given(TITLES)
@example("Next steps")
def test_a_title_keeps_its_line_so_that_a_mistake_can_be_found(title: str) -> None:
    _, found = pagination.cut(["Text.", "", "Next", "Next", "", title])
    assert (found.next, found.next_line) == (title, 6)
