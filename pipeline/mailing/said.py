"""What a person says of an issue at a service, written into the ledger; no service is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from pipeline import build, ledger, plan
from pipeline.config import Newsletter
from pipeline.issues import Issue
from pipeline.ledger import Ledger
from pipeline.ledger.entries import Entry
from pipeline.mailing.front import service_of
from pipeline.publish import decisions


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Whose issue is spoken of, by its number, at which service (empty is the only one), when.

    A service that the ledger tells of may have left the settings.
    """

    newsletter: Newsletter
    issue: str
    to: str
    now: datetime


def resolve(about: About, *, submitted: bool) -> tuple[Entry, ...]:
    """It reached the service, or it did not and may be sent."""
    with _open(about) as (book, name, _, issue):
        return (decisions.resolve(book, name, issue, submitted=submitted, now=about.now),)


def forget(about: About) -> tuple[Entry, ...]:
    """All that the ledger says of it there is taken back."""
    with _open(about) as (book, name, issues, issue):
        return decisions.forget(book, name, issues, issue, now=about.now)


def skip(about: About) -> tuple[Entry, ...]:
    """It and the issues before it are left out for good, as far as they were not handed over."""
    with _open(about) as (book, name, issues, issue):
        return decisions.leave_out(book, name, issues, issue, now=about.now)


@contextmanager
def _open(about: About) -> Iterator[tuple[Ledger, str, tuple[Issue, ...], Issue]]:
    planned = plan.load(about.newsletter)
    issue = build.choose(planned, about.issue, about.now)
    with ledger.opened(about.newsletter.root) as book:
        known = {entry.service for entry in book.entries if entry.service}
        name = about.to if about.to in known else service_of(about.newsletter, about.to).name
        yield book, name, planned.catalogue.issues, issue
