"""`partwork calendar`."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands import options, summary

if TYPE_CHECKING:
    from pipeline.config import Newsletter


_FILE = "calendar.ics"


@click.command()
@click.option(
    "--weeks",
    type=click.IntRange(1, 520),
    default=12,
    show_default=True,
    help="How far to look ahead.",
)
@click.option("--until", metavar="DATE", help="The last day to look at, in place of --weeks.")
@click.option(
    "--ics",
    metavar="FILE",
    type=click.Path(dir_okay=False, allow_dash=True),
    is_flag=False,
    flag_value="",
    help="Write a calendar file; - prints it. Default: calendar.ics in the newsletter's folder.",
)
@click.option("--titles", is_flag=True, help="In it: titles of what is to come, drafts and gaps.")
@click.option(
    "--alarm",
    metavar="MINUTES",
    type=click.IntRange(0, 40320),
    help="In it: a reminder before each coming issue.",
)
@options.as_of
@options.reports
def command(
    weeks: int,
    until: str | None,
    ics: str | None,
    titles: bool,
    alarm: int | None,
    as_of: str | None,
    style: str,
) -> None:
    """Show the coming issues: dates, parts, gaps, holidays, changes of the clocks, late parts.

    `--ics` writes a calendar file (needs partwork[calendar]) that calendar programs subscribe to.
    Put on the web, it tells readers when issues come, and of those that are out the title and the
    page; what a coming issue holds stays private unless `--titles` is given.

    \b
    Examples:
      partwork calendar
      partwork calendar --until 2027-03-31
      partwork calendar --ics output/calendar.ics     for readers
      partwork calendar --ics --titles --alarm 60     for your own calendar
    """
    from pipeline import calendars, files, ledger, plan

    newsletter = options.newsletter()
    moment = options.moment(as_of, newsletter)
    end = _end(until, moment, newsletter) if until else moment + timedelta(weeks=weeks)
    planned = plan.load(newsletter)
    found = calendars.coming(planned, moment, end)
    written = None
    if ics is not None:
        from pipeline.calendars.ics import document

        content = document(planned, found, desk=titles, alarm=alarm)
        if ics == "-":
            click.echo(content, nl=False)
            return
        written = _private(Path(ics), newsletter, titles) if ics else newsletter.root / _FILE
        files.update(written, content)
    late = calendars.late(planned, found, ledger.read(newsletter.root))
    options.report(style, [*planned.problems, *late], **summary.coming(newsletter, found, written))


def _private(file: Path, newsletter: Newsletter, titles: bool) -> Path:
    """The file, unless it would publish what is to come (F1)."""
    if titles and file.resolve().is_relative_to(newsletter.output_dir.resolve()):
        raise click.UsageError(
            f"{newsletter.output}/ is published: leave out --titles, or write the file elsewhere"
        )
    return file


def _end(until: str, moment: datetime, newsletter: Newsletter) -> datetime:
    """`--until` as the end of that day."""
    from pipeline.calendars import MOST_WEEKS

    end = options.moment(until, newsletter, "--until")
    if not moment < end <= moment + timedelta(weeks=MOST_WEEKS):
        raise click.BadParameter(
            f"{until!r} is not within ten years from now", param_hint="--until"
        )
    return end
