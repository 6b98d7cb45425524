"""`partwork build`."""

from __future__ import annotations

import click

from pipeline.commands import options, progress, summary


@click.command()
@options.as_of
@options.reports
def command(as_of: str | None, style: str) -> None:
    """Make everything that is published: feeds, archive, and the email of every due issue.

    Only files that changed are written; a build that fails leaves the last good output whole.
    At the end stands where each series is; of a long one, what is about its next part.

    \b
    Examples:
      partwork build
      partwork build --as-of 2026-10-13     as readers saw it that day
      partwork -C clients/northgate build
    """
    from pipeline import rebuild

    newsletter = options.newsletter()
    moment = options.moment(as_of, newsletter)
    with progress.shown(style) as told:
        built = rebuild.everything(newsletter, moment, told)
    summary.show(style, built, newsletter)
