"""Three template languages of double braces, as far as mailing services' messages meet them.

They do what the real ones do with text that looks like a tag: evaluate it, drop it, or fail.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

import html5lib
from lxml import html as lxml_html

Facts = dict[str, str]


class BadTemplateError(Exception):
    """A template that does not compile."""


def django(source: str, facts: Facts) -> str:
    """Django: tags within a line, unknown variables empty, values escaped and literals not."""

    def tag(match: re.Match[str]) -> str:
        kind, inside = match[0][:2], match[0][2:-2].strip()
        if kind == "{#":
            return ""
        if kind == "{%":
            raise BadTemplateError(f"invalid block tag: {inside!r}")
        found = re.fullmatch(r'([\w.]+)(?:\|default:"([^"{}|]*)")?', inside)
        if not found:
            raise BadTemplateError(f"could not parse {inside!r}")
        value = facts.get(found[1], "")
        return escape(value) if value or found[2] is None else found[2]

    return re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", tag, source)


def liquid(source: str, facts: Facts) -> str:
    """Liquid: unknown variables empty, nothing escaped, a tag without an end an error."""

    def tag(match: re.Match[str]) -> str:
        kind, inside = match[0][:2], match[0][2:-2].strip(" -")
        if kind == "{%" or not match[0].endswith("}}"):
            raise BadTemplateError(f"unknown tag or no end: {match[0][:40]!r}")
        found = re.fullmatch(r'([\w.]*)(?:\s*\|\s*default:\s*"([^"]*)")?', inside)
        if not found:
            raise BadTemplateError(f"unexpected character in {inside!r}")
        return facts.get(found[1], "") or found[2] or ""

    return re.sub(r"\{\{.*?(?:\}\}|$)|\{%.*?(?:%\}|$)", tag, source, flags=re.DOTALL)


def handlebars(source: str, facts: Facts) -> str:
    """Handlebars with fallbacks, as at Resend: three braces fill in raw, two escaped."""

    def tag(match: re.Match[str]) -> str:
        raw = match[0].startswith("{{{")
        name, _, fallback = match[0].strip("{}").strip().partition("|")
        value = facts.get(name, "") or fallback
        return value if raw else escape(value)

    return re.sub(r"\{\{\{.*?\}\}\}|\{\{.*?\}\}", tag, source, flags=re.DOTALL)


def reparsed(document: str) -> str:
    """The document as a service writes it anew that takes HTML apart first."""
    plain = {"omit_optional_tags": False, "quote_attr_values": "always"}
    parsed = html5lib.parse(document)
    return str(html5lib.serialize(parsed, **plain, resolve_entities=False))


def rendered(render: Callable[[str, Facts], str], source: str, facts: Facts, how: str) -> str:
    """Render what is written, `how` saying whether it is written anew before."""
    return render(reparsed(source) if how == "reparsed" else source, facts)


def seen(line: str) -> str:
    """A line as a reader sees it."""
    return line.replace("\u2060", "")


def words(document: str) -> str:
    """All that a document shows, its title and the text of its pictures too."""
    tree = lxml_html.document_fromstring(document)
    for style in tree.iter("style"):
        style.text = ""
    shown = [*tree.itertext(), *(one.get("alt", "") for one in tree.iter("img"))]
    return seen("".join("".join(shown).split()))
