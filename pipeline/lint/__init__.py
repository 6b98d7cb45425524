"""The email lint: what an issue must hold to come through every inbox whole.

Each module has the RULES of its part and a function `check` that finds what breaks them. Settings
may ignore a rule or change its severity, always with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from pipeline.config import LintSetting, Newsletter
from pipeline.errors import Problem, in_order
from pipeline.lint import (
    features,
    header,
    images,
    links,
    never,
    reading,
    size,
    structure,
    support,
    twin,
)
from pipeline.lint.document import Document
from pipeline.lint.mail import Finding, Mail, Message, Rule
from pipeline.lint.places import Places, places_of

__all__ = [
    "GROUPS",
    "RULES",
    "Finding",
    "Message",
    "Places",
    "Rule",
    "findings",
    "lint",
    "places_of",
    "unknown",
]

_PARTS = {
    "Size and encoding": size,
    "Structure": structure,
    "Images": images,
    "Links": links,
    "Text": reading,
    "Never": never,
    "Client support": support,
    "Subject and preheader": header,
    "Plain text": twin,
}
GROUPS: Mapping[str, Mapping[str, Rule]] = MappingProxyType(
    {name: MappingProxyType(part.RULES) for name, part in _PARTS.items()}
)
"""The rules by what they are about, in the order of the documentation."""
RULES: Mapping[str, Rule] = MappingProxyType(
    {name: rule for rules in GROUPS.values() for name, rule in rules.items()}
)
"""Every rule by name: what `[lint]` and the tests refer to."""


def lint(
    message: Message, newsletter: Newsletter, places: Places | None = None
) -> tuple[Problem, ...]:
    """Everything wrong with an email, in order of place; pure.

    A problem names the article's file and line where `places` knows its cause, else the email's own
    file. `newsletter.lint` is applied; `unknown` reports its mistakes.
    """
    return in_order(problem for _, problem in findings(message, newsletter, places))


def findings(
    message: Message, newsletter: Newsletter, places: Places | None = None
) -> tuple[tuple[Finding, Problem], ...]:
    """The same in the order in which it was found, each problem with what of the email is meant."""
    where = places or Places(email="")
    settings = newsletter.email
    mail = Mail(
        subject=message.subject,
        preheader=message.preheader,
        text=message.text,
        document=Document(message.html),
        written=(message.subject, message.preheader, *where.written),
        answers=frozenset({settings.from_address.lower(), settings.reply_to.lower()}),
    )
    found = dict.fromkeys(one for part in _PARTS.values() for one in part.check(mail))
    return tuple(_problems(found, newsletter.lint, where))


def _problems(
    findings: Iterable[Finding], settings: Mapping[str, LintSetting], places: Places
) -> Iterator[tuple[Finding, Problem]]:
    for found in findings:
        rule = RULES[found.rule]
        setting = settings.get(found.feature) or settings.get(found.rule)
        severity = setting.severity if setting else rule.severity
        if severity == "ignore":
            continue
        file = "email.txt" if found.rule in twin.RULES else "email.html"
        place = places.find(found.cause) if found.cause else None
        path, line = place or (f"{places.email}{file}", found.line)
        yield (
            found,
            Problem(
                path=path,
                line=line,
                message=size.merge_free(found.message),
                remedy=found.remedy or rule.mend,
                rule=found.rule,
                severity=severity,
            ),
        )


def unknown(newsletter: Newsletter) -> tuple[Problem, ...]:
    """The keys of `[lint]` that are neither a rule nor a feature of caniemail.com's."""
    table = newsletter.table.child("lint")
    return tuple(
        table.problem(
            name,
            f"`{name}` is not a rule of the email lint",
            _nearest(name),
            "unknown-rule",
        )
        for name in newsletter.lint
        if name not in RULES and name not in features.known()
    )


def _nearest(name: str) -> str:
    near = get_close_matches(name, [*RULES, *features.lacking()], n=1)
    return f"did you mean `{near[0]}`?" if near else "docs/lint-rules.md lists them"
