"""Word documents, by mammoth: what its styles mean becomes headings, lists, tables and notes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import mammoth
from bs4 import Tag

from pipeline.articles import file_number
from pipeline.config import Author
from pipeline.importing.bundle import MAX_EXPORT, Bundle, refused, unzipped
from pipeline.importing.html import furniture
from pipeline.importing.model import Imported, Note
from pipeline.importing.readers import html, wordxml
from pipeline.text import fold, one_line

_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p.subtitle:fresh
p[style-name='Quote'] => blockquote:fresh
p[style-name='Intense Quote'] => blockquote:fresh
r[style-name='Code'] => code
u => u
strike => s
"""
_NOTE = re.compile(r"(?:footnote|endnote|comment)-")
"""The ids that mammoth gives to notes."""
_MAX_UNPACKED = 4 * MAX_EXPORT


def read(bundle: Bundle, name: str) -> Iterator[Imported]:
    """The one article of a document; its pictures come along."""
    path = bundle.path(name)
    raw = bundle.read(name, MAX_EXPORT)
    inner = unzipped(bundle, name)
    _vet(inner, path)
    pictures: dict[str, bytes] = {}

    def keep(image: Any) -> dict[str, str]:
        with image.open() as stream:
            data = stream.read()
        key = f"picture-{len(pictures) + 1}"
        pictures[key] = data
        return {"src": key}

    try:
        made = mammoth.convert_to_html(
            BytesIO(raw), style_map=_STYLES, convert_image=mammoth.images.img_element(keep)
        )
    except (KeyError, ValueError, TypeError, AttributeError, OSError, RecursionError) as error:
        what = f"this document is broken ({type(error).__name__})"
        raise refused(
            path, what, "open it in a word processor and save it again", "truncated"
        ) from None
    except Exception as error:
        # zip and XML libraries below mammoth each raise errors of their own.
        what = f"this document can't be read ({one_line(str(error))})"
        raise refused(path, what, "save it again as .docx", "truncated") from None
    page = furniture.soup(made.value)
    main = page.body or page
    facts = wordxml.facts(inner)
    title, notes = _title(main, facts, name, path)
    _number(main, wordxml.numbers(inner))
    notes += wordxml.notes(inner, path)
    neighbours = html.tail(main)
    said = dict.fromkeys(one_line(one.message) for one in made.messages)
    notes += [
        Note(path=path, message=one, loss=True)
        for one in said
        if "nrecognised paragraph style" not in one
    ]
    if len(main.get_text(strip=True)) == 0 and not pictures:
        raise refused(path, "there is no text in this document", "leave it out", "empty")
    yield Imported(
        origin=bundle.origin(name),
        path=path,
        title=title,
        body=main.decode_contents(),
        markup="html",
        authors=(Author(name=facts["creator"]),) if facts.get("creator") else (),
        tags=tuple(
            one_line(tag) for tag in re.split("[,;]", facts.get("keywords", "")) if tag.strip()
        ),
        summary=facts.get("description", ""),
        lang=facts.get("language", ""),
        part=file_number(name),
        previous=neighbours.get("previous"),
        next=neighbours.get("next"),
        folder=name.rpartition("/")[0],
        files=pictures,
        notes=tuple(notes),
    )


def _number(main: Tag, numbers: list[int | None]) -> None:
    """Each item with its number in the document: mammoth begins every list at 1."""
    items = [one for one in main.find_all("li") if not _NOTE.match(str(one.get("id") or ""))]
    if len(items) == len(numbers):
        for one, number in zip(items, numbers, strict=True):
            if number is not None:
                one["value"] = str(number)


def _vet(inner: Bundle, path: str) -> None:
    """PartworkError for a document whose XML declares entities, or that unpacks to too much."""
    total = 0
    for member in inner.names:
        raw = inner.read(member, _MAX_UNPACKED)
        total += len(raw)
        if total > _MAX_UNPACKED:
            what = f"this document unpacks to more than {_MAX_UNPACKED // 1024**2} MB"
            raise refused(path, what, "take pictures out of it", "too-large")
        if member.endswith((".xml", ".rels")) and (b"<!DOCTYPE" in raw or b"<!ENTITY" in raw):
            raise refused(
                path,
                "this document's XML declares entities",
                "don't trust this file",
                "xml-entities",
            )


def _title(main: Tag, facts: dict[str, str], name: str, path: str) -> tuple[str, list[Note]]:
    """The heading at its beginning, else its property, its first line, its file's name."""
    first = next((one for one in main.find_all(recursive=False) if one.get_text(strip=True)), None)
    if first is not None and first.name in ("h1", "h2"):
        title = one_line(first.get_text(" "))
        first.decompose()
        return title, []
    said = facts.get("title", "")
    if said and fold(said) not in ("", "document", "untitled", "word document"):
        return said, []
    words = one_line(first.get_text(" ")) if first is not None else ""
    if words and len(words) <= 120 and first is not None and first.name == "p":
        first.decompose()
        return words, [Note(path=path, message=f"its first line is taken for the title: {words!r}")]
    title = name.rpartition("/")[2].rpartition(".")[0].replace("-", " ").replace("_", " ")
    return title, [Note(path=path, message=f"has no title: its file's name is taken, {title!r}")]
