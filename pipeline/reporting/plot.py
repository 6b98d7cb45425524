"""Plots as numbers: where lines, points, gaps and labels of a small SVG stand.

`plot.html.j2` draws what is reckoned here. A value that is not known leaves a gap: no line crosses
it, and a dash above the axis says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

WIDTH, HEIGHT = 460, 264
LEFT, RIGHT, TOP, BOTTOM = 54, 16, 34, 50
"""The drawing and its margins, in units of the SVG's viewBox: a CSS pixel each, less on a phone."""
LETTER = 9
"""The width of a letter, there where letters are drawn largest."""
CROWDED = 40
"""More points than that are drawn as a line alone."""
_NAMED = 6
"""The description names so many gaps, and counts more than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: its name and its values in order, None where one is not known.

    `hollow` says which points are not final.
    """

    name: str
    values: tuple[float | None, ...]
    hollow: tuple[bool, ...] = ()

    @property
    def known(self) -> tuple[int, ...]:
        """The places of the values that are known."""
        return tuple(at for at, value in enumerate(self.values) if value is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What a plot says: `labels` name the places on the axis, `axis` what they are.

    `places` tell where each is from 0 (left) to 1; without them the steps are even. `unit` is that
    of the values.
    """

    ident: str
    title: str
    lines: tuple[Line, ...]
    labels: tuple[str, ...]
    axis: str
    unit: str = ""
    places: tuple[float, ...] = ()

    @property
    def drawn(self) -> bool:
        """True where some line has two points: fewer are no curve."""
        return any(len(line.known) > 1 for line in self.lines)

    @property
    def provisional(self) -> bool:
        """True where a point is not final."""
        return any(line.hollow and line.hollow[at] for line in self.lines for at in line.known)

    @property
    def description(self) -> str:
        """The plot in words, for those who do not see it."""
        return " ".join(map(self._said, self.lines))

    def _said(self, line: Line) -> str:
        if not line.known:
            return f"{line.name}: not known."
        ends = [
            f"{line.values[at]:,.0f} {self.unit}".rstrip() + f" at {self._place(at)}"
            for at in (line.known[0], line.known[-1])
        ]
        lacking = [at for at, value in enumerate(line.values) if value is None]
        gaps = ", ".join(map(self._place, lacking))
        if len(lacking) > _NAMED:
            gaps = f"{len(lacking)} places"
        return f"{line.name}: from {ends[0]} to {ends[1]}{f'; not known at {gaps}' * bool(gaps)}."

    def _place(self, at: int) -> str:
        return f"{self.axis.lower()} {self.labels[at]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A point of the drawing, in its units."""

    x: float
    y: float
    hollow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A word on an axis, and where: its middle, or its `start` or `end` at the drawing's edge."""

    at: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A line as drawn: the SVG path of its unbroken pieces, and its points."""

    path: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Everything that stands in the SVG."""

    lines: tuple[Drawn, ...]
    across: tuple[Mark, ...]
    up: tuple[Mark, ...]
    gaps: tuple[float, ...]


def draw(plot: Plot) -> Drawing:
    """Where everything of a plot stands."""
    places = plot.places or _even(len(plot.labels))
    xs = [round(LEFT + place * (WIDTH - LEFT - RIGHT), 1) for place in places]
    known = [one for line in plot.lines for one in line.values if one is not None]
    ticks = steps(max(known, default=0))

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - value / ticks[-1] * (HEIGHT - TOP - BOTTOM), 1)

    def drawn(line: Line) -> Drawn:
        return _drawn(line, xs, [None if one is None else y(one) for one in line.values])

    return Drawing(
        lines=tuple(map(drawn, plot.lines)),
        across=tuple(_labels(xs, plot.labels)),
        up=tuple(Mark(at=y(one), text=tick(one)) for one in ticks),
        gaps=tuple(
            x for at, x in enumerate(xs) if any(line.values[at] is None for line in plot.lines)
        ),
    )


def _even(count: int) -> tuple[float, ...]:
    return tuple(at / (count - 1) for at in range(count)) if count > 1 else (0.5,) * count


def _drawn(line: Line, xs: Sequence[float], ys: Sequence[float | None]) -> Drawn:
    pieces: list[str] = []
    points: list[Point] = []
    for at, (x, y) in enumerate(zip(xs, ys, strict=True)):
        if y is None:
            continue
        joined = at > 0 and ys[at - 1] is not None
        alone = not joined and (at + 1 == len(ys) or ys[at + 1] is None)
        pieces.append(f"{'L' if joined else 'M'}{x:g} {y:g}")
        if alone or len(xs) <= CROWDED:
            points.append(Point(x=x, y=y, hollow=bool(line.hollow) and line.hollow[at]))
    return Drawn(path=" ".join(pieces), points=tuple(points))


def _labels(xs: Sequence[float], labels: Sequence[str]) -> Iterator[Mark]:
    """The first label, the last, and as many between them as stand apart."""
    wide = LETTER * (max(map(len, labels), default=0) + 1)
    spans = [_span(x, wide) for x in xs]
    taken = float("-inf")
    for at, (x, (begin, end, anchor)) in enumerate(zip(xs, spans, strict=True)):
        last = at == len(xs) - 1
        if at == 0 or last or (begin >= taken and end <= spans[-1][0]):
            yield Mark(at=x, text=labels[at], anchor=anchor)
            taken = end


def _span(x: float, wide: float) -> tuple[float, float, str]:
    """From where to where a label at `x` reaches, and how it is anchored."""
    if x - wide / 2 < LEFT / 2:
        return x, x + wide, "start"
    if x + wide / 2 > WIDTH:
        return x - wide, x, "end"
    return x - wide / 2, x + wide / 2, "middle"


def steps(top: float) -> tuple[float, ...]:
    """Round values from 0 to `top` or just above it, four to seven of them."""
    if top < 1e-6:
        return (0, 1)
    rough = top / 5
    power = 10.0 ** floor(log10(rough))
    step = next(one * power for one in (1, 2, 2.5, 5, 10) if one * power >= rough * 0.999)
    return tuple(step * at for at in range(ceil(round(top / step, 6)) + 1))


def tick(value: float) -> str:
    """A value on the axis, in as few letters as say it."""
    return f"{value / 1000:g}k" if value >= 10_000 else f"{value:,g}"
