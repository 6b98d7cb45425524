"""Series: the ordered whole, and the rule that gives each article its part number (O1).

A part number comes from front matter `part`, from the number the file's name begins with, or from
`previous`/`next` titles chained into an order. Where two of these disagree nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline import text
from pipeline.articles import Article, Source, file_number
from pipeline.config import Newsletter, SeriesSettings
from pipeline.errors import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A series and its articles in part order."""

    settings: SeriesSettings
    articles: tuple[Article, ...]

    @property
    def key(self) -> str:
        """The name articles use in their front matter."""
        return self.settings.key

    @property
    def title(self) -> str:
        """The name readers see."""
        return self.settings.title

    @property
    def parts(self) -> int | None:
        """How many parts it declares, None where it does not say."""
        return self.settings.parts or None

    @property
    def path(self) -> str:
        """Its page's folder in output/."""
        return f"series/{self.settings.slug or self.settings.key}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A source and its part number."""

    source: Source
    number: int


def arrange(
    newsletter: Newsletter, sources: Iterable[Source]
) -> tuple[dict[str, tuple[Numbered, ...]], tuple[Problem, ...]]:
    """Each series' sources (drafts too) in part order, by the series' key, and what contradicts."""
    by_series: dict[str, list[Source]] = {one.key: [] for one in newsletter.series}
    for source in sources:
        if source.series is not None:
            by_series[source.series].append(source)
    arranged: dict[str, tuple[Numbered, ...]] = {}
    problems: list[Problem] = []
    for settings in newsletter.series:
        order = _Order(settings, by_series[settings.key], newsletter)
        arranged[settings.key] = order.arranged()
        problems += order.problems
    return arranged, tuple(problems)


class _Order:
    """One series' order in the making: numbers that are given, links that are claimed, problems."""

    def __init__(
        self, settings: SeriesSettings, sources: Sequence[Source], newsletter: Newsletter
    ) -> None:
        self.settings = settings
        self.sources = sources
        self.newsletter = newsletter
        self.problems: list[Problem] = []
        self.numbers: dict[str, int] = {}
        """Part numbers by the source's path."""
        self.after: dict[str, tuple[Source, str]] = {}
        """By path: the part that follows, and the path:line that says so."""

    def arranged(self) -> tuple[Numbered, ...]:
        self._given_numbers()
        self._links()
        self._spread()
        self._check_links()
        self._unique()
        parts = [
            Numbered(source=one, number=self.numbers[one.path])
            for one in self.sources
            if one.path in self.numbers
        ]
        return tuple(sorted(parts, key=lambda part: (part.number, part.source.path)))

    def _problem(self, source: Source, key: str, message: str, remedy: str, rule: str) -> None:
        self.problems.append(
            Problem(
                path=source.path,
                line=source.line(key),
                rule=rule,
                message=message,
                remedy=remedy,
            )
        )

    def _given_numbers(self) -> None:
        for source in self.sources:
            by_name = file_number(source.path)
            number = source.part or by_name
            if number is None:
                continue
            if by_name not in (None, number):
                self._problem(
                    source,
                    "part",
                    f"`part: {source.part}` and the file's name, which says {by_name}, disagree",
                    "correct `part` or rename the file",
                    "order-disagrees",
                )
            if number < 1:
                self._problem(
                    source, "part", "the file's name says part 0", "count from 1", "value"
                )
                continue
            if self.settings.parts and number > self.settings.parts:
                table = self.newsletter.table.child("series").child(self.settings.key)
                self._problem(
                    source,
                    "part",
                    f"part {number} is more than the {self.settings.parts} that"
                    f" {table.path}:{table.line('parts')} declares",
                    "correct one of them",
                    "order-disagrees",
                )
            self.numbers[source.path] = number

    def _links(self) -> None:
        titles: dict[str, Source] = {}
        shared: set[str] = set()
        for source in self.sources:
            title = text.fold(source.title)
            if titles.setdefault(title, source) is not source:
                shared.add(title)
        before: dict[str, tuple[Source, str]] = {}
        for source in self.sources:
            for key, name in (("previous", source.previous), ("next", source.next)):
                if name is None:
                    continue
                title = text.fold(name)
                other = titles.get(title)
                place = f"{source.path}:{source.line(key)}"
                if other is None:
                    self.problems.append(
                        Problem(
                            path=source.path,
                            line=source.line(key),
                            rule="missing-neighbour",
                            message=f"`{key}` names {name!r}, which is not in this series",
                            remedy="add that article or correct the title",
                            severity="warning",
                        )
                    )
                elif title in shared or other is source:
                    what = "itself" if other is source else "more than one article"
                    self._problem(
                        source,
                        key,
                        f"`{key}` names {what} ({name!r})",
                        "give each article its own title, or use `part`",
                        "order-disagrees",
                    )
                else:
                    first, second = (other, source) if key == "previous" else (source, other)
                    self._link(first, second, place, source, key, before)

    def _link(
        self,
        first: Source,
        second: Source,
        place: str,
        source: Source,
        key: str,
        before: dict[str, tuple[Source, str]],
    ) -> None:
        for known, at, wanted in (
            (self.after.get(first.path), first, second),
            (before.get(second.path), second, first),
        ):
            if known is not None and known[0] is not wanted:
                self._problem(
                    source,
                    key,
                    f"`{key}` puts {first.title!r} right before {second.title!r}, but"
                    f" {known[1]} puts {known[0].title!r} next to {at.title!r}",
                    "correct one of the two",
                    "order-disagrees",
                )
                return
        self.after.setdefault(first.path, (second, place))
        before.setdefault(second.path, (first, place))

    def _spread(self) -> None:
        """Number what is linked to a number; a single chain of everything counts from 1."""
        starts = {one.path for one in self.sources} - {s.path for s, _ in self.after.values()}
        by_path = {one.path: one for one in self.sources}
        seen: set[str] = set()
        for head in sorted(starts):
            chain = [by_path[head]]
            while (step := self.after.get(chain[-1].path)) is not None:
                chain.append(step[0])
            seen |= {one.path for one in chain}
            anchor = next(
                (
                    self.numbers[one.path] - at
                    for at, one in enumerate(chain)
                    if one.path in self.numbers
                ),
                1 if len(chain) == len(self.sources) else None,
            )
            for at, one in enumerate(chain):
                if one.path in self.numbers:
                    anchor = self.numbers[one.path] - at
                elif anchor is None:
                    self._problem(
                        one,
                        "title",
                        "nothing says which part this is",
                        "add a line `part: …`",
                        "no-part",
                    )
                elif anchor + at < 1:
                    self._problem(
                        one,
                        "next",
                        "the chain puts this before part 1",
                        "correct `part`",
                        "no-part",
                    )
                else:
                    self.numbers[one.path] = anchor + at
        loop = [one for one in self.sources if one.path not in seen]
        if loop:
            first, last = loop[0], self.after[loop[0].path]
            self._problem(
                first,
                "next" if first.next else "previous",
                f"the titles lead in a circle: {first.title!r}, {last[0].title!r} … and back"
                f" ({last[1]})",
                "remove one `previous` or `next`",
                "order-disagrees",
            )

    def _check_links(self) -> None:
        """A link says two parts are neighbours: nothing may stand between them or turn them."""
        taken = {number: path for path, number in self.numbers.items()}
        for source in self.sources:
            link = self.after.get(source.path)
            if link is None or link[0].path not in self.numbers or source.path not in self.numbers:
                continue
            other, place = link
            low, high = self.numbers[source.path], self.numbers[other.path]
            between = next((taken[n] for n in range(low + 1, high) if n in taken), None)
            if high > low and between is None:
                continue
            says, line = place.rsplit(":", 1)
            self.problems.append(
                Problem(
                    path=says,
                    line=int(line),
                    rule="order-disagrees",
                    message=f"this puts {source.title!r} right before {other.title!r}, but"
                    f" {source.path}:{source.line('part')} is part {low} and"
                    f" {other.path}:{other.line('part')} is part {high}"
                    + (f" with {between} between them" if between else ""),
                    remedy="correct the part numbers or the titles",
                )
            )

    def _unique(self) -> None:
        owner: dict[int, Source] = {}
        for source in self.sources:
            number = self.numbers.get(source.path)
            if number is None:
                continue
            first = owner.setdefault(number, source)
            if first is not source:
                self._problem(
                    source,
                    "part",
                    f"part {number} is also that of {first.path}:{first.line('part')}",
                    "give each article its own part",
                    "duplicate-part",
                )
