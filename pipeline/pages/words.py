"""The pages' words: what their template says, each macro asked once for the same values."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from jinja2.runtime import Macro
from markupsafe import Markup

_PLAIN = frozenset({str, Markup, int, bool, type(None)})


class Words:
    """The words and macros of templates' modules, for other templates to use.

    What a module leaves out is the next one's.
    """

    def __init__(self, *modules: object) -> None:
        self._modules = modules

    def __getattr__(self, name: str) -> Any:
        """A word, or a macro; kept, so that Python asks only once."""
        found = getattr(next((one for one in self._modules if hasattr(one, name)), None), name)
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
