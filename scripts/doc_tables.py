"""What the generated pages share: how a setting is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, is_dataclass
from datetime import time
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pipeline import tables

DOCS = Path(__file__).resolve().parent.parent / "docs"
NOTE = "<!-- Made by scripts/docs.py from the code: change the code, then run `make docs`. -->\n"


def settings_table(cls: type, name: str = "") -> Iterator[str]:
    """The keys of a dataclass of settings, the table `name`, as a table."""
    yield "| key | value | default | meaning |"
    yield "|---|---|---|---|"
    hints = get_type_hints(cls)
    for one in tables.settings_of(cls):
        hint = hints[one.name]
        kind = f"table, see [{name}.{one.name}]" if is_dataclass(hint) else kind_of(hint)
        default = "required" if tables.required(one) else default_of(one.default)
        yield f"| `{one.name}` | {kind} | {default} | {one.metadata['doc']} |"


def kind_of(hint: Any) -> str:
    """What kind of value a key takes."""
    if get_origin(hint) is Literal:
        return " or ".join(f"`{value}`" for value in get_args(hint))
    if get_origin(hint) is tuple:
        return "list of numbers" if get_args(hint)[0] is int else "list of text"
    options = [one for one in get_args(hint) if one is not type(None)] or [hint]
    return {str: "text", int: "number", bool: "true/false"}.get(options[0], options[0].__name__)


def default_of(value: Any) -> str:
    """A key's default as it would be written."""
    if value is MISSING or value is None or value == "" or value == ():
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, time):
        return f"`{value.isoformat()}`"
    return f"`{value}`"
