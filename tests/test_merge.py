from __future__ import annotations

from html import escape
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline import text
from pipeline.merge import MergePoint, fill, used

TAGS = {point: f"{{{{{point.value}}}}}" for point in MergePoint}
WORDS = st.text(st.characters(exclude_categories=()), max_size=60).map(text.clean)


def doubled(piece: str) -> str:
    """A service's way to show its own braces as typed."""
    return piece.replace("{{", '{{"{{"}}')


@pytest.mark.parametrize("point", list(MergePoint))
def test_a_merge_point_without_a_value_is_never_sent(point: MergePoint) -> None:
    values = {one: "x" for one in MergePoint if one is not point}
    with pytest.raises(ValueError, match=f"no value for the merge point {point.value}"):
        fill(f"Dear {point.neutral}", values)


@pytest.mark.parametrize(
    "spoil",
    [
        quote,
        lambda mark: quote(mark).lower(),
        lambda mark: mark[:-1],
        lambda mark: mark[1:],
        lambda mark: mark.replace("first", "FIRST"),
        lambda mark: f"{mark[:3]} {mark[3:]}",
    ],
)
def test_a_merge_point_that_was_damaged_on_the_way_is_never_sent(spoil) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="a damaged merge point in"):
        fill(f"Dear {spoil(MergePoint.FIRST_NAME.neutral)},", TAGS)


def test_a_name_that_no_service_knows_is_never_sent() -> None:
    mark = MergePoint.FIRST_NAME.neutral.replace("first_name", "last_name")
    with pytest.raises(ValueError, match="no value for the merge point last_name"):
        fill(mark, TAGS)


@given(st.lists(WORDS, min_size=2, max_size=6), st.sampled_from(MergePoint))
@example(["{{ first_name }}", "*|FNAME|* [[x]] {% raw %}"], MergePoint.WEB_URL)
@example(["{{", "}}"], MergePoint.FIRST_NAME)
def test_what_an_article_says_arrives_as_typed_between_the_tags(
    pieces: list[str], point: MergePoint
) -> None:
    filled = fill(point.neutral.join(pieces), TAGS, literal=doubled)
    assert filled == TAGS[point].join(doubled(piece) for piece in pieces)


@given(WORDS)
def test_no_clean_text_holds_a_merge_point(words: str) -> None:
    assert used(words) == ()
    assert fill(words, {}) == words
    assert used(escape(words)) == ()


def test_the_points_in_use_are_named_once_in_order() -> None:
    web, name = MergePoint.WEB_URL.neutral, MergePoint.FIRST_NAME.neutral
    assert used(f"a{web}b{name}c{web}") == (MergePoint.WEB_URL, MergePoint.FIRST_NAME)
