"""What a check is given, and what it gives: a mail, findings, and the rules they break."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol
from urllib.parse import SplitResult, urlsplit

from lxml.html import HtmlElement

from pipeline import text
from pipeline.errors import Severity
from pipeline.lint.css import Scheme
from pipeline.lint.document import Document
from pipeline.lint.looks import Look, looks

_UTM = re.compile(r"[?&]utm_[a-z]+=[^&#\s>]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing an email is held to.

    `doc` says in a sentence what is found, `why` what readers see otherwise, `source` where the
    fact is from, `mend` what to do.
    """

    doc: str
    why: str
    source: str
    mend: str
    severity: Severity = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What of an article may have brought a finding about: matched against what it says."""

    kind: Literal["link", "image", "heading", "table", "subject", "preheader"]
    url: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule broken: where it has no `cause` in an article, the email itself is named."""

    rule: str
    message: str
    cause: Cause | None = None
    remedy: str = ""
    """In place of the rule's own."""
    line: int | None = None
    """The line in the email's own file."""
    feature: str = ""
    """The feature of HTML or CSS that is meant; settings may name it in place of the rule."""


class Message(Protocol):
    """An email as far as the lint reads it; merge points may be neutral or filled."""

    @property
    def subject(self) -> str:
        """The subject line."""
        ...

    @property
    def preheader(self) -> str:
        """What inboxes show beside it."""
        ...

    @property
    def html(self) -> str:
        """The HTML document."""
        ...

    @property
    def text(self) -> str:
        """Its plain-text twin."""
        ...


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A message with its HTML parsed; `written` is what authors wrote, as `escapes` needs it."""

    subject: str
    preheader: str
    text: str
    document: Document
    written: tuple[str, ...] = ()
    answers: frozenset[str] = field(default_factory=frozenset)
    """Addresses that an answer to the email reaches: the text need not name them."""

    @cached_property
    def light(self) -> Mapping[HtmlElement, Look]:
        """Each element's look in the light scheme."""
        return looks(self.document, "light")

    @cached_property
    def dark(self) -> Mapping[HtmlElement, Look]:
        """Each element's look in the dark scheme."""
        return looks(self.document, "dark")

    def looks(self, scheme: Scheme) -> Mapping[HtmlElement, Look]:
        """Each element's look in a scheme."""
        return self.light if scheme == "light" else self.dark

    def elements(self, *tags: str) -> Iterator[HtmlElement]:
        """The body's elements of these tags that a reader may see, in order."""
        for element in self.document.body.iter(*tags):
            look = self.light.get(element)
            if look is not None and not look.hidden:
                yield element


def said(element: HtmlElement) -> str:
    """An element's text on one line, its pictures' alternative texts in their places."""
    pieces: list[str] = []
    for one in element.iter():
        if not isinstance(one.tag, str):
            continue
        pieces.append(one.get("alt") or "" if one.tag == "img" else "")
        pieces.append(one.text or "")
        if one is not element:
            pieces.append(one.tail or "")
    return text.one_line(" ".join(pieces)) if pieces else ""


def address(url: str) -> SplitResult:
    """A URL taken apart; one that is broken has no part but its path."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", url, "", "")


def without_utm(text: str) -> str:
    """Text whose URLs have lost what `[email] utm` adds, so that tagged and plain ones compare."""
    return _UTM.sub("", text)


def named(content: str, limit: int = 50) -> str:
    """Text as a message quotes it."""
    return f"“{text.excerpt(content, limit)}”" if content.strip() else "without text"


def once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Each finding the first time it comes."""
    yield from dict.fromkeys(findings)
