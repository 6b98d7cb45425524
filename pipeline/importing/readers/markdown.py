"""Markdown of other programs: Jekyll, Hugo, Pelican, Eleventy, Buttondown, and Partwork's own.

Their front matter is YAML, TOML or JSON, or lines `Key: value`; `dialects` says what its keys mean,
`templatetags` and `wikilinks` what stands in the text and is no Markdown.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pipeline import frontmatter
from pipeline.articles import file_number
from pipeline.errors import fail_on_errors
from pipeline.importing.bundle import MAX_TEXT, Bundle, refused
from pipeline.importing.decoding import decoded
from pipeline.importing.model import Imported, Note
from pipeline.importing.moments import moment
from pipeline.importing.readers import dialects, templatetags, wikilinks
from pipeline.text import fold, one_line

_META = re.compile(r"([A-Za-z][A-Za-z_ -]{0,30}):[ \t]*(.*)")
_HEADING = re.compile(
    r"\A\s*(?:# +(?P<atx>[^\n]+?)(?: #+)?|(?P<setext>\S[^\n]*)\n=+)[ \t]*(?:\n|\Z)"
)
_DATED = re.compile(r"(\d{4}-\d\d-\d\d)(?:[-_. ]+|\Z)")


def read(bundle: Bundle, name: str) -> Iterator[Imported]:
    """The one article of a Markdown file; none for a page that only heads a section."""
    path = bundle.path(name)
    content, encoding = decoded(bundle.read(name, MAX_TEXT))
    fields, body, lines = _split(content, path)
    base = name.rpartition("/")[2]
    stem = base.rpartition(".")[0] or base
    if stem == "_index":
        return
    folder = name.rpartition("/")[0]
    if stem == "index" and folder:
        stem = folder.rpartition("/")[2]  # a page bundle is named by its folder
    notes = [Note(path=path, message=f"was read as {encoding}, not UTF-8")] if encoding else []
    found = dialects.read(fields, path, bundle.origin(name))
    body, linked = wikilinks.plain(body, bundle, name)
    body, said = templatetags.plain(body, path)
    title, body = _title(found.title, body, stem)
    dated = _DATED.match(stem)
    yield replace(
        found,
        title=title,
        body=body,
        date=found.date or (moment(dated[1]) if dated else None),
        slug=found.slug or _slug(stem),
        draft=found.draft or "_drafts/" in f"/{name}",
        part=found.part or file_number(stem),
        lines=lines,
        folder=folder,
        notes=(*notes, *found.notes, *linked, *said),
    )


def _slug(stem: str) -> str:
    """A file's name without the date or the number at its head."""
    bare = _DATED.sub("", stem, count=1)
    return re.sub(r"\A\d{1,6}[-_. ]+", "", bare) or bare


def _title(given: str, body: str, stem: str) -> tuple[str, str]:
    """The title, and the text without a heading that repeats it."""
    found = _HEADING.match(body)
    heading = one_line(found["atx"] or found["setext"]) if found else ""
    plain = re.sub(r"[*_`]|\\(?=\W)", "", heading)
    if found and (not given or fold(given) in (fold(heading), fold(plain))):
        return given or plain, body[found.end() :].lstrip("\n")
    words = _slug(stem).replace("-", " ").replace("_", " ")
    return given or words[:1].upper() + words[1:], body


def _split(content: str, path: str) -> tuple[Mapping[str, Any], str, Mapping[str, int]]:
    """Front matter, the text below it, and the lines of the keys where they are known."""
    start = content.lstrip("\n")
    first, _, rest = start.partition("\n")
    mark = first.rstrip()
    if mark == "---":
        document, problems = frontmatter.read(path, start.encode())
        fail_on_errors(problems)
        lines = {key: one.line for key, one in document.fields.items()}
        return {key: one.value for key, one in document.fields.items()}, document.body, lines
    if mark in ("+++", "---toml", "---json", "---js"):
        head, closed, body = rest.partition("\n" + mark[:3])
        if not closed:
            raise refused(
                path, "the front matter is never closed", f"end it with {mark[:3]}", "front-matter"
            )
        return _parsed(head, mark, path), body.partition("\n")[2], {}
    if mark.startswith("{"):
        try:
            fields, end = json.JSONDecoder().raw_decode(start)
        except (ValueError, RecursionError):
            return {}, content, {}
        return fields, start[end:], {}
    return _listed(content)


def _parsed(head: str, mark: str, path: str) -> Mapping[str, Any]:
    try:
        found = tomllib.loads(head) if mark in ("+++", "---toml") else json.loads(head)
    except (ValueError, RecursionError) as error:
        raise refused(
            path,
            f"the front matter is broken ({one_line(str(error))})",
            "correct it",
            "front-matter",
        ) from None
    return found if isinstance(found, dict) else {}


def _listed(content: str) -> tuple[Mapping[str, Any], str, Mapping[str, int]]:
    """Pelican's lines `Key: value` up to an empty line."""
    rows = content.split("\n")
    fields: dict[str, Any] = {}
    lines: dict[str, int] = {}
    last = ""
    for at, row in enumerate(rows):
        found = _META.fullmatch(row)
        if found and (fields or found[1].lower() in dialects.FIRST_KEYS):
            last = found[1].strip().lower()
            fields[last] = found[2].strip()
            lines[last] = at + 1
        elif fields and row.startswith(("    ", "\t")) and last:
            fields[last] = f"{fields[last]} {row.strip()}".strip()
        elif fields and not row.strip():
            return fields, "\n".join(rows[at + 1 :]), lines
        else:
            break
    return {}, content, {}
