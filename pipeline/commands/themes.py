"""`partwork themes`."""

from __future__ import annotations

import click

from pipeline.commands import options


@click.command()
@options.reports
def command(style: str) -> None:
    """Show the themes there are: the packaged ones and the newsletter's own.

    Look at one with `partwork issue --theme NAME --open`, and choose it with `[email] theme`.

    \b
    Examples:
      partwork themes
      partwork issue latest --theme letter --open
    """
    from pipeline import templating, themes

    newsletter = options.newsletter()
    folders = templating.email_folders(newsletter)
    found = {name: themes.load(folders, name) for name in themes.names(folders)}
    chosen = newsletter.email.theme
    rows = [
        (f"{name} *" if name == chosen else name, theme.title, theme.description)
        for name, theme in found.items()
    ]
    text = [*options.table([("Theme", "Title", "Look"), *rows]), "", "* is this newsletter's."]
    data = {
        "chosen": chosen,
        "themes": [
            {"name": name, "title": theme.title, "description": theme.description}
            for name, theme in found.items()
        ],
    }
    options.report(style, (), text=text, data=data)
