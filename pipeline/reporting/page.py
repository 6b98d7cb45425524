"""The report as one HTML file that needs nothing else: no script, no font, no picture beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline import feeds, templating
from pipeline.config import Newsletter
from pipeline.reporting import plot, words
from pipeline.reporting.plot import Drawing, Line, Plot, draw
from pipeline.reporting.rows import Section, retention
from pipeline.reporting.sizes import Size

TEMPLATES = templating.PACKAGE / "report_templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Figures as cells; the first cell of each row is its heading, `texts` the columns of words."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A plot with its drawing and its numbers; `lacking` is said in place of a plot without one."""

    plot: Plot
    drawing: Drawing
    table: Table
    lacking: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One series at one service, or the feed."""

    ident: str
    heading: str
    figures: tuple[Figure, ...]
    table: Table | None = None
    untold: str = ""


def page(
    newsletter: Newsletter, sections: Sequence[Section], sizes: Sequence[Size], as_of: datetime
) -> bytes:
    """The report on what is known at `as_of`, as a document of its own."""
    chapters = [_chapter(f"c{at}", section, newsletter) for at, section in enumerate(sections, 1)]
    if sizes:
        chapters.append(_feed(newsletter, sizes))
    rendered = templating.render(
        templating.environment([TEMPLATES]),
        "report.html.j2",
        newsletter=newsletter,
        as_of=as_of.astimezone(newsletter.zone),
        chapters=chapters,
        notes=words.notes(sections),
        empty=not sections,
        area=plot,
    )
    return rendered.encode()


def _chapter(ident: str, section: Section, newsletter: Newsletter) -> Chapter:
    activity = _activity(ident, section)
    figures = (_retention(ident, section), activity) if section.series else (activity,)
    return Chapter(
        ident=ident,
        heading=words.heading(section),
        figures=figures,
        table=_everything(section, newsletter),
        untold=words.untold(section),
    )


def _figure(section: Section, drawing: Plot, table: Table, note: str = "") -> Figure:
    return Figure(
        plot=drawing,
        drawing=draw(drawing),
        table=table,
        lacking=f"A curve needs two parts whose figures {section.service} told.",
        note=note,
    )


def _retention(ident: str, section: Section) -> Figure:
    opens, readers = retention(section, "opens"), retention(section, "readers")
    first = next(
        (row.label for row, one in zip(section.rows, opens, strict=True) if one is not None),
        section.rows[0].label,
    )
    last = section.rows[-1].label
    hollow = _early(section)
    drawing = Plot(
        ident=f"{ident}-retention",
        title=f"Who stays, from part {section.rows[0].label} to {last}",
        lines=(
            Line(name=_named(section, "opens"), values=opens, hollow=hollow),
            Line(name="Recipients", values=readers),
        ),
        labels=_labels(section),
        axis="Part",
    )
    table = Table(
        caption=f"Per 100 of part {first}",
        head=("Part", "Opens", "Recipients"),
        rows=tuple(
            (row.label, words.percent(a).rstrip("%"), words.percent(b).rstrip("%"))
            for row, a, b in zip(section.rows, opens, readers, strict=True)
        ),
    )
    note = (
        f"For each 100 opens of part {first}, how many a later part had; the list's own growth"
        " beside it. These are totals: no service tells who the readers were."
    )
    return _figure(section, drawing, table, note)


def _activity(ident: str, section: Section) -> Figure:
    what = "part" if section.series else "issue"
    hollow = _early(section)
    drawing = Plot(
        ident=f"{ident}-activity",
        title=f"Opens and clicks by {what}",
        lines=tuple(
            Line(
                name=_named(section, name),
                values=_counts(section, name),
                hollow=hollow,
            )
            for name in ("opens", "clicks")
        ),
        labels=_labels(section),
        axis=what.capitalize(),
    )
    columns = [(what.capitalize(), [row.label for row in section.rows])]
    for name in ("opens", "clicks"):
        columns.append((words.HEADS[name], [words.marked(row, name) for row in section.rows]))
        shares = [row.share(name) for row in section.rows]
        if any(one is not None for one in shares):
            columns.append(("%", [words.percent(one).rstrip("%") for one in shares]))
    table = Table(
        caption="Counts, and % of the recipients",
        head=tuple(head for head, _ in columns),
        rows=tuple(zip(*(cells for _, cells in columns), strict=True)),
    )
    return _figure(section, drawing, table)


def _everything(section: Section, newsletter: Newsletter) -> Table:
    what = "Part" if section.series else "Issue"
    return Table(
        caption=f"Every {what.lower()}",
        head=(what, "Title", "Sent", *words.HEADS.values()),
        rows=tuple(
            (
                row.label,
                row.title,
                words.day(row, newsletter.zone),
                *(words.marked(row, name) for name in words.HEADS),
            )
            for row in section.rows
        ),
        texts=(0, 1, 2),
    )


def _feed(newsletter: Newsletter, sizes: Sequence[Size]) -> Chapter:
    big = max(size.bytes for size in sizes) >= 1_000_000
    unit, by = ("MB", 1e6) if big else ("kB", 1e3)
    first, last = sizes[0].at, sizes[-1].at
    whole = (last - first).total_seconds() or 1
    days = tuple(size.at.astimezone(newsletter.zone).strftime("%Y-%m-%d") for size in sizes)
    drawing = Plot(
        ident="feed-size",
        title=f"Size of {sizes[0].file} over time",
        lines=(Line(name="Size", values=tuple(size.bytes / by for size in sizes)),),
        labels=days,
        axis="Date",
        unit=unit,
        places=tuple((size.at - first).total_seconds() / whole for size in sizes),
    )
    table = Table(
        caption=f"{sizes[0].file} after each publication",
        head=("Date", "Articles", unit),
        rows=tuple(
            (day, f"{size.articles:,}", f"{size.bytes / by:,.1f}")
            for day, size in zip(days, sizes, strict=True)
        ),
    )
    note = (
        "Reckoned from the articles as they stand today, not recorded then; servers usually send a"
        " feed compressed, at a third of this or less. Some readers stop at"
        f" {feeds.SIZE_LIMIT / 1e6:.0f} MB."
    )
    lacking = "There is one publication so far: a curve needs two."
    figure = Figure(plot=drawing, drawing=draw(drawing), table=table, lacking=lacking, note=note)
    return Chapter(ident="feed", heading="The feed", figures=(figure,))


def _counts(section: Section, name: str) -> tuple[int | None, ...]:
    return tuple(row.count(name) for row in section.rows)


def _early(section: Section) -> tuple[bool, ...]:
    return tuple(row.early for row in section.rows)


def _labels(section: Section) -> tuple[str, ...]:
    return tuple(row.label for row in section.rows)


def _named(section: Section, name: str) -> str:
    """A count's heading, marked where it counts a reader several times."""
    repeats = any(name in row.repeats for row in section.rows)
    return f"{'~' * repeats}{words.HEADS[name]}"
