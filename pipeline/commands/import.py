"""`partwork import`."""  # noqa: N999 - a command's file has its name

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.commands import options, progress
from pipeline.text import excerpt

if TYPE_CHECKING:
    from pipeline.importing import Import

KINDS = ("text", "html", "markdown", "wordpress", "ghost", "substack", "medium", "feed", "docx")


@click.command("import")
@click.argument(
    "sources", nargs=-1, required=True, metavar="SOURCE...", type=click.Path(path_type=Path)
)
@click.option(
    "--into", metavar="FOLDER", default="", help="Where they go. Default: the articles folder."
)
@click.option(
    "--series",
    metavar="NAME",
    help="Their series, by key or title; a new one is made. An empty NAME means none. Default: what"
    " the source says, or the only series there is.",
)
@click.option(
    "--from",
    "kind",
    type=click.Choice(KINDS),
    help="What the source is. Default: found by its content.",
)
@click.option("--tag", default="", help="Only what has this tag or category.")
@click.option(
    "--reverse",
    is_flag=True,
    help="“Next” leads to the part before; what only names sort comes in falling order.",
)
@click.option(
    "--start",
    metavar="DATE",
    type=options.DAY,
    help="The day of part 1 of a series without dates: written into [schedule].",
)
@click.option(
    "--every",
    metavar="STEP",
    help="With --start: day, week, month, or e.g. “2 weeks”. Default: week.",
)
@click.option(
    "--base",
    metavar="URL",
    default="",
    help="Where the source was published: what its relative links begin at.",
)
@click.option("--fetch-images", is_flag=True, help="Fetch remote pictures, over https only.")
@click.option("--dry-run", is_flag=True, help="Report the same and write nothing.")
@options.as_of
@options.reports
def command(
    sources: tuple[Path, ...],
    into: str,
    series: str | None,
    kind: str | None,
    tag: str,
    reverse: bool,
    start: date | None,
    every: str | None,
    base: str,
    fetch_images: bool,
    dry_run: bool,
    as_of: str | None,
    style: str,
) -> None:
    """Bring in a series that exists elsewhere: articles with front matter, in order.

    A SOURCE is a file, a folder or an archive: plain text, HTML pages, Markdown of other programs,
    exports of WordPress, Squarespace, Ghost, Substack and Medium, a feed's file, Word documents.
    Every guess is reported. Nothing that is there is overwritten, and a second run changes nothing.

    \b
    Examples:
      partwork import pages/ --dry-run
      partwork import pages/ --series "Acupuncture, Plainly" --start 2026-12-01 --every week
      partwork import export.xml --tag sleep --fetch-images
      partwork import part-four.txt part-five.docx --series acupuncture
    """
    from pipeline import importing

    newsletter = options.newsletter()
    moment = options.moment(as_of, newsletter)
    wishes = importing.Wishes(
        into=into,
        series=series,
        kind=kind,
        reverse=reverse,
        rhythm=importing.rhythm(start, every),
        base=base,
        tag=tag,
    )
    given = [(one, str(one)) for one in sources]
    fetch = importing.fetcher() if fetch_images else None
    with progress.shown(style, "articles") as told:
        made = importing.plan(newsletter, given, wishes, moment, fetch, told)
    if made.unsettled and style == "text" and sys.stdin.isatty():
        back = not _leads_on(made.unsettled)
        if back:
            made = importing.plan(newsletter, given, replace(wishes, reverse=True), moment, fetch)
        made = replace(made, unsettled="")
    if not dry_run:
        importing.write(made)
    options.report(style, made.warnings, text=_lines(made, dry_run), data=_data(made, dry_run))


def _leads_on(first: str) -> bool:
    return click.confirm(f"Is {first!r} the first part, and does “Next” lead on?", default=True)


def _lines(made: Import, dry_run: bool) -> list[str]:
    """What was made, part by part, every guess and loss, and what to do next."""
    cells = [
        (
            str(one.part or ""),
            excerpt(one.title, 50),
            str(one.date or "")[:10],
            one.path,
            one.source,
        )
        for one in made.made
    ]
    blocks = [
        options.table([("Part", "Title", "Date", "Article", "From"), *cells]) if cells else [],
        [f"{'!' if one.loss else ' '} {one}" for one in made.notes],
        [f"{source} is there already: {path}" for source, path in made.already],
        list(_end(made, dry_run)),
    ]
    if blocks[1]:
        blocks[1].insert(0, click.style("Guessed, changed or left out (!)", bold=True))
    return [line for block in blocks if block for line in (*block, "")][:-1]


def _end(made: Import, dry_run: bool) -> Iterator[str]:
    written = "would be written" if dry_run else "written"
    articles = options.counted(len(made.made), "article")
    yield f"{articles}, {options.counted(len(made.files), 'file')} {written}."
    if made.made and not dry_run:
        yield "Now: partwork check, then partwork status."


def _data(made: Import, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "articles": [asdict(one) for one in made.made],
        "files": [*made.files],
        "already": [{"source": source, "path": path} for source, path in made.already],
        "notes": [asdict(one) for one in made.notes],
    }
