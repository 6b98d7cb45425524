"""HTML as Markdown: what readers see is what they saw, and no word gets lost."""

from __future__ import annotations

import json
import re
from html import escape, unescape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.importing.bodies import rendered, words_of
from pipeline.importing.bundle import Bundle
from pipeline.importing.html import tomarkdown
from pipeline.importing.media import Media
from pipeline.importing.model import Imported

INLINE = [
    "b",
    "i",
    "em",
    "strong",
    "del",
    "code",
    "a",
    "span",
    "sub",
    "sup",
    "u",
    "mark",
    "kbd",
    "q",
]
BLOCKS = ["p", "div", "h2", "h4", "blockquote", "ul", "ol", "pre", "section", "dl", "details"]


def media() -> Media:
    def nothing(name: str, limit: int) -> bytes:
        raise KeyError(name)

    article = Imported(origin="x", path="x.html", title="T", body="", markup="html", slug="t")
    source = Bundle(name="x", label="x", names=(), opened=nothing)
    return Media(
        article=article, bundle=source, target="articles/01-t.md", base="", pages={}, fetch=None
    )


def converted(html: str) -> str:
    return tomarkdown.markdown(html, media())[0]


ANY = st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"]), max_size=15)
TEXT = ANY | st.sampled_from(
    ["*", "_", "# ", "1. ", "- ", "> ", "<b>", "&amp;", "[x](y)", "|", "`", "!", "a_b", "  ", "\n",
     "~", "\\", ":", "1)", "+", "=", "---", "www.x.example/_y_", "https://x.example/a_b*c",
     "\u00a0"]
)  # fmt: skip


def element(one: tuple[str, list[str]]) -> str:
    """An element with these parts in it, where HTML allows them."""
    name, parts = one
    within = "".join(parts)
    if name == "a":
        return f"<a href=https://x.example/y>{within}</a>"
    if name in ("ul", "ol"):
        within = "".join(f"<li>{part}</li>" for part in parts)
    elif name == "dl":
        within = "".join(f"<dt>term</dt><dd>{part}</dd>" for part in parts)
    elif name == "details":
        within = f"<summary>more</summary>{within}"
    elif name in ("h2", "h4") and re.search(f"<(?:{'|'.join(BLOCKS)})>", within):
        name = "div"
    return f"<{name}>{within}</{name}>"


def elements(names: list[str], inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(st.sampled_from(names), st.lists(inner, min_size=1, max_size=3)).map(element)


SPAN = st.recursive(
    TEXT.map(escape) | st.just("<br>"), lambda inner: elements(INLINE, inner), max_leaves=6
)
BLOCK = st.recursive(
    st.lists(SPAN, max_size=4).map("".join), lambda inner: elements(BLOCKS, inner), max_leaves=6
)


@settings(max_examples=300)
@given(st.lists(BLOCK, min_size=1, max_size=4).map("".join))
@example("<b></b>1)")
@example("<b>0</b><b><br></b>1. 0")
@example("<a href=https://x.example/y><b>0<br></b>:</a>")
@example("<code><br></code>1. ")
@example("<b><code>0</code><code>`</code></b><code>0</code>")
@example("<b>www.x.example/_y_&amp;amp;</b>")
@example("<kbd>&lt;A&gt;</kbd><b>\\\u00a0</b>")
def test_every_word_of_any_html_is_read_back_in_order(html: str) -> None:
    body, said = tomarkdown.markdown(html, media())
    shown = "".join(words_of(rendered(body)))
    wanted = "".join(words_of(" ".join(said)))
    assert shown == wanted, body


CODE = st.lists(
    st.text(st.sampled_from("ab `~#>-<&*_ \\"), max_size=12) | st.just(""), min_size=1, max_size=6
)


@given(CODE, st.sampled_from(["{}", "<blockquote>{}</blockquote>", "<ul><li>a{}</li></ul>"]))
def test_code_is_kept_to_the_letter(lines: list[str], around: str) -> None:
    code = "\n".join(lines).strip("\n").rstrip()
    html = f"<p>Before</p>{around.format(f'<pre><code>{escape(code)}</code></pre>')}<p>After</p>"
    shown = rendered(converted(html))
    found = re.search("<pre><code>(.*?)\n</code></pre>", shown, re.DOTALL)
    assert ("" if found is None else unescape(found[1])) == code
    assert "<p>After</p>" in shown


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>a <b>bold</b> word</p>", "a **bold** word"),
        ("<p>half<b>bold:</b>word</p>", "half<strong>bold:</strong>word"),
        ("<p>a<b> bold </b>word</p>", "a **bold** word"),
        ("<p><b>one</b><b>two</b></p>", "<strong>one</strong><strong>two</strong>"),
        ("<p><b><b>twice</b></b></p>", "**twice**"),
        ("<p>Hello!<a href=https://x.example>there</a></p>", "Hello\\![there](https://x.example)"),
        ("<p>a_b __c__ *d*</p>", "a_b \\_\\_c\\_\\_ \\*d\\*"),
        ("<p># no</p><p>- no</p><p>1) no</p>", "\\# no\n\n\\- no\n\n1\\) no"),
        ("<p>one<br># two</p>", "one\\\n\\# two"),
        ("<p>x<sup>2</sup> H<sub>2</sub>O</p>", "x<sup>2</sup> H<sub>2</sub>O"),
        ("<p><code>a`b</code></p>", "``a`b``"),
        ("<pre>a\n  b\n</pre>", "```\na\n  b\n```"),
        ('<pre class="brush: js">x</pre>', "```js\nx\n```"),
        ('<div class="highlight-source-ruby"><pre>x</pre></div>', "```ruby\nx\n```"),
        ('<a href="https://x.example/a (b)">w</a>', "[w](<https://x.example/a (b)>)"),
        ('<a href="https://x.example" title=\'a "x"\'>w</a>', '[w](https://x.example "a \\"x\\"")'),
        ('<ol start="5"><li>a</li><li value="9">b</li></ol>', "5. a\n\n9) b"),
        ('<ul><li><input type=checkbox checked>done</li></ul>', "- [x] done"),
        ("<dl><dt>Term</dt><dd>Meaning</dd></dl>", "Term\n:   Meaning"),
        ("<h1>One</h1><h5>Two</h5>", "## One\n\n##### Two"),
        ('<h2 id="k">K</h2><p><a href="#k">to k</a></p>', "## K {#k}\n\n[to k](#k)"),
        ('<p><a href="#nowhere">words</a></p>', "words"),
        ('<video src="https://x.example/v.mp4"></video>', "[Video: x.example](https://x.example/v.mp4)"),
        ('<iframe src="https://player.vimeo.com/video/7"></iframe>', "[vimeo.com](https://vimeo.com/7)"),
        ("<table><tr><td>only</td></tr></table>", "only"),
        ("<table><tr><td><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"
         "</td></tr></table>", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("<details><summary>More</summary><p>Text</p></details>", "**More**\n\nText"),
    ],
)  # fmt: skip
def test_an_element_becomes_what_it_means(html: str, markdown: str) -> None:
    assert converted(html).strip() == markdown


def test_a_table_that_markdown_can_not_hold_stays_a_table() -> None:
    cells = "<tr><th>a</th><td rowspan=2><p>b</p><p>c</p></td></tr><tr><td onclick=x>d</td></tr>"
    body = converted(f"<table>{cells}</table>")
    assert 'rowspan="2"' in body
    assert "onclick" not in body
    assert "\n\n" not in body.strip()
    assert rendered(body).count("<tr>") == 2


def test_the_heading_cells_of_such_a_table_say_what_they_head() -> None:
    """As the rule th-scope of the email lint asks."""
    body = converted(
        "<table><tr><th>a</th><th colspan=2>b</th></tr>"
        "<tr><th rowspan=2>c</th><td>1</td><td>2</td></tr>"
        "<tr><td>3</td><th scope=rowgroup>d</th></tr><tr><th scope=x>e</th></tr></table>"
    )
    assert re.findall(r"<th[^>]*>\w", body) == [
        '<th scope="col">a',
        '<th colspan="2" scope="col">b',
        '<th rowspan="2" scope="row">c',
        '<th scope="rowgroup">d',
        '<th scope="col">e',
    ]


@pytest.mark.parametrize(
    "html",
    [
        '<p>x<sup id="fnref:1"><a href="#fn:1" rel="footnote">1</a></sup></p>'
        '<div class="footnotes"><hr>'
        '<ol><li id="fn:1"><p>Note <a href="#fnref:1" rev="footnote">↩</a></p></li></ol></div>',
        '<p>x<a href="#_ftn1" id="_ftnref1">[1]</a></p>'
        '<p><a id="_ftn1" href="#_ftnref1">[1]</a> Note</p>',
        '<p>x<a class="footnote-anchor" id="footnote-anchor-1" href="#footnote-1">1</a></p>'
        '<div class="footnote"><a id="footnote-1" href="#footnote-anchor-1">1</a>'
        '<div class="footnote-content"><p>Note</p></div></div>',
        '<p>x<sup><a href="#footnote-1" id="footnote-ref-1">[1]</a></sup></p>'
        '<ol><li id="footnote-1">'
        '<p>Note <a href="#footnote-ref-1">↑</a></p></li></ol>',
    ],
)  # fmt: skip
def test_footnotes_of_any_maker_are_footnotes(html: str) -> None:
    body = converted(html)
    assert re.match(r"x\[\^1\]\n", body)
    assert re.search(r"^\[\^1\]: +(?:\n +)?Note$", body, re.MULTILINE), body
    assert "↩" not in body


def test_a_picture_without_words_gets_some_and_is_reported() -> None:
    where = media()
    body, _ = tomarkdown.markdown(
        '<img src="https://x.example/green-couch.jpg"><img src="https://x.example/IMG_20.jpg">',
        where,
    )
    assert "![green couch](https://x.example/green-couch.jpg)" in body
    assert "![Picture](https://x.example/IMG_20.jpg)" in body
    assert sum("has no alternative text" in one.message for one in where.notes) == 2


def test_a_caption_is_shown_also_where_it_is_the_only_word_for_the_picture() -> None:
    where = media()
    body, _ = tomarkdown.markdown(
        '<figure><img src="https://x.example/IMG_20.jpg" alt="">'
        "<figcaption>A green couch</figcaption></figure>",
        where,
    )
    assert body.strip() == '![A green couch](https://x.example/IMG_20.jpg "A green couch")'
    assert "<figcaption>A green couch</figcaption>" in rendered(body)
    assert where.notes == []


def test_a_lazy_picture_is_the_one_that_was_meant() -> None:
    body = converted(
        '<img src="data:image/gif;base64,R0lGOD" data-src="https://x.example/a.jpg" alt="A">'
    )
    assert body.strip() == "![A](https://x.example/a.jpg)"


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<ol><li>a<li>b</ol><ol><li>c</ol>", "1. a\n2. b\n\n1) c"),
        ("<div><ol><li>a</ol></div><p> </p><ol start=4><li>b</ol><ol><li>c</ol>",
         "1. a\n\n4) b\n\n1. c"),
        ("<ol><li>a<li value=7>b<li>c</ol>", "1. a\n\n7) b\n8) c"),
        ("<ol><li>a<ol><li>x</ol><ol><li>y</ol></ol>", "1. a\n   1. x\n   1) y"),
        ("<ol><li>a</ol><p>b</p><ol start=2><li>c</ol>", "1. a\n\nb\n\n2. c"),
    ],
)  # fmt: skip
def test_each_item_of_a_numbered_list_keeps_its_number(html: str, markdown: str) -> None:
    body = converted(html)
    assert body == f"{markdown}\n"
    numbers = [number for number, _ in re.findall(r"^ *(\d+)([.)]) ", body, re.MULTILINE)]
    assert shown_numbers(rendered(body)) == numbers


def shown_numbers(html: str) -> list[str]:
    """The numbers of all items, as a browser counts them."""
    found: list[str] = []
    counting: list[int] = []
    for tag, start in re.findall(r'<(ol|/ol|li)(?: start="(\d+)")?>', html):
        if tag == "ol":
            counting.append(int(start or 1))
        elif tag == "/ol":
            counting.pop()
        else:
            found.append(str(counting[-1]))
            counting[-1] += 1
    return found


@pytest.mark.parametrize(
    "html",
    [
        "<table><thead><tr><th>A<th>B<tbody><tr><td>1<td>2<tfoot><tr><td>s<td>t</table>",
        "<table><tfoot><tr><td>s<td>t<thead><tr><th>A<th>B<tbody><tr><td>1<td>2</table>",
        "<table><tr><th>A<th>B<tbody><tr><td>1<td>2<tbody><tr><td>s<td>t</table>",
    ],
)
def test_a_table_of_several_bodies_is_one_table_its_foot_last(html: str) -> None:
    assert converted(html) == "| A | B |\n| --- | --- |\n| 1 | 2 |\n| s | t |\n"


def test_a_line_end_in_a_cell_and_a_cell_too_many_are_kept() -> None:
    row = "<tr><td>Mon<br>9–12<br><td>x"
    assert "| Mon<br>9–12 | x |" in converted(f"<table>{row}{row}</table>")
    assert "<td>y</td>" in rendered(converted(f"<table>{row}{row}<td>y</table>"))


def kept(**said: object) -> str:
    """The attribute in which Substack keeps what a script shows."""
    return escape(json.dumps(said))


FILM = '<iframe src="//www.youtube.com/embed/x1?wmode=opaque"></iframe><script>x()</script>'
PLAYER = (
    '<div class="kg-audio-card"><img class="kg-audio-thumbnail" src="" alt="audio-thumbnail">'
    '<div class="kg-audio-player-container"><audio src="https://x.example/a.mp3"></audio>'
    '<div class="kg-audio-title">My talk</div><div class="kg-audio-player"><span>0:00</span>'
    "<button>1×</button></div></div></div>"
)
GALLERY = {
    "images": [{"src": "https://x.example/1.png"}, {"src": "https://x.example/2.png"}],
    "caption": "Two",
    "alt": "Couches",
}


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        (f'<p>Thanks, <span class="mention-wrap" data-attrs="{kept(name="Jane <3")}"></span>!</p>',
         "Thanks, Jane \\<3!"),
        (f'<div data-attrs="{kept(persistentExpression="a < b_c", id="X")}"></div>',
         "```latex\na < b_c\n```"),
        (f'<div data-attrs="{kept(gallery=GALLERY)}"></div>',
         "![Couches](https://x.example/1.png)\n\n![Couches](https://x.example/2.png)\n\nTwo"),
        (f'<div data-attrs="{kept(url="https://x.example", name="Al", full_text="It <a>is</a>")}">'
         "</div>", "> It is\n>\n> [Al](https://x.example)"),
        (f'<div data-attrs="{kept(canonical_url="https://x.example/p", title="Part 1")}"></div>',
         "> [Part 1](https://x.example/p)"),
        ('<figure><script src="https://gist.github.com/me/0ab1.js"></script></figure>',
         "[https://gist.github.com/me/0ab1](https://gist.github.com/me/0ab1)"),
        (f'<div data-html="{escape(FILM)}"><div class="overlay"></div></div>',
         "[www.youtube.com](https://www.youtube.com/watch?v=x1)"),
        (PLAYER, "[Audio: x.example](https://x.example/a.mp3)\n\nMy talk"),
        ('<pre data-code-block-lang="python">x = 1<br>y = 2</pre>',
         "```python\nx = 1\ny = 2\n```"),
        ('<blockquote class="twitter-tweet"><a href="https://x.example/2"></a></blockquote>',
         "> [https://x.example/2](https://x.example/2)"),
    ],
)  # fmt: skip
def test_what_a_script_would_show_is_shown(html: str, markdown: str) -> None:
    assert converted(html) == f"{markdown}\n"


@pytest.mark.parametrize(
    "said", ["not json", "[]", kept(id=8), kept(url="javascript:x()"), kept(gallery={"images": 1})]
)
def test_what_a_script_would_show_and_nobody_knows_is_reported(said: str) -> None:
    where = media()
    html = f'<p>Words.</p><div data-component-name="PollToDOM" data-attrs="{said}"></div>'
    assert tomarkdown.markdown(html, where)[0] == "Words.\n"
    (note,) = where.notes
    assert note.loss
    assert note.message == "what a script would show is not in the source: PollToDOM"


@pytest.mark.parametrize(
    ("html", "levels"),
    [
        ("<h1>A</h1><h2>B</h2><h3>C</h3><h6>D</h6><h1>E</h1>", [2, 3, 4, 6, 2]),
        ("<h1>A</h1><h3>B</h3>", [2, 3]),
        ("<h2>A</h2><h3>B</h3>", [2, 3]),
    ],
)
def test_a_section_and_its_subsection_are_never_of_one_level(html: str, levels: list[int]) -> None:
    body, _ = tomarkdown.markdown(html, media())
    assert [len(one) for one in re.findall("^#+", body, re.MULTILINE)] == levels


def test_what_substacks_editor_says_above_a_poem_is_no_text() -> None:
    html = (
        '<div class="preformatted-block"><label class="hide-text" contenteditable="false">Text'
        " within this block will maintain its original spacing when published</label><pre class"
        '="text">A\n  line</pre></div><label>Kept</label>'
    )
    assert tomarkdown.markdown(html, media())[0] == "```\nA\n  line\n```\n\nKept\n"
