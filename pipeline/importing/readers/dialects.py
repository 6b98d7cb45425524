"""What the front matter keys of other programs' Markdown mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pipeline.config import Author
from pipeline.importing.model import Imported, Note, unread
from pipeline.importing.moments import moment
from pipeline.text import is_contact, one_line

FIRST_KEYS = frozenset(
    {"title", "date", "author", "authors", "slug", "tags", "category", "subject", "status"}
)
"""What a block of `Key: value` lines begins with."""

_KEYS: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "subject"),
    "date": ("date", "publishdate", "publish_date", "pubdate", "published_at", "published_on"),
    "updated": ("updated", "lastmod", "last_modified_at", "modified", "updated_at"),
    "slug": ("slug",),
    "id": ("id", "guid"),
    "authors": ("authors", "author"),
    "tags": ("tags", "tag", "keywords"),
    "categories": ("categories", "category"),
    "summary": ("summary", "description", "excerpt", "subtitle", "abstract"),
    "image": (
        "image", "cover", "featured_image", "featuredimage", "feature_image", "thumbnail",
        "images", "og_image", "header", "banner",
    ),
    "image_alt": ("image_alt", "imagealt", "cover_alt", "feature_image_alt"),
    "lang": ("lang", "language", "locale"),
    "draft": ("draft",),
    "published": ("published",),
    "status": ("status",),
    "canonical_url": ("canonical_url", "canonicalurl", "canonical"),
    "series": ("series",),
    "part": ("part", "series_part", "series_index", "series_number", "chapter"),
    "weight": ("weight", "series_order", "order", "nav_order"),
    "previous": ("previous", "prev"),
    "next": ("next",),
    "link": ("permalink", "url"),
}  # fmt: skip
"""For each of ours, theirs in lower case; the first that has a value counts."""
_SILENT = frozenset({
    "layout", "type", "draft", "published", "status", "toc", "comments", "math", "share", "pin",
    "sitemap", "eleventyexcludefromcollections", "email_type", "source", "created", "creation_date",
    "modified_date", "imported_from", "attachments", "secondary_id",
})  # fmt: skip
"""Keys that say how a program shows the page, which Partwork decides for itself."""
_COLLECTIONS = frozenset({"post", "posts", "blog", "all", "page", "pages", "article", "articles"})
"""Eleventy's and others' tags that only gather pages."""


def read(fields: Mapping[str, Any], path: str, origin: str) -> Imported:
    """An article without a text from their front matter, with a note of what has no place here."""
    lower = {str(key).lower(): value for key, value in fields.items()}
    used: set[str] = set()

    def first(ours: str) -> Any:
        for key in _KEYS[ours]:
            if lower.get(key) not in (None, "", [], {}):
                used.add(key)
                return lower[key]
        return None

    image, alt = _picture(first("image"))
    link = str(first("link") or "")
    status = str(first("status") or "").lower()
    tags = [*_several(first("tags")), *_several(first("categories"))]
    found = Imported(
        origin=origin,
        path=path,
        title=_words(first("title")),
        body="",
        markup="markdown",
        date=moment(first("date")),
        updated=moment(first("updated")),
        slug=_words(first("slug")) or _last(link),
        id=_words(first("id")),
        authors=tuple(_people(first("authors"))),
        tags=tuple(dict.fromkeys(tag for tag in tags if tag.lower() not in _COLLECTIONS)),
        summary=_words(first("summary")),
        image=image,
        image_alt=_words(first("image_alt")) or alt,
        lang=_words(first("lang")),
        draft=_says(first("draft"), _YES)
        or _says(first("published"), _NO)
        or status in _UNSEEN
        or _says(lower.get("private"), _YES)
        or bool(lower.get("password")),
        canonical_url=_words(first("canonical_url")),
        series=next(iter(_several(first("series"))), ""),
        part=_number(first("part")),
        weight=_number(first("weight")),
        previous=_words(first("previous")) or None,
        next=_words(first("next")) or None,
    )
    left = [f"`{key}`" for key, value in fields.items() if value and _is_lost(str(key), used)]
    notes = [*unread(path, first("date"))]
    if left:
        what = f"front matter that has no place here: {', '.join(left[:12])}"
        notes.append(Note(path=path, message=what, loss=True))
    return replace(found, notes=tuple(notes))


def _is_lost(key: str, used: set[str]) -> bool:
    """Whether a key with a value means something that no key here can say."""
    name = key.lower()
    other = any(name in names and used & {*names} for names in _KEYS.values())
    return name not in used | _SILENT and not other


_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0"})
"""What YAML 1.1 and other programs take for true and false (yaml.org/type/bool.html)."""


_UNSEEN = frozenset({"draft", "hidden", "private", "pending", "skip", "trash", "unlisted"})
"""What `status` says of a page that not everybody is to see (Pelican, WordPress's exporters)."""


def _says(value: Any, words: frozenset[str]) -> bool:
    return str(value).strip().lower() in words


def _words(value: Any) -> str:
    return (
        one_line(str(value)) if isinstance(value, str | int | float) and value is not True else ""
    )


def _number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    found = re.fullmatch(r"\s*(\d{1,6})(?:\.0+)?\s*", str(value)) if value is not None else None
    return int(found[1]) if found else None


def _several(value: Any) -> list[str]:
    """A list, however it is written: YAML, `a, b`, `a; b`, or Jekyll's words between spaces."""
    if isinstance(value, str):
        mark = ";" if ";" in value else "," if "," in value else None
        value = value.split(mark) if mark else [value]
    if isinstance(value, Mapping):
        value = list(value)
    if not isinstance(value, list | tuple):
        return []
    return [word for word in (_words(one) for one in value) if word]


def _people(value: Any) -> Iterator[Author]:
    several = value if isinstance(value, list) else [value]
    for one in several:
        if isinstance(one, Mapping) and _words(one.get("name")):
            uri = _words(one.get("uri") or one.get("url") or one.get("link"))
            yield Author(
                name=_words(one["name"]),
                email=_words(one.get("email")),
                uri=uri if is_contact(uri) else "",
            )
        elif isinstance(one, str):
            yield from (Author(name=name) for name in _several(one.replace(" and ", ", ")))


def _picture(value: Any) -> tuple[str, str]:
    """A picture's address and its alternative text."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, Mapping):
        names = ("path", "src", "url", "image", "feature", "teaser", "overlay_image")
        found = next((value[key] for key in names if value.get(key)), "")
        return _words(found), _words(value.get("alt") or value.get("image_description") or "")
    return _words(value), ""


def _last(link: str) -> str:
    """The last part of a permalink that is a name and no pattern."""
    last = link.rstrip("/").rpartition("/")[2].removesuffix(".html")
    return "" if ":" in link.rpartition("://")[2] or "{" in link else last
