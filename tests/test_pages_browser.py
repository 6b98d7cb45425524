from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import archives
import pytest
from archives import SETTINGS, WEEKLY, part, three_parts, write
from browser import SCHEMES, WIDTHS, axe, too_wide, window
from playwright.sync_api import Browser, Page, Route

PAGES = (
    "index.html",
    "series/care/index.html",
    "articles/one/index.html",
    "articles/three/index.html",
    "articles/arabic/index.html",
    "issues/index.html",
    "issues/001-one/index.html",
    "issues/003-other/index.html",
    "404.html",
)
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive below `notes/`, every kind of page in it."""
    root = tmp_path_factory.mktemp("newsletter")
    files = three_parts() | {
        "arabic.md": part(4, "عنوان المقالة", "## عنوان\n\nنص مع [رابط](one.md).", lang="ar"),
        "long.md": part(5, LONG, LONG, tags=[LONG], summary=LONG),
    }
    write(root, files, settings=SETTINGS.replace("Care in Parts", f"Care {LONG}") + WEEKLY)
    return archives.publish(root, tmp_path_factory.mktemp("host") / "notes")


@pytest.fixture(scope="module")
def host(output: Path) -> Iterator[str]:
    """The archive's address on a host, below a path."""
    handler = partial(QuietHandler, directory=str(output.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/notes"
        server.shutdown()
        thread.join()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the parent's name
        """Say nothing."""


def asked_for(page: Page) -> list[str]:
    """What the page asks for from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


def luminance(colour: str) -> float:
    """How light a computed colour is, 0 to 255."""
    red, green, blue = (float(part) for part in colour.strip("rgba()").split(",")[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_scrolls_sideways(browser: Browser, output: Path, width: int) -> None:
    with window(browser, width=width) as page:
        # The page for what is missing finds its style only at the newsletter's own address.
        page.route(archives.URL + "*", lambda route: route.fulfill(path=output / at(route)))
        for path in (*PAGES, "articles/long/index.html"):
            page.goto((output / path).as_uri())
            assert too_wide(page) == [], path


def at(route: Route) -> str:
    """The file of output/ that a request for the newsletter's address is for."""
    return route.request.url.removeprefix(archives.URL)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 375)])
def test_axe_finds_nothing_wrong(browser: Browser, output: Path, scheme: str, width: int) -> None:
    with window(browser, width=width, scheme=scheme) as page:
        for path in PAGES:
            page.goto((output / path).as_uri())
            style = (output / "style.css").read_text(encoding="utf-8")
            if path == "404.html":  # its style lies at the public address
                page.add_style_tag(content=style)
            assert axe(page) == [], path


def test_axe_and_the_width_check_do_find_faults(browser: Browser) -> None:
    with window(browser, width=320) as page:
        page.set_content("<div style='width:900px;color:#999'>pale</div><img src='x'>")

        assert {one.partition(" ")[0] for one in axe(page)} >= {"color-contrast", "image-alt"}
        assert "the page" in too_wide(page)


@pytest.mark.parametrize("address", ["file", "host"])
def test_a_reader_can_walk_through_the_whole_series(
    browser: Browser, output: Path, host: str, address: str
) -> None:
    start = output.as_uri() if address == "file" else host
    with window(browser, width=375) as page:
        asked = asked_for(page)
        page.goto(f"{start}/index.html")
        page.click(".series .parts a >> nth=0")
        assert page.title() == "Beginning · Northgate & Notes"
        seen = [page.inner_text("h1")]
        while page.locator(".turn [rel=next]").count():
            page.click(".turn [rel=next]")
            seen.append(page.inner_text("h1"))
        assert seen == ["Beginning", "Middle", "End", "عنوان المقالة", LONG]
        page.click(".eyebrow a")
        assert page.url == f"{start}/series/care/index.html"
        page.click(".brand")
        page.click(".button >> nth=0")
        assert "/issues/" in page.url
        page.click(".turn [rel=prev]")
        page.click("text=All issues")
        page.click(".parts a >> text=Beginning")
        page.click("text=link to part two")
        assert page.url == f"{start}/articles/two/index.html#a-heading"
        assert all(url.startswith(f"{start}/") for url in asked)
        pictures = page.evaluate("[...document.images].map(i => i.naturalWidth)")
        assert pictures
        assert all(pictures)


def test_colours_follow_the_readers_scheme(browser: Browser, output: Path) -> None:
    found = {}
    for scheme in SCHEMES:
        with window(browser, scheme=scheme) as page:
            page.goto((output / "articles/one/index.html").as_uri())
            style = "getComputedStyle(document.documentElement)"
            found[scheme] = [
                luminance(page.evaluate(f"{style}.{name}")) for name in ("backgroundColor", "color")
            ]

    assert found["light"][0] > 230 > 60 > found["light"][1]
    assert found["dark"][0] < 40 < 200 < found["dark"][1]


def test_the_keyboard_reaches_the_text_first(browser: Browser, output: Path) -> None:
    with window(browser) as page:
        page.goto((output / "articles/one/index.html").as_uri())
        page.keyboard.press("Tab")
        skip = page.locator(":focus")
        assert skip.inner_text() == "Skip to the text"
        box = skip.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_what_scrolls_in_its_box_can_be_reached_by_the_keyboard(
    browser: Browser, output: Path
) -> None:
    with window(browser, width=375) as page:
        page.goto((output / "articles/one/index.html").as_uri())
        boxes = page.evaluate(
            "[...document.querySelectorAll('.table, pre')]"
            ".map(e => [e.scrollWidth > e.clientWidth, e.tabIndex])"
        )

    assert boxes == [[True, 0]] * 3


def test_links_that_lead_on_are_large_enough_for_a_thumb(browser: Browser, output: Path) -> None:
    with window(browser, width=375) as page:
        for path in PAGES[:-1]:
            page.goto((output / path).as_uri())
            heights = page.evaluate(
                "[...document.querySelectorAll('.top a, .turn a, .button, .feeds a, .gap a')]"
                ".map(e => [e.textContent, e.getBoundingClientRect().height])"
            )
            assert heights
            assert [one for one in heights if one[1] < 44] == [], path


def test_lines_are_of_a_readable_length(browser: Browser, output: Path) -> None:
    with window(browser) as page:
        page.goto((output / "articles/one/index.html").as_uri())
        size, measure = page.evaluate(
            "(() => { const p = document.querySelector('.text p');"
            " const style = getComputedStyle(p);"
            " const probe = document.createElement('span'); probe.textContent = 'n'.repeat(100);"
            " probe.style = 'position: absolute; white-space: nowrap'; p.append(probe);"
            " return [parseFloat(style.fontSize),"
            " p.clientWidth / (probe.getBoundingClientRect().width / 100)]; })()"
        )

    assert size == 18
    assert 50 < measure < 75


def test_paper_shows_the_text_and_no_navigation(browser: Browser, output: Path) -> None:
    with window(browser, scheme="dark") as page:
        page.goto((output / "articles/one/index.html").as_uri())
        page.emulate_media(media="print")
        shown = {
            name: page.locator(name).first.is_visible()
            for name in (".text", ".top nav", "footer", ".turn", ".contents")
        }
        background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")

    assert shown == {
        ".text": True,
        ".top nav": False,
        "footer": False,
        ".turn": False,
        ".contents": False,
    }
    assert luminance(background) == pytest.approx(255)


def test_a_page_from_right_to_left_begins_at_the_right(browser: Browser, output: Path) -> None:
    with window(browser) as page:
        page.goto((output / "articles/arabic/index.html").as_uri())
        sides = page.evaluate(
            "['h1', '.contents h2'].map(s => getComputedStyle(document.querySelector(s)).direction)"
        )

    assert sides == ["rtl", "ltr"]


def test_a_drawing_with_a_clear_ground_can_be_seen_in_the_dark(
    browser: Browser, tmp_path: Path
) -> None:
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="9"/></svg>'
    files = {"one.md": part(1, "One", "![A circle](drawn.svg)", image="drawn.svg", image_alt="C")}
    root = write(tmp_path, files, settings=SETTINGS + WEEKLY)
    (root / "articles" / "drawn.svg").write_text(drawing)
    output = archives.publish(root, tmp_path / "host")
    with window(browser, scheme="dark") as page:
        page.goto((output / "articles/one/index.html").as_uri())
        grounds = page.eval_on_selector_all(
            "main img", "all => all.map(one => getComputedStyle(one).backgroundColor)"
        )
    assert len(grounds) == 2
    assert min(map(luminance, grounds)) > 240
