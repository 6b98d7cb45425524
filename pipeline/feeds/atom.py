"""Atom 1.0 (RFC 4287) with the same facts as RSS."""

from __future__ import annotations

from html import escape

from pipeline.config import Author
from pipeline.feeds.bodies import HELD
from pipeline.feeds.extensions import AtomEntry, AtomFeed
from pipeline.feeds.model import Feed
from pipeline.feeds.xml import finished, generator, plain, typed

BETWEEN = b"</entry>\n"
FOOT = b"</entry>\n</feed>\n"


def render(feed: Feed) -> bytes:
    """The feed as Atom.

    Titles are type=text. One that holds a closing tag is type=html and escaped once more: it reads
    the same, and no reader or validator takes it for undeclared HTML.
    """
    made = generator(feed, AtomFeed, AtomEntry, atom=True)
    made.title(typed(feed.title))
    made.subtitle(typed(feed.description))
    made.author([_person(author) for author in feed.authors])
    if feed.copyright:
        made.rights(typed(feed.copyright))
    for category in feed.categories:
        made.category(term=plain(category))
    if feed.image:
        made.logo(feed.image.url)
    for entry in feed.entries:
        item = made.add_entry(order="append")
        item.partwork.entry = entry
        item.partwork.language = feed.language
        item.title(typed(entry.title))
        item.link(href=entry.url)
        item.id(entry.id)
        item.published(entry.published)
        item.updated(entry.updated)
        item.author([_person(author) for author in entry.authors])
        item.category([{"term": plain(tag)} for tag in entry.tags])
        item.summary(escape(entry.summary, quote=False), type="html")
        if entry.body:
            item.content(HELD, type="html")
    return finished(made.atom_str(pretty=True), feed.entries)


def _person(author: Author) -> dict[str, str]:
    return {"name": plain(author.name)} | ({"uri": author.uri} if author.uri else {})
