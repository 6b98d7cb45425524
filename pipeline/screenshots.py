"""Pictures of an email as a phone, a desktop and a dark desktop show it, by a real Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.errors import PartworkError, Problem

EXECUTABLES = ("chromium", "chromium-browser", "google-chrome", "chrome")
"""Names under which a Chromium is looked for on PATH; `PARTWORK_CHROMIUM` names another."""

_QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A window: CSS pixels wide, its colour scheme, and device pixels to a CSS pixel."""

    width: int
    scheme: Literal["light", "dark"]
    scale: int = 2


VIEWS: Mapping[str, View] = {
    "phone": View(width=375, scheme="light"),
    "desktop": View(width=800, scheme="light", scale=1),
    "dark": View(width=375, scheme="dark"),
}
"""What `partwork issue --screenshot` takes, by file name."""


def take(url: str, environ: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """A full-page PNG of `url` (`file:` or http on this machine) for each of VIEWS, by name.

    PartworkError where Playwright or a Chromium is missing.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise _missing("Playwright is", "pip install 'partwork[pictures]'") from None
    path = chromium(environ)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=_arguments())
        except Error as error:
            what = str(error).strip().splitlines()[0]
            raise _missing(f"{path} does not start ({what}); Chromium is", "repair it") from None
        try:
            for name, view in VIEWS.items():
                yield name, _picture(browser, url, view)
        finally:
            browser.close()


def chromium(environ: Mapping[str, str]) -> str:
    """The Chromium to use; PartworkError where there is none."""
    wanted = environ.get("PARTWORK_CHROMIUM")
    for name in (wanted,) if wanted else EXECUTABLES:
        path = shutil.which(name)
        if path:
            return path
    raise _missing(
        f"{wanted or 'Chromium'} is",
        "install it (Debian: apt install chromium) or set PARTWORK_CHROMIUM to its path",
    )


def _arguments() -> list[str]:
    # Chromium's sandbox refuses to run as root, as containers do.
    return [*_QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def _picture(browser: Any, url: str, view: View) -> bytes:
    page = browser.new_page(
        viewport={"width": view.width, "height": 800},
        device_scale_factor=view.scale,
        color_scheme=view.scheme,
    )
    try:
        page.goto(url)
        picture: bytes = page.screenshot(full_page=True, animations="disabled")
        return picture
    finally:
        page.close()


def _missing(what: str, remedy: str) -> PartworkError:
    return PartworkError(
        [
            Problem(
                path="--screenshot",
                rule="no-chromium",
                message=f"{what} needed for pictures and not there",
                remedy=remedy,
            )
        ]
    )
