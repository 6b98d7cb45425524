"""Medium's export: an HTML file for each story, marked up as an h-entry (microformats.org)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.config import Author
from pipeline.importing.bundle import MAX_TEXT, Bundle, refused
from pipeline.importing.decoding import decoded
from pipeline.importing.html import furniture
from pipeline.importing.model import Imported
from pipeline.importing.moments import moment
from pipeline.text import fold, host, one_line

_KEY = re.compile(r"-([0-9a-f]{8,14})\.html$")


def read(bundle: Bundle) -> Iterator[Imported]:
    """Every story in `posts/`, drafts too; its feed's guid was `https://medium.com/p/KEY`."""
    found = False
    for name in bundle.names:
        if name.endswith(".html") and "posts/" in f"/{name}":
            found = True
            yield _article(bundle, name)
    if not found:
        raise refused(bundle.name, "there is no story in posts/", "export again", "empty")


def _article(bundle: Bundle, name: str) -> Imported:
    html, _ = decoded(bundle.read(name, MAX_TEXT))
    page = furniture.soup(html)

    def words(selector: str) -> str:
        one = page.select_one(selector)
        return one_line(one.get_text(" ")) if one else ""

    title = words(".p-name") or words("title") or name
    summary = words(".p-summary")
    body = page.select_one(".e-content") or page.body or page
    for one in body.find_all(["h1", "h2", "h3", "h4"], limit=3):
        if fold(one.get_text(" ")) in (fold(title), fold(summary)):
            one.decompose()
    first = body.find("hr")
    if first is not None and not first.find_previous(
        string=lambda said: bool(said.strip()) and body in said.parents
    ):
        first.decompose()  # the line that Medium draws above each section
    key = _KEY.search(name)
    canonical = page.select_one(".p-canonical")
    url = str(canonical.get("href") or "") if canonical else ""
    time = page.select_one(".dt-published")
    author = words(".p-author")
    base = name.rpartition("/")[2]
    return Imported(
        origin=f"medium:{key[1]}" if key else bundle.origin(name),
        path=bundle.path(name),
        title=title,
        body=body.decode_contents(),
        markup="html",
        date=moment(time.get("datetime")) if time else None,
        id=f"https://medium.com/p/{key[1]}" if key else "",
        authors=(Author(name=author),) if author else (),
        tags=tuple(one_line(one.get_text(" ")) for one in page.select(".p-tags a, [rel~=tag]")),
        summary=summary,
        slug=_slug(url),
        draft=base.startswith("draft_") or time is None,
        url=url if host(url) else "",
    )


def _slug(url: str) -> str:
    """The readable half of a story's address, without its key."""
    return re.sub(r"-?[0-9a-f]{8,14}$", "", url.rstrip("/").rpartition("/")[2])
