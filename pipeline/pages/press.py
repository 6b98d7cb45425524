"""The press: renders a page from what it is to say and what all pages share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from pipeline import markdown, text
from pipeline.catalogue import Catalogue
from pipeline.lazily import Lazily
from pipeline.pages.entries import Entry, SeriesEntry, Shelf, archive, in_language
from pipeline.pages.head import Page, head
from pipeline.pages.pictures import with_sizes
from pipeline.pages.words import Words
from pipeline.templating import environment, macro, module, page_folders, render

WORDS = "words.html.j2"
Speaker = tuple[Environment, str]
"""A template that says words, and where it is looked for."""
UP = "../../"
"""From a page in `articles/x/`, `series/x/` or `issues/x/` to output/'s root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The parts of a series near the one being read, as rows before and after it.

    `before` and `after` say that there are more than these; `total` counts all, which `href` lists.
    """

    earlier: Markup
    later: Markup
    before: bool
    after: bool
    total: int
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What many pages have in common, made once."""

    links: Markup
    top: Markup
    foot: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A page to be rendered: what its template is handed. `root` leads to output/'s root."""

    template: str
    root: str
    page: Page
    values: dict[str, Any] = field(default_factory=dict)


class Press:
    """All that the pages of one catalogue are made with."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.newsletter = catalogue.newsletter
        folders = page_folders(self.newsletter)
        self.env = environment(folders, root=self.newsletter.root)
        self._speakers = _speakers(self.env, folders, self.newsletter.language)
        self._speaker = cache(self._who_says)
        self.archive = archive(catalogue, partial(self.words, "date"))
        self.env.globals |= {
            "newsletter": self.newsletter,
            "logo": self.archive.logo,
            "issues": self.archive.issues,
            "feeds": self.archive.feeds,
            "words": Words(*(module(*one) for one in self._speakers)),
        }
        self.env.globals["show"] = module(self.env, "show.html.j2")
        self.frame = cache(self._frame)
        self._rows: dict[str, Sequence[Markup]] = {}

    def words(self, name: str, *values: Any) -> Markup:
        """What one of the words' macros says."""
        return macro(*self._speaker(name), name, *values)

    def _who_says(self, name: str) -> Speaker:
        able = (one for one in self._speakers if hasattr(module(*one), name))
        return next(able, self._speakers[-1])

    def printed(self, draft: Draft) -> bytes:
        """The page, rendered."""
        page = draft.page
        language = self.newsletter.language
        ours = in_language(language if page.lang != language else "")
        frame = self.frame(draft.root, page.series, ours)
        values = draft.values | {
            "root": draft.root,
            "page": page,
            "head": head(self.newsletter, page, draft.root),
            "frame": frame,
        }
        return render(self.env, draft.template, **values).encode()

    def _frame(self, root: str, series: SeriesEntry | None, ours: Markup) -> Frame:
        name = "frame.html.j2"
        return Frame(
            links=macro(self.env, name, "links", root, series),
            top=macro(self.env, name, "top", root, ours),
            foot=macro(self.env, name, "foot", root, series, ours),
        )

    def rows(self, shelf: Shelf) -> Sequence[Markup]:
        """Each part as it is listed on the pages of the others; made once."""
        made = self._rows.get(shelf.series.folder)
        if made is None:
            row = partial(macro, self.env, "show.html.j2", "row", root=UP)
            made = self._rows[shelf.series.folder] = Lazily(row, shelf.entries)
        return made

    def body(self, entry: Entry, path: str, *, below: bool = False) -> Markup:
        """An article's text for the page in the folder `path`; what scrolls is reached by keys.

        Where the article's title is an h2, its headings are `below`.
        """
        things = self.archive
        html = markdown.for_web(self.catalogue.bodies[entry.article.id], path, things.visible)
        html = markdown.one_down(html) if below else html
        html = with_sizes(html, things.measure).replace("<pre", '<pre tabindex="0"')
        return Markup(html)  # noqa: S704  # sanitised HTML (S2)

    def canonical(self, entry: Entry) -> str:
        """The public URL under which an article is to be known."""
        source = entry.article.source
        return source.canonical_url or self.newsletter.absolute(entry.article.path)


def _speakers(env: Environment, folders: Sequence[Path], language: str) -> list[Speaker]:
    """Who says the words: what one leaves out is the next one's, and English in the end.

    The newsletter's own `words.html.j2`, then `words/de-AT.html.j2` and `words/de.html.j2`, which
    may be its own or packaged.
    """
    names = [f"words/{tag}.html.j2" for tag in text.tags(language)]
    found = [name for name in names if any((folder / name).is_file() for folder in folders)]
    own = (folders[0] / WORDS).is_file()
    english = environment(folders[-1:]) if own else env
    return [*((env, name) for name in [WORDS] * own + found), (english, WORDS)]
