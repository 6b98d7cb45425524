"""JSON Feed 1.1 and our `_series` extension."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from . import rules
from .shapes import unique


def jsonfeed(data: bytes, url: str) -> Iterator[str]:
    feed = json.loads(data)
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        yield "the version is not 1.1"
    yield from _typed(feed, "feed", {"title": str, "items": list, "feed_url": str, "authors": list})
    yield from _known(
        feed,
        "feed",
        "version title home_page_url feed_url next_url description icon authors language hubs"
        " items",
    )
    if feed.get("feed_url") != url:
        yield f"feed_url is not {url}"
    if feed.get("next_url") == url:
        yield "next_url leads nowhere else"
    for key in ("home_page_url", "feed_url", "next_url", "icon"):
        if key in feed:
            yield from rules.uri(feed[key], key)
    yield from rules.language(feed.get("language"), "feed language")
    for hub in feed.get("hubs", ()):
        yield from _typed(hub, "hub", {"type": str, "url": str})
        yield from rules.uri(hub.get("url"), "hub")
    yield from _json_authors(feed, "feed")
    for number, item in enumerate(feed.get("items", ()), 1):
        yield from _json_item(item, f"item {number}")
    yield from unique([item.get("id") for item in feed.get("items", ())], "id")


def _json_item(item: Any, place: str) -> Iterator[str]:
    yield from _typed(item, place, {"id": str, "url": str, "title": str, "summary": str})
    yield from _known(
        item,
        place,
        "id url title summary content_html content_text image date_published date_modified authors"
        " tags language _series",
    )
    for key in ("id", "url", *(key for key in ("image",) if key in item)):
        yield from rules.uri(item.get(key), f"{place} {key}")
    if ("content_html" in item) == ("content_text" in item):
        yield f"{place}: has not exactly one content"
    if "content_html" in item:
        yield from rules.markup(item["content_html"], f"{place} content_html")
    for key in ("date_published", "date_modified"):
        yield from rules.rfc3339(item.get(key), f"{place} {key}")
    yield from rules.language(item.get("language"), f"{place} language")
    yield from _json_authors(item, place)
    if not all(isinstance(tag, str) and tag for tag in item.get("tags", ())):
        yield f"{place}: a tag is no text"
    series = item.get("_series")
    if series is not None:
        yield from _typed(
            series,
            f"{place} _series",
            {"about": str, "id": str, "name": str, "url": str, "part": int},
        )
        for key in ("about", "url"):
            yield from rules.uri(series.get(key), f"{place} _series {key}")
        for key in ("previous", "next"):
            if key in series:
                yield from rules.uri(series[key].get("url"), f"{place} _series {key}")


def _json_authors(parent: Any, place: str) -> Iterator[str]:
    if not parent.get("authors"):
        yield f"{place}: has no authors"
    for author in parent.get("authors", ()):
        if not set(author) <= {"name", "url", "avatar"} or not author.get("name"):
            yield f"{place}: an author is {author}"
        if "url" in author:
            yield from rules.uri(author["url"], f"{place} author")


def _typed(value: Any, place: str, types: dict[str, type]) -> Iterator[str]:
    for key, kind in types.items():
        if not isinstance(value.get(key), kind) or value.get(key) == "":
            yield f"{place}: {key} is {value.get(key)!r}"


def _known(value: Any, place: str, keys: str) -> Iterator[str]:
    for key in sorted(set(value) - set(keys.split())):
        yield f"{place}: {key} is unknown"
