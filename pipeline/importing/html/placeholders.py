"""What stands empty in HTML until a script fills it, as what it would show.

Substack keeps mentions, formulas, galleries and embedded posts as JSON in an attribute, in its
export as in its feed, and Squarespace films as HTML; gists and posts of social networks are a
script, or a link without words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

from bs4 import BeautifulSoup, Tag

from pipeline.importing.html.footnotes import REFERENCE
from pipeline.importing.html.shallow import shallow
from pipeline.text import host, one_line

_KEPT = "data-attrs"
_SHOWN = ["img", "iframe", "audio", "video", "a", "hr", "table", "pre", REFERENCE]
_TAG = re.compile(r"</?(?:a|span|br)\b[^>]*>")
_GIST = re.compile(r"(https://gist\.github\.com/[\w-]+/\w+)\.js\b")


def shown(page: BeautifulSoup) -> None:
    """Put what each placeholder would show in its place; one that nobody knows stays."""
    for one in page.find_all(["div", "figure"], attrs={"data-html": True}):
        if _is_empty(one, _SHOWN):
            one.append(_tree(str(one["data-html"])))
    for one in page.find_all("script", src=_GIST):
        found = _GIST.search(str(one["src"]))
        if found is not None:
            one.replace_with(_tree(f"<p>{_link(found[1], found[1])}</p>"))
    for link in page.find_all("a", href=re.compile("^https?://")):
        around = None if link.get_text(strip=True) else link.find_parent("blockquote")
        if around is not None and _is_empty(around, ["img", "iframe"]):
            link.string = str(link["href"])
    for one in _empty(page):
        html = "".join(_html(one))
        if html:
            one.replace_with(_tree(html))


def left(main: Tag) -> Iterator[str]:
    """What the placeholders that nobody knows are called."""
    for one in _empty(main):
        yield str(one.get("data-component-name") or one.get("id") or one.name)


def _empty(main: Tag) -> list[Tag]:
    found = main.find_all(["div", "span"], attrs={_KEPT: True})
    return [one for one in found if _is_empty(one, _SHOWN)]


def _is_empty(one: Tag, shows: list[str]) -> bool:
    return next(one.stripped_strings, None) is None and one.find(shows) is None


def _tree(html: str) -> BeautifulSoup:
    return BeautifulSoup(shallow(html), "html.parser")


def _html(one: Tag) -> Iterator[str]:
    """What a placeholder shows; nothing where that is not known."""
    try:
        said = json.loads(str(one[_KEPT]))
    except (ValueError, RecursionError):
        return
    if not isinstance(said, dict):
        return
    url = _word(said, "canonical_url") or _word(said, "url")
    url = url if host(url) else ""
    if one.name == "span":
        name = _word(said, "name")
        yield _link(url, name) if url and name else escape(name)
    elif formula := str(said.get("persistentExpression") or ""):
        yield f'<pre><code class="language-latex">{escape(formula)}</code></pre>'
    elif isinstance(said.get("gallery"), dict):
        yield from _gallery(said["gallery"])
    elif url:
        words = _word(said, "full_text") or _word(said, "caption")
        name = _word(said, "title") or _word(said, "name") or url
        yield f"<blockquote><p>{escape(words)}</p><p>{_link(url, name)}</p></blockquote>"


def _gallery(said: dict[str, Any]) -> Iterator[str]:
    """The pictures one below the other, and their one caption."""
    images = said.get("images")
    several = images if isinstance(images, list) else []
    sources = [_word(one, "src") for one in several if isinstance(one, dict)]
    alt = escape(_word(said, "alt"))
    yield from (f'<p><img src="{escape(src)}" alt="{alt}"></p>' for src in sources if src)
    if caption := _word(said, "caption"):
        yield f"<p>{escape(caption)}</p>"


def _link(url: str, words: str) -> str:
    return f'<a href="{escape(url)}">{escape(words)}</a>'


def _word(said: dict[str, Any], key: str) -> str:
    """A value as one line without tags, which tweets hold."""
    value = said.get(key)
    return one_line(_TAG.sub("", value)) if isinstance(value, str) else ""
