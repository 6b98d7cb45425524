"""What was made of which bytes, kept in one file: it saves time and is never needed.

Everything in it stands under a key that tells all that it was made of, so nothing in it is ever
out of date. What can't be read, or is not what was written, is not there; the file can go at any
time, and builds that meet take turns at it.

The values of a kind are spread over rows by the names of what they are of (an article's path): to
read many at once costs half of what each alone would, and one that changes takes few along.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar
from zlib import crc32

from pipeline.packing import Ways, pack, unpack
from pipeline.spool import Held

FOLDER = ".partwork-cache"
FILE = "parts.sqlite"
_CLOCK = ".gitignore"
_SPARE = 2000
"""How many values may stay that this run had no use for, beside as many as it used."""
_ROWS = 64
"""Rows that the values of a kind are spread over."""
_SUM = 16
_PAGE = 16_384
"""Bytes a page: most texts fit into one."""
_ANY = "SELECT kind, key, data FROM parts LIMIT 1"
_ONE = "SELECT data FROM parts WHERE kind = ? AND key = ?"
_TEXT = "text"
"""The kind of what other values hold: each text under its own sum."""
_BATCH = 4_000_000
"""Bytes of texts that are written at a time: until then they stand in memory."""
_WAIT = 10.0
"""Seconds to wait for another build that writes."""

_Row = tuple[str, int]
"""A kind, and the number of one of its rows."""
_Made = TypeVar("_Made")


class LostError(Exception):
    """A text that was kept is there no longer: somebody emptied the cache meanwhile."""


class Cache:
    """Values by kind, name and key. They hold plain values and the package's own dataclasses.

    What they hold (`Held`) is read when it is wanted, in this process or a fork of it.
    """

    def __init__(self, folder: Path | None, *, remembers: bool = False) -> None:
        """Open the cache below a newsletter's folder.

        One without a folder keeps nothing; or, where it `remembers`, this process' values.
        """
        self._folder = folder and folder / FOLDER
        self._base, new = _connected(self._folder) if self._folder else (None, True)
        self._keeps = remembers or self._base is not None
        self.empty = new and not remembers
        """`empty` says that nothing was kept before."""
        self.began = _moment(self._folder / _CLOCK) if self._base and self._folder else 0
        """What the disk took the time to be, in ns; 0 where nothing is kept."""
        self._rows: dict[_Row, dict[bytes, Any]] = {}
        self._changed: dict[_Row, None] = {}
        self._used: dict[_Row, set[bytes]] = {}
        self._texts: dict[_Row, set[bytes]] = {}
        self._later: list[Callable[[], None]] = []
        self._wrote = False
        self._process = os.getpid()

    def get(self, kind: str, name: str, key: bytes) -> Any:
        """The value that was put under a name and a key, None where there is none."""
        if not self._keeps:
            return None
        row = _row_of(kind, name)
        self._used.setdefault(row, set()).add(key)
        return self._values(row).get(key)

    def put(self, kind: str, name: str, key: bytes, value: Any) -> None:
        """Keep a value, at the latest when the cache is saved."""
        if not self._keeps:
            return
        row = _row_of(kind, name)
        self._used.setdefault(row, set()).add(key)
        self._values(row)[key] = value
        self._changed[row] = None

    def _values(self, row: _Row) -> dict[bytes, Any]:
        values = self._rows.get(row)
        if values is None:
            values = self._rows[row] = {} if self.empty else self._read(row)
        return values

    def _read(self, row: _Row) -> dict[bytes, Any]:
        texts = self._texts[row] = set[bytes]()

        def held(key: bytes) -> Held:
            texts.add(key)
            return Held(self._text, key)

        values = _unpacked(self._stored(*_place(row)), held)
        return values if isinstance(values, dict) else {}

    def _text(self, key: bytes) -> bytes:
        data = self._stored(_TEXT, key)
        if isinstance(data, bytes) and digest(data) == key:
            return data
        raise LostError

    def _stored(self, kind: str, key: bytes) -> Any:
        if self._process != os.getpid():
            # A connection may not be carried over a fork (SQLite, “How To Corrupt”, 2.6), nor may
            # the child close its parent's.
            self._process, self._parents = os.getpid(), self._base
            self._base, _ = _connected(self._folder) if self._folder else (None, True)
        with suppress(sqlite3.Error):
            found = self._base and self._base.execute(_ONE, (kind, key)).fetchone()
            return found[0] if found else None
        return None

    def soon(self, put: Callable[[], None]) -> None:
        """Have `put` called when the cache is next written: others may work then.

        At once where it is never written.
        """
        if self._base is not None:
            self._later.append(put)
        elif self._keeps:
            put()

    def flush(self) -> None:
        """Write what was put so far."""
        while self._later:
            self._later.pop()()
        with suppress(sqlite3.Error):
            while self._base is not None and self._changed:
                self._write(self._base)

    def drop(self) -> None:
        """Let go of everything, also of what others kept: it is not what it was."""
        if self._base:
            self._base.close()
        self._base, self._rows, self._keeps = None, {}, False
        with suppress(OSError):
            if self._folder:
                (self._folder / FILE).unlink()

    def save(self) -> None:
        """Write what is new, and drop what outweighs what was of use."""
        if self._base is None:
            return
        with suppress(sqlite3.Error):
            self.flush()
            if self._wrote:
                self._prune(self._base)
        with suppress(sqlite3.Error):
            self._base.close()
        self._base, self._rows, self._keeps = None, {}, False

    def forget(self) -> None:
        """Let go of the values that nobody asked for since this was last called."""
        for row, values in self._rows.items():
            used = self._used.get(row, set())
            self._rows[row] = {key: values[key] for key in values if key in used}
        self._used.clear()

    def _write(self, base: sqlite3.Connection) -> None:
        """Write some rows, and the texts that they hold."""
        rows: list[tuple[str, bytes, bytes]] = []
        texts: dict[bytes, bytes] = {}
        size = 0
        while self._changed and size < _BATCH:
            row, _ = self._changed.popitem()
            held = self._texts[row] = set()

            def aside(data: bytes, held: set[bytes] = held) -> bytes:
                key = digest(data)
                held.add(key)
                texts[key] = data
                return key

            rows.append((*_place(row), _packed(self._worth(row), Ways(aside))))
            size += sum(len(texts[key]) for key in held)
        self._wrote = True
        with base:
            base.execute("BEGIN IMMEDIATE")
            base.executemany("INSERT OR REPLACE INTO parts VALUES (?, ?, ?)", rows)
            base.executemany(
                "INSERT OR IGNORE INTO parts VALUES (?, ?, ?)",
                [(_TEXT, key, data) for key, data in texts.items()],
            )

    def _worth(self, row: _Row) -> dict[bytes, Any]:
        """The values of a row, without what is of no use where that outweighs the rest."""
        values, used = self._rows[row], self._used[row]
        if len(values) > 2 * len(used) + _SPARE // _ROWS:
            values = self._rows[row] = {key: values[key] for key in values if key in used}
        return values

    def _prune(self, base: sqlite3.Connection) -> None:
        """Drop the texts of no use where these outweigh the rest."""
        (held,) = base.execute("SELECT count(*) FROM parts WHERE kind = ?", (_TEXT,)).fetchone()
        used = set().union(*self._texts.values())
        if held <= 2 * len(used) + _SPARE:
            return
        keys = [key for (key,) in base.execute("SELECT key FROM parts WHERE kind = ?", (_TEXT,))]
        with base:
            base.execute("BEGIN IMMEDIATE")
            base.executemany(
                "DELETE FROM parts WHERE kind = ? AND key = ?",
                [(_TEXT, key) for key in keys if key not in used],
            )

    def __bool__(self) -> bool:
        """True where anything is kept."""
        return self._keeps


NOTHING = Cache(None)
"""Keeps nothing."""


def using(folder: Path, make: Callable[[Cache], _Made]) -> _Made:
    """What is made with a folder's cache, saved where all goes well.

    Where the cache loses on the way what it had, all is made again without it.
    """
    cache = Cache(folder)
    try:
        made = make(cache)
    except LostError:
        cache.drop()
        return make(NOTHING)
    try:
        cache.save()
    except LostError:  # what is new stands in a row with what is gone
        cache.drop()
    return made


def _moment(clock: Path) -> int:
    with suppress(OSError):
        os.utime(clock)
        return clock.stat().st_mtime_ns
    return 0


def digest(data: bytes) -> bytes:
    """A short sum of bytes (BLAKE2b, RFC 7693)."""
    return blake2b(data, digest_size=_SUM).digest()


def sum_of(parts: Iterable[object]) -> bytes:
    """The sum of values whose `repr` tells all of them, always in the same words.

    Numbers, text, bytes, dates, None, tuples, lists and dataclasses of these; no sets.
    """
    return digest(repr(tuple(parts)).encode("utf-8", "surrogatepass"))


def _connected(folder: Path) -> tuple[sqlite3.Connection | None, bool]:
    """The open file, made anew where it is none of ours, and whether nothing is in it.

    None where no file can be had.
    """
    for _ in range(2):
        with suppress(OSError):
            folder.mkdir(exist_ok=True)
            if not (folder / _CLOCK).exists():
                (folder / _CLOCK).write_bytes(b"*\n")
        try:
            base = sqlite3.connect(folder / FILE, timeout=_WAIT, isolation_level=None)
            # A power cut may spoil the file, and then it is made anew: waiting for the disk at
            # every build would cost more than that.
            base.execute("PRAGMA synchronous = OFF")
            base.execute(f"PRAGMA page_size = {_PAGE}")
            base.execute(
                "CREATE TABLE IF NOT EXISTS parts"
                " (kind TEXT, key BLOB, data BLOB, PRIMARY KEY (kind, key))"
            )
            empty = base.execute(_ANY).fetchone() is None
        except sqlite3.OperationalError:
            return None, True  # no folder, permission or space, or somebody holds it for long
        except sqlite3.Error:
            with suppress(OSError):
                (folder / FILE).unlink()
        else:
            return base, empty
    return None, True


def _row_of(kind: str, name: str) -> _Row:
    return kind, crc32(name.encode("utf-8", "surrogatepass")) % _ROWS


def _place(row: _Row) -> tuple[str, bytes]:
    kind, number = row
    return kind, b"%d" % number


def _packed(value: Any, ways: Ways) -> bytes:
    data = pack(value, ways)
    return digest(data) + data


def _unpacked(stored: Any, found: Callable[[bytes], Held]) -> Any:
    """A stored value; None for what is not as it was written, or of an older Partwork."""
    if not isinstance(stored, bytes):
        return None
    data = stored[_SUM:]
    if digest(data) != stored[:_SUM]:
        return None
    try:
        return unpack(data, found)
    except Exception:  # a class that is no more, a field that was added: whatever a pickle can do
        return None
