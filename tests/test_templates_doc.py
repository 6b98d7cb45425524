from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from mailing import PACKAGED, email, write

from pipeline import templating, themes
from pipeline.emails import view
from pipeline.themes.theme import Fonts, Logo, Palette, Sections, Shape, Sizes

DOC = (Path(__file__).parent.parent / "docs" / "templates.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """A section of the page."""
    return DOC.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def named(text: str) -> set[str]:
    """The plain names in backticks."""
    return set(re.findall(r"`(\w+)`", text))


def test_the_page_names_every_value_a_template_sees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: set[str] = set()
    render = templating.render

    def spy(env: Any, name: str, **values: Any) -> str:
        seen.update(values)
        return render(env, name, **values)

    monkeypatch.setattr(templating, "render", spy)
    email(write(tmp_path), 1)
    rows = re.findall(r"^\| (`.*?) \|", section("Values"), re.MULTILINE)
    assert named(" ".join(rows)) == seen


@pytest.mark.parametrize("shown", [view.ArticleView, view.SeriesView, view.Row])
def test_the_page_names_every_field_of_what_is_shown(shown: type) -> None:
    assert {one.name for one in fields(shown)} - named(section("Values")) == set()


def test_the_page_names_the_footer_and_the_picture() -> None:
    said = set(re.findall(r"`\.(\w+)`", section("Values")))
    wanted = {one.name for kind in (view.Footer, view.Picture, view.Link) for one in fields(kind)}
    assert wanted - said == set()


def test_the_page_names_every_key_of_a_theme() -> None:
    keys = {
        one.name for kind in (Fonts, Logo, Palette, Sections, Shape, Sizes) for one in fields(kind)
    }
    assert keys - named(section("Themes")) == set()
    assert set(themes.names([PACKAGED])) <= named(section("Themes"))
