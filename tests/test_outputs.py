from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from folders import listed, problems, snapshot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import outputs
from pipeline.errors import PartworkError
from pipeline.outputs import LOCK, STAGING
from pipeline.outputs.manifest import MANIFEST
from pipeline.pieces import Content

GOOD: dict[str, Content] = {"a.txt": b"a1", "deep/b.txt": b"b1", "deep/er/c.txt": b"c1"}
NEXT: dict[str, Content] = {"a.txt": b"a2", "deep/b.txt": b"b2", "d.txt": b"d2"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An output folder with a good build in it."""
    outputs.write(tmp_path / "output", GOOD.items())
    return tmp_path / "output"


def expect_refused(folder: Path, contents: Iterator[tuple[str, Content]] | None = None) -> str:
    """A build that fails leaves the last good output whole, and nothing beside it."""
    before = snapshot(folder)
    with pytest.raises(PartworkError) as raised:
        outputs.write(folder, NEXT.items() if contents is None else contents)
    assert snapshot(folder) == before
    assert not (folder / STAGING).exists()
    (said,) = problems(raised.value)
    return said


# What must never leave the folder (S3).


@pytest.mark.parametrize(
    "path", ["../x", "/x", "a/../../x", "a\0b", "a\nb", "a\\..\\x", "", ".", "a/../b"]
)
def test_a_path_that_leaves_the_folder_is_refused_before_anything_is_written(
    folder: Path, path: str
) -> None:
    before = snapshot(folder.parent)
    with pytest.raises(ValueError, match="leaves the output folder"):
        outputs.write(folder, [("a.txt", b"new"), (path, b"x")])
    assert snapshot(folder.parent) == before


def test_a_path_that_is_made_twice_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="made twice"):
        outputs.write(folder, [("a.txt", b"1"), ("a.txt", b"2")])
    assert snapshot(folder) == dict(GOOD)


@pytest.mark.parametrize("link", ["a.txt", "deep", "deep/b.txt"])
def test_a_link_in_the_output_is_never_followed(folder: Path, tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.txt").write_bytes(b"theirs")
    target = folder / link
    shutil.rmtree(target) if target.is_dir() else target.unlink()
    target.symlink_to(outside if link == "deep" else outside / "b.txt")
    before = snapshot(outside)
    with pytest.raises(PartworkError, match="this is a link"):
        outputs.write(folder, NEXT.items())
    assert snapshot(outside) == before


def test_a_link_in_place_of_the_staging_folder_is_never_followed(
    folder: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / STAGING).symlink_to(outside)
    with pytest.raises(PartworkError, match="can't be written"):
        outputs.write(folder, NEXT.items())
    assert snapshot(outside) == {}
    assert snapshot(folder) == dict(GOOD)


def test_a_list_of_files_that_was_tampered_with_removes_nothing_elsewhere(
    folder: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.txt"
    kept.touch()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/kept.txt").touch()
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    lines = ["../kept.txt", str(kept), "deep/../../kept.txt", "link/kept.txt", "deep", "", "."]
    (folder / MANIFEST).write_text("\n".join(lines), encoding="utf-8")
    outputs.write(folder, {}.items())
    assert kept.exists()
    assert (tmp_path / "elsewhere/kept.txt").exists()
    assert (folder / "deep").is_dir()


def test_what_a_person_put_into_the_folder_stays(folder: Path) -> None:
    (folder / "CNAME").write_bytes(b"northgate.example")
    (folder / "deep/er/mine.txt").write_bytes(b"mine")
    outputs.write(folder, {}.items())
    assert listed(folder) == ["CNAME", "deep/er/mine.txt"]


# What a build does.


def test_a_file_that_did_not_change_is_not_touched(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "p.png").write_bytes(b"picture")
    outputs.write(folder, [*GOOD.items(), ("p.png", tmp_path / "p.png")])
    old = 1_000_000_000
    for path in listed(folder):
        os.utime(folder / path, (old, old))
    os.utime(folder / MANIFEST, (old, old))
    done = outputs.write(folder, [*GOOD.items(), ("p.png", tmp_path / "p.png")])
    assert done.changed == done.removed == ()
    touched = [
        path for path in [*listed(folder), MANIFEST] if (folder / path).stat().st_mtime != old
    ]
    assert touched == []


def test_only_what_changed_is_named_with_every_size(folder: Path) -> None:
    done = outputs.write(folder, NEXT.items())
    assert done.changed == ("a.txt", "d.txt", "deep/b.txt")
    assert done.removed == ("deep/er/c.txt",)
    assert done.sizes == {"a.txt": 2, "d.txt": 2, "deep/b.txt": 2}
    assert not (folder / "deep/er").exists(), "an empty folder goes too"


def test_a_part_of_a_build_removes_nothing_but_its_files_go_with_a_later_whole(
    folder: Path,
) -> None:
    outputs.write(folder, [("feed.xml", b"f")], complete=False)
    assert listed(folder) == sorted([*GOOD, "feed.xml"])
    assert outputs.write(folder, GOOD.items()).removed == ("feed.xml",)


def test_what_is_to_be_kept_stays_and_goes_once_it_need_not(folder: Path) -> None:
    keep = ["deep/er/c.txt", "never/made.txt"]
    assert outputs.write(folder, NEXT.items(), keep=keep).removed == ()
    assert listed(folder) == ["a.txt", "d.txt", "deep/b.txt", "deep/er/c.txt"]
    assert outputs.write(folder, NEXT.items()).removed == ("deep/er/c.txt",)


def test_an_unreadable_list_of_files_removes_nothing(folder: Path) -> None:
    (folder / MANIFEST).write_bytes(b"\xff")
    assert outputs.write(folder, NEXT.items()).removed == ()
    assert listed(folder) == sorted({*GOOD, *NEXT})


def test_new_files_have_the_permissions_of_any_new_file(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    wanted = (tmp_path / "plain").stat().st_mode
    assert {(folder / path).stat().st_mode for path in listed(folder)} == {wanted}


NAMES = st.text("ab", min_size=1, max_size=2)
TREES = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=3).map(lambda parts: "/".join(parts) + ".txt"),
    st.binary(max_size=3),
    max_size=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TREES, max_size=4))
def test_after_any_builds_the_folder_holds_the_last_one(
    tmp_path: Path, builds: list[dict[str, bytes]]
) -> None:
    folder = tmp_path / "output"
    shutil.rmtree(folder, ignore_errors=True)
    for tree in builds:
        outputs.write(folder, tree.items())
        assert snapshot(folder) == tree
        assert sorted(path.name for path in folder.glob(".*")) == [MANIFEST, LOCK]
