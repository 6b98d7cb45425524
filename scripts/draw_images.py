"""Draw the sample newsletter's pictures: each `articles/images/src/*.svg` becomes a PNG beside it.

Needs Chromium, playwright and Pillow: `python scripts/draw_images.py [NAME ...]`.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from pipeline import screenshots
from pipeline.errors import PartworkError

SOURCES = Path(__file__).resolve().parent.parent / "articles" / "images" / "src"
BROWSER_ARGS = ("--no-sandbox", "--disable-gpu", "--force-color-profile=srgb", "--disable-lcd-text")
COLOURS = 128
LIMIT = 80 * 1024  # bytes: a reader on a phone pays for every picture


def rendered(browser: Browser, source: Path) -> bytes:
    """The drawing as a PNG of the width and height its `<svg>` states, in pixels."""
    page = browser.new_page()
    try:
        page.set_content(
            "<style>body{margin:0}svg{display:block}</style>" + source.read_text("utf-8")
        )
        return page.locator("svg").screenshot(omit_background=True)
    finally:
        page.close()


def shrunk(png: bytes) -> bytes:
    """The same picture in a palette of at most `COLOURS`; transparency kept, no dithering.

    Flat drawings hold few colours, so what is lost is only steps along softened edges.
    """
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    opaque = image.getchannel("A").getextrema() == (255, 255)
    method = Image.Quantize.MEDIANCUT if opaque else Image.Quantize.FASTOCTREE
    small = (image.convert("RGB") if opaque else image).quantize(
        COLOURS, method=method, dither=Image.Dither.NONE
    )
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    return out.getvalue()


def main(names: list[str]) -> int:
    """Draw the named pictures, or all. Exit code 1: too large, or no Chromium; 2: unknown name."""
    try:
        chromium = screenshots.chromium(os.environ)
    except PartworkError as error:
        print(error, file=sys.stderr)
        return 1
    sources = {source.stem: source for source in sorted(SOURCES.glob("*.svg"))}
    if unknown := [name for name in names if name not in sources]:
        known = ", ".join(sources)
        print(f"no such drawing: {', '.join(unknown)}: choose from {known}", file=sys.stderr)
        return 2
    too_large = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(BROWSER_ARGS))
        for name in names or sources:
            png = shrunk(rendered(browser, sources[name]))
            target = SOURCES.parent / f"{name}.png"
            if not target.exists() or target.read_bytes() != png:
                target.write_bytes(png)
            too_large += len(png) > LIMIT
            print(f"{target.name}: {len(png)} bytes{' (too large)' if len(png) > LIMIT else ''}")
        browser.close()
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
