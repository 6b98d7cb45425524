"""`partwork issue`."""

from __future__ import annotations

import os
import sys

import click

from pipeline.commands import options


@click.command()
@click.argument("which", metavar="[NUMBER|next|latest]", default="next")
@click.option("--open", "show", is_flag=True, help="Show the email in the browser.")
@click.option("--theme", metavar="NAME", default="", help="Try another theme, in previews/.")
@click.option(
    "--screenshot",
    is_flag=True,
    help="Take pictures as a phone, a desktop and a dark phone show it (needs Chromium).",
)
@options.as_of
@options.reports
def command(
    which: str, show: bool, theme: str, screenshot: bool, as_of: str | None, style: str
) -> None:
    """Make one issue's email: the web version, HTML, text and a complete message (.eml).

    `next` is the first issue that is still to come, or the latest where none is. An issue that is
    not due yet is written to previews/, never to output/, which readers see. The email is checked
    as well (docs/lint-rules.md): an error ends with exit code 1, the files stay.

    \b
    Examples:
      partwork issue --open         the next issue, in the browser
      partwork issue 7
      partwork issue 7 --theme letter --screenshot
      partwork issue latest --format json
    """
    from pipeline import build

    newsletter = options.newsletter()
    moment = options.moment(as_of, newsletter)
    built = build.one_issue(newsletter, which, moment, theme)
    taken = build.pictures(built, newsletter, os.environ) if screenshot else []
    email = built.email
    text = [
        f"Issue {built.issue.number}, {built.issue.date:%A %Y-%m-%d %H:%M}",
        f"Subject    {email.subject}",
        f"Preheader  {email.preheader}",
        "",
        *(
            f"{(built.folder / path).relative_to(newsletter.root)}  {options.size(count)}"
            for path, count in built.written.sizes.items()
        ),
        *(str(path.relative_to(newsletter.root)) for path in taken),
    ]
    data = {
        "issue": built.issue.number,
        "date": built.issue.date,
        "subject": email.subject,
        "preheader": email.preheader,
        "folder": built.folder.as_posix(),
        "files": dict(built.written.sizes),
        "pictures": taken,
    }
    code = options.report(style, built.problems, text=text, data=data)
    if show:
        click.launch(build.preview(built, newsletter).as_uri())
    sys.exit(code)
