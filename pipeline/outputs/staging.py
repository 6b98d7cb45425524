"""One file of the output on its way: where it goes, and its bytes staged where they differ."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, chain
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import PartworkError, Problem
from pipeline.pieces import Files


def place(root: str, path: str, folders: set[str]) -> str:
    """Where a file goes, nothing being in its way; `folders` grows by those found sound.

    ValueError for a path that leaves the folder, PartworkError for what is in its way.
    """
    *above, name = path.split("/")
    if not {"", ".", ".."}.isdisjoint([*above, name]) or any(char in path for char in "\0\n\\"):
        raise ValueError(f"output path {path!r} leaves the output folder")
    target = root
    for part in above:
        target = f"{target}/{part}"
        if target not in folders:
            _expect_free(target, stat.S_ISREG)
            folders.add(target)
    target = f"{target}/{name}"
    _expect_free(target, stat.S_ISDIR)
    return target


def _expect_free(place: str, in_the_way: Callable[[int], bool]) -> None:
    try:
        mode = os.lstat(place).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISLNK(mode):
        what = "this is a link, and may lead out of the output folder"
        raise refused(Path(place), "output-link", what, "remove it")
    if in_the_way(mode):
        raise refused(Path(place), "unwritable", "this is in the build's way", "move it away")


def read(contents: Iterable[Files]) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
    """The contents as bytes; a file that can't be read on the way is not the output's fault."""
    try:
        for path, content in chain.from_iterable(contents):
            yield path, content.read_bytes() if isinstance(content, Path) else content
    except OSError as error:
        what = f"this can't be read ({error.strerror})"
        source = Path(error.filename or ".")
        raise refused(source, "unreadable", what, "check its permissions") from error


def stage(target: str, data: bytes | Iterable[bytes], staged: str) -> tuple[int, bool]:
    """Write what the target is to hold to `staged`, unless it does already.

    The size in bytes, and whether it was written.
    """
    if isinstance(data, bytes):
        held = holds(target, data)
        if not held:
            with _opened(staged) as new:
                new.write(data)
        return len(data), not held
    chunks = iter(data)
    alike, chunk = _alike(target, chunks)
    if chunk is None:
        return alike, False
    with _opened(staged) as new:
        if alike:
            with open(target, "rb") as old:  # noqa: PTH123 - as above
                shutil.copyfileobj(old, new)
            new.seek(alike)
            new.truncate()
        new.writelines(chain([chunk], chunks))
        return new.tell(), True


def _opened(staged: str) -> BinaryIO:
    """A new file, its folder made where there is none."""
    try:
        return open(staged, "wb")  # noqa: PTH123 - thousands: paths stay strings
    except FileNotFoundError:
        os.makedirs(os.path.dirname(staged), exist_ok=True)  # noqa: PTH103, PTH120 - as above
        return open(staged, "wb")  # noqa: PTH123 - as above


def settle(beside: Path, root: Path, paths: Iterable[str]) -> None:
    """Move staged files to where they belong; folders that are not there yet move whole."""
    there: set[str] = set()
    moved: set[str] = set()
    for path in paths:
        above = [*accumulate(path.split("/")[:-1], "{}/{}".format)]
        if not moved.isdisjoint(above):
            continue
        for folder in above:
            if folder not in there:
                if not os.path.isdir(f"{root}/{folder}"):  # noqa: PTH112 - as above
                    moved.add(folder)
                    os.rename(f"{beside}/{folder}", f"{root}/{folder}")  # noqa: PTH104 - as above
                    break
                there.add(folder)
        else:
            os.replace(f"{beside}/{path}", f"{root}/{path}")  # noqa: PTH105 - as above


def _alike(target: str, chunks: Iterator[bytes]) -> tuple[int, bytes | None]:
    """How many bytes the target begins with as the chunks do, and the chunk that differs.

    None for the chunk where the target holds just this; where it holds more, that chunk is empty.
    """
    try:
        old = open(target, "rb")  # noqa: PTH123, SIM115 - as above; closed below
    except FileNotFoundError:
        return 0, b""
    alike = 0
    with old:
        for chunk in chunks:
            if old.read(len(chunk)) != chunk:
                return alike, chunk
            alike += len(chunk)
        return alike, b"" if old.read(1) else None


def holds(target: str, data: bytes) -> bool:
    """True where the file is there and holds just this."""
    try:
        if os.stat(target).st_size != len(data):  # noqa: PTH116 - as above
            return False
        with open(target, "rb", buffering=0) as old:  # noqa: PTH123 - as above
            return old.read() == data
    except FileNotFoundError:
        return False


def refused(path: Path, rule: str, message: str, remedy: str) -> PartworkError:
    """What to say of something in the output folder, or of a file that was to go there."""
    return PartworkError([Problem(path=path.as_posix(), rule=rule, message=message, remedy=remedy)])
