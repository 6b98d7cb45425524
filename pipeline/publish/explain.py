"""What is said where a run ends without its goal: what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from pipeline.errors import PartworkError, Problem, UncertainSend
from pipeline.ledger.entries import FILE
from pipeline.ledger.records import Record
from pipeline.publish.places import Action, Place
from pipeline.publish.steps import Said, Seen, Step, Wanted, reached_nobody
from pipeline.services import Remote, Report, ServiceError, Status

EXPLAIN: Mapping[Place, tuple[str, str]] = {
    Place.FAILED: (
        "{service} says of it: {said}",
        "look at {url}; once you know that it went out, run `partwork ledger resolve {number}"
        " --to {service} --submitted`; if it reached nobody, `partwork ledger forget {number} --to"
        " {service}` lets it be handed over anew",
    ),
    Place.SKIPPED: (
        "it was left out at {service} knowingly",
        "run `partwork ledger forget {number} --to {service}` first",
    ),
    Place.UNDECIDED: (
        "{why}, and {title} can't be asked",
        "{find_out} `partwork ledger resolve {number} --to {service} --retry`",
    ),
    Place.LOST: (
        "the ledger knows it as {remote} at {service}, which holds it no longer",
        "find out what became of it; if it was mailed to nobody, run `partwork ledger forget"
        " {number} --to {service}`, else `partwork ledger resolve {number} --to {service}"
        " --submitted`",
    ),
    Place.STOPPED: (
        "{service} says of it: {said}",
        "go on with it there, at {url}; if it is done with, run `partwork ledger resolve {number}"
        " --to {service} --submitted`; if it reached nobody, delete it there to hand it over anew",
    ),
    Place.MANGLED: (
        "{service} changed it while storing it: {differences}",
        "look at {url}; nothing was sent",
    ),
    Place.DIFFERENT: (
        "its draft at {service} was changed: {differences}",
        "send it there by hand, or store it anew with `partwork publish {number} --to {service}"
        " --draft`",
    ),
}
"""What to say where a place ends the run."""


def told(step: Step) -> tuple[str, str]:
    """A step's message and remedy, as format strings."""
    return (step.guard.message, step.guard.remedy) if step.guard else EXPLAIN[step.place]


def stopped(
    service: str, title: str, wanted: Wanted, step: Step, said: Said, seen: Seen
) -> PartworkError:
    """The error that a step which ends the run with one says."""
    found = spoken(service, title, wanted, step, said, seen)
    return (UncertainSend if step.action is Action.ASK else PartworkError)([found])


def unconfirmed(service: str, wanted: Wanted, error: ServiceError) -> ServiceError:
    """The error where a service was handed an issue and can't be asked what became of it."""
    number = wanted.issue.number
    remedy = (
        f"nothing is sent again; run again later, or, where {service} holds it no longer, run"
        f" `partwork ledger resolve {number} --to {service} --submitted` if it went out, and"
        f" `partwork ledger forget {number} --to {service}` if it reached nobody"
    )
    said = (one.message.removeprefix(f"{service}: ") for one in error.problems)
    message = f"it was submitted to {service}, which does not say what became of it"
    return ServiceError([problem(wanted, f"{message} ({one})", remedy) for one in said])


def stray(service: str, wanted: Wanted, record: Record, remote: Remote | None) -> PartworkError:
    """The error where a draft is left of the time when an issue began with another article."""
    forget = f"run `partwork ledger forget {wanted.issue.number} --to {service}`"
    message = (
        f"its draft at {service} began with the article {record.issue}, which is not its first"
    )
    if remote is None:
        message += f" now, and {service} holds it no longer"
        remedy = f"find out what became of it; if it was mailed to nobody, {forget}, else put that"
        remedy += " article first again"
        return UncertainSend([problem(wanted, message, remedy, "draft-stray")])
    remedy = f"delete it at {remote.url or service}, so that nobody sends it too"
    remedy += f", and {forget}" if record.remote else ""
    if remote.status is Status.STOPPED:  # some readers may have it
        message += f" now, and {service} says of it: {remote.said or remote.status.value}"
        remedy = f"if it reached nobody, {remedy}; else put that article first again"
        return PartworkError([problem(wanted, message, remedy, "draft-stray")])
    return PartworkError([problem(wanted, f"{message} now", remedy, "draft-stray")])


def outdated(
    service: str, wanted: Wanted, number: int, record: Record, remote: Remote | None
) -> PartworkError:
    """The error where the draft of another issue still holds an article that is in this one now."""
    message = f"the draft of issue {number} at {service} holds an article that is in this one now"
    remedy = f"store that anew first with `partwork publish {number} --to {service} --draft`"
    if record.passed:  # left out: it is not to be stored again
        remedy = f"delete that at {(remote and remote.url) or service}, so that nobody sends it too"
    return PartworkError([problem(wanted, message, remedy, "draft-outdated")])


def spoken(service: str, title: str, wanted: Wanted, step: Step, said: Said, seen: Seen) -> Problem:
    """A step's message and remedy with the facts filled in."""
    releasing, remote, report = said.record.releasing, seen.remote, seen.report
    facts = {
        "number": wanted.issue.number,
        "service": service,
        "title": title,
        "due": _day(wanted.at or wanted.issue.date),
        "had": said.handed.get(wanted.key.content, ""),
        "missing": _listed(said.others.missing),
        "later": _listed(said.others.later),
        "going": _listed(said.others.going),
        "latest": _day(said.others.latest),
        "remote": said.record.remote,
        "url": (remote and remote.url) or f"{service}'s own pages",
        "said": (report and _words(report)) or (remote and (remote.said or remote.status.value)),
        "differences": "; ".join(seen.differences or ()),
        "why": f"its release was begun on {_day(releasing.at)} and no outcome was written down"
        if releasing
        else "the ledger's last line on it could not be read and was set aside"
        if said.aside
        else f"the ledger holds nothing of {service} (it is new, or the ledger was lost)",
        "find_out": "find out whether it was mailed; if so, run `partwork ledger resolve"
        f" {wanted.issue.number} --to {service} --submitted`, else"
        if releasing or said.aside
        else "find out which issue was mailed last, and leave out all up to it with `partwork"
        f" ledger skip ISSUE --to {service}`; if none was, run",
    }
    message, remedy = (words.format(**facts) for words in told(step))
    found = problem(wanted, message, remedy, step.rule)
    if step.place is Place.UNDECIDED and releasing:
        return replace(found, path=FILE, line=releasing.line or None)
    return found


def problem(wanted: Wanted, message: str, remedy: str, rule: str = "publish") -> Problem:
    """Something wrong with publishing an issue, placed at its first article."""
    path = wanted.issue.articles[0].source.path
    message = f"issue {wanted.issue.number}: {message}"
    return Problem(path=path, line=1, message=message, remedy=remedy, rule=rule)


def _words(report: Report) -> str:
    if reached_nobody(report):
        return f"{report.said or 'sent'}, to 0 of {report.recipients} readers"
    return report.said or report.status.value


def _day(moment: datetime | None) -> str:
    return moment.isoformat(" ", "minutes") if moment else ""


def _listed(numbers: tuple[int, ...]) -> str:
    if len(numbers) < 2:
        return f"issue {numbers[0]}" if numbers else ""
    if numbers == tuple(range(numbers[0], numbers[-1] + 1)):
        return f"issues {numbers[0]} to {numbers[-1]}"
    return f"issues {', '.join(map(str, numbers))}"
