"""What a saved page's head, JSON-LD and microdata say of it, the most exact first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup

from pipeline.importing.moments import Moment, moment
from pipeline.text import host, one_line

_DATED = (
    "[itemprop=datePublished]",
    "time.dt-published",
    "time.published",
    "time.entry-date",
    "time[pubdate]",
    "time.blog-date",
    "article header time[datetime]",
    "article time[datetime]",
)
_WRITTEN_BY = "[rel~=author], .p-author, .author .fn, [itemprop=author] [itemprop=name]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A page as it describes itself; what it does not say is empty."""

    title: str
    site: str
    date: Moment | None
    updated: Moment | None
    summary: str
    image: str
    image_alt: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    lang: str
    url: str


def read(page: BeautifulSoup) -> Facts:
    """Read a page, its scripts still in it."""
    metas: dict[str, list[str]] = {}
    for one in page.find_all("meta", content=True):
        key = str(one.get("property") or one.get("name") or one.get("itemprop") or "").lower()
        metas.setdefault(key, []).append(str(one["content"]))

    def meta(*keys: str) -> str:
        return next((metas[key][0] for key in keys if key in metas), "")

    told = _json_ld(page)
    html = page.find("html")
    url = _canonical(page) or meta("og:url") or str(told.get("url") or "")
    published = meta("article:published_time", "datepublished", "date")
    modified = meta("article:modified_time", "datemodified") or told.get("dateModified")
    tags = metas.get("article:tag") or [one.get_text(" ") for one in page.select("a[rel~=tag]")]
    return Facts(
        title=one_line(meta("og:title") or _text(page, "title")),
        site=one_line(meta("og:site_name")),
        date=moment(published or told.get("datePublished") or _shown(page)),
        updated=moment(modified),
        summary=one_line(meta("og:description", "description")),
        image=meta("og:image", "og:image:url", "twitter:image"),
        image_alt=one_line(meta("og:image:alt", "twitter:image:alt")),
        authors=tuple(_authors(meta("author", "article:author"), told, page)),
        tags=tuple(dict.fromkeys(map(one_line, tags))),
        lang=str(html.get("lang") or "") if html is not None else "",
        url=url if host(url) else "",
    )


def _text(page: BeautifulSoup, selector: str) -> str:
    found = page.select_one(selector)
    return found.get_text(" ") if found is not None else ""


def _canonical(page: BeautifulSoup) -> str:
    found = page.find("link", rel="canonical")
    return str(found.get("href") or "") if found is not None else ""


def _shown(page: BeautifulSoup) -> str:
    """The date that the page's own time elements show."""
    for selector in _DATED:
        found = page.select_one(selector)
        if found is not None:
            return str(found.get("datetime") or found.get("content") or found.get_text())
    return ""


def _authors(named: str, told: Mapping[str, Any], page: BeautifulSoup) -> Iterator[str]:
    if named and not host(named):
        yield one_line(named)
        return
    said = told.get("author")
    several = said if isinstance(said, list) else [said]
    names = [one.get("name") if isinstance(one, dict) else one for one in several]
    written = [one_line(one) for one in names if isinstance(one, str) and one.strip()]
    shown = one_line(_text(page, _WRITTEN_BY))
    yield from written or ([shown] if 0 < len(shown) < 80 else [])


def _json_ld(page: BeautifulSoup) -> Mapping[str, Any]:
    """The article that JSON-LD describes; empty where it describes none."""
    for script in page.find_all("script", type="application/ld+json"):
        try:
            found = json.loads(script.get_text())
        except (ValueError, RecursionError):
            continue
        for one in _nodes(found):
            if one.get("datePublished"):
                return one
    return {}


def _nodes(found: Any) -> Iterator[Mapping[str, Any]]:
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, dict):
            yield one
            graph = one.get("@graph")
            yield from (node for node in graph or () if isinstance(node, dict))
