"""From a catalogue to neutral feeds: what they hold, in which order, and what they leave out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any
from weakref import ref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import feeds, markdown
from pipeline.config import Author
from pipeline.feeds.assemble import NOTHING_YET
from pipeline.feeds.entries import Entries, distinct
from pipeline.markdown import Body
from pipeline.spool import held

from . import samples


def titles(feed: feeds.Feed) -> list[str]:
    return [entry.title for entry in feed.entries]


def ids(feed: feeds.Feed) -> list[str]:
    return [entry.id.rpartition(":")[2] for entry in feed.entries]


def test_what_is_not_published_yet_is_not_even_a_neighbour() -> None:
    whole = samples.weekly(3, parts=3)
    seen = whole.until(samples.START + timedelta(weeks=1))
    for feed in feeds.feeds_of(seen):
        assert ids(feed) == ["1", "2"]
        assert feed.entries[-1].next is None
        assert feed.entries[-1].previous is not None
        assert feed.updated == feed.published == samples.START + timedelta(weeks=1)
        assert feed.complete


def test_a_link_to_an_article_readers_may_not_see_keeps_only_its_words() -> None:
    article, _ = samples.article(1)
    link = '<p><a href="\ufdd0articles/article-2/">the next part</a></p>'
    body = Body(
        text=held(link.encode()),
        summary="",
        words=3,
        leads_to={"articles/02.md": "articles/article-2/"},
    )
    whole = samples.catalogue([(article, body), samples.article(2)])
    hidden, shown = whole.until(samples.START), whole
    assert feeds.newsletter_feed(hidden).entries[0].html == "<p>the next part</p>"
    assert "/articles/article-2/" in feeds.newsletter_feed(shown).entries[0].html


@pytest.mark.parametrize(
    ("limit", "order", "expected", "complete"),
    [
        (0, "series", ["1", "2", "3"], True),
        (0, "newest", ["3", "2", "1"], True),
        (2, "series", ["2", "3"], False),
        (2, "newest", ["3", "2"], False),
        (3, "series", ["1", "2", "3"], True),
    ],
)
def test_a_limit_keeps_the_newest_and_only_a_whole_feed_is_complete(
    limit: int, order: str, expected: list[str], complete: bool
) -> None:
    outlet = samples.newsletter(feeds={"limit": limit, "order": order})
    made = [feed for feed in feeds.feeds_of(samples.weekly(3, outlet)) if not feed.archive]
    assert [feed.folder for feed in made] == ["", "series/care/"]
    for feed in made:
        assert ids(feed) == expected
        assert feed.complete is complete


def test_a_series_feed_holds_its_parts_and_the_newsletter_feed_everything() -> None:
    single = samples.article(9, series=None, date=samples.START + timedelta(days=1))
    catalogue = samples.catalogue([samples.article(1), single, samples.article(2)])
    newsletter, series = feeds.feeds_of(catalogue)
    assert ids(newsletter) == ["1", "9", "2"]
    assert ids(series) == ["1", "2"]
    assert (series.folder, series.title) == ("series/care/", "Care in Parts")
    assert titles(newsletter)[1] == "Article 9"
    assert newsletter.entries[1].part is None
    assert newsletter.entries[0].next == series.entries[0].next


def test_a_title_names_the_parts_that_are_announced_and_never_counts_the_published() -> None:
    assert titles(feeds.newsletter_feed(samples.weekly(1, parts=5))) == ["Part 1 of 5: Article 1"]
    early = titles(feeds.newsletter_feed(samples.weekly(2)))
    later = titles(feeds.newsletter_feed(samples.weekly(3)))
    assert early == later[:2] == ["Part 1: Article 1", "Part 2: Article 2"]
    assert titles(feeds.newsletter_feed(samples.weekly(3, parts=2)))[2] == "Part 3: Article 3"
    outlet = samples.newsletter(feeds={"part_in_title": False})
    assert titles(feeds.newsletter_feed(samples.weekly(1, outlet, parts=5))) == ["Article 1"]


@pytest.mark.parametrize(
    ("language", "announced", "alone"),
    [
        ("ja", "Part 1 of 5: Article 1", "Part 1: Article 1"),
        ("ar", "الجزء 1 من 5: Article 1", "الجزء 1: Article 1"),
        ("de-AT", "Teil 1 von 5: Article 1", "Teil 1: Article 1"),
        ("es", "Parte 1 de 5: Article 1", "Parte 1: Article 1"),
        ("fr", "Partie 1 sur 5\u00a0: Article 1", "Partie 1\u00a0: Article 1"),
        ("he", "חלק 1 מתוך 5: Article 1", "חלק 1: Article 1"),
    ],
)
def test_a_title_names_its_part_in_the_newsletters_language(
    language: str, announced: str, alone: str
) -> None:
    outlet = samples.newsletter(language=language)
    assert titles(feeds.newsletter_feed(samples.weekly(1, outlet, parts=5))) == [announced]
    assert titles(feeds.newsletter_feed(samples.weekly(1, outlet))) == [alone]
    apart = samples.catalogue([samples.article(1, lang="en")], outlet, {"parts": 5})
    assert titles(feeds.newsletter_feed(apart)) == [announced]


@given(st.lists(st.integers(0, 5), max_size=30))
def test_no_two_entries_share_their_moment_of_change(seconds: list[int]) -> None:
    articles = [
        samples.article(number, date=samples.START + timedelta(seconds=one))[0]
        for number, one in enumerate(sorted(seconds), 1)
    ]
    updated = distinct(articles)
    assert len(set(updated.values())) == len(articles)
    assert all(updated[one.id] >= one.updated for one in articles)
    for count in range(len(articles)):
        before = distinct(articles[:count])
        assert all(updated[key] == moment for key, moment in before.items())


def test_ten_thousand_articles_changed_at_once_still_differ_soon() -> None:
    one, _ = samples.article(1)
    articles = [
        replace(one, source=replace(one.source, id=f"tag:x,2020:{n}")) for n in range(10_000)
    ]
    assert len(set(distinct(articles).values())) == 10_000


def test_a_body_is_derived_once_for_all_feeds_and_formats(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()
    original = markdown.for_feed

    def counted(body: Body, *rest: Any) -> str:
        calls[body.html] += 1
        return original(body, *rest)

    monkeypatch.setattr(markdown, "for_feed", counted)
    made = samples.documents(samples.weekly(3))
    assert len(made) == 7
    assert {key: count for key, count in calls.items() if key} == {
        f"<p>Text of article {number}.</p>": 1 for number in (1, 2, 3)
    }


def test_an_entry_is_shared_by_feeds_and_kept_no_longer_than_they_are() -> None:
    catalogue = samples.weekly(2)
    entries = Entries(catalogue)
    newsletter, series = feeds.feeds_of(catalogue, entries=entries)
    assert newsletter.entries[0] is series.entries[0]
    entry = ref(newsletter.entries[0])
    del newsletter
    assert entry() is series.entries[0]
    del series
    assert entry() is None
    assert len(entries.of(catalogue.articles)) == 2


PICTURE = "https://northgate.example/notes/media/images/a%20b.png"


def test_the_picture_comes_first_unless_the_body_shows_it() -> None:
    shown = f'<p>Look: <img src="{PICTURE}" alt="A"></p>'
    made = [
        samples.article(1, image="images/a b.png", image_alt='An "A" & B'),
        samples.article(2, image="images/a b.png", image_alt="A", html=shown),
        samples.article(3),
    ]
    first, second, third = feeds.newsletter_feed(samples.catalogue(made)).entries
    assert first.html == (
        f'<p><img src="{PICTURE}" alt="An &quot;A&quot; &amp; B"></p>\n<p>Text of article 1.</p>'
    )
    assert second.html == shown
    assert (first.image, second.image, third.image) == (PICTURE, PICTURE, "")


def test_the_notice_ends_the_body_as_markdown_and_an_articles_own_counts() -> None:
    outlet = samples.newsletter(notice="Ask a *doctor* <script>x</script>.")
    made = [
        samples.article(1),
        samples.article(2, notice="[Own](https://x.example/)."),
        samples.article(3, notice=""),
    ]
    bodies = [
        entry.html for entry in feeds.newsletter_feed(samples.catalogue(made, outlet)).entries
    ]
    assert bodies[0].startswith("<p>Text of article 1.</p>\n<hr>\n<p>Ask a <em>doctor</em>")
    assert "<script" not in bodies[0]
    assert bodies[1].endswith('<hr>\n<p><a href="https://x.example/">Own</a>.</p>')
    assert bodies[2] == "<p>Text of article 3.</p>"


def test_an_empty_body_shows_the_summary_and_an_empty_summary_the_title() -> None:
    made = [
        samples.article(1, html="", body_summary="Sum & up"),
        samples.article(2, html="", body_summary=""),
    ]
    first, second = feeds.newsletter_feed(samples.catalogue(made)).entries
    assert (first.summary, first.html) == ("Sum & up", "<p>Sum &amp; up</p>")
    assert (second.summary, second.html) == ("Article 2", "<p>Article 2</p>")


def test_a_summary_feed_holds_no_bodies() -> None:
    outlet = samples.newsletter(feeds={"content": "summary"}, notice="A notice.")
    feed = feeds.newsletter_feed(samples.weekly(2, outlet))
    assert [entry.html for entry in feed.entries] == ["", ""]
    assert [entry.summary for entry in feed.entries] == ["Text of article 1.", "Text of article 2."]


def test_no_feed_tells_an_authors_address() -> None:
    writer = Author(name="Bo <bo>", email="bo@secret.example", uri="https://bo.example/é")
    catalogue = samples.catalogue([samples.article(1, authors=(writer,))])
    assert feeds.newsletter_feed(catalogue).entries[0].authors == (
        Author(name="Bo <bo>", uri="https://bo.example/%C3%A9"),
    )
    for data in samples.documents(catalogue).values():
        assert b"secret" not in data
        assert b"ann@" not in data


def test_an_empty_newsletter_has_a_feed_with_a_fixed_date() -> None:
    (feed,) = feeds.feeds_of(samples.catalogue([]))
    assert (feed.entries, feed.updated, feed.published) == ((), NOTHING_YET, None)
