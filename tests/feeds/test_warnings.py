"""What an author is warned of: pictures that do not fit, feeds that grow too big."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline import feeds
from pipeline.feeds import pictures

from . import samples
from .conformance import expect_conformity


@pytest.mark.parametrize(
    ("size", "shown", "warns"), [((144, 400), True, False), ((145, 10), False, True)]
)
def test_a_picture_that_is_too_big_for_rss_is_left_out_with_a_warning(
    size: tuple[int, int], shown: bool, warns: bool, tmp_path: Path
) -> None:
    samples.picture(tmp_path, size)
    outlet = samples.newsletter(tmp_path, feeds={"image": "logo.png"})
    catalogue = samples.weekly(1, outlet)
    made = samples.documents(catalogue)
    assert (b"<image>" in made["feed.xml"]) is shown
    assert b"<logo>" in made["atom.xml"]
    assert [one.rule for one in feeds.warnings(catalogue, {})] == ["feed-image"] * warns


@pytest.mark.parametrize("content", [None, b"", b"GIF89a", b"\x89PNG\r\n\x1a\n"])
def test_a_picture_that_is_none_is_left_out_with_a_warning(
    content: bytes | None, tmp_path: Path
) -> None:
    (tmp_path / "articles").mkdir()
    if content is not None:
        (tmp_path / "articles" / "logo.png").write_bytes(content)
    outlet = samples.newsletter(tmp_path, feeds={"image": "logo.png"})
    assert pictures.channel_image(outlet) is None
    assert [one.severity for one in pictures.image_problems(outlet)] == ["warning"]


def test_three_hundred_parts_and_a_huge_article_work_and_warn() -> None:
    huge = "<p>" + "All work and no play. " * 240_000 + "</p>"
    made: list[Any] = [samples.article(number) for number in range(1, 301)]
    catalogue = samples.catalogue([*made, samples.article(301, html=huge)])
    documents = samples.documents(catalogue)
    for path in ("feed.xml", "atom.xml", "feed.json"):
        assert len(documents[path]) > 5_000_000
        expect_conformity(path, documents[path], f"https://northgate.example/notes/{path}")
    sizes = {path: len(data) for path, data in documents.items()} | {"index.html": 9_000_000}
    warnings = feeds.warnings(catalogue, sizes)
    assert len(warnings) == 6
    assert str(warnings[0]) == (
        "newsletter.toml:9: output/feed.xml has 5.6 MB, more than some readers take:"
        ' set `limit` or `content = "summary"` to stay below 2 MB'
    )
    assert {one.severity for one in warnings} == {"warning"}


def test_feeds_of_an_ordinary_size_draw_no_warning() -> None:
    catalogue = samples.weekly(3)
    sizes = {path: len(data) for path, data in samples.documents(catalogue).items()}
    assert feeds.warnings(catalogue, sizes) == ()
