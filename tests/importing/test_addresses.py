"""Where links among imported pages lead: to the very page that they name, or to where they led."""

from __future__ import annotations

from pathlib import Path

import pytest
from folders import NEWSLETTER, ok, write

from importing import samples

SINCE = "\n[schedule]\nstart = 2026-01-06\n"
FEED = """<rss version="2.0"><channel><title>T</title><link>https://old.example/</link>{}</channel>
</rss>"""
ITEM = """<item><title>{title}</title><link>{url}</link><guid>{guid}</guid>
<pubDate>Tue, {day} Jan 2026 09:00:00 GMT</pubDate><description>{html}</description></item>"""


def imported(tmp_path: Path, files: dict[str, bytes], source: str = "") -> dict[str, str]:
    """The articles by their file's name."""
    samples.put(tmp_path / "s", files)
    root = write(tmp_path / "n", {"newsletter.toml": NEWSLETTER + SINCE})
    ok("import", tmp_path / "s" / source, "--series", "s", root=root)
    return {one.name: one.read_text("utf-8") for one in (root / "articles").rglob("*.md")}


def feed(*items: tuple[str, str, str, str]) -> dict[str, bytes]:
    """A feed of items by title, address, guid and HTML."""
    written = (
        ITEM.format(title=title, url=url, guid=guid, day=f"{at:02}", html=html.replace("<", "&lt;"))
        for at, (title, url, guid, html) in enumerate(items, 6)
    )
    return {"x.xml": FEED.format("".join(written)).encode()}


def test_a_link_leads_to_the_page_that_its_query_names_and_to_no_other(tmp_path: Path) -> None:
    links = "".join(
        f'<p><a href="https://old.example/{to}">{name}</a></p>'
        for name, to in (("two", "?p=2"), ("gone", "?p=9"), ("home", ""), ("one", "?p=1#end"))
    )
    made = imported(tmp_path, feed(
        ("One", "https://old.example/?p=1", "urn:x:1", "<p>First.</p>"),
        ("Two", "https://old.example/?p=2", "urn:x:2", links),
    ), "x.xml")  # fmt: skip
    two = made["02-two.md"]
    assert "[two](02-two.md)" in two
    assert "[gone](https://old.example/?p=9)" in two
    assert "[home](https://old.example/)" in two
    assert "[one](01-one.md#end)" in two


@pytest.mark.parametrize("query", ["?utm_source=rss&utm_medium=rss", "?source=rss----1"])
def test_what_counts_visits_in_a_feeds_addresses_names_no_page(tmp_path: Path, query: str) -> None:
    made = imported(tmp_path, feed(
        ("One", f"https://old.example/one/{query.replace('&', '&amp;')}", "urn:x:1", "<p>1.</p>"),
        ("Two", "https://old.example/two/", "urn:x:2",
         '<p><a href="https://old.example/one?ref=x">1</a></p>'),
    ), "x.xml")  # fmt: skip
    assert "[1](01-one.md)" in made["02-two.md"]


def test_a_link_by_a_posts_guid_leads_to_it(tmp_path: Path) -> None:
    made = imported(tmp_path, feed(
        ("One", "https://old.example/one/", "https://old.example/?p=10", "<p>1.</p>"),
        ("Two", "https://old.example/two/", "https://old.example/?p=11",
         '<p><a href="https://old.example/?p=10">1</a></p>'),
    ), "x.xml")  # fmt: skip
    assert "[1](01-one.md)" in made["02-two.md"]


def page(title: str, day: int, body: str) -> bytes:
    return f"---\ntitle: {title}\ndate: 2026-01-0{day}\n---\n{body}\n".encode()


def test_a_file_of_an_articles_name_is_not_the_article(tmp_path: Path) -> None:
    made = imported(tmp_path, feed(
        ("One", "https://old.example/blog/one.html", "urn:x:1", "<p>1.</p>"),
        ("Two", "https://old.example/blog/two.html", "urn:x:2",
         '<p><a href="/files/one.pdf">a</a> <a href="/old/one.html">b</a></p>'),
    ), "x.xml")  # fmt: skip
    assert "[a](https://old.example/files/one.pdf) [b](01-one.md)" in made["02-two.md"]


def test_links_of_jekyll_find_a_post_whose_file_ends_in_markdown(tmp_path: Path) -> None:
    made = imported(tmp_path, {
        "_posts/2026-01-06-one.markdown": page("One", 6, "1."),
        "_posts/2026-01-07-two.md": page("Two", 7, "[1]({% post_url 2026-01-06-one %}#end)"),
    })  # fmt: skip
    assert "[1](01-one.md#end)" in made["02-two.md"]


def test_links_of_hugo_by_a_name_or_an_address_alone_find_the_page(tmp_path: Path) -> None:
    links = '[a]({{< ref "one" >}}) [b](../one/) [c]({{< relref "gone" >}}) [d](one.pdf)'
    made = imported(tmp_path, {
        "posts/one/index.md": page("One", 6, "1."), "posts/two.md": page("Two", 7, links),
    })  # fmt: skip
    assert "[a](01-one.md) [b](01-one.md) c d" in made["02-two.md"]
