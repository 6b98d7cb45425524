"""What a page tells machines in its head: Open Graph, JSON-LD, its neighbours and true address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from json import dumps

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup, escape

from pipeline.config import Newsletter
from pipeline.pages.entries import SeriesEntry
from pipeline.pages.facts import Facts
from pipeline.pages.pictures import Picture

# Letters of every language stay readable and keys keep their order. `<`, `>`, `&` and `'` are
# written as \\u escapes, so no title can end the script element.
_json = partial(
    htmlsafe_json_dumps, dumps=partial(dumps, ensure_ascii=False, separators=(",", ":"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page is, apart from its text.

    `url` is its canonical address, empty for none; `previous` and `next` lead from output/'s root;
    `published` and `modified` are set for an article.
    """

    lang: str
    title: str | Markup
    url: str = ""
    description: str = ""
    image: Picture | None = None
    previous: str = ""
    next: str = ""
    series: SeriesEntry | None = None
    published: str = ""
    modified: str = ""
    tags: tuple[str, ...] = ()
    data: Facts = field(default_factory=dict)


def head(newsletter: Newsletter, page: Page, root: str) -> Markup:
    """The lines of a page's head that differ from page to page; `root` leads to output/'s root."""
    return Markup("".join(_lines(newsletter, page, root)))  # noqa: S704  # each line escapes


def _lines(newsletter: Newsletter, page: Page, root: str) -> Iterator[str]:
    if not page.url:
        yield _meta("name", "robots", "noindex")
        return
    yield _link("canonical", page.url)
    if page.previous:
        yield _link("prev", root + page.previous)
    if page.next:
        yield _link("next", root + page.next)
    if page.description:
        yield _meta("name", "description", page.description)
        yield _meta("property", "og:description", page.description)
    yield _meta("property", "og:title", page.title)
    yield _meta("property", "og:site_name", newsletter.title)
    yield _meta("property", "og:type", "article" if page.published else "website")
    yield _meta("property", "og:url", page.url)
    if page.image:
        yield from _image(newsletter, page.image)
    large = page.image and page.published
    yield _meta("name", "twitter:card", "summary_large_image" if large else "summary")
    if page.published:
        yield _meta("property", "article:published_time", page.published)
        yield _meta("property", "article:modified_time", page.modified)
        for tag in page.tags:
            yield _meta("property", "article:tag", tag)
    if page.data:
        yield f'<script type="application/ld+json">{_json(page.data)}</script>\n'


def _image(newsletter: Newsletter, image: Picture) -> Iterator[str]:
    yield _meta("property", "og:image", newsletter.root_url + image.src)
    if image.width:
        yield _meta("property", "og:image:width", str(image.width))
        yield _meta("property", "og:image:height", str(image.height))
    if image.alt:
        yield _meta("property", "og:image:alt", image.alt)


def _link(rel: str, href: str) -> str:
    return f'<link rel="{rel}" href="{escape(href)}">\n'


def _meta(kind: str, name: str, content: str) -> str:
    return f'<meta {kind}="{name}" content="{escape(content)}">\n'
