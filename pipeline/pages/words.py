"""The pages' words: what their template says, each macro asked once for the same values."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from jinja2.runtime import Macro
from markupsafe import Markup

_PLAIN = frozenset({str, Markup, int, bool, type(None)})


class Words:
    """The words and macros of a template's module, for other templates to use."""

    def __init__(self, module: object) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        """A word, or a macro; kept, so that Python asks only once."""
        found = getattr(self._module, name)
        said = _once(found) if isinstance(found, Macro) else found
        setattr(self, name, said)
        return said


def _once(macro: Macro) -> Callable[..., Any]:
    kept = lru_cache(maxsize=None, typed=True)(macro)

    def said(*values: Any, **named: Any) -> Any:
        # What a newsletter's own templates hand over may be anything, and change.
        plain = all(type(one) in _PLAIN for one in (*values, *named.values()))
        return (kept if plain else macro)(*values, **named)

    return said
