"""Time the preview: from a saved file to the words in a real browser.

    python benchmarks/preview.py                    series of 10 and 1,000 parts, 20 saves each
    python benchmarks/preview.py --parts 100
    python benchmarks/preview.py --write            also into docs/preview.md

Needs the extra `preview`, Playwright and Chromium.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import measure
from playwright.sync_api import Page, sync_playwright

from pipeline import screenshots

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "preview.md"
VIEWS = {"": "three frames side by side", "phone": "the phone alone", "text": "the plain text"}


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="Time the preview in a real browser.")
    parser.add_argument("--parts", type=int, nargs="+", default=[10, 1000], metavar="N")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--write", action="store_true", help=f"also into docs/{PAGE.name}")
    asked = parser.parse_args()
    lines = [
        f"{measure.machine()}. A series, {asked.runs} saves of its last part;",
        "milliseconds from the save until the new words are in the page.",
        "",
        "| parts | view of the issue | median | slowest |",
        "|---:|---|---:|---:|",
    ]
    for parts in asked.parts:
        with TemporaryDirectory() as made:
            folder = Path(made)
            corpus = str(ROOT / "benchmarks" / "corpus.py")
            argv = [sys.executable, corpus, str(folder), "--for", "partwork"]
            argv += ["--articles", str(parts), "--parts", str(parts)]
            subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
            lines += _rows(folder, parts, asked.runs)
    report = "\n".join(lines)
    print(report)
    if asked.write:
        measure.put(report, PAGE, "speed")


def _rows(folder: Path, parts: int, runs: int) -> list[str]:
    """Serve the folder, save a file over and over, and say how long each view took."""
    argv = [sys.executable, "-m", "pipeline", "-C", str(folder), "preview", "--port", "0"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=environment)
    assert server.stdout  # noqa: S101  # it is a pipe
    try:
        found = re.search(r"http://\S+", server.stdout.readline())
        if found is None:
            sys.exit("the preview did not start")
        rows = []
        with sync_playwright() as playwright:
            path = screenshots.chromium(os.environ)
            flags = ["--disable-gpu", "--no-sandbox"]
            page = playwright.chromium.launch(executable_path=path, args=flags).new_page()
            for view, name in VIEWS.items():
                page.goto(f"{found[0]}2090-01-01/issues/{parts}/{view}".rstrip("/"))
                took = [_saved(page, folder, view == "text") for _ in range(runs + 1)][1:]
                rows.append((name, took))
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(10)
    return [
        f"| {parts:,} | {name} | {median(took) * 1e3:.0f} | {max(took) * 1e3:.0f} |"
        for name, took in rows
    ]


def _saved(page: Page, folder: Path, plain: bool) -> float:
    """Seconds from a save until the browser has its words."""
    page.wait_for_load_state("load")
    page.wait_for_timeout(500)
    article = max((folder / "articles").rglob("*.md"))
    word = f"word{time.time_ns()}"
    text = re.sub(r"\n\nA word: \w+\.\n", "", article.read_text(encoding="utf-8"))
    shown = page if plain else page.frame_locator("iframe >> nth=0")
    begun = time.perf_counter()
    article.write_text(f"{text}\n\nA word: {word}.\n", encoding="utf-8")
    shown.get_by_text(word).first.wait_for(state="attached")
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
