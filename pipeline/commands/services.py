"""`partwork services`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from pipeline.commands import handing, options

if TYPE_CHECKING:
    from pipeline.mailing.facts import Survey


@click.command()
@click.option("--ping", "ask", is_flag=True, help="Ask each: credentials, lists, sender.")
@options.reports
def command(ask: bool, style: str) -> None:
    """Show the mailing services in newsletter.toml, what each needs and what it can do.

    A secret is read from an environment variable; the ones that are not set are named. `--ping`
    asks each service for its lists: it proves address and credentials, and sends nothing.

    \b
    Examples:
      partwork services
      partwork services --ping
      partwork services --format json
    """
    from pipeline.mailing import facts

    found, problems = facts.survey(options.newsletter(), os.environ, ask=ask)
    head = ("Name", "Service", "With --due", "Secrets", "Can", *(["Readers"] if ask else []))
    rows = [_row(one, ask=ask) for one in found]
    code = options.report(
        style,
        problems,
        text=options.table([head, *rows]) if rows else [_NONE],
        data={"services": [_data(one) for one in found]},
    )
    sys.exit(code)


def _row(one: Survey, *, ask: bool) -> tuple[str, ...]:
    can = one.service.capabilities
    variables = one.service.variables().values()
    secrets = [f"{name} (not set)" if name in one.missing else name for name in variables]
    readers = [handing.readers(one.audience or ())] if ask else []
    words = ", ".join(handing.abilities(can)) or "send"
    return (
        one.service.name,
        can.title,
        one.service.common.mode,
        ", ".join(secrets),
        words,
        *readers,
    )


def _data(one: Survey) -> dict[str, object]:
    audience = [{"name": each.name, "size": each.size} for each in one.audience or ()]
    return {
        "name": one.service.name,
        "kind": one.service.common.kind,
        "mode": one.service.common.mode,
        "variables": [*one.service.variables().values()],
        "missing": one.missing,
        "can": handing.abilities(one.service.capabilities),
        "audience": None if one.audience is None else audience,
    }


_NONE = "There is no mailing service yet: docs/services/ tells how to add [services.NAME]."
