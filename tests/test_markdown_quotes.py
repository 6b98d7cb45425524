"""Quotation marks in the article's language."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from folders import NEWSLETTER, article, write
from PIL import Image

from pipeline import rebuild
from pipeline.markdown.events import Manuscript
from pipeline.markdown.quotes import marks_of
from pipeline.newsletter import load

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def said(text: str, language: str) -> str:
    """The text and code of one paragraph."""
    manuscript = Manuscript(text, first_line=1, smart=True, marks=marks_of(language))
    return "".join(
        what if kind in ("Text", "Code") else "|"
        for kind, what, _, _ in manuscript.events()
        if kind in ("Text", "Code", "SoftBreak")
    )


def page(root: Path) -> str:
    """The article's page."""
    rebuild.everything(load(root), NOW)
    return (root / "output/articles/one/index.html").read_text()


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "She said “it’s ‘well’, he thinks”."),
        ("es-MX", "She said “it’s ‘well’, he thinks”."),
        ("de-AT", "She said „it’s ‚well‘, he thinks“."),
        ("fr", "She said «\u00a0it’s “well”, he thinks\u00a0»."),
        ("sv", "She said ”it’s ’well’, he thinks”."),
        ("pt", "She said “it’s ‘well’, he thinks”."),
        ("pt-PT", "She said «it’s “well”, he thinks»."),
    ],
)
def test_quotation_marks_are_those_of_the_language(language: str, expected: str) -> None:
    assert said("She said \"it's 'well', he thinks\".", language) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "„Gut“, “so”, ‘so’ und «so»",
        "es ist’s, ’s ist, der ’90er",
        '{{ "name" }}, {% if "x" %}',
        "https://example.org/?q=\u201cx\u201d",
    ],
)
def test_what_an_author_typed_is_left_as_it_is(typed: str) -> None:
    assert said(typed, "de") == typed


def test_an_apostrophe_opens_no_quotation() -> None:
    assert said("'s ist 'ne Sache, der '90er und ich hab's", "de") == (
        "’s ist ’ne Sache, der ’90er und ich hab’s"
    )


def test_marks_are_found_across_lines_beside_code_escapes_and_entities() -> None:
    text = 'Dass "ein\nWort", `"x"`, \\"so\\" und &quot;so&quot; und "hier".'
    assert said(text, "de") == 'Dass „ein|Wort“, "x", "so" und "so" und „hier“.'


def test_a_bare_url_in_quotation_marks_ends_before_them(tmp_path: Path) -> None:
    body = 'Sie steht auf "https://example.org/a" und ![Ein "Bild"](p.png "Das \'Bild\'")'
    files = {
        "newsletter.toml": NEWSLETTER,
        "articles/one.md": article("One", body, date="2026-01-01", series=None, lang="de"),
    }
    root = write(tmp_path, files)
    Image.new("RGB", (8, 8)).save(root / "articles/p.png")
    made = page(root)
    assert '„<a href="https://example.org/a">https://example.org/a</a>“' in made
    assert 'alt="Ein „Bild“"' in made


def test_another_language_renders_anew(tmp_path: Path) -> None:
    files = {
        "newsletter.toml": NEWSLETTER,
        "articles/one.md": article("One", 'Ein "Wort".', date="2026-01-01", series=None),
    }
    root = write(tmp_path, files)
    assert "“Wort”" in page(root)
    settings = NEWSLETTER.replace("[newsletter]", '[newsletter]\nlanguage = "de"', 1)
    write(root, {"newsletter.toml": settings})
    assert "„Wort“" in page(root)
