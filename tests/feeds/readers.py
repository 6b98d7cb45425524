"""Feeds read back as a reader would: by feedparser, and by lxml and json without its help."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import feedparser
import html5lib

from .conformance.rules import shown
from .conformance.shapes import ATOM, CONTENT, parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a reader knows of an entry."""

    id: str
    title: str
    url: str
    published: datetime
    html: str

    @property
    def text(self) -> str:
        """The words of the body, as a browser shows them."""
        tree = html5lib.parseFragment(self.html, namespaceHTMLElements=False)
        return "".join(tree.itertext())


def read(path: str, data: bytes) -> tuple[Read, ...]:
    """The entries of a feed document by lxml or json, in the order of the file."""
    name = path.rsplit("/", 1)[-1]
    if name == "feed.json":
        return tuple(_json(item) for item in json.loads(data)["items"])
    root = parsed(data)
    if name == "feed.xml":
        return tuple(_rss(item) for item in root.iter("item"))
    return tuple(_atom(entry) for entry in root.iter(f"{ATOM}entry"))


def read_by_feedparser(data: bytes) -> tuple[Read, ...]:
    """The same by feedparser, its guesses and its sanitising included."""
    feed = feedparser.parse(data)
    assert not feed.bozo, feed.get("bozo_exception")
    return tuple(
        Read(
            id=one.id,
            title=_plain(one.title_detail),
            url=one.link,
            published=datetime(*one.published_parsed[:6], tzinfo=UTC),
            html=one.content[0].value if "content" in one else "",
        )
        for one in feed.entries
    )


def _plain(detail: Any) -> str:
    return html.unescape(detail.value) if detail.type == "text/html" else detail.value


def _rss(item: Any) -> Read:
    return Read(
        id=item.findtext("guid"),
        title=shown(item.findtext("title")),
        url=item.findtext("link"),
        published=parsedate_to_datetime(item.findtext("pubDate")),
        html=item.findtext(f"{CONTENT}encoded") or "",
    )


def _atom(entry: Any) -> Read:
    title = entry.find(f"{ATOM}title")
    return Read(
        id=entry.findtext(f"{ATOM}id"),
        title=html.unescape(title.text) if title.get("type") == "html" else title.text,
        url=entry.find(f"{ATOM}link[@rel='alternate']").get("href"),
        published=datetime.fromisoformat(entry.findtext(f"{ATOM}published")),
        html=entry.findtext(f"{ATOM}content") or "",
    )


def _json(item: Any) -> Read:
    return Read(
        id=item["id"],
        title=item["title"],
        url=item["url"],
        published=datetime.fromisoformat(item["date_published"]),
        html=item.get("content_html", ""),
    )
