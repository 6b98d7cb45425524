"""The program `partwork`, also `python -m pipeline`."""

from __future__ import annotations

import gc
import io
import os
import sys
import threading
from pathlib import Path
from typing import NoReturn

import click

from pipeline.cli import cli
from pipeline.errors import PartworkError


def main() -> None:
    """Run the command line; an unforeseen error is one line unless `--debug` is given."""
    _fill_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A file's name may hold bytes that are no text, a title what the terminal can't show.
            stream.reconfigure(errors="backslashreplace")
    # A build makes many values and hardly a cycle: looking for some takes a fifth of its time.
    gc.set_threshold(100_000, 50, 100)
    asked = sys.argv[1:]
    debug = "--debug" in asked
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"  # https://no-color.org
    colour = False if plain else None  # None leaves it to what is written to
    try:
        # `--debug` may stand anywhere: it is asked for when a command has just failed.
        args = ["--debug"] * debug + [one for one in asked if one != "--debug"]
        code = cli.main(args, prog_name="partwork", standalone_mode=False, color=colour)
        sys.stdout.flush()
        sys.stderr.flush()
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(130)  # as a shell says of a program that Ctrl-C ended
    except PartworkError as error:
        if debug:
            raise
        for problem in error.problems:
            click.echo(f"{problem.severity}: {problem}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        if debug:
            raise
        what = f"{type(error).__name__}: {error}"
        click.echo(f"partwork failed in a way it does not know ({what}).", err=True)
        click.echo("Run it again with --debug and report what it prints.", err=True)
        sys.exit(70)
    _end(code if isinstance(code, int) else 0)


def _fill_streams() -> None:
    """Let nobody read or write where a stream was closed for this process, as `2>&-` does."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nothing = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - until the end
            setattr(sys, name, nothing)


def _end(code: int) -> NoReturn:
    """End the process at once: to give a build's values back one by one takes as long as starting.

    Where a thread still runs, in the way that waits for it.
    """
    if threading.active_count() > 1:
        sys.exit(code)
    os._exit(code)


if __name__ == "__main__":
    main()
