"""The ledger: our own record of what was handed to which mailing service, in `ledger.jsonl`.

One JSON object a line, only ever appended, fsynced before anything depends on it, meant to be
committed. A second copy lives in `.partwork/`, which git ignores: what was sent stays sent when an
older commit is checked out, so lines that the ledger has lost are put back from there.

What services count of an issue stands in a side file, `figures.jsonl`, which `figures` explains: no
mail depends on it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline import files
from pipeline.errors import PartworkError, Problem, fail_on_errors
from pipeline.ledger import figures
from pipeline.ledger.entries import FILE, Entry, Event, Parsed, encode, parse

LOCAL = ".partwork"
"""The folder, ignored by git, of the lock and of this machine's own copy."""


def read(root: Path) -> tuple[Entry, ...]:
    """Every fact known of a newsletter, without taking the lock; PartworkError for damage (P5)."""
    parsed = parse(_bytes(root / FILE))
    fail_on_errors(parsed.problems)
    return _union(parsed.entries, _copy(root).entries)


def _copy(root: Path) -> Parsed:
    """The copy that this machine keeps; PartworkError where a newer Partwork wrote in it.

    An older commit of the ledger may lack what such a line says, and nothing else would tell of it.
    """
    parsed = parse(_bytes(root / LOCAL / FILE), f"{LOCAL}/{FILE}")
    fail_on_errors(_newer(parsed))
    return parsed


def _newer(parsed: Parsed) -> Iterator[Problem]:
    return (one for one in parsed.problems if one.line not in parsed.bad)


def articles(root: Path) -> frozenset[str]:
    """The ids of every article that it tells of, of those too whose files are gone."""
    return frozenset(one for entry in read(root) for one in (entry.issue, *entry.articles) if one)


def read_figures(root: Path) -> tuple[Entry, ...]:
    """What services counted, as entries `reported`; PartworkError for damage (P5)."""
    parsed = parse(_bytes(root / figures.FILE), figures.FILE)
    fail_on_errors(parsed.problems)
    return tuple(entry for entry in parsed.entries if entry.event is Event.REPORTED)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        problem = Problem(
            path=path.name,
            rule="ledger",
            message=f"this can't be read ({error.strerror or error})",
            remedy="correct its permissions",
        )
        raise PartworkError([problem]) from None


def _union(*parts: Iterable[Entry]) -> tuple[Entry, ...]:
    facts: dict[str, Entry] = {}
    for part in parts:
        for entry in part:
            facts.setdefault(entry.digest, entry)
    return tuple(facts.values())


class Ledger:
    """The ledger while this process holds its lock; made by `opened`."""

    def __init__(self, root: Path, entries: tuple[Entry, ...]) -> None:
        self._root = root
        self.entries = entries

    def append(self, entry: Entry) -> Entry:
        """Write one line to the disk, for good, and give it; PartworkError where the disk refuses.

        Lines about an issue are read in the order of their times, and `forgotten` ends what was
        said before. So a line is dated after those before it, even where the clock was set back.
        """
        about = (entry.service, entry.issue)
        times = (one.at for one in self.entries if (one.service, one.issue) == about)
        latest = max(times, default=entry.at)
        if entry.at < latest:
            entry = replace(entry, at=latest + timedelta(microseconds=1))
        for path in (self._root / FILE, self._root / LOCAL / FILE):
            _append(path, [entry])
        self.entries = (*self.entries, entry)
        return entry

    def note(self, entry: Entry) -> None:
        """Keep what a service counted in the side file; PartworkError for damage, or the disk's."""
        path = self._root / figures.FILE
        parsed = parse(_bytes(path), figures.FILE)
        fail_on_errors(parsed.problems)
        kept = figures.thinned([*parsed.entries, entry])
        files.replace(path.resolve(), "".join(f"{encode(one)}\n" for one in kept).encode())


@contextmanager
def opened(root: Path, *, wait: float = 60.0) -> Iterator[Ledger]:
    """Hold a newsletter's ledger alone, mended, for as long as the context lasts.

    The lock is the kernel's: it ends with the process that held it, however that ended. Raises
    PartworkError where another process keeps it longer than `wait` seconds, or for damage (P5).
    """
    with _alone(root, wait):
        yield Ledger(root, _mended(root))


def repair(root: Path, *, wait: float = 60.0) -> int:
    """Turn every unreadable line into a `torn` entry that keeps its text; how many there were."""
    with _alone(root, wait):
        return sum(_repaired(root / name) for name in (FILE, figures.FILE))


def _repaired(path: Path) -> int:
    parsed = parse(_bytes(path), path.name)
    fail_on_errors(_newer(parsed))
    _set_aside(path, parsed)
    return len(parsed.bad) + bool(parsed.torn)


@contextmanager
def _alone(root: Path, wait: float) -> Iterator[None]:
    local = root / LOCAL
    try:
        local.mkdir(parents=True, exist_ok=True)
        if not (local / ".gitignore").exists():
            files.replace(local / ".gitignore", b"*\n")
        lock = FileLock(local / "lock", timeout=wait)
        lock.acquire()
    except Timeout:
        problem = Problem(
            path=FILE,
            rule="ledger-in-use",
            message=f"another partwork has been publishing for {wait:g} seconds",
            remedy="run again when it is done",
        )
        raise PartworkError([problem]) from None
    except OSError as error:
        raise files.refused(local, error) from None
    try:
        yield
    finally:
        lock.release()


def _mended(root: Path) -> tuple[Entry, ...]:
    """Finish what a crash left in both copies, and give each the lines that only the other has."""
    path, twin = root / FILE, root / LOCAL / FILE
    parsed = parse(_bytes(path))
    fail_on_errors(parsed.problems)
    twins = _copy(root)
    entries = _set_aside(path, parsed)
    others = _set_aside(twin, twins)
    both = _union(entries, others)
    for file, has in ((path, entries), (twin, others)):
        known = {entry.digest for entry in has}
        _append(file, [entry for entry in both if entry.digest not in known])
    return both


def _set_aside(path: Path, parsed: Parsed) -> tuple[Entry, ...]:
    """Make the unreadable lines `torn` entries, in their place; every entry as it now stands."""
    if not parsed.bad and not parsed.torn:
        return parsed.entries
    latest = max((entry.at for entry in parsed.entries), default=datetime.fromtimestamp(0, UTC))
    lines = {entry.line: encode(entry) for entry in parsed.entries}
    aside = dict(parsed.bad)
    if parsed.torn:
        aside[max([*lines, *aside], default=0) + 1] = parsed.torn
    for number, text in aside.items():
        lines[number] = encode(Entry(at=latest, event=Event.TORN, note=text))
    files.replace(
        path.resolve(), "".join(f"{lines[number]}\n" for number in sorted(lines)).encode()
    )
    _append(path, [])
    return parse(_bytes(path)).entries


def _append(path: Path, entries: Iterable[Entry]) -> None:
    """Add lines and wait until the disk has them; a write that fails leaves nothing behind."""
    data = "".join(f"{encode(entry)}\n" for entry in entries).encode()
    try:
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            size = os.fstat(file).st_size
            if data and size and os.pread(file, 1, size - 1) != b"\n":
                data = b"\n" + data
            try:
                while data:
                    data = data[os.write(file, data) :]
                os.fsync(file)
            except OSError:
                os.ftruncate(file, size)
                raise
        finally:
            os.close(file)
        if not size:
            _sync_folder(path.parent)
    except OSError as error:
        raise files.refused(path, error) from None


def _sync_folder(folder: Path) -> None:
    """Make a new file's name as lasting as its bytes."""
    if hasattr(os, "O_DIRECTORY"):  # Windows has no such thing as a folder to sync
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
