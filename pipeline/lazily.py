"""Values made of others when somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, overload

_Of = TypeVar("_Of")
_Made = TypeVar("_Made")


class Lazily(Sequence[_Made], Generic[_Of, _Made]):
    """As many values as there are things they are made `of`, each made once.

    A slice is of the same values.
    """

    def __init__(self, make: Callable[[_Of], _Made], of: Sequence[_Of]) -> None:
        self.of = of
        self._make = make
        self._made: dict[int, _Made] = {}
        self._places = range(len(of))

    def __len__(self) -> int:
        """How many there are, made or not."""
        return len(self._places)

    @overload
    def __getitem__(self, at: int) -> _Made: ...
    @overload
    def __getitem__(self, at: slice) -> Lazily[_Of, _Made]: ...
    def __getitem__(self, at: int | slice) -> _Made | Lazily[_Of, _Made]:
        """A value; or some of them, not made yet."""
        if isinstance(at, slice):
            some = Lazily(self._make, self.of[at])
            some._made, some._places = self._made, self._places[at]
            return some
        place = self._places[at]
        if place not in self._made:
            self._made[place] = self._make(self.of[at])
        return self._made[place]
