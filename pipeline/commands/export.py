"""`partwork export`."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.commands import options, progress, summary


@click.command()
@click.option("--series", "only", metavar="KEY", multiple=True, help="Only this series, or these.")
@click.option(
    "--as",
    "kinds",
    type=click.Choice(["markdown", "epub", "json", "all"]),
    multiple=True,
    default=["all"],
    show_default=True,
    help="Which formats.",
)
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write to. Default: export/ in the newsletter's folder.",
)
@click.option("--all", "everything", is_flag=True, help="Drafts and what is still to come as well.")
@click.option("--force", is_flag=True, help="Replace files that no export made.")
@click.option("--dry-run", is_flag=True, help="Name the files and write nothing.")
@options.as_of
@options.reports
def command(
    only: tuple[str, ...],
    kinds: tuple[str, ...],
    into: Path | None,
    everything: bool,
    force: bool,
    dry_run: bool,
    as_of: str | None,
    style: str,
) -> None:
    """Give everything back: a Markdown folder, an EPUB of each series, a JSON of it all.

    Only what is published goes in, unless `--all` is given. The Markdown folder is a newsletter
    that builds the same feeds; the EPUB is the series as a book (needs partwork[export]); the JSON
    is documented in docs/export.md. Mailing services and secrets are in none of them.

    \b
    Examples:
      partwork export
      partwork export --as epub --series acupuncture
      partwork export --as markdown --into ~/notes-copy --dry-run
      partwork export --all --as json
    """
    from pipeline import exporting

    newsletter = options.newsletter()
    moment = options.moment(as_of, newsletter)
    formats = [one for one in exporting.FORMATS if one in kinds or "all" in kinds]
    with progress.shown(style) as told:
        done = exporting.export(
            newsletter,
            into or newsletter.root / exporting.FOLDER,
            formats,
            moment,
            only=only,
            everything=everything,
            force=force,
            dry_run=dry_run,
            told=told,
        )
    options.report(style, done.warnings, **summary.exported(done, dry=dry_run))
