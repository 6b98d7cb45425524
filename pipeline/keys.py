"""The front matter keys: what each means and how its value is read.

One table serves the reader, the did-you-mean and docs/front-matter.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from reprlib import Repr
from typing import Any

from pipeline import text
from pipeline.config import YEARS, Author, Newsletter, settled
from pipeline.frontmatter import toml_key
from pipeline.tables import did_you_mean

_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 80
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`]+")
LAST_PART = 999_999
"""The last number that a file's name can begin with, too."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A front matter key: the kind of value and its meaning, for people; its reader, for us."""

    kind: str
    doc: str
    read: Callable[[Any, Newsletter], Any]


def read_key(key: str, value: Any, newsletter: Newsletter) -> Any:
    """A value as its type; ValueError(what is wrong, what to do) where it is not that."""
    return KEYS[key].read(value, newsletter)


def moment(value: object, newsletter: Newsletter) -> datetime:
    """An aware datetime in whole seconds, on the clocks of the newsletter's timezone.

    A day alone means the schedule's time of day on the schedule's clocks (midnight without one),
    and a time without an offset is in the newsletter's timezone.
    """
    if isinstance(value, str):
        with suppress(ValueError):
            value = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        hour = newsletter.schedule.time if newsletter.schedule else time(0)
        value = datetime.combine(value, hour, newsletter.slots_zone)
    if not isinstance(value, datetime):
        raise ValueError(
            f"is {_shown(value)}, not a date", "write 2026-10-06 or 2026-10-06T09:00+01:00"
        )
    if value.year not in YEARS:
        raise ValueError(f"lies in the year {value.year}", "correct the year")
    if value.tzinfo is None:
        value = value.replace(tzinfo=newsletter.zone)
    return settled(value, newsletter.zone)


def _shown(value: object) -> str:
    """A value as its author knows it, at a length that fits a message."""
    if value is None:
        return "empty"
    return str(value) if isinstance(value, date) else _SHORT.repr(value)


def _line(value: Any, _: Newsletter) -> str:
    if value is None:
        raise ValueError("is empty", "fill it in or delete the line")
    if not isinstance(value, str):
        raise ValueError(f"is {_shown(value)}, not text", "put it in quotes")
    return text.one_line(value)


def _title(value: Any, newsletter: Newsletter) -> str:
    line = _line("" if value is None else value, newsletter)
    if not line:
        raise ValueError("is empty", "write what readers see in a list of parts")
    return line


def _words(value: Any, newsletter: Newsletter) -> str:
    line = _line(value, newsletter)
    if not line:
        raise ValueError("is empty", "fill it in or delete the line")
    return line


def _id(value: Any, newsletter: Newsletter) -> str:
    line = _line("" if value is None else value, newsletter)
    if not _URI.fullmatch(line):
        raise ValueError(
            f"is {_shown(line)}, not a URI",
            "delete the line and run `partwork check --fix`, or write tag:HOST,YEAR:NAME",
        )
    return line


def _slug(value: Any, _: Newsletter) -> str:
    line = _line(value, _)
    if not text.is_slug(value):
        raise ValueError(
            f"is {_shown(value)}, no safe part of a URL",
            f"use letters, digits and single hyphens, such as {text.slugify(line) or 'part'}",
        )
    return line


def _series(value: Any, newsletter: Newsletter) -> str:
    key = _line(value, newsletter)
    known = [one.key for one in newsletter.series]
    if key not in known:
        table = f"add [series.{toml_key(text.slugify(key) or 'name')}] to it"
        others = did_you_mean(key, known)
        near = others.startswith("did you mean")
        raise ValueError(
            f"is {_shown(key)}, which newsletter.toml does not know",
            others if near else f"{others}, or {table}" if known else table,
        )
    return key


def _part(value: Any, _: Newsletter) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"is {_shown(value)}, not a number", "write 1, 2, 3 …")
    if not 1 <= value <= LAST_PART:
        raise ValueError(f"is {value}", f"parts are counted from 1 to {LAST_PART}")
    return value


def _flag(value: Any, _: Newsletter) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"is {_shown(value)}, not true or false", "write true or false")
    return value


def _tags(value: Any, newsletter: Newsletter) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(f"is {_shown(value)}, not a list", "write [one, two]")
    return tuple(dict.fromkeys(filter(None, (_line(one, newsletter) for one in value))))


def _authors(value: Any, newsletter: Newsletter) -> tuple[Author, ...]:
    if isinstance(value, list):
        return tuple(one for item in value for one in _authors(item, newsletter))
    if isinstance(value, Mapping):
        unknown = [key for key in value if key not in ("name", "email", "uri", "url")]
        if unknown or not value.get("name"):
            what = f"has an unknown key {unknown[0]!r}" if unknown else "has no name"
            raise ValueError(what, "write {name: …, email: …, uri: …}")
        read = {key: _line(one, newsletter) for key, one in value.items()}
        uri = read.get("uri") or read.get("url", "")
        if uri and not text.is_contact(uri):
            raise ValueError(f"has the uri {_shown(uri)}, not an absolute URL", "write https://…")
        return (Author(name=read["name"], email=read.get("email", ""), uri=uri),)
    return (Author(name=_words(value, newsletter)),)


def _language(value: Any, newsletter: Newsletter) -> str:
    tag = _line(value, newsletter)
    if not _LANGUAGE.fullmatch(tag) or tag.lower() == "und":
        raise ValueError(f"is {_shown(tag)}", "write a language tag such as en or pt-BR (BCP 47)")
    return tag


def _notice(value: Any, newsletter: Newsletter) -> str:
    return "" if value is False else _line(value, newsletter)


def _url(value: Any, newsletter: Newsletter) -> str:
    url = _line(value, newsletter)
    if not text.host(url):
        raise ValueError(f"is {_shown(url)}, not an absolute URL", "write https://…")
    return url


KEYS: dict[str, Key] = {
    "title": Key(kind="text", doc="What readers see. Required.", read=_title),
    "id": Key(
        kind="URI",
        doc="The article's identity for every reader and service, for ever (a `tag:` URI, RFC"
        " 4151). Required; `partwork new` and `partwork check --fix` write it. Never change it.",
        read=_id,
    ),
    "slug": Key(
        kind="text",
        doc="Its place in URLs, `articles/SLUG/`. Default: the file's name without its number.",
        read=_slug,
    ),
    "series": Key(kind="text", doc="The key of its `[series.KEY]` table.", read=_series),
    "part": Key(
        kind="number",
        doc="Its place in the series, from 1. Default: from `previous`/`next`, or the file's"
        " number.",
        read=_part,
    ),
    "previous": Key(kind="text", doc="The title of the part before it.", read=_words),
    "next": Key(kind="text", doc="The title of the part after it.", read=_words),
    "date": Key(
        kind="date",
        doc="When it is published. Default for a part: the schedule's next slot.",
        read=moment,
    ),
    "updated": Key(kind="date", doc="When its text last changed for readers.", read=moment),
    "summary": Key(
        kind="text",
        doc="One sentence for lists, feeds and the email's preheader. Default: the first"
        " paragraph.",
        read=_line,
    ),
    "authors": Key(
        kind="list",
        doc="Who wrote it: names, or `{name, email, uri}`. Default: the newsletter's author.",
        read=_authors,
    ),
    "author": Key(kind="text", doc="The same for one author.", read=_authors),
    "tags": Key(kind="list", doc="Categories in feeds and pages.", read=_tags),
    "image": Key(
        kind="path",
        doc="A picture at its head, relative to the article's file.",
        read=_words,
    ),
    "image_alt": Key(
        kind="text", doc="What the picture shows. Required with `image`.", read=_words
    ),
    "lang": Key(kind="text", doc="Its language, where not the newsletter's.", read=_language),
    "draft": Key(kind="true/false", doc="True keeps it out of everything.", read=_flag),
    "notice": Key(
        kind="text",
        doc="A disclaimer in place of the newsletter's; `false` shows none.",
        read=_notice,
    ),
    "canonical_url": Key(
        kind="URL", doc="Where it was first published, for search engines.", read=_url
    ),
    "imported_from": Key(
        kind="text",
        doc="The source that `partwork import` made it from, and knows it by when it runs again.",
        read=_words,
    ),
}
"""Every key with its reader, in the order of the documentation."""
