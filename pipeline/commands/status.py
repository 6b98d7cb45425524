"""`partwork status`."""

from __future__ import annotations

from dataclasses import asdict

import click

from pipeline.commands import options


@click.command()
@options.as_of
@options.reports
def command(as_of: str | None, style: str) -> None:
    """Show every series as a table: part, title, date, issue and state.

    A part is a draft, waiting (until when, or for what), in the feed, or issued.

    \b
    Examples:
      partwork status
      partwork status --as-of 2027-01-01    as it will be
      partwork status --format json
    """
    from pipeline import plan, status

    newsletter = options.newsletter()
    moment = options.moment(as_of, newsletter)
    planned = plan.load(newsletter)
    rows = status.rows(planned, moment)
    options.report(
        style,
        planned.problems,
        text=options.status_lines(newsletter, rows),
        data={"articles": [asdict(row) for row in rows]},
    )
