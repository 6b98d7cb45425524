"""Pages that Google Docs saves: what only their classes say becomes what HTML has elements for.

Such a page says in its style sheet what is bold, nests lists by their classes (`lst-kix_x-1` is the
second level), leads every link through google.com, and has comments at its end like footnotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from bs4 import BeautifulSoup, Tag

_LEVEL = re.compile(r"lst-(\w+)-(\d)")
_RULE = re.compile(r"\.(c\d+)\{([^{}]*)\}")
_MEANT = {
    "font-weight:700": "strong",
    "font-style:italic": "em",
    "text-decoration:line-through": "del",
    "vertical-align:super": "sup",
    "vertical-align:sub": "sub",
}
"""What a class of the style sheet says in HTML."""
_HEADINGS = re.compile("^h[1-6]$")
_COMMENT = re.compile(r"^cmnt\d+$")
_REFERENCE = re.compile(r"^cmnt_ref\d+$")


def settled(page: BeautifulSoup) -> list[str]:
    """Change the tree of such a page, and what was left out; other pages stay as they are."""
    if page.select_one("body.doc-content, [class*=lst-kix_]") is None:
        return []
    title = page.select_one("p.title")
    if title is not None and title.get_text(strip=True):
        for one in page.find_all(_HEADINGS):
            one.name = f"h{min(6, int(one.name[1]) + 1)}"
        title.name = "h1"
    for link in page.find_all("a", href=True):
        link["href"] = _direct(str(link["href"]))
    _styled(page)
    _nested(page)
    several = sum(1 for _ in _without_comments(page))
    if not several:
        return []
    return [f"{'a comment was' if several == 1 else f'{several} comments were'} left out"]


def _direct(href: str) -> str:
    """Where a link leads after google.com/url."""
    parts = urlsplit(href)
    target = parse_qs(parts.query).get("q", [""])[0]
    through = parts.hostname == "www.google.com" and parts.path == "/url"
    return target if through and target else href


def _styled(page: BeautifulSoup) -> None:
    sheet = "".join(str(one.string or "") for one in page.find_all("style")).replace(" ", "")
    classes: dict[str, list[str]] = {}
    for name, rules in _RULE.findall(sheet):
        classes[name] = [_MEANT[rule] for rule in rules.split(";") if rule in _MEANT]
    for span in page.find_all("span"):
        plain = not span.get_text(strip=True) or span.find_parent(_HEADINGS) is not None
        for name in () if plain else span.get_attribute_list("class"):
            for tag in classes.get(str(name), ()):
                span.wrap(page.new_tag(tag))
        span.unwrap()
    page.smooth()


def _nested(page: BeautifulSoup) -> None:
    """Put each list into the item that it stands below; one that goes on is one list again."""
    for first in page.find_all(["ol", "ul"]):
        if first.parent is None or _level(first) is None or _list_after(first, -1) is not None:
            continue
        open_lists = [first]
        while (after := _list_after(first, 1)) is not None:
            kind, depth = _level(after) or ("", 0)
            while len(open_lists) > 1 and (_level(open_lists[-1]) or ("", 0))[1] > depth:
                open_lists.pop()
            last = open_lists[-1]
            if _level(last) == (kind, depth) and "start" not in after.get_attribute_list("class"):
                for item in after.find_all("li", recursive=False):
                    last.append(item.extract())
                after.decompose()
                continue
            items = last.find_all("li", recursive=False)
            if (_level(last) or ("", 0))[1] >= depth or not items:
                break
            items[-1].append(after.extract())
            open_lists.append(after)


def _level(one: Tag) -> tuple[str, int] | None:
    """A list's name and its depth from 0; None where its classes don't say."""
    found = _LEVEL.search(" ".join(map(str, one.get_attribute_list("class"))))
    return (found[1], int(found[2])) if found else None


def _list_after(one: Tag, way: int) -> Tag | None:
    """The list right after (1) or before (-1) another."""
    beside = one.find_next_sibling() if way > 0 else one.find_previous_sibling()
    return beside if isinstance(beside, Tag) and _level(beside) else None


def _without_comments(page: BeautifulSoup) -> Iterator[None]:
    """Take each comment out, and the sign that refers to it."""
    for link in page.find_all("a", id=_REFERENCE):
        around = link.parent
        (around if around is not None and around.name == "sup" else link).decompose()
    for link in page.find_all("a", id=_COMMENT):
        around = link.find_parent("div")
        if around is not None:
            around.decompose()
            yield
