"""The preview keeps what it read and rendered, and shows nothing but the folder as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from folders import NOW, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_rebuild import CHANGES, FILES, Change, edit, trusting

from pipeline import articles, markdown
from pipeline.articles import Source
from pipeline.errors import PartworkError
from pipeline.preview.picture import Picture, look, sight

__all__ = ["trusting"]  # a fixture
SEEN = [one for one in CHANGES if "output" not in one.__name__ and "spoilt" not in one.__name__]


def shown(picture: Picture) -> object:
    """All that is to be seen of a picture."""
    seen = sight(picture, "now")
    if seen is None:
        return picture.problems
    try:
        numbers = range(1, len(seen.plan.catalogue.issues) + 1)
        letters = [seen.letter(number) for number in numbers]
        said = [(one.html, one.text, one.warnings, one.findings) for one in letters]
        return picture.problems, seen.plan, seen.catalogue.bodies, said, seen.documents()
    except PartworkError as error:
        return picture.problems, seen.plan, error.problems


@pytest.mark.parametrize("change", SEEN, ids=lambda one: one.__name__)
def test_after_a_save_the_picture_is_that_of_the_folder(change: Change, tmp_path: Path) -> None:
    write(tmp_path, FILES)
    before = look(tmp_path, NOW, "1")
    shown(before)
    change(tmp_path)
    again, anew = look(tmp_path, NOW, "2", before), look(tmp_path, NOW, "2")
    assert shown(again) == shown(anew)


@given(changes=st.lists(st.sampled_from(SEEN), min_size=2, max_size=6))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_saves_the_picture_is_that_of_the_folder(
    changes: list[Change], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = write(tmp_path_factory.mktemp("saves"), FILES)
    picture = look(root, NOW, "0")
    for number, change in enumerate(changes):
        change(root)
        picture = look(root, NOW, str(number), picture)
        if number % 2:
            shown(picture)
    assert shown(picture) == shown(look(root, NOW, "anew"))


def test_a_save_reads_and_renders_what_was_saved_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, FILES)
    picture = look(tmp_path, NOW, "1")
    parsed: list[str] = []
    rendered: list[str] = []
    parse, render = articles.parse, markdown.render

    def parsing(outlet: object, path: str, raw: bytes) -> articles.Reading:
        parsed.append(path)
        return parse(outlet, path, raw)  # type: ignore[arg-type]  # what it was handed

    def rendering(source: Source, around: markdown.Surroundings) -> object:
        rendered.append(source.path)
        return render(source, around)

    monkeypatch.setattr(articles, "parse", parsing)
    monkeypatch.setattr(markdown, "render", rendering)
    edit("articles/03-three.md", "Words", "Other words")(tmp_path)
    picture = look(tmp_path, NOW, "2", picture)
    seen = sight(picture, "now")
    assert seen is not None
    numbers = range(1, len(seen.plan.catalogue.issues) + 1)
    assert any("Other words" in seen.letter(number).html for number in numbers)
    notice = "articles/notice"
    assert parsed == ["articles/03-three.md"]
    assert [one for one in rendered if one != notice] == ["articles/03-three.md"]
