"""JSON Feed 1.1 (jsonfeed.org/version/1.1) with the same facts as RSS and Atom."""

from __future__ import annotations

import json
from typing import Any

from pipeline.config import Author
from pipeline.feeds import bodies
from pipeline.feeds.model import Entry, Feed, Link

ABOUT = "https://schema.org/CreativeWorkSeries"
"""What `_series` describes; an extension says so under `about` (JSON Feed 1.1, “Extensions”)."""

BETWEEN = b",\n"
FOOT = b"\n]}\n"

_WRITE = json.JSONEncoder(ensure_ascii=False).encode


def render(feed: Feed) -> bytes:
    """The feed as JSON; keys without a value are left out."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page_url,
        "feed_url": feed.self_url,
        # Whatever the order: JSON Feed knows no other direction than on to further items.
        "next_url": feed.older_url,
        "description": feed.description,
        "icon": feed.image.url if feed.image else "",
        "authors": _authors(feed.authors),
        "language": feed.language,
        "hubs": [{"type": "WebSub", "url": feed.hub}] if feed.hub else [],
    }
    # A line an entry reads well in a diff; json's indent is written in Python, eight times as slow.
    head = f'{_WRITE(_filled(document))[:-1]}, "items": [\n'.encode()
    items = BETWEEN.join(_WRITE(_item(entry)).encode() for entry in feed.entries)
    return head + bodies.put(items, feed.entries, _escaped) + FOOT


def _escaped(body: bytes) -> bytes:
    """As JSON escapes text (RFC 8259 §7); all other characters it would escape are cleaned."""
    body = body.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return body.replace(b"\n", b"\\n").replace(b"\t", b"\\t")


def _item(entry: Entry) -> dict[str, Any]:
    return _filled(
        {
            "id": entry.id,
            "url": entry.url,
            "title": entry.title,
            "summary": entry.summary,
            "content_html": bodies.HELD if entry.body else "",
            # An item must have content, in one form or the other.
            "content_text": "" if entry.body else entry.summary,
            "image": entry.image,
            "date_published": entry.published.isoformat(),
            "date_modified": entry.updated.isoformat(),
            "authors": _authors(entry.authors),
            "tags": list(entry.tags),
            "language": entry.language,
            "_series": _series(entry),
        }
    )


def _series(entry: Entry) -> dict[str, Any]:
    part = entry.part
    if part is None:
        return {}
    return _filled(
        {
            "about": ABOUT,
            "id": part.series_id,
            "name": part.series.title,
            "url": part.series.url,
            "part": part.number,
            "parts": part.parts,
            "previous": _link(entry.previous),
            "next": _link(entry.next),
        }
    )


def _link(link: Link | None) -> dict[str, str]:
    return {"title": link.title, "url": link.url} if link else {}


def _authors(authors: tuple[Author, ...]) -> list[dict[str, str]]:
    return [_filled({"name": one.name, "url": one.uri}) for one in authors]


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}
