"""The builds: from a newsletter's folder to files in output/, by one way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline import emails, feeds, outputs, pages, plan
from pipeline.catalogue import Catalogue
from pipeline.config import Newsletter
from pipeline.emails import Email
from pipeline.errors import PartworkError, Problem, in_order
from pipeline.issues import Issue
from pipeline.outputs import Content, Written
from pipeline.plan import Plan

PREVIEWS = "previews"
"""Where an issue that is not due yet is written: outside output/, which is published (F1)."""

Progress = Callable[[str], None]
"""Called with the path of each file as it is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build made, of what, and what it warns of."""

    folder: Path
    plan: Plan
    catalogue: Catalogue
    written: Written
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltIssue:
    """One issue's files: where they are and the email they hold."""

    folder: Path
    issue: Issue
    email: Email
    written: Written
    warnings: tuple[Problem, ...]


def everything(
    newsletter: Newsletter, as_of: datetime, progress: Progress = lambda _: None
) -> Built:
    """Feeds, archive and the emails of every issue that is due."""
    planned = plan.load(newsletter)
    catalogue, warnings = plan.published(planned, as_of)
    found: list[Problem] = [*warnings]

    def contents() -> Iterator[tuple[str, Content]]:
        yield from feeds.render_all(catalogue)
        yield from pages.render_all(catalogue)
        yield from pages.assets(catalogue)
        for issue in catalogue.issues:
            email = _email(planned, catalogue, issue)
            found.extend(email.warnings)
            yield from emails.files(email, newsletter)

    return _built(newsletter, planned, catalogue, found, contents(), progress, complete=True)


def feeds_only(
    newsletter: Newsletter, as_of: datetime, progress: Progress = lambda _: None
) -> Built:
    """The feeds and nothing else."""
    planned = plan.load(newsletter)
    catalogue, warnings = plan.published(planned, as_of)
    contents = feeds.render_all(catalogue)
    return _built(newsletter, planned, catalogue, [*warnings], contents, progress, complete=False)


def _built(
    newsletter: Newsletter,
    planned: Plan,
    catalogue: Catalogue,
    warnings: list[Problem],
    contents: Iterator[tuple[str, Content]],
    progress: Progress,
    *,
    complete: bool,
) -> Built:
    def told() -> Iterator[tuple[str, Content]]:
        for path, content in contents:
            progress(path)
            yield path, content

    written = outputs.write(newsletter.output_dir, told(), complete=complete)
    warnings += feeds.warnings(catalogue, written.sizes)
    return Built(
        folder=newsletter.output_dir,
        plan=planned,
        catalogue=catalogue,
        written=written,
        warnings=in_order(warnings),
    )


def one_issue(
    newsletter: Newsletter, which: str, as_of: datetime, into: Path | None = None
) -> BuiltIssue:
    """One issue's web version, HTML, text and .eml; `which` is a number, `next` or `latest`.

    A due issue goes to output/, one that is still to come to previews/, or both to `into`.
    """
    planned = plan.load(newsletter)
    issue = choose(planned, which, as_of)
    seen, warnings = plan.published(planned, max(issue.date, as_of))
    then = seen.until(issue.date)
    email = _email(planned, seen, issue)
    folder = newsletter.output_dir if issue.date <= as_of else newsletter.root / PREVIEWS

    def contents() -> Iterator[tuple[str, Content]]:
        yield from emails.files(email, newsletter)
        yield issue.path + "email.eml", emails.message(email, newsletter)
        yield from pages.issue_page(then if issue.date > as_of else seen.until(as_of), issue)

    written = outputs.write(folder, contents(), complete=False)
    return BuiltIssue(
        folder=folder,
        issue=issue,
        email=email,
        written=written,
        warnings=in_order([*warnings, *email.warnings]),
    )


def choose(planned: Plan, which: str, as_of: datetime) -> Issue:
    """The issue a person means; PartworkError where there is none."""
    issues = planned.catalogue.issues
    due = planned.due(as_of)
    if which == "next" and len(due) < len(issues):
        return issues[len(due)]
    if which in ("next", "latest") and due:
        return due[-1]
    if which.isdecimal() and len(which) < 10 and 0 < int(which) <= len(issues):
        return issues[int(which) - 1]
    have = f"there are issues 1 to {len(issues)}" if issues else "no article has a date yet"
    raise PartworkError(
        [
            Problem(
                path=planned.newsletter.articles,
                rule="no-issue",
                message=f"there is no issue {which}" if which.isdigit() else f"no {which} issue",
                remedy=f"{have}; `partwork status` lists them",
            )
        ]
    )


def _email(planned: Plan, catalogue: Catalogue, issue: Issue) -> Email:
    """An issue as its readers get it: what was published by its slot, and what is to come."""
    last = issue.articles[-1]
    return emails.render(catalogue.until(issue.date), issue, upcoming=planned.after(last))
