from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from folders import ROOT
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from markupsafe import Markup

from pipeline import templating
from pipeline.config import Author, Newsletter
from pipeline.errors import PartworkError, Problem
from pipeline.tables import parse


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "page_templates"
    folder.mkdir()
    return folder


def newsletter(root: Path) -> Newsletter:
    table, _ = parse("newsletter.toml", b"")
    return Newsletter(
        root=root,
        table=table,
        title="T",
        url="https://example.org/",
        description="D",
        author=Author(name="A"),
    )


def problem(own: Path, files: dict[str, str], **values: object) -> Problem:
    for name, text in files.items():
        (own / name).write_text(text, encoding="utf-8")
    env = templating.environment([own], root=own.parent)
    with pytest.raises(PartworkError) as raised:
        templating.render(env, "page.html.j2", **values)
    (found,) = raised.value.problems
    return found


@pytest.mark.parametrize(
    ("files", "place", "message"),
    [
        ({}, "page.html.j2", "no template named page.html.j2"),
        ({"page.html.j2": "a\n{% if %}\n"}, "page_templates/page.html.j2:2", "Expected"),
        ({"page.html.j2": "a\n\n{{ b"}, "page_templates/page.html.j2:3", "unexpected end"),
        ({"page.html.j2": "a\n{{ titel }}"}, "page_templates/page.html.j2:2", "'titel'"),
        ({"page.html.j2": "{{ 1 / 0 }}"}, "page_templates/page.html.j2:1", "division by zero"),
        ({"page.html.j2": "\n{% include 'page.html.j2' %}"}, "page.html.j2:2", "Recursion"),
        (
            {"page.html.j2": "\n{% include 'gone.j2' %}"},
            "page_templates/page.html.j2:2",
            "no template named gone.j2",
        ),
        (
            {"page.html.j2": "{% include 'in.j2' %}", "in.j2": "\n\n{{ x.y }}"},
            "page_templates/in.j2:3",
            "'x'",
        ),
        (
            {"page.html.j2": "{% extends 'in.j2' %}", "in.j2": "\n{% endif %}"},
            "page_templates/in.j2:2",
            "endif",
        ),
    ],
)
def test_an_error_in_a_template_names_its_file_and_line(
    own: Path, files: dict[str, str], place: str, message: str
) -> None:
    found = problem(own, files)

    assert str(found).partition(": ")[0].endswith(place)
    assert message in found.message
    assert found.remedy


def test_a_template_that_is_not_utf8_is_named(own: Path) -> None:
    (own / "page.html.j2").write_bytes(b"caf\xe9")

    found = problem(own, {})

    assert (found.path, found.message) == (
        "page_templates/page.html.j2",
        "the template is not UTF-8",
    )


def test_a_template_that_is_not_utf8_is_named_and_not_the_one_that_asks_for_it(own: Path) -> None:
    (own / "base.html.j2").write_bytes(b"caf\xe9")
    (own / "page.html.j2").write_text("\n{% extends 'base.html.j2' %}")

    found = problem(own, {})

    assert (found.path, found.line, found.message) == (
        "page_templates/base.html.j2",
        None,
        "the template is not UTF-8",
    )


def test_a_piece_that_a_template_of_ones_own_lacks_is_named_with_its_template(own: Path) -> None:
    (own / "frame.html.j2").write_text("{% macro top() %}{% endmacro %}")
    (own / "page.html.j2").write_text("{% import 'frame.html.j2' as frame %}\n{{ frame.foot() }}")

    assert problem(own, {}).message == "there is no `foot` in frame.html.j2"
    with pytest.raises(PartworkError) as raised:
        templating.macro(templating.environment([own]), "frame.html.j2", "foot")
    (found,) = raised.value.problems
    assert (found.path, found.message) == ("page_templates/frame.html.j2", "there is no `foot`")


def test_an_error_in_a_packaged_template_says_that_it_is_packaged(tmp_path: Path) -> None:
    env = templating.environment([templating.PACKAGE / "page_templates"], root=tmp_path)

    with pytest.raises(PartworkError, match=r"^packaged base\.html\.j2:4: 'page'"):
        templating.render(env, "article.html.j2")


def test_a_template_outside_the_newsletters_folder_is_named_after_its_own(own: Path) -> None:
    (own / "page.html.j2").write_text("{{ x }}")
    env = templating.environment([own])

    with pytest.raises(PartworkError, match=r"^page_templates/page\.html\.j2:1: 'x'"):
        templating.render(env, "page.html.j2")


def test_the_projects_own_folder_wins_file_by_file(own: Path, tmp_path: Path) -> None:
    packaged = tmp_path / "packaged"
    packaged.mkdir()
    (packaged / "page.html.j2").write_text("packaged {% include 'in.j2' %}")
    (packaged / "in.j2").write_text("packaged")
    (own / "in.j2").write_text("own")

    assert templating.render(templating.environment([own, packaged]), "page.html.j2") == (
        "packaged own"
    )


@given(st.text())
def test_a_value_is_escaped_and_never_read_as_a_template(value: str) -> None:
    env = templating.environment([])
    hostile = value + "{{ 7 * 7 }}{% raise %}<b>&\"'"

    html = env.from_string("{{ value }}").render(value=hostile)

    assert "{{ 7 * 7 }}{% raise %}&lt;b&gt;&amp;&#34;&#39;" in html
    assert "<" not in html


class Bold(Markup):
    """Markup of somebody's own."""

    def __html__(self) -> str:
        return f"<b>{self}</b>"


class Shown:
    """Something that is no text and knows its HTML."""

    def __html__(self) -> str:
        return "<i>&</i>"


@given(
    value=st.one_of(
        st.text(),
        st.builds(Markup, st.text()),
        st.builds(Bold, st.text()),
        st.just(Shown()),
        st.none() | st.booleans() | st.integers() | st.floats(),
    ),
    finalize=st.sampled_from([None, lambda value: "" if value is None else value]),
)
def test_every_value_is_printed_as_jinja_prints_it(
    value: object, finalize: Callable[[object], object] | None
) -> None:
    text = (
        "{% macro m(x) %}<{{ x }}>{{ x ~ x }}{% endmacro %}"
        "{{ x }}{{ m(x) }}{% autoescape false %}{{ x }}{% endautoescape %}"
        "{% for one in [x] %}{{ one | string }}{% endfor %}"
    )
    theirs = Environment(autoescape=True)
    ours = templating.environment([])
    printed = []
    for env in (theirs, ours):
        env.finalize = finalize
        printed.append(env.from_string(text).render(x=value))
    assert printed[0] == printed[1]


def test_plain_text_templates_are_not_escaped_for_html(own: Path) -> None:
    (own / "page.txt.j2").write_text("{{ value }}")
    (own / "page.html.j2").write_text("{{ value }}")
    env = templating.environment([own])

    assert templating.render(env, "page.txt.j2", value="A & B") == "A & B"
    assert templating.render(env, "page.html.j2", value="A & B") == "A &amp; B"


def test_a_name_that_climbs_out_of_the_folders_is_no_template(own: Path) -> None:
    (own.parent / "secret.html.j2").write_text("secret")
    env = templating.environment([own], root=own.parent)

    with pytest.raises(PartworkError, match="no template named"):
        templating.render(env, "../secret.html.j2")


def test_a_file_taken_verbatim_is_never_compiled(own: Path) -> None:
    (own / "style.css").write_text("a{{b}}")
    env = templating.environment([own])

    assert templating.verbatim(env, "style.css") == "a{{b}}"


def test_a_newsletters_folders_come_before_the_packaged_ones(tmp_path: Path) -> None:
    settings = replace(newsletter(tmp_path), templates="design/mail")

    assert templating.page_folders(settings)[0] == tmp_path.resolve() / "page_templates"
    assert (templating.page_folders(settings)[-1] / "base.html.j2").is_file()
    assert templating.email_folders(settings)[0] == tmp_path.resolve() / "design/mail"
    assert templating.email_folders(settings)[-1].is_dir()


def test_a_newsletter_whose_folder_is_the_packaged_one_looks_there_once() -> None:
    checkout = templating.PACKAGE.parent

    assert len(templating.email_folders(newsletter(checkout))) == 1


# What templates compiled to is kept for the next process.


def template_in(root: Path, text: str) -> Path:
    folder = root / "own"
    folder.mkdir()
    (folder / "a.html.j2").write_text(text)
    return folder / "a.html.j2"


def rendered_in(folder: Path, temporary: Path) -> str:
    """What a process of its own makes of the template `a.html.j2`."""
    code = (
        "from pathlib import Path; from pipeline.templating import environment, render\n"
        f"print(render(environment([Path({str(folder)!r})]), 'a.html.j2', who='<b>'), end='')"
    )
    return subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_a_template_that_changed_is_compiled_again_whatever_its_date(tmp_path: Path) -> None:
    template = template_in(tmp_path, "1 {{ who }}")
    assert rendered_in(template.parent, tmp_path) == "1 &lt;b&gt;"
    status = template.stat()
    assert rendered_in(template.parent, tmp_path) == "1 &lt;b&gt;"
    template.write_text("2 {{ who }}")
    os.utime(template, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert rendered_in(template.parent, tmp_path) == "2 &lt;b&gt;"


def test_what_was_compiled_lies_in_a_folder_of_the_users_own(tmp_path: Path) -> None:
    template = template_in(tmp_path, "1")
    rendered_in(template.parent, tmp_path)
    (made,) = tmp_path.glob("_jinja2-cache-*")
    assert made.stat().st_mode & 0o777 == 0o700
    assert [one.name.startswith("partwork-") for one in made.iterdir()] == [True]


@pytest.mark.parametrize("spoilt", [b"", b"nonsense"])
def test_compiled_code_that_is_spoilt_is_made_anew(spoilt: bytes, tmp_path: Path) -> None:
    template = template_in(tmp_path, "1")
    rendered_in(template.parent, tmp_path)
    (made,) = tmp_path.glob("_jinja2-cache-*/*")
    made.write_bytes(spoilt)
    assert rendered_in(template.parent, tmp_path) == "1"


def test_without_a_safe_folder_templates_work_all_the_same(tmp_path: Path) -> None:
    template = template_in(tmp_path, "1")
    (tmp_path / f"_jinja2-cache-{os.getuid()}").write_text("in its place")
    assert rendered_in(template.parent, tmp_path) == "1"
