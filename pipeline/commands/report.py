"""`partwork report`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.commands import handing, options, progress, summary

if TYPE_CHECKING:
    from pipeline.plan import Plan
    from pipeline.reporting.rows import Section

_FILE = "previews/report.html"


@click.command()
@click.option(
    "--to", metavar="NAME", default="", help="Only this service: NAME in [services.NAME]."
)
@click.option("--refresh", is_flag=True, help="Ask the services for their latest figures first.")
@click.option(
    "--html",
    "page",
    is_flag=False,
    flag_value=_FILE,
    metavar="[FILE]",
    help=f"Write a page with plots, which needs no other file. Default: {_FILE}.",
)
@options.as_of
@options.reports
def command(to: str, refresh: bool, page: str | None, as_of: str | None, style: str) -> None:
    """Show what became of each issue at each mailing service, over the parts of a series.

    Recipients, opens, clicks, bounces and unsubscribes, as far as the service tells them: a figure
    that is not known is shown as missing, never as nought. What was asked for once is kept in
    figures.jsonl, and stays when a service forgets (docs/report.md).

    \b
    Examples:
      partwork report
      partwork report --refresh             ask every service first
      partwork report --html                plots, in previews/report.html
      partwork report --html autumn.html --to weekly
      partwork report --as-of 2026-10-20    as it was known that day
    """
    from pipeline import ledger, plan
    from pipeline.errors import in_order
    from pipeline.reporting import rows
    from pipeline.services import registry

    if refresh and as_of is not None:
        raise click.UsageError("--refresh asks for the figures of today: leave out --as-of")
    newsletter = options.newsletter()
    planned = plan.load(newsletter)
    problems = handing.refreshed(newsletter, style) if refresh else ()
    # To the fraction of a second: what was asked for just now is part of it.
    moment = datetime.now(UTC) if as_of is None else options.moment(as_of, newsletter)
    entries = (*ledger.read(newsletter.root), *ledger.read_figures(newsletter.root))
    if to and all(one.service != to for one in entries):
        registry.named(to, newsletter)  # a service that nobody knows is a mistake
    tells = {one.name: one.capabilities.counts for one in registry.configured(newsletter)}
    sections = rows.sections(planned, entries, moment, to, tells)
    if page is not None:
        _write(planned, sections, moment, page, style)
    code = options.report(
        style,
        in_order(problems),
        text=summary.report_lines(sections, newsletter.zone) if page is None else [page],
        data={"sections": rows.data(sections)} | ({} if page is None else {"file": page}),
    )
    sys.exit(code)


def _write(
    planned: Plan, sections: tuple[Section, ...], moment: datetime, page: str, style: str
) -> None:
    from pipeline import files
    from pipeline.reporting import page as pages
    from pipeline.reporting import sizes

    newsletter = planned.newsletter
    with progress.shown(style, "feeds") as told:
        grown = sizes.sizes(planned, moment, told)
    # A FILE is meant from where the person stands, the default from the newsletter's folder.
    path = newsletter.root / page if page == _FILE else Path(page)
    files.replace(path, pages.page(newsletter, sections, grown, moment))
