"""`partwork check`."""

from __future__ import annotations

import sys

import click

from pipeline.commands import options, progress


@click.command()
@click.option("--fix", is_flag=True, help="Write what is missing: ids, and dates that have passed.")
@click.option("--dry-run", is_flag=True, help="With --fix: say what would be written.")
@click.option(
    "--email",
    "scope",
    is_flag=False,
    flag_value="near",
    type=click.Choice(["near", "all"]),
    help="Check emails too: the latest and the next, or with `--email all` every one.",
)
@click.option("--links", is_flag=True, help="Ask whether links to the web still lead somewhere.")
@options.as_of
@options.reports
def command(
    fix: bool, dry_run: bool, scope: str | None, links: bool, as_of: str | None, style: str
) -> None:
    """Find everything that is wrong with the sources, all at once, with file and line.

    Drafts and future parts are looked at too, and links among articles. Ends with exit code 1
    where there is an error; a broken link to the web is a warning. Rules of emails:
    docs/lint-rules.md.

    \b
    Examples:
      partwork check
      partwork check --fix              write missing ids and passed dates
      partwork check --email            the emails of the latest issue and the next
      partwork check --links            asks politely, and a working link once a week
      partwork check --format github    annotations in a workflow
    """
    from pipeline import checks, fixes, plan
    from pipeline.errors import in_order

    newsletter = options.newsletter()
    moment = options.moment(as_of, newsletter)
    done = fixes.apply(newsletter, moment, dry_run=dry_run) if fix else ()
    planned = plan.survey(newsletter)
    problems = checks.sources(planned, moment)
    failed = any(problem.severity == "error" for problem in problems)
    if scope and not failed:
        with progress.shown(style, "emails") as told:
            problems += checks.emails(planned, moment, "all" if scope == "all" else "near", told)
    report = None
    if links:
        with progress.shown(style, "links") as told:
            report = checks.links(planned, moment, told)
        problems += report.problems
    text = [f"{one.path}:{one.line}: {one.text}" for one in done]
    if report is not None:
        text.append(
            f"{options.counted(report.asked, 'link')} asked, {report.known} fine within a week."
        )
        text += [f"Nobody can tell: {one}" for one in report.unsure]
    if not problems:
        text.append(f"{options.counted(len(planned.sources), 'article')}, nothing wrong.")
    data = {
        "articles": len(planned.sources),
        "fixed": [{"path": one.path, "line": one.line, "text": one.text} for one in done],
    }
    if report is not None:
        data["links"] = {"asked": report.asked, "known": report.known, "unsure": report.unsure}
    sys.exit(options.report(style, in_order(problems), text=text, data=data))
