"""A format's documents, each entry's bytes made once however many documents hold it.

A document of some formats is a head, its entries one after another and a foot. Such a format's
module says so by two constants: `BETWEEN`, the bytes that stand between two entries and nowhere
within one, and `FOOT`, those after the last. (`</item>` in what an author writes is escaped, so
neither can be found in an entry.) Its entries are rendered some at a time, cut apart, and put into
every document that holds them. What stands for an entry may depend on nothing else but the feed's
language. The documents of any other format are rendered whole.

An entry that an earlier build's document holds, and that would be made of the same, is taken from
there.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import accumulate
from pathlib import Path

from pipeline.feeds.formats import Format
from pipeline.feeds.model import Entry, Feed
from pipeline.spool import Held, Spool

BATCH = 64
"""Entries rendered at a time: enough to make a head's cost small, few enough for a small tree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where a document's entries stand: the bytes of its head, each entry's mark and its bytes."""

    head: int
    marks: tuple[bytes, ...]
    sizes: tuple[int, ...]


Earlier = Mapping[str, tuple[Path, Layout]]
"""The documents that an earlier build left and nobody touched since, by their paths."""


class Documents:
    """The documents of one format; `layouts` gathers, by path, where the entries of each stand."""

    def __init__(self, one: Format, earlier: Earlier | None = None) -> None:
        module = import_module(one.module)
        self.layouts: dict[str, Layout] = {}
        self._earlier = earlier or {}
        self._render = module.render
        self._between: bytes = getattr(module, "BETWEEN", b"")
        self._foot: bytes = getattr(module, "FOOT", b"")
        self._made: dict[Hashable, Held] = {}
        self._spool = Spool()

    def of(self, feed: Feed) -> Iterator[bytes]:
        """The feed, named for its file in this format, in chunks."""
        if not (self._between and self._foot and feed.entries):
            yield self._render(feed)
            return
        empty = self._render(replace(feed, entries=()))
        head = empty.removesuffix(self._foot.removeprefix(self._between))
        yield head
        marks = feed.marks
        former = self._former(feed.path) if marks else None
        sizes: list[int] = []
        for start in range(0, len(feed.entries), BATCH):
            if start:
                yield self._between
            these = slice(start, start + BATCH)
            found = former.run(marks[these]) if former else None
            if found:
                chunk, taken = found
                sizes += taken
            else:
                items = self._items(feed, head, feed.entries[these], marks[these], former)
                sizes += map(len, items)
                chunk = self._between.join(items)
            yield chunk
        yield self._foot
        if marks:
            self.layouts[feed.path] = Layout(head=len(head), marks=marks, sizes=tuple(sizes))

    def _former(self, path: str) -> _Former | None:
        found = self._earlier.get(path)
        return _Former(*found, len(self._between)) if found else None

    def _items(
        self,
        feed: Feed,
        head: bytes,
        entries: Sequence[Entry],
        marks: Sequence[bytes],
        former: _Former | None,
    ) -> list[bytes]:
        keys: Sequence[Hashable] = marks or entries
        items = {
            key: found
            for key, mark in zip(keys, marks, strict=False)
            if former and (found := former.item(mark))
        }
        missing = [at for at, key in enumerate(keys) if key not in items and key not in self._made]
        if missing:
            made = tuple(entries[at] for at in missing)
            whole = self._render(replace(feed, entries=made))
            cut = whole[len(head) : -len(self._foot)].split(self._between)
            for at, item in zip(missing, cut, strict=True):
                self._made[keys[at]] = self._spool.put(item)
        return [items.get(key) or self._made[key].read() for key in keys]


class _Former:
    """A document as an earlier build left it."""

    def __init__(self, file: Path, layout: Layout, between: int) -> None:
        self._file = file
        self._layout = layout
        self._at = {mark: at for at, mark in enumerate(layout.marks)}
        steps = (size + between for size in layout.sizes)
        self._starts = [*accumulate(steps, initial=layout.head)]

    def item(self, mark: bytes) -> bytes:
        """An entry's bytes, none where it does not hold such an entry."""
        found = self.run((mark,))
        return found[0] if found else b""

    def run(self, marks: tuple[bytes, ...]) -> tuple[bytes, tuple[int, ...]] | None:
        """Entries with what stands between them, and the size of each.

        None where it does not hold just these, one after another.
        """
        first = self._at.get(marks[0])
        if first is None or self._layout.marks[first : first + len(marks)] != marks:
            return None
        sizes = self._layout.sizes[first : first + len(marks)]
        start, end = self._starts[first], self._starts[first + len(marks) - 1] + sizes[-1]
        with self._file.open("rb") as file:
            file.seek(start)
            return file.read(end - start), sizes
