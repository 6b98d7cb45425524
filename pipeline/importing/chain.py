"""The chain that `previous` and `next` titles make, and which way it runs.

Titles match after Unicode and case folding. A title that is named and that nobody has stays a link
of the chain, so that what stands on its two sides keeps a place free between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pipeline.errors import PartworkError, Problem
from pipeline.text import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Stone:
    """An article that has or needs a place: its file, title, and what is known of its place.

    `key` is its own alone, where several stand in one file; `new` is False for one that the
    newsletter has already.
    """

    key: str
    path: str
    title: str
    new: bool
    number: int | None = None
    previous: str | None = None
    next: str | None = None
    date: datetime | None = None
    lines: Mapping[str, int] = field(default_factory=dict)

    def place(self, key: str) -> str:
        """The file, with the key's line where there is one."""
        line = self.lines.get(key)
        return f"{self.path}:{line}" if line else self.path

    def problem(self, key: str, message: str, remedy: str, rule: str) -> Problem:
        """A problem at a key of it."""
        line = self.lines.get(key)
        return Problem(path=self.path, line=line, message=message, remedy=remedy, rule=rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`first` stands right before `second`: so says `key` of `by`.

    Both are keys of articles, or the folded title of what nobody has.
    """

    first: str
    second: str
    by: Stone
    key: str

    @property
    def place(self) -> str:
        """The file and line that say it."""
        return self.by.place(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """All links in the order of the series.

    `turned` says that “Next” led back, `settled` that numbers or dates, or the user, said so.
    """

    links: tuple[Link, ...]
    turned: bool
    settled: bool


def read(stones: Sequence[Stone], *, reverse: bool) -> Chain:
    """The chain; PartworkError where titles fork, and where the way it runs contradicts itself.

    What the newsletter has already runs on, whichever way the pages run that are new.
    """
    claims = _claims(stones)
    mine = [one for one in claims if one.by.new]
    way = _way(mine, {one.key: one for one in stones})
    if reverse and way > 0:
        what = "--reverse contradicts the numbers or dates, by which “Next” leads on"
        raise PartworkError([mine[0].by.problem(mine[0].key, what, "leave it out", "order")])
    turned = bool(mine) and (reverse or way < 0)
    links = [
        replace(one, first=one.second, second=one.first) if turned and one.by.new else one
        for one in claims
    ]
    _no_fork(links, stones)
    return Chain(links=tuple(links), turned=turned, settled=reverse or way != 0 or not mine)


def _claims(stones: Sequence[Stone]) -> list[Link]:
    """What each says of its neighbours; PartworkError where a title is that of several."""
    titled: dict[str, list[Stone]] = {}
    for one in stones:
        titled.setdefault(fold(one.title), []).append(one)
    claims: list[Link] = []
    problems: list[Problem] = []
    for stone in stones:
        for key, name in (("previous", stone.previous), ("next", stone.next)):
            others = titled.get(fold(name or ""), [])
            if not name or others == [stone] or not (others or stone.new):
                continue
            if len(others) > 1:
                problems.append(_ambiguous(stone, key, name, others))
                continue
            other = others[0].key if others else fold(name)
            first, second = (other, stone.key) if key == "previous" else (stone.key, other)
            claims.append(Link(first=first, second=second, by=stone, key=key))
    if problems:
        raise PartworkError(problems)
    return claims


def _no_fork(links: Iterable[Link], stones: Sequence[Stone]) -> None:
    """PartworkError where two claims give an article two neighbours on one side."""
    after: dict[str, Link] = {}
    before: dict[str, Link] = {}
    problems: list[Problem] = []
    for link in links:
        clash = _clash(link, after.get(link.first), before.get(link.second))
        if clash:
            problems.append(_fork(link, clash, stones))
            continue
        after.setdefault(link.first, link)
        before.setdefault(link.second, link)
    if problems:
        raise PartworkError(problems)


def _clash(link: Link, *known: Link | None) -> Link | None:
    for other in known:
        if other and (other.first, other.second) != (link.first, link.second):
            return other
    return None


def _ambiguous(stone: Stone, key: str, name: str, others: Iterable[Stone]) -> Problem:
    both = " and ".join(one.place("title") for one in others)
    what = f"`{key}` names {name!r}, and that is the title of {both}"
    return stone.problem(key, what, "give each its own title", "order-disagrees")


def _fork(link: Link, other: Link, stones: Iterable[Stone]) -> Problem:
    titles = {one.key: one.title for one in stones}

    def said(one: Link) -> str:
        first, second = (titles.get(name, name) for name in (one.first, one.second))
        return f"{first!r} right before {second!r}"

    return link.by.problem(
        link.key,
        f"this puts {said(link)}, but {other.place} puts {said(other)}",
        "correct one of the two; if “Next” leads back on the pages that are new, add --reverse",
        "order-disagrees",
    )


def _way(links: Iterable[Link], stones: Mapping[str, Stone]) -> int:
    """1 where “Next” leads on and -1 where it leads back, by numbers or else dates; 0 unknown.

    PartworkError where it is now this, now that.
    """
    seen: dict[int, tuple[Link, Stone, Stone]] = {}
    for link in links:
        first, second = stones.get(link.first), stones.get(link.second)
        if first is not None and second is not None:
            sign = _sign(first, second)
            if sign:
                seen.setdefault(sign, (link, first, second))
    if len(seen) == 2:
        (on, early, late), (back, newer, older) = seen[1], seen[-1]
        raise PartworkError(
            [
                back.by.problem(
                    back.key,
                    f"this puts {newer.title!r} before {older.title!r}, though by number or date it"
                    f" comes later ({newer.place('date')}, {older.place('date')}), and {on.place}"
                    f" puts {early.title!r} before {late.title!r} as number or date do",
                    "correct a number, a date or a title",
                    "order-disagrees",
                )
            ]
        )
    return next(iter(seen), 0)


def _sign(first: Stone, second: Stone) -> int:
    """1 where the first comes earlier by number or date, -1 where later, 0 where nothing tells."""
    if first.number is not None and second.number is not None:
        return (first.number < second.number) - (first.number > second.number)
    if first.date is not None and second.date is not None:
        return (first.date < second.date) - (first.date > second.date)
    return 0


def rows(links: Sequence[Link], stones: Sequence[Stone]) -> list[list[str]]:
    """The names chained into rows, each from its first; PartworkError for a circle.

    A row begins and ends with an article: a neighbour at its outer end keeps no place.
    """
    after = {one.first: one for one in links}
    begun = {one.second for one in links}
    left = dict.fromkeys([one.key for one in stones] + [one.first for one in links])
    real = {one.key for one in stones}
    found: list[list[str]] = []
    for head in [name for name in left if name not in begun]:
        row = [head]
        while link := after.get(row[-1]):
            row.append(link.second)
        for name in row:
            left.pop(name, None)
        row = [*_from_first(row, real)]
        found.append([*_from_first(row[::-1], real)][::-1])
    if left:
        raise PartworkError([_circle(after[next(iter(left))], after, stones)])
    return [row for row in found if row]


def _from_first(row: Iterable[str], real: set[str]) -> Iterator[str]:
    started = False
    for name in row:
        started = started or name in real
        if started:
            yield name


def _circle(link: Link, after: Mapping[str, Link], stones: Iterable[Stone]) -> Problem:
    titles = {one.key: one.title for one in stones}
    last = link
    while last.second != link.first:
        last = after[last.second]
    first, second, end = (titles.get(name, name) for name in (link.first, link.second, last.first))
    return last.by.problem(
        last.key,
        f"the titles lead in a circle: this puts {end!r} before {first!r}, and {link.place} puts"
        f" {first!r} before {second!r}",
        "take one of the two out",
        "order-disagrees",
    )
