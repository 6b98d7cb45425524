"""What the last whole build left, and whether this one would make the same.

Told by the disk's dates alone, without reading a source or loading a renderer.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from pipeline import stamps
from pipeline.built import Built, Row, Written
from pipeline.cache import Cache, sum_of
from pipeline.config import Newsletter
from pipeline.errors import Problem
from pipeline.packing import pack, unpack
from pipeline.spool import Held, held
from pipeline.stamps import Sight

_KIND, _NAME, _KEY = "build", "everything", b"last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """All that a build may read, as the disk tells of it: a sum, and how many files they are."""

    sum: bytes
    count: int
    settled: bool
    """False where something changed so lately that the next change may not show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A build of which inputs would be the same at every moment from `since` until `until`.

    What it left is packed, since it is long and only wanted where all else holds.
    """

    inputs: bytes
    since: datetime
    until: datetime
    left: Held


def look(newsletter: Newsletter, cache: Cache) -> Inputs:
    """Look at what a build reads, before it does."""
    root = newsletter.root
    folders = (newsletter.articles_dir, root / newsletter.templates, root / "page_templates")
    found = [
        (newsletter.table.path, stamps.sight(os.stat(root / newsletter.table.path))),  # noqa: PTH116 - as in stamps
        *chain.from_iterable(stamps.sights(str(folder)) for folder in folders),
    ]
    base = sum_of([str(root), stamps.surroundings(), stamps.settings(newsletter), found])
    settled = all(stamps.settled(seen, cache.began) for _, seen in found)
    return Inputs(sum=base, count=len(found), settled=settled)


def remember(
    inputs: Inputs, as_of: datetime, dates: Iterable[datetime], built: Built, cache: Cache
) -> None:
    """Keep what a build made; `dates` are all moments at which anything is published or changes."""
    if not inputs.settled:
        return
    since, until = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    for date in dates:
        if date <= as_of:
            since = max(since, date)
        else:
            until = min(until, date)
    left = (built.written.seen, built.rows, built.warnings)
    kept = Standing(inputs=inputs.sum, since=since, until=until, left=held(pack(left)))
    cache.put(_KIND, _NAME, _KEY, kept)


def find(newsletter: Newsletter, inputs: Inputs, as_of: datetime, cache: Cache) -> Built | None:
    """What the last build made, where this one would make the same and all of it is there."""
    last: Standing | None = cache.get(_KIND, _NAME, _KEY)
    if last is None or last.inputs != inputs.sum or not last.since <= as_of < last.until:
        return None
    packed = last.left.read()
    try:
        left: tuple[dict[str, Sight], tuple[Row, ...], tuple[Problem, ...]] = unpack(packed)
        seen, rows, warnings = left
    except Exception:  # a cache that came from elsewhere may hold anything, as in `cache`
        return None
    folder = newsletter.output_dir
    if not _stands(folder, seen):
        return None
    written = Written(
        sizes={path: sight[0] for path, sight in seen.items()}, changed=(), removed=(), seen=seen
    )
    return Built(folder=folder, rows=rows, written=written, warnings=warnings)


def _stands(folder: Path, seen: Mapping[str, Sight]) -> bool:
    try:
        return all(stamps.sight(os.lstat(f"{folder}/{path}")) == one for path, one in seen.items())
    except OSError:
        return False
