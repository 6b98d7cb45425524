"""feedgen extensions: what its own elements cannot say, or lose on the way.

feedgen makes one of these for the feed and one for each entry, without arguments; the renderer
hands it the values afterwards.
"""

from __future__ import annotations

from typing import Any

from feedgen.ext.base import BaseExtension
from lxml.etree import SubElement

from pipeline.feeds.model import Entry, Feed, Link
from pipeline.feeds.words import words
from pipeline.feeds.xml import (
    ATOM,
    DC,
    DCTERMS,
    HISTORY,
    RSS_TYPE,
    archive_links,
    attribute,
    has_closing_tag,
    history,
    plain,
)

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


class RssFeed(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """The channel's hub, its other documents, and what it is in its history."""

    feed: Feed

    def extend_ns(self) -> dict[str, str]:
        """The prefixes of this module and the entries'."""
        return {"dc": DC, "dcterms": DCTERMS, "fh": HISTORY}

    def extend_rss(self, feed: Any) -> Any:
        """Only rel=self reaches RSS by itself."""
        channel = feed[0]
        if self.feed.hub:
            SubElement(channel, f"{{{ATOM}}}link", rel="hub", href=self.feed.hub)
        for rel, url in archive_links(self.feed):
            SubElement(channel, f"{{{ATOM}}}link", rel=rel, href=url, type=RSS_TYPE)
        if said := history(self.feed):
            SubElement(channel, said)
        return feed


class RssEntry(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """Authors by name (RSS's own element wants an address for mail), the series, the neighbours."""

    entry: Entry
    language: str
    """The feed's."""

    def extend_rss(self, entry: Any) -> Any:
        """Add to an item."""
        for author in self.entry.authors:
            SubElement(entry, f"{{{DC}}}creator").text = plain(author.name)
        _series_and_neighbours(entry, self.entry, f"{{{ATOM}}}link", self.language)
        return entry


class AtomFeed(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """What the feed is in its history, and the type of texts that are HTML."""

    feed: Feed

    def extend_ns(self) -> dict[str, str]:
        """The prefixes of this module and the entries'."""
        return {"dcterms": DCTERMS, "fh": HISTORY}

    def extend_atom(self, feed: Any) -> Any:
        """Add to the feed, before its entries."""
        if said := history(self.feed):
            SubElement(feed, said)
        of = self.feed
        _declare(feed, title=of.title, subtitle=of.description, rights=of.copyright)
        return feed


class AtomEntry(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """Link attributes, which feedgen drops from entries; the title's type, the language.

    Atom elements carry no namespace here: feedgen writes `xmlns` as if it were an attribute.
    """

    entry: Entry
    language: str
    """The feed's."""

    def extend_atom(self, entry: Any) -> Any:
        """Complete an entry."""
        entry.find("link").attrib.update({"rel": "alternate", "type": "text/html"})
        _series_and_neighbours(entry, self.entry, "link", self.language)
        _declare(entry, title=self.entry.title)
        if self.entry.language != self.language:
            entry.set(_LANGUAGE, self.entry.language)
        return entry


def _declare(parent: Any, **texts: str) -> None:
    """Name the type of each text that `typed` made HTML."""
    for name, text in texts.items():
        if has_closing_tag(text):
            parent.find(name).set("type", "html")


def _series_and_neighbours(parent: Any, entry: Entry, name: str, language: str) -> None:
    part = entry.part
    if part is not None:
        SubElement(parent, f"{{{DCTERMS}}}isPartOf").text = part.series.url
        _link(parent, name, "up", part.series, part.series.title)
    said = words(language)
    for before, link in ((said.previous, entry.previous), (said.next, entry.next)):
        if link is not None:
            _link(parent, name, "related", link, f"{before}{said.colon}{link.title}")


def _link(parent: Any, name: str, rel: str, link: Link, title: str) -> None:
    SubElement(parent, name, rel=rel, href=link.url, type="text/html", title=attribute(title))
