"""What went in comes out: titles, order, dates and text, by two kinds of parsers."""

from __future__ import annotations

import json
from datetime import timedelta, timezone
from html import escape, unescape

import feedparser
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.catalogue import Catalogue
from pipeline.text import clean, one_line

from . import samples
from .conformance import expect_conformity
from .conformance.shapes import ATOM, parsed
from .readers import read, read_by_feedparser

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=60)
"""Text with control characters and lone surrogates."""
FRAGMENTS = st.lists(
    st.sampled_from(
        ["&", "<", ">", "</b>", "<b>", "&amp;", "&lt", "&#38;", "]]>", '"', "'", " x", ";"]
    )
).map("".join)


def expect_titles(catalogue: Catalogue, titles: list[str]) -> None:
    made = samples.documents(catalogue)
    for path in ("feed.xml", "atom.xml", "feed.json"):
        expect_conformity(path, made[path], catalogue.newsletter.absolute(path))
        assert [one.title for one in read(path, made[path])] == titles
    for path in ("feed.xml", "atom.xml"):
        assert [one.title for one in read_by_feedparser(made[path])] == titles


def misread(text: str) -> bool:
    """True where feedparser mends what it takes for UTF-8 read as Latin-1."""
    try:
        return text.encode("latin-1").decode() != text
    except UnicodeError:
        return False


@pytest.mark.parametrize("title", samples.NASTY)
def test_every_title_is_shown_as_typed_by_every_reader(title: str) -> None:
    outlet = samples.newsletter(feeds={"part_in_title": False})
    expect_titles(samples.catalogue([samples.article(1, title=title)], outlet), [one_line(title)])


@given(st.lists(ANYTHING | FRAGMENTS, min_size=1, max_size=3))
def test_any_titles_at_all_are_shown_as_typed(titles: list[str]) -> None:
    shown = [one_line(title) for title in titles]
    assume(all(shown) and not any(map(misread, shown)) and "\ufffd" not in "".join(shown))
    made = [samples.article(number, title=title) for number, title in enumerate(titles, 1)]
    expected = [f"Part {number}: {title}" for number, title in enumerate(shown, 1)]
    expect_titles(samples.catalogue(made), expected)


@given(ANYTHING | FRAGMENTS)
def test_any_text_comes_out_of_the_body_as_it_went_in(text: str) -> None:
    assume("\ufffd" not in text and clean(text).strip() and not misread(clean(text)))
    body = f"<p>{escape(text)}</p>"
    made = samples.documents(samples.catalogue([samples.article(1, html=body, body_summary=text)]))
    for path in ("feed.xml", "atom.xml", "feed.json"):
        assert [one.text for one in read(path, made[path])] == [clean(text)]


@given(ANYTHING | FRAGMENTS)
def test_any_summary_comes_out_as_the_plain_text_it_was(text: str) -> None:
    summary = one_line(text)
    assume("\ufffd" not in text and summary and not misread(summary))
    made = samples.documents(samples.catalogue([samples.article(1, summary=text)]))
    item = parsed(made["feed.xml"]).find("channel/item/description")
    entry = parsed(made["atom.xml"]).find(f"{ATOM}entry/{ATOM}summary")
    assert entry.get("type") == "html"
    assert unescape(item.text) == unescape(entry.text) == summary
    assert json.loads(made["feed.json"])["items"][0]["summary"] == summary
    for path in ("feed.xml", "atom.xml"):
        expect_conformity(path, made[path], f"https://northgate.example/notes/{path}")
        assert unescape(feedparser.parse(made[path]).entries[0].summary) == summary


def test_fractions_of_a_second_are_left_out() -> None:
    moment = samples.START.replace(microsecond=123_456)
    made = samples.documents(samples.catalogue([samples.article(1, date=moment)]))
    for path in ("feed.xml", "atom.xml", "feed.json"):
        expect_conformity(path, made[path], f"https://northgate.example/notes/{path}")
        assert [one.published for one in read(path, made[path])] == [samples.START]


@given(st.lists(st.integers(0, 3_000_000), min_size=1, max_size=6), st.integers(-720, 840))
def test_dates_come_out_as_they_went_in(minutes: list[int], offset: int) -> None:
    zone = timezone(timedelta(minutes=offset))
    moments = [(samples.START + timedelta(minutes=one)).astimezone(zone) for one in sorted(minutes)]
    catalogue = samples.catalogue(
        [samples.article(number, date=moment) for number, moment in enumerate(moments, 1)]
    )
    made = samples.documents(catalogue)
    for path in ("feed.xml", "atom.xml", "feed.json"):
        expect_conformity(path, made[path], catalogue.newsletter.absolute(path))
        assert [one.published for one in read(path, made[path])] == moments
    for path in ("feed.xml", "atom.xml"):
        assert [one.published for one in read_by_feedparser(made[path])] == moments


@given(st.permutations(range(1, 7)), st.sampled_from(["series", "newest"]), st.integers(0, 8))
def test_every_format_lists_the_same_entries_in_the_same_order(
    shuffled: list[int], order: str, limit: int
) -> None:
    outlet = samples.newsletter(feeds={"order": order, "limit": limit})
    catalogue = samples.catalogue([samples.article(number) for number in shuffled], outlet)
    kept = list(range(1, 7))[-limit:] if limit else list(range(1, 7))
    expected = [
        f"tag:northgate.example,2020:{number}"
        for number in (reversed(kept) if order == "newest" else kept)
    ]
    made = samples.documents(catalogue)
    for path, data in made.items():
        if "archive/" in path:
            continue
        if not path.endswith(".opml"):
            assert [one.id for one in read(path, data)] == expected
        if path.endswith(".xml"):
            assert [one.id for one in read_by_feedparser(data)] == expected


def test_what_a_feed_links_to_is_percent_encoded() -> None:
    made = samples.documents(samples.catalogue([samples.article(1, slug="übung-1")]))
    url = "https://northgate.example/notes/articles/%C3%BCbung-1/"
    for path in ("feed.xml", "atom.xml", "feed.json"):
        assert [one.url for one in read(path, made[path])] == [url]
