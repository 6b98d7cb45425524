"""A body made fit for its readers: pages, feeds.

A body's HTML is the sanitiser's canonical writing: within a tag `<`, `>`, `&` and `"` are escaped,
in text `<` and `>` are. So a pattern that begins with `<` and a name finds tags, nothing else, and
what is between two double quotes is a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import partial
from html import escape
from urllib.parse import quote

from pipeline.markdown.body import Body
from pipeline.text import OWN_ROOT

ImageAttributes = Callable[[Mapping[str, str]], Mapping[str, str]]
"""Gives attributes for an image by those that it has (its neutral `src`, an author's `width`).

They take the place of these; an empty value takes the attribute away.
"""

TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)([^>]*)>")
ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_LINK = re.compile(rf'<a href="(?:{OWN_ROOT}([^"?#]*)[^"]*|[^"]*)"[^>]*>|<a(?: [^>]*)?>|</a>')
_OWN = re.compile(rf'="{OWN_ROOT}([^"?#]*)([^"]*)"')
_IMAGE = re.compile(r"<img( [^>]*)>")
_CODE = re.compile(r'<pre( dir="ltr")?><code class="language-([^"]*)">([^<]*)</code></pre>')
_HEADING = re.compile(r"(</?h)([1-5])(?=[ >])")
_CELL = re.compile(r'(<t[dh][^>]*) class="(left|center|right)"')
_ID = re.compile(r'(<[a-z][a-z0-9]*(?: [a-z]+="[^"]*")*? id=")')
_WITH_ATTRIBUTES = re.compile(r"<([a-z][a-z0-9]*)( [^>]*)>")
_OURS = re.compile(r' (?:class|role)="[^"]*"')


def for_web(
    body: Body, page_path: str, visible: Collection[str], image: ImageAttributes | None = None
) -> str:
    """HTML for the page in the folder `page_path` (`articles/x/`), with relative URLs.

    Works below any path of a host and from `file://`. On a page other than the article's own every
    id, and every link to one, has the article's path before it: a page may show several articles.
    Classes: `markdown-alert`, `markdown-alert-NAME`, `markdown-alert-title`, `footnotes`, `task`,
    `table` (around each table), `highlight` (on `pre`) and Pygments' short names within it.
    """
    html = without_hidden(body, visible)
    if image is not None:
        html = with_images(html, image)
    html = html.replace("<img ", '<img loading="lazy" ')
    if body.path and page_path != body.path:
        prefix = escape(body.path.strip("/").rpartition("/")[2])
        html = _ID.sub(rf"\g<1>{prefix}--", html).replace('<a href="#', f'<a href="#{prefix}--')
    if OWN_ROOT in html:
        html = _OWN.sub(partial(_relative, quote(page_path), "../" * page_path.count("/")), html)
    if "<table" in html:
        html = _CELL.sub(r'\1 style="text-align:\2"', html)
        html = html.replace("<table", '<div class="table" tabindex="0"><table')
        html = html.replace("</table>", "</table></div>")
    if '><code class="language-' in html:
        from pipeline.markdown.highlight import highlighted

        html = _CODE.sub(highlighted, html)
    return html


def for_feed(body: Body, root_url: str, page_path: str, visible: Collection[str]) -> str:
    """HTML for a feed: every URL absolute, no class, style or script; ids stay.

    `root_url` is the newsletter's URL, percent-encoded and ending in a slash; `#fragments` lead to
    the article's page at `page_path`, since a reader may show many entries in one document.
    """
    html = absolute(without_hidden(body, visible), root_url, page_path)
    if "<table" in html:
        html = _CELL.sub(lambda match: f'{match[1]} align="{match[2]}"', html)
    if ' class="' in html or ' role="' in html:
        html = _WITH_ATTRIBUTES.sub(_plain, html)
    return html


def one_down(html: str) -> str:
    """HTML with its headings one level down."""
    return _HEADING.sub(lambda match: f"{match[1]}{int(match[2]) + 1}", html)


def absolute(html: str, root_url: str, page_path: str) -> str:
    """Neutral HTML with absolute URLs."""
    root = escape(root_url)
    html = html.replace('<a href="#', f'<a href="{root}{escape(quote(page_path))}#')
    return html.replace(OWN_ROOT, root)


def without_hidden(body: Body, visible: Collection[str]) -> str:
    """The neutral HTML; a link to an article that readers may not see keeps its text alone (F1)."""
    hidden = {quote(path) for path in body.articles if path not in visible}
    if not hidden:
        return body.html
    stack: list[bool] = []

    def kept(match: re.Match[str]) -> str:
        if match[0] == "</a>":
            return "" if stack and stack.pop() else match[0]
        stack.append(match[1] in hidden)
        return "" if stack[-1] else match[0]

    return _LINK.sub(kept, body.html)


def with_images(html: str, image: ImageAttributes) -> str:
    """Neutral HTML whose images have the attributes that `image` gives for them."""

    def tag(match: re.Match[str]) -> str:
        attributes = dict(ATTRIBUTE.findall(match[1]))
        attributes |= {key: escape(value) for key, value in image(attributes).items()}
        return (
            "<img" + "".join(f' {k}="{v}"' for k, v in attributes.items() if v or k == "alt") + ">"
        )

    return _IMAGE.sub(tag, html)


def _relative(page: str, up: str, match: re.Match[str]) -> str:
    path, tail = match[1], match[2]
    if path == page and tail.startswith("#"):
        return f'="{tail}"'
    index = "index.html" if path.endswith("/") or not path else ""
    return f'="{up}{path}{index}{tail}"'


def _plain(match: re.Match[str]) -> str:
    name, attributes = match[1], match[2]
    if ' class="' not in attributes and ' role="' not in attributes:
        return match[0]
    return f"<{name}{_OURS.sub('', attributes)}>"
