"""Pictures of an issue, by Chromium; a clear sentence where it can't be had."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

import pytest
from browser import program
from click.testing import CliRunner
from mailing import write
from PIL import Image

from pipeline import screenshots
from pipeline.cli import cli
from pipeline.errors import PartworkError

PAGE = """<!DOCTYPE html><meta name="color-scheme" content="light dark">
<style>body{margin:0;height:2000px;background:#eee}
@media (prefers-color-scheme:dark){body{background:#111}}</style>"""


@pytest.fixture
def page(tmp_path: Path) -> str:
    """The URL of a page that is 2,000 px high, and dark where that is wanted."""
    (tmp_path / "page.html").write_text(PAGE)
    return (tmp_path / "page.html").as_uri()


def taken(url: str, environ: Mapping[str, str] = MappingProxyType({})) -> dict[str, bytes]:
    """The pictures by name, in a thread: Playwright runs once in each, and other tests use it."""
    with ThreadPoolExecutor(1) as thread:
        return dict(thread.submit(lambda: list(screenshots.take(url, environ))).result())


def expect_sentence(error: PartworkError, said: str) -> None:
    """One problem of the option, with something to do."""
    (problem,) = error.problems
    assert (problem.path, problem.rule) == ("--screenshot", "no-chromium")
    assert said in problem.message
    assert problem.remedy
    assert "\n" not in problem.message + problem.remedy


def test_without_chromium_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PartworkError) as raised:
        taken(page)
    expect_sentence(raised.value, "Chromium is needed for pictures and not there")
    assert "apt install chromium" in raised.value.problems[0].remedy


def test_a_chromium_that_is_named_and_not_there_is_named_in_the_sentence(page: str) -> None:
    with pytest.raises(PartworkError) as raised:
        taken(page, {"PARTWORK_CHROMIUM": "/nowhere/chromium"})
    expect_sentence(raised.value, "/nowhere/chromium")


def test_a_program_that_is_no_chromium_does_not_start(tmp_path: Path, page: str) -> None:
    other = tmp_path / "chromium"
    other.write_text("#!/bin/sh\nexit 3\n")
    other.chmod(0o755)
    with pytest.raises(PartworkError) as raised:
        taken(page, {"PARTWORK_CHROMIUM": str(other)})
    expect_sentence(raised.value, "does not start")


def test_without_playwright_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    with pytest.raises(PartworkError) as raised:
        taken(page)
    expect_sentence(raised.value, "Playwright")
    assert "pip install" in raised.value.problems[0].remedy


def test_the_command_says_it_without_a_traceback_and_keeps_the_issue(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    notes = write(tmp_path)
    monkeypatch.chdir(notes.root)
    monkeypatch.setenv("PARTWORK_CHROMIUM", "/nowhere/chromium")
    asked = ["issue", "1", "--screenshot", "--as-of", "2026-10-06T12:00"]
    result = CliRunner().invoke(cli, asked)
    assert result.exit_code == 1
    assert "/nowhere/chromium is needed for pictures and not there" in result.output
    assert "Traceback" not in result.output
    assert [one.name for one in notes.output_dir.rglob("email.html")] == ["email.html"]


def test_pictures_are_whole_pages_as_wide_as_their_view(page: str) -> None:
    program()
    pictures = {name: Image.open(BytesIO(png)).convert("RGB") for name, png in taken(page).items()}
    sizes = {name: picture.size for name, picture in pictures.items()}
    assert sizes == {"phone": (750, 4000), "desktop": (800, 2000), "dark": (750, 4000)}
    grounds = {name: picture.getpixel((5, 5)) for name, picture in pictures.items()}
    light, dark = (0xEE, 0xEE, 0xEE), (0x11, 0x11, 0x11)
    assert grounds == {"phone": light, "desktop": light, "dark": dark}
