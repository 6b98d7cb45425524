"""Which part is which: explicit numbers, then the chain of titles, then dates, then file names.

Where two of them contradict each other nothing is guessed: both places are named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipeline.errors import PartworkError, Problem
from pipeline.importing import chain
from pipeline.importing.chain import Chain, Stone
from pipeline.importing.model import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The new articles' part numbers by their keys, and how they were found.

    `turned` says that `previous` and `next` change places. `unsettled` is the title of part 1 where
    only the word “Next” says which way the series runs.
    """

    numbers: Mapping[str, int]
    turned: bool = False
    unsettled: str = ""
    notes: tuple[Note, ...] = ()


def arranged(
    stones: Sequence[Stone], weights: Mapping[str, int], *, reverse: bool = False
) -> Order:
    """Number the new ones among the stones; PartworkError names every contradiction.

    `weights` are numbers by key that sort and count nothing.
    """
    new = [one for one in stones if one.new]
    there = [one for one in stones if not one.new]
    if reverse and new and all(_is_placed(one) for one in new):
        what = "--reverse contradicts the numbers or dates, which say where each part stands"
        raise PartworkError([new[0].problem("date", what, "leave it out", "order")])
    new, notes = _numbered(new, weights, reverse=reverse)
    stones = [*there, *new]
    _no_number_twice(stones)
    found = chain.read(stones, reverse=reverse and any(o.previous or o.next for o in new))
    rows = chain.rows(found.links, stones)
    known = {one.key: one for one in stones}
    numbers, loose = _anchored(rows, known)
    notes += [*_turned(found, new), *_loose_notes(loose, known, numbers, found, reverse=reverse)]
    at = max([*numbers.values(), *(one.number or 0 for one in there)], default=0) + 1
    for row in _sorted(loose, known, weights, reverse=reverse and not found.links):
        numbers |= {name: at + step for step, name in enumerate(row)}
        at += len(row)
    notes += _gaps(numbers, known)
    _vet(numbers, known)
    mine = {one.key: numbers[one.key] for one in new}
    first = min(new, key=lambda one: mine[one.key], default=None)
    asks = first is not None and not found.settled and len(new) > 1
    return Order(
        numbers=mine,
        turned=found.turned,
        unsettled=first.title if asks and first else "",
        notes=tuple(notes),
    )


def _is_placed(stone: Stone) -> bool:
    """Whether a number or a date places an article, and no title has a say in it."""
    linked = stone.previous or stone.next
    return not linked and (stone.number is not None or stone.date is not None)


def _numbered(
    new: Sequence[Stone], weights: Mapping[str, int], *, reverse: bool
) -> tuple[list[Stone], list[Note]]:
    """Explicit numbers as part numbers: from 0 they move up by one, with gaps they only sort."""
    notes: list[Note] = []
    if titled := _in_titles(new):
        new = [replace(one, number=titled[one.key]) for one in new]
        notes.append(Note(path=new[0].path, message="the parts' numbers are those in the titles"))
    given = sorted({one.number for one in new if one.number is not None})
    if not given:
        ranks = _ranks(new, weights, reverse=reverse)
        return [replace(one, number=ranks.get(one.key)) for one in new], []
    if given[0] == 0:
        said = "the numbers begin at 0, so that each part's is one higher"
        moved = [replace(one, number=None if one.number is None else one.number + 1) for one in new]
        return moved, [*notes, Note(path=new[0].path, message=said)]
    runs = given[-1] - given[0] == len(given) - 1
    if given[0] == 1 or runs or len(given) < len(new):
        return [*new], notes
    places = {number: at for at, number in enumerate(given, 1)}
    said = f"the numbers {given[0]}, {given[1]} … only sort: the parts are counted from 1"
    return (
        [replace(one, number=places[one.number or 0]) for one in new],
        [*notes, Note(path=new[0].path, message=said)],
    )


_TITLED = re.compile(
    r"(?:^|[(\[,:–—-] *)(?:part|chapter|episode|lesson|teil|kapitel|partie|parte|deel)"
    r" (\d{1,4})(?=\W|$)",
    re.IGNORECASE,
)


def _in_titles(new: Sequence[Stone]) -> dict[str, int]:
    """Numbers that the titles give, where every one gives another and nothing else does."""
    if any(one.number is not None for one in new) or len(new) < 2:
        return {}
    found = {one.key: int(said[1]) for one in new if (said := _TITLED.search(one.title))}
    return found if len({*found.values()}) == len(new) else {}


def _ranks(new: Sequence[Stone], weights: Mapping[str, int], *, reverse: bool) -> dict[str, int]:
    """Parts by weight, where each has one of its own and no title leads on."""
    mine = [weights[one.key] for one in new if one.key in weights]
    if len({*mine}) < len(new) or any(one.previous or one.next or one.date for one in new):
        return {}
    by_weight = sorted(new, key=lambda one: weights[one.key], reverse=reverse)
    return {one.key: at for at, one in enumerate(by_weight, 1)}


def _no_number_twice(stones: Iterable[Stone]) -> None:
    seen: dict[int, Stone] = {}
    problems = []
    for one in stones:
        first = one if one.number is None else seen.setdefault(one.number, one)
        if first is not one:
            what = f"this is part {one.number}, and so is {first.place('part')}"
            remedy = "give each its own number"
            problems.append(one.problem("part", what, remedy, "duplicate-part"))
    if problems:
        raise PartworkError(problems)


def _anchored(
    rows: Iterable[list[str]], known: Mapping[str, Stone]
) -> tuple[dict[str, int], list[list[str]]]:
    """Numbers for the rows in which one article has one, and the other rows."""
    numbers: dict[str, int] = {}
    loose: list[list[str]] = []
    problems: list[Problem] = []
    for row in rows:
        given = [
            (known[name], (known[name].number or 0) - at)
            for at, name in enumerate(row)
            if name in known and known[name].number is not None
        ]
        for (stone, base), (other, offset) in pairwise(given):
            if offset != base:
                what = (
                    f"this is part {other.number}, but the titles make it part"
                    f" {(other.number or 0) - offset + base}, counted from {stone.place('part')},"
                    f" which is part {stone.number}"
                )
                remedy = "correct a number or a title"
                problems.append(other.problem("part", what, remedy, "order-disagrees"))
        if given:
            numbers |= {name: given[0][1] + at for at, name in enumerate(row)}
        else:
            loose.append(row)
    if problems:
        raise PartworkError(problems)
    return numbers, loose


_DIGITS = re.compile(r"(\d+)")


def _natural(path: str) -> list[tuple[int, str]]:
    """A key by which `part 10` comes after `part 9`."""
    pieces = _DIGITS.split(path.casefold())
    return [(int(one[:18]) if at % 2 else 0, one) for at, one in enumerate(pieces)]


def _sorted(
    loose: Sequence[list[str]],
    known: Mapping[str, Stone],
    weights: Mapping[str, int],
    *,
    reverse: bool,
) -> list[list[str]]:
    """Rows that no number places: by date, those without any after them by weight and name."""

    def named(row: list[str]) -> tuple[int, list[tuple[int, str]]]:
        return weights.get(row[0], 0), _natural(known[row[0]].path)

    dated = [(_date(row, known), row) for row in loose]
    with_date = sorted((one for one in dated if one[0]), key=lambda one: (one[0], named(one[1])))
    without = sorted((row for date, row in dated if not date), key=named, reverse=reverse)
    return [row for _, row in with_date] + without


def _date(row: Iterable[str], known: Mapping[str, Stone]) -> float:
    """When a row begins, in seconds; 0 where nothing says it."""
    dates = [known[name].date for name in row if name in known]
    return next((date.timestamp() for date in dates if date), 0)


def _turned(found: Chain, new: Sequence[Stone]) -> Iterator[Note]:
    if found.turned:
        yield Note(path=new[0].path, message="“Next” leads to the part before: the order is turned")


def _loose_notes(
    loose: Sequence[list[str]],
    known: Mapping[str, Stone],
    numbers: Mapping[str, int],
    found: Chain,
    *,
    reverse: bool,
) -> Iterator[Note]:
    """How the rows that no number places were put in order."""
    fresh = [row for row in loose if known[row[0]].new]
    if not fresh or (len(fresh) == 1 and not numbers):
        return
    dated = [row for row in fresh if _date(row, known)]
    how = "dates" if len(dated) == len(fresh) else "dates and file names" if dated else "file names"
    how += ", turned around" if reverse and not found.links and not dated else ""
    if not found.links:
        yield Note(
            path=known[fresh[0][0]].path, message=f"the parts are in the order of their {how}"
        )
        return
    for row in fresh[0 if numbers else 1 :]:
        end = next((one.second for one in found.links if one.second in known), "")
        stone = known[row[0]]
        beside = f" ({known[end].path} is in another chain)" if end and end not in row else ""
        message = f"no title leads here{beside}: {stone.title!r} was put in the order of {how}"
        yield Note(path=stone.path, message=message)


def _gaps(numbers: Mapping[str, int], known: Mapping[str, Stone]) -> Iterator[Note]:
    """Parts that titles name between two others and that nobody has."""
    for name, number in numbers.items():
        if name not in known:
            beside = next(
                (one for key, one in known.items() if numbers.get(key) == number - 1), None
            )
            path = beside.path if beside else name
            yield Note(
                path=path, message=f"part {number}, {name!r}, is missing: its place is kept free"
            )


def _vet(numbers: Mapping[str, int], known: Mapping[str, Stone]) -> None:
    """No number below 1 or twice, and dates that grow with it (O2)."""
    placed = sorted(
        ((number, known[name]) for name, number in numbers.items() if name in known),
        key=lambda one: one[0],
    )
    problems = []
    for number, stone in placed:
        if number < 1 and stone.new:
            what = f"the titles put {stone.title!r} before part 1"
            remedy = "raise the numbers of the parts that are there, or correct a title"
            problems.append(stone.problem("next", what, remedy, "no-part"))
    for (first, before), (second, after) in pairwise(placed):
        if first == second and (before.new or after.new):
            what = f"{after.title!r} would be part {second}, and so is {before.place('part')}"
            remedy = "correct a number or a title"
            problems.append(after.problem("part", what, remedy, "duplicate-part"))
    dated = [(number, one) for number, one in placed if one.date]
    for (first, before), (second, after) in pairwise(dated):
        if not before.date or not after.date or not (after.new or before.new):
            continue
        # Two of one moment, in new articles, are set a second apart when they are written.
        if after.date < before.date or (after.date == before.date and not after.new):
            what = (
                f"part {second} ({after.title!r}) is dated {after.date:%Y-%m-%d %H:%M}, not after"
                f" part {first}, {before.place('date')} ({before.date:%Y-%m-%d %H:%M})"
            )
            remedy = "correct a date, a number or a title"
            problems.append(after.problem("date", what, remedy, "dates-disagree"))
    if problems:
        raise PartworkError(problems)
