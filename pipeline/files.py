"""Replacing one file on disk, whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
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
        with suppress(OSError):
            beside.unlink()
        raise refused(path, error) from None


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
