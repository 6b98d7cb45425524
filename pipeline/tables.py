"""TOML tables as typed dataclasses: the reader, line numbers and did-you-mean behind all settings.

A key is a dataclass field made by `setting`, whose metadata says what it means; the documentation
is generated from the same fields.
"""

from __future__ import annotations

import re
import tomllib
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from pipeline import text
from pipeline.errors import Problem

T = TypeVar("T")

_TYPE_NAMES = {
    str: "text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    date: "a date such as 2026-10-06",
    time: "a time such as 09:00:00",
}


def setting(doc: str, default: Any = ..., **extra: Any) -> Any:
    """A field with its documentation; without a default the key is required.

    `between` stands between the lines of a text that has several, a space where none is given;
    with None the text keeps the spaces around it.
    """
    if default is ...:
        return field(metadata={"doc": doc, **extra})
    return field(default=default, metadata={"doc": doc, **extra})


def settings_of(cls: type) -> tuple[Field[Any], ...]:
    """The fields of a dataclass that are keys in the file."""
    return tuple(one for one in fields(cls) if "doc" in one.metadata)


def required(one: Field[Any]) -> bool:
    """True where a table without this key is an error."""
    return one.default is MISSING and one.default_factory is MISSING


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A TOML table with its name (`feeds`, `series.acupuncture`) and where its keys stand."""

    path: str
    name: str
    values: Mapping[str, Any]
    lines: Mapping[str, int]

    def line(self, key: str = "") -> int:
        """The line of a key, of the table where the key is absent, or 1."""
        dotted = _plain(f"{self.name}.{key}").strip(".")
        return self.lines.get(dotted, self.lines.get(_plain(self.name), 1))

    def problem(self, key: str, message: str, remedy: str, rule: str = "setting") -> Problem:
        """A problem at a key of this table."""
        return Problem(
            path=self.path, line=self.line(key), rule=rule, message=message, remedy=remedy
        )

    def child(self, key: str) -> Table:
        """The table under a key; empty where it is absent or no table."""
        below = self.values.get(key, {})
        return Table(
            path=self.path,
            name=f"{self.name}.{key}".strip("."),
            values=below if isinstance(below, dict) else {},
            lines=self.lines,
        )


def parse(path: str, raw: bytes) -> tuple[Table, tuple[Problem, ...]]:
    """Parse a TOML file's bytes; a syntax error is a problem with its line."""
    try:
        content = text.clean(raw.decode())
        values = tomllib.loads(content)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return _broken(path, line, "this is not UTF-8", "save the file as UTF-8")
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+)", str(error))
        line = int(place[1]) if place else content.count("\n") + 1
        what = re.sub(r" \(at .*\)$", "", str(error))
        if _TWICE.match(what) and (found := _twice(content, line)):
            return _broken(path, *found)
        remedy = _straightened(content.split("\n")[line - 1])
        return _broken(path, line, f"this is not TOML: {what}", remedy)
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits, 1,000 open brackets
        what = str(error).partition(";")[0]
        return _broken(path, 1, f"this is not TOML: {what}", "use plain values")
    return Table(path=path, name="", values=values, lines=dict(_lines(content))), ()


def _broken(path: str, line: int, message: str, remedy: str) -> tuple[Table, tuple[Problem, ...]]:
    problem = Problem(path=path, line=line, rule="toml", message=message, remedy=remedy)
    return Table(path=path, name="", values={}, lines={}), (problem,)


def _straightened(line: str) -> str:
    """What to do about a line that is not TOML: names are ASCII or quoted, quotes are straight."""
    name, _, value = line.partition("=")
    if not name.isascii():
        return "put a name with other letters than a to z in quotes"
    if value.lstrip()[:1] in (*"“”„‘’«»",):
        return 'write straight quotes: "…"'
    return "write `key = value` lines, text in quotes"


_TWICE = re.compile("Cannot (?:declare|overwrite)")


def _twice(content: str, until: int) -> tuple[int, str, str] | None:
    """The last name up to a line that stood before: its line, and what is wrong with it."""
    first: dict[str, int] = {}
    found = None
    for name, line in _lines(content):
        if line <= until and first.setdefault(name, line) != line:
            found = name, line
    if found is None:
        return None
    name, line = found
    table = content.split("\n")[line - 1].strip().startswith("[")
    shown = f"[{name}]" if table else f"`{name.rpartition('.')[2]}`"
    remedy = "put all its keys into one table" if table else "keep one of the two"
    return line, f"{shown} stands in line {first[name]} already", remedy


_HEADER = re.compile(r"\[\[?([^\]]+)\]")
_KEY = re.compile(r"([A-Za-z0-9_.\-\"' ]+)=")


def _lines(content: str) -> Iterator[tuple[str, int]]:
    """The line of every table and key: tomllib gives values only."""
    table = ""
    quote = ""
    for number, whole in enumerate(content.split("\n"), 1):
        line = whole.strip()
        if quote:
            if quote in line:
                quote = ""
            continue
        if match := _HEADER.match(line):
            table = _plain(match[1])
            yield table, number
        elif match := _KEY.match(line):
            yield f"{table}.{_plain(match[1])}".strip("."), number
        for mark in ('"""', "'''"):
            if line.count(mark) % 2:
                quote = mark


def _plain(name: str) -> str:
    return re.sub(r"""["'\s]""", "", name)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy for an unknown name: the nearest known one, or all of them."""
    names = sorted(known)
    near = get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"use one of {', '.join(names)}" if names else "remove it"


def read(
    cls: type[T], table: Table, /, *, also: tuple[str, ...] = (), **given: Any
) -> tuple[T | None, tuple[Problem, ...]]:
    """Read a table into a dataclass. `also` names sub-tables read elsewhere, `given` other fields.

    Returns None with the problems when a value is missing or wrong.
    """
    hints = get_type_hints(cls)
    known = {one.name: one for one in settings_of(cls)}
    problems = [
        table.problem(
            key,
            f"`{key}` is not a setting of [{table.name}]" if table.name else f"[{key}] is unknown",
            did_you_mean(key, [*known, *also]),
            "unknown-key",
        )
        for key in table.values
        if key not in known and key not in also
    ]
    values: dict[str, Any] = dict(given)
    for name, one in known.items():
        if isinstance(table.values.get(name), dict) and is_dataclass(hints[name]):
            nested, found = read(hints[name], table.child(name))
            values[name] = nested
            problems += found
        elif name in table.values:
            try:
                values[name] = _value(
                    hints[name], table.values[name], one.metadata.get("between", " ")
                )
            except ValueError as error:
                problems.append(table.problem(name, f"`{name}` {error}", "correct the value"))
        elif required(one):
            problems.append(
                table.problem(
                    "",
                    f"`{name}` is missing" + (f" in [{table.name}]" if table.name else ""),
                    one.metadata["doc"].rstrip("."),
                    "missing-key",
                )
            )
    if problems:
        return None, tuple(problems)
    return cls(**values), ()


def _value(kind: Any, value: Any, between: str | None = " ") -> Any:
    """Check a TOML value against a field's type; ValueError says what was expected.

    Text becomes one line, `between` where another began: most of it ends in a message's headers.
    """
    origin = get_origin(kind)
    if origin is Literal:
        if value not in get_args(kind):
            raise ValueError(f"is {value!r}, not one of {', '.join(map(str, get_args(kind)))}")
        return value
    if origin in (Union, types.UnionType):
        return _value(next(one for one in get_args(kind) if one is not type(None)), value)
    if origin is tuple:
        item = get_args(kind)[0]
        if not isinstance(value, list):
            raise ValueError(f"must be a list, each {_TYPE_NAMES.get(item, 'a table')}")
        return tuple(_value(item, one) for one in value)
    if kind is time and isinstance(value, str):
        try:
            return time.fromisoformat(value)
        except ValueError:
            raise ValueError(f"is {value!r}, not {_TYPE_NAMES[time]}") from None
    if is_dataclass(kind):
        names = ", ".join(f"{one.name} = …" for one in settings_of(kind))  # type: ignore[arg-type]  # a class, not an instance
        raise ValueError(f"is {value!r}, not a table such as {{ {names} }}")
    wanted = (
        isinstance(value, kind)
        and not (kind is int and isinstance(value, bool))
        and not (kind is date and isinstance(value, datetime))
    )
    if not wanted:
        shown = str(value) if isinstance(value, date | time) else repr(value)
        raise ValueError(f"is {shown}, not {_TYPE_NAMES.get(kind, kind.__name__)}")
    if isinstance(value, str):
        if between is None:
            return text.clean(value).replace("\n", " ")
        lines = (line.strip().rstrip(between) for line in text.clean(value).split("\n"))
        return between.join(filter(None, lines))
    return value
