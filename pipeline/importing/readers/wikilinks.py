"""Links between double brackets, as Obsidian writes them: by a note's name, wherever it lies."""

from __future__ import annotations

import re
from posixpath import normpath, relpath

from pipeline.importing.bundle import Bundle
from pipeline.importing.escaping import escaped
from pipeline.importing.model import Note
from pipeline.importing.relinked import destination, outside_code
from pipeline.text import excerpt, one_line, slugify

_LINK = re.compile(
    r"(?P<shown>!?)\[\[(?=\S)(?P<to>[^\[\]|#\n]*?)(?:#(?P<at>[^\[\]|\n]*?))?"
    r"(?:\\?\|(?P<said>[^\[\]\n]*))?\]\](?![(\[:])"
)
_SIZE = re.compile(r"\d+(?:x\d+)?")
_HIDDEN = re.compile(r"%%(?P<words>.+?)%%", re.DOTALL)
_NOTES = (".md", ".markdown")


def plain(body: str, bundle: Bundle, name: str) -> tuple[str, tuple[Note, ...]]:
    """A note's text with links and pictures that any Markdown knows, and what stays as typed."""
    if "[[" not in body and "%%" not in body:
        return body, ()
    path, folder = bundle.path(name), name.rpartition("/")[0]
    notes: list[Note] = []

    def one(found: re.Match[str]) -> str:
        to, at, said = (one_line(found[key] or "") for key in ("to", "at", "said"))
        target = _found(to, bundle, folder) if to else name
        if target is None:
            what = f"{excerpt(found[0], 60)!r} names no file of the source: it stands as typed"
            notes.append(Note(path=path, message=what, loss=True))
            return found[0]
        is_note = target.lower().endswith(_NOTES)
        url = relpath(target, folder or ".") if to else ""
        if found["shown"] and not is_note:
            words = "" if _SIZE.fullmatch(said) else said
            return f"![{escaped(words, starts=False)}]({destination(url)})"
        if found["shown"]:
            what = f"the note {to!r} is shown within this one: it is a link now"
            notes.append(Note(path=path, message=what, loss=True))
        words = said or " > ".join(filter(None, (to, at)))
        fragment = f"#{slugify(at)}" if at and not at.startswith("^") else ""
        link = destination(url + fragment)
        return f"[{escaped(words, starts=False)}]({link})" if link else escaped(words)

    body = outside_code(body, _LINK, one)

    def told(found: re.Match[str]) -> str:
        what = f"stands between %%, hidden in Obsidian, and is shown here: {_short(found['words'])}"
        notes.append(Note(path=path, message=what))
        return found[0]

    outside_code(body, _HIDDEN, told)
    return body, tuple(dict.fromkeys(notes))


def _short(words: str) -> str:
    return repr(excerpt(one_line(words), 60))


def _found(to: str, bundle: Bundle, folder: str) -> str | None:
    """The file that a link names: by its path, else by its name, the one nearest to the top."""
    wanted = [f"{to}{ending}".casefold() for ending in ("", *_NOTES)]
    named = {one.casefold(): one for one in bundle.names}
    for one in wanted:
        for place in (normpath(one), normpath(f"{folder}/{one}".casefold().lstrip("/"))):
            if place in named:
                return named[place]
    below = [one for one in named if any(one.endswith(f"/{name}") for name in wanted)]
    return named[min(below, key=lambda one: (one.count("/"), one))] if below else None
