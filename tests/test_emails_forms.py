"""Emails that look alike are rendered once and filled in: no reader may ever see a difference."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from archives import SETTINGS, article, part
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st
from jinja2 import Environment
from mailing import LOOK_ALIKES, ODD, own_template, settings, write

from pipeline import emails, mjml, plan, text
from pipeline.config import Newsletter
from pipeline.emails import blanks, forms
from pipeline.emails.press import HTML, Press
from pipeline.errors import PartworkError

TITLES = (
    "Short",
    "A title that is a good deal longer than the others are, and says so",
    "Middle",
    "Marks & <signs> \"quoted\" \\ and 'more'",
    "Middling",
    "0",
    ODD,
    *LOOK_ALIKES,
    "&#64982;0&#64982; \\1 \\g<0>",
)


def singles(*told: tuple[str, str]) -> dict[str, str]:
    """Articles outside any series, one a day, each with a title and a summary."""
    return {
        f"{at:02}.md": article(
            f"{title} {at}", f"Words of {at}.", date=f"2026-10-{at:02} 08:00", summary=summary
        )
        for at, (title, summary) in enumerate(told, 1)
    }


def alike(root: Path, titles: Sequence[str] = TITLES, **email: Any) -> Newsletter:
    """Issues of one shape: they differ in what they say alone."""
    daily = settings(**email).replace('every = "week"', 'every = "day"')
    return write(root, singles(*((one, f"On {one}.") for one in titles)), daily)


def issues(of: Newsletter, press: Press | None) -> Iterator[emails.Email]:
    """Every issue of a newsletter, by one press or each by its own."""
    planned = plan.load(of)
    seen, _ = plan.published(planned, planned.catalogue.issues[-1].date)
    for one in seen.issues:
        upcoming = planned.after(one.articles[-1])
        yield emails.render(seen.until(one.date), one, upcoming=upcoming, press=press or Press(of))


@dataclass
class Work:
    """How often mrml was asked."""

    renderings: int = 0


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    work, render = Work(), mjml.to_html

    def counted(source: str) -> str:
        work.renderings += 1
        return render(source)

    monkeypatch.setattr(mjml, "to_html", counted)
    return work


def expect_the_same(of: Newsletter) -> None:
    """Twice by one press, so that every shape is met again, gives what each gives by itself."""
    alone = [*issues(of, None)]
    press = Press(of)
    assert [*issues(of, press)] == alone
    assert [*issues(of, press)] == alone


def test_issues_that_look_alike_are_rendered_once(tmp_path: Path, work: Work) -> None:
    made = [*issues(notes := alike(tmp_path), Press(notes))]
    # The first by itself; the second too, and its form, which has to give the same.
    assert work.renderings == 3
    assert len(made) == len(TITLES)


def test_what_looks_like_a_command_or_a_place_reaches_its_own_reader_alone(tmp_path: Path) -> None:
    expect_the_same(alike(tmp_path, utm=True, greeting="Dear {first_name},"))


def test_the_parts_of_a_long_series_need_a_rendering_for_each_shape(
    tmp_path: Path, work: Work
) -> None:
    notes = write(
        tmp_path,
        {f"{n:02}.md": part(n, f"Title {n}") for n in range(1, 41)},
        settings(SETTINGS.replace("parts = 5", "")),
    )
    expect_the_same(notes)
    work.renderings = 0
    assert len([*issues(notes, Press(notes))]) == 40
    assert work.renderings < 40


@pytest.mark.parametrize("length", ["auto", "summary", "full"])
def test_digests_of_one_shape_say_what_is_theirs(tmp_path: Path, length: str) -> None:
    files = {
        f"{n:02}.md": article(
            f"{TITLES[n % len(TITLES)]} {n}",
            f"Words of {n}.",
            date=f"2026-10-{n:02} 08:00",
            summary=f"On {n}." if n % 2 else "",
        )
        for n in range(1, 29)
    }
    expect_the_same(write(tmp_path, files, settings(length=length)))


_SAID = st.text(max_size=30) | st.sampled_from(
    [*TITLES, "\ufdd6", "\ufdd60\ufdd6", " x ", "\u2003"]
)


@tries(max_examples=30)
@given(st.lists(st.tuples(_SAID, _SAID), min_size=3, max_size=6))
def test_no_issue_says_what_another_says(told: list[tuple[str, str]]) -> None:
    lines = [(text.one_line(title), text.one_line(summary)) for title, summary in told]
    with tempfile.TemporaryDirectory() as folder:
        daily = settings().replace('every = "week"', 'every = "day"')
        expect_the_same(write(Path(folder), singles(*lines), daily))


COMPUTING = [
    "{{ article.title|upper }}",
    "{{ article.title[:5] }}",
    "{{ article.title ~ '!' }}",
    "{{ article.title.split()|last }}",
    "{{ '%s'|format(article.title) }}",
    "{{ 'long' if article.title|length > 20 else 'short' }}",
    "{% if article.title == 'Middle 3' %}mine{% endif %}",
    "{% if 'signs' in article.title %}signs{% endif %}",
    "{% if article.title is string %}said{% endif %}",
    "{% if article.title is iterable %}said{% endif %}",
    "{% for one in article.title %}{{ one }}.{% endfor %}",
    "{% autoescape false %}<b>{{ article.minutes }}</b>{% endautoescape %}",
    "{{ link(article.url, article.title)|length }}",
    "{{ link(article.url, article.title)|striptags }}",
    "{{ link(article.url, article.title).count('e') }}",
    "{{ link(article.url, article.title)[17:50] }}",
    "{{ [link(article.url, article.title), link('a', 'b')]|sort|join }}",
    "{{ [link(article.url, article.title)]|map('length')|join }}",
    "{% set said %}{{ article.title }}{% endset %}{{ said|length }}",
    "{% set said = link(article.url, article.title) %}{{ 'long' if said|length > 150 }}",
    "{% set said = namespace(is=link(article.url, article.title)) %}{{ said.is|length }}",
    "{% set said = {'is': link(article.url, article.title)} %}{{ said.is|length }}",
    "{% filter replace('e', 'E') %}{{ article.title }}{% endfilter %}",
    "{% macro size(of) %}{{ of|length }}{% endmacro %}{{ size(link('a', article.title)) }}",
    "{{ '{:.30}'.format(link('a', article.title)) }}",
    "{{ '{!r}'.format(article.title) }}",
    "{{ words.by.format(author=article.title)|length }}",
    "{% include 'partials/' ~ ('greeting' if article.title|length > 9 else 'list') ~ '.txt.j2' %}",
    "{% include 'partials/greeting.txt.j2' %}",
    "{{ article.minutes.split()|first|int * 2 }}",
]
"""What a template of the author's own may do with what an issue says."""


@pytest.mark.parametrize("does", COMPUTING)
def test_a_template_may_do_with_a_value_what_it_likes(tmp_path: Path, does: str) -> None:
    notes = alike(tmp_path, TITLES[:5])
    own_template(
        notes, "partials/article.mjml.j2", "{{ article.byline }}", f"{does}{{{{ article.byline }}}}"
    )
    expect_the_same(notes)


LATE = [
    "{{ 'long' if link('a', article.title)|length > 300 }}",
    "{{ link('a', article.title)|striptags|truncate(60) }}",
    "{{ link('a', article.title).count('z') }}",
    "{{ 'z' in link('a', article.title) }}",
    "{% for one in link('a', article.title).split('z') %}{{ loop.index }}{% endfor %}",
    "{% set said %}{{ article.title }}{% endset %}{{ 'long' if said|length > 300 }}",
    "{% set said = [link('a', article.title)] %}{{ 'long' if said[0]|length > 300 }}",
    "{% set said = namespace(is=link('a', article.title)) %}{{ 'z' in said.is }}",
    "{% set said = {'is': link('a', article.title)} %}{{ 'z' in said.is }}",
    "{% filter truncate(60) %}{{ article.title }}{% endfilter %}",
    "{% macro mine(of) %}{{ 'z' in of }}{% endmacro %}{{ mine(link('a', article.title)) }}",
    "{% macro mine() %}{{ 'z' in varargs[0] }}{% endmacro %}{{ mine(link('a', article.title)) }}",
    "{% macro mine() %}{{ 'z' in caller() }}{% endmacro %}"
    "{% call mine() %}{{ article.title }}{% endcall %}",
    "{{ words.by.format(author=article.title)|truncate(60) }}",
    "{{ '{:.60}'.format(words.by.format(author=article.title)) }}",
    "{% autoescape false %}<b>{{ article.title|replace('&', '') }}</b>{% endautoescape %}",
    "{% with said = link('a', article.title) %}{{ 'z' in said }}{% endwith %}",
    "{{ 'z' == link('a', article.title)|striptags|last }}",
    "{{ (link('a', article.title) ~ '')|striptags|truncate(60) }}",
]
"""The same, where only a later issue shows that it was done."""


@pytest.mark.parametrize("does", LATE)
def test_a_template_may_look_at_what_its_macros_made(tmp_path: Path, does: str) -> None:
    notes = alike(tmp_path, ["Short", "Brief", "Terse", "A word " * 60 + "& a zzz"])
    own_template(
        notes, "partials/article.mjml.j2", "{{ article.byline }}", f"{does}{{{{ article.byline }}}}"
    )
    expect_the_same(notes)


@pytest.mark.parametrize(
    "attribute",
    ['width="{{ 60 + article.title|length }}px"', 'padding-top="{{ article.title|length }}px"'],
)
def test_a_number_made_of_a_value_reaches_mrml(tmp_path: Path, attribute: str) -> None:
    notes = alike(tmp_path)
    own_template(notes, "partials/article.mjml.j2", "<mj-button ", f"<mj-button {attribute} ")
    expect_the_same(notes)


def test_a_value_that_mrml_reads_is_never_filled_in(tmp_path: Path) -> None:
    notes = write(
        tmp_path,
        {
            f"{n:02}.md": part(n, f"T{n}", image="images/square.png", image_alt=f"It {n}")
            for n in range(1, 20)
        },
        settings(SETTINGS.replace("parts = 5", "")),
    )
    image = (
        '<mj-image src="{{ article.image.url }}" alt="{{ article.image.alt }}"'
        ' width="{{ article.image.width }}px"/>'
    )
    own_template(
        notes, "partials/article.mjml.j2", "{% if article.cut %}", image + "{% if article.cut %}"
    )
    expect_the_same(notes)


def test_the_packaged_templates_lend_themselves_to_forms(tmp_path: Path) -> None:
    from pipeline.emails.plain import plain

    assert plain(Press(write(tmp_path)).env, HTML)


@pytest.mark.parametrize(
    "wrong",
    ["{% if article.title == 'Fifth 5' %}<br>{% endif %}", "<!-- {{ article.summary }} -->"],
    ids=["by a comparison", "by dashes in a comment"],
)
def test_a_template_that_fails_for_one_issue_fails_there(tmp_path: Path, wrong: str) -> None:
    notes = alike(tmp_path, ["First", "Second", "Third", "Fourth", "Fifth"])
    last = notes.articles_dir / "05.md"
    last.write_text(last.read_text().replace("On Fifth.", "On--and on."))
    own_template(notes, "partials/article.mjml.j2", "{{ article.byline }}", wrong)
    made = issues(notes, Press(notes))
    assert [next(made).issue.number for _ in range(4)] == [1, 2, 3, 4]
    with pytest.raises(PartworkError, match=r"article\.mjml\.j2:\d+: this is not XML"):
        next(made)


def test_the_next_press_sees_a_template_that_came_or_changed(tmp_path: Path) -> None:
    notes = alike(tmp_path)
    packaged = next(issues(notes, None)).html
    own_template(notes, "partials/footer.mjml.j2", "{{ footer.reason }}", "Own words.")
    assert "Own words." in next(issues(notes, None)).html
    own_template(notes, "partials/footer.mjml.j2", "{{ footer.reason }}", "Other words.")
    assert "Other words." in next(issues(notes, None)).html
    (notes.root / "email_templates/partials/footer.mjml.j2").unlink()
    assert next(issues(notes, None)).html == packaged


def test_only_so_many_shapes_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "MOST", 3)
    kept = forms.Forms(lambda: True)

    def html(size: int, said: str) -> str:
        values = {"many": [said] * size}
        return kept.html(values, [], lambda given: "".join(map(_print, given["many"])), alone)

    def alone() -> str:
        asked.append(True)
        return "x" * size

    asked: list[bool] = []
    for _ in range(3):
        for size in range(1, 9):
            assert html(size, "x") == "x" * size
    # Three shapes were seen, then made into forms, then filled in.
    assert len(asked) == 8 + 8 + 5
    assert html(2, "y") == "yy"


def _print(value: Any) -> str:
    return str(blanks.printed(value))


# Blanks.

PLAIN = [
    ("{{ a }}", "[0]"),
    ("{{ a }}{{ n }}{{ a }}", "[0][1][0]"),
    ("{% if a and n %}yes{% endif %}{{ a or 'none' }}", "yes[0]"),
    ("{% for one in many %}{{ one }},{% endfor %}", "[2],,"),
    ("{{ '{} & {}'.format(a, n) }}", "[0] &amp; [1]"),
    ("{{ a is none }}", "False"),
    ("{{ many|length }}", "2"),
]
COMPUTED = """
    a|e
    a|upper
    a ~ 'x'
    a + 'x'
    a == 'x'
    'x' == a
    a != 'x'
    a|length
    a.upper()
    a.upper
    a[0]
    a[:1]
    a['x']
    a|attr('x')
    a.nothing is defined
    a.nothing|default('x')
    a|string
    a|safe
    a|trim
    a|list
    a|join
    a|default('x')
    a|replace('a', 'b')
    a|urlize
    a|tojson
    a|pprint
    a|wordcount
    a|first
    a|reverse
    n * 2
    2 * n
    n + 1
    n > 1
    1 < n
    n|abs
    n|int
    n|float
    n|round
    range(n)|list
    n in [3]
    n is even
    n is odd
    n is number
    'x' in a
    a in 'xyz'
    a is string
    a is iterable
    a is sequence
    a is mapping
    a is defined
    a is undefined
    a is lower
    many
    many|join
    many|string
    many|sort
    many|unique|list
    many|map('upper')|list
    many|select('string')|list
    many|tojson
    many|sum
    many|max
    many|pprint
    '%s' % a
    '%d' % n
    '{:>9}'.format(a)
    '{!r}'.format(a)
    '{!s}'.format(a)
    '{0.x}'.format(a)
    {a: 1}
    {'x': a}
    dict(x=a)|string
""".strip().splitlines()


def blanked() -> tuple[Environment, dict[str, Any]]:
    env = Environment(autoescape=True, finalize=blanks.printed)
    return env, blanks.blanked({"a": "Said", "n": 3, "many": ["one", ""]})


@pytest.mark.parametrize(("template", "out"), PLAIN)
def test_a_blank_can_be_printed_and_is_never_empty(template: str, out: str) -> None:
    env, values = blanked()
    made = env.from_string(template).render(values)
    assert forms._PLACE.sub(r"[\2]", made) == out


@pytest.mark.parametrize("expression", COMPUTED)
def test_a_blank_refuses_all_else(expression: str) -> None:
    env, values = blanked()
    template = env.from_string(
        "{{ (" + expression.replace("(in)", " in ").replace("(is)", " is ") + ") }}"
    )
    with pytest.raises((blanks.NotPlainError, TypeError)):
        template.render(values)


def test_an_empty_value_stays_one_and_an_awkward_one_has_no_shape() -> None:
    assert blanks.blanked({"a": "", "n": 0, "b": None}) == {"a": "", "n": 0, "b": None}
    assert blanks.shape({"a": 'x & "y"'}) == ((str,), ["x &amp; &#34;y&#34;"])
    for awkward in (
        "a--b",
        "-x",
        "x-",
        " x",
        "x\n",
        "a\tb",
        "\ufdd6",
        "\ufdd30\ufdd3",
        "\x0b",
        "\u2003x",
        "\ud800",
    ):
        assert blanks.shape({"a": awkward}) is None


def test_mrml_is_handed_no_blank_where_it_reads_a_value() -> None:
    page = (
        '<mjml lang="en" dir="ltr"><mj-body><mj-section><mj-column>'
        '<mj-button href="\ufdd60\ufdd6" {}>x</mj-button>'
        '<mj-text>\ufdd61\ufdd6<a href="\ufdd62\ufdd6">x</a></mj-text>'
        "</mj-column></mj-section></mj-body></mjml>"
    )
    assert mjml.check(page.format(""), "\ufdd6") == ()
    (found,) = mjml.check(page.format('width="\ufdd60\ufdd6px"'), "\ufdd6")
    assert "is read by mrml" in found.message
