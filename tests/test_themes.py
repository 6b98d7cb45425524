from __future__ import annotations

from dataclasses import fields
from itertools import product
from pathlib import Path

import pytest

from pipeline import templating, themes
from pipeline.emails import words
from pipeline.errors import PartworkError
from pipeline.markdown import MAIL_TAGS
from pipeline.themes import Palette

PACKAGED = templating.packaged_emails()
NAMES = themes.names([PACKAGED])
BOTH = list(product(NAMES, ("light", "dark")))
GROUNDS = {
    "text": ("page", "card", "tint", "soft"),
    "heading": ("page", "card", "tint"),
    "muted": ("page", "card", "tint"),
    "mark": ("card", "tint", "soft"),
    "link": ("page", "card", "tint", "soft"),
    "button_text": ("button",),
}
"""Where each colour of text stands in the packaged templates."""


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2, relative luminance)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_three_themes_are_packaged() -> None:
    assert NAMES == ["calm", "contrast", "letter"]


@pytest.mark.parametrize(("name", "scheme"), BOTH)
def test_every_text_has_contrast_enough_in_both_schemes(name: str, scheme: str) -> None:
    palette: Palette = getattr(themes.load([PACKAGED], name), scheme)
    found = {
        f"{colour} on {ground}": round(ratio, 2)
        for colour, grounds in GROUNDS.items()
        for ground in grounds
        if (ratio := contrast(getattr(palette, colour), getattr(palette, ground))) < 4.5
    }
    assert found == {}


@pytest.mark.parametrize(("name", "scheme"), BOTH)
def test_the_progress_bar_stands_out(name: str, scheme: str) -> None:
    palette: Palette = getattr(themes.load([PACKAGED], name), scheme)
    assert contrast(palette.done, palette.tint) >= 3  # WCAG 2.2 §1.4.11
    assert contrast(palette.done, palette.rest) >= 2.5


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_every_tag_of_a_body_has_its_style(name: str, direction: str) -> None:
    style = themes.styles(themes.load([PACKAGED], name), direction)
    assert set(MAIL_TAGS) <= set(style)
    assert not any(char in value for value in style.values() for char in '"<>&{}')


@pytest.mark.parametrize("name", NAMES)
def test_right_to_left_mirrors_every_side(name: str) -> None:
    theme = themes.load([PACKAGED], name)
    ltr, rtl = (themes.styles(theme, way) for way in ("ltr", "rtl"))
    for key in ("blockquote", "alert", "dd", "th", "td"):
        assert "left" in ltr[key]
        assert "right" in rtl[key]
        assert "left" not in rtl[key]
    assert "padding:0 24px 0 0" in rtl["ol"]


@pytest.mark.parametrize("name", NAMES)
def test_the_dark_rules_stay_below_two_kilobytes(name: str, tmp_path: Path) -> None:
    source = (PACKAGED / "themes" / name / "theme.toml").read_text(encoding="utf-8")
    file = tmp_path / "themes" / name / "theme.toml"
    file.parent.mkdir(parents=True)
    file.write_text(source + '\n[logo]\ndark = "images/logo.png"\n', encoding="utf-8")
    rules = themes.dark_rules(themes.load([tmp_path], name))
    assert len(rules) < 2048
    assert ".ld{display:block!important}" in rules


def expect_refused(tmp_path: Path, before: str, after: str, *said: str) -> None:
    """The calm theme with one change is refused with file, line and what is wrong."""
    source = (PACKAGED / "themes" / "calm" / "theme.toml").read_text(encoding="utf-8")
    assert before in source
    changed = source.replace(before, after, 1)
    file = tmp_path / "email_templates" / "themes" / "calm" / "theme.toml"
    file.parent.mkdir(parents=True)
    file.write_text(changed, encoding="utf-8")
    with pytest.raises(PartworkError) as caught:
        themes.load([tmp_path / "email_templates", PACKAGED], "calm")
    text = str(caught.value)
    wrong = max(after.split("\n")[:2], key=len)
    line = next(n for n, row in enumerate(changed.split("\n"), 1) if wrong in row)
    assert f"email_templates/themes/calm/theme.toml:{line}: " in text
    assert all(one in text for one in said), text


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('page = "#efe6d8"', 'page = "sand"', "#rrggbb"),
        ('page = "#efe6d8"', 'page = "#efe"', "#rrggbb"),
        ('page = "#efe6d8"', 'paeg = "#efe6d8"', "did you mean `page`"),
        ('page = "#efe6d8"', "page = 7", "text in quotes"),
        ("[dark]", "[drak]  # wrong\n[dark]", "drak"),
        ("sans-serif", "url(x); sans-serif", "font names"),
        ('title = "Calm"', "title = ", "not TOML"),
    ],
)
def test_a_mistake_in_a_theme_is_named_at_its_line(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    expect_refused(tmp_path, before, after, said)


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [("sizes", "text", 12), ("sizes", "line_height", 1.1), ("shape", "width", 800)],
)
def test_a_size_that_mail_cannot_bear_is_refused(
    tmp_path: Path, table: str, key: str, value: float
) -> None:
    expect_refused(
        tmp_path, "[fonts]", f"[{table}]\n{key} = {value}  # wrong\n\n[fonts]", f"`{key}`"
    )


def test_an_unknown_theme_names_those_there_are() -> None:
    with pytest.raises(PartworkError, match="did you mean `letter`"):
        themes.load([PACKAGED], "leter")


def test_the_projects_own_theme_comes_first(tmp_path: Path) -> None:
    source = (PACKAGED / "themes" / "calm" / "theme.toml").read_text(encoding="utf-8")
    file = tmp_path / "themes" / "calm" / "theme.toml"
    file.parent.mkdir(parents=True)
    file.write_text(source.replace("#efe6d8", "#123456"), encoding="utf-8")
    assert themes.load([tmp_path, PACKAGED], "calm").light.page == "#123456"


@pytest.mark.parametrize("file", sorted((PACKAGED / "words").glob("*.toml")), ids=lambda f: f.stem)
def test_a_translation_says_everything_but_dialects(file: Path) -> None:
    language = file.stem
    loaded, english = words.load([PACKAGED], language), words.Words()
    same = [
        one.name
        for one in fields(words.Words)
        if getattr(loaded, one.name) == getattr(english, one.name)
    ]
    assert "-" in language or set(same) <= {
        "part",
        "minutes",
        "colon",
        "first_day",
        "date",
        "long_date",
    }, same
    assert len({*loaded.months}) == 12
    assert len({*loaded.weekdays}) == 7


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Ann, Bob and Cy"),
        ("de", "Ann, Bob und Cy"),
        ("fr", "Ann, Bob et Cy"),
        ("es", "Ann, Bob y Cy"),
        ("he", "Ann, Bob ו־Cy"),
        ("ar", "Ann, Bob وCy"),
    ],
)
def test_names_stay_apart_in_every_language(language: str, said: str) -> None:
    assert words.load([PACKAGED], language).names(["Ann", "Bob", "Cy"]) == said


def test_a_dialect_falls_back_to_its_language_and_then_to_english() -> None:
    assert words.load([PACKAGED], "de-AT").unsubscribe == "Abbestellen"
    assert words.load([PACKAGED], "en-US").date == "{month} {day}, {year}"
    assert words.load([PACKAGED], "tlh") == words.Words()


@pytest.mark.parametrize(
    ("own", "language", "unsubscribe"),
    [
        ("de", "de", "Abbestellen"),
        ("de-AT", "de-AT", "Abbestellen"),
        ("en", "en-US", "Unsubscribe"),
    ],
)
def test_words_of_a_newsletters_own_leave_the_packaged_ones_as_they_are(
    tmp_path: Path, own: str, language: str, unsubscribe: str
) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / f"{own}.toml").write_text('view = "Look"', encoding="utf-8")
    mixed = words.load([tmp_path, PACKAGED], language)
    assert (mixed.view, mixed.unsubscribe) == ("Look", unsubscribe)
    assert mixed.date == words.load([PACKAGED], language).date


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('part_of = "Teil {parts} {prat}"', "{prat}"),
        ('part_of = "Teil {parts"', "braces"),
        ('months = ["Januar"]', "give 12"),
        ('earlier = "Davor: {previous!r}"', "names {previous!r}: use {first}, {previous}"),
        ('part_off = "x"', "did you mean `part_of`"),
    ],
)
def test_a_mistake_in_the_words_is_named(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "de.toml").write_text(line, encoding="utf-8")
    with pytest.raises(PartworkError) as caught:
        words.load([tmp_path], "de")
    assert "words/de.toml:1: " in str(caught.value)
    assert said in str(caught.value)
