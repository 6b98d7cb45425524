"""The words an email says of itself, and how it writes a date: English, or `words/LANG.toml`."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline import files, tables, text
from pipeline.errors import PartworkError, Problem, fail_on_errors
from pipeline.tables import Table, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Each phrase with the fields it may name; a translation need not use them all."""

    part: str = setting("A part whose series does not say how many there are.", "Part {part}")
    part_of: str = setting("A part of an announced number.", "Part {part} of {parts}")
    issue: str = setting("An issue's name.", "Issue {number}")
    minutes: str = setting("How long an article takes to read.", "{minutes} min read")
    by: str = setting("Who wrote an article.", "By {author}")
    and_: str = setting("Joins the last two names of a list.", " and ", between=None)
    colon: str = setting("Between such a phrase and what it leads to.", ":", between=None)
    view: str = setting("The link to the web version.", "View in browser")
    image: str = setting("A picture in plain text.", "[Image: {alt}]")
    read_on_web: str = setting("The button under a whole article.", "Read it on the web")
    continue_reading: str = setting("The button under a cut article.", "Continue reading")
    rest_on_web: str = setting("Before that button.", "The rest is on the web.")
    in_this_issue: str = setting("Heads the list of a digest.", "In this issue")
    unlisted: str = setting("What a digest's list has no room for.", "And {count} more on the web")
    earlier: str = setting(
        "Links the previous part and part 1.",
        "The part before this was {previous}. New here? Start with {first}.",
    )
    earlier_first: str = setting(
        "The same where the previous part is part 1.", "New here? Start with part 1, {first}."
    )
    the_series: str = setting("Heads the series block.", "The series so far")
    whole_series: str = setting("Heads it with the last part.", "The whole series")
    complete: str = setting("Says so with the last part.", "The series is complete: {parts} parts.")
    previous: str = setting("Before the previous part's title.", "Previous")
    next: str = setting("Before the next part's title.", "Next")
    next_on: str = setting("When the next part comes.", "The next part comes on {date}.")
    next_is: str = setting("What comes next, and when.", "Next, on {date}: {title}")
    to_come: str = setting("Marks the next part in the contents.", "Next, on {date}")
    this_part: str = setting("Marks the part one is reading in the contents.", "This part")
    all_parts: str = setting("The link to the series' page.", "All parts on the web")
    reply: str = setting("The link that answers the author.", "Reply to the author")
    reply_text: str = setting("The same in plain text.", "Answer this email to reach the author.")
    forward: str = setting("The link that forwards.", "Forward to a friend")
    forward_text: str = setting("The same in plain text.", "Forward: pass this link on.")
    forwarded: str = setting("Before the link in a forwarded message.", "You may like this:")
    reason: str = setting(
        "Why the reader gets this, where `email.reason` says nothing of its own.",
        "You receive this because you subscribed to {newsletter}.",
    )
    unsubscribe: str = setting("The link that ends the subscription.", "Unsubscribe")
    preferences: str = setting("The link to the reader's settings.", "Change preferences")
    feed: str = setting("The feed's link.", "RSS feed")
    more: str = setting("A digest's subject after its first title.", "{title} and {count} more")
    first_day: str = setting("What `{day}` is on the first of a month.", "1")
    date: str = setting("A date.", "{day} {month} {year}")
    long_date: str = setting("A date with its day of the week.", "{weekday} {day} {month}")
    months: tuple[str, ...] = setting(
        "January to December.",
        (
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ),
    )
    weekdays: tuple[str, ...] = setting(
        "Monday to Sunday.",
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    )

    def on(self, day: datetime) -> str:
        """A date such as `13 October 2026`."""
        return self._dated(self.date, day)

    def on_weekday(self, day: datetime) -> str:
        """A date such as `Tuesday 13 October`."""
        return self._dated(self.long_date, day)

    def _dated(self, pattern: str, day: datetime) -> str:
        return pattern.format(
            day=day.day if day.day > 1 else self.first_day,
            month=self.months[day.month - 1],
            year=day.year,
            weekday=self.weekdays[day.weekday()],
        )

    def names(self, names: Sequence[str]) -> str:
        """`A`, `A and B`, or `A, B and C`."""
        head, last = ", ".join(names[:-1]), names[-1]
        return f"{head}{self.and_}{last}" if head else last


@files.readable()
def load(folders: Sequence[Path], language: str) -> Words:
    """The words of a language; `folders` as they are looked in, the newsletter's own first.

    What `words/en-US.toml` leaves out is that of `words/en.toml`, then the next folder's, and
    English in the end. PartworkError carries every problem of a file.
    """
    said: dict[str, Any] = {}
    for folder in reversed(folders):
        for tag in reversed(text.tags(language)):
            file = folder / "words" / f"{tag}.toml"
            if file.is_file():
                said |= _read(file, file.stat().st_mtime_ns)
    return Words(**said)


@lru_cache(maxsize=16)
def _read(file: Path, _changed: int) -> Mapping[str, Any]:
    """The phrases that a file says."""
    table, broken = tables.parse("/".join(file.parts[-3:]), file.read_bytes())
    fail_on_errors(broken)
    words, problems = tables.read(Words, table)
    if words is None:
        raise PartworkError(problems)
    fail_on_errors(_wrong(words, table))
    return {name: getattr(words, name) for name in table.values}


def _wrong(words: Words, table: Table) -> Iterator[Problem]:
    """A phrase may name what its English names, and nothing else."""
    english = Words()
    for one in fields(Words):
        value, model = getattr(words, one.name), getattr(english, one.name)
        if isinstance(value, tuple):
            if len(value) != len(model):
                yield table.problem(
                    one.name, f"`{one.name}` has {len(value)} names", f"give {len(model)}", "words"
                )
            continue
        known = _names(model) | (
            {"day", "month", "year", "weekday"} if "date" in one.name else set()
        )
        try:
            unknown = sorted(_names(value) - known)
        except ValueError as error:
            yield table.problem(one.name, f"`{one.name}`: {error}", "close the braces", "words")
            continue
        for name in unknown:
            yield table.problem(
                one.name,
                f"`{one.name}` names {{{name}}}",
                f"use {', '.join(f'{{{one}}}' for one in sorted(known)) or 'no braces'}",
                "words",
            )


def _names(phrase: str) -> set[str]:
    """What a phrase names; `{title!r}` names nothing that there is."""
    return {
        f"{name}!{conversion}" if conversion else name
        for _, name, _, conversion in string.Formatter().parse(phrase)
        if name is not None
    }
