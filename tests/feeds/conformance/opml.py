"""OPML 2.0 as a list of feeds."""

from __future__ import annotations

from collections.abc import Iterator

from . import rules
from .shapes import MAYBE, ONE, children, declared, parsed, unique


def opml(data: bytes, url: str) -> Iterator[str]:
    yield from declared(data)
    root = parsed(data)
    if root.tag != "opml" or root.get("version") != "2.0":
        yield "the root is not <opml version='2.0'>"
    if [one.tag for one in root] != ["head", "body"]:
        yield "there is not one head and one body"
        return
    yield from children(root[0], {"title": ONE, "dateModified": ONE, "ownerName": MAYBE}, "head")
    yield from rules.markup(root[0].findtext("title"), "head title")
    yield from rules.rfc822(root[0].findtext("dateModified"), "head dateModified")
    if len(root[1]) == 0:
        yield "the body is empty"
    for outline in root[1]:
        if outline.tag != "outline" or outline.get("type") != "rss":
            yield "an outline is not type=rss"
        for name in ("xmlUrl", "htmlUrl"):
            yield from rules.uri(outline.get(name), name)
        for name in ("text", "title", "description"):
            yield from rules.markup(outline.get(name), f"outline {name}")
        yield from rules.language(outline.get("language"), "outline language")
    yield from unique([one.get("xmlUrl") for one in root[1]], "xmlUrl")
