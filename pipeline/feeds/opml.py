"""OPML 2.0: every feed in one file that readers import."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.utils import format_datetime
from html import escape

from lxml import etree

from pipeline.feeds.model import Feed

FILE_NAME = "feeds.opml"
MEDIA_TYPE = "text/x-opml"

_NEEDS_ESCAPE = re.compile(r"<|&[^\s&]")


def render(feeds: Sequence[Feed]) -> bytes:
    """The newsletter's feed first, then the others; each as the document it is named for.

    Every outline is `type="rss"`, which OPML 2.0 uses for feeds of any format.
    """
    first = feeds[0]
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = _shown(first.title)
    modified = max(feed.updated for feed in feeds)
    etree.SubElement(head, "dateModified").text = format_datetime(modified)
    for author in first.authors:
        etree.SubElement(head, "ownerName").text = _shown(author.name)
    body = etree.SubElement(root, "body")
    for feed in feeds:
        etree.SubElement(
            body,
            "outline",
            type="rss",
            text=_shown(feed.title),
            title=_shown(feed.title),
            description=_shown(feed.description),
            language=feed.language,
            htmlUrl=feed.page_url,
            xmlUrl=feed.self_url,
        )
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def _shown(text: str) -> str:
    """Plain text where OPML allows “encoded HTML markup”: escaped only where it needs to be."""
    return escape(text, quote=False) if _NEEDS_ESCAPE.search(text) else text
