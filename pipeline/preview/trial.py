"""“Send me a test”: the one thing the preview writes, by the rules that `publish --test` keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline import mailing
from pipeline.config import Newsletter
from pipeline.errors import PartworkError, Problem, UncertainSend
from pipeline.mailing import Front
from pipeline.publish.places import Goal, Place
from pipeline.services import registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A mailing service that sends tests; `missing` are the environment variables it lacks."""

    name: str
    title: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of a test. `uncertain` says that a person must look."""

    issue: int
    words: str
    problems: tuple[Problem, ...] = ()
    failed: bool = False
    uncertain: bool = False


def choices(
    newsletter: Newsletter, environ: Mapping[str, str]
) -> tuple[tuple[Choice, ...], tuple[Problem, ...]]:
    """The services that can send a test, and what is wrong with their settings; none is asked."""
    try:
        services = registry.configured(newsletter)
    except PartworkError as error:
        return (), error.problems
    return tuple(
        Choice(name=one.name, title=one.capabilities.title, missing=one.missing(environ))
        for one in services
        if one.capabilities.tests
    ), ()


def send(newsletter: Newsletter, front: Front, number: int, service: str, to: str) -> Sent:
    """Send an issue to one address through a service; whatever happens is said, nothing raised."""
    try:
        result = mailing.one(newsletter, front, str(number), service, Goal.TEST, test_to=(to,))
    except UncertainSend as error:
        words = "Nobody can tell whether it was sent: look at the service."
        return Sent(issue=number, words=words, problems=error.problems, failed=True, uncertain=True)
    except PartworkError as error:
        return Sent(issue=number, words="Nothing was sent.", problems=error.problems, failed=True)
    place = result.done[0].outcome.step.place
    if place is Place.TESTED:
        words = f"Issue {number} was sent by {service} to {to}, and to nobody else."
    else:
        words = f"Issue {number} was not sent as a test: at {service}, {place.value}."
    return Sent(
        issue=number, words=words, problems=result.problems, failed=place is not Place.TESTED
    )
