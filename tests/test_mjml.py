from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mailing import LOOK_ALIKES, ODD
from markupsafe import escape

from pipeline import mjml, text

SHELL = """<mjml lang="en" dir="ltr">
<mj-head>
  <mj-title>{title}</mj-title>
  <mj-attributes><mj-all font-family="Arial"/></mj-attributes>
  <mj-style>.x>y{{color:#ffffff}}</mj-style>
</mj-head>
<mj-body>
{body}
</mj-body>
</mjml>"""
SECTION = "<mj-section><mj-column>\n{}\n</mj-column></mj-section>"


def source(content: str, title: str = "t") -> str:
    return SHELL.format(title=title, body=SECTION.format(content))


class Read(HTMLParser):
    """A document's attributes by tag and name, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: list[tuple[str, str, str | None]] = []
        self.said: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.values += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def get(self, tag: str, name: str) -> str | None:
        return next((v for t, n, v in self.values if (t, n) == (tag, name)), None)


def expect_everywhere(value: str) -> None:
    """The value reaches the title, the wrapper's label, attributes and text as it is."""
    safe = escape(value)
    content = (
        f'<mj-text>[<a href="{safe}" title="{safe}">{safe}</a>]</mj-text>'
        f'<mj-button href="{safe}">go</mj-button>'
        f'<mj-image src="https://e.example/x.png" alt="{safe}" width="100px"/>'
    )
    page = source(content, title=str(safe))
    assert mjml.check(page) == ()
    read = Read(mjml.to_html(page))
    assert read.get("a", "href") == value
    assert read.get("a", "title") == value
    assert read.get("img", "alt") == value
    assert read.get("div", "aria-label") == value
    assert f"[{value}]" in "".join(read.said)


@given(st.text(min_size=1))
def test_any_value_reaches_attributes_title_and_text_as_typed(value: str) -> None:
    line = text.one_line(value)
    if line:
        expect_everywhere(line)


@pytest.mark.parametrize("value", [ODD, *LOOK_ALIKES, "\\", '"', "a\u00a0b", "\ufdd1x\ufdd2"])
def test_what_mrml_is_known_to_spoil_stays_whole(value: str) -> None:
    expect_everywhere(value)


def test_a_reference_that_an_author_typed_stays_typed() -> None:
    html = mjml.to_html(source(f"<mj-text>{escape('&#64977;x&#64978;')}</mj-text>"))
    assert "&amp;#64977;x&amp;#64978;" in html
    assert "\ufdd1" not in html


def test_a_line_break_between_two_words_stays_a_space() -> None:
    html = mjml.to_html(source("<mj-text><b>one</b>\n\t<i>two</i></mj-text>"))
    assert "<b>one</b> <i>two</i>" in html


def test_windows_line_ends_and_spaces_in_the_head_are_read() -> None:
    page = (
        source("<mj-text>x</mj-text>")
        .replace("\n", " \r\n ")
        .replace("</mj-title>", "</mj-title> ")
    )
    assert ">x</div>" in mjml.to_html(page)


def test_no_web_font_is_added() -> None:
    page = source('<mj-text font-family="Roboto, Ubuntu, Open Sans">x</mj-text>')
    assert "fonts.googleapis" not in mjml.to_html(page)


def test_rendering_twice_gives_the_same() -> None:
    page = source(f"<mj-text>{escape(ODD)}</mj-text>")
    assert mjml.to_html(page) == mjml.to_html(page)


WRONG = {
    "unknown element": ("<mj-txet>x</mj-txet>", "<mj-txet> inside <mj-column> is left out"),
    "unknown attribute": ('<mj-text colour="#ffffff">x</mj-text>', "no attribute colour"),
    "nested wrongly": ("<mj-column></mj-column>", "<mj-column> inside <mj-column> is left out"),
    "MJML inside HTML": ("<mj-text><mj-button>x</mj-button></mj-text>", "stands inside HTML"),
    "short colour": ('<mj-text color="#fff">x</mj-text>', "'#fff'"),
    "no alt": ('<mj-image src="https://e.example/x" width="10px"/>', "no alt"),
    "no width": ('<mj-image src="https://e.example/x" alt=""/>', "no usable width"),
    "too wide": ('<mj-image src="https://e.example/x" alt="" width="700px"/>', "no usable width"),
    "social": ("<mj-social></mj-social>", "<mj-social> does not work in mail"),
    "table": ("<mj-table></mj-table>", "<mj-table> does not work in mail"),
    "include": ('<mj-include path="x"/>', "<mj-include> does not work in mail"),
    "unclosed tag": ("<mj-text><p>x</mj-text>", "mismatched tag"),
    "unclosed br": ("<mj-text>a<br>b</mj-text>", "mismatched tag"),
    "bare <": ("<mj-text>a < b</mj-text>", "not well-formed"),
    "unquoted": ("<mj-text align=left>x</mj-text>", "not well-formed"),
    "entity": ("<mj-text>a&nbsp;b</mj-text>", "undefined entity"),
    "CDATA": ("<mj-text><![CDATA[x]]></mj-text>", "CDATA"),
}


@pytest.mark.parametrize(("content", "said"), WRONG.values(), ids=WRONG)
def test_what_mrml_would_pass_in_silence_is_named_at_its_place(content: str, said: str) -> None:
    page = source(f"<mj-text>fine</mj-text>\n{content}")
    found = mjml.check(page)
    assert any(said in one.message for one in found), found
    assert page.count("\n", 0, found[0].at) == page.count("\n", 0, page.index(content))
    assert all(one.remedy for one in found)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('lang="en"', 'lang="und"', "no lang"),
        ('lang="en" ', "", "no lang"),
        ('dir="ltr"', 'dir="auto"', "no dir"),
        ("<mj-all", "<!-- note --><mj-all", "comment"),
        ("<mj-style>", '<mj-style inline="inline">', "no attribute inline"),
        ("<mj-title>", "<mj-preview>x</mj-preview><mj-title>", "<mj-preview> does not work"),
        ("<mj-title>", "<mj-font/><mj-title>", "<mj-font> does not work"),
        ("<mjml", "<!DOCTYPE mjml><mjml", "DOCTYPE"),
    ],
)
def test_a_head_that_mrml_cannot_use_is_refused(before: str, after: str, said: str) -> None:
    found = mjml.check(source("<mj-text>x</mj-text>").replace(before, after))
    assert any(said in one.message for one in found), found


@pytest.mark.parametrize("count", [mjml.MAX_DEPTH, 100_000])
def test_nesting_that_would_kill_mrml_is_refused_first(count: int) -> None:
    page = source("<mj-text>" + "<b>" * count + "x" + "</b>" * count + "</mj-text>")
    assert "nests without end" in mjml.check(page)[-1].message


def test_a_template_of_too_many_elements_is_refused() -> None:
    page = source("<mj-text>" + "<br/>" * mjml.MAX_ELEMENTS + "</mj-text>")
    assert "far too long" in mjml.check(page)[-1].message
