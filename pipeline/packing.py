"""Values as bytes, for a cache or another process: quick to read, harmless whoever wrote them."""

from __future__ import annotations

import copyreg
import io
import pickle
from collections.abc import Callable
from dataclasses import is_dataclass
from functools import cache
from importlib import import_module
from operator import attrgetter
from typing import Any

from pipeline.spool import Held, held

_NEW = copyreg.__newobj__  # type: ignore[attr-defined]  # pickle's own way to say NEWOBJ
_PLAIN = frozenset(
    {
        ("builtins", "frozenset"),
        ("builtins", "set"),
        ("datetime", "date"),
        ("datetime", "datetime"),
        ("datetime", "timedelta"),
        ("datetime", "timezone"),
        ("pipeline.packing", "_fill"),
        ("pipeline.spool", "held"),
    }
)
"""Values and ways to make them that do nothing else."""


def pack(value: Any, ways: Ways | None = None) -> bytes:
    """Plain values (text, bytes, numbers, dates, tuples, dicts, sets) and our own dataclasses.

    What is held goes along, or aside where `ways` say so.
    """
    out = io.BytesIO()
    writer = pickle.Pickler(out, pickle.HIGHEST_PROTOCOL)
    writer.dispatch_table = _ALONG if ways is None else ways
    writer.dump(value)
    return out.getvalue()


def unpack(data: bytes, found: Callable[[Any], Held] = held) -> Any:
    """What was packed; raises anything for what was not, and does nothing else.

    `found` gives what was set aside at a place.
    """
    reader = _Reader(io.BytesIO(data))
    reader.found = found
    return reader.load()


class Ways(dict[type, Callable[[Any], Any]]):
    """How values of each type are written: dataclasses with slots as their fields alone.

    What is held goes to `aside`, which says at what place it is to be found.
    """

    def __init__(self, aside: Callable[[bytes], Any] | None = None) -> None:
        super().__init__()
        self[Held] = lambda one: (
            (held, (one.read(),)) if aside is None else (_found, (aside(one.read()),))
        )

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        """The way for a type that comes for the first time."""
        way = self[kind] = _by_fields(kind) if is_dataclass(kind) else _as_it_says
        return way


def _by_fields(kind: Any) -> Callable[[Any], Any]:
    names = kind.__slots__
    fields = attrgetter(*names) if len(names) > 1 else lambda one: (getattr(one, *names),)
    return lambda one: (_NEW, (kind,), fields(one), None, None, _fill)


def _as_it_says(one: Any) -> Any:
    return one.__reduce_ex__(pickle.HIGHEST_PROTOCOL)


_ALONG = Ways()


def _found(place: Any) -> Held:
    """Stands in what was packed for the `found` of whoever reads it."""
    raise pickle.UnpicklingError(f"what was set aside at {place!r} can't be read here")


def _fill(value: Any, state: tuple[Any, ...]) -> None:
    """Give a dataclass its fields, several times as fast as dataclasses themselves do."""
    for fill, one in zip(_fills(value.__class__), state, strict=True):
        fill(value, one)


@cache
def _fills(kind: Any) -> tuple[Callable[[Any, Any], None], ...]:
    return tuple(getattr(kind, name).__set__ for name in kind.__slots__)


class _Reader(pickle.Unpickler):
    """Reads only values that do nothing when they are made: a cache may come with a checkout."""

    found: Callable[[Any], Held]

    def find_class(self, module: str, name: str) -> Any:
        return self.found if (module, name) == (__name__, "_found") else _named(module, name)


@cache
def _named(module: str, name: str) -> Any:
    """A value's class, or a function of ours that makes one; UnpicklingError for anything else."""
    plain = (module, name) in _PLAIN
    if plain or module.startswith("pipeline."):  # nothing else is even imported
        found = getattr(import_module(module), name)
        if plain or (isinstance(found, type) and is_dataclass(found)):
            return found
    raise pickle.UnpicklingError(f"{module}.{name} is no value")
