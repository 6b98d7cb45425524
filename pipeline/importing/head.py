"""An article's front matter, written so that it reads back as it was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pipeline.config import Author, Newsletter
from pipeline.frontmatter import quoted, scalar
from pipeline.importing.model import Imported, Note
from pipeline.importing.places import Place
from pipeline.keys import read_key

_URI = re.compile(r"(?:https?://|tag:|urn:)[\w./,:?=&%~+;@-]*[\w/]")
"""An id or a URL that is plain YAML as it stands."""


def written(one: Imported, place: Place, newsletter: Newsletter) -> tuple[str, tuple[Note, ...]]:
    """The lines between and with the fences, and what of the source no key can hold."""
    lines: list[str] = []
    notes: list[Note] = []
    for key, value in _values(one, place):
        if value in ("", None, (), False):
            continue
        try:
            if key != "series":  # a new one is written into newsletter.toml together with this
                read_key(key, _plain(value), newsletter)
        except ValueError as error:
            message = f"`{key}` {error.args[0]}: it was left out"
            notes.append(Note(path=one.path, line=one.lines.get(key), message=message, loss=True))
            continue
        lines.append(f"{key}: {value if _URI.fullmatch(str(value)) else _yaml(value)}")
    return "---\n" + "\n".join(lines) + "\n---\n", tuple(notes)


def _values(one: Imported, place: Place) -> Iterator[tuple[str, Any]]:
    yield "title", one.title
    yield "id", place.id
    yield "slug", place.slug
    yield "series", place.series
    yield "part", place.part
    yield "previous", place.previous
    yield "next", place.next
    yield "date", place.date
    yield "updated", one.updated
    yield "summary", one.summary
    yield "authors", one.authors
    yield "tags", one.tags
    if one.image:
        yield "image", one.image
        yield "image_alt", one.image_alt
    yield "lang", one.lang
    yield "draft", one.draft
    yield "canonical_url", one.canonical_url
    yield "imported_from", one.origin


def _plain(value: Any) -> Any:
    """A value as the front matter's reader would get it."""
    if isinstance(value, tuple):
        return [one.given if isinstance(one, Author) else one for one in value]
    return value


def _yaml(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, tuple):
        return "[" + ", ".join(_item(one) for one in value) + "]"
    if isinstance(value, str):
        return scalar(value)
    return "true" if value is True else str(value)


def _item(value: str | Author) -> str:
    """One value of a list on one line, where a comma would divide it."""
    if isinstance(value, Author):
        if not value.email and not value.uri:
            return _item(value.name)
        return "{" + ", ".join(f"{key}: {quoted(text)}" for key, text in value.given.items()) + "}"
    return quoted(value) if "," in value else scalar(value)
