"""The preview in a real browser: it follows the files, shows every view, and holds articles in."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from browser import SCHEMES, axe, outside, too_wide, window
from folders import article, write
from playwright.sync_api import Browser, Page, expect
from previewing import SETTINGS, Running, folder, preview

from pipeline.lint.twin import LINE

VIEWS = (
    "",
    "/phone",
    "/desktop",
    "/dark",
    "/images-off",
    "/inbox",
    "/text",
    "/findings",
    "/message",
)
PAGES = (
    "/now/",
    *(f"/now/issues/2{view}" for view in VIEWS),
    "/now/feeds/0",
    "/now/feeds/1/1",
    "/now/feeds/0/0?content=summary",
    "/now/archive",
    "/now+drafts/",
    "/2096-12-24+drafts/archive",
    "/2096-12-24/feeds/0",
    "/now+drafts/issues/5",
    "/now/issues/99",
    "/now/issues/2/test?service=none&to=ann@example.org",
)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A newsletter that nobody changes."""
    with preview(folder(tmp_path_factory.mktemp("notes"))) as running:
        yield running


def address(running: Running, path: str) -> str:
    return running.url.rstrip("/") + path


def complaints(page: Page) -> list[str]:
    """What the browser complains of from now on: scripts, policies, failed requests."""
    found: list[str] = []
    page.on("console", lambda said: found.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("requestfailed", lambda asked: found.append(f"{asked.url}: {asked.failure}"))
    return found


def frame(page: Page, number: int = 0) -> Page:
    """What the frame of this number shows."""
    return page.frame_locator(f"iframe >> nth={number}")  # type: ignore[return-value]  # as a page


def settled(page: Page, path: str, running: Running) -> None:
    page.goto(address(running, path))
    page.wait_for_load_state("load")


# It follows the files.


def test_a_saved_file_is_on_the_page_without_a_reload_and_scrolled_to(
    browser: Browser, tmp_path: Path
) -> None:
    long = "".join(f"Paragraph {number} of many.\n\n" for number in range(80))
    root = folder(tmp_path)
    with preview(root) as running, window(browser) as page:
        settled(page, "/now/issues/1/desktop", running)
        page.evaluate("window.same = true")
        write(root, {"articles/01-one.md": article("Part one", long, date="2026-10-06")})
        expect(frame(page).get_by_text("Paragraph 70 of many.")).to_be_attached()
        long = long.replace("Paragraph 60", "A new paragraph")
        write(root, {"articles/01-one.md": article("Part one", long, date="2026-10-06")})

        expect(frame(page).get_by_text("A new paragraph of many.")).to_be_in_viewport()
        assert page.evaluate("window.same"), "the page itself stayed"


def test_a_broken_file_shows_its_errors_at_once_in_place_of_the_picture_until_they_are_mended(
    browser: Browser, tmp_path: Path
) -> None:
    root = folder(tmp_path)
    sound = {path: path.read_text(encoding="utf-8") for path in (root / "articles").glob("*.md")}
    with preview(root) as running, window(browser) as page:
        settled(page, "/now/issues/1", running)
        expect(page.locator("iframe")).to_have_count(3)
        two = sound[root / "articles/02-two.md"]
        write(
            root,
            {
                "articles/02-two.md": two.replace("title:", "titel:"),
                "articles/03-three.md": article("Part three", "[x](nowhere.md)", part=7),
            },
        )

        page.get_by_text(re.compile(r"articles/03-three\.md:\d+$")).first.wait_for()
        expect(page.locator("iframe")).to_have_count(0)
        places = page.locator(".problems .place").all_inner_texts()
        assert {one.partition(":")[0] for one in places} >= {
            "articles/02-two.md",
            "articles/03-three.md",
        }
        link = page.get_by_role("link", name=re.compile("02-two.md:")).first
        line = link.inner_text().rpartition(":")[2]
        path = (root / "articles/02-two.md").as_posix().lstrip("/")
        assert link.get_attribute("href") == f"vscode://file/{path}:{line}"
        for file, words in sound.items():
            file.write_text(words, encoding="utf-8")
        expect(page.locator("iframe")).to_have_count(3)
        expect(page.locator(".problems")).to_have_count(0)


@pytest.mark.parametrize(
    ("path", "broken", "said"),
    [
        ("newsletter.toml", b"[newsletter\n", "this is not TOML"),
        ("newsletter.toml", SETTINGS.encode() + b"[preview]\n", "stands in line"),
        ("articles/01-one.md", b"\xff\xfe\x00", "articles/01-one.md"),
        ("ledger.jsonl", b"{\n", "ledger.jsonl:1"),
        ("email_templates/issue.mjml.j2", b"{% if %}", "issue.mjml.j2:1"),
        ("page_templates/article.html.j2", b"{{ nothing }}", "article.html.j2:1"),
    ],
)
def test_whatever_is_broken_is_named_and_the_preview_goes_on(
    browser: Browser, tmp_path: Path, path: str, broken: bytes, said: str
) -> None:
    root = folder(tmp_path)
    before = (root / path).read_bytes() if (root / path).exists() else None
    view = "/now/archive" if path.startswith("page_") else "/now/issues/1"
    with preview(root) as running, window(browser) as page:
        settled(page, view, running)
        write(root, {path: broken})
        page.get_by_text(re.compile(said, re.IGNORECASE)).first.wait_for()
        if before is None:
            (root / path).unlink()
        else:
            (root / path).write_bytes(before)
        expect(page.locator("iframe").first).to_be_visible()
        expect(page.locator(".problems")).to_have_count(0)


def test_a_part_that_falls_due_is_shown_so_without_a_save(browser: Browser, tmp_path: Path) -> None:
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=6)
    root = folder(tmp_path, {"articles/03-three.md": article("Part three", date=soon.isoformat())})
    with preview(root) as running, window(browser) as page:
        settled(page, "/now/", running)
        state = page.locator("tr", has_text="Part three").locator(".chip")
        assert datetime.now(UTC) > soon or state.inner_text() == "waiting"
        expect(state).not_to_have_text("waiting", timeout=30_000)


def test_folders_may_go_and_come_back(browser: Browser, tmp_path: Path) -> None:
    root = folder(tmp_path)
    with preview(root) as running, window(browser) as page:
        settled(page, "/now/", running)
        shutil.move(root / "articles", tmp_path / "away")
        expect(page.get_by_text("does not exist").first).to_be_visible(timeout=30_000)
        shutil.move(tmp_path / "away", root / "articles")
        expect(page.get_by_role("link", name="Part one")).to_be_visible(timeout=30_000)
        write(root, {"articles/01-one.md": article("Renamed", date="2026-10-06")})
        expect(page.get_by_role("link", name="Renamed")).to_be_visible(timeout=30_000)


def test_a_folder_that_another_took_the_place_of_is_followed_on(
    browser: Browser, tmp_path: Path
) -> None:
    root = folder(tmp_path)
    shutil.copytree(root / "articles", root / "others")
    with preview(root) as running, window(browser) as page:
        settled(page, "/now/", running)
        (root / "articles").rename(root / "away")
        (root / "others").rename(root / "articles")
        for name in ("Renamed", "Renamed again"):  # the first may be seen as the folder changes
            page.wait_for_timeout(1000)
            write(root, {"articles/01-one.md": article(name, date="2026-10-06")})
            expect(page.get_by_role("link", name=name, exact=True)).to_be_visible(timeout=30_000)


def test_a_folder_within_another_may_go_and_come_back(browser: Browser, tmp_path: Path) -> None:
    within = SETTINGS.replace("timezone", 'articles = "texts/all"\ntimezone', 1)
    root = folder(tmp_path, {"newsletter.toml": within})
    (root / "texts").mkdir()
    shutil.move(root / "articles", root / "texts/all")
    with preview(root) as running, window(browser) as page:
        settled(page, "/now/", running)
        for going, coming in (("texts/all", "texts/other"), ("texts", "away")):
            shutil.move(root / going, root / coming)
            expect(page.get_by_text("does not exist").first).to_be_visible(timeout=30_000)
            shutil.move(root / coming, root / going)
            expect(page.get_by_role("link", name="Part one")).to_be_visible(timeout=30_000)


def test_a_page_left_open_says_that_the_preview_stopped_and_goes_on_with_the_next(
    browser: Browser, tmp_path: Path
) -> None:
    root = folder(tmp_path)
    with window(browser) as page:
        with preview(root) as running:
            settled(page, "/now/", running)
            expect(page.locator("#gone")).to_be_hidden()
            port = running.host.split(":")[1]
        expect(page.locator("#gone")).to_be_visible()
        write(root, {"articles/01-one.md": article("Renamed", date="2026-10-06")})
        with preview(root, "--port", port):
            page.get_by_role("link", name="Renamed").wait_for()
            expect(page.locator("#gone")).to_be_hidden()


def test_any_number_of_tabs_can_be_open(browser: Browser, tmp_path: Path) -> None:
    root = folder(tmp_path)
    with preview(root) as running, window(browser) as first:
        tabs = [first, *(first.context.new_page() for _ in range(7))]
        for tab in tabs:
            settled(tab, "/now/", running)
            seen(tab, tab is tabs[-1])
        write(root, {"articles/01-one.md": article("Renamed", date="2026-10-06")})
        tabs[-1].get_by_role("link", name="Renamed").wait_for()
        assert first.get_by_role("link", name="Renamed").count() == 0
        seen(first, True)
        first.get_by_role("link", name="Renamed").wait_for()
        for tab in tabs[1:]:
            tab.close()


def seen(page: Page, visible: bool) -> None:
    """Look at a tab, or at another: the browser of a test shows all of them at a time."""
    hidden = str(not visible).lower()
    page.evaluate(
        f"Object.defineProperty(document, 'hidden', {{value: {hidden}, configurable: true}});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )


def test_what_was_typed_and_opened_stays_when_the_page_changes(
    browser: Browser, tmp_path: Path
) -> None:
    root = folder(tmp_path, {"newsletter.toml": SETTINGS + LISTMONK})
    write(root, {"articles/02-two.md": article("Part two", updated="2097-01-01T00:00:00Z")})
    with preview(root) as running, window(browser) as page:
        settled(page, "/now/issues/1", running)
        page.fill("[name=to]", "ann@example.org")
        page.locator("summary").click()
        write(root, {"articles/01-one.md": article("Renamed", date="2026-10-06")})
        page.get_by_role("heading", name="Renamed").wait_for()
        assert page.input_value("[name=to]") == "ann@example.org"
        assert page.evaluate("document.querySelector('details').open")
        assert page.evaluate("document.activeElement.name || document.activeElement.tagName")


LISTMONK = """
[services.weekly]
kind = "listmonk"
url = "http://127.0.0.1:9"
user = "api"
lists = [4]
"""


# Every view.


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 375)])
def test_every_page_opens_without_a_fault(
    browser: Browser, shown: Running, scheme: str, width: int
) -> None:
    with window(browser, width=width, scheme=scheme) as page:
        found = complaints(page)
        for path in PAGES:
            settled(page, path, shown)
            assert axe(page) == [], path
            assert too_wide(page) == [], path
            pictures = [
                width
                for one in page.frames[1:]
                if "images-off" not in path
                for width in one.evaluate("[...document.images].map(i => i.naturalWidth)")
            ]
            assert all(pictures), path
        ours = [one for one in found if "404 (Not Found)" not in one and "ERR_ABORTED" not in one]
        assert ours == []


def test_every_colour_scheme_of_an_issue_is_shown_on_any_machine(
    browser: Browser, shown: Running
) -> None:
    for scheme in SCHEMES:
        with window(browser, scheme=scheme) as page:
            settled(page, "/now/issues/1", shown)
            light, dark, desktop = (
                one.evaluate("getComputedStyle(document.body).backgroundColor")
                for one in page.frames[1:4]
            )
        assert light == desktop != dark, scheme
        assert sum(map(int, re.findall(r"\d+", dark)[:3])) < 150, scheme
        assert sum(map(int, re.findall(r"\d+", light)[:3])) > 500, scheme


def test_frames_are_as_wide_as_their_devices(browser: Browser, shown: Running) -> None:
    for width, path, wanted in (
        (375, "/now/issues/1/phone", 375),
        (1280, "/now/issues/1/phone", 375),
        (1280, "/now/issues/1/desktop", 800),
    ):
        with window(browser, width=width) as page:
            settled(page, path, shown)
            assert page.frames[1].evaluate("innerWidth") == wanted
            assert outside(page.frames[1]) == []  # type: ignore[arg-type]  # a frame asks as a page


def test_a_line_of_plain_text_is_one_line_however_narrow_the_window(
    browser: Browser, shown: Running
) -> None:
    with window(browser, width=375) as page:
        settled(page, "/now/issues/1/text", shown)
        # The longest that the lint lets pass, words and all.
        page.eval_on_selector(".lines span", "one => one.textContent = 'seven… '.repeat(11).trim()")
        broken = page.locator(".lines span").evaluate_all(
            "all => all.filter(one => one.getClientRects().length > 1).map(one => one.textContent)"
        )
    assert [one for one in broken if len(one) <= LINE] == []


def test_without_images_their_words_are_shown(browser: Browser, shown: Running) -> None:
    with window(browser) as page:
        settled(page, "/now/issues/1/images-off", shown)
        sizes = page.frames[1].evaluate("[...document.images].map(i => i.naturalWidth)")
        assert set(sizes) == {0}
        expect(frame(page).get_by_alt_text("Three leaves in a round frame.").first).to_be_visible()


def test_lists_of_mails_cut_what_does_not_fit(browser: Browser, tmp_path: Path) -> None:
    long = "A title that goes on and on until no list of mails can show the whole of it any more"
    root = folder(tmp_path, {"articles/01-one.md": article(long, date="2026-10-06")})
    with preview(root) as running, window(browser) as page:
        settled(page, "/now/issues/1/inbox", running)
        for program in (".gmail .subject", ".apple .subject", ".gmail-wide .words"):
            cut = page.locator(program).first.evaluate("e => e.scrollWidth > e.clientWidth")
            assert cut, program
        lines = page.locator(".apple .snippet").first.evaluate(
            "e => e.clientHeight / parseFloat(getComputedStyle(e).lineHeight)"
        )
        assert round(lines) == 2
        expect(page.get_by_text("subject-length")).to_be_visible()


def test_a_finding_is_marked_at_its_place_and_leads_to_its_line(
    browser: Browser, shown: Running
) -> None:
    with window(browser) as page:
        settled(page, "/now/issues/2/findings", shown)
        finding = page.locator(".findings li", has_text="Click here")
        href = finding.locator("a.place").get_attribute("href")
        assert href is not None
        assert re.fullmatch(r"vscode://file/\S+/articles/02-two.md:\d+", href)
        finding.get_by_text("Show it in the email").click()
        number = finding.get_attribute("value")
        mark = frame(page).locator(f"#finding-{number}")
        expect(mark).to_be_in_viewport()
        box, link = mark.bounding_box(), frame(page).get_by_text("Click here").bounding_box()
        assert box
        assert link
        assert abs(box["y"] - link["y"]) < 40
        assert abs(box["x"] - link["x"]) < 40
        assert page.url.endswith("/findings")


def test_the_message_can_be_saved_whole(browser: Browser, shown: Running) -> None:
    with window(browser) as page:
        settled(page, "/now/issues/1/message", shown)
        expect(page.locator("pre")).to_contain_text("Subject: Part one")
        with page.expect_download() as saved:
            page.click("text=Save the message")
        raw = Path(saved.value.path()).read_bytes()
        assert raw.partition(b"\r\n\r\n")[0].count(b"List-Unsubscribe:") == 1
        assert saved.value.suggested_filename == "001-one.eml"


def test_a_feed_is_read_in_the_order_of_its_series_whole_or_in_summaries(
    browser: Browser, shown: Running
) -> None:
    with window(browser) as page:
        settled(page, "/now/feeds", shown)
        page.click("nav[aria-label=Feeds] >> text=Care in Parts")
        titles = ["Part 1: Part one", "Part 2: Part two"]
        expect(page.locator(".entries b")).to_have_text(titles)
        page.click("text=Part 1: Part one")
        expect(frame(page).get_by_role("heading", name="A heading")).to_be_visible()
        page.click("text=Summaries")
        expect(frame(page).get_by_role("heading", name="A heading")).to_have_count(0)
        expect(frame(page).get_by_text("A sentence that says")).to_be_visible()


def test_the_date_picker_hides_and_shows_the_future_and_says_what_nobody_sees_yet(
    browser: Browser, shown: Running
) -> None:
    with window(browser) as page:
        settled(page, "/now/archive", shown)
        assert frame(page).get_by_text("Part three").count() == 0
        page.fill("[name=day]", "2026-10-07")
        page.wait_for_url("**/2026-10-07/archive")
        expect(frame(page).get_by_text("Part one").first).to_be_visible()
        assert frame(page).get_by_text("Part two").count() == 0
        page.fill("[name=day]", "2096-10-21")
        page.wait_for_url("**/2096-10-21/archive")
        frame(page).get_by_text("Part three").first.wait_for()
        expect(page.locator(".flag")).to_contain_text("Part three")
        frame(page).get_by_role("link", name="Part three").first.click()
        expect(frame(page).get_by_role("note")).to_contain_text(
            "Not public yet: it comes on Sat 20"
        )
        page.click("text=Back to today")
        page.wait_for_url("**/now/archive")
        expect(frame(page).get_by_text("Part two").first).to_be_visible()
        assert frame(page).get_by_text("Part three").count() == 0


def test_a_draft_is_shown_as_if_finished_only_when_asked_for_and_never_unmarked(
    browser: Browser, shown: Running
) -> None:
    with window(browser) as page:
        settled(page, "/now/", shown)
        row = page.locator("tr", has_text="Part four")
        expect(row.locator(".chip")).to_have_text("draft")
        row.get_by_role("link", name="Part four").click()
        expect(page.locator(".flag")).to_contain_text("Readers see none of them")
        expect(page.locator(".eyebrow .chip.draft")).to_be_visible()
        expect(frame(page).get_by_role("heading", name="Part four")).to_be_visible()
        page.uncheck("[name=drafts]")
        page.wait_for_url(re.compile("/now/issues/"))
        expect(frame(page).get_by_role("heading", name="Part three")).to_be_visible()
        expect(frame(page).get_by_text("Part four")).to_have_count(0)
        expect(page.locator(".draft")).to_have_count(0)


def test_the_keyboard_reaches_everything(browser: Browser, shown: Running) -> None:
    with window(browser) as page:
        settled(page, "/now/issues/1", shown)
        page.keyboard.press("Tab")
        assert page.locator(":focus").inner_text() == "Skip to the page"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
        page.get_by_role("link", name="Plain text").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/text")
        assert page.get_by_role("link", name="Plain text").get_attribute("aria-current") == "page"


def test_without_scripts_every_page_works(browser: Browser, shown: Running) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address(shown, "/now/"))
    page.fill("[name=day]", "2026-10-07")
    page.click("text=Show")
    page.wait_for_url(address(shown, "/2026-10-07/"))
    expect(page.locator("tr", has_text="Part two").locator(".chip").first).to_have_text("waiting")
    context.close()
