"""Substack's export: `posts.csv` and an HTML file for each post."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from pipeline.importing.bundle import MAX_TEXT, Bundle, refused
from pipeline.importing.decoding import decoded
from pipeline.importing.model import Imported, Note
from pipeline.importing.moments import moment
from pipeline.text import one_line

_FULL = 1_000_000
"""Characters in one field at most (Python's own limit is 131,072)."""


def read(bundle: Bundle) -> Iterator[Imported]:
    """Every post of type newsletter, podcast or thread that has a text; unpublished ones drafts."""
    table = next((one for one in bundle.names if one.rpartition("/")[2] == "posts.csv"), "")
    if not table:
        raise refused(bundle.name, "there is no posts.csv in it", "name the whole export", "kind")
    content, _ = decoded(bundle.read(table, MAX_TEXT))
    csv.field_size_limit(_FULL)
    try:
        rows = [*csv.DictReader(io.StringIO(content))]
    except csv.Error as error:
        raise refused(bundle.path(table), f"this is broken ({error})", "export again") from None
    if not rows or "post_id" not in rows[0]:
        raise refused(bundle.path(table), "there are no posts in it", "export again", "empty")
    pages = {
        one.rpartition("/")[2].removesuffix(".html"): one
        for one in bundle.names
        if one.endswith(".html")
    }
    for row in rows:
        key = row.get("post_id") or ""
        name = pages.get(key) or next(
            (pages[one] for one in pages if key and one.split(".")[0] == key.split(".")[0]), ""
        )
        yield _article(bundle, row, key, name)


def _article(bundle: Bundle, row: Mapping[str, str], key: str, name: str) -> Imported:
    path = bundle.path(name) if name else f"{bundle.name}#{key}"
    notes = []
    if not name:
        notes.append(Note(path=path, message="has no text in the export: it is empty", loss=True))
    html = decoded(bundle.read(name, MAX_TEXT))[0] if name else ""
    if row.get("podcast_url"):
        html += f'<p><a href="{row["podcast_url"]}">{row["podcast_url"]}</a></p>'
    audience = row.get("audience") or "everyone"
    if audience != "everyone":
        message = f"was for {audience}: it is a draft now"
        notes.append(Note(path=path, message=message, loss=True))
    published = (row.get("is_published") or "").lower() == "true"
    slug = key.partition(".")[2] or name.rpartition("/")[2].removesuffix(".html").partition(".")[2]
    return Imported(
        origin=one_line(f"substack:{key}"),
        path=path,
        title=one_line(row.get("title") or "") or slug.replace("-", " ") or "Untitled",
        body=html,
        markup="html",
        date=moment(row.get("post_date")) if published else None,
        slug=slug,
        summary=one_line(row.get("subtitle") or ""),
        draft=not published or audience != "everyone",
        folder=name.rpartition("/")[0],
        notes=tuple(notes),
    )
