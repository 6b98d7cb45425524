"""A feed's file: what is said of entries of which it holds no text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from folders import NEWSLETTER, ok, write

from importing import samples

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><id>urn:a</id>
<updated>2026-01-10T00:00:00Z</updated><entry><title>One</title><id>urn:a:1</id>
<updated>2026-01-06T08:00:00Z</updated>{}</entry></feed>"""
RSS = """<rss version="2.0"><channel><title>A</title><item><title>One</title><guid>urn:a:1</guid>
<pubDate>Tue, 06 Jan 2026 09:00:00 GMT</pubDate>{}</item></channel></rss>"""
LOST = r"^! .*'One': the feed has its summary only, not its text$"


def imported(tmp_path: Path, feed: str) -> tuple[str, str]:
    samples.put(tmp_path / "s", {"x.xml": feed.encode()})
    settings = f"{NEWSLETTER}\n[schedule]\nstart = 2026-01-06\n"
    root = write(tmp_path / "n", {"newsletter.toml": settings})
    said = ok("import", tmp_path / "s" / "x.xml", root=root).output
    (file,) = (root / "articles").glob("*.md")
    return file.read_text("utf-8").partition("---\n\n")[2], said


@pytest.mark.parametrize("feed", [
    ATOM.format("<summary>Only this</summary>"),
    ATOM.format('<summary type="text">Only this</summary>'),
    ATOM.format('<summary>Only this</summary><content type="text/html" src="https://x.example"/>'),
    RSS.format("<description>Only this</description>"),
])  # fmt: skip
def test_a_summary_alone_is_said_to_be_no_text(tmp_path: Path, feed: str) -> None:
    text, said = imported(tmp_path, feed)
    assert text == "Only this\n"
    assert re.search(LOST, said, re.MULTILINE)


@pytest.mark.parametrize("feed", [
    ATOM.format('<content type="text">All of it</content>'),
    RSS.format("<description>&lt;p>All of it&lt;/p></description>"),
])  # fmt: skip
def test_a_whole_text_is_not_said_to_be_a_summary(tmp_path: Path, feed: str) -> None:
    text, said = imported(tmp_path, feed)
    assert text == "All of it\n"
    assert "summary only" not in said
