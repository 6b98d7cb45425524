"""The checker itself: every rule it claims to know fails on a seeded fault."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from . import samples
from .conformance import broken_rules

URL = "https://northgate.example/notes/"
PICTURED = '<p id="x"><img src="https://northgate.example/notes/media/a.png" alt="A"></p>'
GOOD = samples.documents(
    samples.catalogue(
        [
            samples.article(1, html=PICTURED, tags=("care",)),
            samples.article(2, title="Fish & <chips>"),
        ],
        samples.newsletter(feeds={"hub": "https://hub.example/", "categories": ("Health",)}),
    )
)

SEEDED = {
    "feed.xml": [
        ("encoding='UTF-8'", "", "XML declaration"),
        ('version="2.0"', 'version="0.91"', "root"),
        ("<description>Plain", "<tagline/><description>Plain", "<tagline> has no place"),
        ("<link>https://northgate.example/notes/</link>", "", "0 times <link>"),
        ("<link>https://northgate.example/notes/</link>", "<link>/notes/</link>", "absolute URI"),
        ("<language>en-GB</language>", "<language>english please</language>", "language tag"),
        ("<ttl>60</ttl>", "<ttl>0</ttl>", "positive number"),
        ("Tue, 13 Oct 2020", "Mon, 13 Oct 2020", "wrong day"),
        ("Tue, 13 Oct 2020", "2020-10-13", "no RFC 822 date"),
        ("08:00:00 +0000", "13:45:00 +0545", "no RFC 822 date"),
        ("<lastBuildDate>Tue, 13 Oct", "<lastBuildDate>Tue, 06 Oct", "newer than lastBuildDate"),
        ('rel="self" type="application/rss+xml"', 'rel="hub"', "0 links rel=self"),
        ("notes/feed.xml", "notes/rss.xml", f"is not {URL}feed.xml"),
        ('type="application/rss+xml"', 'type="text/xml"', "as application/rss+xml"),
        ('rel="up"', 'rel="collection"', "is not a relation"),
        ('title="Next: Fish &#x26; &#x3C;chips&gt;"', "", "is blank"),
        ("<fh:complete/>", "<fh:complete>yes</fh:complete>", "not empty"),
        (",2020:2</guid>", ",2020:1</guid>", "comes 2 times"),
        ('isPermaLink="false"', "", "claims to be a link"),
        ("<title>Part 2: Fish &#x26; &#x3C;", "<title>Part 2: Fish &amp; &lt;", "hexadecimal"),
        ("<title>Part 1: Article 1", "<title>Part &#x3C;b>1&#x3C;/b>", "closing tag"),
        ("<title>Part 1: Article 1", "<title> ", "is blank"),
        ("<dc:creator>Ann Lee</dc:creator>", "<author>Ann</author>", "<author> has no place"),
        ("<dcterms:isPartOf>https://", "<dcterms:isPartOf>//", "absolute URI"),
        ('src="https://northgate.example/notes/', 'src="', "absolute URI"),
        ('alt="A"', 'alt="A" style="x"', "has style"),
        ('alt="A"', 'alt="A" onload="x"', "has onload"),
        (' alt="A"', "", "lacks alt"),
        ('&lt;p id="x"&gt;', '&lt;b id="x"&gt;', "not HTML5"),
        ('&lt;p id="x"&gt;', '&lt;p id="x"&gt;&lt;i id="x"&gt;&lt;/i&gt;', "comes twice"),
        ('&lt;p id="x"&gt;', "&lt;p&gt;&lt;iframe&gt;&lt;/iframe&gt;", "<iframe> has no place"),
        ("<item>", "<item><source/>", "<source> has no place"),
        ("</channel>", "<pubDate>Tue, 13 Oct 2020 08:00:00 +0000</pubDate></channel>", "after the"),
        ("Text of article 2", "Text \ufffd of article 2", "unwanted characters"),
    ],
    "atom.xml": [
        (' xmlns="http://www.w3.org/2005/Atom"', "", "Atom's namespace"),
        (' xml:lang="en-GB"', "", "language tag"),
        (f"<id>{URL}</id>", "", "<{http://www.w3.org/2005/Atom}id>"),
        (f"<id>{URL}</id>", "<id>https://Northgate.example/</id>", "canonical"),
        (",2020:2</id>", ",2020:1</id>", "comes 2 times"),
        ("tag:northgate.example,2020:2", "tag:northgate.example:2", "no tag: URI"),
        ("<updated>2020-10-13T08:00:00+00:00</updated>", "<updated>2020-10-13</updated>", "3339"),
        ("2020-10-13T08:00:00+00:00</updated>", "2020-10-06T08:00:00+00:00</updated>", "2 times"),
        ("<published>2020-10-13", "<published>2020-10-14", "before it was published"),
        ("notes/atom.xml", "notes/feed.atom", f"is not {URL}atom.xml"),
        ('rel="alternate" ', "", "links rel=alternate"),
        ('rel="related"', 'rel="alternate"', "2 links rel=alternate"),
        ('rel="related"', 'rel="previous"', "is not a relation"),
        ('<content type="html">', '<content type="text/html">', "type='text/html'"),
        ('<summary type="html">', '<summary type="xhtml">', "type='xhtml'"),
        ("<name>Ann Lee</name>", "", "<{http://www.w3.org/2005/Atom}name>"),
        ("<uri>https://northgate.example/ann</uri>", "<uri>ann</uri>", "absolute URI"),
        ('<category term="care"/>', "<category/>", "without a term"),
        ("<title>Part 2: Fish", "<title>Part 2: &#x3C;/b>", "closing tag"),
        ("<subtitle>", "<icon/><subtitle>", "icon> has no place"),
        ("</feed>", "<updated>2020-10-13T08:00:00+00:00</updated></feed>", "after the first"),
    ],
    "feeds.opml": [
        ('version="2.0"', 'version="1.0"', "root"),
        ('type="rss"', 'type="atom"', "type=rss"),
        ("notes/feed.xml", "feed xml", "absolute URI"),
        ("series/care/feed.xml", "feed.xml", "comes 2 times"),
        ('text="Northgate', 'text="Q&amp;A&amp;copy ', "not HTML5"),
        ('language="en-GB"', "", "language tag"),
        ("Tue, 13", "Wed, 13", "wrong day"),
    ],
}


ARCHIVED = samples.documents(
    samples.weekly(5, samples.newsletter(feeds={"limit": 2, "hub": "https://hub.example/"}))
)
MIDDLE = "archive/2/"
IN_ARCHIVE = [
    ("<fh:archive/>", "<fh:archive>yes</fh:archive>", "not empty"),
    ("<fh:archive/>", "<fh:archive/><fh:archive/>", "2 times"),
    ("<fh:archive/>", "<fh:complete/>", "a complete feed has an archive"),
    ("<fh:archive/>", "<fh:archive/><fh:complete/>", "a complete feed has an archive"),
    ("<fh:archive/>", "", "may still change"),
    ('rel="current"', 'rel="up" title="Up"', "does not link to the current"),
    ('rel="current"', 'rel="prev-archive"', "2 links rel=prev-archive"),
    ("archive/1/", "archive/2/", "are one"),
    ("archive/1/", "archive/3/", "are one"),
    ('rel="prev-archive"', 'rel="previous"', "is not a relation for feeds"),
    ('rel="related"', 'rel="current"', "1 links rel=current"),
]


@pytest.mark.parametrize("path", sorted(GOOD))
def test_good_feeds_break_no_rule(path: str) -> None:
    assert broken_rules(path, GOOD[path], URL + path) == []


@pytest.mark.parametrize("path", sorted(ARCHIVED))
def test_good_archives_break_no_rule(path: str) -> None:
    assert broken_rules(path, ARCHIVED[path], URL + path) == []


@pytest.mark.parametrize("file", ["feed.xml", "atom.xml"])
@pytest.mark.parametrize(("good", "bad", "rule"), IN_ARCHIVE)
def test_a_seeded_fault_in_an_archive_is_named(file: str, good: str, bad: str, rule: str) -> None:
    path = MIDDLE + file
    data = ARCHIVED[path]
    assert good.encode() in data
    found = broken_rules(path, data.replace(good.encode(), bad.encode()), URL + path)
    assert any(rule in one for one in found), found


@pytest.mark.parametrize(
    ("path", "good", "bad", "rule"),
    [(path, *fault) for path, faults in SEEDED.items() for fault in faults],
)
def test_a_seeded_fault_is_named(path: str, good: str, bad: str, rule: str) -> None:
    assert good.encode() in GOOD[path]
    found = broken_rules(path, GOOD[path].replace(good.encode(), bad.encode()), URL + path)
    assert any(rule in one for one in found), found


@pytest.mark.parametrize("file", ["feed.xml", "atom.xml"])
def test_a_document_alone_in_its_archive_and_one_with_a_hub_are_named(file: str) -> None:
    path = MIDDLE + file
    alone = re.sub(rb"<[a-z:]*link [^>]*-archive[^>]*/>", b"", ARCHIVED[path])
    assert "an archive document is linked to no other" in broken_rules(path, alone, URL + path)
    data = ARCHIVED[file].replace(b"prev-archive", b"current")
    assert "a document of the archive names a hub" in broken_rules(file, data, URL + file)


def test_a_next_url_that_leads_nowhere_else_is_named() -> None:
    path = f"{MIDDLE}feed.json"
    bad = ARCHIVED[path].replace(b"archive/1/", b"archive/2/")
    assert broken_rules(path, bad, URL + path) == ["next_url leads nowhere else"]


def item(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda feed: change(feed["items"][0])


JSON_FAULTS: list[tuple[Callable[[Any], Any], str]] = [
    (lambda feed: feed.update(version="https://jsonfeed.org/version/1"), "1.1"),
    (lambda feed: feed.pop("title"), "title is None"),
    (lambda feed: feed.update(author={}), "author is unknown"),
    (lambda feed: feed.update(feed_url="https://x.example/"), "feed_url is not"),
    (lambda feed: feed.update(language="de_DE"), "language tag"),
    (lambda feed: feed.update(hubs=[{"url": "hub"}]), "type is None"),
    (lambda feed: feed.update(authors=[{}]), "an author is"),
    (lambda feed: feed["items"].append(feed["items"][0]), "comes 2 times"),
    (item(lambda one: one.update(id=1)), "id is 1"),
    (item(lambda one: one.pop("content_html")), "exactly one content"),
    (item(lambda one: one.update(content_html="<b>x")), "not HTML5"),
    (item(lambda one: one.update(url="articles/1/")), "absolute URI"),
    (item(lambda one: one.update(date_published="2020-10-06 08:00")), "3339"),
    (item(lambda one: one.update(tags=[""])), "tag is no text"),
    (item(lambda one: one["_series"].update(part="1")), "part is '1'"),
    (item(lambda one: one["_series"].pop("about")), "about is None"),
    (item(lambda one: one["_series"]["next"].update(url="x")), "absolute URI"),
]


@pytest.mark.parametrize(("change", "rule"), JSON_FAULTS)
def test_a_seeded_fault_in_json_is_named(change: Callable[[Any], Any], rule: str) -> None:
    feed = json.loads(GOOD["feed.json"])
    change(feed)
    found = broken_rules("feed.json", json.dumps(feed).encode(), f"{URL}feed.json")
    assert any(rule in one for one in found), found
