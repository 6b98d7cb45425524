"""The picture: a newsletter as it lies on disk, read once, and what is to be seen of it.

A picture never changes. What it costs more to make (a catalogue, an email, the archive) is made
when it is first looked at, by the functions that builds use, and kept as long as the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar
from urllib.parse import quote

from pipeline import checks, feeds, ledger, newsletter, pages, plan
from pipeline.cache import Cache
from pipeline.catalogue import Catalogue
from pipeline.config import Newsletter, instant
from pipeline.errors import PartworkError, Problem, in_order
from pipeline.feeds import Feed
from pipeline.ledger.entries import Entry
from pipeline.marks import Marks
from pipeline.pieces import Whole
from pipeline.plan import Plan
from pipeline.preview.frames import with_mark
from pipeline.preview.letter import Letter, letter_of
from pipeline.preview.words import Place, when

T = TypeVar("T")

NOW = "now"
"""The moment of a page's address that is not a day."""
DRAFTS = "+drafts"
"""Ends the moment of an address under which drafts are shown as if they were finished."""


_MAKING = RLock()
"""Held while anything is made: pages are asked for in threads, and renderers share what they
compiled."""


@dataclass(frozen=True)
class Memory:
    """What was made of a picture, each thing once however many frames ask for it at a time."""

    _kept: dict[Hashable, Any] = field(default_factory=dict)

    def __call__(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made under this key, made now if need be; an error is not kept."""
        with _MAKING:
            if key not in self._kept:
                self._kept[key] = make()
            made: T = self._kept[key]
            return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A newsletter read at the moment `now`; `version` is this reading's own name.

    `plan` is None where the sources contradict each other or can't be read; `problems` says why,
    and everything else that `partwork check` finds. `finished` is the plan as if every draft were
    finished, None where there is no draft or where that makes no plan. `editor` is the last one
    known where the settings are broken.
    """

    version: str
    root: Path
    now: datetime
    newsletter: Newsletter | None = None
    plan: Plan | None = None
    finished: Plan | None = None
    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    editor: str = ""
    memory: Memory = field(default_factory=Memory)
    cache: Cache = field(default_factory=partial(Cache, None, remembers=True))
    """What was read and rendered of files that stand as they stood, for the next picture too."""
    letters: Mapping[tuple[bool, int], Letter] = field(default_factory=dict)
    """The issues as they were last seen before this picture, by number, without and with drafts."""
    shown: dict[tuple[bool, int], Letter] = field(default_factory=dict)
    """Those that were looked at in this one."""

    @property
    def drafts(self) -> frozenset[str]:
        """The paths of the articles that are drafts in truth, however they are shown."""
        sources = self.plan.sources if self.plan else ()
        return frozenset(one.path for one in sources if one.draft)

    def place(self, path: str, line: int | None = None) -> Place:
        """A file of the newsletter and a line in it; only a file that is there can be opened."""
        text = path if line is None else f"{path}:{line}"
        file = self.root / path
        if not self.editor or not file.is_file():
            return Place(text=text)
        absolute = quote(file.as_posix().lstrip("/"), safe="/:")
        href = self.editor.replace("{path}", absolute).replace("{line}", str(line or 1))
        return Place(text=text, href=href)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A picture as seen at `as_of`; `at` is how addresses say so.

    With `drafts`, drafts are seen as if they were finished.
    """

    picture: Picture
    plan: Plan
    at: str
    as_of: datetime
    drafts: bool = False

    @property
    def newsletter(self) -> Newsletter:
        """The outlet."""
        return self.plan.newsletter

    @property
    def catalogue(self) -> Catalogue:
        """What readers may see; PartworkError carries the errors in it."""
        cache = self.picture.cache
        return self._made("catalogue", lambda: plan.published(self.plan, self.as_of, cache)[0])

    def has(self, number: int) -> bool:
        """Whether there is an issue of this number."""
        return 0 < number <= len(self.plan.catalogue.issues)

    def letter(self, number: int) -> Letter:
        """An issue as its readers get it; LookupError where there is none of this number."""
        if not self.has(number):
            raise LookupError(f"there is no issue {number}")
        issue = self.plan.catalogue.issues[number - 1]
        before = self.picture.letters.get((self.drafts, number))
        made = self._made(
            ("letter", number),
            lambda: letter_of(self.plan, issue, self.as_of, before, self.picture.cache),
        )
        self.picture.shown[self.drafts, number] = made
        return made

    def feeds(self, content: str) -> tuple[Feed, ...]:
        """The feeds, with `full` texts or the `summary` of each entry."""
        return self._made(("feeds", content), lambda: feeds.feeds_of(self._with(content)))

    def documents(self) -> Mapping[str, bytes]:
        """The feeds' own documents, by path in output/."""
        return self._made("documents", lambda: dict(self._documents()))

    def _documents(self) -> Iterator[tuple[str, bytes]]:
        catalogue = self.catalogue
        for piece in feeds.pieces(catalogue, Marks(catalogue, b"")):
            for path, content in piece.make({}).files:
                assert not isinstance(content, Path)  # noqa: S101  # a document is made, not copied
                yield path, content if isinstance(content, bytes) else b"".join(content)

    def site(self) -> Mapping[str, Whole]:
        """What `output/` would hold but for the emails, by path; pages not public yet say so."""
        return self._made("site", self._site)

    @property
    def hidden(self) -> Mapping[str, str]:
        """Why an article is not public yet, by the ids of those that are not."""
        return self._made("hidden", lambda: dict(self._hidden()))

    def _hidden(self) -> Iterator[tuple[str, str]]:
        drafts = self.picture.drafts
        for article in self.plan.catalogue.articles:
            if article.source.path in drafts:
                yield article.id, "A draft: nobody sees it."
            elif article.date > self.picture.now:
                date = when(article.date, self.newsletter.zone)
                yield article.id, f"Not public yet: it comes on {date}."

    def _with(self, content: str) -> Catalogue:
        catalogue = self.catalogue
        settings = replace(self.newsletter.feeds, content=content)  # type: ignore[arg-type]  # one of two
        return replace(catalogue, newsletter=replace(self.newsletter, feeds=settings))

    def _site(self) -> Mapping[str, Whole]:
        catalogue = self.catalogue
        made: dict[str, Whole] = {**self.documents()}
        made |= pages.render_all(catalogue)
        made |= pages.assets(catalogue)
        for article in catalogue.articles:
            _mark(made, article.path, self.hidden.get(article.id, ""))
        for issue in catalogue.issues:
            of_each = [self.hidden.get(one.id, "") for one in issue.articles]
            _mark(made, issue.path, next(filter(None, of_each), ""))
        return made

    def _made(self, what: Hashable, make: Callable[[], T]) -> T:
        return self.picture.memory((what, self.as_of, self.drafts), make)


def _mark(made: dict[str, Whole], folder: str, words: str) -> None:
    page = made.get(f"{folder}index.html")
    if words and isinstance(page, bytes):
        made[f"{folder}index.html"] = with_mark(page.decode(), words).encode()


def look(root: Path, now: datetime, version: str, before: Picture | None = None) -> Picture:
    """Read the newsletter in the folder `root`; whatever is wrong with it is in the picture."""
    with _MAKING:
        return _look(root, now, version, before)


def _look(root: Path, now: datetime, version: str, before: Picture | None) -> Picture:
    seen = Picture(version=version, root=root, now=now)
    if before is not None:
        seen = replace(
            seen,
            editor=before.editor,
            letters={**before.letters, **before.shown},
            cache=before.cache,
        )
    try:
        outlet = newsletter.load(root)
    except PartworkError as error:
        return replace(seen, problems=error.problems)
    seen = replace(seen, newsletter=outlet, editor=outlet.preview.editor)
    planned = plan.survey(outlet, seen.cache)
    problems = list(planned.problems)
    entries: tuple[Entry, ...] = ()
    try:
        entries = ledger.read(root)
        problems += checks.sources(planned, now, seen.cache)
    except PartworkError as error:  # a ledger that can't be read
        problems += error.problems
    seen.cache.forget()
    sound = not any(one.severity == "error" for one in planned.problems)
    return replace(
        seen,
        plan=planned if sound else None,
        finished=_finished(planned, now) if sound else None,
        entries=entries,
        problems=in_order(problems),
    )


def unreadable(root: Path, error: Exception) -> Problem:
    """What is said where something went wrong that nobody foresaw."""
    return Problem(
        path=root.name,
        rule="preview",
        message=f"this could not be read ({type(error).__name__}: {error})",
        remedy="save again; if it stays, run `partwork check --debug` and report it",
    )


def _finished(planned: Plan, now: datetime) -> Plan | None:
    """The plan as if no article were a draft; one that nothing dates comes after all others."""
    if not planned.drafts:
        return None
    outlet = planned.newsletter
    last = max([now, *(one.date for one in planned.sources if one.date)])
    sources = []
    for source in planned.sources:
        date = source.date
        if source.draft and date is None and (source.series is None or outlet.schedule is None):
            date = last = last + timedelta(minutes=1)
        sources.append(replace(source, draft=False, date=date))
    found = plan.of_sources(outlet, tuple(sources))
    return None if any(one.severity == "error" for one in found.problems) else found


def sight(picture: Picture, at: str) -> Sight | None:
    """What an address' moment shows; None without a plan, LookupError where it is no moment."""
    if picture.newsletter is None or picture.plan is None:
        return None
    drafts = at.endswith(DRAFTS)
    day = at.removesuffix(DRAFTS)
    try:
        as_of = picture.now if day == NOW else instant(day, picture.newsletter.zone)
    except ValueError:
        raise LookupError(f"{day} is not a day such as 2026-10-13") from None
    shown = picture.finished if drafts and picture.finished else picture.plan
    return Sight(picture=picture, plan=shown, at=at, as_of=as_of, drafts=shown is picture.finished)
