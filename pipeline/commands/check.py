"""`partwork check`."""

from __future__ import annotations

import sys

import click

from pipeline.commands import options


@click.command()
@click.option("--fix", is_flag=True, help="Write what is missing: ids, and dates that have passed.")
@click.option("--dry-run", is_flag=True, help="With --fix: say what would be written.")
@options.as_of
@options.reports
def command(fix: bool, dry_run: bool, as_of: str | None, style: str) -> None:
    """Find everything that is wrong with the sources, all at once, with file and line.

    Drafts and future parts are looked at too. Ends with exit code 1 where there is an error.

    \b
    Examples:
      partwork check
      partwork check --fix              write missing ids and passed dates
      partwork check --format github    annotations in a workflow
    """
    from pipeline import fixes, plan
    from pipeline.errors import in_order

    newsletter = options.newsletter()
    moment = options.moment(as_of, newsletter)
    done = fixes.apply(newsletter, moment, dry_run=dry_run) if fix else ()
    planned = plan.survey(newsletter)
    problems = in_order(plan.checked(planned, moment))
    failed = any(problem.severity == "error" for problem in problems)
    text = [f"{one.path}:{one.line}: {one.text}" for one in done]
    if not problems:
        text.append(f"{len(planned.sources)} articles, nothing wrong.")
    options.report(
        style,
        problems,
        text=text,
        data={
            "articles": len(planned.sources),
            "fixed": [{"path": one.path, "line": one.line, "text": one.text} for one in done],
        },
        failed=failed,
    )
    sys.exit(1 if failed else 0)
