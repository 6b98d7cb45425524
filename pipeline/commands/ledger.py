"""`partwork ledger`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from pipeline.commands import options

if TYPE_CHECKING:
    from pipeline.ledger.entries import Entry
    from pipeline.mailing.said import About


@click.group()
def command() -> None:
    """Show and correct the ledger: the record of what was handed to which service.

    It is `ledger.jsonl`, kept in git beside the articles. Nobody edits it by hand: what a person
    knows better is said with these commands, each of which adds a line and takes none away.

    \b
    Examples:
      partwork ledger show --to weekly
      partwork ledger verify
      partwork ledger resolve 7 --to weekly --submitted
    """


_to = click.option("--to", metavar="NAME", default="", help="The service, where there are several.")


@command.command()
@click.option("--to", metavar="NAME", default="", help="Only what concerns this service.")
@options.reports
def show(to: str, style: str) -> None:
    """Show every line: when, which issue, which service, what."""
    from pipeline import ledger

    newsletter = options.newsletter()
    entries = [one for one in ledger.read(newsletter.root) if to in ("", one.service)]
    head = ("Time (UTC)", "Service", "Issue", "Event", "Note")
    rows = [
        (
            one.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"),
            one.service,
            str(one.number or ""),
            one.event.value,
            one.note,
        )
        for one in entries
    ]
    text = options.table([head, *rows]) if rows else ["The ledger is empty."]
    options.report(style, (), text=text, data={"entries": [_data(one) for one in entries]})


@command.command()
@click.option("--fix", is_flag=True, help="Set unreadable lines aside, losing nothing.")
@options.reports
def verify(fix: bool, style: str) -> None:
    """Say whether every line can be read and every release has its outcome."""
    from pipeline import ledger
    from pipeline.mailing import facts

    newsletter = options.newsletter()
    aside = ledger.repair(newsletter.root) if fix else 0
    entries, problems = facts.audit(newsletter)
    text = [f"{len(entries)} lines, {'all of them sound' if not problems else 'all readable'}."]
    if aside:
        lines = "line was" if aside == 1 else "lines were"
        text.insert(0, f"{aside} unreadable {lines} set aside, kept as notes.")
    data = {"entries": len(entries), "set_aside": aside}
    options.report(style, problems, text=text, data=data)


@command.command()
@click.argument("issue")
@_to
@click.option("--submitted", "outcome", flag_value="submitted", help="It was handed over.")
@click.option("--retry", "outcome", flag_value="retry", help="It was not, and may be sent.")
@options.reports
def resolve(issue: str, to: str, outcome: str | None, style: str) -> None:
    """Say what became of an issue where Partwork can't know (exit code 3)."""
    from pipeline.mailing import said

    if outcome is None:
        raise click.UsageError("say --submitted, or --retry where it reached nobody")
    _decided(style, said.resolve(_about(issue, to), submitted=outcome == "submitted"))


@command.command()
@click.argument("issue")
@_to
@options.reports
def forget(issue: str, to: str, style: str) -> None:
    """Take back all that the ledger says of an issue at a service, e.g. for a new account."""
    from pipeline.mailing import said

    _decided(style, said.forget(_about(issue, to)))


@command.command()
@click.argument("issue")
@_to
@options.reports
def skip(issue: str, to: str, style: str) -> None:
    """Begin at a service after this issue: it and those before it are left out for good."""
    from pipeline.mailing import said

    _decided(style, said.skip(_about(issue, to)))


def _about(issue: str, to: str) -> About:
    from pipeline.mailing.said import About

    return About(newsletter=options.newsletter(), issue=issue, to=to, now=datetime.now(UTC))


def _decided(style: str, entries: tuple[Entry, ...]) -> None:
    text = [f"Issue {one.number} at {one.service}: {one.event.value}." for one in entries]
    options.report(style, (), text=text, data={"entries": [_data(one) for one in entries]})


def _data(entry: Entry) -> dict[str, object]:
    import json

    from pipeline.ledger.entries import encode

    data: dict[str, object] = json.loads(encode(entry))
    return data
