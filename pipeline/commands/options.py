"""What the commands share: their options, the clock, and the way a problem is shown."""

from __future__ import annotations

import json
import sys
from codecs import lookup
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import wraps
from os.path import normpath, relpath
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TypeVar
from unicodedata import category, east_asian_width

import click

from pipeline.errors import PartworkError, Problem

if TYPE_CHECKING:
    from pipeline.config import Newsletter

FORMATS = ("text", "json", "github")

_Command = TypeVar("_Command", bound=Callable[..., Any])


class _Day(click.ParamType[date]):
    """A day such as 2026-10-06."""

    name = "date"

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day such as 2026-10-06", param, ctx)


DAY = _Day()


def as_of(command: _Command) -> _Command:
    """The option `--as-of`, a day or a moment; `moment` reads it."""
    return click.option(
        "--as-of",
        metavar="DATE",
        help="Act as on this day (its end) or at this moment, e.g. 2026-10-13 or"
        " 2026-10-13T09:00. Default: now.",
    )(command)


def moment(text: str | None, newsletter: Newsletter, option: str = "--as-of") -> datetime:
    """`--as-of` as an aware datetime, in the newsletter's timezone unless it says another."""
    return instant(text, newsletter.zone, option)


def instant(text: str | None, zone: tzinfo, option: str = "--as-of") -> datetime:
    """`--as-of` as an aware datetime, in this timezone unless it says another."""
    from pipeline import config

    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    with suppress(ValueError):
        return config.instant(text, zone)
    raise click.BadParameter(
        f"{text!r} is not a date such as 2026-10-13 or 2026-10-13T09:00", param_hint=option
    )


def newsletter() -> Newsletter:
    """The newsletter in the folder that `--root` names."""
    from pipeline.newsletter import load

    return load(root())


def root() -> Path:
    """The folder that `--root` names."""
    return named_root().absolute()


def named_root() -> Path:
    """The same as it was typed."""
    folder: Path = click.get_current_context().find_root().params["root"]
    return folder


def reports(command: _Command) -> _Command:
    """Give a command `--format` and show a PartworkError in it, with its exit code."""

    @click.option(
        "--format",
        "style",
        type=click.Choice(FORMATS),
        default="text",
        show_default=True,
        help="How to report: for people, for programs (docs/json.md), or as GitHub annotations.",
    )
    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except PartworkError as error:
            if click.get_current_context().find_root().params.get("debug"):
                raise
            report(kwargs["style"], error.problems, failed=True)
            sys.exit(error.exit_code)

    return run  # type: ignore[return-value]  # the wrapper takes and gives what the command does


def report(
    style: str,
    problems: Iterable[Problem],
    *,
    text: Sequence[str] = (),
    data: dict[str, Any] | None = None,
    failed: bool = False,
) -> int:
    """Print a command's result: `text` for people or `data` for programs, and its problems.

    Problems go to standard error in text, so that a pipe gets the result alone. Gives the exit
    code: 1 where it `failed`, as it did where a problem is an error.
    """
    found = list(problems)
    failed = failed or any(one.severity == "error" for one in found)
    if style == "json":
        listed = [
            {
                "path": one.path,
                "line": one.line,
                "severity": one.severity,
                "rule": one.rule,
                "message": one.message,
                "remedy": one.remedy,
            }
            for one in found
        ]
        result = {"ok": not failed, **(data or {}), "problems": listed}
        # JSON is UTF-8, and knows no \xe9 as another encoding's missing characters are written.
        plain = lookup(sys.stdout.encoding or "ascii").name != "utf-8"
        click.echo(json.dumps(result, ensure_ascii=plain, indent=2, default=_plain))
    elif style == "github":
        for one in found:
            click.echo(_annotation(one))
    else:
        if text:
            click.echo("\n".join(text))
        for one in found:
            colour = "red" if one.severity == "error" else "yellow"
            click.echo(click.style(f"{one.severity}: ", fg=colour) + str(one), err=True)
    return int(failed)


def _plain(value: object) -> object:
    """Our own values by their fields, dates by ISO 8601, paths with /, everything else as text."""
    if is_dataclass(value):
        return {one.name: getattr(value, one.name) for one in fields(value)}
    if isinstance(value, PurePath):
        return value.as_posix()
    return value.isoformat() if isinstance(value, date) else str(value)


def _annotation(problem: Problem) -> str:
    """A GitHub workflow command; its data escapes %, CR and LF, its properties also : and ,."""

    def data(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    def prop(text: str) -> str:
        return data(text).replace(":", "%3A").replace(",", "%2C")

    line = f",line={problem.line}" if problem.line else ""
    file = Path(relpath(root() / problem.path, _repository())).as_posix()
    return (
        f"::{problem.severity} file={prop(file)}{line}"
        f",title={prop(problem.rule)}"
        f"::{data(f'{problem.message}: {problem.remedy}')}"
    )


def _repository() -> Path:
    """The newsletter's git repository, where GitHub counts from; without one, the folder here."""
    folder = Path(normpath(root()))
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), Path())


def counted(count: int, what: str) -> str:
    """`1 article`, `2 articles`."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows (the first is the head) as aligned lines."""
    widths = [max(_width(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
    return [click.style(lines[0], bold=True), *lines[1:]]


def _width(cell: str) -> int:
    """Columns on a terminal: two for a wide character, none for an accent (UAX #11)."""
    if cell.isascii():
        return len(cell)
    return sum(
        2 if east_asian_width(char) in "WF" else category(char) not in ("Mn", "Me", "Cf")
        for char in cell
    )


def size(count: int) -> str:
    """A number of bytes for people."""
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"
