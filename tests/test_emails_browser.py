"""Issues judged by Chromium and axe: phones and desktops, light and dark, pictures or none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from archives import SETTINGS, article, part
from browser import PAGE_LEVEL, SCHEMES, axe, outside, too_wide, window
from mailing import ODD, TORTURE, email, four_parts, settings, with_email, write
from playwright.sync_api import Browser, Page, Route

from pipeline import emails, newsletter
from pipeline.config import Newsletter

ROOT = Path(__file__).parent.parent
WIDTHS = (320, 375, 600, 800)
LOOK = """() => {
    const style = (element) => getComputedStyle(element);
    const px = (value) => parseFloat(value);
    const body = [...document.querySelectorAll('td.t > div > div > :is(p, ul, ol)')];
    const texts = [...document.querySelectorAll('body *')].filter(element =>
        [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())
        && element.getBoundingClientRect().width);
    return {
        sizes: body.map(element => px(style(element).fontSize)),
        heights: body.map(element => px(style(element).lineHeight) / px(style(element).fontSize)),
        small: texts.filter(element => px(style(element).fontSize) < 14).map(e => e.outerHTML),
        buttons: [...document.querySelectorAll('td.b a')].map(e => e.offsetHeight),
        plain: [...document.querySelectorAll('a')].filter(element => !element.closest('td.b')
            && style(element).textDecorationLine !== 'underline').map(e => e.outerHTML),
        card: style(document.querySelector('.c')).backgroundColor,
    };
}"""


@pytest.fixture(scope="module")
def issues(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Newsletter, str]]:
    """Issues by name: each with its newsletter and its HTML."""
    made: dict[str, tuple[Newsletter, str]] = {}

    def add(name: str, notes: Newsletter, number: int) -> None:
        html = next(data for _, data in emails.files(email(notes, number), notes))
        made[name] = (notes, html.decode())

    sample = newsletter.load(ROOT)
    torture = write(
        tmp_path_factory.mktemp("torture"),
        four_parts()
        | {"2.md": part(2, ODD, TORTURE, summary=ODD, image="images/square.png", image_alt=ODD)},
        settings(greeting="Dear {first_name},", announce_next="title"),
    )
    for theme in ("calm", "letter", "contrast"):
        add(theme, with_email(sample, theme=theme), 2)
        add(f"torture-{theme}", with_email(torture, theme=theme), 2)
    body = "Words.\n\n## A heading\n\nMore words.\n\n> A quotation.\n"
    digest = four_parts() | {
        "2.md": part(2, "Middle", body, date="2026-10-12 09:00", summary="Half-way."),
        "3.md": part(3, "Later", body, date="2026-10-12 10:00"),
        "4.md": article("عنوان", "كلمات.", date="2026-10-13 08:00", lang="ar"),
    }
    add("digest", write(tmp_path_factory.mktemp("digest"), digest), 2)
    arabic = settings(announce_next="title").replace('language = "en-GB"', 'language = "ar"')
    parts = four_parts("كلمات [رابط](1.md).\n\n> اقتباس\n\n- واحد\n\n| ا | ب |\n|--|--|\n| ج | د |")
    add("rtl", write(tmp_path_factory.mktemp("rtl"), parts, arabic), 3)
    done = settings(SETTINGS.replace("parts = 5", "parts = 4"))
    add("last", write(tmp_path_factory.mktemp("last"), four_parts(body), done), 4)
    return made


NAMES = (
    "calm letter contrast torture-calm torture-letter torture-contrast digest rtl last".split()  # noqa: SIM905  # names are easier to read as words
)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page."""
    with window(browser) as opened:
        yield opened


def show(page: Page, issue: tuple[Newsletter, str], *, pictures: bool = True) -> None:
    """Show an issue; its pictures come from the disk, everything else of the net is refused."""
    notes, html = issue

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(f"{notes.root_url}media/")
        file = notes.articles_dir / path
        if pictures and file.is_file():
            route.fulfill(path=file)
        else:
            route.abort()

    page.route("**/*", answer)
    page.set_content(html)
    page.wait_for_function("() => [...document.images].every(image => image.complete)")


@pytest.mark.parametrize("name", NAMES)
def test_an_issue_holds_up_at_every_width_in_both_schemes(
    issues: dict[str, tuple[Newsletter, str]], page: Page, name: str
) -> None:
    show(page, issues[name])
    found: dict[str, list[str]] = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of SCHEMES
            wrong = too_wide(page) + outside(page) + axe(page, without=PAGE_LEVEL)
            if wrong:
                found[f"{width} {scheme}"] = wrong
    assert found == {}


@pytest.mark.parametrize("name", NAMES)
def test_text_is_large_enough_and_a_thumb_hits_the_button(
    issues: dict[str, tuple[Newsletter, str]], page: Page, name: str
) -> None:
    page.set_viewport_size({"width": 375, "height": 900})
    show(page, issues[name])
    look = page.evaluate(LOOK)
    assert min(look["sizes"]) >= 16
    assert max(look["sizes"]) <= 18
    assert min(look["heights"]) >= 1.49
    assert max(look["heights"]) <= 1.61
    assert look["small"] == []
    assert look["plain"] == []
    assert all(height >= 44 for height in look["buttons"])
    assert look["buttons"] or name == "digest"


@pytest.mark.parametrize("name", ["calm", "letter", "contrast"])
def test_a_dark_scheme_is_dark(
    issues: dict[str, tuple[Newsletter, str]], page: Page, name: str
) -> None:
    show(page, issues[name])
    cards = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of SCHEMES
        colour = page.evaluate(LOOK)["card"]
        cards.append(sum(int(one) for one in colour.strip("rgb()").split(",")))
    assert cards[0] > 600
    assert cards[1] < 200


@pytest.mark.parametrize("theme", ["calm", "letter", "contrast"])
def test_no_border_keeps_its_light_colour_in_a_dark_scheme(
    tmp_path: Path, page: Page, theme: str
) -> None:
    body = "<kbd>Ctrl</kbd>\n\n> Quoted.\n\n| a |\n|---|\n| b |\n\n---\n\n<mark>c</mark>\n"
    files = four_parts() | {"2.md": part(2, "Middle", body)}
    notes = with_email(write(tmp_path, files), theme=theme)
    html = next(data for _, data in emails.files(email(notes, 2), notes))
    show(page, (notes, html.decode()))
    borders = """() => Object.fromEntries(['kbd', 'blockquote', 'th', 'td', 'hr'].map(name => {
        const shown = getComputedStyle([...document.querySelectorAll(`.t ${name}`)].at(-1));
        const side = ['Top', 'Left', 'Bottom'].find(one => shown[`border${one}Width`] !== '0px');
        return [name, shown[`border${side}Color`]];
    }))"""
    page.emulate_media(color_scheme="light")
    light = page.evaluate(borders)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(borders)
    assert [name for name in light if dark[name] == light[name]] == []


@pytest.mark.parametrize("name", ["calm", "rtl", "torture-calm"])
def test_an_issue_reads_without_its_pictures(
    issues: dict[str, tuple[Newsletter, str]], page: Page, name: str
) -> None:
    page.set_viewport_size({"width": 375, "height": 900})
    show(page, issues[name], pictures=False)
    pictures = page.evaluate(
        """() => [...document.images].map(image => [
            image.naturalWidth, image.alt, image.offsetHeight,
            parseFloat(getComputedStyle(image).fontSize),
        ])"""
    )
    assert pictures
    assert all(width == 0 for width, *_ in pictures)
    assert all(height >= 16 and size >= 16 for _, alt, height, size in pictures if alt)
    assert too_wide(page) + outside(page) + axe(page, without=PAGE_LEVEL) == []


def test_a_right_to_left_issue_begins_at_the_right(
    issues: dict[str, tuple[Newsletter, str]], page: Page
) -> None:
    page.set_viewport_size({"width": 800, "height": 900})
    show(page, issues["rtl"])
    edges = page.evaluate(
        """() => ['h1', 'td.t p', 'h2', 'td.b a'].map(selector => {
            const range = document.createRange();
            range.selectNodeContents(document.querySelector(selector));
            return range.getBoundingClientRect();
        }).map(box => [box.left, box.right])"""
    )
    assert all(left > 400 and right > 600 for left, right in edges), edges


def test_a_latin_address_reads_from_the_left_in_a_right_to_left_issue(
    issues: dict[str, tuple[Newsletter, str]], page: Page
) -> None:
    show(page, issues["rtl"])
    first, last = page.evaluate(
        """() => {
            const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (!walk.nextNode().data.includes('Gate Lane'));
            const {data} = walk.currentNode;
            return [data.indexOf('1'), data.indexOf('Northgate')].map(at => {
                const range = document.createRange();
                range.setStart(walk.currentNode, at);
                range.setEnd(walk.currentNode, at + 1);
                return range.getBoundingClientRect().left;
            });
        }"""
    )
    assert first < last


def test_a_newsletter_of_no_pictures_asks_for_nothing(tmp_path: Path, browser: Browser) -> None:
    notes = write(tmp_path, None, settings(SETTINGS.replace('logo = "images/logo.png"', "")))
    asked: list[str] = []
    with window(browser) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.set_content(email(replace(notes), 3).html)
    assert asked == []


@pytest.mark.parametrize("theme", ["calm", "letter", "contrast"])
def test_a_table_of_ten_columns_stays_on_the_narrowest_phone(
    tmp_path: Path, browser: Browser, theme: str
) -> None:
    tables = "\n\n".join(
        "\n".join(
            [
                "| " + " | ".join(f"{head}{n}" for n in range(columns)) + " |",
                "|" + "---|" * columns,
                f"| {word} " * columns + "|",
            ]
        )
        for columns in range(1, 11)
        for head, word in (("M", "w"), ("a", "1"), ("Week ", "**MW**"), ("x", "incomprehensible"))
    )
    notes = write(
        tmp_path, four_parts(f"Words.\n\n{tables}\n"), settings(theme=theme, length="full")
    )
    with window(browser, width=320) as page:
        page.set_content(email(notes, 1).html)
        assert outside(page) == []


@pytest.mark.parametrize("theme", ["calm", "letter", "contrast"])
def test_a_word_beside_sentences_is_whole_on_a_desktop(
    tmp_path: Path, browser: Browser, theme: str
) -> None:
    said = "More relief, but more of the stomach aches that people know it for, " * 2
    table = f"| Name | Dose | What we saw |\n|---|---|---|\n| Acetylsalicylate | 300 mg | {said} |"
    notes = write(tmp_path, four_parts(table), settings(theme=theme))
    with window(browser) as page:
        page.set_content(email(notes, 1).html)
        lines = page.get_by_role("cell", name="Acetylsalicylate").evaluate(
            "cell => { const range = document.createRange(); range.selectNodeContents(cell);"
            " return range.getClientRects().length; }"
        )
        assert lines == 1
