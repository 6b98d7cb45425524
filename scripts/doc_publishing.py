"""The pages on publishing: docs/operations.md and docs/services/README.md."""

from __future__ import annotations

import re
from importlib import import_module

from doc_tables import DOCS, NOTE, settings_table

from pipeline.merge import MergePoint
from pipeline.publish import places, steps
from pipeline.publish.places import Goal
from pipeline.services import Capabilities, Common, registry


def operations() -> str:
    """The page as written by hand, with what is made from the code in its marked places."""
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    for name, make in _PARTS.items():
        begin, end = f"<!-- {name}, made by scripts/docs.py -->\n", f"<!-- end of {name} -->"
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}\n{make()}\n{end}{rest.partition(end)[2]}"
    return page


def _drawing() -> str:
    return f"```mermaid\n{places.drawing(Goal.RELEASE)}```\n"


def _places() -> str:
    lines = ["| place | it means | on the way to a draft | to a test | to a release |"]
    lines.append("|---|---|---|---|---|")
    goals = (Goal.DRAFT, Goal.TEST, Goal.RELEASE)
    for place, row in places.TABLE.items():
        actions = " | ".join(row[goal].value for goal in goals)
        lines.append(f"| `{place.name}` | {place.value} | {actions} |")
    return "\n".join(lines) + "\n"


def _guards() -> str:
    lines = ["| rule | what is said | what to do |", "|---|---|---|"]
    lines += (
        f"| `{guard.rule}` | {_blank(guard.message)} | {_blank(guard.remedy)} |"
        for guard in steps.GUARDS
    )
    return "\n".join(lines) + "\n"


def _blank(words: str) -> str:
    """A format string for people: what is filled in, in capitals."""
    return re.sub(r"\{(\w+)\}", lambda match: match[1].upper(), words)


_PARTS = {"drawing": _drawing, "places": _places, "guards": _guards}


def services() -> str:
    """What each mailing service can do and needs, from the adapters."""
    adapters = {name: import_module(module) for name, module in sorted(registry.KINDS.items())}
    lines = ["# Mailing services", "", NOTE, _SERVICES.strip(), "", "## What each can do", ""]
    heads = (
        "kind",
        "service",
        "found again",
        "drafts",
        "tests",
        "schedules",
        "text part",
        "counts",
    )
    lines += [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name, adapter in adapters.items():
        can: Capabilities = adapter.CAPABILITIES
        page = f"[`{name}`]({name}.md)" if (DOCS / f"services/{name}.md").exists() else f"`{name}`"
        times = f"every {can.minutes} minutes" if can.minutes > 1 else "yes"
        schedules = times if can.schedules else "no"
        able = (can.keyed, can.drafts, can.tests)
        cells = [page, can.title, *("yes" if one else "no" for one in able), schedules]
        counts = [f"~{one}" if one in can.repeats else one for one in can.counts]
        cells += ["yes" if can.plain_text else "no", ", ".join(counts) or "none"]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "## What exactly-once rests on", ""]
    for adapter in adapters.values():
        can = adapter.CAPABILITIES
        lines.append(f"- **{can.title}** (tried with {can.verified}): {can.rests_on}")
    lines += ["", "## Merge points", "", "How each service is told what differs by reader.", ""]
    lines.append(f"| kind | {' | '.join(one.name.lower() for one in MergePoint)} |")
    lines.append(f"|---{'|---' * len(MergePoint)}|")
    for name, adapter in adapters.items():
        tags = (_tag(adapter.CAPABILITIES.merge.get(one, "none")) for one in MergePoint)
        lines.append(f"| `{name}` | {' | '.join(tags)} |")
    lines += ["", "## Settings of every service", "", *settings_table(Common)]
    for name, adapter in adapters.items():
        lines += ["", f"## {adapter.CAPABILITIES.title}", "", f'`kind = "{name}"`', ""]
        lines += settings_table(adapter.Settings)
    return "\n".join(lines) + "\n"


def _tag(tag: str) -> str:
    """A service's own tag as code in a table; words stand as they are."""
    code = tag if "`" in tag or not re.search(r"[{*%\[]", tag) else f"`{tag}`"
    return code.replace("|", "\\|")


_SERVICES = """
An issue is handed to the services that `newsletter.toml` names, each a table `[services.NAME]` with
a `kind`. Secrets never stand in a file: a key that ends in `_env` names the environment variable.

```toml
[services.weekly]
kind = "listmonk"
mode = "schedule"
url = "https://lists.example.org"
user = "partwork"
lists = [4]
```

`partwork services --ping` says whether all is well. How issues then get out, and what happens when
something goes wrong: [operations.md](../operations.md). Another service:
[add-a-mailing-service.md](../add-a-mailing-service.md).

What a service *counts* `partwork report` shows ([report.md](../report.md)); ~ stands before counts
in which a reader who opens or clicks twice counts twice.

A service *finds an issue again* by a key that Partwork stores with it, so that a lost answer, a
lost ledger or a second publisher mails nobody twice. One that can't be asked stops for a person. An
account keeps an issue once, so two tables can't name the same one: list all its readers in one.
"""
