"""The ledger's lines: what each says, how it is written and how a file of them is read back.

What the lines say is a set of facts: repeats and another order (two branches merged by union)
change nothing. An intent (`submitting`) is written before a service is asked to do something, its
outcome afterwards, naming the intent's digest in `closes`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from pipeline.errors import Problem

FILE = "ledger.jsonl"
SCHEMA = 1

_START = b'{"schema":'
_MARKERS = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")


class Event(StrEnum):
    """What a line records; the ones in -ing are intents."""

    DRAFTING = "drafting"
    DRAFTED = "drafted"
    TESTING = "testing"
    TESTED = "tested"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    SETTLED = "settled"
    FAILED = "failed"
    SKIPPED = "skipped"
    REPORTED = "reported"
    FORGOTTEN = "forgotten"
    PINGED = "pinged"
    TORN = "torn"


INTENTS = frozenset({Event.DRAFTING, Event.TESTING, Event.SUBMITTING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line. `issue` is the stored id of the issue's first article: it survives every move.

    `content` is the hash of what was handed over, `remote` the service's own id for it, `when` the
    time it is scheduled for, `counts` what the service reported, `repeats` the counts among them in
    which one reader may count several times; `line` is where it stands.
    """

    at: datetime
    event: Event
    service: str = ""
    issue: str = ""
    number: int = 0
    content: str = ""
    remote: str = ""
    articles: tuple[str, ...] = ()
    when: datetime | None = None
    closes: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    repeats: tuple[str, ...] = ()
    note: str = ""
    line: int = field(default=0, compare=False)

    @property
    def digest(self) -> str:
        """The line's name, by which its outcome refers to it: 12 hex digits of its SHA-256."""
        return sha256(encode(self).encode()).hexdigest()[:12]


def encode(entry: Entry) -> str:
    """The line for an entry, without its line end; what is empty is left out."""
    line: dict[str, Any] = {"schema": SCHEMA}
    for name in _READ:
        value = getattr(entry, name)
        if value:
            line[name] = _stamp(value) if isinstance(value, datetime) else value
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"{value!r} has no offset")
    return moment


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a text")
    return value


def _number(value: Any) -> int:
    if type(value) is not int:
        raise ValueError(f"{value!r} is not a number")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is not a list")
    return tuple(_text(one) for one in value)


def _counts(value: Any) -> dict[str, int]:
    if not isinstance(value, dict):
        raise ValueError(f"{value!r} are not counts")
    return {name: _number(one) for name, one in value.items()}


_READ: dict[str, Callable[[Any], object]] = {
    "at": _moment,
    "event": lambda value: Event(value),
    "service": _text,
    "issue": _text,
    "number": _number,
    "content": _text,
    "remote": _text,
    "articles": _texts,
    "when": _moment,
    "closes": _texts,
    "counts": _counts,
    "repeats": _texts,
    "note": _text,
}


class NewerError(ValueError):
    """A line of a schema that this version does not know: sound, but not for us."""


def decode(line: str, number: int = 0) -> Entry:
    """Read one line; ValueError says what is wrong with it."""
    if line.startswith(_MARKERS):
        raise ValueError("git left a conflict marker here")
    values = json.loads(line)
    if not isinstance(values, dict) or "schema" not in values:
        raise ValueError("this is not a line of a ledger")
    schema = values.pop("schema")
    if schema != SCHEMA:
        raise NewerError(f"this line is of schema {schema!r}")
    try:
        if unknown := sorted(values.keys() - _READ.keys()):
            raise ValueError(f"`{unknown[0]}` is unknown")
        if missing := sorted({"at", "event"} - values.keys()):
            raise ValueError(f"`{missing[0]}` is missing")
        read: dict[str, Any] = {name: _READ[name](value) for name, value in values.items()}
    except TypeError as error:
        raise ValueError(str(error)) from None
    return Entry(**read, line=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A ledger's bytes as read. `torn` is an unfinished last line, empty where there is none.

    `bad` are the unreadable lines by number; each has its problem.
    """

    entries: tuple[Entry, ...]
    torn: str
    bad: Mapping[int, str]
    problems: tuple[Problem, ...]


def parse(raw: bytes, path: str = FILE) -> Parsed:
    """Read a ledger's bytes; an unreadable line is a problem, never skipped (P5).

    A last line without its end, cut off in the middle of what `encode` writes, is what a crash
    leaves: it was never fsynced, so nothing was built on it. Any other is damage.
    """
    entries: list[Entry] = []
    bad: dict[int, str] = {}
    problems: list[Problem] = []
    *lines, tail = raw.split(b"\n")
    torn = _torn(tail)
    for number, data in enumerate([*lines, b"" if torn else tail], 1):
        line = data.decode("utf-8", "backslashreplace").strip()
        if not line:
            continue
        try:
            entries.append(decode(line, number))
        except ValueError as error:
            newer = isinstance(error, NewerError)
            if not newer:
                bad[number] = line
            problems.append(
                Problem(
                    path=path,
                    line=number,
                    rule="ledger-newer" if newer else "ledger-damaged",
                    message=str(error) if newer else f"this line can't be read ({error})",
                    remedy="update Partwork, then run again"
                    if newer
                    else "restore it from git, or set it aside, losing nothing, with `partwork"
                    " ledger verify --fix`",
                )
            )
    return Parsed(entries=tuple(entries), torn=torn, bad=bad, problems=tuple(problems))


def _torn(tail: bytes) -> str:
    """The last line where it is the beginning of one of ours and no more, else nothing."""
    start = tail.rstrip(b"\0")  # a file system may have kept the length but not the bytes
    if not tail or not (start.startswith(_START) or _START.startswith(start)):
        return ""
    try:
        json.loads(start)
    except ValueError:
        return start.decode("utf-8", "backslashreplace") or "\\0"
    return ""
