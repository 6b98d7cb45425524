"""Reading pages as browsers and machines do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib

FEEDS = {"feed.xml", "atom.xml", "feed.json", "feeds.opml"}
"""Written by the feeds' own renderer, beside every list page."""


def document(page: str) -> Element:
    """A page as browsers read it; fails where they would have to guess."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


def words(element: Element | None) -> str:
    assert element is not None
    return " ".join("".join(element.itertext()).split())


def by_class(tree: Element, name: str) -> list[Element]:
    return [one for one in tree.iter() if name in (one.get("class") or "").split()]


def relations(tree: Element, rel: str) -> list[str]:
    return [one.get("href") or "" for one in tree.iter("link") if one.get("rel") == rel]


def facts(tree: Element) -> dict[str, Any]:
    (script,) = tree.iter("script")
    assert script.get("type") == "application/ld+json"
    return json.loads(script.text or "")


def references(tree: Element) -> Iterable[str]:
    for one in tree.iter():
        for name in ("href", "src"):
            if one.get(name) is not None:
                yield one.get(name) or ""


def expect_every_link_to_lead_somewhere(made: Mapping[str, str], files: set[str]) -> None:
    """Every relative URL names a file that is made, and its fragment an element there."""
    trees = {path: document(page) for path, page in made.items() if path.endswith(".html")}
    ids = {path: {e.get("id") for e in tree.iter() if e.get("id")} for path, tree in trees.items()}
    for path, tree in trees.items():
        for url in references(tree):
            if urlsplit(url).scheme:
                continue
            target = unquote(urlsplit(urljoin(f"http://x/{path}", url)).path).removeprefix("/")
            assert target in made or target in files or PurePosixPath(target).name in FEEDS, (
                path,
                url,
            )
            fragment = unquote(urlsplit(url).fragment)
            assert not fragment or fragment in ids[target], (path, url)
