"""What every new article becomes: its series, its part, its file, its slug and its id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from pipeline import keys, text
from pipeline.articles import Source
from pipeline.config import Newsletter
from pipeline.fixes import new_id
from pipeline.importing import order
from pipeline.importing.bundle import refused
from pipeline.importing.chain import Stone
from pipeline.importing.model import Imported, Note


@dataclass(frozen=True, slots=True, kw_only=True)
class There:
    """What the newsletter has: its sources, their part numbers and dates by path.

    `mailed` are the ids that its ledger tells of.
    """

    sources: tuple[Source, ...] = ()
    mailed: frozenset[str] = frozenset()
    numbers: Mapping[str, int]
    dates: Mapping[str, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What was decided for an article: its file, identity and place in the newsletter.

    `date` replaces the source's where two parts had the same moment.
    """

    path: str
    id: str
    slug: str
    series: str | None = None
    part: int | None = None
    previous: str | None = None
    next: str | None = None
    date: datetime | date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Each new article with its place, part by part; the series that are new, by key.

    `unsettled` is the title of part 1 where only the word “Next” says which way a series runs.
    """

    articles: tuple[tuple[Imported, Place], ...]
    titles: Mapping[str, str]
    notes: tuple[Note, ...]
    unsettled: str


def placed(
    newsletter: Newsletter,
    there: There,
    new: Sequence[Imported],
    *,
    series: str | None,
    label: str,
    into: str,
    reverse: bool,
    year: int,
) -> Placed:
    """Decide for all; PartworkError with every contradiction.

    `series` is a key or a title, empty for none; None leaves it to the sources, or else to the only
    series there is, or else to `label`. `year` stands in new ids.
    """
    groups, titles, notes = _groups(newsletter, new, series, label)
    made: list[tuple[Imported, Place]] = []
    unsettled = ""
    names = _Names(newsletter, there, into, year)
    for key, members in groups.items():
        dates, wrong = _dates(newsletter, members)
        notes += wrong
        if key is None:
            made += (
                (one, names.place(one, None, None, one.date if one.origin in dates else None))
                for one in members
            )
            continue
        found = order.arranged(
            [*_stones(there, key), *(_stone(one, dates) for one in members)],
            {one.origin: one.weight for one in members if one.weight is not None},
            reverse=reverse,
        )
        notes += found.notes
        unsettled = unsettled or found.unsettled
        last: datetime | None = None
        names.widen(max(found.numbers.values(), default=0))
        for one in sorted(members, key=lambda one: found.numbers[one.origin]):
            if found.turned:
                one = replace(one, previous=one.next, next=one.previous)
            moment = dates.get(one.origin)
            given: datetime | date | None = one.date if moment else None
            if moment and last and moment <= last:
                moment = given = last + timedelta(seconds=1)
                said = "has the moment of the part before it: it is dated a second later"
                notes.append(Note(path=one.path, message=said))
            last = moment or last
            made.append((one, names.place(one, key, found.numbers[one.origin], given)))
    return Placed(
        articles=tuple(made), titles=titles, notes=(*notes, *names.notes), unsettled=unsettled
    )


def _groups(
    newsletter: Newsletter, new: Sequence[Imported], wished: str | None, label: str
) -> tuple[dict[str | None, list[Imported]], dict[str, str], list[Note]]:
    """The new articles by their series' key, the titles by key, and what was guessed."""
    known = {one.key: one.title for one in newsletter.series}
    titles: dict[str, str] = {}
    notes: list[Note] = []

    def key_of(name: str, called: str = "") -> str:
        for key, title in (known | titles).items():
            if text.fold(name) in (text.fold(key), text.fold(title)):
                return key
        key = text.slugify(name) or "series"
        words = text.one_line(name)
        guess = words.replace("-", " ").capitalize() if words == key else words
        titles[key] = text.one_line(called) or guess
        return key

    def default() -> str | None:
        if wished is not None:
            return key_of(wished) if wished else None
        if len(known) > 1:
            what = f"there are several series: {', '.join(known)}"
            raise refused("import", what, "name one with --series")
        key = next(iter(known), None) or key_of(text.one_line(label.replace("-", " ")).capitalize())
        what = "the only one there is" if known else "named after the source"
        notes.append(Note(path=new[0].path, message=f"goes into the series {key!r}, {what}"))
        return key

    groups: dict[str | None, list[Imported]] = {}
    chosen: list[str | None] = []
    for one in new:
        if one.series and wished is None:
            key: str | None = key_of(one.series, one.series_title)
        else:
            chosen = chosen or [default()]
            key = chosen[0]
        groups.setdefault(key, []).append(one)
    return groups, titles, notes


def _stones(there: There, key: str) -> Iterator[Stone]:
    for source in there.sources:
        if source.series == key and source.path in there.numbers:
            yield Stone(
                key=source.path,
                path=source.path,
                title=source.title,
                new=False,
                number=there.numbers[source.path],
                previous=source.previous,
                next=source.next,
                date=there.dates.get(source.path),
                lines=source.lines,
            )


def _stone(one: Imported, dates: Mapping[str, datetime]) -> Stone:
    return Stone(
        key=one.origin,
        path=one.path,
        title=one.title,
        new=True,
        number=one.part,
        previous=one.previous,
        next=one.next,
        date=dates.get(one.origin),
        lines=one.lines,
    )


def _dates(
    newsletter: Newsletter, new: Sequence[Imported]
) -> tuple[dict[str, datetime], list[Note]]:
    """Each article's moment by its origin, and dates that are none."""
    found: dict[str, datetime] = {}
    notes: list[Note] = []
    for one in new:
        if one.date is None:
            continue
        try:
            found[one.origin] = keys.moment(one.date, newsletter)
        except ValueError as error:
            message = f"its date {error.args[0]}: it was left out"
            notes.append(Note(path=one.path, message=message, loss=True))
    return found, notes


class _Names:
    """Slugs, file names and ids that nothing else has."""

    def __init__(self, newsletter: Newsletter, there: There, into: str, year: int) -> None:
        self.notes: list[Note] = []
        self._newsletter = newsletter
        self._into = into
        self._year = year
        self._width = 2
        self._slugs = {text.fold(one.slug) for one in there.sources}
        self._ids = {one.id for one in there.sources}
        self._mailed = there.mailed

    def widen(self, last: int) -> None:
        """Let file names sort: as many digits as the last part has, two at least."""
        self._width = max(2, len(str(last)))

    def place(
        self, one: Imported, series: str | None, part: int | None, date: datetime | date | None
    ) -> Place:
        """The place of the next article."""
        slug = self._slug(one, part)
        name = f"{part:0{self._width}d}-{slug}.md" if part else f"{slug}.md"
        return Place(
            path=f"{self._into}/{name}",
            id=self._id(one, slug),
            slug=slug,
            series=series,
            part=part,
            previous=self._neighbour(one, one.previous) if series else None,
            next=self._neighbour(one, one.next) if series else None,
            date=date,
        )

    def _neighbour(self, one: Imported, title: str | None) -> str | None:
        """The title that an article names before or after it, unless it is its own."""
        if not title or text.fold(title) != text.fold(one.title):
            return title
        message = f"names itself as a neighbour, which was left out: {title!r}"
        self.notes.append(Note(path=one.path, message=message, loss=True))
        return None

    def _slug(self, one: Imported, part: int | None) -> str:
        wish = one.slug if text.is_slug(one.slug) else text.slugify(one.slug)
        wish = wish or text.slugify(one.title) or (f"part-{part}" if part else "article")
        slug, count = wish, 1
        while text.fold(slug) in self._slugs:
            count += 1
            slug = f"{wish}-{count}"
        self._slugs.add(text.fold(slug))
        if slug != wish or (one.slug and slug != one.slug):
            message = f"its slug is {slug!r}, since {one.slug or wish!r} is taken or no slug"
            self.notes.append(Note(path=one.path, message=message))
        return slug

    def _id(self, one: Imported, slug: str) -> str:
        if one.id:
            try:
                identity = str(keys.read_key("id", one.id, self._newsletter))
            except ValueError:
                identity, why = "", "is no URI"
            else:
                why = "is another article's too"
            if identity and identity not in self._ids:
                self._ids.add(identity)
                return identity
            message = f"got a new id: {one.id!r} {why}, so readers of the old feed see it once more"
            self.notes.append(Note(path=one.path, message=message, loss=True))
        return new_id(self._newsletter, slug, self._year, self._ids, self._mailed)
