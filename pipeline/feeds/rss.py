"""RSS 2.0 with the RSS Best Practices Profile, dc, dcterms and RFC 5005 elements."""

from __future__ import annotations

from html import escape

from pipeline.feeds.bodies import HELD
from pipeline.feeds.extensions import RssEntry, RssFeed
from pipeline.feeds.model import Feed
from pipeline.feeds.pictures import fits_rss
from pipeline.feeds.xml import finished, generator, guessed

BETWEEN = b"</item>\n"
FOOT = b"</item>\n  </channel>\n</rss>\n"


def render(feed: Feed) -> bytes:
    """The feed as RSS."""
    made = generator(feed, RssFeed, RssEntry, atom=False)
    made.title(guessed(feed.title))
    made.description(guessed(feed.description))
    if feed.copyright:
        made.copyright(guessed(feed.copyright))
    if feed.published:
        made.pubDate(feed.published)
    if feed.ttl:
        made.ttl(feed.ttl)
    for category in feed.categories:
        made.category(term=guessed(category))
    if feed.image and fits_rss(feed.image):
        made.image(
            url=feed.image.url,
            title=guessed(feed.title),
            link=feed.page_url,
            width=str(feed.image.width),
            height=str(feed.image.height),
        )
    for entry in feed.entries:
        item = made.add_entry(order="append")
        item.partwork.entry = entry
        item.partwork.language = feed.language
        item.title(guessed(entry.title))
        item.link(href=entry.url)
        item.guid(entry.id, permalink=False)
        item.published(entry.published)
        item.category([{"term": guessed(tag)} for tag in entry.tags])
        # An RSS description is HTML, so plain text is escaped once more.
        item.summary(escape(entry.summary, quote=False), type="html")
        if entry.body:
            item.content(HELD, type="html")
    return finished(made.rss_str(pretty=True), feed.entries)
