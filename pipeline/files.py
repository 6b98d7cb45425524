"""Replacing one file on disk, whole or not at all; what to say where the disk refuses."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.errors import PartworkError, Problem


def replace(path: Path, data: bytes) -> None:
    """Write `data` beside `path` and move it over (D4); the file keeps its permissions.

    PartworkError where the disk refuses; what was there stays.
    """
    beside = path.with_name(f".{path.name[:40]}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(data)
        with suppress(FileNotFoundError):
            beside.chmod(path.stat().st_mode)
        beside.replace(path)
    except OSError as error:
        raise refused(path, error) from None
    finally:
        with suppress(OSError):  # it is there where something failed, or a person stopped it
            beside.unlink()


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put Ctrl-C off until what is to be done as a whole is done."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Ctrl-C reaches the main thread alone
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        signal.raise_signal(signal.SIGINT)


def update(path: Path, data: bytes) -> None:
    """Write `data` unless the file holds it already: its date is what web servers go by (D3)."""
    with suppress(OSError):
        if path.read_bytes() == data:
            return
    replace(path, data)


@contextmanager
def readable() -> Iterator[None]:
    """Say of a file that the disk does not give that it can't be read."""
    try:
        yield
    except OSError as error:
        problem = Problem(
            path=Path(error.filename or ".").as_posix(),
            rule="unreadable",
            message=f"this can't be read ({error.strerror or error})",
            remedy="check its permissions",
        )
        raise PartworkError([problem]) from None


def refused(path: Path, error: OSError) -> PartworkError:
    """What to say when the disk refuses a write."""
    return PartworkError(
        [
            Problem(
                path=path.as_posix(),
                rule="unwritable",
                message=f"this can't be written ({error.strerror or error})",
                remedy="check the folder's permissions and the free space, then run again",
            )
        ]
    )
