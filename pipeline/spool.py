"""Long texts, read where they are wanted: in memory while they are few, else in a file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from typing import Any

ROOM = 8_000_000
"""Bytes that a spool holds in memory: the bodies of about a thousand articles."""


class Held:
    """Bytes that are somewhere: `fetch` gives those at `place`. Two are equal where these are."""

    __slots__ = ("_fetch", "_place")

    def __init__(self, fetch: Callable[[Any], bytes], place: Any) -> None:
        self._fetch = fetch
        self._place = place

    def read(self) -> bytes:
        """The bytes."""
        return self._fetch(self._place)

    def move(self, spool: Spool) -> None:
        """Bytes in memory go to a spool; those that are elsewhere stay."""
        if self._fetch is _itself:
            moved = spool.put(self._place)
            self._fetch, self._place = moved._fetch, moved._place

    def __eq__(self, other: object) -> bool:
        """By content."""
        return isinstance(other, Held) and self.read() == other.read()

    def __hash__(self) -> int:
        """By content."""
        return hash(self.read())

    def __repr__(self) -> str:
        """The bytes, wherever they are."""
        return f"held({self.read()!r})"


def held(data: bytes) -> Held:
    """Bytes in memory."""
    return Held(_itself, data)


def _itself(data: bytes) -> bytes:
    return data


class Spool:
    """Where bytes are set aside while there is much to do."""

    def __init__(self) -> None:
        self._room = ROOM
        self._file: File | None = None
        self._process = os.getpid()

    def put(self, data: bytes) -> Held:
        """Set bytes aside."""
        if self._room >= len(data):
            self._room -= len(data)
            return held(data)
        if self._file is None or self._process != os.getpid():
            self._file, self._process = File(), os.getpid()
        return self._file.at(self._file.add(data))


class File:
    """A file without a name: what one process adds, it and its forks can read."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - open while anything is held
        self._end = 0

    def add(self, data: bytes) -> tuple[int, int]:
        """Add bytes; their place."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]
        place = (self._end, len(data))
        self._end += len(data)
        return place

    def at(self, place: tuple[int, int]) -> Held:
        """The bytes at a place."""
        return Held(self.read, place)

    def read(self, place: tuple[int, int]) -> bytes:
        """The bytes at a place, less where not all of them are there yet."""
        at, size = place
        if hasattr(os, "pread"):
            return os.pread(self._file.fileno(), size, at)  # forks share the file's position
        self._file.seek(at)
        data = self._file.read(size)
        self._file.seek(self._end)
        return data

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
