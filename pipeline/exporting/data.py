"""The JSON of everything: what a newsletter holds, in values for programs.

docs/export.schema.json describes the shape. `VERSION` rises when a reader of an older one could
misread the new one; keys may be added at any time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from pipeline import markdown
from pipeline.config import SeriesSettings
from pipeline.exporting.links import fitted
from pipeline.exporting.selection import Chosen, Selection, slug_of
from pipeline.feeds.entries import media
from pipeline.ledger.entries import Entry, encode
from pipeline.markdown import Body

VERSION = 1


def document(selection: Selection, ledger: Sequence[Entry]) -> bytes:
    """The whole export as one JSON object."""
    newsletter = selection.newsletter
    published = (one for one in selection.articles if one.state == "published")
    changed = [one.updated for one in published if one.updated is not None]
    settings = {key: one for key, one in newsletter.table.values.items() if key not in _ASIDE}
    issues_of = {one.id: issue.number for issue in selection.issues for one in issue.articles}
    whole = {
        "version": VERSION,
        "generator": "Partwork",
        "holds": "everything" if selection.everything else "published",
        "updated": max(changed, default=None),
        "newsletter": settings.pop("newsletter") | {"url": newsletter.written_url},
        "settings": settings,
        "series": [_series(selection, one, parts) for one, parts in selection.series],
        "articles": [_article(selection, one, issues_of) for one in selection.articles],
        "issues": [
            {
                "number": issue.number,
                "date": issue.date,
                "url": newsletter.absolute(issue.path),
                "articles": [one.id for one in issue.articles],
            }
            for issue in selection.issues
        ],
        "ledger": [json.loads(encode(one)) for one in _told(selection, ledger)],
    }
    return (json.dumps(whole, ensure_ascii=False, indent=2, default=_plain) + "\n").encode()


_ASIDE = ("services", "series")
"""Tables that stand elsewhere: series have a list of their own; services name secrets."""


def _plain(value: object) -> str:
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in JSON")


def _told(selection: Selection, ledger: Sequence[Entry]) -> list[Entry]:
    """The entries of the exported issues; all of them where everything is exported."""
    ids = {one.source.id for one in selection.articles}
    return [one for one in ledger if one.issue in ids or (selection.everything and not one.issue)]


def _series(
    selection: Selection, settings: SeriesSettings, articles: Sequence[Chosen]
) -> dict[str, Any]:
    slug = slug_of(settings)
    return {
        "key": settings.key,
        "title": settings.title,
        "slug": slug,
        "url": selection.newsletter.absolute(f"series/{slug}/"),
        "description": settings.description,
        "parts": settings.parts or None,
        "complete": settings.complete,
        "articles": [one.source.id for one in articles],
    }


def _article(selection: Selection, article: Chosen, issues_of: Mapping[str, int]) -> dict[str, Any]:
    newsletter, source = selection.newsletter, article.source
    body = selection.bodies[source.id]
    said = selection.notices.get(source.id)
    image = newsletter.absolute(media(source.image)) if source.image else None
    return {
        "id": source.id,
        "path": source.path,
        "url": newsletter.absolute(article.path),
        "title": source.title,
        "slug": source.slug,
        "series": source.series,
        "part": article.part,
        "issue": issues_of.get(source.id),
        "state": article.state,
        "date": article.date,
        "updated": source.updated,
        "language": source.lang or newsletter.language,
        "authors": [one.given for one in selection.authors_of(article)],
        "tags": source.tags,
        "summary": source.summary or body.summary,
        "image": image,
        "image_alt": source.image_alt or None,
        "canonical_url": source.canonical_url or None,
        "words": body.words,
        "markdown": fitted(source, selection),
        "html": _html(selection, body, article.path),
        "notice_html": _html(selection, said.body, "") if said else None,
    }


def _html(selection: Selection, body: Body, path: str) -> str:
    root = selection.newsletter.root_url
    return markdown.for_feed(body, root, path, selection.visible).strip("\n")
