"""Entries' bodies go around a format's writer.

A body is most of an entry's bytes, and on its way through a tree of elements each is copied many
times. So the writer is given `HELD` in its place, and the body is put into what it wrote, escaped
as the writer would have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

from pipeline.feeds.model import Entry

HELD = "\ufded"
"""Stands for a body: a noncharacter, which `text.clean` takes out of all that authors write."""


def put(written: bytes, entries: Iterable[Entry], escaped: Callable[[bytes], bytes]) -> bytes:
    """A document that holds `HELD` once for each entry with a body, with these bodies."""
    bodies = (escaped(entry.body.read()) for entry in entries if entry.body)
    around = written.split(HELD.encode())
    return b"".join(chain.from_iterable(zip(around, chain(bodies, [b""]), strict=True)))
