"""A body on its page, in a feed and in mail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from desk import PAGES, ROOT_URL, Desk

from pipeline.markdown import MAIL_TAGS, for_feed, for_mail, for_web
from pipeline.text import OWN_ROOT

SECOND = "See [part *two*](02-second.md#x), [the first](01-first.md)."
NOTE = "A[^1].\n\n[^1]: Note."
STYLES = {key: f"color:{number}" for number, key in enumerate(MAIL_TAGS)}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def web(desk: Desk, text: str, page: str = "articles/first/") -> str:
    return for_web(desk.body(text), page, PAGES).rstrip("\n")


def feed(desk: Desk, text: str) -> str:
    return for_feed(desk.body(text), ROOT_URL, "articles/first/", PAGES).rstrip("\n")


def mail(desk: Desk, text: str, **more: str) -> str:
    return for_mail(desk.body(text), ROOT_URL, more, PAGES).rstrip("\n")


# F1


@pytest.mark.parametrize("visible", [(), ("articles/first/",)])
def test_a_link_to_an_article_not_yet_public_keeps_its_words_alone(
    desk: Desk, visible: tuple[str, ...]
) -> None:
    body = desk.body(
        "[a *b*](02-second.md) [c](deep/später.md#x) [d](https://e.example) <a id=e></a>"
    )
    for html in (
        for_web(body, "articles/first/", visible),
        for_feed(body, ROOT_URL, "articles/first/", visible),
        for_mail(body, ROOT_URL, {}, visible),
    ):
        assert html.startswith('<p>a <em>b</em> c <a href="https://e.example">d</a>')


def test_a_visible_link_stays_beside_a_hidden_one(desk: Desk) -> None:
    body = desk.body("[a](02-second.md) [b](deep/später.md)")
    html = for_feed(body, ROOT_URL, "articles/first/", ["articles/später/"])
    assert html == f'<p>a <a href="{ROOT_URL}articles/sp%C3%A4ter/">b</a></p>\n'


# Pages


def test_urls_on_a_page_work_below_any_path_and_from_disk(desk: Desk) -> None:
    html = web(desk, SECOND + " ![x](images/chart.png) [pdf](a%20b.pdf)")
    assert 'href="../../articles/second/index.html#x"' in html
    assert 'href="../../articles/first/index.html"' in html
    assert '<img loading="lazy" src="../../media/images/chart.png" alt="x">' in html
    assert 'href="../../media/a%20b.pdf"' in html
    assert 'href="articles/second/index.html#x"' in web(desk, SECOND, "")


def test_a_link_within_the_article_stays_a_fragment_on_its_page(desk: Desk) -> None:
    assert web(desk, "## A\n\n[b](#a) [c](01-first.md#a)").endswith(
        '<p><a href="#a">b</a> <a href="#a">c</a></p>'
    )


def test_another_page_can_show_articles_with_the_same_headings(desk: Desk) -> None:
    text = f"## A\n\n[b](#a) {NOTE}"
    html = web(desk, text, "issues/001-x/")
    assert '<h2 id="first--a">' in html
    assert '<a href="#first--a">b</a>' in html
    assert '<a href="#first--fn-first-1"' in html
    assert '<li id="first--fn-first-1">' in html


def test_tables_can_be_scrolled_and_are_aligned_on_pages(desk: Desk) -> None:
    html = web(desk, "| a |\n|--:|\n| b |")
    assert html.startswith('<div class="table" tabindex="0"><table>')
    assert html.endswith("</table></div>")
    assert '<td style="text-align:right">b</td>' in html


def test_code_is_highlighted_on_pages_alone(desk: Desk) -> None:
    text = '```python\nx = "<b>"  # &amp;\n```'
    html = web(desk, text)
    assert html.startswith('<pre class="highlight"><code class="language-python"><span class="n">x')
    assert "&lt;b&gt;" in html
    assert "&amp;amp;" in html
    assert "<span" not in feed(desk, text)
    assert "<span" not in mail(desk, text)


@pytest.mark.parametrize("info", ["", "klingon", "<i>", '"'])
def test_code_in_an_unknown_language_stays_plain(desk: Desk, info: str) -> None:
    assert "<span" not in web(desk, f"```{info}\nx = 1\n```")


def test_text_that_looks_like_our_markup_is_left_alone(desk: Desk) -> None:
    text = '`<a href="#x">` `<table class="right" id="y">` `<img src="z">` class="left" id="q"'
    shown = (
        '<p><code>&lt;a href="#x"&gt;</code> <code>&lt;table class="right" id="y"&gt;</code>'
        ' <code>&lt;img src="z"&gt;</code> class="left" id="q"</p>'
    )
    plain = desk.plain()
    assert web(plain, text) == shown
    assert web(plain, text, "issues/001-x/") == shown
    assert feed(plain, text) == shown
    assert mail(plain, text) == shown


def test_an_images_attributes_come_from_whoever_measured_it(desk: Desk) -> None:
    body = desk.body("![x](images/chart.png) ![y](https://e.example/y.png)")
    asked: list[str] = []

    def image(written: Mapping[str, str]) -> dict[str, str]:
        asked.append(src := written["src"])
        return {"width": "30", "height": "20"} if src.startswith(OWN_ROOT) else {}

    html = for_web(body, "articles/first/", PAGES, image)
    assert 'src="../../media/images/chart.png" alt="x" width="30" height="20">' in html
    assert asked == [f"{OWN_ROOT}media/images/chart.png", "https://e.example/y.png"]


# Feeds


def test_every_url_in_a_feed_is_absolute(desk: Desk) -> None:
    html = feed(desk, f'{SECOND} ![x](images/chart.png "t") [h](#h) {NOTE}\n\n## h')
    assert f'href="{ROOT_URL}articles/second/#x"' in html
    assert f'<a href="{ROOT_URL}articles/first/">the first</a>' in html
    assert f'<img src="{ROOT_URL}media/images/chart.png" alt="x" title="t">' in html
    assert f'<a href="{ROOT_URL}articles/first/#h">' in html
    assert f'<a href="{ROOT_URL}articles/first/#fn-first-1">1</a>' in html
    assert '<li id="fn-first-1">' in html


def test_a_feed_has_no_class_role_or_style(desk: Desk) -> None:
    html = feed(
        desk, f"> [!NOTE]\n> x\n\n- [x] y\n\n| a |\n|--:|\n| b |\n\n```python\nx\n```\n\n{NOTE}"
    )
    for name in ("class", "role", "style", "loading", "tabindex"):
        assert f" {name}=" not in html
    assert "<blockquote>\n<p><strong>Note</strong></p>" in html
    assert "<li>☑ y</li>" in html
    assert '<th scope="col" align="right">a</th>' in html
    assert '<td align="right">b</td>' in html


# Mail


def test_every_tag_in_mail_has_the_style_of_its_theme(desk: Desk) -> None:
    text = (
        "## H\n\na *b* **c** ~~d~~ `e` [f](https://e.example) <kbd>g</kbd>\n\n- h\n- [ ] i\n\n"
        "1. j\n\n"
        "> k\n\n> [!TIP]\n> l\n\n| m |\n|---|\n| n |\n\n    o\n\no\n: p\n\n---\n\n"
        f'![q](images/chart.png "r")\n\n{NOTE}'
    )
    html = for_mail(
        desk.body(text), ROOT_URL, {"p": "margin:0 0 1em;font-family:'A \"B\"'"} | STYLES, PAGES
    )
    for key, tag in {
        "h2": "<h2", "em": "<em", "strong": "<strong", "del": "<del", "code": "<code",
        "a": '<a href="https://e.example"', "kbd": "<kbd", "ul": "<ul", "li": "<li", "ol": "<ol",
        "blockquote": "<blockquote", "alert": "<blockquote", "alert title": "<p",
        "th": '<th scope="col"', "td": "<td", "pre code": "<code", "dl": "<dl", "dt": "<dt",
        "dd": "<dd", "hr": "<hr", "figcaption": "<div", "figure": "<div", "footnotes": "<div",
        "sup": "<sup",
    }.items():  # fmt: skip
        assert f'{tag} style="{STYLES[key]}"' in html, key
    for key, tag in {"table": "<table", "pre": "<pre", "task": "<li", "img": 'alt="q"'}.items():
        assert f'{tag} style="' in html
        assert f';{STYLES[key]}"' in html


def test_the_keys_a_theme_can_style_are_documented() -> None:
    assert all(doc and doc == doc.strip() for doc in MAIL_TAGS.values())
    assert {"p", "a", "pre", "pre code", "alert", "task", "footnotes"} <= set(MAIL_TAGS)


def test_a_style_with_quotes_cannot_end_its_attribute(desk: Desk) -> None:
    html = mail(desk, "a", p='font-family:"A & B"')
    assert html == '<p style="font-family:&quot;A &amp; B&quot;">a</p>'


def test_mail_has_only_tags_and_attributes_that_mail_programs_know(desk: Desk) -> None:
    html = mail(
        desk,
        '![a](images/chart.png "b")\n\n<details><summary>s</summary><mark>m</mark></details>\n\n'
        "<abbr title=x>A</abbr> <time>t</time> "
        "<ruby>漢<rp>(</rp><rt>k</rt><rp>)</rp></ruby> b<wbr>c\n\n"
        f"{NOTE}",
    )
    for tag in ("figure", "figcaption", "section", "details", "summary", "mark", "abbr", "time",
                "ruby", "rt", "rp", "wbr"):  # fmt: skip
        assert f"<{tag}" not in html
        assert f"</{tag}" not in html
    for name in ("class", "id", "role"):
        assert f" {name}=" not in html
    assert "A t 漢(k) bc" in html


def test_a_code_block_in_mail_wraps(desk: Desk) -> None:
    assert 'pre style="white-space:pre-wrap;' in mail(desk, "    x = 1")


CODE = "Type `--x=1`.\n\n```python\nprint(1)\n```\n\n    plain"


def test_code_runs_from_the_left_in_a_text_from_the_right(desk: Desk) -> None:
    desk.around = replace(desk.around, language="he")
    inline, block, bare = '<code dir="auto">', '<pre dir="ltr">', '<pre dir="auto">'
    assert all(one in feed(desk, CODE) for one in (inline, block, bare))
    shown = web(desk, CODE)
    assert '<pre dir="ltr" class="highlight"><code class="language-python"><span' in shown
    assert inline in shown
    assert bare in shown
    sent = mail(desk, CODE, pre="margin:0", **{"pre code": "color:red"})
    assert inline in sent
    # What is around it may be set to the right by name, which is inherited.
    assert re.search(
        '<pre dir="ltr" style="[^"]*margin:0;text-align:left"><code style="color', sent
    )
    assert re.search('<pre dir="auto" style="[^"]*margin:0;text-align:start"><code style="c', sent)


def test_code_in_a_text_from_the_left_is_as_it_was(desk: Desk) -> None:
    desk.around = replace(desk.around, language="az")
    for html in (web(desk, CODE), feed(desk, CODE), mail(desk, CODE)):
        assert "dir=" not in html


def test_footnotes_in_mail_lead_to_the_page_and_not_back(desk: Desk) -> None:
    html = mail(desk, "A[^1] b[^2].\n\n[^1]: Note.\n\n[^2]: - list")
    assert f'<a href="{ROOT_URL}articles/first/#fn-first-1">1</a>' in html
    assert "↩" not in html
    assert "<p></p>" not in html
    assert "Note." in html


def test_images_in_mail_are_never_wider_than_the_column(desk: Desk) -> None:
    html = mail(desk, "<img src=images/chart.png alt=x width=900 height=300>")
    assert 'width="600"' in html
    assert "height" not in html


def test_an_image_can_be_replaced_for_mail(desk: Desk) -> None:
    body = desk.body("![x](images/chart.png)")

    def image(_: Mapping[str, str]) -> dict[str, str]:
        return {"src": f"{OWN_ROOT}media/mail/chart@2x.png", "width": "300", "style": "width:100%"}

    html = for_mail(body, ROOT_URL, {"img": "border:0"}, PAGES, image)
    assert f'<img src="{ROOT_URL}media/mail/chart@2x.png" alt="x" width="300"' in html
    assert 'style="max-width:100%;border:0;width:100%"' in html


def test_headings_move_down_below_an_articles_title_in_a_digest(desk: Desk) -> None:
    body = desk.body("## A\n\n### B\n\n###### C")
    html = for_mail(body, ROOT_URL, {"h3": "x:y"}, PAGES, shift=1)
    assert html == '<h3 style="x:y">A</h3>\n<h4>B</h4>\n<h6>C</h6>\n'
