"""Write the pages of docs/ that are made from the code; with --check only say which are stale.

python scripts/docs.py [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import click
from doc_publishing import operations, services
from doc_tables import DOCS, NOTE, settings_table

from pipeline import lint
from pipeline.cli import cli
from pipeline.keys import KEYS
from pipeline.lint import features
from pipeline.newsletter import TABLES


def newsletter_toml() -> str:
    """Every table of newsletter.toml with its keys, kinds, defaults and meanings."""
    lines = [
        "# newsletter.toml",
        "",
        NOTE,
        "The settings of a newsletter. Only `[newsletter]` is required; every other key has the",
        "default shown here. An unknown key is an error with a suggestion.",
    ]
    for name, cls in TABLES.items():
        said = (cls.__doc__ or "").splitlines()[0].removeprefix(f"`[{name}]`: ")
        lines += ["", f"## [{name}]", "", said[0].upper() + said[1:], ""]
        lines += settings_table(cls, name)
    lines += [
        "",
        "## [services.NAME]",
        "",
        "Mailing services, a table each. What every kind has, and what each has of its own:"
        " [services/README.md](services/README.md#settings-of-every-service).",
        "",
        "## [lint]",
        "",
        "Rules of the email lint that are changed, each with its reason:"
        ' `html-size-near = "ignore: why"`. The rules: [lint-rules.md](lint-rules.md).',
    ]
    return "\n".join(lines) + "\n"


def front_matter() -> str:
    """Every front matter key."""
    lines = [
        "# Front matter",
        "",
        NOTE,
        "An article is a file in the articles folder, or in a folder below it, whose name ends in",
        "`.md`. Names that begin with `.` or `_`, and `README.md`, are left alone. It begins with",
        "a block of YAML between two lines `---`, and the rest is Markdown.",
        "",
        "Unknown keys, keys that stand twice and values of another kind are errors that name the",
        "line. Anchors, aliases and tags of YAML are refused.",
        "",
        "| key | value | meaning |",
        "|---|---|---|",
        *(f"| `{name}` | {key.kind} | {key.doc} |" for name, key in KEYS.items()),
    ]
    return "\n".join(lines) + "\n" + _AFTER_KEYS


_AFTER_KEYS = """
## Which part is it?

A part number comes from `part`, from the number a file's name begins with (`02-sciatica.md`), or
from titles in `previous` and `next` that chain the articles into an order. Use any of them, or
several: where two disagree, nothing is built and the message names both files and lines. A date at
the head of a file's name (`2026-10-06-sciatica.md`) is not a part number.

## When is it published?

At its `date`. A day without a time means the schedule's time of day, and a time without an offset
is in the newsletter's timezone. A part without a date takes the first free slot of `[schedule]`
after the part before it, and waits while that part is a draft or missing. Once such a slot has
passed, `partwork check --fix` writes the date into the file, so that a part inserted later moves
nothing that readers already have. Dates must increase with the part.

Articles of one moment come in the order of their series in `newsletter.toml`; those outside any
series come last, by their files' paths. A file's new name may put it before another there: give
each its own time of day where that matters, as in an issue that was sent.
"""


def commands() -> str:
    """The help of every command."""
    lines = ["# Commands", "", NOTE, *_help(cli, "partwork")]
    return "\n".join(lines).rstrip() + "\n"


def _help(command: click.Command, name: str, above: click.Context | None = None) -> Iterator[str]:
    """What a command says of itself, then what those below it say."""
    context = click.Context(command, parent=above, info_name=name, terminal_width=90)
    level = "###" if above and above.parent else "##"
    heading = f"{level} {context.command_path}"
    yield from (heading, "", "```", command.get_help(context), "```", "")
    if isinstance(command, click.Group):
        # In the order of the code, where click itself would sort them.
        for below in [*command.commands] or command.list_commands(context):
            if found := command.get_command(context, below):
                yield from _help(found, below, context)


_LINT = """
`partwork check --email` renders the emails of the latest issue and the next (`--email all`: of
every issue) and holds them against these rules; `partwork issue` does the same for the one it
makes. A finding names the article's file and line where its cause is in an article, and else the
email's own file. A good issue gives none.

A rule is changed in `newsletter.toml`, always with a reason, which stays there for whoever asks:

```toml
[lint]
link-vague = "ignore: our readers know our links"
html-size-near = "error"
css-opacity = "warning: faded on purpose, still read"
```

`error` needs no reason. In place of `client-support` and `client-support-outlook` a feature can be
named as caniemail.com names it (`css-opacity`); the message says its name.
"""


def lint_rules() -> str:
    """Every rule of the email lint, and what client support lets pass."""
    lines = ["# Rules for emails", "", NOTE, _LINT.strip()]
    for name, rules in lint.GROUPS.items():
        lines += ["", f"## {name}"]
        for rule, of in rules.items():
            lines += [
                "",
                f"### {rule}",
                "",
                f"*{of.severity.capitalize()}.* {_escaped(of.doc)} {_escaped(of.why)}",
                "",
                f"- To mend it: {_escaped(of.mend)}.",
                f"- Source: {_escaped(of.source)}.",
            ]
    facts = features.facts()
    lines += [
        "",
        "## What client support lets pass",
        "",
        f"The facts are those of caniemail.com ({facts['licence']}), newest test"
        f" {facts['newest test']}, and stand in `pipeline/lint/client_support.json`;"
        " `scripts/refresh_client_support.py` makes that file anew. A program lacks what at least"
        " half of its apps lack. These features are let pass although a program lacks them:",
        "",
        "| feature | lacked by | why it is let pass |",
        "|---|---|---|",
    ]
    for slug, why in features.ALLOWED.items():
        programs = ", ".join(features.PROGRAMS[one] for one in features.programs(slug))
        lines.append(f"| `{slug}` | {programs} | {why} |")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """A sentence as Markdown: what looks like HTML in it is text, but for what stands in code."""
    pieces = text.split("`")
    pieces[::2] = [one.replace("&", "&amp;").replace("<", "&lt;") for one in pieces[::2]]
    return "`".join(pieces)


PAGES: dict[str, Callable[[], str]] = {
    "newsletter-toml.md": newsletter_toml,
    "front-matter.md": front_matter,
    "commands.md": commands,
    "lint-rules.md": lint_rules,
    "operations.md": operations,
    "services/README.md": services,
}
"""The generated pages by name."""


def stale() -> Iterator[str]:
    """The pages whose file is not what the code gives now."""
    for name, make in PAGES.items():
        path = DOCS / name
        if not path.exists() or path.read_text(encoding="utf-8") != make():
            yield name


def main(arguments: list[str]) -> int:
    """Write or check; 1 where --check finds a stale page."""
    old = list(stale())
    for name in old:
        if "--check" in arguments:
            print(f"docs/{name}: this is not what the code says now: run `make docs`")
        else:
            (DOCS / name).write_text(PAGES[name](), encoding="utf-8")
            print(f"docs/{name}")
    return 1 if old and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
