"""Raw HTML in articles: what stays, what becomes something else, what goes (S2)."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import PAGES, ROOT_URL, Desk

from pipeline.markdown import for_mail


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("a<sup>2</sup> <kbd>K</kbd><br/>b", "<p>a<sup>2</sup> <kbd>K</kbd><br>b</p>"),
        ('<abbr title="a &amp; b">x</abbr>', '<p><abbr title="a &amp; b">x</abbr></p>'),
        ("<DIV DIR=rtl>a *b*</DIV>", '<div dir="rtl">a *b*</div>'),
        ("<div>\n\n*a*\n\n</div>", "<div>\n<p><em>a</em></p>\n</div>"),
        ("<center>a</center>", "<div>a</div>"),
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<table><tr><th scope=row>a<td colspan=2>b</table>",
         '<table><tbody><tr><th scope="row">a</th><td colspan="2">b</td></tr></tbody></table>'),
        ("<details>\n<summary>S</summary>\n\nText\n\n</details>",
         "<details>\n<summary>S</summary>\n<p>Text</p>\n</details>"),
        ("<h1>One</h1>", "<h2>One</h2>"),
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("<blockquote>a<br>\n<cite>b</cite></blockquote>",
         "<blockquote><p>a<br>\n<cite>b</cite></p></blockquote>"),
        ("<blockquote><p>a</p>b<blockquote>c</blockquote>\n</blockquote>",
         "<blockquote><p>a</p>b<blockquote><p>c</p></blockquote>\n</blockquote>"),
        ("<blockquote><i><p>a</p>b</i></blockquote>",
         "<blockquote><i><p>a</p></i><p><i>b</i></p></blockquote>"),
        ("a < b > c <3 <a <b", "<p>a &lt; b &gt; c &lt;3 &lt;a &lt;b</p>"),
    ],
)  # fmt: skip
def test_harmless_tags_stay_and_come_out_well_formed(desk: Desk, written: str, html: str) -> None:
    assert desk.html(written) == html


def test_a_heading_cell_says_what_it_heads(desk: Desk) -> None:
    html = desk.html(
        "<table><caption>C</caption><thead><tr><td></td><th>a</th><th colspan=2>b</th></tr></thead>"
        "<tr><th>c</th><td>1</td></tr><tr><th scope=rowgroup>d</th><td></td></tr></table>"
    )
    assert '<tr><td></td><th scope="col">a</th><th scope="col" colspan="2">b</th></tr>' in html
    assert '<tr><th scope="row">c</th><td>1</td></tr>' in html
    assert '<th scope="rowgroup">d</th>' in html


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("a <script>alert(1)</script> b", "<p>a  b</p>"),
        ("<script>\nalert('<a href=x.md>')\n\n// *x*\n</script>\n\nb", "<p>b</p>"),
        ("<style>p {}</style>\n\nb", "<p>b</p>"),
        ("a <svg onload=x><path/>t</svg> b", "<p>a  b</p>"),
        ("a <textarea><b>t</textarea> b", "<p>a  b</p>"),
        ("a <!-- <a href=x.md> --> b", "<p>a  b</p>"),
        ("a <?php x ?> <![CDATA[x]]> <!DOCTYPE x> b", "<p>a    b</p>"),
        ("a <script><ul></script><li>b", "<p>a b</p>"),
        ("a <svg><a href=//e.org>x</svg> [b](https://e.org)",
         '<p>a  <a href="https://e.org">b</a></p>'),
        ("- a <script>x\n  # b </script>",
         '<ul>\n<li>a x<h2 id="b">b </h2>\n</li>\n</ul>'),
        ("<form action=/x><button>Go</button></form>", "Go"),
        ('<b onclick="x" class=y style="z">a</b>', "<p><b>a</b></p>"),
        ("<meta http-equiv=refresh content='0;url=//e.example'><base href=//e.example>a",
         "<p>a</p>"),
        ("<plaintext>a", "<p>a</p>"),
    ],
)  # fmt: skip
def test_active_and_invisible_html_goes(desk: Desk, written: str, html: str) -> None:
    assert desk.html(written).strip() == html
    assert desk.mistakes(written) == []


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ('<iframe src="https://e.example/v" title="A film"></iframe>',
         '<p><a href="https://e.example/v">A film</a></p>'),
        ("<video controls>\n<source src=https://e.example/v.mp4>\nSorry\n</video>",
         '<p><a href="https://e.example/v.mp4">https://e.example/v.mp4</a></p>'),
        ("a <video><source src=//e.example/v.mp4>Sorry</video> b",
         '<p>a <a href="https://e.example/v.mp4">//e.example/v.mp4</a> b</p>'),
        ("a <audio src='a%20b.pdf'></audio>", '<p>a <a href="~/media/a%20b.pdf">a%20b.pdf</a></p>'),
        ("a <object data=https://e.example/o>x</object>",
         '<p>a <a href="https://e.example/o">https://e.example/o</a></p>'),
        ("a <embed src=https://e.example/e> b",
         '<p>a <a href="https://e.example/e">https://e.example/e</a> b</p>'),
        ("a <iframe></iframe> b", "<p>a  b</p>"),
    ],
)  # fmt: skip
def test_media_become_a_link(desk: Desk, written: str, html: str) -> None:
    assert desk.html(written) == html


def test_links_and_images_in_html_resolve_like_any_other(desk: Desk) -> None:
    text = (
        '<a href="02-second.md#x" title="T" target=_blank>y <b>z</b></a>\n'
        '<img src=images/chart.png alt="A  chart" width=300 height=20% srcset="x 2x">'
    )
    outline = desk.outline(text)
    body = desk.body(text)
    assert body.html.replace("\ufdd0", "~/").rstrip() == (
        '<p><a href="~/articles/second/#x" title="T">y <b>z</b></a>\n'
        '<img src="~/media/images/chart.png" alt="A chart" width="300"></p>'
    )
    assert body.articles == {"articles/second/"}
    assert body.assets == ("images/chart.png",)
    assert [(one.line, one.text) for one in outline.links] == [(11, "y z")]
    assert [(one.line, one.alt) for one in outline.images] == [(12, "A chart")]


def test_mistakes_in_html_have_their_line(desk: Desk) -> None:
    written = "x\n\n> <div>\n> <p>\n> <a href='gone.md'>x</a>\n> <img src=images/chart.png></div>"
    assert desk.mistakes(written) == [(15, "link-article", "error"), (16, "image-alt", "error")]
    assert desk.mistakes("a\n<a\nhref='javascript:x'>b</a>") == [(12, "link-scheme", "error")]


def test_ids_in_html_can_be_linked_to_and_stay_unique(desk: Desk) -> None:
    html = desk.html(
        '## A\n\n<b id="a">x</b> <i id=b>y</i> <i id=b>y</i> <a name=c></a> <a id="d e">'
    )
    assert html == (
        '<h2 id="a">A</h2>\n<p><b>x</b> <i id="b">y</i> <i>y</i> <span id="c"></span> </p>'
    )
    assert desk.mistakes('[x](#c)\n\n<a name="c"></a>') == []


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("> a </blockquote> b", "<blockquote>\n<p>a  b</p>\n</blockquote>"),
        ("- a </li></ul> b\n- c", "<ul>\n<li>a  b</li>\n<li>c</li>\n</ul>"),
        ("*a <b>b* c</b>", "<p><em>a <b>b</b></em> c</p>"),
        ("a <b>b\n\nc", "<p>a <b>b</b></p>\n<p>c</p>"),
        ("- <div>a\n- b", "<ul>\n<li><div>a\n</div></li>\n<li>b</li>\n</ul>"),
        ("## a <i>b\n\nc", '<h2 id="a-b">a <i>b</i></h2>\n<p>c</p>'),
        ("| <b>a | b |\n|---|---|", '<table>\n<thead>\n<tr><th scope="col"><b>a</b></th>'
         '<th scope="col">b</th></tr>\n</thead>\n</table>'),
        ("a </p></div></b> b", "<p>a  b</p>"),
        ("<div>\n\n- a </div> b\n\n</div>", "<div>\n<ul>\n<li>a  b</li>\n</ul>\n</div>"),
        ("<b>" * 500 + "a", "<p>" + "<b>" * 100 + "a" + "</b>" * 100 + "</p>"),
        ("<li>a", "a"),
        ("[a <a href=https://e.example>b</a> c](https://o.example)",
         '<p><a href="https://o.example">a b c</a></p>'),
        ("<a href=https://e.example>a <a href=https://o.example>b</a> c",
         '<p><a href="https://e.example">a </a><a href="https://o.example">b</a> c</p>'),
        ("<a href=https://e.example>https://o.example</a>",
         '<p><a href="https://e.example">https://o.example</a></p>'),
    ],
)  # fmt: skip
def test_html_cannot_upset_what_is_around_it(desk: Desk, written: str, html: str) -> None:
    assert desk.html(written) == html


@pytest.mark.parametrize(
    "written",
    ["<b>" * 50_000, "<a '\"" * 50_000, "<!--" * 50_000, "<div " + 'a=" ' * 50_000,
     "<script " * 30_000, "<div>" + "<svg></svg " * 30_000, "<div>&#" + "9" * 5000 + ";",
     "<i>" * 9000 + "</b>" * 9000],
)  # fmt: skip
def test_endless_html_is_taken_in_its_stride(desk: Desk, written: str) -> None:
    assert len(desk.html(written)) <= 4 * len(written) + 100


def test_a_reading_stands_in_brackets_where_nothing_sets_it_above(desk: Desk) -> None:
    written = "<ruby>漢<rt>kan</rt>字<rt>ji</ruby> ends."
    ruby = "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp>字<rp>(</rp><rt>ji</rt><rp>)</rp></ruby> ends."
    assert desk.html(written) == f"<p>{ruby}</p>"
    assert desk.body(written).summary == "漢(kan)字(ji) ends."
    assert for_mail(desk.body(written), ROOT_URL, {}, PAGES) == "<p>漢(kan)字(ji) ends.</p>\n"
