"""The Markdown folder: a newsletter that Partwork builds again, and that any other tool can read.

Articles keep their paths, so that links among them and to pictures work as they did; what the
order rests on (part, date, id) stands in each article's front matter, whatever it came from.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from posixpath import dirname, relpath
from typing import Any
from urllib.parse import quote

import tomli_w
import yaml

from pipeline.articles import Source
from pipeline.emails.press import theme_of
from pipeline.exporting.links import fitted
from pipeline.exporting.selection import Chosen, Selection
from pipeline.newsletter import FILE
from pipeline.pieces import Whole

_MARKED = re.compile(r"([\\`*_\[\]<>&#!|~])")


def files(selection: Selection) -> Iterator[tuple[str, Whole]]:
    """Every file of the folder, as (path, bytes or a file to copy)."""
    newsletter = selection.newsletter
    yield FILE, settings(selection).encode()
    yield "README.md", contents(selection).encode()
    for article in selection.articles:
        yield article.source.path, written(article, selection).encode()
    for name in assets(selection):
        yield f"{newsletter.articles}/{name}", newsletter.articles_dir / name
    for folder in (newsletter.templates, "page_templates"):
        for file in _below(newsletter.root / folder):
            yield file.relative_to(newsletter.root).as_posix(), file


def settings(selection: Selection) -> str:
    """`newsletter.toml` without mailing services and without series that are not exported.

    Services are left out so that a copy can't publish: the ledger, which keeps an issue from being
    sent twice, is not in it.
    """
    values = dict(selection.newsletter.table.values)
    values.pop("services", None)
    kept = {one.key for one, _ in selection.series}
    series = {key: one for key, one in values.pop("series", {}).items() if key in kept}
    return tomli_w.dumps(values | ({"series": series} if series else {}))


def written(article: Chosen, selection: Selection) -> str:
    """An article's file: its front matter complete, its text as it was written."""
    fields = dict(_fields(article, selection))
    head = yaml.dump(fields, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**6)
    return f"---\n{head}---\n{fitted(article.source, selection)}"


def _fields(article: Chosen, selection: Selection) -> Iterator[tuple[str, Any]]:
    source = article.source
    yield "title", source.title
    yield "id", source.id
    yield "slug", source.slug
    if source.series is not None:
        yield "series", source.series
        yield "part", article.part
    for key, moment in (("date", article.date), ("updated", source.updated)):
        if moment is not None:
            yield key, moment
    if source.summary:
        yield "summary", source.summary
    if source.authors:
        yield "authors", [one.given if one.email or one.uri else one.name for one in source.authors]
    if source.tags:
        yield "tags", [*source.tags]
    if source.image:
        yield "image", _image(source, selection)
        yield "image_alt", source.image_alt
    if source.lang:
        yield "lang", source.lang
    if source.notice is not None:
        yield "notice", source.notice or False
    if source.canonical_url:
        yield "canonical_url", source.canonical_url
    if source.draft:
        yield "draft", True
    if source.imported_from:
        yield "imported_from", source.imported_from


def _image(source: Source, selection: Selection) -> str:
    """A path from the article's own file, as `assets.locate` reads it."""
    place = f"{selection.newsletter.articles}/{source.image}"
    return relpath(place, dirname(source.path)).replace("%", "%25")


class _Dumper(yaml.SafeDumper):
    """Block style, dates as ISO 8601; it quotes whatever YAML 1.1 or 1.2 takes for no text."""


_Dumper.add_representer(
    datetime,
    lambda dumper, moment: dumper.represent_scalar(
        "tag:yaml.org,2002:timestamp", moment.isoformat()
    ),
)


def assets(selection: Selection) -> tuple[str, ...]:
    """The files that the exported articles and settings show, relative to the articles folder."""
    newsletter = selection.newsletter
    signs = theme_of(newsletter).logo
    names = {newsletter.logo, newsletter.feeds.image}
    names |= {one for one in (signs.light, signs.dark) if not one.startswith("https://")}
    names.update(one.image for one, _ in selection.series)
    for article in selection.articles:
        names.add(article.source.image)
        names.update(selection.bodies[article.source.id].assets)
        if article.source.id in selection.notices:
            names.update(selection.notices[article.source.id].body.assets)
    return tuple(sorted(names - {""}))


def _below(folder: Path) -> Iterator[Path]:
    """The plain files below a folder of the author's own; links may lead anywhere (S3)."""
    for here, folders, names in () if folder.is_symlink() else os.walk(folder):
        folders[:] = sorted(one for one in folders if one[0] != "." and one != "__pycache__")
        for name in sorted(names):
            file = Path(here, name)
            if name[0] != "." and file.is_file() and not file.is_symlink():
                yield file


def contents(selection: Selection) -> str:
    """A README that lists the articles in reading order."""
    newsletter = selection.newsletter
    lines = [f"# {_plain(newsletter.title)}", "", _plain(newsletter.description), ""]
    for one, articles in selection.series:
        lines += [f"## {_plain(one.title)}", ""]
        lines += [f"{article.part}. {_listed(article)}" for article in articles]
        lines.append("")
    if selection.singles:
        lines += ["## Articles outside a series", ""]
        lines += [f"- {_listed(article)}" for article in selection.singles]
        lines.append("")
    lines += ["Exported by Partwork: `partwork build` makes feeds and pages of this folder.", ""]
    return "\n".join(lines)


def _listed(article: Chosen) -> str:
    when = f", {article.date.date().isoformat()}" if article.date else ""
    state = "" if article.state == "published" else f" ({article.state})"
    return f"[{_plain(article.source.title)}](<{quote(article.source.path)}>){when}{state}"


def _plain(text: str) -> str:
    return _MARKED.sub(r"\\\1", text)
