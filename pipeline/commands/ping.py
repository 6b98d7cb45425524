"""`partwork ping`."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from pipeline.commands import options


@click.command()
@click.option("--dry-run", "dry", is_flag=True, help="Name the feeds, and tell nobody.")
@options.reports
def command(dry: bool, style: str) -> None:
    """Tell the WebSub hub (`[feeds] hub`) which feeds changed since it was last told.

    Run it once output/ is on the web: the hub asks for the feeds at once. Says nothing where
    nothing changed. What the hub was told is in the ledger.

    \b
    Examples:
      partwork ping
      partwork ping --dry-run
    """
    from pipeline import plan, websub

    catalogue = plan.load(options.newsletter()).catalogue
    told = list(websub.ping(catalogue, lambda: datetime.now(UTC), dry=dry))
    data = {"hub": catalogue.newsletter.feeds.hub, "feeds": [topic.url for topic in told]}
    options.report(style, (), text=[topic.url for topic in told], data=data)
