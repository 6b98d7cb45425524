"""What the last making of a piece left, and whether it is as it was left."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.cache import Cache
from pipeline.errors import Problem
from pipeline.pieces import Earlier
from pipeline.stamps import Sight, sight

_KIND = "piece"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a piece of a key made, as the disk told of it afterwards."""

    key: bytes
    files: Mapping[str, Sight]
    shared: frozenset[str]
    problems: tuple[Problem, ...]
    notes: Mapping[str, Any]


def find(cache: Cache, name: str) -> Kept | None:
    """What the piece of a name left, None where nothing is known of it."""
    found: Kept | None = cache.get(_KIND, name, name.encode())
    return found


def keep(cache: Cache, name: str, kept: Kept) -> None:
    """Remember what the piece of a name left."""
    cache.put(_KIND, name, name.encode(), kept)


def stands(root: Path, kept: Kept) -> bool:
    """True where nobody touched any of its files since."""
    return all(_untouched(root, path, seen) for path, seen in kept.files.items())


def earlier(root: Path, kept: Kept | None) -> Earlier:
    """What it left for the next making, as far as nobody touched it since."""
    if kept is None:
        return {}
    return {
        path: (root / path, note)
        for path, note in kept.notes.items()
        if _untouched(root, path, kept.files[path])
    }


def _untouched(root: Path, path: str, seen: Sight) -> bool:
    try:
        return sight(os.lstat(f"{root}/{path}")) == seen
    except OSError:
        return False
