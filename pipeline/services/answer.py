"""A service's answer, read strictly: what is missing or of another kind is said, never guessed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pipeline.errors import PartworkError
from pipeline.services import Status

T = TypeVar("T")


class Facts:
    """A piece of JSON. Every method takes the path to a fact below it; all but `get` are strict.

    What they raise is ServiceError after a read and UncertainSend after a write, since a write that
    is answered with nonsense may have been done.
    """

    __slots__ = ("_complain", "_path", "_value")

    def __init__(
        self, value: Any, complain: Callable[[str], PartworkError], path: tuple[str | int, ...] = ()
    ) -> None:
        self._value = value
        self._complain = complain
        self._path = path

    @property
    def value(self) -> object:
        """The plain value, of any kind, for a comparison."""
        return self._value

    def at(self, *path: str | int) -> Facts:
        """What stands at a path of object keys and list places."""
        value = self._value
        for at, step in enumerate(path, 1):
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                raise self._wrong(path[:at], "is missing") from None
        return Facts(value, self._complain, (*self._path, *path))

    def text(self, *path: str | int) -> str:
        """A text; a number is taken as its digits, since some services' ids are numbers."""
        value = self.at(*path)._value
        if type(value) is int:
            return str(value)
        return self._typed(value, str, path)

    def integer(self, *path: str | int) -> int:
        """A whole number."""
        return self._typed(self.at(*path)._value, int, path)

    def flag(self, *path: str | int) -> bool:
        """True or false."""
        return self._typed(self.at(*path)._value, bool, path)

    def get(self, *path: str) -> Any:
        """The plain value of what the service may leave out, None then."""
        value = self._value
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def moment(self, *path: str | int) -> datetime | None:
        """An ISO 8601 time with its offset; None where the service says null or nothing."""
        value = self.at(*path)._value
        if value in (None, ""):
            return None
        try:
            moment = datetime.fromisoformat(self._typed(value, str, path))
        except ValueError:
            raise self._wrong(path, f"is {value!r}, not a time") from None
        if moment.tzinfo is None:
            raise self._wrong(path, f"is {value!r}, a time without its offset")
        return moment

    def each(self, *path: str | int) -> list[Facts]:
        """The items of a list."""
        place = self.at(*path)
        items = self._typed(place._value, list, path)
        return [place.at(number) for number in range(len(items))]

    def texts(self, *path: str | int) -> list[str]:
        """A list of texts."""
        return [item.text() for item in self.each(*path)]

    def one_of(self, known: Mapping[str, Status], *path: str | int) -> Status:
        """A status, by the adapter's table of the service's words; an unknown word raises."""
        word = self.text(*path)
        if word not in known:
            raise self._wrong(path, f"is {word!r}, a status that Partwork does not know")
        return known[word]

    def _typed(self, value: Any, kind: type[T], path: tuple[str | int, ...]) -> T:
        if type(value) is not kind:
            raise self._wrong(path, f"is {value!r:.60}, not {kind.__name__}")
        return value

    def _wrong(self, path: tuple[str | int, ...], what: str) -> PartworkError:
        place = ".".join(map(str, (*self._path, *path))) or "the answer"
        return self._complain(f"`{place}` {what}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as it came: its status, its text (scrubbed of secrets) and its JSON, if any."""

    status: int
    text: str
    facts: Facts
