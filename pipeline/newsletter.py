"""Reading `newsletter.toml` into a Newsletter, with every mistake named at its line."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline import tables, text
from pipeline.config import (
    WEEKDAYS,
    YEARS,
    ArchiveSettings,
    Author,
    EmailSettings,
    FeedSettings,
    LintSetting,
    MarkdownSettings,
    Newsletter,
    PreviewSettings,
    Schedule,
    SeriesSettings,
    step,
)
from pipeline.daysoff import days_off
from pipeline.errors import PartworkError, Problem, fail_on_errors
from pipeline.tables import Table

FILE = "newsletter.toml"
TABLES: dict[str, type] = {
    "newsletter": Newsletter,
    "newsletter.author": Author,
    "schedule": Schedule,
    "series.KEY": SeriesSettings,
    "feeds": FeedSettings,
    "markdown": MarkdownSettings,
    "email": EmailSettings,
    "archive": ArchiveSettings,
    "preview": PreviewSettings,
}
"""Every table of the file and the dataclass that documents it."""

_IN_SUBJECT = {"title", "series", "part", "parts", "number", "newsletter"}

_TOP = {name.partition(".")[0] for name in TABLES} | {"lint", "services"}
_MANY = {"series": "series.KEY", "services": "services.NAME"}
"""Tables that hold a table for each of many, and how such a one is written."""
_LINT: dict[str, Literal["error", "warning", "ignore"]] = {
    "error": "error",
    "warning": "warning",
    "ignore": "ignore",
}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_NO_EDITOR = ("javascript", "vbscript", "data")
"""Schemes of URLs that run what stands in them."""


def load(root: Path) -> Newsletter:
    """Read the settings in the folder `root`; PartworkError carries every problem."""
    try:
        raw = (root / FILE).read_bytes()
    except PermissionError as error:
        what = f"this can't be read ({error.strerror})"
        raise _none("unreadable", what, "check its permissions") from None
    except OSError as error:
        what = f"there is no newsletter in {root} ({error.strerror})"
        above = next((one for one in root.parents if (one / FILE).exists()), None)
        begin = f"go to {above}" if above else "run `partwork init`"
        raise _none("no-newsletter", what, f"{begin}, or name its folder with --root") from None
    return parse(root, raw)


def _none(rule: str, message: str, remedy: str) -> PartworkError:
    return PartworkError([Problem(path=FILE, rule=rule, message=message, remedy=remedy)])


def parse(root: Path, raw: bytes) -> Newsletter:
    """Read the settings of the folder `root` from the file's bytes."""
    table, broken = tables.parse(FILE, raw)
    fail_on_errors(broken)
    newsletter, problems = _read(root, table)
    fail_on_errors([*problems, *(_wrong(newsletter) if newsletter else ())])
    if newsletter is None:
        raise PartworkError(problems)
    # The same folder however it is written: `./articles/` begins no path of a file in it.
    return replace(
        newsletter,
        articles=str(PurePosixPath(newsletter.articles)),
        output=str(PurePosixPath(newsletter.output)),
        templates=str(PurePosixPath(newsletter.templates)),
    )


def _read(root: Path, table: Table) -> tuple[Newsletter | None, tuple[Problem, ...]]:
    """The settings and what is wrong with their types; a wrong table counts as one left out.

    So whatever else is wrong can be told along with it.
    """
    problems = [
        table.problem(key, f"`{key}` is unknown", tables.did_you_mean(key, _TOP), "unknown-key")
        if key not in _TOP
        else table.problem(key, f"`{key}` is not a table", f"write [{_MANY.get(key, key)}]")
        for key, value in table.values.items()
        if key not in _TOP or not isinstance(value, dict)
    ]
    for name, header in _MANY.items():
        many = table.child(name)
        problems += (
            many.problem(key, f"`{key}` in [{name}] is not a table", f"write it below [{header}]")
            for key, value in many.values.items()
            if not isinstance(value, dict)
        )

    def part(cls: type[Any], *keys: str, **given: Any) -> Any:
        below = table
        for key in keys:
            below = below.child(key)
        value, found = tables.read(cls, below, **given)
        problems.extend(found)
        return value

    newsletter = part(
        Newsletter,
        "newsletter",
        root=root,
        table=table,
        feeds=part(FeedSettings, "feeds") or FeedSettings(),
        markdown=part(MarkdownSettings, "markdown") or MarkdownSettings(),
        email=part(EmailSettings, "email") or EmailSettings(),
        archive=part(ArchiveSettings, "archive") or ArchiveSettings(),
        preview=part(PreviewSettings, "preview") or PreviewSettings(),
        lint=_lint(table.child("lint"), problems),
        schedule=part(Schedule, "schedule") if "schedule" in table.values else None,
        series=tuple(
            one
            for key, value in table.child("series").values.items()
            if isinstance(value, dict) and (one := part(SeriesSettings, "series", key, key=key))
        ),
        services=tuple(
            table.child("services").child(name) for name in table.child("services").values
        ),
    )
    return newsletter, tuple(problems)


def _lint(table: Table, problems: list[Problem]) -> dict[str, LintSetting]:
    """The keys of `[lint]`; whether each is a rule is the lint's to say (`lint.unknown`)."""
    found: dict[str, LintSetting] = {}
    for name, value in table.values.items():
        word, _, reason = value.partition(":") if isinstance(value, str) else ("", "", "")
        severity, reason = _LINT.get(word.strip().lower()), text.one_line(reason)
        if severity == "error" or (severity and reason):
            found[name] = LintSetting(severity=severity, reason=reason)
        else:
            what = "gives no reason" if severity else f"is {value!r}"
            remedy = 'write "ignore: why", "warning: why" or "error"'
            problems.append(table.problem(name, f"`{name}` {what}", remedy))
    return found


def _wrong(newsletter: Newsletter) -> Iterator[Problem]:
    """What the types alone can't say."""
    root = newsletter.table

    def at(dotted: str, message: str, remedy: str) -> Problem:
        table, _, key = dotted.rpartition(".")
        return Table(path=root.path, name=table, values={}, lines=root.lines).problem(
            key, f"`{key}` {message}", remedy
        )

    if not text.host(newsletter.url):
        yield at(
            "newsletter.url",
            f"is {newsletter.url!r}, not an absolute URL",
            "write https://… as readers see it",
        )
    elif "?" in newsletter.url or "#" in newsletter.url:
        yield at("newsletter.url", "holds more than a folder", "leave out ? and #")
    for key in ("title", "description"):
        if not text.one_line(getattr(newsletter, key)):
            yield at(f"newsletter.{key}", "is empty", "readers need one")
    if not text.one_line(newsletter.author.name):
        yield at("newsletter.author.name", "is empty", "say who writes")
    if newsletter.author.uri and not text.is_contact(newsletter.author.uri):
        what = f"is {newsletter.author.uri!r}, not an absolute URL"
        yield at("newsletter.author.uri", what, "write https://…")
    if not _LANGUAGE.fullmatch(newsletter.language) or newsletter.language.lower() == "und":
        yield at(
            "newsletter.language",
            f"is {newsletter.language!r}",
            "write a language tag such as en or pt-BR (BCP 47)",
        )
    folders: dict[str, PurePosixPath] = {}
    for key in ("articles", "output", "templates"):
        folder = PurePosixPath(getattr(newsletter, key))
        if folder.is_absolute() or ".." in folder.parts or not folder.parts or "\\" in str(folder):
            yield at(f"newsletter.{key}", f"is {str(folder)!r}", "name a folder inside this one")
            continue
        for other, taken in folders.items():
            if folder.is_relative_to(taken) or taken.is_relative_to(folder):
                yield at(
                    f"newsletter.{key}",
                    f"is {str(folder)!r}, and `{other}` is {str(taken)!r}",
                    "give each a folder of its own",
                )
        folders[key] = folder
    yield from _wrong_zone("newsletter.timezone", newsletter.timezone, at)
    if newsletter.schedule:
        yield from _wrong_schedule(newsletter.schedule, at)
    yield from _wrong_series(newsletter, at)
    yield from _wrong_feeds_and_email(newsletter, at)
    yield from _wrong_preview(newsletter, at)


_At = Callable[[str, str, str], Problem]
"""Called with the dotted name of a key, what is wrong with it and what to do."""


def _wrong_zone(key: str, zone: str, at: _At) -> Iterator[Problem]:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield at(key, f"is {zone!r}", "write an IANA name such as Europe/London")


def _wrong_schedule(schedule: Schedule, at: _At) -> Iterator[Problem]:
    if schedule.timezone:
        yield from _wrong_zone("schedule.timezone", schedule.timezone, at)
    every = step(schedule.every)
    if every is None:
        remedy = "write day, week, month, or e.g. 2 weeks"
        yield at("schedule.every", f"is {schedule.every!r}", remedy)
    weekday = schedule.weekday.lower()
    if weekday and weekday not in WEEKDAYS:
        yield at("schedule.weekday", f"is {weekday!r}", tables.did_you_mean(weekday, WEEKDAYS))
    if weekday and every and every[1] == "day":
        remedy = 'leave it out, or write every = "week"'
        yield at("schedule.weekday", "goes with weeks or months only", remedy)
    if schedule.start.year not in YEARS:
        what = f"lies in the year {schedule.start.year}"
        yield at("schedule.start", what, "correct the year")
    if schedule.time.tzinfo:
        yield at("schedule.time", "has an offset", "set the timezone instead")
    if schedule.holidays:
        try:
            days_off(schedule.holidays)
        except ValueError as error:
            yield at("schedule.holidays", *error.args)


def _wrong_series(newsletter: Newsletter, at: _At) -> Iterator[Problem]:
    slugs: dict[str, str] = {}
    for one in newsletter.series:
        name = f"series.{one.key}"
        slug = one.slug or one.key
        if not text.is_slug(slug):
            yield at(f"{name}.slug", f"is {slug!r}", "use letters, digits and single hyphens")
        elif text.fold(slug) in slugs:
            yield at(
                f"{name}.slug",
                f"is the same as that of [{slugs[text.fold(slug)]}]",
                "give each series its own",
            )
        slugs.setdefault(text.fold(slug), name)
        if one.start and one.start.year not in YEARS:
            yield at(f"{name}.start", f"lies in the year {one.start.year}", "correct the year")
        if not text.one_line(one.title):
            yield at(f"{name}.title", "is empty", "readers need one")
        if one.parts < 0:
            yield at(f"{name}.parts", "is negative", "count the parts, or leave it out")


def _wrong_feeds_and_email(newsletter: Newsletter, at: _At) -> Iterator[Problem]:
    for key in ("limit", "ttl"):
        if getattr(newsletter.feeds, key) < 0:
            yield at(f"feeds.{key}", "is negative", "use 0 or more")
    links = {
        "feeds.hub": newsletter.feeds.hub,
        "archive.subscribe_url": newsletter.archive.subscribe_url,
        "email.unsubscribe_url": newsletter.email.unsubscribe_url,
        "email.preferences_url": newsletter.email.preferences_url,
    }
    for key, url in links.items():
        if url and not text.host(url):
            yield at(key, f"is {url!r}, not an absolute URL", "write https://…")
    for key in ("from_address", "reply_to", "to", "unsubscribe_mailto"):
        value = getattr(newsletter.email, key)
        if value and not text.is_address(value):
            yield at(f"email.{key}", f"is {value!r}", "write one address such as me@example.org")
    for key, value, known in (
        ("subject", newsletter.email.subject, _IN_SUBJECT),
        ("reason", newsletter.email.reason, {"newsletter", "title"}),
        ("greeting", newsletter.email.greeting, {"first_name"}),
    ):
        yield from _wrong_format(f"email.{key}", value, known, at)


def _wrong_preview(newsletter: Newsletter, at: _At) -> Iterator[Problem]:
    editor, test_to = newsletter.preview.editor, newsletter.preview.test_to
    scheme = editor.partition(":")[0].lower()
    if editor and (not _SCHEME.match(editor) or scheme in _NO_EDITOR or "{path}" not in editor):
        yield at("preview.editor", f"is {editor!r}", "write e.g. vscode://file/{path}:{line}")
    else:
        yield from _wrong_format("preview.editor", editor, {"path", "line"}, at)
    if test_to and not text.is_address(test_to):
        yield at("preview.test_to", f"is {test_to!r}", "write one address such as me@example.org")


def _wrong_format(key: str, value: str, known: Iterable[str], at: _At) -> Iterator[Problem]:
    names = ", ".join(f"{{{name}}}" for name in sorted(known))
    try:
        parts = list(string.Formatter().parse(value))
    except ValueError as error:
        yield at(key, f"has braces that do not match ({error})", "write {{ for a brace itself")
        return
    for _, name, spec, conversion in parts:
        if name is not None and (name not in known or spec or conversion):
            yield at(key, f"names {{{name}}}", f"use only {names}")
