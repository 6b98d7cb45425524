"""Client support: what a mail uses, held against which programs lack it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pipeline.lint import features
from pipeline.lint.css import Declaration
from pipeline.lint.mail import Finding, Mail, Rule

RULES = {
    "client-support": Rule(
        doc="Something is used that Gmail, Apple Mail, Outlook.com or Yahoo Mail lacks.",
        why="A good part of the readers see the mail without it.",
        source="caniemail.com",
        mend='do without it, or write `FEATURE = "ignore: why"` in [lint]',
    ),
    "client-support-outlook": Rule(
        severity="warning",
        doc="Something is used that only Outlook on Windows lacks.",
        why="Readers in offices see the mail without it.",
        source="caniemail.com",
        mend='do without it, or write `FEATURE = "ignore: why"` in [lint]',
    ),
}

_FUNCTION = re.compile(r"([a-z][a-z-]*)\(")
_UNIT = re.compile(r"(?<![\w#.-])[+-]?\d*\.?\d+([a-z]+)\b")
_FEATURE = re.compile(r"\(\s*([\w-]+)")
_PSEUDO = re.compile(r"(::?[a-z-]+)")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|\burl\([^)]*\)")
_BRACKETS = re.compile(r"\[[^\]]*\]|\([^)]*\)")


def check(mail: Mail) -> Iterator[Finding]:
    """One finding for each feature, in order of name."""
    by_mark = features.by_mark()
    used: dict[str, str] = {}
    for mark, shown in _marks(mail):
        for slug in by_mark.get(mark, ()):
            used.setdefault(slug, shown)
    for slug, shown in sorted(used.items()):
        programs = features.lacking()[slug]
        rule = "client-support-outlook" if programs == ("outlook-windows",) else "client-support"
        names = ", ".join(features.PROGRAMS[one] for one in programs)
        yield Finding(
            rule=rule,
            message=f"{shown} ({slug}) is not known to {names}",
            remedy=f'do without it, or write `{slug} = "ignore: why"` in [lint]',
            feature=slug,
        )


def _marks(mail: Mail) -> Iterator[tuple[str, str]]:
    """What the mail uses, each mark with what a message says of it."""
    for element in mail.document.tree.iter():
        if isinstance(element.tag, str):
            yield f"element:{element.tag}", f"<{element.tag}>"
            for name in element.attrib:
                yield f"attribute:{name}", f"the attribute {name}"
    for _, declarations in mail.document.inline:
        yield from _declared(declarations)
    sheet = mail.document.sheet
    for prelude in sheet.at_rules:
        name = prelude[1:].split(None, 1)[0].partition("(")[0].lower()
        yield f"at:{name}", f"@{name}"
        if name == "media":
            for feature in _FEATURE.findall(prelude.lower()):
                yield f"media:{feature}", f"@media ({feature})"
    for rule in sheet.rules:
        for selector in rule.selectors:
            yield from _selected(selector)
        yield from _declared(rule.declarations)


def _declared(declarations: Iterable[Declaration]) -> Iterator[tuple[str, str]]:
    for one in declarations:
        shown = f"`{one.name}: {one.value}`"[:90]
        value = _QUOTED.sub(" ", one.value.lower())
        yield f"property:{one.name}", shown
        for word in re.split(r"[\s,]+", value):
            yield f"value:{one.name}={word}", shown
            if word == "initial":
                yield "keyword:initial", shown
        for function in _FUNCTION.findall(value):
            yield f"function:{function}", shown
        for unit in _UNIT.findall(value):
            yield f"unit:{unit}", shown


def _selected(selector: str) -> Iterator[tuple[str, str]]:
    shown = f"the selector `{selector}`"
    plain = _BRACKETS.sub("", selector)
    for pseudo in _PSEUDO.findall(plain):
        yield f"pseudo:{pseudo}", shown
    if "[" in selector:
        yield "selector:attribute", shown
    for mark in ">+~":
        if mark in plain:
            yield f"combinator:{mark}", shown
    if re.search(r"(^|[\s>+~])\*", plain):
        yield "selector:universal", shown
    if re.search(r"\.[\w-]+\.[\w-]+", plain):
        yield "selector:chaining", shown
