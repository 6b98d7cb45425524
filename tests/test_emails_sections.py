from __future__ import annotations

import re
from pathlib import Path

import pytest
from archives import LATER, SETTINGS, article, part
from mailing import (
    PACKAGED,
    email,
    expect_in_both,
    expect_in_neither,
    four_parts,
    seen,
    settings,
    write,
)

from pipeline import build, text
from pipeline.config import Newsletter
from pipeline.errors import PartworkError


@pytest.fixture
def notes(tmp_path: Path) -> Newsletter:
    """Four weekly parts of a series that announces five."""
    return write(tmp_path)


def test_an_article_outside_any_series_has_no_series_block(tmp_path: Path) -> None:
    files = {"a.md": article("Apart", date="2026-10-06 08:00")}
    issue = email(write(tmp_path, files), 1)
    for said in ("Part ", "series", "New here"):
        expect_in_neither(issue, said)
    assert "None" not in seen(issue.html) + issue.text


def test_what_is_not_set_is_left_out(tmp_path: Path) -> None:
    text = SETTINGS.replace('logo = "images/logo.png"', "")
    text = re.sub(r"notice = .*", "", text)
    own = write(tmp_path, None, settings(text, share=False))
    issue = email(own, 1)
    assert "<img" not in issue.html
    for said in ("Change preferences", "Forward", "Reply to the author", "Dear"):
        expect_in_neither(issue, said)
    assert "\n\n\n" not in issue.text


def test_a_notice_may_hold_what_an_article_may(tmp_path: Path) -> None:
    said = "One<br>two&nbsp;**three** ![A square](images/square.png) <hr> [end](https://e.example/)"
    issue = email(write(tmp_path, {"1.md": part(1, "Beginning", notice=said)}), 1)
    assert re.search(r"One<br ?/?>two\u00a0<strong", issue.html)
    assert 'alt="A square"' in issue.html
    assert "[Image: A square]" in issue.text


def test_an_articles_own_notice_takes_the_place_of_the_newsletters(tmp_path: Path) -> None:
    files = four_parts() | {
        "1.md": part(1, "Beginning", notice="Only *this* once."),
        "2.md": part(2, "Middle", notice=False),
    }
    own = write(tmp_path, files)
    assert "Only <em" in email(own, 1).html
    expect_in_neither(email(own, 1), "who knows")
    expect_in_neither(email(own, 2), "who knows")
    expect_in_both(email(own, 3), "who knows")


SECTIONS = {
    "masthead": "Northgate & Notes Care",
    "part": "Care in Parts · Part 3 of 5 Later",
    "byline": "By Ann Lee",
    "earlier": "New here?",
    "button": "Read it on the web",
    "series": "The series so far",
    "contents": "This part",
    "notice": "who knows",
    "share": "Forward",
    "feed": "RSS feed",
}


def with_logos(notes: Newsletter, light: str, dark: str) -> Newsletter:
    """The newsletter in a theme of its own that names these logos, the last two lines."""
    calm = (PACKAGED / "themes" / "calm" / "theme.toml").read_text(encoding="utf-8")
    own = notes.root / "email_templates" / "themes" / "calm" / "theme.toml"
    own.parent.mkdir(parents=True)
    signs = f'[logo]\nlight = "{light}"\ndark = "{dark}"\n'
    own.write_text(f"{calm}\n{signs}", encoding="utf-8")
    return notes


def test_a_themes_logo_is_a_picture_of_the_articles_folder(notes: Newsletter) -> None:
    (notes.root / "out.png").write_bytes((notes.articles_dir / "images/logo.png").read_bytes())
    with pytest.raises(PartworkError) as raised:
        email(with_logos(notes, "../out.png", "http://other.example/logo.png"))
    lines = [str(one) for one in raised.value.problems]
    assert "leaves the articles folder" in lines[0]
    assert "does not exist" in lines[1]
    last = len((notes.root / raised.value.problems[0].path).read_text().splitlines())
    assert [one.line for one in raised.value.problems] == [last - 1, last]


def test_a_themes_logo_that_no_image_is_names_the_theme(notes: Newsletter) -> None:
    (notes.articles_dir / "sign.png").write_text("no image")
    with pytest.raises(PartworkError, match=r"themes/calm/theme\.toml: 'sign\.png' is"):
        email(with_logos(notes, "sign.png", ""))


def test_a_themes_logos_are_published_with_the_mails_that_show_them(notes: Newsletter) -> None:
    sign = (notes.articles_dir / "images/logo.png").read_bytes()
    for name in ("light.png", "square.png"):  # an article shows that one too
        (notes.articles_dir / name).write_bytes(sign)
    first = notes.articles_dir / "1.md"
    first.write_text(f"{first.read_text()}\n![A square](square.png)\n")
    with_logos(notes, "light.png", "square.png")
    written = build.everything(notes, LATER).written.sizes
    html = next(notes.output_dir.glob("issues/001*/email.html")).read_text(encoding="utf-8")
    shown = set(re.findall(rf'src="{notes.root_url}([^"]+)"', html))
    assert {"media/light.png", "media/square.png"} <= shown <= {*written}


@pytest.mark.parametrize("section", SECTIONS)
def test_a_theme_leaves_out_any_section_in_both_parts(notes: Newsletter, section: str) -> None:
    said = SECTIONS[section]
    whole = email(notes, 3)
    assert said in seen(whole.html)
    calm = (PACKAGED / "themes" / "calm" / "theme.toml").read_text(encoding="utf-8")
    own = notes.root / "email_templates" / "themes" / "calm" / "theme.toml"
    own.parent.mkdir(parents=True)
    own.write_text(f"{calm}\n[sections]\n{section} = false\n", encoding="utf-8")
    less = email(notes, 3)
    assert said not in seen(less.html)
    assert said not in text.one_line(less.text)
    assert less.html.count("<table") == less.html.count("</table>")
