"""The output folder: what changed is written, atomically; what is no longer made is removed.

All new content is staged first and only then moved into place, so a build that fails, on a full
disk or by a broken template, leaves the last good output whole (D4). A file whose bytes did not
change is not touched (D3). Builds of one folder take turns.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache as once
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from pipeline import files, workers
from pipeline.built import Written
from pipeline.cache import NOTHING, Cache
from pipeline.errors import Problem
from pipeline.outputs import kept, manifest, staging
from pipeline.outputs.kept import Kept
from pipeline.pieces import Files, Made, Piece
from pipeline.stamps import Sight, sight

LOCK = ".partwork-lock"
STAGING = ".partwork-staging"
MANY = 100
"""Files that are worth a process of their own: a fork costs about as much as making thirty."""
PATIENCE = 600.0
"""Seconds a build waits for another one that writes the same folder."""


def write(
    folder: Path,
    contents: Files,
    *,
    complete: bool = True,
    keep: Collection[str] = (),
    patience: float = PATIENCE,
) -> Written:
    """Bring `folder` to hold `contents`, as `write_pieces` does."""
    pieces = [Piece(name="", make=lambda _: Made(files=contents))]
    return write_pieces(folder, pieces, complete=complete, keep=keep, patience=patience)


def write_pieces(
    folder: Path,
    pieces: Sequence[Piece],
    *,
    complete: bool = True,
    keep: Collection[str] = (),
    told: Callable[[str], None] = lambda _: None,
    cache: Cache = NOTHING,
    patience: float = PATIENCE,
) -> Written:
    """Bring `folder` to hold what the pieces make; many pieces are shared among processes.

    `told` is called with each path as it is done. `complete` says that nothing else is to remain of
    earlier builds, but for the paths to `keep`.
    Raises ValueError for a path that leaves the folder or comes twice, PartworkError where the disk
    refuses, a link leads out of the folder, or another build holds it for longer than `patience`
    seconds.
    """
    if os.path.lexists(folder) and not folder.is_dir():
        raise staging.refused(folder, "unwritable", "this is not a folder", "move it away")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        root = folder.resolve()
        with FileLock(root / LOCK, timeout=patience), _staging(root) as beside:
            staged = _staged(root, beside, pieces, told, cache)
            with files.undisturbed():  # half of what was made is no build
                return _move(root, staged, beside, cache, complete=complete, keep=keep)
    except Timeout:
        raise staging.refused(
            folder,
            "busy",
            "another build is still writing this folder",
            "let it end, then run again",
        ) from None
    except OSError as error:
        raise files.refused(folder, error) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Staged:
    """A piece's files: the size of each, and which of them are staged, since they differ."""

    key: bytes | None
    name: str
    sizes: Mapping[str, int]
    shared: frozenset[str]
    problems: tuple[Problem, ...]
    changed: tuple[str, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)
    stood: Mapping[str, Sight] | None = None
    """Where nothing was made: how the disk told of the files."""


def _staged(
    root: Path,
    beside: Path,
    pieces: Sequence[Piece],
    told: Callable[[str], None],
    cache: Cache,
) -> list[_Staged]:
    """What each piece makes, staged where it differs from what is there.

    A piece whose files are as they were left, and that would make the same, is not made.
    """
    folders: set[str] = set()

    def last(number: int) -> Kept | None:
        piece = pieces[number]
        return kept.find(cache, piece.name) if piece.key else None

    @once
    def key(number: int) -> bytes | None:
        piece = pieces[number]
        return piece.key() if cache and piece.key else None

    def standing(number: int) -> _Staged | None:
        left = last(number)
        if left is None or left.key != key(number) or not kept.stands(root, left):
            return None
        return _standing(pieces[number].name, left)

    def stage(number: int) -> _Staged:
        sizes: dict[str, int] = {}
        changed: list[str] = []
        of = key(number)
        made = pieces[number].make(kept.earlier(root, last(number)))
        for path, data in staging.read([made.files, made.shared.items()]):
            target = staging.place(str(root), path, folders)
            if path in sizes:
                raise _twice(path)
            sizes[path], differs = staging.stage(target, data, f"{beside}/{path}")
            if differs:
                changed.append(path)
            told(path)
        return _Staged(
            key=of,
            name=pieces[number].name,
            sizes=sizes,
            shared=frozenset(made.shared),
            problems=made.problems,
            changed=tuple(changed),
            notes=dict(made.notes),
        )

    done = [standing(number) for number in range(len(pieces))]
    numbers = [number for number, one in enumerate(done) if one is None]
    worth = sum(pieces[number].worth for number in numbers)
    made = workers.share(stage, numbers, least=MANY, worth=worth, meanwhile=cache.flush)
    for number, one in zip(numbers, made, strict=True):
        done[number] = one
    return [one for one in done if one is not None]


def _standing(name: str, left: Kept) -> _Staged:
    return _Staged(
        key=left.key,
        name=name,
        sizes={path: seen[0] for path, seen in left.files.items()},
        shared=left.shared,
        problems=left.problems,
        stood=left.files,
    )


def _move(
    root: Path,
    staged: Sequence[_Staged],
    beside: Path,
    cache: Cache,
    *,
    complete: bool,
    keep: Collection[str],
) -> Written:
    sizes: dict[str, int] = {}
    changed: set[str] = set()
    shared: set[str] = set()
    problems: list[Problem] = []
    for one in staged:
        for path in one.sizes.keys() & sizes.keys():
            if path not in shared or path not in one.shared:
                raise _twice(path)
        sizes |= one.sizes
        changed.update(one.changed)
        shared |= one.shared
        problems += one.problems
    before = manifest.listed(root)
    strays = sorted(before - sizes.keys() - set(keep)) if complete else []
    # Listed before anything moves: a build killed half-way leaves no file unlisted.
    manifest.note(root, beside, before | sizes.keys())
    staging.settle(beside, root, sorted(changed))
    removed = tuple(path for path in strays if manifest.remove(root, path))
    if complete:
        manifest.note(root, beside, sizes.keys() | (before & set(keep)))
    return Written(
        sizes=dict(sorted(sizes.items())),
        changed=tuple(sorted(changed)),
        removed=removed,
        problems=tuple(problems),
        seen=_remembered(root, staged, cache) if cache else {},
    )


def _remembered(root: Path, staged: Sequence[_Staged], cache: Cache) -> dict[str, Sight]:
    """How the disk tells of every file; what the pieces left is kept under their keys."""
    seen: dict[str, Sight] = {}
    for one in staged:
        if one.stood is not None:
            seen |= one.stood
            continue
        files = {path: sight(os.lstat(f"{root}/{path}")) for path in one.sizes}
        seen |= files
        if one.key:
            left = Kept(
                key=one.key,
                files=files,
                shared=one.shared,
                problems=one.problems,
                notes=one.notes,
            )
            kept.keep(cache, one.name, left)
    return seen


def _twice(path: str) -> ValueError:
    return ValueError(f"output path {path!r} is made twice")


@contextmanager
def _staging(root: Path) -> Iterator[Path]:
    """An empty folder beside the output's files; what a killed build left in it goes."""
    folder = root / STAGING
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
