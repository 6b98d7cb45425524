"""Builds that build on earlier ones, where feeds have an archive: what is full is left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from folders import article, snapshot, write
from test_rebuild import CHANGES, FILES, Change, again, expect_as_if_new, trusting

__all__ = ["trusting"]  # a fixture for every test here

LIMITED = {
    **FILES,
    "newsletter.toml": f"{FILES['newsletter.toml']}\n[feeds]\nlimit = 1\n",
    "articles/other/2-b.md": article(
        "Other B", "[x](../02-two.md)\n", series="other", date="2026-10-13"
    ),
}


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
