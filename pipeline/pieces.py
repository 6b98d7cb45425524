"""Pieces: an output folder's files in lots that can be made in any order, or left as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.errors import Problem

Whole = bytes | Path
"""A file's bytes, or a file on disk to copy."""

Content = Whole | Iterable[bytes]
"""The same, or bytes that come in chunks and are never held whole."""

Files = Iterable[tuple[str, Content]]
"""Contents by path, relative to the output folder and with forward slashes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a piece makes. Files that other pieces make too, and alike, are `shared`.

    `notes` are for the piece's next making, by path; they may be written until the files are taken.
    """

    files: Files
    shared: Mapping[str, Content] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)


Earlier = Mapping[str, tuple[Path, Any]]
"""What an earlier making left and nobody touched: the file on disk and its note, by path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some files: `make` makes them, in any process and at any time the same.

    `key` tells all that they are made of: two pieces of one key make the same. It is worked out
    when it is asked for, in any process. Without a key the files are always made. `make` is handed
    what was left by the earlier making of that `name`.
    """

    name: str
    make: Callable[[Earlier], Made]
    key: Callable[[], bytes] | None = None
    worth: int = 1
