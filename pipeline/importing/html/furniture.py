"""A page's own text without what stands around it: navigation, sharing, cookies, comments.

Nothing is taken out that holds the page's heading or most of its words, whatever it is called.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator

from bs4 import BeautifulSoup, Comment, MarkupResemblesLocatorWarning, Tag
from bs4.element import PageElement

from pipeline.importing.html import placeholders
from pipeline.importing.html.shallow import shallow

_ACTIVE = ("script", "style", "template", "noscript", "link", "meta", "base", "title")
_CONTROLS = (
    ".kg-audio-player, .kg-video-player, .kg-audio-thumbnail, .preformatted-block > label.hide-text"
)
"""What is no text: the buttons and clocks of Ghost's players (`0:00`, `1×`), and what Substack's
editor says above a poem: “Text within this block will maintain its original spacing …”."""
_ELEMENTS = ("nav", "aside", "form", "dialog", "button", "select", "textarea", "footer")
_ROLES = frozenset(
    {"navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alertdialog"}
)
_NAMES = re.compile(
    r"""(?:^|[-_])(?:
      nav|navbar|navigation|menu|breadcrumbs?|sidebar|widgets?|skip-(?:link|to-content)
    | share|sharing|sharedaddy|social|addtoany|likes?|follow
    | cookies?|consent|gdpr|modal|popup|overlay
    | comments?|respond|disqus|related(?:-posts?)?|recommended|jp-relatedposts
    | subscribe|subscription|signup|newsletter-(?:form|signup|block)|promo|advert(?:isement)?|ads?
    | pagination|pager|page-links|post-navigation|nav-links|item-pagination|prev-next|post-nav
    | (?:entry|post|blog|item|article|page)-(?:meta|byline|info|date|tags|categories|actions|footer)
    | byline|site-(?:header|footer)|masthead|author-(?:bio|box)|toc|table-of-contents
    )(?:$|[-_](?!text|content|body|title))""",
    re.VERBOSE | re.IGNORECASE,
)
_FOR_READERS_ALOUD = re.compile(r"(?:^|[-_])(?:visually-hidden|sr-only|screen-reader-text)$", re.I)
_BODIES = (
    "[itemprop=articleBody]", ".e-content", ".entry-content", ".post-content", ".article-content",
    ".blog-item-content", ".article-body", ".post-body", "article", "main", "[role=main]",
    "#content",
)  # fmt: skip
_SHARE = 0.4
"""How much of a page's words its text has at least, for a place to be taken for it."""


def soup(html: str) -> BeautifulSoup:
    """A page as a browser reads it."""
    with warnings.catch_warnings():
        # An article may be one line that looks like a file's name.
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        return BeautifulSoup(shallow(html), "html5lib")


def without_code(page: BeautifulSoup) -> None:
    """Take out what acts and what nobody sees: scripts, styles, comments, hidden elements.

    What a script would show is put in its place first, where the page says what that is.
    """
    placeholders.shown(page)
    for one in page.find_all(_ACTIVE):
        one.decompose()
    for one in page.select(_CONTROLS):
        one.decompose()
    for comment in page.find_all(string=lambda one: isinstance(one, Comment)):
        comment.extract()
    for one in [*page.find_all(_hidden)]:
        if not one.decomposed:
            one.decompose()


def _hidden(one: Tag) -> bool:
    style = str(one.get("style", "")).replace(" ", "").lower()
    return one.has_attr("hidden") or "display:none" in style or "visibility:hidden" in style


def pruned(page: BeautifulSoup, heading: str) -> tuple[Tag, list[str]]:
    """The element that holds the page's text, and the names of what was taken out around it."""
    body = page.body or page
    total = _words(body)
    taken: list[str] = []
    for one in [*_furniture(body)]:
        if one.decomposed or _is_text(one, heading, total):
            continue
        name = _name(one)
        if _words(one):
            taken.append(name)
        one.decompose()
    main = _main(body)
    return main, list(dict.fromkeys(taken))


def _furniture(body: Tag) -> Iterator[Tag]:
    for one in body.find_all(True):
        named = f"{' '.join(one.get_attribute_list('class') or [])} {one.get('id', '')}".split()
        if (
            one.name in _ELEMENTS
            or (one.name == "header" and one.find_parent(["article", "main"]) is None)
            or one.get("role") in _ROLES
            or any(
                _NAMES.search(str(name)) or _FOR_READERS_ALOUD.search(str(name)) for name in named
            )
        ):
            yield one


def _is_text(one: Tag, heading: str, total: int) -> bool:
    """True where an element is more than furniture, whatever its name."""
    if one.name in ("body", "main", "article", "html"):
        return True
    if heading and any(title.get_text(" ", strip=True) == heading for title in one.find_all("h1")):
        return True
    if one.find_parent("blockquote") is not None and one.name == "footer":
        return True  # a quotation's source (HTML, §4.4.4)
    return one.name not in ("nav", "script") and _words(one) > total / 2


def _main(body: Tag) -> Tag:
    """The smallest element that is named as the text and holds enough of the words."""
    total = _words(body)
    for selector in _BODIES:
        found = body.select(selector)
        if len(found) == 1 and _words(found[0]) >= total * _SHARE:
            return found[0]
    return body


def _words(one: PageElement) -> int:
    return len(one.get_text(" ").split())


def _name(one: Tag) -> str:
    classes = [str(name) for name in one.get_attribute_list("class") if name]
    name = str(one.get("id") or (classes[0] if classes else ""))
    return f"{one.name}.{name}" if name else one.name
