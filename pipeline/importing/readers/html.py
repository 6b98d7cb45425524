"""A saved HTML page: its text without the furniture, and the neighbours it names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag

from pipeline.articles import file_number
from pipeline.config import Author
from pipeline.importing.bundle import MAX_TEXT, Bundle, refused
from pipeline.importing.decoding import decoded
from pipeline.importing.html import furniture
from pipeline.importing.model import Imported, Note
from pipeline.importing.readers import googledocs, pagefacts, pagination
from pipeline.importing.readers.pagefacts import Facts
from pipeline.text import fold, one_line

_HALVES = {
    "previous": "a[rel~=prev], a[class*=item-pagination-link--prev], .nav-previous a, a.prev",
    "next": "a[rel~=next], a[class*=item-pagination-link--next], .nav-next a, a.next",
}
_ARROWS = re.compile(r"^[\s←→‹›«»<>]+|[\s←→‹›«»<>]+$")
_LINES = ["p", "h2", "h3", "h4", "li", "div", "a", "span"]
_TOLD = 8


def read(bundle: Bundle, name: str) -> Iterator[Imported]:
    """The one article of a page; PartworkError where it has no text."""
    path = bundle.path(name)
    html, encoding = decoded(bundle.read(name, MAX_TEXT))
    page = furniture.soup(html)
    facts = pagefacts.read(page)
    lost = googledocs.settled(page)
    title = _title(page, facts) or _words_of(name)
    named, hrefs = _neighbours(page)
    furniture.without_code(page)
    main, taken = furniture.pruned(page, title)
    named = tail(main) | named
    _without_title(main, title)
    if not main.get_text(strip=True) and main.find("img") is None:
        raise refused(path, "there is no text on this page", "save it with its text", "empty")
    notes = [Note(path=path, message=f"was read as {encoding}, not UTF-8")] if encoding else []
    notes += [Note(path=path, message=what, loss=True) for what in lost]
    if taken:
        more = f" and {len(taken) - _TOLD} more" if len(taken) > _TOLD else ""
        what = f"taken for page furniture: {', '.join(taken[:_TOLD])}{more}"
        notes.append(Note(path=path, message=what))
    yield Imported(
        origin=bundle.origin(name),
        path=path,
        title=title,
        body=main.decode_contents(),
        markup="html",
        date=facts.date,
        updated=facts.updated,
        authors=tuple(Author(name=one) for one in facts.authors),
        tags=facts.tags,
        summary=facts.summary,
        image=facts.image,
        image_alt=facts.image_alt,
        lang=facts.lang,
        part=file_number(name),
        previous=named.get("previous"),
        next=named.get("next"),
        url=facts.url,
        hrefs=hrefs,
        folder=name.rpartition("/")[0],
        notes=tuple(notes),
    )


def _words_of(name: str) -> str:
    stem = name.rpartition("/")[2].rpartition(".")[0] or name
    return one_line(re.sub(r"[-_]+", " ", stem))


def _title(page: BeautifulSoup, facts: Facts) -> str:
    """The page's heading; else what its head calls it, without the site's name."""
    headings = [one for one in page.find_all("h1") if one.get_text(strip=True)]
    within = [one for one in headings if one.find_parent(["article", "main"]) is not None]
    for some in (within, headings):
        if len(some) == 1:
            return one_line(some[0].get_text(" "))
    named = re.split(r"\s+[|–—·»-]\s+", facts.title)
    if len(named) > 1 and fold(named[-1]) == fold(facts.site):
        named = named[:-1]
    return " – ".join(named) or (one_line(headings[0].get_text(" ")) if headings else "")


def _neighbours(page: BeautifulSoup) -> tuple[dict[str, str], dict[str, str]]:
    """The titles that the page's own pagination names, and where it leads."""
    found: dict[str, str] = {}
    hrefs: dict[str, str] = {}
    for (way, selector), rel in zip(_HALVES.items(), ("prev", "next"), strict=True):
        links = page.select(selector)
        alone = len({str(one.get("href")) for one in links}) == 1
        head = page.find("link", rel=rel)
        said = _named(links[-1]) if alone else ""
        said = said or one_line(str(head.get("title") or "")) if head is not None else said
        lead = [head] if head is not None else links[-1:] if alone else []
        if said:
            found[way] = said
        if lead:
            hrefs[way] = str(lead[0].get("href") or "")
    return found, hrefs


def _named(link: Tag) -> str:
    """The title in a pagination link: its words without the label and the arrows."""
    titles = [one for one in link.select("[class*=title], h2, h3, h4") if one.find(True) is None]
    inner = titles[-1] if titles else link
    lines = [one_line(str(one)) for one in inner.strings if str(one).strip()]
    lines = [_ARROWS.sub("", one) for one in lines if pagination.way_of(one) is None]
    return one_line(" ".join(lines)) or one_line(str(link.get("title") or ""))


def tail(main: Tag) -> dict[str, str]:
    """The neighbours that the end of the text itself names; that end is cut off."""
    last = [one for one in main.find_all(_LINES) if _is_line(one)][-8:]
    left, said = pagination.cut([one_line(one.get_text(" ")) for one in last])
    for one in last[left:]:
        one.decompose()
    named = {"previous": said.previous, "next": said.next}
    return {way: one_line(title) for way, title in named.items() if title}


def _is_line(one: Tag) -> bool:
    """Whether an element is one line of text by itself."""
    if not one.get_text(strip=True) or one.find(_LINES[:6]) is not None:
        return False
    if one.name in ("a", "span"):
        alone = one.parent is not None and one.parent.get_text(strip=True) != one.get_text(
            strip=True
        )
        return alone and one.find_parent(_LINES[:5]) is None and one.find_parent("a") is None
    return one.find_parent(_LINES[:5]) is None


def _without_title(main: Tag, title: str) -> None:
    """The heading that is the article's title is not its text."""
    for one in main.find_all(["h1", "h2"], limit=3):
        if fold(one.get_text(" ")) == fold(title):
            one.decompose()
            return
