"""RSS 2.0, the RSS Best Practices Profile and the modules our feeds use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

from . import rules
from .shapes import (
    ANY,
    ARCHIVE,
    ATOM,
    CONTENT,
    DC,
    DCTERMS,
    HISTORY,
    MAYBE,
    NONE,
    ONE,
    SOME,
    Many,
    children,
    declared,
    history,
    last,
    links,
    parsed,
    unique,
)

CHANNEL: dict[str, Many] = {
    "title": ONE,
    "link": ONE,
    "description": ONE,
    f"{ATOM}link": SOME,
    "category": ANY,
    "copyright": MAYBE,
    "docs": ONE,
    "generator": ONE,
    "image": MAYBE,
    "language": ONE,
    "lastBuildDate": ONE,
    "pubDate": MAYBE,
    "ttl": MAYBE,
    f"{HISTORY}complete": MAYBE,
    f"{HISTORY}archive": MAYBE,
    "item": ANY,
}
ITEM: dict[str, Many] = {
    "title": ONE,
    "link": ONE,
    "description": ONE,
    f"{CONTENT}encoded": MAYBE,
    "guid": ONE,
    "category": ANY,
    "pubDate": ONE,
    f"{DC}creator": SOME,
    f"{DCTERMS}isPartOf": MAYBE,
    f"{ATOM}link": ANY,
}


def rss(data: bytes, url: str) -> Iterator[str]:
    yield from declared(data)
    root = parsed(data)
    lines = data.decode().split("\n")
    if root.tag != "rss" or root.get("version") != "2.0" or len(root) != 1:
        yield "the root is not <rss version='2.0'> with one channel"
        return
    channel = root[0]
    yield from children(channel, CHANNEL)
    yield from last(channel, "item")
    for name in ("title", "description", "copyright", "category", "generator"):
        for one in channel.findall(name):
            yield from rules.plain(one.text, f"channel {name}", lines[one.sourceline - 1])
    for name in ("link", "docs"):
        yield from rules.uri(channel.findtext(name), f"channel {name}")
    yield from rules.language(channel.findtext("language"), "channel language")
    for name in ("lastBuildDate", "pubDate"):
        if channel.find(name) is not None:
            yield from rules.rfc822(channel.findtext(name), f"channel {name}")
    ttl = channel.findtext("ttl")
    if ttl is not None and not re.fullmatch(r"[1-9]\d*", ttl):
        yield f"channel ttl: {ttl!r} is no positive number"
    yield from _image(channel)
    wanted = {"self": ONE, **ARCHIVE}
    yield from links(channel, "channel", url, "application/rss+xml", ATOM, lines, wanted)
    yield from history(channel, url)
    newest = []
    for number, item in enumerate(channel.findall("item"), 1):
        yield from _item(item, f"item {number}", url, lines)
        newest.append(item.findtext("pubDate") or "")
    yield from unique([one.findtext("guid") for one in channel.findall("item")], "guid")
    if newest and not list(rules.rfc822(channel.findtext("lastBuildDate"), "")):
        built = parsedate_to_datetime(channel.findtext("lastBuildDate"))
        if any(parsedate_to_datetime(one) > built for one in newest if one):
            yield "an item is newer than lastBuildDate"


def _item(item: Any, place: str, url: str, lines: list[str]) -> Iterator[str]:
    yield from children(item, ITEM, place)
    for name in ("title", "category"):
        for one in item.findall(name):
            yield from rules.plain(one.text, f"{place} {name}", lines[one.sourceline - 1])
    yield from rules.uri(item.findtext("link"), f"{place} link")
    yield from rules.markup(item.findtext("description"), f"{place} description")
    names = [one.tag for one in item]
    if f"{CONTENT}encoded" in names:
        yield from rules.markup(item.findtext(f"{CONTENT}encoded"), f"{place} content")
        if names.index(f"{CONTENT}encoded") < names.index("description"):
            yield f"{place}: content stands before description"
    guid = item.find("guid")
    if guid is not None:
        yield from rules.uri(guid.text, f"{place} guid")
        if guid.get("isPermaLink") != "false":
            yield f"{place}: the guid claims to be a link"
    yield from rules.rfc822(item.findtext("pubDate"), f"{place} pubDate")
    for creator in item.findall(f"{DC}creator"):
        yield from rules.characters(creator.text or "", f"{place} creator")
    for part_of in item.findall(f"{DCTERMS}isPartOf"):
        yield from rules.uri(part_of.text, f"{place} isPartOf")
    wanted = dict.fromkeys(("self", "alternate", *ARCHIVE), NONE)
    yield from links(item, place, url, "", ATOM, lines, wanted)


def _image(channel: Any) -> Iterator[str]:
    image = channel.find("image")
    if image is None:
        return
    yield from rules.uri(image.findtext("url"), "image url")
    if not re.search(r"\.(png|jpe?g|gif)$", image.findtext("url") or "", re.I):
        yield "image url: is no PNG, JPEG or GIF"
    for name in ("title", "link"):
        if image.findtext(name) != channel.findtext(name):
            yield f"image {name}: differs from the channel's"
    for name, most in (("width", 144), ("height", 400)):
        value = image.findtext(name)
        if value is not None and not (value.isdigit() and 0 < int(value) <= most):
            yield f"image {name}: {value!r} is not 1 to {most}"
