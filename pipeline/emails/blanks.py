"""Values with blanks: what an issue says is taken out, what it looks like stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from itertools import count
from typing import Any, NoReturn

from markupsafe import Markup

BLANK = "\ufdd6"
"""Delimits a blank's number in a rendering; `text.clean` keeps it out of what authors write."""

_STEERS = frozenset({"lang", "dir", "start"})
"""Fields whose text decides how a mail looks; any other text or number is only said."""

# What the folding of white space, XML (whose comments hold no `--`) or mrml treat by what stands
# beside it, or not at all.
_AWKWARD = re.compile(
    "^[\\s-]|[\\s-]$|--|[\0-\x1f\x7f-\x9f\ud800-\udfff\ufdd0\ufdd3-\ufdef\ufffe\uffff]"
)


class NotPlainError(BaseException):
    """A template does more with a value than print it.

    No Exception, so that nothing between the value and its renderer takes it for one of its own:
    Jinja's tests do.
    """


def _refuse(*_: object) -> NoReturn:
    raise NotPlainError


class Blank:
    """Stands for a text or a number that is not empty.

    All that can be done with it is to print it, by itself or in a phrase (`str.format`). Whatever
    else a template tries, if only to ask for its type, raises NotPlainError.
    """

    __slots__ = ("mark",)
    mark: Markup

    __getattribute__ = __eq__ = __hash__ = __str__ = __repr__ = _refuse
    __iter__ = __len__ = __getitem__ = __contains__ = __reversed__ = _refuse
    __int__ = __float__ = __index__ = __complex__ = __round__ = __trunc__ = _refuse

    def __bool__(self) -> bool:
        return True

    def __format__(self, spec: str) -> str:
        return _refuse() if spec else _mark(self)


def printed(value: Any) -> Any:
    """What a template prints of a value: a blank's mark; for Jinja's `finalize`."""
    return _mark(value) if type(value) is Blank else value


_mark: Callable[[Blank], Markup] = Blank.__dict__["mark"].__get__


def shape(values: Mapping[str, Any]) -> tuple[tuple[Any, ...], list[str]] | None:
    """What decides how a mail looks, and what it says as it stands in HTML, in order.

    None where something that is said can't be filled in afterwards.
    """
    key: list[Any] = []
    said: list[Any] = []
    for value in values.values():
        _gather(value, key, said)
    written = [one for one in map(_written, said) if one is not None]
    return (tuple(key), written) if len(written) == len(said) else None


def blanked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with a blank for each thing that is said, numbered as `shape` lists them."""
    numbers = count()
    return {name: _blanked(value, numbers) for name, value in values.items()}


def _gather(value: Any, key: list[Any], said: list[Any]) -> None:
    kind = type(value)
    if (kind is str or kind is int) and value:
        key.append(kind)
        said.append(value)
    elif kind is list or kind is tuple:
        key.append(len(value))
        for one in value:
            _gather(one, key, said)
    elif names := _names(kind):
        key.append(kind)
        for name in names:
            one = getattr(value, name)
            kind = type(one)
            if name in _STEERS:
                key.append(one)
            elif (kind is str or kind is int) and one:  # most are: no call for each
                key.append(kind)
                said.append(one)
            else:
                _gather(one, key, said)
    else:
        key.append(value)


def _blanked(value: Any, numbers: Iterator[int]) -> Any:
    kind = type(value)
    if (kind is str or kind is int) and value:
        blank = Blank()
        blank.mark = Markup(f"{BLANK}{next(numbers)}{BLANK}")  # noqa: S704  # our own
        return blank
    if kind is list or kind is tuple:
        return kind(_blanked(one, numbers) for one in value)
    if names := _names(kind):
        given = {
            name: _blanked(getattr(value, name), numbers) for name in names if name not in _STEERS
        }
        return replace(value, **given)
    return value


def _names(kind: type) -> tuple[str, ...]:
    if (names := _fields.get(kind)) is None:
        names = tuple(one.name for one in fields(kind)) if is_dataclass(kind) else ()
        _fields[kind] = names
    return names


_fields: dict[type, tuple[str, ...]] = {}


@lru_cache(maxsize=8192)
def _written(value: str | int) -> str | None:
    """A value as it stands in an email's HTML, in text and in attributes; None for an awkward one.

    This is what Jinja's escaping and `mjml.to_html` together make of it.
    """
    text = str(value)
    if _AWKWARD.search(text):
        return None
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&#34;")
