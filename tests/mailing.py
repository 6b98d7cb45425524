"""Newsletters for tests of the mail they become, and a torture article."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import archives
from archives import EVERYTHING, SETTINGS, part

from pipeline import emails, newsletter, plan, templating, text
from pipeline.config import Newsletter
from pipeline.emails import Email

PACKAGED = templating.packaged_emails()
SCHEDULE = """
[schedule]
start = 2026-10-06
every = "week"
time = 09:00:00
"""
EMAIL: dict[str, Any] = {
    "from_name": "Northgate Notes",
    "from_address": "notes@northgate.example",
    "to": "readers@lists.northgate.example",
    "address": "1 Gate Lane, Northgate",
    "unsubscribe_url": "https://northgate.example/unsubscribe",
    "unsubscribe_mailto": "unsubscribe@northgate.example",
}
LOOK_ALIKES = (
    "{{ secret }}",
    "{% include 'x' %}",
    "*|FNAME|*",
    "[[name]]",
    "%%{name}",
    "<mj-text>x</mj-text>",
    "</mj-text>",
    "&#64977;unsubscribe_url&#64978;",
)
"""What other programs would take for a command; it must reach the reader as typed."""
ODD = (
    'Say "hi" \\n \\u{fe0f} 😀❤️ 👩\u200d👩\u200d👧 สวัสดีชาวโลก नमस्ते दुनिया مرحبا بالعالم שלום'
    " & <b>bold</b>\u00a0é"
)
"""What mrml's debug escapes, HTML and mail programs each treat in their own way."""
WORD = "x" * 3000
TORTURE = "\n".join(
    [
        f"An opening with {ODD.replace('<', '&lt;')} and {WORD}.",
        "",
        '[a link "to" 😀](https://example.org/?q="\\\\n&amp;r=สวัสดี%20x#y) and',
        "<https://example.org/" + "long" * 200 + ">.",
        "",
        "![alt \\\\n \\\\u{fe0f} ❤️ สวัสดี नमस्ते مرحبا &quot;quoted&quot;](images/square.png)",
        "",
        *("  " * depth + f"- level {depth + 1} of twelve" for depth in range(12)),
        "",
        "| " + " | ".join(f"Column {n}" for n in range(10)) + " |",
        "|" + "---|" * 10,
        "| " + " | ".join(f"a value of {n * 1111}" for n in range(10)) + " |",
        "",
        *(f"- `{one}`" for one in LOOK_ALIKES[:5]),
        "",
        "```",
        "a line of code that goes on " * 12,
        WORD,
        "```",
        "",
        *(
            line.replace("two.md#a-heading", "1.md")
            for line in EVERYTHING.splitlines()
            if not line.startswith("|")
        ),
    ]
)
"""Everything that has broken a mail somewhere; it links to the part before it, `1.md`."""


def settings(base: str = SETTINGS, **email: Any) -> str:
    """The settings file with an `[email]` table."""
    given = EMAIL | email
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in given.items())
    return "\n".join([base, SCHEDULE, "[email]", *lines, ""])


def four_parts(body: str = "Some words.", **keys: Any) -> dict[str, str]:
    """Four parts of the series `care`, which announces five; one a week."""
    titles = ("Beginning", "Middle", "Later", "Nearly there")
    return {
        f"{number}.md": part(number, title, body, **keys) for number, title in enumerate(titles, 1)
    }


def write(root: Path, files: dict[str, str] | None = None, settings_text: str = "") -> Newsletter:
    """A newsletter's folder as settings."""
    archives.write(root, files or four_parts(), settings_text or settings())
    return newsletter.load(root)


def email(of: Newsletter, number: int = 1, *, told: bool = True) -> Email:
    """An issue as its readers get it; `told` hands over the next part as planned."""
    planned = plan.load(of)
    issue = planned.catalogue.issues[number - 1]
    seen, _ = plan.published(planned, issue.date)
    upcoming = planned.after(issue.articles[-1]) if told else None
    return emails.render(seen.until(issue.date), issue, upcoming=upcoming)


def with_email(notes: Newsletter, **changes: Any) -> Newsletter:
    """The newsletter with other email settings."""
    return replace(notes, email=replace(notes.email, **changes))


def own_template(notes: Newsletter, name: str, before: str, after: str) -> None:
    """The project's own copy of a template, with one change."""
    source = (PACKAGED / name).read_text(encoding="utf-8")
    assert before in source
    file = notes.root / "email_templates" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source.replace(before, after, 1), encoding="utf-8")


def seen(html: str) -> str:
    """A document's text as a reader sees it, on one line."""
    body = re.sub(r"<!--.*?-->|<style.*?</style>|<head.*?</head>", " ", html, flags=re.DOTALL)
    body = re.sub(r"</?(?:a|b|i|em|strong|span|code)\b[^>]*>", "", body)
    return text.one_line(unescape(re.sub(r"<[^>]*>", " ", body)))


def expect_in_both(issue: Email, said: str) -> None:
    """The HTML and the text both say it."""
    assert said in seen(issue.html), seen(issue.html)
    assert said in text.one_line(issue.text), issue.text


def expect_in_neither(issue: Email, said: str) -> None:
    """Neither the HTML nor the text says it."""
    assert said not in unescape(issue.html)
    assert said not in issue.text
