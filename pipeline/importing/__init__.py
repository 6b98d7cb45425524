"""Bringing a series in: what people already have becomes articles with front matter, in order.

`plan` reads and decides everything and writes nothing; `write` puts all of it on disk, or nothing.

A source is opened (`bundle`), told apart (`kinds`) and read (`reading`, `readers/`); `gathering`
keeps what is new. `places` gives each article its part (`order`, `chain`), file and id. `drafting`
makes the files: front matter (`head`), Markdown (`bodies`, `html/`), pictures and links (`media`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath

from pipeline import articles, ledger, schedule
from pipeline import newsletter as toml
from pipeline import plan as planning
from pipeline import series as ordering
from pipeline.articles import Source
from pipeline.config import Newsletter, step
from pipeline.errors import PartworkError, Problem
from pipeline.importing import settings
from pipeline.importing.bundle import refused
from pipeline.importing.drafting import drafted
from pipeline.importing.gathering import gathered
from pipeline.importing.media import Fetch
from pipeline.importing.model import Imported, Note
from pipeline.importing.places import Place, There, placed
from pipeline.importing.settings import Rhythm
from pipeline.importing.writing import put
from pipeline.ledger.entries import FILE as LEDGER

__all__ = ["Import", "Made", "Note", "Rhythm", "Wishes", "fetcher", "plan", "rhythm", "write"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the user asks for; see the command's options.

    `series` is a key or a title, empty for none and None to find it; `kind` is a key of
    `kinds.KINDS`, None to look; `base` is the URL at which the source was published.
    """

    into: str = ""
    series: str | None = None
    kind: str | None = None
    reverse: bool = False
    rhythm: Rhythm | None = None
    base: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A new article: its file, what it is in the series, and the source's file."""

    path: str
    title: str
    series: str | None
    part: int | None
    date: datetime | date | None
    draft: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """Everything that is to be written, by path relative to the newsletter's folder.

    `already` names the sources and articles of earlier imports. `unsettled` is the title of part 1
    where nothing but the word “Next” says which way the series runs.
    """

    newsletter: Newsletter
    files: Mapping[str, bytes]
    made: tuple[Made, ...]
    already: tuple[tuple[str, str], ...]
    notes: tuple[Note, ...]
    unsettled: str

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """That the order rests on a word, where it does."""
        if not self.unsettled:
            return ()
        what = f"nothing but the word “Next” says that {self.unsettled!r} is part 1"
        return (
            Problem(
                path="import",
                message=what,
                remedy="look at the order; if “Next” leads back, add --reverse",
                rule="order-unsettled",
                severity="warning",
            ),
        )


def plan(
    newsletter: Newsletter,
    sources: Sequence[tuple[Path, str]],
    wishes: Wishes,
    as_of: datetime,
    fetch: Fetch | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> Import:
    """Read the sources (each a path and how its user calls it) and decide what becomes of them.

    `told` is called with the path of each new article as it is done.

    PartworkError where one can't be read, where the order contradicts itself, and where the
    newsletter could not be built afterwards. Nothing is written.
    """
    into = _into(newsletter, wishes.into)
    there, used = _there(newsletter)
    found = gathered(sources, there.sources, kind=wishes.kind, tag=wishes.tag)
    where = placed(
        newsletter,
        there,
        [one.article for one in found.new],
        series=wishes.series,
        label=PurePosixPath(found.new[0].bundle.label).stem if found.new else "",
        into=into,
        reverse=wishes.reverse,
        year=as_of.astimezone(newsletter.zone).year,
    )
    rhythm = wishes.rhythm if found.new else None
    joined = {place.series for _, place in where.articles}
    changed = settings.with_series(newsletter, where.titles, rhythm, used=used, joined=joined)
    drafts = drafted(
        changed.newsletter,
        found.new,
        where.articles,
        there.sources,
        base=wishes.base,
        fetch=fetch,
        told=told,
    )
    _verify(changed.newsletter, there, drafts.files)
    own = {toml.FILE: changed.content} if changed.notes else {}
    return Import(
        newsletter=changed.newsletter,
        files={**own, **drafts.files},
        made=tuple(_made(one, place) for one, place in where.articles),
        already=found.already,
        notes=tuple(dict.fromkeys((*found.notes, *where.notes, *changed.notes, *drafts.notes))),
        unsettled=where.unsettled,
    )


def rhythm(start: date | None, every: str | None) -> Rhythm | None:
    """`--start` and `--every` as one; PartworkError for one that no schedule knows."""
    if start is None:
        if every is not None:
            raise refused("--every", "it says nothing without a first day", "add --start DATE")
        return None
    every = every or "week"
    if step(every) is None:
        raise refused("--every", f"{every!r} is no step", "write day, week, month, or “2 weeks”")
    return Rhythm(start=start, every=every)


def fetcher() -> Fetch:
    """What brings remote pictures."""
    from pipeline.importing.fetching import Fetching

    return Fetching()


def write(made: Import) -> None:
    """Write everything, or nothing: PartworkError where a file is there or the disk refuses."""
    put(made.newsletter.root, made.files, replaces={toml.FILE})


def _into(newsletter: Newsletter, wished: str) -> str:
    """The folder of the new articles, relative to the newsletter's; in its articles folder."""
    folder = PurePosixPath(wished.rstrip("/") or newsletter.articles)
    top = PurePosixPath(newsletter.articles)
    if ".." in folder.parts or not folder.is_relative_to(top):
        raise refused(wished, f"articles live in {top}/", f"name {top}/ or a folder below it")
    if any(part[0] in "._" for part in folder.relative_to(top).parts):
        raise refused(wished, "folders that begin with . or _ are not read", "choose another name")
    return folder.as_posix()


def _there(newsletter: Newsletter) -> tuple[There, bool]:
    """What the newsletter has, and whether its schedule's slots are in use."""
    mailed = ledger.articles(newsletter.root)
    if not newsletter.articles_dir.is_dir():
        return There(mailed=mailed, numbers={}, dates={}), False
    known = planning.load(newsletter)
    numbered, _ = ordering.arrange(newsletter, known.sources)
    there = There(
        sources=known.sources,
        mailed=mailed,
        numbers={one.source.path: one.number for parts in numbered.values() for one in parts},
        dates={one.source.path: one.date for one in known.catalogue.articles},
    )
    return there, bool(known.sources) or (newsletter.root / LEDGER).exists()


def _verify(newsletter: Newsletter, there: There, files: Mapping[str, bytes]) -> None:
    """PartworkError with all that would stand against a build of the newsletter afterwards."""
    sources: list[Source] = [*there.sources]
    problems: list[Problem] = []
    for path, content in files.items():
        if path.endswith(".md"):
            source, found = articles.parse(newsletter, path, content)
            # The pictures are written together with the article.
            problems += (one for one in found if one.rule != "missing-image")
            sources += [source] if source else []
    numbered, disorder = ordering.arrange(newsletter, sources)
    _, _, contradictions = schedule.dated(newsletter, numbered)
    problems += (*disorder, *contradictions)
    undated = [one.path for one in problems if one.rule == "no-date"]
    undated += [one.path for one in sources if not (one.series or one.date or one.draft)]
    if undated:
        many = "1 article has" if len(undated) == 1 else f"{len(undated)} articles have"
        what = f"{many} no date, and nothing gives one"
        remedy = "add --start DATE --every week, or a [schedule] to newsletter.toml"
        raise refused(undated[0], what, remedy, "no-date")
    wrong = [one for one in problems if one.severity == "error"]
    if wrong:
        raise PartworkError(wrong)


def _made(one: Imported, place: Place) -> Made:
    return Made(
        path=place.path,
        title=one.title,
        series=place.series,
        part=place.part,
        date=place.date,
        draft=one.draft,
        source=one.path,
    )
