"""The articles of all sources: each once, those wanted, and not those that are there already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from posixpath import join, normpath
from urllib.parse import unquote, urljoin, urlsplit

from pipeline import text
from pipeline.articles import Source
from pipeline.importing import reading
from pipeline.importing.bundle import opened, refused
from pipeline.importing.kinds import KINDS
from pipeline.importing.media import address, at_address
from pipeline.importing.model import Note
from pipeline.importing.reading import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What is new; the source's and the article's path of what is not; what was guessed."""

    new: tuple[Found, ...]
    already: tuple[tuple[str, str], ...]
    notes: tuple[Note, ...]


def gathered(
    sources: Iterable[tuple[Path, str]],
    there: Iterable[Source],
    *,
    kind: str | None,
    tag: str,
) -> Gathered:
    """Read every source (its path and how its user calls it); PartworkError where one is no use.

    `there` are the newsletter's articles. An article is known again by what it was imported from,
    or by its id.
    """
    notes: list[Note] = []
    found: list[Found] = []
    for path, shown in sources:
        there_is = [*reading.read(opened(path, shown), kind, notes.append)]
        if not there_is:
            remedy = "name the folder or the export that has some"
            raise refused(shown, "there is no article in it", remedy, "empty")
        found += there_is
    notes = [*_taken_for(found), *notes]
    known = {one.imported_from: one.path for one in there if one.imported_from}
    by_id = {one.id: one.path for one in there}
    new: list[Found] = []
    already: list[tuple[str, str]] = []
    for one in _tagged(_led([*_once(found, notes)]), tag):
        path_there = known.get(one.article.origin) or by_id.get(one.article.id)
        if path_there is None:
            new.append(one)
            notes += one.article.notes
        else:
            already.append((one.article.path, path_there))
    return Gathered(
        new=tuple(new), already=tuple(already), notes=tuple(dict.fromkeys(notes)) if new else ()
    )


def _taken_for(found: Iterable[Found]) -> Iterator[Note]:
    """What each source was taken for."""
    for (name, kind), count in Counter((one.bundle.name, one.kind) for one in found).items():
        many = f"{count} articles were" if count > 1 else "was"
        yield Note(path=name, message=f"{many} taken for {KINDS[kind].doc}")


def _once(found: Iterable[Found], notes: list[Note]) -> Iterator[Found]:
    """Each article once; PartworkError where two sources would be remembered as one."""
    seen: dict[str, Found] = {}
    again: Counter[str] = Counter()
    for one in found:
        article = one.article
        first = seen.setdefault(article.origin, one)
        if first is one:
            yield one
        elif (first.article.title, first.article.body) == (article.title, article.body):
            notes.append(Note(path=article.path, message="comes twice: the first is taken"))
        elif first.bundle.name != one.bundle.name:
            what = f"this is known by the same name as {first.article.path}, {article.origin!r}"
            remedy = "import them one after the other, from folders of different names"
            raise refused(article.path, what, remedy, "same-origin")
        else:
            again[article.origin] += 1
            name = f"{article.origin}#again-{again[article.origin]}"
            notes.append(Note(path=article.path, message="two articles have this id"))
            yield replace(one, article=replace(article, origin=name))


def _led(found: Sequence[Found]) -> Iterator[Found]:
    """Neighbours by the full titles of the pages that links lead to, where these are among them."""
    titles = {one.article.origin: one.article.title for one in found}
    titles |= {address(one.article.url): one.article.title for one in found if one.article.url}
    for one in found:
        article = one.article
        led = replace(
            article,
            previous=_title(one, article.hrefs.get("previous"), titles) or article.previous,
            next=_title(one, article.hrefs.get("next"), titles) or article.next,
        )
        yield replace(one, article=led)


def _title(one: Found, href: str | None, titles: Mapping[str, str]) -> str | None:
    """The title of the page that a link leads to; None where it is not among them."""
    if href is None:
        return None
    inside = normpath(join(one.article.folder, unquote(urlsplit(href).path)))
    found = None if text.host(href) else titles.get(one.bundle.origin(inside))
    found = found or at_address(titles, urljoin(one.article.url, href))
    return found if found != one.article.title else None


def _tagged(found: Iterable[Found], tag: str) -> Sequence[Found]:
    """Those with a tag, where one is asked for."""
    everything = [*found]
    if not tag:
        return everything
    kept = [one for one in everything if text.fold(tag) in map(text.fold, one.article.tags)]
    if not kept:
        tags = sorted({name for one in everything for name in one.article.tags})
        remedy = f"use one of {', '.join(tags)}" if tags else "leave --tag out"
        raise refused("import", f"no article has the tag {tag!r}", remedy)
    return kept
