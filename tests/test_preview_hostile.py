"""What an article, or even a template, may hold: it can't run, and can't leave its frame."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser import axe, window
from folders import ROOT, article
from playwright.sync_api import Browser, Page
from previewing import Running, folder, preview

OWN = "top.owned = 1; parent.owned = 1; document.title = 'owned'; alert(1)"
TITLE = (
    '</title></iframe><script>owned=1</script> "><img src=x onerror=owned=1> {{ 7*7 }} *|FNAME|*'
)
HOSTILE = f"""\
<script>{OWN}</script><svg onload="{OWN}"></svg>
<img src="images/logo.png" alt="leaves" onerror="{OWN}" onload="{OWN}">
<iframe srcdoc="<script>{OWN}</script>"></iframe></iframe>

</iframe></div></td></table></main></body></html><script>{OWN}</script>

<style>body {{ background: url(https://evil.example/x); }} </style>
<p style="position:fixed;inset:0;background:\\75rl(https://evil.example/y)">Styled \\3c script</p>
<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example/">
<form action="/now/issues/1/test" method="post"><button>Send</button></form>
<a href="https://evil.example/" target="_top" onclick="{OWN}">three</a>

{{{{ 7*7 }}}} {{% raw %}} *|UNSUB|* [[email]] %%{{x}} ${{owned}} `</iframe>`

A sentence that ends it, so that one sees it was shown.
"""
TEMPLATE = f"""\
<mj-raw><div style="display:none">{{{{ preheader }}}}</div>
<script>{OWN}</script><img src="x" alt="x" onerror="{OWN}" />
<iframe srcdoc="&lt;script&gt;{OWN}&lt;/script&gt;"></iframe>
<form action="https://evil.example/" target="_top"><button id="go">go</button></form>
<a id="top" href="https://evil.example/top" target="_top">to the top</a>
<a id="self" href="https://evil.example/self">in its place</a>
<iframe src="javascript:{OWN}"></iframe><a id="run" href="javascript:{OWN}">run</a>
<meta http-equiv="refresh" content="0;url=https://evil.example/fresh" />
<link rel="stylesheet" href="https://evil.example/style.css" />
<object data="https://evil.example/object"></object></mj-raw>
"""
PAGES = ("/now/", "/now/issues/1", "/now/issues/1/findings", "/now/issues/1/text",
         "/now/issues/1/inbox", "/now/issues/1/message", "/now/feeds/0/0?content=full",
         "/now/feeds/0/0?content=summary", "/now/archive")  # fmt: skip


def hostile(root: Path, *, template: bool) -> Path:
    files: dict[str, str | bytes] = {
        "articles/01-one.md": article(
            TITLE,
            HOSTILE,
            id="tag:northgate.example,2026:one",
            summary=TITLE,
            tags=[TITLE],
            slug="one",
            date="2026-10-06",
        )
    }
    if template:
        files["email_templates/partials/preheader.mjml.j2"] = TEMPLATE
    return folder(root, files)


@pytest.fixture(params=[False, True], ids=["article", "template"])
def shown(request: pytest.FixtureRequest, tmp_path: Path):  # type: ignore[no-untyped-def]  # a fixture
    with preview(hostile(tmp_path, template=request.param)) as running:
        yield running


def watched(page: Page) -> list[str]:
    """What the page does that it must not, from now on."""
    seen: list[str] = []
    page.on("dialog", lambda dialog: (seen.append(dialog.message), dialog.dismiss()))
    page.on("popup", lambda popup: seen.append(popup.url))
    page.context.route(
        re.compile("evil.example"), lambda route: (seen.append(route.request.url), route.abort())
    )
    return seen


def test_nothing_runs_and_nothing_leaves_its_frame(browser: Browser, shown: Running) -> None:
    for path in PAGES:
        with window(browser) as page:
            seen = watched(page)
            page.goto(shown.url.rstrip("/") + path)
            page.wait_for_load_state("load")
            page.wait_for_timeout(200)
            assert seen == [], path
            assert page.url == shown.url.rstrip("/") + path
            assert not page.evaluate("'owned' in window"), path
            assert "owned" not in page.title().replace("owned=1", ""), path
            assert page.locator("header.top").is_visible(), path
            assert len(page.frames) > 1 or path.endswith(("/now/", "/text", "/inbox", "/message"))
            for frame in page.main_frame.child_frames:
                assert not frame.evaluate("'owned' in window"), path
            assert page.locator("main script, main img, main form:not([action])").count() == 0
            assert axe(page) == [], path


def test_a_hostile_title_is_shown_as_typed(browser: Browser, shown: Running) -> None:
    with window(browser) as page:
        page.goto(shown.url + "now/issues/1")
        assert page.inner_text("h1") == TITLE.replace("  ", " ")
        words = page.frames[1].locator("body").inner_text()
        assert "{{ 7*7 }}" in words
        assert "49" not in words
        assert "A sentence that ends it" in words


def test_what_a_person_clicks_in_a_frame_takes_nothing_else_along(
    browser: Browser, tmp_path: Path
) -> None:
    with preview(hostile(tmp_path, template=True)) as running, window(browser) as page:
        page.context.route(re.compile("evil.example"), lambda route: route.fulfill(body="there"))
        page.goto(running.url + "now/issues/1/desktop")
        frame = page.frames[1]
        here = page.url
        for name in ("#go", "#top", "#run"):
            frame.locator(name).click(force=True, no_wait_after=True)
            page.wait_for_timeout(150)
            assert page.url == here, name
        with page.expect_popup() as opened:
            frame.locator("#self").click(force=True)
        assert opened.value.url == "https://evil.example/self"
        assert opened.value.evaluate("window.opener") is None
        assert opened.value.evaluate("document.referrer") == ""
        assert page.url == here
        assert page.frames[1].url.startswith(running.url + "framed/")


def test_the_sandbox_does_hold_back_what_would_run_without_it(browser: Browser) -> None:
    with window(browser) as page:
        page.goto((ROOT / "README.md").as_uri())
        page.set_content(f"<iframe srcdoc='<script>parent.owned = 1</script>'></iframe>{TITLE[:0]}")
        page.wait_for_timeout(100)
        assert page.evaluate("'owned' in window"), "the check above can fail"
