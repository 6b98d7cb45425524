"""`partwork init`."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from shlex import quote

import click

from pipeline.commands import options


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
@click.option("--title", help="The newsletter's name. Default: the folder's.")
@click.option("--url", default="https://example.org/", show_default=True, help="Its public URL.")
@click.option("--author", default="The author", show_default=True, help="Who writes.")
@click.option("--timezone", default="UTC", show_default=True, help="E.g. Europe/London.")
@click.option("--no-templates", is_flag=True, help="Use the packaged email templates.")
@click.option("--dry-run", is_flag=True, help="Name the files and write nothing.")
@options.as_of
@options.reports
def command(
    folder: Path,
    title: str | None,
    url: str,
    author: str,
    timezone: str,
    no_templates: bool,
    dry_run: bool,
    as_of: str | None,
    style: str,
) -> None:
    """Make a new newsletter: settings, a first article, email templates, a CI example.

    Nothing that is there is overwritten. `partwork build` works at once.

    \b
    Examples:
      partwork init my-notes
      partwork init . --title "Northgate Notes" --url https://northgate.example/notes/
      partwork init my-notes --no-templates
    """
    from pipeline import starting

    folder = options.named_root() / folder
    warnings = starting.left_out(folder)
    made = starting.begin(
        folder,
        title=title or folder.resolve().name,
        url=url,
        author=author,
        timezone=timezone,
        as_of=options.instant(as_of, UTC),
        templates=not no_templates,
        dry_run=dry_run,
    )
    where = "" if folder == Path() else f"-C {quote(click.format_filename(folder))} "
    text = [*made, "", f"Now: partwork {where}build"]
    options.report(style, warnings, text=text, data={"folder": folder, "files": made})
