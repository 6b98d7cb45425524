"""`partwork completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script of a shell.

    \b
    Examples:
      eval "$(partwork completion bash)"                 in ~/.bashrc
      eval "$(partwork completion zsh)"                  in ~/.zshrc
      partwork completion fish > ~/.config/fish/completions/partwork.fish
    """
    root = click.get_current_context().find_root().command
    complete = get_completion_class(shell)
    if complete is None:
        raise click.UsageError(f"there is no completion for {shell}")
    click.echo(complete(root, {}, "partwork", "_PARTWORK_COMPLETE").source())
