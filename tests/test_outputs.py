from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from folders import ROOT, listed, prepared, problems, run_python, snapshot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import outputs
from pipeline.errors import PartworkError
from pipeline.outputs import LOCK, MANIFEST, STAGING, Content

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


# A disk that refuses (D4).


@pytest.mark.parametrize("put", [b"a file", None])
def test_an_output_that_is_no_folder_is_an_error(tmp_path: Path, put: bytes | None) -> None:
    output = tmp_path / "output"
    output.write_bytes(put) if put else output.symlink_to("nowhere")
    with pytest.raises(PartworkError, match="output: this is not a folder: move it away"):
        outputs.write(output, GOOD.items())


def test_what_stands_in_the_way_is_named_before_anything_changes(folder: Path) -> None:
    (folder / "d.txt").mkdir()
    assert "d.txt: this is in the build's way: move it away" in expect_refused(folder)
    (folder / "d.txt").rmdir()
    shutil.rmtree(folder / "deep")
    (folder / "deep").write_bytes(b"a file")
    assert "deep: this is in the build's way" in expect_refused(folder)


def test_a_picture_that_can_not_be_read_is_not_blamed_on_the_output(folder: Path) -> None:
    said = expect_refused(folder, iter([("a.txt", b"new"), ("p.png", folder / "none.png")]))
    assert "none.png: this can't be read (No such file or directory)" in said


def test_an_error_while_rendering_leaves_the_last_good_output_whole(folder: Path) -> None:
    def failing() -> Iterator[tuple[str, Content]]:
        yield "a.txt", b"new"
        raise RuntimeError("a broken template")

    before = snapshot(folder)
    with pytest.raises(RuntimeError):
        outputs.write(folder, failing())
    assert snapshot(folder) == before
    assert not (folder / STAGING).exists()


def test_a_file_too_large_for_the_disk_leaves_the_last_good_output_whole(folder: Path) -> None:
    """The kernel itself refuses: no file may grow beyond 1,000 bytes (EFBIG)."""
    before = snapshot(folder)
    done = run_python(
        f"""
        try:
            outputs.write(Path({str(folder)!r}), [("a.txt", b"new"), ("d.txt", b"x" * 5000)])
        except Exception as error:
            print(type(error).__name__, error)
        """,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
    )
    assert done.stdout.startswith("PartworkError")
    assert "can't be written (File too large)" in done.stdout
    assert snapshot(folder) == before
    assert not (folder / STAGING).exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode:  # noqa: S603 - fixed words
        pytest.skip("mounting a small disk needs root")
    yield place
    subprocess.run(["umount", str(place)], check=True)  # noqa: S603, S607 - fixed words


def test_a_full_disk_leaves_the_last_good_output_whole(small_disk: Path) -> None:
    folder = small_disk / "output"
    outputs.write(folder, GOOD.items())
    (small_disk / "ballast").write_bytes(b"x" * 30_000)
    said = expect_refused(folder, iter([("a.txt", b"new"), ("d.txt", b"x" * 60_000)]))
    assert "No space left on device" in said
    (small_disk / "ballast").unlink()
    outputs.write(folder, NEXT.items())
    assert snapshot(folder) == dict(NEXT)


def test_a_folder_that_may_not_be_written_is_an_error(open_to_all: Path) -> None:
    """As a user without the right to: root may write anywhere."""
    folder = open_to_all / "output"
    outputs.write(folder, GOOD.items())
    folder.chmod(0o555)
    before = snapshot(folder)
    done = run_python(
        f"""
        give_up_root()
        try:
            outputs.write(Path({str(folder)!r}), [("a.txt", b"new")])
        except Exception as error:
            print(type(error).__name__, error)
        """
    )
    assert "PartworkError" in done.stdout, done.stderr
    assert "can't be written (Permission denied)" in done.stdout
    assert snapshot(folder) == before


# Killed, and at the same time (D4).


KILL_AFTER = """
folder, moves = Path({folder!r}), {moves}
NEXT = {contents!r}
real = Path.replace
def dying(self, target):
    global moves
    if self.parent.name == outputs.STAGING:
        if moves == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        moves -= 1
    return real(self, target)
Path.replace = dying
outputs.write(folder, NEXT.items())
"""


@pytest.mark.parametrize("moves", [0, 1, 2])
def test_a_build_killed_while_it_moves_leaves_whole_files_and_the_next_one_mends_it(
    folder: Path, moves: int
) -> None:
    done = run_python(KILL_AFTER.format(folder=str(folder), moves=moves, contents=NEXT))
    assert done.returncode == -signal.SIGKILL
    for path, data in snapshot(folder).items():
        assert data in (GOOD.get(path), NEXT.get(path)), "old or new, never half"
    if moves == 0:
        assert snapshot(folder) == dict(GOOD)
    outputs.write(folder, NEXT.items())
    assert snapshot(folder) == dict(NEXT), "nothing of the killed build is left"
    assert not (folder / STAGING).exists()


def test_a_build_killed_while_it_stages_leaves_the_last_good_output_whole(folder: Path) -> None:
    done = run_python(
        f"""
        def contents():
            yield "a.txt", b"new"
            os.kill(os.getpid(), signal.SIGKILL)
        outputs.write(Path({str(folder)!r}), contents())
        """
    )
    assert done.returncode == -signal.SIGKILL
    assert snapshot(folder) == dict(GOOD)
    assert (folder / STAGING / "0").read_bytes() == b"new"
    outputs.write(folder, GOOD.items())
    assert snapshot(folder) == dict(GOOD)


def test_two_builds_at_once_take_turns(folder: Path) -> None:
    inside = threading.Event()
    order: list[str] = []

    def slow() -> Iterator[tuple[str, Content]]:
        inside.set()
        time.sleep(0.2)
        order.append("first")
        yield "a.txt", b"slow"

    def quick() -> Iterator[tuple[str, Content]]:
        order.append("second")
        yield "a.txt", b"quick"

    first = threading.Thread(target=outputs.write, args=(folder, slow()))
    first.start()
    assert inside.wait(10)
    outputs.write(folder, quick())
    first.join()
    assert order == ["first", "second"]
    assert snapshot(folder) == {"a.txt": b"quick"}


def test_many_builds_at_once_leave_one_whole_output(folder: Path) -> None:
    code = prepared(
        f"""
        name = sys.argv[1]
        for _ in range(10):
            contents = [(f"{{at}}-{{name}}.txt", name.encode() * 100) for at in range(20)]
            outputs.write(Path({str(folder)!r}), [("index.html", name.encode()), *contents])
        """
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, name], cwd=ROOT)  # noqa: S603 - our own code
        for name in ("one", "two", "three")
    ]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    last = (folder / "index.html").read_text(encoding="utf-8")
    assert len(listed(folder)) == 21
    assert all(path == "index.html" or path.endswith(f"-{last}.txt") for path in listed(folder))


def test_a_build_that_waits_too_long_for_another_says_so(folder: Path) -> None:
    said = []

    def impatient() -> Iterator[tuple[str, Content]]:
        with pytest.raises(PartworkError) as raised:
            outputs.write(folder, NEXT.items(), patience=0.01)
        said.extend(problems(raised.value))
        yield "a.txt", b"a1"

    outputs.write(folder, impatient(), complete=False)
    assert said == [
        f"{folder.as_posix()}: another build is still writing this folder:"
        " let it end, then run again"
    ]
    assert snapshot(folder) == dict(GOOD)


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
