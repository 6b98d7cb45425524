"""Rules on how XML feeds are built: which elements, how many, which links."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from . import rules

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"
DCTERMS = "{http://purl.org/dc/terms/}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
XML = "{http://www.w3.org/XML/1998/namespace}"
Many = tuple[int, int | None]
NONE, ONE, MAYBE, SOME, ANY = (0, 0), (1, 1), (0, 1), (1, None), (0, None)

ARCHIVE: dict[str, Many] = {"current": MAYBE, "prev-archive": MAYBE, "next-archive": MAYBE}
"""The relations of RFC 5005 §4, which stand on feeds alone."""
RELATIONS = ("self", "alternate", "hub", "up", "related", *ARCHIVE)


def parsed(data: bytes) -> Any:
    """The root of an XML document; huge texts are taken, nothing is fetched."""
    parser = etree.XMLParser(huge_tree=True, resolve_entities=False, no_network=True)
    return etree.fromstring(data, parser)


def declared(data: bytes) -> Iterator[str]:
    if not re.match(rb"<\?xml version=['\"]1.0['\"] encoding=['\"]UTF-8['\"]\?>\n", data):
        yield "there is no XML declaration that says UTF-8"
    if b"<!DOCTYPE" in data[:500] or b"<?xml-stylesheet" in data[:500]:
        yield "there is a DOCTYPE or a stylesheet"


def children(parent: Any, counts: dict[str, Many], place: str = "") -> Iterator[str]:
    place = place or parent.tag
    names = [one.tag for one in parent]
    for name in dict.fromkeys(names):
        if name not in counts:
            yield f"{place}: <{name}> has no place here"
    for name, (least, most) in counts.items():
        count = names.count(name)
        if count < least or (most is not None and count > most):
            yield f"{place}: {count} times <{name}>"


def last(parent: Any, name: str) -> Iterator[str]:
    names = [one.tag for one in parent]
    if name in names and set(names[names.index(name) :]) != {name}:
        yield f"something stands after the first {name}"


def history(parent: Any, url: str) -> Iterator[str]:
    """RFC 5005: whole feeds (§2), and those in a chain of documents (§4)."""
    names = {one.tag.removeprefix(HISTORY) for one in parent if one.tag.startswith(HISTORY)}
    for one in parent:
        if one.tag.startswith(HISTORY) and (one.text or len(one)):
            yield f"fh:{one.tag.removeprefix(HISTORY)} is not empty"
    to = {one.get("rel"): one.get("href") for one in parent.findall(f"{ATOM}link")}
    chain = {rel: href for rel, href in to.items() if rel in ARCHIVE}
    if "complete" in names and ("archive" in names or chain):
        yield "a complete feed has an archive"
    if "archive" in names and "current" not in chain:
        yield "an archive document does not link to the current one"
    if "archive" in names and not chain.keys() & {"prev-archive", "next-archive"}:
        yield "an archive document is linked to no other"
    if "next-archive" in chain and "archive" not in names:
        yield "a document that may still change is not the last"
    if url in chain.values() or len(set(chain.values())) < len(chain):
        yield "two documents of the archive are one"
    if "hub" in to and "current" in chain:
        yield "a document of the archive names a hub"


def links(
    parent: Any,
    place: str,
    url: str,
    kind: str,
    namespace: str,
    lines: list[str],
    wanted: dict[str, Many],
) -> Iterator[str]:
    found = parent.findall(f"{ATOM}link")
    for link in found:
        rel = link.get("rel")
        at = f"{place} link rel={rel}"
        if rel not in RELATIONS:
            yield f"{at}: is not a relation for feeds"
        yield from rules.uri(link.get("href"), at)
        if rel == "self" and (link.get("href") != url or link.get("type") != kind):
            yield f"{at}: is not {url} as {kind}"
        if rel != "hub":
            yield from rules.mime(link.get("type"), at)
        if rel in ("up", "related"):
            yield from rules.plain(link.get("title"), at, lines[link.sourceline - 1])
        if link.text:
            yield f"{at}: is not empty"
    for rel, (least, most) in wanted.items():
        count = sum(link.get("rel") == rel for link in found)
        if count < least or (most is not None and count > most):
            yield f"{place}: {count} links rel={rel}"


def unique(values: Iterable[object], name: str) -> Iterator[str]:
    """No value comes twice."""
    for value, count in Counter(values).items():
        if count > 1:
            yield f"{name} {value} comes {count} times"
