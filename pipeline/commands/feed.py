"""`partwork feed`."""

from __future__ import annotations

import click

from pipeline.commands import options, progress, summary


@click.command()
@options.as_of
@options.reports
def command(as_of: str | None, style: str) -> None:
    """Make the feeds only: RSS, Atom and JSON for the newsletter and each series, and the OPML.

    \b
    Examples:
      partwork feed
      partwork feed --format json
    """
    from pipeline import build

    newsletter = options.newsletter()
    moment = options.moment(as_of, newsletter)
    with progress.shown(style) as told:
        built = build.feeds_only(newsletter, moment, told)
    summary.show(style, built, newsletter)
