"""Footnotes in HTML, whoever made them: a reference and a note below that link to each other."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, Tag

REFERENCE, NOTE = "partwork-fnref", "partwork-fn"
"""Elements that stand for a reference and a note, each with its label as `data-label`."""

_LABEL = re.compile(r"[\[(]?\s*(?:\w{1,8}|[*†‡§]{1,3})\s*[\])]?")
_BACK = re.compile(
    r"[\s↩↑^⤴\ufe0e\ufe0f]*|[\[(]?\d{1,4}[\])]?\.?"
    r"|(?:jump |go )?back(?: to (?:text|content|top))?|return",
    re.IGNORECASE,
)
_SAID = re.compile(
    r"(?:foot|end|side)?notes?(?:[-_:]?\d|$)|(?:^|[\s_-])fn[-_:]?\w|doc-(?:foot|end)note",
    re.IGNORECASE,
)
_PLACES = ("li", "p", "div", "dd", "aside", "section", "td")


def marked(page: BeautifulSoup, main: Tag) -> None:
    """Put `REFERENCE` elements where notes are referred to, and `NOTE` elements at the end."""
    order = {id(one): at for at, one in enumerate(main.find_all(True))}
    targets = {str(one["id"]): one for one in main.find_all(id=True)}
    targets = {str(one["name"]): one for one in main.find_all("a", attrs={"name": True})} | targets
    labels: dict[int, str] = {}
    notes: list[Tag] = []
    for link in main.find_all("a", href=re.compile("^#.")):
        target = targets.get(str(link["href"])[1:])
        if target is None or order[id(target)] < order[id(link)]:
            continue
        note = target if target.name in _PLACES else target.find_parent([*_PLACES])
        if note is None or note in link.parents or not _is_reference(link, target, note):
            continue
        if id(note) not in labels:
            labels[id(note)] = str(len(labels) + 1)
            notes.append(note)
        _refer(page, link, labels[id(note)])
    for note in notes:
        _without_back(note)
        parent = note.parent
        note.name = NOTE
        note["data-label"] = labels[id(note)]
        main.append(note.extract())  # where readers find it, too
        if (
            parent is not None
            and parent.name in ("ol", "ul", "dl")
            and not parent.get_text(strip=True)
        ):
            parent.decompose()


def _is_reference(link: Tag, target: Tag, note: Tag) -> bool:
    """Whether a link refers to a note: it is a label, and the note links back or says so."""
    if not _LABEL.fullmatch(link.get_text(strip=True)):
        return False
    names = {
        str(one.get(key))
        for one in (link, link.parent)
        if one is not None
        for key in ("id", "name")
    }
    if any(str(one.get("href"))[1:] in names for one in note.find_all("a", href=True)):
        return True
    said = [
        *target.get_attribute_list("class"),
        target.get("id"),
        target.get("role"),
        note.get("role"),
    ]
    return any(_SAID.search(str(one)) for one in said if one)


def _refer(page: BeautifulSoup, link: Tag, label: str) -> None:
    mark = page.new_tag(REFERENCE)
    mark["data-label"] = label
    _raised(link).replace_with(mark)


def _without_back(note: Tag) -> None:
    """Take out the way back, which every note gets anew."""
    for link in note.find_all("a", href=re.compile("^#")):
        if _BACK.fullmatch(link.get_text(" ", strip=True)):
            _raised(link).decompose()


def _raised(link: Tag) -> Tag:
    """A link, or the `sup` that holds nothing else."""
    around = link.find_parent("sup")
    if around is None or around.get_text(strip=True) != link.get_text(strip=True):
        return link
    return around
