"""The output folder where the disk refuses, the process dies, or two builds meet (D4)."""

from __future__ import annotations

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
from test_outputs import GOOD, NEXT

from pipeline import outputs
from pipeline.errors import PartworkError
from pipeline.outputs import STAGING
from pipeline.pieces import Content


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
def dying(real):
    def move(source, target):
        global moves
        if moves == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        moves -= 1
        return real(source, target)
    return move
os.replace, os.rename = dying(os.replace), dying(os.rename)
outputs.write(folder, NEXT.items())
"""


@pytest.mark.parametrize("moves", [0, 1, 2, 3])
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
    assert (folder / STAGING / "a.txt").read_bytes() == b"new"
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
