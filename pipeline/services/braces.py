"""Merge tags between double braces: Django's (Buttondown), Liquid's (Kit), Handlebars' (Resend)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from pipeline import merge
from pipeline.config import Newsletter
from pipeline.errors import PartworkError
from pipeline.merge import MergePoint
from pipeline.services import Context, literals
from pipeline.text import MERGE_START

_OPENING = re.compile(rf"\{{(?=[{{%#{MERGE_START}])")
_ENDS_A_TAG = re.compile(r"[{}|\"\\\n]")


def fill_html(document: str, values: Mapping[MergePoint, str]) -> str:
    """The document, whose text begins no tag, with `values` (HTML, tags) at its merge points."""
    return merge.fill(literals.in_html(document, _OPENING), values)


def fill_text(rendered: str, values: Mapping[MergePoint, str]) -> str:
    """The plain text with `values` at its merge points."""
    return merge.fill(plain(rendered), values)


def plain(line: str) -> str:
    """Plain text that begins no tag."""
    return literals.in_text(line, _OPENING)


def html_address(newsletter: Newsletter) -> str:
    """The postal address as HTML that begins no tag."""
    return literals.in_html(escape(newsletter.email.address), _OPENING)


def checked_fallback(context: Context) -> str:
    """The word for readers without a first name; PartworkError where it would end its tag."""
    word = context.newsletter.email.first_name_fallback
    if _ENDS_A_TAG.search(word):
        message = f"{context.name}: `first_name_fallback` is {word!r}, which no tag there can hold"
        table = context.newsletter.table.child("email")
        remedy = "leave out braces, bars, quotes and backslashes"
        raise PartworkError([table.problem("first_name_fallback", message, remedy, "service")])
    return word
