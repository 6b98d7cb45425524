"""A book's pages: an article's HTML as XHTML that reading systems take (EPUB 3.3 §6.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import html5lib
from lxml import etree
from markupsafe import Markup

from pipeline.markdown import Body
from pipeline.markdown.derive import without_hidden
from pipeline.text import OWN_ROOT, direction, uri

XHTML = "http://www.w3.org/1999/xhtml"
OPS = "http://www.idpf.org/2007/ops"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_OWN = "own:"
"""Stands for `OWN_ROOT` while a page is a tree: no link of an author's can begin so."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_TIME = re.compile(
    r"\d{4,}(?:-\d\d(?:-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:?\d\d)?)?)?)?"
    r"|\d\d:\d\d(?::\d\d)?",
    re.ASCII,
)
"""A moment for programs in the forms that writers use (HTML, §4.5.14)."""
_VOID = frozenset({"br", "col", "hr", "img", "link", "meta", "wbr"})
# What a role is called in EPUB's own vocabulary, for reading systems that know only that (EPUB 3
# Structural Semantics Vocabulary 1.1).
_TYPES = {
    "doc-backlink": "backlink",
    "doc-chapter": "chapter",
    "doc-endnotes": "footnotes",
    "doc-noteref": "noteref",
}

Picture = Callable[[str], str]
"""Gives the place in the book of a picture of the articles folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where links in a book lead: chapters by their article's page, and all else on the web.

    `chapters` gives a chapter's file and its ids; `root_url` is the newsletter's.
    """

    chapters: Mapping[str, tuple[str, frozenset[str]]]
    root_url: str
    picture: Picture

    def of_page(self, path: str, fragment: str) -> str:
        """The address of one of our own pages or files."""
        chapter, anchors = self.chapters.get(unquote(path), ("", frozenset()))
        if not chapter:
            return uri(self.root_url + path + (f"#{fragment}" if fragment else ""))
        inside = unquote(fragment)
        return f"{chapter}#{xml_id(inside)}" if inside in anchors else chapter


def xml_id(anchor: str) -> str:
    """An id as XML wants it: a name without a colon (XML Namespaces 1.0 §3)."""
    return anchor if _NAME.fullmatch(anchor) else f"id.{anchor.encode().hex()}"


def body(part: Body, visible: frozenset[str]) -> Markup:
    """A body's HTML, without links to what readers can't see, for `page`."""
    html = without_hidden(part, visible).replace(f'="{OWN_ROOT}', f'="{_OWN}')
    return Markup(html)  # noqa: S704  # sanitised HTML (S2)


def page(title: str, language: str, content: Markup, links: Links, kind: str = "") -> bytes:
    """One page of the book; `kind` is its type in EPUB's vocabulary, such as `cover`."""
    html = Markup(
        '<!DOCTYPE html><html lang="{0}" dir="{1}"><head><meta charset="utf-8"><title>{2}</title>'
        '<link rel="stylesheet" href="style.css"></head><body>{3}</body></html>'
    ).format(language, direction(language), title, content)
    tree = html5lib.parse(html, treebuilder="lxml", namespaceHTMLElements=False).getroot()
    root = etree.Element("html", nsmap={"epub": OPS})
    root.attrib.update(tree.attrib)
    root.extend(list(tree))
    anchors = frozenset(one.get("id", "") for one in root.iter(etree.Element))
    for element in list(root.iter(etree.Element)):
        _made_fit(element, links, anchors)
    if kind:
        root[1].set(f"{{{OPS}}}type", kind)
    written = etree.tostring(root, encoding="unicode")
    head = f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html xmlns="{XHTML}"'
    return (head + written.removeprefix("<html") + "\n").encode()


def _made_fit(element: Any, links: Links, anchors: frozenset[str]) -> None:
    if "id" in element.attrib:
        element.set("id", xml_id(element.get("id")))
    if "lang" in element.attrib:
        element.set(_LANG, element.get("lang"))
    if element.get("role") in _TYPES:
        element.set(f"{{{OPS}}}type", _TYPES[element.get("role")])
    if not _TIME.fullmatch(element.get("datetime", "0000")):
        del element.attrib["datetime"]
    if element.tag == "a" and "href" in element.attrib:
        _link(element, links, anchors)
    elif element.tag == "img":
        _picture(element, links)
    if element.text is None and not len(element) and element.tag not in _VOID:
        element.text = ""  # `<p></p>`: what reads XHTML as HTML takes `<p/>` for a beginning


def _link(element: Any, links: Links, anchors: frozenset[str]) -> None:
    href = element.get("href")
    if href.startswith(_OWN):
        path, _, fragment = href.removeprefix(_OWN).partition("#")
        element.set("href", links.of_page(path, fragment))
    elif href.startswith("#"):
        inside = unquote(href[1:])
        if inside in anchors:
            element.set("href", f"#{xml_id(inside)}")
        else:
            del element.attrib["href"]  # a place that the article does not have
    else:
        element.set("href", uri(href))


def _picture(element: Any, links: Links) -> None:
    """A picture in the book; a link to one on the web, which a book must not load (§3.6)."""
    source = element.get("src")
    if not source.startswith(_OWN):
        inside = any(one.tag == "a" for one in element.iterancestors())
        element.tag = "span" if inside else "a"
        element.text = element.get("alt")
        kept = {} if inside else {"href": uri(source)}
        element.attrib.clear()
        element.attrib.update(kept)
        return
    path = source.removeprefix(f"{_OWN}media/").partition("?")[0].partition("#")[0]
    element.set("src", links.picture(unquote(path)))
