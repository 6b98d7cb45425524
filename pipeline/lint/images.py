"""Images: what every program can show, and what a reader gets where images are blocked."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.html import HtmlElement

from pipeline.lint import css
from pipeline.lint.mail import Cause, Finding, Mail, Rule, address
from pipeline.lint.structure import WIDTH

RULES = {
    "image-without-alt": Rule(
        doc="An image has no `alt`.",
        why="Many programs block images at first, and a blind reader hears its file name.",
        source="WCAG 2.2 §1.1.1",
        mend="say in words what it shows, `![like this](…)`",
    ),
    "image-width": Rule(
        doc="An image has no `width` attribute in whole pixels up to 600.",
        why="Outlook on Windows shows it in its own size, however large.",
        source="caniemail.com, css-max-width, html-width",
        mend='write `width="…"` with whole pixels, at most 600',
    ),
    "image-not-https": Rule(
        doc="An image's URL is not absolute, or not https.",
        why="A mail has no address of its own, and Gmail's and Apple's proxies want https.",
        source="RFC 3986 §4.3; Apple Mail Privacy Protection",
        mend="put the file into the articles folder, or write an https URL",
    ),
    "image-svg": Rule(
        doc="An image is an SVG.",
        why="Gmail does not show it.",
        source="caniemail.com, image-svg",
        mend="use a PNG; local files are converted",
    ),
    "image-base64": Rule(
        doc="An image stands in the mail itself as a data URL.",
        why="Gmail does not show it, and it makes the mail long.",
        source="caniemail.com, image-base64",
        mend="put the file into the articles folder",
    ),
    "image-webp": Rule(
        severity="warning",
        doc="An image is WebP or AVIF.",
        why="Outlook on Windows does not show it.",
        source="caniemail.com, image-webp, image-avif",
        mend="use a PNG or a JPEG; local files are converted",
    ),
    "image-fluid": Rule(
        doc="An image has `max-width:100%` without `width:100%`.",
        why="On a phone the table around it stays as wide as the picture: 600 px of scrolling.",
        source="measured with Chromium at 320 px",
        mend="write `width:100%` with `max-width` in pixels",
    ),
}


def check(mail: Mail) -> Iterator[Finding]:
    """Every finding on the images, hidden ones (a logo for dark schemes) included."""
    for image in mail.document.body.iter("img"):
        src = (image.get("src") or "").strip()
        name = _name(src)
        cause = Cause(kind="image", url=src, text=image.get("alt") or "")
        for rule, what in _wrong(image, src):
            yield Finding(rule=rule, message=f"the image {name} {what}", cause=cause)


def _name(src: str) -> str:
    if src.startswith("data:"):
        return f"{src[:20]}…"
    return src.rsplit("/", 1)[-1][:60] or "without src"


def _wrong(image: HtmlElement, src: str) -> Iterator[tuple[str, str]]:
    if image.get("alt") is None:
        yield "image-without-alt", "has no alt"
    width = (image.get("width") or "").strip()
    if not (width.isascii() and width.isdecimal() and 0 < int(width) <= WIDTH):
        yield "image-width", f"has width={width!r}" if width else "has no width"
    if src.startswith("data:"):
        yield "image-base64", "is part of the mail"
        kind = src.partition(";")[0].removeprefix("data:image/")
    else:
        url = address(src)
        if url.scheme != "https" or not url.hostname:
            yield "image-not-https", f"has the URL {src[:80]!r}"
        kind = url.path.lower().rpartition(".")[2]
    if kind in ("svg", "svg+xml", "svgz"):
        yield "image-svg", "is an SVG"
    if kind in ("webp", "avif"):
        yield "image-webp", f"is {kind.upper()}"
    styled = {one.name: one.value for one in css.declarations(image.get("style") or "")}
    if styled.get("max-width") == "100%" and styled.get("width") != "100%":
        yield "image-fluid", "has max-width:100% without width:100%"
