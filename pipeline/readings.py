"""Readings: every article file of a newsletter, read now or as it was read before."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import PurePosixPath

from pipeline import articlefiles, articles, assets, stamps, text, workers
from pipeline.articles import NONE, Reading, Source
from pipeline.cache import NOTHING, Cache, digest
from pipeline.config import Newsletter
from pipeline.errors import Problem
from pipeline.spool import Spool

_KIND, _SEEN = "source", "seen"
MANY = 500
"""Files that are worth a process of their own to read."""


def read_all(
    newsletter: Newsletter, cache: Cache = NOTHING, read_now: Mapping[str, Reading] = NONE
) -> tuple[tuple[Source, ...], tuple[Problem, ...]]:
    """Read every article file; what can't be read is a problem and not among the sources.

    `read_now` holds what was read just now; what neither that nor the cache knows is read.
    """
    sources: list[Source] = []
    problems: list[Problem] = []
    if not newsletter.articles_dir.is_dir():
        what = f"the folder {newsletter.articles}/ does not exist"
        table = newsletter.table.child("newsletter")
        return (), (table.problem("articles", what, "make it, or set [newsletter] articles"),)
    paths, closed = articlefiles.files(newsletter)
    problems += closed
    base = stamps.base(newsletter) if cache else b""
    known = {path: kept for path in paths if (kept := _kept(newsletter, path, cache, base))}
    unknown = [path for path in paths if path not in known and path not in read_now]
    made = workers.share(partial(articles.read, newsletter), unknown, least=MANY)
    read_now = {**read_now, **dict(zip(unknown, made, strict=True))}
    spool = Spool()
    for source, _ in read_now.values():
        if source is not None:
            source.text.move(spool)

    def keep() -> None:
        for path, (source, found) in read_now.items():
            if source is not None:
                cache.put(_KIND, path, _key(base, path, source.digest), (source, found))
                _note(newsletter, path, source.digest, cache)

    cache.soon(keep)
    for path in paths:
        source, found = known.get(path) or read_now[path]
        problems += found
        if source is not None:
            sources.append(source)
    problems += _twice(sources)
    return tuple(sources), tuple(problems)


def _kept(newsletter: Newsletter, path: str, cache: Cache, base: bytes) -> Reading | None:
    """What was read of the same bytes before; None where the picture it names is not there."""
    if cache.empty:
        return None
    try:
        seen, known = cache.get(_SEEN, path, path.encode()) or (None, b"")
        if seen is None or stamps.sight(os.lstat(f"{newsletter.root}/{path}")) != seen:
            known = digest(articlefiles.contents(newsletter, path))
            _note(newsletter, path, known, cache)
        kept: Reading | None = cache.get(_KIND, path, _key(base, path, known))
        if kept is not None and kept[0] is not None and kept[0].image:
            assets.locate(newsletter.articles_dir, PurePosixPath(), kept[0].image)
    except (OSError, ValueError):
        return None
    return kept


def _key(base: bytes, path: str, known: bytes) -> bytes:
    """All that what is read of a file depends on: two sums, each of one length, and its path."""
    return base + known + path.encode()


def _note(newsletter: Newsletter, path: str, known: bytes, cache: Cache) -> None:
    """Note the sum of a file's bytes under how the disk tells of it, where that will hold."""
    with suppress(OSError):
        status = os.lstat(f"{newsletter.root}/{path}")
        seen = stamps.sight(status)
        # What a link leads to is looked at each time: it may come to lead out of the folder.
        if stat.S_ISREG(status.st_mode) and stamps.settled(seen, cache.began):
            cache.put(_SEEN, path, path.encode(), (seen, known))


def _twice(sources: list[Source]) -> Iterator[Problem]:
    """Ids and slugs that two articles share (slugs after Unicode normalisation and case)."""
    for key, remedy in (
        ("id", "give the copied article its own: delete the line and run `partwork check --fix`"),
        ("slug", "give one of them another `slug`"),
    ):
        seen: dict[str, Source] = {}
        for source in sources:
            value = getattr(source, key)
            first = seen.setdefault(text.fold(value) if key == "slug" else value, source)
            if first is not source:
                yield Problem(
                    path=source.path,
                    line=source.line(key),
                    rule=f"duplicate-{key}",
                    message=f"the {key} {value!r} is also that of {first.path}:{first.line(key)}",
                    remedy=remedy,
                )
