"""The studio: keeps the picture up to date while files change, and tells the pages that wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path, PurePosixPath
from secrets import token_hex

from watchfiles import Change, DefaultFilter, awatch

from pipeline.ledger.entries import FILE as LEDGER
from pipeline.newsletter import FILE as SETTINGS
from pipeline.preview.picture import Picture, look, unreadable

QUIET = 20
"""Milliseconds without a change after which a save counts as done."""
PATIENCE = 200
"""Milliseconds after which what changed so far is looked at, though more keeps coming."""
RETRY = 1.0
"""Seconds until a folder that could not be watched is tried again."""
LONGEST = 3600.0
"""Seconds after which the date is looked at again at the latest."""


class Studio:
    """Holds the current picture; `run` makes a new one whenever a file changes or a date comes.

    No mistake of an author ends it: the picture holds the problem.
    """

    def __init__(self, root: Path, clock: Callable[[], datetime]) -> None:
        self.root = root
        self.clock = clock
        self._name = token_hex(4)  # a page left open from an earlier run sees that this is another
        self._count = 0
        self._new = asyncio.Event()
        self.picture = self._look(None)

    async def run(self) -> None:
        """Look again after each change, until cancelled."""
        while True:
            names, ways, folders = self._names(), self._ways(), self._folders()
            async with _saves(ways, folders, names) as (saved, moved):
                await self._renew()  # what was saved before these began to be watched
                while not moved.is_set() and (ways, folders) == (self._ways(), self._folders()):
                    with suppress(TimeoutError):
                        await asyncio.wait_for(saved.wait(), self._until_next_date())
                    saved.clear()
                    await self._renew()

    async def _renew(self) -> None:
        self.picture = await asyncio.to_thread(self._look, self.picture)
        told, self._new = self._new, asyncio.Event()
        told.set()

    async def news(self, version: str, patience: float) -> str | None:
        """The version that took the place of this one; None where none does in so many seconds."""
        new = self._new
        if self.picture.version == version:
            with suppress(TimeoutError):
                await asyncio.wait_for(new.wait(), patience)
        current = self.picture.version
        return current if current != version else None

    def _look(self, before: Picture | None) -> Picture:
        self._count += 1
        version = f"{self._name}-{self._count}"
        now = self.clock()
        try:
            return look(self.root, now, version, before)
        except Exception as error:  # a file that goes while it is read, or a fault of ours
            problems = (unreadable(self.root, error),)
            return Picture(version=version, root=self.root, now=now, problems=problems)

    def _until_next_date(self) -> float:
        """Seconds until something else becomes due."""
        planned, now = self.picture.plan, self.picture.now
        if planned is None:
            return LONGEST
        dates = [one.date for one in planned.catalogue.articles]
        dates += [one.date for one in planned.catalogue.issues]
        ahead = [(one - now).total_seconds() for one in dates if one > now]
        return min([*ahead, LONGEST])

    def _folders(self) -> tuple[Path, ...]:
        """The folders whose files a newsletter is made of, as far as they are there."""
        return tuple(folder for name in self._names() if (folder := self.root / name).is_dir())

    def _ways(self) -> tuple[Path, ...]:
        """The newsletter's folder and those between it and these, as far as they are there."""
        above = {way for name in self._names() for way in PurePosixPath(name).parents}
        found = (self.root / way for way in sorted(above))
        return tuple(one for one in found if one == self.root or one.is_dir())

    def _names(self) -> tuple[str, ...]:
        outlet = self.picture.newsletter
        own = (outlet.articles, outlet.templates) if outlet else ("articles", "email_templates")
        return (*own, "page_templates")


@asynccontextmanager
async def _saves(
    ways: tuple[Path, ...], folders: tuple[Path, ...], names: tuple[str, ...]
) -> AsyncIterator[tuple[asyncio.Event, asyncio.Event]]:
    """Two events: a save below the folders, or of what else is looked at in `ways`; a folder moved.

    `names` are those of the folders, also of such as may come. Where one of them came or went, the
    folder of that name may be another than the one that is watched.
    """
    saved, moved = asyncio.Event(), asyncio.Event()
    parts = {part for name in names for part in PurePosixPath(name).parts}

    def beside(change: Change, path: str) -> bool:
        name = Path(path).name
        if name in parts and change != Change.modified:
            moved.set()
        return name in {SETTINGS, LEDGER, *parts}

    async def follow(*paths: Path, recursive: bool) -> None:
        watch_filter = DefaultFilter() if recursive else beside
        polling: bool | None = None  # as WATCHFILES_FORCE_POLLING says
        while True:
            try:
                async for _ in awatch(
                    *paths,
                    recursive=recursive,
                    watch_filter=watch_filter,
                    debounce=PATIENCE,
                    step=QUIET,
                    force_polling=polling,
                ):
                    saved.set()
            except FileNotFoundError:  # a folder went while it began to be watched
                await asyncio.sleep(RETRY)
                saved.set()
            except OSError:  # the system lets nobody watch more of them
                polling = True

    tasks = [asyncio.create_task(follow(*ways, recursive=False))]
    if folders:
        tasks.append(asyncio.create_task(follow(*folders, recursive=True)))
    await asyncio.sleep(0)  # they begin to watch
    try:
        yield saved, moved
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
