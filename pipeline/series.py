"""Series: the ordered whole, and the rule that gives each article its part number (O1).

A part number comes from front matter `part`, from the number the file's name begins with, or from
`previous`/`next` titles chained into an order. Where two of these disagree nothing is guessed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline import text
from pipeline.articles import Article, Source, file_number
from pipeline.config import Newsletter, SeriesSettings
from pipeline.errors import Problem, Severity


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """`first` stands right before `second`: so says the front matter `key` of `by`."""

    first: Source
    second: Source
    by: Source
    key: str

    @property
    def place(self) -> str:
        return f"{self.by.path}:{self.by.line(self.key)}"


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
        self.table = newsletter.table.child("series").child(settings.key)
        self.problems: list[Problem] = []
        self.numbers: dict[str, int] = {}
        """Part numbers by the source's path."""
        self.after: dict[str, _Link] = {}
        """By path: the link to the part that follows."""
        self.before: dict[str, _Link] = {}
        """By path: the link to the part before it."""

    def arranged(self) -> tuple[Numbered, ...]:
        for source in self.sources:
            self._given_number(source)
        self._links()
        self._spread(self._chains())
        self._check_links()
        self._check_numbers()
        parts = [
            Numbered(source=one, number=self.numbers[one.path])
            for one in self.sources
            if one.path in self.numbers
        ]
        return tuple(sorted(parts, key=lambda part: (part.number, part.source.path)))

    def _problem(
        self,
        source: Source,
        key: str,
        message: str,
        remedy: str,
        rule: str = "order-disagrees",
        severity: Severity = "error",
    ) -> None:
        self.problems.append(
            Problem(
                path=source.path,
                line=source.line(key),
                rule=rule,
                message=message,
                remedy=remedy,
                severity=severity,
            )
        )

    def _given_number(self, source: Source) -> None:
        by_name = file_number(source.path)
        number = source.part or by_name
        if number is None:
            return
        if by_name not in (None, number):
            self._problem(
                source,
                "part",
                f"`part: {source.part}` and the file's name, which says {by_name}, disagree",
                "correct `part` or rename the file",
            )
        if number < 1:
            self._problem(source, "part", "the file's name says part 0", "count from 1", "value")
            return
        self.numbers[source.path] = number

    def _links(self) -> None:
        if all(source.previous is None and source.next is None for source in self.sources):
            return
        titled: dict[str, list[Source]] = {}
        for source in self.sources:
            titled.setdefault(text.fold(source.title), []).append(source)
        for source in self.sources:
            for key, name in (("previous", source.previous), ("next", source.next)):
                if name is None:
                    continue
                others = titled.get(text.fold(name), [])
                if not others:
                    self._problem(
                        source,
                        key,
                        f"`{key}` names {name!r}, which is not in this series",
                        "add that article or correct the title",
                        "missing-neighbour",
                        "warning",
                    )
                elif len(others) > 1 or others[0] is source:
                    what = "more than one article" if len(others) > 1 else "itself"
                    self._problem(
                        source,
                        key,
                        f"`{key}` names {what} ({name!r})",
                        "give each article its own title, or use `part`",
                    )
                elif key == "previous":
                    self._link(_Link(first=others[0], second=source, by=source, key=key))
                else:
                    self._link(_Link(first=source, second=others[0], by=source, key=key))

    def _link(self, link: _Link) -> None:
        for known in (self.after.get(link.first.path), self.before.get(link.second.path)):
            if known and (known.first is not link.first or known.second is not link.second):
                self._problem(
                    link.by,
                    link.key,
                    f"this puts {link.first.title!r} right before {link.second.title!r}, but"
                    f" {known.place} puts {known.first.title!r} right before"
                    f" {known.second.title!r}",
                    "correct one of the two",
                )
                return
        self.after.setdefault(link.first.path, link)
        self.before.setdefault(link.second.path, link)

    def _chains(self) -> list[list[Source]]:
        """The sources as linked, each chain from its first part; a circle is a problem."""
        left = {one.path: one for one in self.sources}
        chains: list[list[Source]] = []
        for head in self.sources:
            if head.path not in self.before:
                chain = [left.pop(head.path)]
                while link := self.after.get(chain[-1].path):
                    chain.append(left.pop(link.second.path))
                chains.append(chain)
        while left:
            first = link = self.after[next(iter(left))]
            while link.second is not first.first:
                link = self.after[link.second.path]
                del left[link.first.path]
            del left[first.first.path]
            self._problem(
                link.by,
                link.key,
                f"the titles lead in a circle: this puts {link.first.title!r} right before"
                f" {link.second.title!r}, but {first.place} puts {first.first.title!r} before"
                f" {first.second.title!r}",
                "remove one `previous` or `next`",
            )
        return chains

    def _spread(self, chains: list[list[Source]]) -> None:
        """Number what is linked to a number, and from 1 the one chain that has none."""
        begins = [
            chain
            for chain in chains
            if (len(chain) > 1 or len(self.sources) == 1)
            and chain[0].previous is None
            and not any(one.path in self.numbers for one in chain)
        ]
        blamed = {one.path for one in self.problems if one.severity == "error"}
        for chain in chains:
            given = (
                self.numbers[one.path] - at
                for at, one in enumerate(chain)
                if one.path in self.numbers
            )
            anchor = next(given, 1 if begins == [chain] else None)
            for at, one in enumerate(chain):
                if one.path in self.numbers:
                    anchor = self.numbers[one.path] - at
                elif anchor is None and one.path in blamed:
                    continue
                elif anchor is None:
                    what = "nothing says which part this is"
                    self._problem(one, "title", what, "add a line `part: …`", "no-part")
                elif anchor + at < 1:
                    what = "the chain of titles puts this before part 1"
                    self._problem(one, "next", what, "correct `part`", "no-part")
                else:
                    self.numbers[one.path] = anchor + at

    def _check_links(self) -> None:
        """A link says two parts are neighbours: nothing may stand between them or turn them."""
        taken = sorted((number, path) for path, number in self.numbers.items())
        for link in self.after.values():
            low, high = (self.numbers.get(one.path, 0) for one in (link.first, link.second))
            at = bisect_left(taken, (low + 1, ""))
            above, between = taken[at] if at < len(taken) else (high, "")
            if not low or not high or low < high <= above:
                continue
            self._problem(
                link.by,
                link.key,
                f"this puts {link.first.title!r} right before {link.second.title!r}, but"
                f" {link.first.path}:{link.first.line('part')} is part {low} and"
                f" {link.second.path}:{link.second.line('part')} is part {high}"
                + (f" with {between} between them" if low < above < high else ""),
                "correct the part numbers or the titles",
            )

    def _check_numbers(self) -> None:
        """No number twice, and none beyond what the series declares."""
        declared = self.settings.parts
        owner: dict[int, Source] = {}
        for source in self.sources:
            number = self.numbers.get(source.path)
            if number is None:
                continue
            if declared and number > declared:
                self._problem(
                    source,
                    "part",
                    f"part {number} is more than the {declared} that"
                    f" {self.table.path}:{self.table.line('parts')} declares",
                    "correct one of them",
                )
            first = owner.setdefault(number, source)
            if first is not source:
                self._problem(
                    source,
                    "part",
                    f"part {number} is also that of {first.path}:{first.line('part')}",
                    "give each article its own part",
                    "duplicate-part",
                )
