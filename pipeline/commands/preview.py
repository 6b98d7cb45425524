"""`partwork preview`."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime

import click

from pipeline.commands import options


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8717,
    show_default=True,
    help="Where it listens on this machine; 0 takes any port that is free.",
)
@click.option("--open", "show", is_flag=True, help="Show it in the browser.")
@options.as_of
def command(port: int, show: bool, as_of: str | None) -> None:
    """Look at everything before anyone else does: a local page that follows every save.

    The series with dates and states; each issue on a phone, a desktop, in the dark, without images,
    as text and in the inbox, with what the lint finds; feeds and archive. It answers to this
    machine alone, and Ctrl-C stops it. Needs the extra `preview`; docs/preview.md.

    \b
    Examples:
      partwork preview --open
      partwork preview --as-of 2026-10-13     begin with that day
      partwork -C clients/northgate preview --port 0
    """
    from pipeline import newsletter, preview
    from pipeline.mailing import Front

    root = options.root()
    options.instant(as_of, UTC)
    if not (root / newsletter.FILE).exists():
        newsletter.load(root)

    def ready(url: str) -> None:
        click.echo(f"The preview is at {url} (Ctrl-C stops it)")
        if show:
            click.launch(url)

    front = Front(environ=os.environ, clock=lambda: datetime.now(UTC).replace(microsecond=0))
    with suppress(KeyboardInterrupt):  # that is how one stops it
        preview.serve(root, front, port=port, start=as_of or "now", ready=ready)
    click.echo("Stopped.")
