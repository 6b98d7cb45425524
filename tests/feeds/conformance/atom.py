"""Atom (RFC 4287), complete and archived feeds (RFC 5005)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from . import rules
from .shapes import (
    ANY,
    ARCHIVE,
    ATOM,
    DCTERMS,
    HISTORY,
    MAYBE,
    NONE,
    ONE,
    SOME,
    XML,
    Many,
    children,
    declared,
    history,
    last,
    links,
    parsed,
    unique,
)

FEED: dict[str, Many] = {
    f"{ATOM}id": ONE,
    f"{ATOM}title": ONE,
    f"{ATOM}updated": ONE,
    f"{ATOM}author": SOME,
    f"{ATOM}link": SOME,
    f"{ATOM}category": ANY,
    f"{ATOM}generator": ONE,
    f"{ATOM}logo": MAYBE,
    f"{ATOM}rights": MAYBE,
    f"{ATOM}subtitle": ONE,
    f"{HISTORY}complete": MAYBE,
    f"{HISTORY}archive": MAYBE,
    f"{ATOM}entry": ANY,
}
ENTRY: dict[str, Many] = {
    f"{ATOM}id": ONE,
    f"{ATOM}title": ONE,
    f"{ATOM}updated": ONE,
    f"{ATOM}published": ONE,
    f"{ATOM}author": SOME,
    f"{ATOM}content": MAYBE,
    f"{ATOM}summary": ONE,
    f"{ATOM}link": SOME,
    f"{ATOM}category": ANY,
    f"{DCTERMS}isPartOf": MAYBE,
}


def atom(data: bytes, url: str) -> Iterator[str]:
    yield from declared(data)
    root = parsed(data)
    lines = data.decode().split("\n")
    if root.tag != f"{ATOM}feed" or root.prefix is not None or "atom" in root.nsmap:
        yield "the root is not <feed> in Atom's namespace without a prefix"
        return
    yield from rules.language(root.get(f"{XML}lang"), "feed xml:lang")
    yield from children(root, FEED)
    yield from last(root, f"{ATOM}entry")
    for name in ("title", "subtitle", "rights", "generator"):
        for one in root.findall(ATOM + name):
            yield from _text(one, f"feed {name}", lines)
    yield from rules.identity(root.findtext(f"{ATOM}id"), "feed id")
    yield from rules.rfc3339(root.findtext(f"{ATOM}updated"), "feed updated")
    for logo in root.findall(f"{ATOM}logo"):
        yield from rules.uri(logo.text, "feed logo")
    wanted = {"self": ONE, "alternate": ONE, **ARCHIVE}
    yield from links(root, "feed", url, "application/atom+xml", "", lines, wanted)
    yield from _people(root, "feed", lines)
    yield from _terms(root, "feed")
    yield from history(root, url)
    entries = root.findall(f"{ATOM}entry")
    for number, entry in enumerate(entries, 1):
        yield from _entry(entry, f"entry {number}", url, lines)
    yield from unique(
        [root.findtext(f"{ATOM}id"), *(e.findtext(f"{ATOM}id") for e in entries)], "id"
    )
    moments = [entry.findtext(f"{ATOM}updated") for entry in entries]
    if not any(found for one in moments for found in rules.rfc3339(one, "")):
        yield from unique([datetime.fromisoformat(one) for one in moments], "updated")
        if moments and max(moments) > (root.findtext(f"{ATOM}updated") or ""):
            yield "an entry is newer than the feed's updated"


def _entry(entry: Any, place: str, url: str, lines: list[str]) -> Iterator[str]:
    yield from children(entry, ENTRY, place)
    if f"{XML}lang" in entry.attrib:
        yield from rules.language(entry.get(f"{XML}lang"), f"{place} xml:lang")
    yield from rules.identity(entry.findtext(f"{ATOM}id"), f"{place} id")
    for name in ("updated", "published"):
        yield from rules.rfc3339(entry.findtext(ATOM + name), f"{place} {name}")
    if (entry.findtext(f"{ATOM}updated") or "") < (entry.findtext(f"{ATOM}published") or ""):
        yield f"{place}: updated before it was published"
    for name in ("title", "summary", "content"):
        for one in entry.findall(ATOM + name):
            yield from _text(one, f"{place} {name}", lines)
    for one in entry.findall(f"{ATOM}content"):
        if one.get("type") != "html":
            yield f"{place}: the content is not type=html"
    wanted = {"self": NONE, "alternate": ONE, **dict.fromkeys(ARCHIVE, NONE)}
    yield from links(entry, place, url, "", "", lines, wanted)
    yield from _people(entry, place, lines)
    yield from _terms(entry, place)
    for part_of in entry.findall(f"{DCTERMS}isPartOf"):
        yield from rules.uri(part_of.text, f"{place} isPartOf")


def _text(one: Any, place: str, lines: list[str]) -> Iterator[str]:
    kind = one.get("type", "text")
    if kind == "html":
        yield from rules.markup(one.text, place)
    elif kind == "text":
        yield from rules.plain(one.text, place, lines[one.sourceline - 1])
    else:
        yield f"{place}: type={kind!r}"


def _people(parent: Any, place: str, lines: list[str]) -> Iterator[str]:
    for author in parent.findall(f"{ATOM}author"):
        yield from children(author, {f"{ATOM}name": ONE, f"{ATOM}uri": MAYBE}, f"{place} author")
        name = author.find(f"{ATOM}name")
        if name is not None:
            yield from rules.plain(name.text, f"{place} author", lines[name.sourceline - 1])
        for one in author.findall(f"{ATOM}uri"):
            yield from rules.uri(one.text, f"{place} author uri")


def _terms(parent: Any, place: str) -> Iterator[str]:
    for one in parent.findall(f"{ATOM}category"):
        if not (one.get("term") or "").strip():
            yield f"{place}: a category without a term"
