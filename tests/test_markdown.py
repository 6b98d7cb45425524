"""What Markdown becomes: neutral HTML, and what is learned of the article on the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from desk import Desk

from pipeline import markdown, plaintext, templating
from pipeline.markdown import Image, Link, count_words
from pipeline.markdown.labels import labels
from pipeline.text import OWN_ROOT


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("a *b* **c** ~~d~~ `e<f`", "<p>a <em>b</em> <strong>c</strong> <del>d</del>"
         " <code>e&lt;f</code></p>"),
        ("one\ntwo\\\nthree  \nfour", "<p>one\ntwo<br>\nthree<br>\nfour</p>"),
        ("---", "<hr>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("- a\n\n- b", "<ul>\n<li><p>a</p>\n</li>\n<li><p>b</p>\n</li>\n</ul>"),
        ("1. a\n   - b\n2. c", "<ol>\n<li>a<ul>\n<li>b</li>\n</ul>\n</li>\n<li>c</li>\n</ol>"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>'),
        ("0. a", '<ol start="0">\n<li>a</li>\n</ol>'),
        ("- a\n1. b", "<ul>\n<li>a</li>\n</ul>\n<ol>\n<li>b</li>\n</ol>"),
        ("-", "<ul>\n<li></li>\n</ul>"),
        ("> a\n> > b", "<blockquote>\n<p>a</p>\n<blockquote>\n<p>b</p>\n</blockquote>\n"
         "</blockquote>"),
        ("    a\n\n    <b>\n", "<pre><code>a\n\n&lt;b&gt;\n</code></pre>"),
        ("```c++ title=x\na & b\n```", '<pre><code class="language-c++">a &amp; b\n</code></pre>'),
        ("```\n\n\na\n```", "<pre><code>\n\na\n</code></pre>"),
        ("- [ ] a\n- [x] b", '<ul>\n<li class="task">☐ a</li>\n<li class="task">☑ b</li>\n</ul>'),
        ("Term\n: One\n: Two", "<dl>\n<dt>Term</dt>\n<dd>One</dd>\n<dd>Two</dd>\n</dl>"),
        ("&amp; &copy; &lt;b&gt; \\*", "<p>&amp; © &lt;b&gt; *</p>"),
        ("", ""),
    ],
)  # fmt: skip
def test_every_construct_becomes_its_html(desk: Desk, written: str, html: str) -> None:
    assert desk.html(written) == html


def test_a_table_has_scoped_headings_and_its_alignment(desk: Desk) -> None:
    html = desk.html("| a | b | |\n|---|--:|:-:|\n| 1 | *2* | 3 |\n| only one |")
    assert html == (
        '<table>\n<thead>\n<tr><th scope="col">a</th><th scope="col" class="right">b</th><td></td>'
        '</tr>\n</thead>\n<tbody>\n<tr><td>1</td><td class="right"><em>2</em></td>'
        '<td class="center">3</td></tr>\n<tr><td>only one</td><td class="right"></td>'
        '<td class="center"></td></tr>\n</tbody>\n</table>'
    )


def test_a_table_of_headings_alone_has_no_body(desk: Desk) -> None:
    assert "tbody" not in desk.html("| a |\n|---|")


def test_an_alert_is_a_quotation_with_its_word(desk: Desk) -> None:
    assert desk.html("> [!WARNING]\n> Mind the *gap*.") == (
        '<blockquote class="markdown-alert markdown-alert-warning">\n'
        '<p class="markdown-alert-title"><strong>Warning</strong></p>\n'
        "<p>Mind the <em>gap</em>.</p>\n</blockquote>"
    )


def test_smart_punctuation_is_a_setting(desk: Desk) -> None:
    written = '"It\'s" -- so...'
    assert desk.html(written) == "<p>“It’s” – so…</p>"
    assert desk.plain().html(written) == '<p>"It\'s" -- so...</p>'


def test_smart_punctuation_leaves_code_urls_and_template_tags_alone(desk: Desk) -> None:
    html = desk.html('`"a--b"` https://e.example/a--b {{ name | default: "x--y" }}')
    assert '<code>"a--b"</code>' in html
    assert '<a href="https://e.example/a--b">https://e.example/a--b</a>' in html
    assert '{{ name | default: "x--y" }}' in html


@pytest.mark.parametrize(
    "typed",
    ["{{ x }}", "{% if x %}", "*|FNAME|*", "[[x]]", "%%{x}%%", "{$x}", "*|IF:X|* y *|END:IF|*",
     '{{ x | default: "you" }}', "{# c #}", "${x}", "<%= x %>", "%recipient.name%"],
)  # fmt: skip
def test_merge_tag_look_alikes_stay_as_typed(desk: Desk, typed: str) -> None:
    shown = typed.replace("<", "&lt;").replace(">", "&gt;")
    assert desk.html(f"Write {typed} here") == f"<p>Write {shown} here</p>"
    assert desk.text(f"Write {typed} here") == f"Write {typed} here\n"


# Headings


def test_headings_have_readable_unique_ids_and_honour_their_own(desk: Desk) -> None:
    text = "## What's *new*?\n## What's new?\n## Other {#mine}\n## Überblick 2\n## …"
    outline = desk.outline(text)
    body = desk.body(text)
    assert [(one.id, one.text) for one in outline.headings] == [
        ("what-s-new", "What’s new?"),
        ("what-s-new-2", "What’s new?"),
        ("mine", "Other"),
        ("überblick-2", "Überblick 2"),
        ("section", "…"),
    ]
    assert '<h2 id="mine">Other</h2>' in body.html


def test_an_id_that_was_taken_by_counting_is_not_given_twice(desk: Desk) -> None:
    text = "## a-2\n## a\n## a\n## a\n## a-2"
    outline = desk.outline(text)
    assert len({one.id for one in outline.headings}) == 5


def test_a_raw_heading_has_its_line(desk: Desk) -> None:
    written = (
        "## One\n\n<div>\n<h4 id=x>*Two*\n10<sup>6</sup></h4>\n</div>\n\n<h3>\n\nThree\n\n</h3>"
    )
    assert [(one.id, one.level, one.text, one.line) for one in desk.outline(written).headings] == [
        ("one", 2, "One", 11),
        ("x", 4, "*Two* 10⁶", 14),
        ("", 3, "Three", 18),
    ]


def test_a_level_one_heading_moves_all_headings_down(desk: Desk) -> None:
    text = "# One\n\n### Three\n\n###### Six"
    outline = desk.outline(text)
    body = desk.body(text)
    assert [(one.level, one.text) for one in outline.headings] == [
        (2, "One"),
        (4, "Three"),
        (6, "Six"),
    ]
    assert '<h2 id="one">One</h2>' in body.html
    assert '<h4 id="three">Three</h4>' in body.html
    assert '<h6 id="six">Six</h6>' in body.html


def test_without_a_level_one_heading_levels_stay(desk: Desk) -> None:
    assert [one.level for one in desk.outline("## Two\n\n### Three").headings] == [2, 3]


# Footnotes


def test_footnotes_are_numbered_as_referred_to_and_lead_back(desk: Desk) -> None:
    body = desk.body("A[^z] b[^a] c[^z].\n\n[^a]: Second.\n\n[^z]: First\n\n    and more.")
    assert (
        '<sup id="fnref-first-1"><a href="#fn-first-1" role="doc-noteref">1</a></sup>' in body.html
    )
    notes = body.html.partition('<section class="footnotes" role="doc-endnotes">')[2]
    assert notes.index('<li id="fn-first-1">\n<p>First</p>') < notes.index('<li id="fn-first-2">')
    assert (
        '<p>and more. <a href="#fnref-first-1" role="doc-backlink">↩</a>'
        ' <a href="#fnref-first-1-2" role="doc-backlink">↩</a></p>'
    ) in notes


def test_a_footnote_that_ends_in_a_list_gets_a_paragraph_for_the_way_back(desk: Desk) -> None:
    html = desk.html("A[^1].\n\n[^1]: - one\n      - two")
    assert (
        '</ul>\n\n<p><a href="#fnref-first-1"' in html
        or '</ul>\n<p><a href="#fnref-first-1"' in html
    )


def test_a_figure_before_a_footnote_is_not_mistaken_for_it(desk: Desk) -> None:
    html = desk.html('![x](images/chart.png "t")\n\nA[^1].\n\n[^1]: Note')
    assert html.count("<figure>") == 1
    assert "<p>Note <a" in html


def test_an_unused_footnote_is_a_warning_and_not_shown(desk: Desk) -> None:
    assert desk.mistakes("A.\n\n[^1]: Nobody reads this.") == [(13, "footnote-unused", "warning")]
    assert desk.html("A.\n\n[^1]: Nobody reads this.") == "<p>A.</p>"


def test_a_reference_without_its_footnote_stays_text(desk: Desk) -> None:
    assert desk.html("A[^1].") == "<p>A[^1].</p>"


def test_footnote_labels_match_whatever_their_case(desk: Desk) -> None:
    assert "<p>Note <a" in desk.html("A[^Ä].\n\n[^ä]: Note")


def test_a_heading_that_looks_like_a_footnote_keeps_ids_unique(desk: Desk) -> None:
    text = "## fn first 1\n\nA[^1].\n\n[^1]: Note"
    outline = desk.outline(text)
    body = desk.body(text)
    assert len(set(outline.anchors)) == len(outline.anchors)
    assert 'href="#fn-first-1-2"' in body.html


# Images and figures


def test_an_image_alone_with_a_title_is_a_figure(desk: Desk) -> None:
    assert desk.html('![A *rising* line](images/chart.png "Sales & more")') == (
        '<figure><img src="~/media/images/chart.png" alt="A rising line">'
        "<figcaption>Sales &amp; more</figcaption></figure>"
    )


def test_a_caption_has_typographic_punctuation_and_is_no_markdown(desk: Desk) -> None:
    written = """![x](images/chart.png "- It's 'so' -- *a* [b](c) <d> &amp; 1. \\\\ ...")"""
    caption = "- It’s ‘so’ – *a* [b](c) &lt;d&gt; &amp; 1. \\ …"
    assert f"<figcaption>{caption}</figcaption>" in desk.html(written)
    assert desk.text(written).endswith("- It’s ‘so’ – *a* [b](c) <d> & 1. \\ …\n")


@pytest.mark.parametrize(
    "written",
    ['See ![x](images/chart.png "t")', "![x](images/chart.png)",
     '![x](images/chart.png "t") ![y](images/chart.png "u")',
     '[![x](images/chart.png "t")](https://e.example)', '- ![x](images/chart.png "t")'],
)  # fmt: skip
def test_any_other_image_is_no_figure(desk: Desk, written: str) -> None:
    html = desk.html(written)
    assert "figure" not in html
    assert '<img src="~/media/images/chart.png" alt="x"' in html


def test_what_the_text_links_to_and_shows_is_noted_with_its_line(desk: Desk) -> None:
    text = (
        "[Second *part*](02-second.md#top)\n\nSee https://e.example/x\nand\n"
        '![Chart](images/chart.png "T") ![Far](https://e.example/y.png) [pdf](a%20b.pdf)'
    )
    outline = desk.outline(text)
    body = desk.body(text)
    assert outline.links == (
        Link(url=f"{OWN_ROOT}articles/second/#top", line=11, text="Second part"),
        Link(url="https://e.example/x", line=13, text="https://e.example/x"),
        Link(url=f"{OWN_ROOT}media/a%20b.pdf", line=15, text="pdf"),
    )
    assert outline.images == (
        Image(url=f"{OWN_ROOT}media/images/chart.png", asset="images/chart.png", alt="Chart",
              title="T", line=15),
        Image(url="https://e.example/y.png", asset=None, alt="Far", title="", line=15),
    )  # fmt: skip
    assert body.articles == {"articles/second/"}
    assert body.assets == ("images/chart.png", "a b.pdf")
    assert body.path == "articles/first/"


def test_lines_are_counted_in_bytes_of_any_script(desk: Desk) -> None:
    assert desk.mistakes("日本語 😀\n\nmöre\n\n[x](gone.md)") == [(15, "link-article", "error")]


# Bare URLs


@pytest.mark.parametrize(
    ("written", "url", "shown"),
    [
        ("https://e.example/a_b_c?x=1&y=(2)", "https://e.example/a_b_c?x=1&amp;y=(2)", ""),
        ("www.e.org/x", "https://www.e.org/x", "www.e.org/x"),
        ("me@e.org", "mailto:me@e.org", "me@e.org"),
        ("mailto:me@e.example", "mailto:me@e.example", "mailto:me@e.example"),
    ],
)
def test_a_bare_url_is_a_link(desk: Desk, written: str, url: str, shown: str) -> None:
    assert desk.html(f"See {written}, or") == f'<p>See <a href="{url}">{shown or url}</a>, or</p>'


@pytest.mark.parametrize(
    "written", ["见 {}。然后", "见（{}）。", "見る：{}、次", "《{}》", "{}！", "{}，{}"]
)
def test_a_bare_url_ends_before_the_marks_of_chinese_and_japanese(desk: Desk, written: str) -> None:
    url = "https://e.example/a_b"
    linked = written.replace("{}", f'<a href="{url}">{url}</a>')
    assert desk.html(written.replace("{}", url)) == f"<p>{linked}</p>"


@pytest.mark.parametrize(
    "written",
    ["README.md", "e.org", "javascript://x", "ftp://e.example", "//e.org", "// e.org", "a@b", "@me",
     "https://e.example/{{ x }}/y"],
)  # fmt: skip
def test_what_only_looks_like_a_url_is_no_link(desk: Desk, written: str) -> None:
    assert "<a" not in desk.html(f"See {written} here")
    assert desk.mistakes(f"See {written} here") == []


def test_urls_in_code_and_in_links_are_not_linked_again(desk: Desk) -> None:
    html = desk.html("`https://e.example` [see https://e.example](https://o.example)")
    assert html.count("<a ") == 1
    assert 'href="https://o.example"' in html


# Facts


def test_the_summary_is_the_first_paragraph_in_one_line(desk: Desk) -> None:
    written = (
        "## Title\n\n> quoted\n\n![x](images/chart.png)\n\n"
        "First *real*\nparagraph[^1].\n\nNext.\n\n[^1]: n"
    )
    assert desk.body(written).summary == "First real paragraph."


def test_a_summary_does_not_take_a_power_for_a_number(desk: Desk) -> None:
    body = desk.body(
        "10<sup>6</sup> and 2<sup>*n*</sup>, the 1<sup>st</sup><sup>2</sup>.[^1]\n\n[^1]: n"
    )
    assert body.summary == "10⁶ and 2ⁿ, the 1st²."
    assert body.words == 6
    assert desk.outline("## 10<sup>6</sup>").anchors == ("106",)


def test_a_summary_has_the_marks_of_a_quotation(desk: Desk) -> None:
    assert desk.body("He said <q>so *it* is</q>.").summary == 'He said "so it is".'


def test_a_long_summary_is_cut_at_a_word(desk: Desk) -> None:
    summary = desk.body("word " * 100).summary
    assert 290 < len(summary) <= 300
    assert summary.endswith("word…")


def test_an_article_without_paragraphs_is_summed_up_by_what_it_says(desk: Desk) -> None:
    assert desk.body("## Title\n\n- one\n- two").summary == "Title one two"


def test_words_are_counted_in_text_and_not_in_code_or_addresses(desk: Desk) -> None:
    body = desk.body("One [two](https://e.example) `three`\n\n- four\n- five\n\n```\nno no\n```")
    assert body.words == 5


def test_chinese_and_japanese_characters_count_as_words() -> None:
    assert count_words(["針灸 and ", "日本"]) == 5
    assert count_words(["“quo", "ted” words"]) == 2


def test_nesting_without_end_is_cut_with_a_warning(desk: Desk) -> None:
    body, problems = desk.render("a\n\n" + ">" * 5000 + " deep *b*")
    assert body.html.count("<blockquote>") == 100
    assert "deep b" in body.html
    assert [(one.line, one.rule, one.severity) for one in problems] == [(13, "nesting", "warning")]


def test_characters_that_entities_bring_back_are_taken_out(desk: Desk) -> None:
    written = (
        'a&#1;b&#xFDD0;c [d&#xFDD1;](https://e.example/&#xFDD0;x "t&#2;u")'
        ' <i title="&#xfdd0;&#x81;">e</i> <b>&#xfdd0;f</b>\n\n<div>&#x8d;&#1;g</div>'
    )
    html = desk.html(written)
    assert html == (
        '<p>abc <a href="https://e.example/x" title="tu">d</a> <i>e</i> <b>f</b></p>\n<div>g</div>'
    )


@pytest.mark.parametrize(
    ("language", "own", "said"),
    [
        ("en-GB", "", "Warning"),
        ("de-AT", "", "Warnung"),
        ("ar", "", "تحذير"),
        ("en", "fr", "Avertissement"),
        ("xx", "", "Warning"),
    ],
)
def test_an_alert_is_named_in_the_language_of_its_article(
    desk: Desk, language: str, own: str, said: str
) -> None:
    around = replace(desk.around, language=language)
    source = replace(desk.source("> [!WARNING]\n> Take care."), lang=own)
    body, problems = markdown.render(source, around)
    assert problems == ()
    assert f"<strong>{said}</strong>" in body.html
    plain = plaintext.render(
        body, language=own or language, root_url="https://a.example/", visible=()
    )
    colon = "\u00a0:" if own == "fr" else ":"
    assert plain.startswith(f"{said.upper()}{colon} ")


def test_every_language_of_the_emails_has_its_labels() -> None:
    files = (templating.packaged_emails() / "words").glob("*.toml")
    languages = {file.stem for file in files} - {"en-US"}
    assert languages
    assert [one for one in languages if labels(one) == labels("en")] == []
