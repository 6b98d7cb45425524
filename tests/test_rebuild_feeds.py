"""Builds that build on earlier ones, where feeds have an archive: what is full is left alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from folders import article, snapshot, write
from hypothesis import given, settings
from hypothesis import strategies as st
from test_rebuild import (
    CHANGES,
    FILES,
    Change,
    again,
    borders,
    edit,
    expect_as_if_new,
    put,
    trusting,
)

from pipeline.articles import Article
from pipeline.feeds import documents
from pipeline.feeds.entries import Entries
from pipeline.feeds.model import Entry

__all__ = ["borders", "trusting"]  # fixtures

LIMITED = {
    **FILES,
    "newsletter.toml": f"{FILES['newsletter.toml']}\n[feeds]\nlimit = 1\n",
    "articles/other/2-b.md": article(
        "Other B", "[x](../02-two.md)\n", series="other", date="2026-10-13"
    ),
}


@pytest.mark.usefixtures("borders")
@pytest.mark.parametrize(
    "change", [one for one in CHANGES if "articles/" in one.__name__], ids=lambda one: one.__name__
)
def test_after_any_single_change_building_again_is_building_anew(
    change: Change, tmp_path: Path
) -> None:
    write(tmp_path, LIMITED)
    again(tmp_path)
    change(tmp_path)
    expect_as_if_new(tmp_path)


@pytest.mark.parametrize("limit", [1, 2])
def test_a_new_part_writes_no_document_that_was_full(limit: int, tmp_path: Path) -> None:
    week = timedelta(weeks=1)
    first = datetime(2026, 10, 6, 12, tzinfo=UTC)
    parts = {
        f"articles/{n:02}-x.md": article(
            f"Part {n}",
            f"On to [the next](<{n + 1:02}-x.md>).\n" if n < 8 else "End.\n",
            date=f"{first + (n - 1) * week:%Y-%m-%d}",
            slug=f"x{n}",
        )
        for n in range(1, 9)
    }
    toml = LIMITED["newsletter.toml"].replace("limit = 1", f"limit = {limit}")
    write(tmp_path, {"newsletter.toml": toml, **parts})
    assert again(tmp_path, first + 6 * week).written.sizes
    before = snapshot(tmp_path / "output")
    done = again(tmp_path, first + 7 * week)
    full = (7 - 1) // limit
    for folder in ("", "series/care/"):
        for file in ("feed.xml", "atom.xml", "feed.json"):
            assert folder + file in done.written.changed
            for number in range(1, full + 1):
                path = f"{folder}archive/{number}/{file}"
                assert path in before
                assert path not in done.written.changed
            assert f"{folder}archive/{(8 - 1) // limit + 1}/{file}" in done.written.sizes


# A document is put together of what its last one held, and of what is new.

WEEKS = 8


def weekly(order: str = "series", content: str = "full") -> dict[str, str | bytes]:
    """A newsletter of a series with a part a week and one note; every part is published."""
    first = datetime(2026, 8, 4, 12, tzinfo=UTC)
    parts = {
        f"articles/{n:02}-x{n}.md": article(
            f"Part {n}", f"Text {n}.\n", date=f"{first + n * timedelta(weeks=1):%Y-%m-%d}"
        )
        for n in range(1, WEEKS + 1)
    }
    toml = f'{FILES["newsletter.toml"]}\n[feeds]\norder = "{order}"\ncontent = "{content}"\n'
    note = article("A note", "Noted.\n", series=None, date="2026-09-10")
    return {"newsletter.toml": toml, **parts, "articles/note.md": note}


PART = st.integers(1, WEEKS).map(lambda number: f"articles/{number:02}-x{number}.md")
EDITS = st.lists(
    st.one_of(
        st.builds(edit, PART, st.just("Text"), st.sampled_from(["Text, so", "Text " * 99])),
        st.builds(edit, PART, st.just("title: Part"), st.just("title: Renamed part")),
        st.builds(put, PART, st.none()),
        st.builds(put, PART, st.just(article("New", "New.\n", date="2026-10-30"))),
        st.builds(edit, st.just("articles/note.md"), st.just("2026-09-10"), st.just("2026-08-12")),
        st.builds(edit, st.just("newsletter.toml"), st.just('"full"'), st.just('"summary"')),
    ),
    min_size=1,
    max_size=3,
)


@pytest.mark.parametrize("order", ["series", "newest"])
@given(edits=EDITS)
@settings(max_examples=25)
def test_documents_built_on_earlier_ones_are_those_made_anew(
    order: str, edits: list[Change], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("weekly")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "BATCH", 3)
        write(root, weekly(order))
        again(root)
        for one in edits:
            one(root)
            expect_as_if_new(root)


def test_only_an_entry_that_changed_and_those_beside_it_are_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, weekly())
    again(tmp_path)
    edit("articles/04-x4.md", "Text 4", "Text 4, edited")(tmp_path)
    made: list[str] = []
    original = Entries._make

    def make(self: Entries, one: Article, visible: Collection[str]) -> Entry:
        made.append(one.title)
        return original(self, one, visible)

    monkeypatch.setattr(Entries, "_make", make)
    assert "feed.xml" in again(tmp_path).written.changed
    assert set(made) == {"Part 3", "Part 4", "Part 5"}


@pytest.mark.parametrize("touch", ["other bytes", "the same bytes", "gone"])
def test_a_document_that_somebody_touched_is_not_built_on(touch: str, tmp_path: Path) -> None:
    write(tmp_path, weekly())
    again(tmp_path)
    feed = tmp_path / "output" / "feed.xml"
    whole = feed.read_bytes()
    feed.unlink()
    if touch != "gone":
        feed.write_bytes(whole.replace(b"Text 2.", b"Evil 2.") if touch == "other bytes" else whole)
    edit("articles/04-x4.md", "Text 4", "Text 4, edited")(tmp_path)
    expect_as_if_new(tmp_path)
