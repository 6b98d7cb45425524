"""`partwork status`."""

from __future__ import annotations

import sys

import click

from pipeline.commands import handing, options, states


@click.command()
@click.option("--refresh", is_flag=True, help="Ask the services for their latest figures.")
@options.as_of
@options.reports
def command(refresh: bool, as_of: str | None, style: str) -> None:
    """Show every series, and every issue at every mailing service, as tables.

    A part is a draft, waiting (until when, or for what), in the feed, or issued. What is said of a
    service is what the ledger knows; `--refresh` asks each of its latest issues and writes it down.

    \b
    Examples:
      partwork status
      partwork status --refresh             recipients, opens, clicks, bounces
      partwork status --as-of 2027-01-01    as it will be
      partwork status --format json
    """
    from pipeline import ledger, plan, status
    from pipeline.errors import in_order

    newsletter = options.newsletter()
    moment = options.moment(as_of, newsletter)
    planned = plan.load(newsletter)
    problems = planned.problems
    if refresh:
        problems += handing.refreshed(newsletter, style)
    rows = status.rows(planned, moment)
    entries = (*ledger.read(newsletter.root), *ledger.read_figures(newsletter.root))
    handed = status.handed(planned, entries, moment)
    code = options.report(
        style,
        in_order(problems),
        text=states.lines(newsletter, rows) + handing.handed_lines(handed, newsletter.zone),
        data={"articles": rows, "issues": handed},
    )
    sys.exit(code)
