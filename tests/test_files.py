from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from folders import listed, problems, run_python

from pipeline import files
from pipeline.errors import PartworkError


def test_a_file_is_old_or_new_whenever_the_process_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    done = run_python(
        f"""
        Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        files.replace(Path({str(path)!r}), b"new" * 1000)
        """
    )
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"


def test_what_was_written_beside_a_file_goes_where_the_file_can_not_be_replaced(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.txt/inside").mkdir(parents=True)
    with pytest.raises(PartworkError) as raised:
        files.replace(tmp_path / "a.txt", b"new")
    (said,) = problems(raised.value)
    assert said.startswith(f"{tmp_path}/a.txt: this can't be written (")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_link_is_replaced_and_not_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "theirs.txt").write_bytes(b"theirs")
    (tmp_path / "a.txt").symlink_to("theirs.txt")
    files.replace(tmp_path / "a.txt", b"ours")
    assert (tmp_path / "theirs.txt").read_bytes() == b"theirs"
    assert (tmp_path / "a.txt").read_bytes() == b"ours"


def test_a_new_file_comes_with_its_folders_and_the_longest_name_a_disk_can_hold(
    tmp_path: Path,
) -> None:
    name = "x" * 255
    files.replace(tmp_path / "deep/er" / name, b"x")
    assert listed(tmp_path) == [f"deep/er/{name}"]


def test_a_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    os.chmod(path, 0o604)  # noqa: PTH101 - what the shell would do
    files.replace(path, b"new")
    assert path.stat().st_mode & 0o777 == 0o604
