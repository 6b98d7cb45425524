"""Problems a person can act on: where, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with the sources or the output.

    `path` is relative to the newsletter's folder with forward slashes; `line` is 1-based, None
    where the whole file is meant. `rule` is the stable name that settings and tests refer to.
    """

    path: str
    line: int | None = None
    message: str
    remedy: str
    rule: str
    severity: Severity = "error"

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.message}: {self.remedy}"


class PartworkError(Exception):
    """Something the author can fix: carries every problem found, ends the run with exit code 1."""

    exit_code = 1

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__("\n".join(map(str, self.problems)))


class UncertainSend(PartworkError):  # noqa: N818 - the design's word for it
    """A write whose outcome is unknown: a person must look. Ends the run with exit code 3."""

    exit_code = 3


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort by place, so that the same mistakes always print in the same order; drop repeats."""
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda p: (p.path, p.line or 0, p.rule, p.message)))


def fail_on_errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the warnings in order; raise PartworkError with everything if one is an error."""
    found = in_order(problems)
    if any(problem.severity == "error" for problem in found):
        raise PartworkError(found)
    return found
