"""The preview's pure parts: documents fitted to frames, marks, rows of inboxes, places."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest
from folders import article
from hypothesis import given
from hypothesis import strategies as st
from previewing import folder

from pipeline.lint import Finding
from pipeline.lint.mail import Cause
from pipeline.preview import frames, inbox, words
from pipeline.preview.marks import marked
from pipeline.preview.picture import Picture, look, sight
from pipeline.preview.views import issue

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)

STYLED = """<html><head><style>a{color:red}@media screen and ( PREFERS-color-scheme : dark ){a{b:c}}
@media (prefers-color-scheme:light){d{e:f}}</style>
<style media="(prefers-color-scheme: dark)">g{h:i}</style></head>
<body><p title="(prefers-color-scheme: dark)">Write @media (prefers-color-scheme: dark).</p></body>
"""


def test_a_scheme_settles_every_condition_and_leaves_what_only_speaks_of_it() -> None:
    dark, light = frames.in_scheme(STYLED, "dark"), frames.in_scheme(STYLED, "light")
    assert "@media screen and (min-width:0){a" in dark
    assert "@media screen and (max-width:0){a" in light
    assert "@media (max-width:0){d" in dark
    assert "@media (min-width:0){d" in light
    assert '<style media="(min-width:0)">g' in dark
    assert '<style media="(max-width:0)">g' in light
    for html in (dark, light):
        assert (
            '<p title="(prefers-color-scheme: dark)">Write @media (prefers-color-scheme: dark).'
            in html
        )
    assert dark.index("color-scheme:dark!important") < dark.index("</head>")


@given(st.text())
def test_a_text_is_never_changed_by_what_fits_a_document_to_its_frame(text: str) -> None:
    said = escape(text)
    html = f"<html><head></head><body><p>{said}</p></body></html>"
    for made in (
        frames.in_scheme(html, "dark"),
        frames.links_in_new_tabs(html),
        frames.with_pictures_from(html, "https://x.example/", "/here/"),
        frames.with_anchor(html, len(html) - 10),
        frames.with_mark(html, "words"),
    ):
        assert said in made


def test_only_pictures_are_taken_from_here_and_only_links_to_the_web_open_elsewhere() -> None:
    root = "https://x.example/a/"
    html = f'<img src="{root}media/1.png"><a href="{root}media/1.png">{root}media/1.png</a>'
    assert frames.with_pictures_from(html, root, "/h/") == html.replace(
        f'src="{root}', 'src="/h/', 1
    )
    links = '<a class="x" href="https://y.example">1</a><a href="#z">2</a><a href="page.html">3</a>'
    assert frames.links_in_new_tabs(links) == links.replace("<a class", '<a target="_blank" class')
    kept = '<a target="_self" href="https://y.example">1</a>'
    assert frames.links_in_new_tabs(kept) == kept


DOCUMENT = """<body>
<!-- <a href="https://a.example/1">go</a> -->
<h2 class="x">A <em>heading</em></h2><p>And <a href="https://a.example/1">go</a>
<a href="https://a.example/2?a=1&amp;b=2"><img src="https://a.example/i.png" alt="A tree"></a></p>
</body>"""


@pytest.mark.parametrize(
    ("cause", "before"),
    [
        (Cause(kind="link", url="https://a.example/1", text="go"), '<a href="https://a.example/1">'),
        (Cause(kind="link", url="https://a.example/2?a=1&b=2", text="A tree"), '<a href="https://a.example/2'),
        (Cause(kind="link", url="https://a.example/1"), '<a href="https://a.example/1">go'),
        (Cause(kind="link", text="GO"), '<a href="https://a.example/1">go'),
        (Cause(kind="image", url="https://a.example/i.png", text="A tree"), "<img"),
        (Cause(kind="heading", text="a heading"), "A <em>"),
        (Cause(kind="heading", text="another"), None),
        (Cause(kind="link", url="https://b.example"), None),
        (Cause(kind="subject"), None),
        (None, None),
    ],
)  # fmt: skip
def test_a_mark_stands_right_before_what_is_meant(cause: Cause | None, before: str | None) -> None:
    html, placed = marked(DOCUMENT, [Finding(rule="x", message="y", cause=cause)])
    assert placed == (frozenset({1}) if before else frozenset())
    assert re.sub(r'<b id="finding-\d+".*?</b>', "", html) == DOCUMENT, "nothing else changes"
    if before:
        assert re.search(r'<b id="finding-1"[^>]*>1</b>' + re.escape(before), html)
        assert html.index("finding-1") > html.index("-->"), "not in a comment"


def test_marks_keep_their_numbers_wherever_they_stand() -> None:
    causes = [
        Cause(kind="image", url="https://a.example/i.png"),
        None,
        Cause(kind="heading", text="A heading"),
    ]
    html, placed = marked(DOCUMENT, [Finding(rule="x", message="y", cause=one) for one in causes])
    assert placed == {1, 3}
    assert html.index("finding-3") < html.index("finding-1")


def test_a_row_goes_on_with_the_email_where_the_preheader_ends(tmp_path: Path) -> None:
    seen = sight(look(folder(tmp_path), NOW, "1"), "now")
    assert seen
    letter = seen.letter(1)
    row = inbox.row(letter)
    assert row.subject == letter.email.subject
    assert row.snippet.startswith(letter.email.preheader + " Northgate Notes")
    assert "{" not in row.snippet
    assert len(row.snippet) <= inbox.SNIPPET


def test_an_edit_is_found_again_and_kept_while_nothing_else_changes(tmp_path: Path) -> None:
    root = folder(tmp_path)
    file = root / "articles/01-one.md"
    first = look(root, NOW, "1")
    sight(first, "now").letter(1)  # type: ignore[union-attr]  # it is sound
    file.write_text(
        file.read_text(encoding="utf-8").replace("One, with", "Two, with"), encoding="utf-8"
    )
    second = look(root, NOW, "2", first)
    letter = sight(second, "now").letter(1)  # type: ignore[union-attr]  # it is sound
    assert letter.changed is not None
    assert letter.html[: letter.changed].endswith("Two")
    assert '<span id="changed"' in frames.with_anchor(letter.html, letter.changed)
    third = look(root, NOW, "3", second)
    assert sight(third, "now").letter(1).changed == letter.changed  # type: ignore[union-attr]  # as above


def test_the_links_listed_are_those_that_the_email_has(tmp_path: Path) -> None:
    text = "[draft](04-four.md), [to come](03-three.md#x), [one](01-one.md#y), [here](#h)\n\n## H"
    two = article("Part two", text, date="2026-10-13T09:00:00+01:00")
    seen = sight(look(folder(tmp_path, {"articles/02-two.md": two}), NOW, "1"), "now")
    assert seen
    listed = {(link.words, link.url) for link in issue.view(seen, 2).links}
    root = f"{seen.newsletter.root_url}articles/"
    assert listed == {("one", f"{root}one/#y"), ("here", f"{root}two/#h")}
    assert all(f'href="{url}"' in seen.letter(2).html for _, url in listed)


def test_a_picture_shows_drafts_only_when_asked_and_publishes_none(tmp_path: Path) -> None:
    picture = look(folder(tmp_path), NOW, "1")
    plain, drafts = sight(picture, "2097-01-01"), sight(picture, "2097-01-01+drafts")
    assert plain
    assert drafts
    assert not any("four" in path for path in plain.site())
    page = drafts.site()["articles/four/index.html"]
    assert isinstance(page, bytes)
    assert b"A draft: nobody sees it." in page
    assert b"not public yet" not in page.lower()


@pytest.mark.parametrize("at", ["yesterday", "2026-13-01", "", "+drafts", "0001-01-01"])
def test_a_moment_that_is_none_is_not_found(tmp_path: Path, at: str) -> None:
    with pytest.raises(LookupError):
        sight(look(folder(tmp_path), NOW, "1"), at)


def test_a_place_opens_the_editor_only_where_there_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "a b#1.md").touch()
    editor = "x://open?file={path}&line={line}"
    picture = Picture(version="1", root=tmp_path, now=NOW, editor=editor)
    place = picture.place("a b#1.md", 7)
    assert place.text == "a b#1.md:7"
    assert place.href == f"x://open?file={tmp_path.as_posix().lstrip('/')}/a%20b%231.md&line=7"
    assert replace(picture, editor="").place("a b#1.md", 7).href == ""
    assert picture.place("output/email.html", 7).href == ""
    assert picture.place("a b#1.md").href.endswith("line=1")


def test_code_in_a_message_is_code_and_everything_else_is_text() -> None:
    assert words.coded("use `a<b` & <i>") == "use <code>a&lt;b</code> &amp; &lt;i&gt;"
    assert words.coded("one ` alone <") == "one ` alone &lt;"
