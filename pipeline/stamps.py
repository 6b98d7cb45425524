"""Stamps: short sums that differ where the program, or what it reads, is not the same."""

from __future__ import annotations

import os
import sys
import zoneinfo
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from functools import cache
from pathlib import Path

from pipeline.cache import digest, sum_of
from pipeline.config import Newsletter

PACKAGE = Path(__file__).resolve().parent
_FAR = 2**63 - 1
TICK = 2 * 10**9
"""The longest, in ns, that two changes can share a date on a disk (FAT counts in two seconds)."""
_NOT_OURS = frozenset({"__pycache__"})

Sight = tuple[int, int, int]
"""A file as the disk tells of it: size, and when its bytes and its place last changed, in ns.

Whoever sets the second back, as `cp -p` does, still moves the third (stat(2), st_ctime).
"""


def sight(status: os.stat_result) -> Sight:
    """What tells whether a file is still the one that was seen."""
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def settled(seen: Sight, began: int) -> bool:
    """Whether the next change of a file will show, the build having begun at this moment in ns."""
    return max(seen[1:]) < began - TICK


def sights(folder: str) -> Iterator[tuple[str, Sight]]:
    """Every file below a folder, and every link to one as that file, in a fixed order.

    A link to a folder may lead round in a ring; it counts as one that changes in the far future.
    """
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda one: one.name)
    except OSError:
        return  # what is not there, or closed, is the same as before or breaks the build
    for entry in entries:
        if entry.is_dir() and entry.is_symlink():
            yield entry.path, (-1, _FAR, _FAR)
        elif entry.is_dir():
            if entry.name not in _NOT_OURS:
                yield from sights(entry.path)
        else:
            try:
                yield entry.path, sight(entry.stat())
            except OSError:
                yield entry.path, (-1, -1, -1)


@cache
def program() -> bytes:
    """Partwork and what it is made with: the bytes of its files, and every installed package.

    Bytes, since a checkout or an installation gives every file a new date. A package's version is
    in the name of its folder (Binary distribution format, “The .dist-info directory”).
    """
    folders = [PACKAGE, PACKAGE.parent / "email_templates"]
    ours = [
        (path.removeprefix(str(folder)), digest(Path(path).read_bytes()))
        for folder in folders
        for path, _ in sights(str(folder))
    ]
    return sum_of([sys.version, ours, sorted(_installed())])


@cache
def surroundings() -> bytes:
    """The same as the disk tells it, without reading a file: quicker, and sooner another one."""
    folders = [PACKAGE, PACKAGE.parent / "email_templates"]
    ours = [tuple(sights(str(folder))) for folder in folders]
    return sum_of([sys.version, ours, *_paths()])


def base(newsletter: Newsletter) -> bytes:
    """The program and every setting: what all that is made depends on. Not where it lies."""
    return sum_of([program(), settings(newsletter)])


def settings(newsletter: Newsletter) -> bytes:
    """Every setting, with the clocks that it names."""
    names = (one.name for one in fields(newsletter) if one.name != "root")
    clocks = (_clocks(zone.key) for zone in (newsletter.zone, newsletter.slots_zone))
    return sum_of([*(getattr(newsletter, name) for name in names), *clocks])


def _clocks(zone: str) -> bytes:
    """What the system's file says of a timezone: governments change clocks, and updates say so.

    Empty where there is none: then the package tzdata has it, which tells by its version.
    """
    for folder in zoneinfo.TZPATH:
        with suppress(OSError):
            return Path(folder, zone).read_bytes()
    return b""


def _installed() -> Iterator[str]:
    for folder in _packages():
        yield from (name for name in os.listdir(folder) if name.endswith("-info"))  # noqa: PTH208 - names are all that is wanted


def _paths() -> Iterator[tuple[str, int]]:
    for folder in _packages():
        yield folder, os.stat(folder).st_mtime_ns  # noqa: PTH116 - a string as it stands


def _packages() -> list[str]:
    """The folders that packages are installed into, not those that a program is started from."""
    names = ("site-packages", "dist-packages")
    return [one for one in sys.path if one.endswith(names) and os.path.isdir(one)]  # noqa: PTH112
