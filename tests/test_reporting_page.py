"""The report's page, in a real browser."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from browser import SCHEMES, axe, too_wide, window
from folders import ok, run, write
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser
from reported import SOME, entries, handed, loaded, parts

from pipeline.reporting import page, plot, rows, sizes
from pipeline.reporting.plot import Line, Plot, draw, steps

NOW = datetime(2028, 12, 31, tzinfo=UTC)
NUMBERS = st.none() | st.floats(0, 1e9) | st.integers(0, 10**7)


def written(root: Path, count: int = 4, *counts: Any) -> Path:
    """The page of a newsletter whose third part was never counted."""
    notes, planned = loaded(root, parts(count))
    told = counts or [SOME if at != 2 else {} for at in range(count)]
    handed(root, *told, repeats=("clicks",))
    sections = rows.sections(planned, entries(root), NOW)
    file = root / "report.html"
    file.write_bytes(page.page(notes, sections, sizes.sizes(planned, NOW), NOW))
    return file


def svgs(html: str) -> list[ElementTree.Element]:
    """The plots of a page."""
    found = re.findall(r"<svg [^>]*role=\"img\".*?</svg>", html, re.DOTALL)
    return [ElementTree.fromstring(one) for one in found]  # noqa: S314 - our own page


# Where it is written.


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    write(tmp_path, parts(1))
    (tmp_path / "file").touch()
    done = run("report", "--html", tmp_path / "file/report.html", root=tmp_path)
    assert done.exit_code == 1
    assert "can't be written" in done.output


def test_the_page_is_written_where_no_reader_sees_it(tmp_path: Path) -> None:
    write(tmp_path, parts(1))
    assert ok("report", "--html", root=tmp_path).output == "previews/report.html\n"
    assert (tmp_path / "previews/report.html").read_bytes().startswith(b"<!doctype html>")
    assert not (tmp_path / "output").exists()
    ok("report", "--html", tmp_path / "x.html", root=tmp_path)
    assert (tmp_path / "x.html").exists()


def test_the_same_figures_give_the_same_bytes(tmp_path: Path) -> None:
    first = written(tmp_path / "a").read_bytes()
    assert first == written(tmp_path / "b").read_bytes()


# What it shows.


def test_a_figure_that_is_not_known_is_a_gap_in_the_line_and_a_dash_in_the_table(
    tmp_path: Path,
) -> None:
    html = written(tmp_path, 5).read_text(encoding="utf-8")
    retention, activity, feed = svgs(html)
    for drawn in (retention, activity):
        curves = [one.get("d", "") for one in drawn.iter("path") if one.get("class") == "curve"]
        assert [curve.count("M") for curve in curves] == [2, 2], "no line crosses the gap"
        assert [curve.count("L") for curve in curves] == [2, 2]
        assert len(list(drawn.iter("circle"))) == 4
        assert [one.text for one in drawn.iter("text") if "gap" in one.get("class", "")] == ["–"]
    assert re.search(r">3</th><td[^>]*>–</td><td[^>]*>–</td>", html)
    assert not re.search(r">3</th>(<td[^>]*>[^<]*</td>)*<td[^>]*>0</td>", html)
    assert feed.find("title") is not None


def test_each_plot_says_in_words_what_it_shows(tmp_path: Path) -> None:
    html = written(tmp_path).read_text(encoding="utf-8")
    ids = re.findall(r'id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    for drawn in svgs(html):
        title, description = drawn.find("title"), drawn.find("desc")
        assert title is not None
        assert title.text
        assert drawn.get("aria-labelledby") == title.get("id")
        assert description is not None
        assert drawn.get("aria-describedby") == description.get("id")
    assert "Opens: from 60 at part 1 to 60 at part 4; not known at part 3." in html


def test_estimates_and_rising_figures_are_marked_and_explained(tmp_path: Path) -> None:
    notes, planned = loaded(tmp_path)
    handed(tmp_path, SOME, SOME, repeats=("clicks",), after=timedelta(days=2))
    sections = rows.sections(planned, entries(tmp_path), NOW)
    html = page.page(notes, sections, (), NOW).decode()
    assert '~9<span class="rises">+</span>' in html
    assert "counts every time" in html
    assert "still rises" in html
    assert "Apple Mail" in html
    assert '<circle class="dot hollow"' in html


def test_one_part_is_no_curve_and_the_page_says_so(tmp_path: Path) -> None:
    html = written(tmp_path, 1).read_text(encoding="utf-8")
    assert svgs(html) == []
    assert "A curve needs two parts" in html
    assert "There is one publication so far" in html


def test_titles_stay_text(tmp_path: Path) -> None:
    hostile = "</td><script>document.title='x'</script>{{ 7*7 }}<img src=x onerror=alert(1)>"
    loaded(tmp_path, {name: text.replace("Part", hostile, 1) for name, text in parts(2).items()})
    handed(tmp_path, SOME, SOME)
    ok("report", "--html", root=tmp_path)
    html = (tmp_path / "previews/report.html").read_text(encoding="utf-8")
    assert "<script" not in html
    assert "<img" not in html
    assert "49" not in re.sub(r"\d{3,}", "", html.partition("<body>")[2])


def test_the_page_needs_nothing_else_and_forbids_it(tmp_path: Path, browser: Browser) -> None:
    file = written(tmp_path)
    html = file.read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|<img|@import|url\(|https?://", html)
    asked: list[str] = []
    with window(browser) as opened:
        opened.on("request", lambda request: asked.append(request.url))
        said: list[str] = []
        opened.on("console", lambda message: said.append(message.text))
        opened.goto(file.as_uri())
        assert opened.evaluate("getComputedStyle(document.querySelector('.curve')).fill") == "none"
    assert asked == [file.as_uri()]
    assert said == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [320, 375, 900])
@pytest.mark.parametrize("count", [1, 4, 30])
def test_axe_finds_nothing_and_no_page_scrolls_sideways(
    tmp_path: Path, browser: Browser, width: int, scheme: str, count: int
) -> None:
    with window(browser, width=width, scheme=scheme) as opened:
        opened.goto(written(tmp_path, count).as_uri())
        assert axe(opened) == []
        assert too_wide(opened) == []


@pytest.mark.parametrize("width", [375, 900])
@pytest.mark.parametrize("count", [2, 8, 12, 30, 60])
def test_words_in_plots_are_large_enough_and_stand_apart(
    tmp_path: Path, browser: Browser, width: int, count: int
) -> None:
    with window(browser, width=width) as opened:
        opened.goto(written(tmp_path, count).as_uri())
        small, touching, outside = opened.evaluate(
            """() => {
                const small = [], touching = [], outside = [];
                for (const svg of document.querySelectorAll('svg[role=img]')) {
                    const frame = svg.getBoundingClientRect();
                    const words = [...svg.querySelectorAll('text:not(.gap)')];
                    const boxes = words.map(word => word.getBoundingClientRect());
                    words.forEach((word, at) => {
                        const size = parseFloat(getComputedStyle(word).fontSize);
                        if (size * frame.width / 460 < 11) small.push(word.textContent);
                        const box = boxes[at];
                        if (box.left < frame.left - 1 || box.right > frame.right + 1)
                            outside.push(word.textContent);
                        boxes.slice(at + 1).forEach((other, more) => {
                            if (box.left < other.right && other.left < box.right &&
                                box.top + 3 < other.bottom && other.top + 3 < box.bottom)
                                touching.push([word.textContent, words[at + 1 + more].textContent]);
                        });
                    });
                }
                return [small, touching, outside];
            }"""
        )
    assert small == []
    assert touching == []
    assert outside == []


# The drawing.


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=80))
def test_every_known_value_is_inside_the_drawing_and_no_other(values: list[tuple]) -> None:
    lines = tuple(
        Line(name=name, values=tuple(one))
        for name, one in zip("ab", zip(*values, strict=True))  # noqa: B905 - two of each
    )
    labels = tuple(str(at) for at in range(len(values)))
    shown = Plot(ident="x", title="X", lines=lines, labels=labels, axis="Part")
    drawing = draw(shown)
    for line, drawn in zip(lines, drawing.lines, strict=True):
        assert drawn.path.count("M") + drawn.path.count("L") == len(line.known)
        for x, y in re.findall(r"[ML](\S+) (\S+)", drawn.path):
            assert plot.LEFT <= float(x) <= plot.WIDTH - plot.RIGHT
            assert plot.TOP - 0.1 <= float(y) <= plot.HEIGHT - plot.BOTTOM + 0.1
    assert shown.description


@given(st.floats(0, 1e12))
def test_steps_reach_the_top_in_a_few(top: float) -> None:
    found = steps(top)
    assert found[0] == 0
    assert found[-1] >= top * 0.999999
    assert 2 <= len(found) <= 7
