"""The builds: from a newsletter's folder to files in output/, by one way.

What only some builds need (emails, the lint, messages, the browser) is loaded where it is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache as once
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import cache, feeds, outputs, pages, plan, stamps, standing, status
from pipeline.articles import NONE, Reading
from pipeline.built import Built, Progress, Written
from pipeline.cache import NOTHING, Cache
from pipeline.catalogue import Catalogue
from pipeline.config import Newsletter
from pipeline.errors import PartworkError, Problem, in_order
from pipeline.issues import Issue
from pipeline.marks import Marks
from pipeline.pieces import Content, Earlier, Made, Piece
from pipeline.plan import Plan
from pipeline.standing import Inputs

if TYPE_CHECKING:
    from pipeline.emails import Email
    from pipeline.emails.press import Press

PREVIEWS = "previews"
"""Where an issue that is not due yet is written: outside output/, which is published (F1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltIssue:
    """One issue's files: where they are and the email they hold.

    `problems` holds what the lint found too, errors included: a preview is there to be looked at.
    """

    folder: Path
    catalogue: Catalogue
    issue: Issue
    email: Email
    written: Written
    problems: tuple[Problem, ...]


def everything(
    newsletter: Newsletter,
    as_of: datetime,
    progress: Progress = lambda _: None,
    kept: Cache = NOTHING,
    inputs: Inputs | None = None,
    read: Mapping[str, Reading] = NONE,
) -> Built:
    """Feeds, archive and the emails of every issue that is due.

    `kept` is asked for what was made before, and told what this build makes, and of which `inputs`;
    `read` holds what was read of the articles just now.
    """
    planned = plan.load(newsletter, kept, read)
    catalogue, warnings = plan.published(planned, as_of, kept)
    marks = Marks(catalogue, stamps.base(newsletter))

    @once
    def press() -> Press:
        from pipeline.emails.press import Press

        return Press(newsletter)

    def mailed(issue: Issue, _: Earlier) -> Made:
        from pipeline import emails

        email = email_of(planned, catalogue, issue, press())
        files = tuple(emails.files(email, newsletter))
        return Made(files=files, shared=email.pictures, problems=email.warnings)

    def mail(issue: Issue) -> Piece:
        upcoming = planned.after(issue.articles[-1])
        return Piece(
            name=issue.path + "email",
            key=partial(marks.mailed, issue, upcoming),
            make=partial(mailed, issue),
        )

    pieces = [
        *feeds.pieces(catalogue, marks),
        *(_copy(path, file, marks) for path, file in pages.assets(catalogue)),
        *pages.pieces(catalogue, marks),
        *map(mail, catalogue.issues),
    ]
    written = outputs.write_pieces(
        newsletter.output_dir,
        pieces,
        # `partwork issue` made these; they go when their issue goes.
        keep=[f"{issue.path}email.eml" for issue in catalogue.issues],
        told=progress,
        cache=kept,
    )
    built = _built(planned, catalogue, as_of, warnings, written)
    if inputs is not None and all(piece.key for piece in pieces):
        standing.remember(inputs, as_of, planned.dates(), built, kept)
    return built


def feeds_only(
    newsletter: Newsletter, as_of: datetime, progress: Progress = lambda _: None
) -> Built:
    """The feeds and nothing else."""

    def build(kept: Cache) -> Built:
        planned = plan.load(newsletter, kept)
        catalogue, warnings = plan.published(planned, as_of, kept)
        pieces = [*feeds.pieces(catalogue, Marks(catalogue, stamps.base(newsletter)))]
        written = outputs.write_pieces(
            newsletter.output_dir, pieces, complete=False, told=progress, cache=kept
        )
        return _built(planned, catalogue, as_of, warnings, written)

    return cache.using(newsletter.root, build)


def _copy(path: str, file: Path, marks: Marks) -> Piece:
    name = path.partition("/")[2]
    return Piece(
        name=path,
        key=lambda: marks.of("asset", name, marks.asset(name)),
        make=lambda _: Made(files=(), shared={path: file}),
    )


def _built(
    planned: Plan,
    catalogue: Catalogue,
    as_of: datetime,
    warnings: Sequence[Problem],
    written: Written,
) -> Built:
    found = [*warnings, *written.problems, *feeds.warnings(catalogue, written.sizes)]
    return Built(
        folder=planned.newsletter.output_dir,
        rows=status.rows(planned, as_of),
        written=written,
        warnings=in_order(found),
    )


def one_issue(newsletter: Newsletter, which: str, as_of: datetime, theme: str = "") -> BuiltIssue:
    """One issue's web version, HTML, text and .eml; `which` is a number, `next` or `latest`.

    A due issue goes to output/, one that is still to come, or one in another `theme` than the
    newsletter's, to previews/.
    """
    from pipeline import emails, messages

    if theme:
        newsletter = replace(newsletter, email=replace(newsletter.email, theme=theme))
    planned = plan.load(newsletter)
    issue = choose(planned, which, as_of)
    seen, warnings = plan.published(planned, max(issue.date, as_of))
    then = seen.until(issue.date)
    email = email_of(planned, seen, issue)
    folder = newsletter.root / PREVIEWS if theme else folder_of(newsletter, issue, as_of)

    def contents() -> Iterator[tuple[str, Content]]:
        yield from emails.files(email, newsletter)
        yield issue.path + "email.eml", messages.build(email, newsletter)
        page = dict(pages.issue_page(seen.until(as_of) if issue.date <= as_of else then, issue))
        yield from (page | dict(email.pictures)).items()

    written = outputs.write(folder, contents(), complete=False)
    return BuiltIssue(
        folder=folder,
        catalogue=then,
        issue=issue,
        email=email,
        written=written,
        problems=in_order(
            [*warnings, *messages.check(newsletter), *email.warnings, *linted(email, then, folder)]
        ),
    )


def folder_of(newsletter: Newsletter, issue: Issue, as_of: datetime) -> Path:
    """Where an issue is written: what is still to come must not be published."""
    return newsletter.output_dir if issue.date <= as_of else newsletter.root / PREVIEWS


def linted(email: Email, catalogue: Catalogue, folder: Path) -> tuple[Problem, ...]:
    """What the lint finds in an email written to `folder`; `catalogue` is what it was made of."""
    from pipeline import lint

    newsletter = catalogue.newsletter
    shown = folder.relative_to(newsletter.root).as_posix()
    return lint.lint(email, newsletter, lint.places_of(catalogue, email.issue, shown))


def preview(built: BuiltIssue, newsletter: Newsletter) -> Path:
    """The issue's email as a page to look at on this machine, its pictures taken from disk."""
    from pipeline import emails

    folder = newsletter.root / PREVIEWS
    issue = built.issue
    page = dict(emails.files(built.email, newsletter))[issue.path + "email.html"].decode()
    page = page.replace(newsletter.root_url + "media/", "../../media/")
    media = pages.assets(_alone(built.catalogue, issue))
    contents = {issue.path + "preview.html": page.encode(), **dict(media), **built.email.pictures}
    outputs.write(folder, contents.items(), complete=False)
    return folder / issue.path / "preview.html"


def pictures(built: BuiltIssue, newsletter: Newsletter, environ: Mapping[str, str]) -> list[Path]:
    """Screenshots of the email beside its preview: phone, desktop and dark."""
    from pipeline import screenshots

    page = preview(built, newsletter)
    taken = {
        f"{built.issue.path}{name}.png": png
        for name, png in screenshots.take(page.as_uri(), environ)
    }
    outputs.write(newsletter.root / PREVIEWS, taken.items(), complete=False)
    return [newsletter.root / PREVIEWS / path for path in taken]


def _alone(catalogue: Catalogue, issue: Issue) -> Catalogue:
    return replace(catalogue, articles=issue.articles)


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


def email_of(
    planned: Plan, catalogue: Catalogue, issue: Issue, press: Press | None = None
) -> Email:
    """An issue as its readers get it: what was published by its slot, and what is to come."""
    from pipeline import emails

    upcoming = planned.after(issue.articles[-1])
    return emails.render(catalogue.until(issue.date), issue, upcoming=upcoming, press=press)


def unedited(planned: Plan, catalogue: Catalogue, issue: Issue) -> frozenset[str]:
    """The contents (`Key.content`) that an issue may have been handed over with, unedited.

    The part after it may have been written later: an issue that did not announce it is the same.
    """
    from pipeline import emails
    from pipeline.services import key_of

    then = catalogue.until(issue.date)
    upcoming = (planned.after(issue.articles[-1]), None)
    made = [emails.render(then, issue, upcoming=one) for one in upcoming]
    return frozenset(
        key_of(planned.newsletter, issue.articles[0].id, email).content for email in made
    )
