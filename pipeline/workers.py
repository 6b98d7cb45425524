"""Work shared among forked processes, where there is enough of it.

Threads gain nothing here (the work is Python's own), and other ways of starting processes would
have to be sent what a fork simply has.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from pipeline.packing import Ways, pack, unpack
from pipeline.spool import File

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

PROCESSES = "PARTWORK_PROCESSES"
"""The environment variable that says how many processes may work; 1 for no other than this one."""
_MOST = 4
_TURNS = 64
"""Into how many turns a process' share is cut, so that none is left waiting for the slowest."""


def processes() -> int:
    """How many processes may work at once: as many as there are cores to run on, four at most.

    Only one where threads run: a fork would copy the locks that they hold, but not them.
    """
    if threading.active_count() > 1 or not hasattr(os, "fork"):
        return 1
    asked = os.environ.get(PROCESSES, "")
    if asked.isdecimal() and len(asked) < 4:
        return max(1, int(asked))
    # A fork is sound where nothing else has begun threads of its own: macOS' frameworks have.
    return min(_MOST, len(os.sched_getaffinity(0))) if sys.platform == "linux" else 1


def share(
    work: Callable[[_Item], _Result],
    items: Sequence[_Item],
    *,
    least: int,
    worth: int | None = None,
    meanwhile: Callable[[], None] = lambda: None,
) -> Iterator[_Result]:
    """The result of each item, in the items' order, made by as many processes as pay.

    `least` is how many items are worth a process of their own, and `worth` how many all of them
    count for, where that is not their number; `meanwhile` is for this process alone, and the others
    begin without it. Results come back packed. What a process fails at is done again by this one,
    which raises what there is to raise: `work` must do the same each time.
    """
    count = min(processes(), (len(items) if worth is None else worth) // least)
    if count < 2:
        meanwhile()
        yield from map(work, items)
        return
    size = max(1, len(items) // (count * _TURNS))
    turns = [range(at, min(at + size, len(items))) for at in range(0, len(items), size)]
    taken, given = os.pipe()
    # Each turn is a number in a pipe, and whoever is free takes the next: a read of so few bytes is
    # never split. They fit a pipe's smallest buffer, so this write does not wait (pipe(7)).
    os.write(given, b"".join(turn.to_bytes(4, "big") for turn in range(len(turns))))
    os.close(given)

    def some() -> Iterator[tuple[int, list[_Result]]]:
        while number := os.read(taken, 4):
            turn = int.from_bytes(number, "big")
            yield turn, [work(items[at]) for at in turns[turn]]

    # A collection writes to all it looks at, and what forks share is copied when it is written to.
    gc.freeze()
    others = [_Worker(some) for _ in range(count - 1)]
    done: dict[int, list[_Result]] = {}
    try:
        meanwhile()
        with suppress(Exception):  # the first item that fails, in their order, is to say so
            for turn, results in some():
                done[turn] = results
                for other in others:
                    done.update(other.ready())
        for other in others:
            done.update(other.results())
    finally:
        os.close(taken)
        for other in others:
            other.end()
        gc.unfreeze()
    for turn, places in enumerate(turns):
        yield from done[turn] if turn in done else map(work, (items[at] for at in places))


class _Worker:
    """A forked process that does a job, and the file that its results come in, each when made.

    A file, since a pipe would hold the process up until somebody reads. What results hold lies in
    another one, and stays there.
    """

    def __init__(self, job: Callable[[], Iterator[Any]]) -> None:
        self._texts = File()
        self._made = File()
        self._read = 0
        self._process = os.fork()
        if self._process:
            return
        # From here on in the child, which must leave nothing behind and never return: what the
        # parent has open (files, locks, a terminal) is not the child's to finish.
        try:
            ways = Ways(self._texts.add)
            for result in job():
                data = pack(result, ways)
                self._made.add(len(data).to_bytes(8, "big") + data)
        finally:
            os._exit(0)

    def ready(self) -> Iterator[Any]:
        """What the process made since this was last asked."""
        while len(head := self._made.read((self._read, 8))) == 8:
            size = int.from_bytes(head, "big")
            data = self._made.read((self._read + 8, size))
            if len(data) < size:
                break  # still on its way, or ended half-way
            self._read += 8 + size
            yield unpack(data, self._texts.at)

    def results(self) -> Iterator[Any]:
        """The rest of what the process made by its end, less than all where it failed."""
        self._wait()
        yield from self.ready()

    def end(self) -> None:
        """End it where it still works; after this there is no such process."""
        if self._process:
            with suppress(ProcessLookupError):
                os.kill(self._process, 9)
            self._wait()
        self._made.close()

    def _wait(self) -> None:
        if self._process:
            os.waitpid(self._process, 0)
            self._process = 0
