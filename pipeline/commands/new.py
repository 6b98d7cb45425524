"""`partwork new`."""

from __future__ import annotations

import click

from pipeline.commands import options


@click.command()
@click.argument("title")
@click.option(
    "--series",
    metavar="KEY",
    help="The series it is a part of; an empty KEY means none. Default: the only one there is.",
)
@click.option("--edit", is_flag=True, help="Open it in $VISUAL or $EDITOR.")
@click.option("--dry-run", is_flag=True, help="Show the file and write nothing.")
@options.as_of
@options.reports
def command(
    title: str, series: str | None, edit: bool, dry_run: bool, as_of: str | None, style: str
) -> None:
    """Begin the next part of a series, or an article outside any series.

    The file gets an id for ever, its part number and the schedule's next free date, and is a draft
    until you take out that line.

    \b
    Examples:
      partwork new "Acupuncture and Sleep"
      partwork new "Sleep" --series acupuncture --edit
      partwork new "A note to readers" --series ""
    """
    from pipeline import files, plan, starting

    newsletter = options.newsletter()
    planned = plan.load(newsletter)
    made = starting.article(planned, title, series, options.moment(as_of, newsletter))
    target = newsletter.root / made.path
    if not dry_run:
        files.replace(target, made.content.encode())
    data = {"path": made.path, "id": made.id, "part": made.part, "date": made.date}
    options.report(style, (), text=[made.path, *([made.content] if dry_run else ())], data=data)
    if edit and not dry_run:
        click.edit(filename=str(target))
