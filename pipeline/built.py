"""What a build did, in plain values: what it shows, and what the next one can go by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from pipeline.errors import Problem
from pipeline.stamps import Sight

Progress = Callable[[str], None]
"""Called with the path of each file as it is made."""

State = Literal["draft", "waiting", "in the feed", "issued"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One article's state.

    `issue` is the number of the issue it is or will be in; `until` says what a waiting part waits
    for: a moment, or a part before it.
    """

    series: str
    part: int | None
    title: str
    path: str
    date: datetime | None
    planned: bool
    issue: int | None
    state: State
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a build did to the folder: every file's size by path, and which of them changed.

    `problems` are the pieces', in their order. `seen` is how the disk tells of each file.
    """

    sizes: Mapping[str, int]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    seen: Mapping[str, Sight] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build made, of what, and what it warns of. `rows` has every article."""

    folder: Path
    rows: tuple[Row, ...]
    written: Written
    warnings: tuple[Problem, ...]
