"""The sitemap: the pages that are their own canonical address (sitemaps.org 0.9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from html import escape

from pipeline.catalogue import Catalogue


def sitemap(catalogue: Catalogue) -> str:
    """The sitemap's XML; `lastmod` is when a page's newest article changed (D2)."""
    zone = catalogue.newsletter.zone
    lines = [
        f"<url><loc>{escape(url)}</loc>"
        + (f"<lastmod>{when.astimezone(zone).isoformat()}</lastmod>" if when else "")
        + "</url>\n"
        for url, when in _pages(catalogue)
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        + "".join(lines)
        + "</urlset>\n"
    )


def _pages(catalogue: Catalogue) -> Iterator[tuple[str, datetime | None]]:
    newsletter = catalogue.newsletter
    yield newsletter.root_url, catalogue.updated
    for series in catalogue.series:
        yield newsletter.absolute(series.path), max(one.updated for one in series.articles)
    for article in catalogue.articles:
        if not article.source.canonical_url:
            yield newsletter.absolute(article.path), article.updated
    for issue in catalogue.issues:
        if len(issue.articles) > 1:  # one article alone is canonical on its own page
            yield newsletter.absolute(issue.path), max(one.updated for one in issue.articles)
