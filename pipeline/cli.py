"""The command line: a group that loads a command's file only when it is asked for."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from pipeline import __version__

COMMANDS = {
    "init": "Make a new newsletter.",
    "new": "Begin the next part of a series, or a single article.",
    "import": "Bring in a series that exists elsewhere.",
    "check": "Find everything that is wrong with the sources.",
    "build": "Make feeds, archive and issues.",
    "feed": "Make the feeds only.",
    "issue": "Make one issue's email.",
    "themes": "Show the themes of emails.",
    "preview": "Look at everything on a local page that follows every save.",
    "status": "Show the series: parts, dates, issues, where they were sent.",
    "calendar": "Show the coming issues, or write them to a calendar file.",
    "publish": "Hand an issue to a mailing service, once and in order.",
    "report": "Show what became of each issue: opens, clicks and more, part by part.",
    "services": "Show the mailing services and what they can do.",
    "ledger": "Show and correct the record of what was handed over.",
    "export": "Give everything back: Markdown, EPUB, JSON.",
    "ping": "Tell the WebSub hub which feeds changed.",
    "completion": "Print shell completion.",
}
"""Every command with its short help; each is `command` in pipeline/commands/NAME.py."""


class _Commands(click.Group):
    """Lists the commands from the table above and imports one when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(f"pipeline.commands.{name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from pipeline.tables import did_you_mean

            ctx.fail(f"there is no command {args[0]!r}: {did_you_mean(args[0], [*COMMANDS])}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-C",
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default=".",
    help="The newsletter's folder. Default: this one.",
)
@click.option("--debug", is_flag=True, help="Show a traceback where an error is reported.")
@click.version_option(__version__, prog_name="partwork", message="%(prog)s %(version)s")
def cli(root: Path, debug: bool) -> None:
    """Turn a folder of articles that form a series into feeds, issues and an archive.

    \b
    Examples:
      partwork init my-notes        a new newsletter
      partwork new "Part two"       its next part
      partwork check                what is wrong, with file and line
      partwork build                everything, into output/
      partwork status               the series, part by part
    """
