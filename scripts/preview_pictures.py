"""Draw the pictures of docs/preview.md: the preview of the sample newsletter, and of a draft in it.

python scripts/preview_pictures.py

Needs Chromium, Playwright and the extra `preview`.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from pipeline import screenshots
from pipeline.errors import PartworkError

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
DAY = "2026-10-14"
COLOURS = 96
NEW = "articles/04-acupuncture-and-sleep.md"
DRAFT = """\
---
title: Acupuncture and Sleep
id: tag:northgate.example,2026:acupuncture-and-sleep
series: acupuncture
part: 4
summary: What a quiet hour may do for a short night, and what is worth trying before it.
draft: true
---

Few things make a week as long as short nights do. Many people ask us whether needles can help.
[Click here](https://northgate.example/sleep) for what we suggest to try first.

## Before you book

- Go to bed and get up at the same times for two weeks.
- Write down when you lay awake, and what you drank that day.
- If you snore loudly or stop breathing in your sleep, see a doctor first.
"""
BROKEN = DRAFT.replace("part: 4", "part: 3").replace("](https://", "](http//")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A page and the window it is seen in, in CSS pixels."""

    name: str
    page: str
    width: int
    height: int
    scheme: Literal["light", "dark"] = "light"
    broken: bool = False


SHOTS = (
    Shot(name="series", page=f"{DAY}/", width=1200, height=620),
    Shot(name="issue", page=f"{DAY}/issues/2", width=1600, height=1060),
    Shot(name="inbox", page=f"{DAY}/issues/2/inbox", width=1200, height=700),
    Shot(name="findings", page=f"{DAY}+drafts/issues/4/findings", width=1200, height=900),
    Shot(name="feed", page=f"{DAY}/feeds/1/1", width=1200, height=930, scheme="dark"),
    Shot(name="error", page=f"{DAY}/issues/2", width=1200, height=460, broken=True),
)


def main() -> int:
    """Take every picture; 1 where Chromium is missing."""
    try:
        path = screenshots.chromium(os.environ)
    except PartworkError as error:
        print(error, file=sys.stderr)
        return 1
    with TemporaryDirectory() as made, sync_playwright() as playwright:
        folder = _sample(Path(made) / "notes")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        with _preview(folder) as url:
            for shot in SHOTS:
                if shot.broken:
                    (folder / NEW).write_text(BROKEN, encoding="utf-8")
                target = PICTURES / f"preview-{shot.name}.png"
                target.write_bytes(shrunk(_taken(browser, url, shot)))
                print(target.relative_to(ROOT), target.stat().st_size)
    return 0


def shrunk(png: bytes) -> bytes:
    """A picture in few colours: an interface needs no more."""
    out = BytesIO()
    picture = Image.open(BytesIO(png)).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _sample(folder: Path) -> Path:
    """The sample newsletter, one part longer, with links into an editor."""
    shutil.copytree(ROOT / "articles", folder / "articles")
    (folder / NEW).write_text(DRAFT, encoding="utf-8")
    settings = (ROOT / "newsletter.toml").read_text(encoding="utf-8")
    settings = settings.replace("parts = 3\ncomplete = true", "parts = 4")
    editor = '\n[preview]\neditor = "vscode://file/{path}:{line}"\n'
    (folder / "newsletter.toml").write_text(settings + editor, encoding="utf-8")
    return folder


@contextmanager
def _preview(folder: Path) -> Iterator[str]:
    argv = [sys.executable, "-m", "pipeline", "-C", str(folder), "preview", "--port", "0"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        said = server.stdout.readline() if server.stdout else ""
        found = re.search(r"http://\S+", said)
        if found is None:
            sys.exit("the preview did not start")
        yield found[0]
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(10)


def _taken(browser: Browser, url: str, shot: Shot) -> bytes:
    page = browser.new_page(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme=shot.scheme,
        locale="en-GB",
    )
    page.goto(url + shot.page)
    page.locator(".panel.wrong" if shot.broken else "main h1").first.wait_for()
    page.wait_for_load_state("load")
    page.wait_for_timeout(500)
    picture = page.screenshot(animations="disabled")
    page.close()
    return picture


if __name__ == "__main__":
    sys.exit(main())
