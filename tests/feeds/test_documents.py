"""Documents put together of entries made once are the documents that a format writes whole."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from feedgen.entry import FeedEntry
from hypothesis import given
from hypothesis import strategies as st

from pipeline import feeds
from pipeline.catalogue import Catalogue
from pipeline.feeds import atom, jsonfeed, rss
from pipeline.feeds.assemble import full_feed, full_of
from pipeline.feeds.bodies import HELD
from pipeline.feeds.documents import BATCH, Documents
from pipeline.feeds.entries import Entries
from pipeline.text import clean

from . import samples

XML = {"rss": rss, "atom": atom}
LOOKALIKES = st.lists(
    st.sampled_from(
        [
            "    </item>\n",
            "</item>\n  </channel>\n</rss>\n",
            "</entry>\n",
            "</feed>\n",
            "<item>",
            "<entry>",
            "},\n{",
            "\n]}\n",
            '"',
            "\\",
            "\t",
            "\r\n",
            "\ufded",
            "&#x3C;",
            "]]>",
            "&",
            "’",
        ]
    )
).map("".join)
"""What parts an entry from the next, as an author might type it."""
TEXT = LOOKALIKES | st.text(st.characters(exclude_categories=()), max_size=40)


@contextmanager
def bodies_given_to_feedgen(feed: feeds.Feed) -> Iterator[None]:
    """Nothing stands for a body: feedgen escapes and writes each itself."""
    bodies = iter([entry.html for entry in feed.entries if entry.body])
    original = FeedEntry.content

    def content(self: FeedEntry, given: str, **kind: str) -> Any:
        return original(self, next(bodies) if given == HELD else given, **kind)

    with patch.object(FeedEntry, "content", content):
        yield


def expect_whole(catalogue: Catalogue) -> int:
    """Every document is its format's own writing of the whole feed; how many were compared."""
    made = samples.documents(catalogue)
    compared = 0
    entries = Entries(catalogue)
    full = [full_feed(catalogue, one, entries) for one in full_of(catalogue)]
    for feed in (*feeds.feeds_of(catalogue), *full):
        for name, module in XML.items():
            named = feed.named(feeds.FORMATS[name].file_name)
            with (
                bodies_given_to_feedgen(feed),
                patch("pipeline.feeds.bodies.put", lambda raw, *_: raw),
            ):
                whole = module.render(named)
            assert HELD.encode() not in whole
            assert made[named.path] == whole
            compared += 1
        named = feed.named("feed.json")
        whole = jsonfeed.render(named)
        assert made[named.path] == whole
        for line, entry in zip(whole.split(b"\n")[1:], feed.entries, strict=False):
            body = json.dumps(entry.html, ensure_ascii=False).encode()
            assert b'"content_html": ' + body in line or not entry.body
        compared += 1
    return compared


def test_feedgen_writes_the_same_documents_whole(tmp_path: Path) -> None:
    summary = samples.newsletter(feeds={"content": "summary", "limit": 3})
    for catalogue in (
        samples.published_sample(),
        samples.nasty(tmp_path),
        samples.unruly(),
        samples.weekly(1),
    ):
        assert expect_whole(catalogue) == 3 + 3 * len(catalogue.series)
    assert expect_whole(samples.weekly(4, summary)) == 18


@pytest.mark.parametrize("count", [0, BATCH - 1, BATCH, BATCH + 1, 2 * BATCH + 1])
def test_no_number_of_entries_falls_between_the_batches(count: int) -> None:
    assert expect_whole(samples.weekly(count)) == (6 if count else 3)


@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=4))
def test_nothing_an_author_writes_parts_an_entry(texts: list[tuple[str, str, str]]) -> None:
    made = [
        samples.article(
            number,
            title=f"T{title}",
            html=f"<p>{clean(body).replace('&', '&amp;').replace('<', '&lt;')}</p>",
            body_summary=summary,
            tags=(title, summary),
        )
        for number, (title, body, summary) in enumerate(texts, 1)
    ]
    assert expect_whole(samples.catalogue(made)) == 6


def test_an_entry_is_made_once_for_all_feeds_of_a_format(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()
    for name in ("rss_entry", "atom_entry"):
        original = getattr(FeedEntry, name)

        def counted(self: FeedEntry, name: str = name, original: Any = original) -> Any:
            calls[name] += 1
            return original(self)

        monkeypatch.setattr(FeedEntry, name, counted)
    made = samples.documents(samples.weekly(3))
    assert made["feed.xml"].count(b"<item>") == made["series/care/feed.xml"].count(b"<item>") == 3
    assert calls == {"rss_entry": 3, "atom_entry": 3}


@pytest.mark.parametrize("name", feeds.FORMATS)
def test_no_document_is_held_whole(name: str) -> None:
    body = "<p>" + "Steady as she goes. " * 50 + "</p>"
    catalogue = samples.catalogue([samples.article(n, html=body) for n in range(1, 8 * BATCH)])
    chunks = Documents(feeds.FORMATS[name]).of(feeds.newsletter_feed(catalogue))
    sizes = [len(chunk) for chunk in chunks]
    assert sum(sizes) > 8 * BATCH * 1000
    assert max(sizes) < sum(sizes) / 6


def test_a_format_that_parts_its_entries_wrongly_makes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jsonfeed, "BETWEEN", b",")
    with pytest.raises(ValueError, match="zip"):
        samples.documents(samples.weekly(3))
