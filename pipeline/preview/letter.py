"""An issue as its readers get it: the email, its findings, its pictures, the whole message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline import build, checks, emails, lint, messages, pages, plan
from pipeline.cache import NOTHING, Cache
from pipeline.catalogue import Catalogue
from pipeline.config import Newsletter
from pipeline.emails import Email
from pipeline.errors import Problem
from pipeline.issues import Issue
from pipeline.lint import Finding
from pipeline.pieces import Whole
from pipeline.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One issue's email; `html` and `text` have stand-ins at the merge points.

    `findings` are the lint's, each with what of the email it means; `warnings` are of the settings
    and of how the issue was made. `pictures` holds what it shows, by path in output/.
    """

    issue: Issue
    newsletter: Newsletter
    catalogue: Catalogue
    email: Email
    html: str
    text: str
    findings: tuple[tuple[Finding, Problem], ...]
    warnings: tuple[Problem, ...]
    pictures: Mapping[str, Whole]
    changed: int | None = None
    """Where in `html` the last words stand that a save changed, None where none is known."""

    @property
    def file(self) -> str:
        """What its message is called on disk."""
        return self.issue.path.strip("/").rpartition("/")[2] + ".eml"

    def message(self) -> bytes:
        """The complete message (.eml); PartworkError where the settings lack something for it."""
        return messages.build(self.email, self.newsletter)


def letter_of(
    planned: Plan,
    issue: Issue,
    as_of: datetime,
    before: Letter | None = None,
    cache: Cache = NOTHING,
) -> Letter:
    """Make an issue as `partwork issue` does, without writing it; `before` is as it was last seen.

    PartworkError carries the errors in what is published by then, and those of templates.
    """
    newsletter = planned.newsletter
    seen, _ = plan.published(planned, issue.date, cache)
    then = seen.until(issue.date)
    email = build.email_of(planned, seen, issue)
    folder = build.folder_of(newsletter, issue, as_of).relative_to(newsletter.root).as_posix()
    files = dict(emails.files(email, newsletter))
    html = files[f"{issue.path}email.html"].decode()
    shown = pages.assets(replace(then, articles=issue.articles, series=()))
    return Letter(
        issue=issue,
        newsletter=newsletter,
        catalogue=then,
        email=email,
        html=html,
        text=files[f"{issue.path}email.txt"].decode(),
        findings=lint.findings(email, newsletter, lint.places_of(then, issue, folder)),
        warnings=(
            *messages.check(newsletter),
            *email.warnings,
            *checks.rewritten(planned, seen, issue),
        ),
        pictures=dict(shown) | dict(email.pictures),
        changed=_changed(before, html) if before is not None else None,
    )


def _changed(before: Letter, html: str) -> int | None:
    """Where the last difference from the letter before ends; where that one had it, if none."""
    old = before.html
    if old == html:
        return before.changed
    back = zip(reversed(old), reversed(html), strict=False)
    same = next((count for count, (one, other) in enumerate(back) if one != other), 0)
    return len(html) - same
