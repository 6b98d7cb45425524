"""Django's, Liquid's and Handlebars' templates: what an article says of them arrives as typed."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import pytest
from fake_templates import (
    BadTemplateError,
    Facts,
    django,
    handlebars,
    liquid,
    rendered,
    seen,
    words,
)
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline import merge, text
from pipeline.merge import MergePoint
from pipeline.services import braces
from pipeline.services.named import key_in
from pipeline.services.readback import shows

Render = Callable[[str, Facts], str]
LANGUAGES: list[tuple[Render, str]] = [
    (django, '{{ name|default:"reader" }}'),
    (liquid, '{{ name | default: "reader" }}'),
    (handlebars, "{{{name|reader}}}"),
]
languages = pytest.mark.parametrize(("render", "tag"), LANGUAGES)
typed_text = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("{}%#|!-\"'\\ "), max_size=30
).map(text.clean)


@pytest.mark.parametrize(
    ("render", "typed"),
    [
        (django, "{{ name }}"),
        (django, "{% if x %}"),
        (django, "{# note #}"),
        (liquid, "{{ name }}"),
        (liquid, "{% if x %}"),
        (handlebars, "{{ name }}"),
        (handlebars, "{{{name}}}"),
    ],
)
def test_the_languages_do_take_such_text_for_their_own(render: Render, typed: str) -> None:
    try:
        shown = render(typed, {"name": "Ada"})
    except BadTemplateError:
        shown = ""
    assert shown != typed


@languages
@pytest.mark.parametrize("how", ["reparsed", "as it is"])
@given(before=typed_text, after=typed_text, quoted=typed_text)
@example(before="{", after="}", quoted="{{ name }}")
@example(before="{% if name %}", after="{# note #}{{", quoted="{%")
@example(before="{{{{ x }}}}", after="}}}", quoted="{ {")
def test_html_shows_what_was_typed_around_tags_too(
    render: Render, tag: str, how: str, before: str, after: str, quoted: str
) -> None:
    point = MergePoint.FIRST_NAME
    link = escape(quoted.replace("%", ""))
    document = (
        f"<!doctype html><html><head><title>{escape(before)}</title>"
        "<style>@media print{{#a{b:c}}}</style></head><body>"
        f'<p>{escape(before)}{point.neutral}{escape(after)}</p><img alt="{escape(quoted)}" src="x">'
        f'<a href="https://example.org/?{link}">x</a>'
        f"<!--[if mso]><i>{escape(before).replace('-', '')}</i><![endif]--></body></html>"
    )
    source = braces.fill_html(document, {point: tag})
    shown = rendered(render, source, {"name": "Ada"}, how)
    assert words(shown) == words(merge.fill(document, {point: "Ada"}))
    assert "Ada" in shown
    assert shows(document, shown)


@languages
@given(before=typed_text, after=typed_text)
@example(before="{", after="}")
@example(before="Django's {% block %} and {{ name }}", after="{{{")
def test_plain_text_shows_what_was_typed(render: Render, tag: str, before: str, after: str) -> None:
    point = MergePoint.FIRST_NAME
    source = braces.fill_text(f"{before}{point.neutral}{after}", {point: tag})
    assert seen(render(source, {"name": "Ada"})) == seen(f"{before}Ada{after}")


@languages
def test_a_reader_without_a_name_gets_the_word_instead(render: Render, tag: str) -> None:
    assert render(f"Dear {tag},", {"name": ""}) == "Dear reader,"


@given(typed_text)
def test_text_without_such_pairs_is_left_as_it_is(typed: str) -> None:
    plain = typed.replace("{", "")
    assert braces.plain(plain) == plain


@pytest.mark.parametrize(
    ("rendering", "faithful"),
    [
        ("<body><p>Dear Ada read</p><p>this. Goodbye</p>Unsubscribe</body>", True),
        ("<body><p>Dear Ada read</p><p>Goodbye</p></body>", False),
        ("<body><p>read this. Goodbye</p><p>Dear Ada</p></body>", False),
        ("", False),
    ],
)
def test_a_rendering_shows_all_words_in_their_order(rendering: str, faithful: bool) -> None:
    document = f"<style>p{{}}</style><p>Dear {MergePoint.FIRST_NAME.neutral} read</p><p>this.</p>"
    assert shows(document, rendering) is faithful


def test_a_key_is_found_in_a_name_and_only_there() -> None:
    issue, other = "partwork-" + "a" * 16, "partwork-" + "b" * 16
    found = key_in(f"Letters 7 [{issue}-{'c' * 16}]", issue)
    assert found is not None
    assert str(found) == f"{issue}-{'c' * 16}"
    assert key_in(f"Letters 7 [{issue}-{'c' * 16}]", other) is None
    assert key_in(None, issue) is None
