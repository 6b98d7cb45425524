"""What RSS and Atom share: plain text that no reader mistakes, and feedgen filled alike."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any

from feedgen.feed import FeedGenerator

from pipeline.feeds import bodies
from pipeline.feeds.model import Entry, Feed

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
HISTORY = "http://purl.org/syndication/history/1.0"

ATOM_TYPE, RSS_TYPE = "application/atom+xml", "application/rss+xml"

GENERATOR = "Partwork"
"""Without a version: an upgrade alone changes no feed (D3)."""

# Noncharacters, which `text.clean` takes out of everything an author writes: here they stand for
# the two characters that lxml would write as `&amp;` and `&lt;`.
_AMPERSAND, _LESS = "\ufdee", "\ufdef"
_CLOSING = re.compile(r"</(?=\w)")


def plain(text: str) -> str:
    """Plain text whose `&` and `<` become `&#x26;` and `&#x3C;`.

    An XML parser sees no difference; readers that search the raw bytes do, and the RSS Best
    Practices Profile (“Character data”) found these two forms the most widely understood.
    """
    return text.replace("&", _AMPERSAND).replace("<", _LESS)


def has_closing_tag(text: str) -> bool:
    """True for text such as `</b>`, which validators take for undeclared HTML."""
    return _CLOSING.search(text) is not None


def looks_like_html(text: str) -> bool:
    """True for text that a reader who must guess takes for HTML.

    RSS gives its titles no type. Readers guess (feedparser's looks_like_html, SimplePie's
    MAYBE_HTML): a closing tag or a character reference makes it HTML, anything else plain text.
    """
    return has_closing_tag(text) or html.unescape(text) != text


def guessed(text: str) -> str:
    """Plain text for an element without a type, in the form that a guessing reader shows as is."""
    return plain(html.escape(text, quote=False) if looks_like_html(text) else text)


def typed(text: str) -> str:
    """Plain text for an Atom text construct, as HTML where `extensions` declares it so."""
    return plain(html.escape(text, quote=False) if has_closing_tag(text) else text)


def attribute(text: str) -> str:
    """Plain text for an attribute, which is never HTML.

    A word joiner, which nobody sees, parts `</` so that it isn't taken for a tag.
    """
    return plain(_CLOSING.sub("<\u2060/", text))


def archive_links(feed: Feed) -> Iterator[tuple[str, str]]:
    """The other documents of a feed as (rel, URL), by RFC 5005 §4."""
    if feed.archive:
        yield "current", feed.current_url
    if feed.older:
        yield "prev-archive", feed.older_url
    if feed.newer:
        yield "next-archive", feed.newer_url


def history(feed: Feed) -> str:
    """The element of RFC 5005 that says what a document is; empty for none.

    An archive document is one that stays as it is (§4), so the newest, which grows, is none.
    """
    if feed.complete:
        return f"{{{HISTORY}}}complete"
    return f"{{{HISTORY}}}archive" if feed.newer else ""


def generator(feed: Feed, extension: Any, entry_extension: Any, *, atom: bool) -> FeedGenerator:
    """A feedgen feed with our extensions and what both formats say alike."""
    made = FeedGenerator()
    made.register_extension("partwork", extension, entry_extension, atom=atom, rss=not atom)
    made.partwork.feed = feed
    made.id(feed.page_url)
    made.language(feed.language)
    made.generator(GENERATOR)
    # Also lastBuildDate; feedgen's own default for both is the clock.
    made.updated(feed.updated)
    kind = ATOM_TYPE if atom else RSS_TYPE
    made.link(href=feed.self_url, rel="self", type=kind)
    if feed.hub:
        made.link(href=feed.hub, rel="hub")
    for rel, url in archive_links(feed):
        made.link(href=url, rel=rel, type=kind)
    # Last: feedgen takes the last link that is no self or hub for RSS's <link>.
    made.link(href=feed.page_url, rel="alternate", type="text/html")
    return made


def finished(raw: bytes, entries: Iterable[Entry]) -> bytes:
    """A serialised document with plain text's `&` and `<` in their own forms, and the bodies."""
    raw = raw.replace(_AMPERSAND.encode(), b"&#x26;").replace(_LESS.encode(), b"&#x3C;")
    return bodies.put(raw, entries, _escaped)


def _escaped(body: bytes) -> bytes:
    """As an XML writer escapes text; carriage returns, which it would escape too, are cleaned."""
    return body.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
