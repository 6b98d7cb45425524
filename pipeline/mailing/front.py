"""The front of publishing: what the command hands over, and what it gets back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from pipeline import ledger
from pipeline.config import Newsletter
from pipeline.emails import Email
from pipeline.errors import PartworkError, Problem
from pipeline.ledger import Ledger
from pipeline.plan import Plan
from pipeline.publish import Outcome
from pipeline.publish.desk import Desk
from pipeline.publish.steps import Step, Wanted
from pipeline.services import Audience, registry
from pipeline.services.registry import Configured


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A release that is about to happen: what goes to whom, and when (None is at once)."""

    service: str
    email: Email
    audience: Sequence[Audience]
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The command's side: the environment, the clock, and a person's eyes and word.

    `say` is told each step with its service's name; `permit` is asked before each release, None
    says that all are permitted; `dry` performs nothing that writes anywhere.
    """

    environ: Mapping[str, str] = field(repr=False)
    clock: Callable[[], datetime]
    say: Callable[[str, Wanted, Step], None] = lambda *_: None
    permit: Callable[[Asked], bool] | None = None
    dry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of an issue at a service; `wrote` is True where the ledger grew by it."""

    service: Configured
    outcome: Outcome
    email: Email | None
    wrote: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a run did at every service, and what is to be said of it."""

    done: tuple[Done, ...]
    problems: tuple[Problem, ...] = ()
    exit_code: int = 0


def service_of(newsletter: Newsletter, name: str) -> Configured:
    """The service of this name; without one, the newsletter's only service."""
    names = [table.name.partition(".")[2] for table in newsletter.services]
    if not name and len(names) != 1:
        remedy = f"say --to {' or --to '.join(names)}" if names else "add [services.NAME]"
        what = "there are several services" if names else "there is no service yet"
        raise PartworkError([newsletter.table.problem("services", what, remedy, "service")])
    return registry.named(name or names[0], newsletter)


@contextmanager
def desk_of(
    newsletter: Newsletter, front: Front, service: Configured, planned: Plan
) -> Iterator[Desk]:
    """One service and the ledger, held alone; a dry run only reads it."""
    opened = service.open(front.environ)
    with _book(newsletter, dry=front.dry) as book:
        yield Desk(
            name=service.name,
            service=opened,
            ledger=book,
            newsletter=newsletter,
            issues=planned.catalogue.issues,
            clock=front.clock,
            say=lambda wanted, step: front.say(service.name, wanted, step),
            dry=front.dry,
        )


@contextmanager
def _book(newsletter: Newsletter, *, dry: bool) -> Iterator[Ledger]:
    if dry:
        yield Ledger(newsletter.root, ledger.read(newsletter.root))
        return
    with ledger.opened(newsletter.root) as book:
        yield book
