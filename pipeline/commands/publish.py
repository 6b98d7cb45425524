"""`partwork publish`."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from pipeline.commands import handing, options

if TYPE_CHECKING:
    from pipeline.config import Newsletter
    from pipeline.mailing import Asked, Front
    from pipeline.publish.places import Goal


@click.command()
@click.argument("which", metavar="[ISSUE|next]", default="")
@click.option("--to", metavar="NAME", default="", help="The service: NAME in [services.NAME].")
@click.option("--draft", is_flag=True, help="Store it as a draft. This is the default.")
@click.option("--test", metavar="ADDRESS", multiple=True, help="Send it to this address alone.")
@click.option("--at", metavar="TIME", help="Schedule it, e.g. for 2026-10-13T09:00.")
@click.option("--send", is_flag=True, help="Send it now.")
@click.option("--due", is_flag=True, help="Do what newsletter.toml says is due, at every service.")
@click.option("--dry-run", "dry", is_flag=True, help="Look, and write nothing anywhere.")
@click.option("--yes", is_flag=True, help="Do not ask before a release.")
@click.option("--allow-gap", is_flag=True, help="Leave out what should have come before, for good.")
@options.as_of
@options.reports
def command(
    which: str,
    to: str,
    draft: bool,
    test: tuple[str, ...],
    at: str | None,
    send: bool,
    due: bool,
    dry: bool,
    yes: bool,
    allow_gap: bool,
    as_of: str | None,
    style: str,
) -> None:
    """Hand an issue to a mailing service: once, and in order.

    `next`, the default, is the first issue that the service was not handed yet. Without --test,
    --at or --send it is stored as a draft, and nobody receives anything. Whatever happened to an
    earlier run, the service is asked first (docs/operations.md).

    Ends with exit code 1 where something is in the way, and 3 where a person must look: the message
    says where. --as-of goes with --dry-run only.

    \b
    Examples:
      partwork publish --to weekly                        the next issue, as a draft
      partwork publish --to weekly --test me@example.org
      partwork publish --to weekly --send
      partwork publish 7 --to weekly --at 2026-10-13T09:00
      partwork publish --due                              for cron: what is due, at every service
    """
    from pipeline import mailing

    goals = {"--draft": draft, "--test": bool(test), "--at": at is not None, "--send": send}
    asked = [name for name, given in goals.items() if given]
    if len(asked) > 1:
        raise click.UsageError(f"{asked[0]} and {asked[1]} exclude each other")
    if due and (asked or which or allow_gap):
        extra = asked[0] if asked else which or "--allow-gap"
        raise click.UsageError(f"--due does what newsletter.toml says: leave out {extra}")
    if as_of is not None and not dry:
        raise click.UsageError("--as-of goes with --dry-run only: mail is sent now")
    ask = (send or at is not None) and not (yes or dry)
    if ask and not sys.stdin.isatty():
        raise click.UsageError("nobody is there to be asked: say --yes to release it")
    newsletter = options.newsletter()
    front = _front(newsletter, as_of, style, dry=dry, ask=ask)
    if due:
        result = mailing.due(newsletter, front, to)
    else:
        when = None if at is None else _time(at, newsletter, front.clock())
        result = mailing.one(
            newsletter,
            front,
            which or "next",
            to,
            _goal(asked),
            at=when,
            test_to=test,
            allow_gap=allow_gap,
        )
    # A timetable's mail is read when it says something: --due tells what changed, no more.
    told = [one for one in result.done if one.wrote or dry or not due]
    options.report(
        style,
        result.problems,
        text=[handing.handed(one, dry=dry) for one in told],
        data={"issues": [handing.handed_data(one) for one in result.done]},
        failed=result.exit_code != 0,
    )
    sys.exit(result.exit_code)


def _goal(asked: list[str]) -> Goal:
    from pipeline.publish.places import Goal

    goals = {"--test": Goal.TEST, "--at": Goal.RELEASE, "--send": Goal.RELEASE}
    return goals.get(asked[0], Goal.DRAFT) if asked else Goal.DRAFT


def _front(newsletter: Newsletter, as_of: str | None, style: str, *, dry: bool, ask: bool) -> Front:
    from pipeline.mailing import Front

    def clock() -> datetime:
        return options.moment(as_of, newsletter) if as_of is not None else datetime.now(UTC)

    permit = _permit if ask else None
    return Front(environ=os.environ, clock=clock, say=handing.steps(style), permit=permit, dry=dry)


def _permit(asked: Asked) -> bool:
    """Ask the person at the terminal, naming who will get it."""
    readers = handing.readers(asked.audience)
    when = f"at {asked.at.isoformat(' ', 'minutes')}" if asked.at else "now"
    what = f"issue {asked.email.issue.number}, “{asked.email.subject}”, to {readers}"
    return click.confirm(f"{asked.service}: send {what}, {when}?", err=True)


def _time(text: str, newsletter: Newsletter, now: datetime) -> datetime:
    """`--at` as an instant, in the newsletter's timezone unless it says another."""
    from pipeline.config import settled

    try:
        then = datetime.fromisoformat(text)
    except ValueError:
        then = None
    if then is None or len(text) <= len("2026-10-13"):
        raise click.BadParameter(
            f"{text!r} is not a time such as 2026-10-13T09:00", param_hint="--at"
        )
    then = settled(then if then.tzinfo else then.replace(tzinfo=newsletter.zone), newsletter.zone)
    if then <= now:
        raise click.BadParameter(
            f"{text!r} has passed: use --send to send it now", param_hint="--at"
        )
    return then
