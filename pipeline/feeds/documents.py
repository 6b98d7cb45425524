"""A format's documents, each entry's bytes made once however many documents hold it.

A document of some formats is a head, its entries one after another and a foot. Such a format's
module says so by two constants: `BETWEEN`, the bytes that stand between two entries and nowhere
within one, and `FOOT`, those after the last. (`</item>` in what an author writes is escaped, so
neither can be found in an entry.) Its entries are rendered some at a time, cut apart, and put into
every document that holds them. What stands for an entry may depend on nothing else but the feed's
language. The documents of any other format are rendered whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import import_module

from pipeline.feeds.formats import Format
from pipeline.feeds.model import Entry, Feed
from pipeline.spool import Held, Spool

BATCH = 64
"""Entries rendered at a time: enough to make a head's cost small, few enough for a small tree."""


class Documents:
    """The documents of one format."""

    def __init__(self, one: Format) -> None:
        module = import_module(one.module)
        self._render = module.render
        self._between: bytes = getattr(module, "BETWEEN", b"")
        self._foot: bytes = getattr(module, "FOOT", b"")
        self._made: dict[Entry, Held] = {}
        self._spool = Spool()

    def of(self, feed: Feed) -> Iterator[bytes]:
        """The feed, named for its file in this format, in chunks."""
        if not (self._between and self._foot and feed.entries):
            yield self._render(feed)
            return
        empty = self._render(replace(feed, entries=()))
        head = empty.removesuffix(self._foot.removeprefix(self._between))
        yield head
        for start in range(0, len(feed.entries), BATCH):
            if start:
                yield self._between
            yield self._between.join(self._items(feed, head, feed.entries[start : start + BATCH]))
        yield self._foot

    def _items(self, feed: Feed, head: bytes, entries: Sequence[Entry]) -> Iterator[bytes]:
        missing = tuple(entry for entry in entries if entry not in self._made)
        if missing:
            whole = self._render(replace(feed, entries=missing))
            items = whole[len(head) : -len(self._foot)].split(self._between)
            self._made.update(zip(missing, map(self._spool.put, items), strict=True))
        return (self._made[entry].read() for entry in entries)
