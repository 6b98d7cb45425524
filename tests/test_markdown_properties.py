"""What holds for every text an author could type: in HTML, on pages, in feeds, in mail, as text."""

from __future__ import annotations

import re
from collections.abc import Iterator

import html5lib
import pyromark
import pytest
from desk import PAGES, ROOT_URL, Desk
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.markdown import MAIL_TAGS, for_feed, for_mail, for_web
from pipeline.markdown.events import _parser
from pipeline.markdown.sanitise import TAGS, sanitise
from pipeline.plaintext.wrap import columns
from pipeline.text import clean

PIECES = (
    "# ", "## ", "> ", "- ", "1. ", "    ", "\n", "\n\n", "  \n", "\\", "* ", "**", "_", "`",
    "```\n", "~~", "[", "](gone.md)", "](02-second.md#a)", "](a%20b.pdf)", "![",
    '](images/chart.png "T")',
    "[x](javascript:alert(1))", "https://e.org/a_b", "www.e.org", "a@e.org", "<https://e.org>",
    "[^1]", "[^1]: ", "| a | b |\n|---|:-:|\n", "|", "> [!NOTE]\n", "- [ ] ", "term\n: def\n",
    "{#id}", "---", "&amp;", "&#1;", "&#xfdd0;", "&lt;b&gt;", "*|X|*", '{{ "a" }}', "{% x %}",
    "<b>", "</b>", "<div>", "</div>", "<p>", "</p>", "<a href='gone.md'>", "<a href=//e.org>",
    "</a>", "<a id=x>", "<table>", "<tr><td>", "</table>", "<ul><li>", "<li>", "<dl><dd>", "<pre>",
    "<br/>", "<h1 id=a>", "<sup>", "</sup>", "<q>",
    "<ruby>", "<rt>", "<details>", "<summary>", "<script>", "</script>",
    "<style>", "<svg>", "</svg>", "<math>", "<iframe src=//a.b>", "</iframe>", "<video>",
    "<source src=x>", "<textarea>", "<select>", "<title>", "<template>", "<plaintext>",
    "<img src=images/chart.png alt=a onerror=alert(1)>", "<img src=javascript:x>", "<!--", "-->",
    "<![CDATA[", "]]>", "<?x", "<b", '="', "'", '"', "<", ">", "中文", "😀", "\u200d", "\u202e",
    "\x00", "\ufdd0", "\ufdd3", "\r\n", "\t", "\xa0", "“", "word ", "x" * 90,
)  # fmt: skip
anything = st.lists(
    st.one_of(*[st.sampled_from(PIECES)] * 3, st.text(max_size=8)), max_size=25
).map(lambda pieces: clean("".join(pieces)))
ordinary = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("newsletter"))


def derived(desk: Desk, text: str) -> Iterator[tuple[str, str]]:
    body, _ = desk.render(text)
    styles = dict.fromkeys(MAIL_TAGS, "color:#222222")
    for visible in (PAGES, PAGES[:1]):
        yield "web", for_web(body, "articles/first/", visible)
        yield "issue", for_web(body, "issues/001-x/", visible)
        yield "feed", for_feed(body, ROOT_URL, "articles/first/", visible)
        yield "mail", for_mail(body, ROOT_URL, styles, visible)


@given(text=anything, smart=st.booleans())
def test_an_event_has_the_same_number_whether_or_not_its_place_is_asked_for(
    text: str, smart: bool
) -> None:
    """Lines are looked up by it."""
    parser = _parser(smart)
    placed = [event for event, _ in parser.events_with_range(clean(text), merge_text=True)]
    assert list(parser.events(clean(text), merge_text=True)) == placed


@given(text=anything)
@ordinary
def test_whatever_is_typed_becomes_valid_html_without_anything_active(
    desk: Desk, text: str
) -> None:
    for kind, html in derived(desk, text):
        assert not re.search("[\ufdd0-\ufdef\x00-\x08]", html)
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        tree = parser.parseFragment(html)
        assert parser.errors == [], (kind, html)
        ids = [element.attrib["id"] for element in tree.iter() if "id" in element.attrib]
        assert len(ids) == len(set(ids)), (kind, html)
        for element in tree.iter():
            assert element.tag in TAGS | {"DOCUMENT_FRAGMENT"}
            for name, value in element.attrib.items():
                assert not name.startswith("on")
                if name in {"href", "src"}:
                    near = r"\.\./|#" if kind in {"web", "issue"} else "$."
                    assert re.match(rf"https?:|mailto:|{near}", value), (kind, html)


@given(text=anything)
@example(text="# <table><h1 id=a>")
@example(text="<li><details><li>")
@ordinary
def test_a_bodys_html_reads_as_it_stands(desk: Desk, text: str) -> None:
    html = desk.render(text)[0].html
    assert sanitise(html) == html


@given(text=anything)
@ordinary
def test_every_problem_has_a_line_of_the_article(desk: Desk, text: str) -> None:
    for problem in desk.render(text)[1]:
        assert problem.line is not None
        assert 11 <= problem.line <= 11 + text.count("\n")
        assert "\n" not in str(problem)


@given(text=anything)
@ordinary
def test_rendering_twice_gives_the_same(desk: Desk, text: str) -> None:
    assert desk.render(text) == desk.render(text)
    assert desk.text(text) == desk.text(text)


@given(text=anything)
@ordinary
def test_lines_of_plain_text_fit_but_for_code_and_urls(desk: Desk, text: str) -> None:
    shown = desk.text(text)
    assert not re.search("[\ufdd0-\ufdef\x00-\x08]", shown)
    for line in shown.split("\n"):
        assert line == line.rstrip(" ")
        assert columns(line) <= 76 or "://" in line or "    " in line


# The core of CommonMark against the parser's own HTML: everything that we don't add to.
core = st.recursive(
    st.sampled_from(
        ["word", "*a* b", "**c**", "`d`", "e\\\nf", "g\nh", "---", "    i", "```\nj\n```"]
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("\n\n".join),
        st.tuples(st.sampled_from(["> ", "- ", "1. ", "7) "]), inner).map(
            lambda both: (
                both[0] + both[1].replace("\n", "\n" + " >"[both[0] == "> "].ljust(len(both[0])))
            )
        ),
        st.lists(inner, min_size=2, max_size=3).map("\n".join),
    ),
    max_leaves=8,
)


@given(text=core)
@ordinary
def test_commonmark_comes_out_as_the_parser_writes_it(desk: Desk, text: str) -> None:
    options = pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_GFM
    expected = sanitise(pyromark.html(text + "\n", options=options))
    plain = re.sub(' id="[^"]*"', "", desk.plain().body(text + "\n").html)
    assert re.sub(r"\s+(?=<)|(?<=>)\s+", "", plain).replace("<h2>", "<h1>") == re.sub(
        r"\s+(?=<)|(?<=>)\s+", "", expected
    ).replace("<h2>", "<h1>")


# Words that are typed, whatever stands around them, are there to read.
WORDS = ["alpha", "beta", "gamma", "delta"]
around = st.sampled_from(
    ["{}", "*{}*", "**{}**", "~~{}~~", "`{}`", "[{}](02-second.md)", "[{}](https://e.org)",
     "![{}](images/chart.png)", '![x](images/chart.png "{}")', "<b>{}</b>",
     "<span title=x>{}</span>", "## {}", "- {}", "1. {}", "- [x] {}", "> {}", "> [!TIP]\n> {}",
     "{}\n: def", "term\n: {}",
     "| {} | b |\n|---|---|\n| c | d |", "| a | b |\n|---|---|\n| c | {} |", "    {}",
     "```\n{}\n```", "<div>\n{}\n</div>", "<table><tr><td>{}</table>", "note[^1]\n\n[^1]: {}",
     "> - > {}", "*|{}|*", "{{{{ {} }}}}"],
)  # fmt: skip


@given(shapes=st.lists(around, min_size=4, max_size=4))
@ordinary
def test_every_word_reaches_the_reader(desk: Desk, shapes: list[str]) -> None:
    text = "\n\n".join(shape.format(word) for shape, word in zip(shapes, WORDS, strict=True))
    shown = [html for _, html in derived(desk, text)] + [desk.text(text)]
    for word in WORDS:
        # Only a footnote that another with its name goes before is not shown.
        if text.count("[^1]: ") < 2:
            assert all(word in one for one in shown), word
