from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from lint.good import Letter, findings
from pipeline.lint import colour, css
from pipeline.lint.document import Document, is_outlook
from pipeline.lint.looks import looks
from pipeline.lint.selectors import selector

PAGE = (
    '<div id="a" class="x y"><p class="z">one <b>two</b></p><p>three</p>'
    '<a href="https://x.example" target="_blank">four</a></div>'
)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("mso", True),
        ("!mso", False),
        ("mso | IE", True),
        ("IE", False),
        ("mso & IE", False),
        ("!mso & !IE", False),
        ("lte mso 11", False),
        ("gte mso 9", True),
        ("mso 16", True),
        ("gt mso 16", False),
        ("lt mso 17", True),
        ("(gte mso 9)|(IE)", True),
        ("!(gte mso 9)", False),
        ("(IE)&(mso | !IE)", False),
        ("", False),
        ("mso mso", False),
        ("vml", False),
    ],
)
def test_a_condition_holds_in_outlook_or_not(condition: str, holds: bool) -> None:
    assert is_outlook(condition) is holds


def test_outlook_sees_its_own_parts_and_not_those_of_others() -> None:
    document = Document(
        "a<!--[if mso | IE]><b>b</b><![endif]--><!--[if lte mso 11]>old<![endif]-->"
        "<!--[if !mso]><!--><i>c</i><!--<![endif]--><!--[if !mso]><!-- -->d<!-- <![endif]-->"
        "<![if !mso]>e<![endif]><!-- plain -->f"
    )
    assert document.outlook == "a<b>b</b>e<!-- plain -->f"
    assert document.body.text_content() == "acdef"


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("p", ["p", "p"]),
        ("*", ["div", "p", "b", "p", "a"]),
        (".x.y p", ["p", "p"]),
        ("div > b", []),
        ("div b", ["b"]),
        ("#a>p+p", ["p"]),
        ("p ~ a", ["a"]),
        ("p + a", ["a"]),
        ("a[href]", ["a"]),
        ("a[target='_blank']", ["a"]),
        ("[href^=https][href$='.example']", ["a"]),
        ("[href*=ftp]", []),
        ("[class~=y]", ["div"]),
        ("[data-ogsc] p", []),
        ("A:link", ["a"]),
        ("a:hover", []),
        ("p::before", []),
        ("p,", []),
        ("", []),
        ("p[", []),
        ("?", []),
    ],
)
def test_a_selector_means_what_css_says(written: str, found: list[str]) -> None:
    body = lxml_html.fragment_fromstring(PAGE)
    meant = selector(written)
    matched = [one.tag for one in body.iter() if meant is not None and meant.matches(one)]
    assert matched == found


def test_the_weightier_rule_wins_and_importance_over_all() -> None:
    page = (
        "<style>.m div{color:#111111}div{color:#222222}#i{color:#333333!important}"
        "@media (prefers-color-scheme:dark){.m div{color:#444444!important}}"
        "@media print{div{color:#555555!important}}</style>"
        '<body class="m"><div>a</div><div style="color:#666666">b</div>'
        '<div id="i" style="color:#777777">c</div></body>'
    )
    document = Document(page)
    light = [str(look.text) for one, look in looks(document, "light").items() if one.tag == "div"]
    dark = [str(look.text) for one, look in looks(document, "dark").items() if one.tag == "div"]
    assert light == ["#111111", "#666666", "#333333"]
    assert dark == ["#444444", "#444444", "#333333"]


def test_a_shorthand_takes_the_place_of_what_came_before() -> None:
    document = Document(
        "<style>@media (prefers-color-scheme:dark){div{background:#101010!important}}</style>"
        '<div style="background:#ffffff;background-color:#eeeeee">a</div>'
    )
    grounds = [
        str(look.ground)
        for scheme in ("light", "dark")
        for one, look in looks(document, scheme).items()  # type: ignore[arg-type]
        if one.tag == "div"
    ]
    assert grounds == ["#eeeeee", "#101010"]


def test_a_mail_made_for_dark_schemes_begins_on_a_dark_ground() -> None:
    words = "<body><p>a</p></body>"
    claims = '<meta name="color-scheme" content="light dark">'
    plain, dark = Document(words), Document(claims + words)
    assert {str(look.ground) for look in looks(plain, "dark").values()} == {"#ffffff"}
    assert {str(look.ground) for look in looks(dark, "dark").values()} == {"#121212"}
    assert {str(look.ground) for look in looks(dark, "light").values()} == {"#ffffff"}


@pytest.mark.parametrize(
    ("style", "size", "spacing"),
    [
        ("font-size:20px;line-height:1.5", 20, 1.5),
        ("line-height:30px;font-size:20px", 20, 1.5),
        ("line-height:150%", 16, 1.5),
        ("font-size:1.5em", 24, None),
        ("font-size:12pt", 16, None),
        ("font-size:50%", 8, None),
        ("font:italic bold 20px/1.2 Arial, sans-serif", 20, 1.2),
        ("font-size:large;line-height:normal", 18, None),
        ("font-size:x;line-height:y", 16, None),
    ],
)
def test_sizes_and_line_heights_are_computed(
    style: str, size: float, spacing: float | None
) -> None:
    document = Document(f'<p style="{style}">a</p>')
    look = next(look for one, look in looks(document, "light").items() if one.tag == "p")
    assert look.size == pytest.approx(size)
    assert look.spacing == (spacing if spacing is None else pytest.approx(spacing))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("#FFF", "#ffffff"),
        ("#1f5c57", "#1f5c57"),
        ("rebeccapurple", "#663399"),
        ("rgb(1, 2,3)", "#010203"),
        ("rgb(1 2 3 / 100%)", "#010203"),
        ("hsl(0, 100%, 50%)", "#ff0000"),
    ],
)
def test_a_colour_is_read_however_it_is_written(value: str, shown: str) -> None:
    assert str(colour.parse(value)) == shown


@pytest.mark.parametrize("value", ["inherit", "#12", "url(x)", "", "rgb(1,2)", "none", "\x00"])
def test_what_is_no_colour_is_none(value: str) -> None:
    assert colour.parse(value) is None


def test_a_colour_that_lets_its_ground_through_is_mixed_with_it() -> None:
    half = colour.parse("rgba(0,0,0,.5)")
    assert half is not None
    assert str(half.over(colour.WHITE)) == "#808080"


def test_contrast_is_that_of_wcag() -> None:
    assert colour.contrast(colour.BLACK, colour.WHITE) == pytest.approx(21)
    grey = colour.parse("#767676")
    assert grey is not None
    assert colour.contrast(grey, colour.WHITE) == pytest.approx(4.54, abs=0.01)
    assert colour.contrast(colour.WHITE, grey) == colour.contrast(grey, colour.WHITE)


def test_a_style_element_is_read_with_its_at_rules() -> None:
    read = css.sheet(
        "/* p{x:y} */@import url(a;b);@media (min-width:480px){a,b>c{COLOR:Red !important;x}}"
        '@font-face{src:url("a;b")}p{background:url(data:x;y);color:blue}} q{a:b}'
    )
    assert read.at_rules == ("@import url(a;b)", "@media (min-width:480px)", "@font-face")
    assert [rule.selectors for rule in read.rules] == [("a", "b>c"), ("p",), ("} q",)]
    assert read.rules[0].declarations == (css.Declaration("color", "red", True),)
    assert [one.name for one in read.rules[1].declarations] == ["background", "color"]


@pytest.mark.parametrize(
    ("query", "light", "dark"),
    [
        ("screen", True, True),
        ("print", False, False),
        ("only screen and (min-width: 480px)", True, True),
        ("only screen and (max-width:479px)", False, False),
        ("(prefers-color-scheme: dark)", False, True),
        ("(prefers-color-scheme: light)", True, False),
        ("screen and (prefers-color-scheme: dark), print", False, True),
        ("not print", True, True),
        ("(hover)", False, False),
        ("(min-width: 30em)", False, False),
    ],
)
def test_a_media_query_holds_on_a_screen_of_a_mails_width(
    query: str, light: bool, dark: bool
) -> None:
    within = (f"@media {query}",)
    assert (css.applies(within, "light"), css.applies(within, "dark")) == (light, dark)


markup = st.lists(
    st.sampled_from(
        [
            "<table>",
            "</td>",
            "<a href='",
            '<p style="',
            "'>",
            '">',
            "<style>",
            "</style>",
            "<!--[if mso]>",
            "<![endif]-->",
            "<!--[if !mso]><!-->",
            "@media (",
            "{color:#fff!important}",
            "font-size:9px;line-height:0",
            ".p>a:not(x)",
            "\ufdd1unsubscribe_url\ufdd2",
            "&#146;",
            "<img src=//[",
            "<h3>",
            "\udcff",
            "\x00",
        ]
    )
    | st.text(max_size=8)
).map("".join)


@settings(max_examples=200, deadline=None)
@given(markup, markup)
def test_no_html_and_no_text_stops_the_lint(html: str, text: str) -> None:
    found = findings(Letter("Subject", "A preheader of some length, long enough.", html, text))
    assert any(one.rule in ("title", "unsubscribe") for one in found)
