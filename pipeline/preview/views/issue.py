"""An issue, in every way a reader may meet it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from pipeline.emails.cut import LIMIT
from pipeline.errors import PartworkError, Problem, in_order
from pipeline.lint import Finding
from pipeline.markdown import outline
from pipeline.preview import inbox
from pipeline.preview.inbox import InboxRow
from pipeline.preview.letter import Letter
from pipeline.preview.marks import marked
from pipeline.preview.picture import Picture, Sight
from pipeline.preview.views.surround import Fault, faults
from pipeline.preview.words import Place, day, size, when
from pipeline.text import OWN_ROOT

VIEWS = {
    "": "Side by side",
    "phone": "Phone",
    "desktop": "Desktop",
    "dark": "Dark",
    "images-off": "Images off",
    "inbox": "Inbox",
    "text": "Plain text",
    "findings": "Findings",
    "message": "Message",
}
"""The ways by their names in addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A finding of the lint; `number` is its mark in the email where `marked`."""

    number: int
    fault: Fault
    marked: bool
    line: int | None = None
    """The line of the plain text it speaks of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the plain text and the notes on it."""

    number: int
    words: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link of the issue's articles and where it is written."""

    words: str
    url: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueView:
    """One issue. `notes` are all findings; `of_inbox`, `of_text` those beside these two views.

    `message` is empty where the settings lack something for one, and `unfit` says what.
    """

    number: int
    title: str
    date: str
    short: str
    not_due: bool
    draft: bool
    articles: tuple[Place, ...]
    before: int | None
    after: int | None
    row: InboxRow
    preheader: str
    notes: tuple[Note, ...]
    of_inbox: tuple[Note, ...]
    of_text: tuple[Note, ...]
    warnings: tuple[Fault, ...]
    lines: tuple[Line, ...]
    links: tuple[Link, ...]
    headers: str
    unfit: tuple[Fault, ...]
    sizes: tuple[tuple[str, str], ...]
    file: str


def view(sight: Sight, number: int) -> IssueView:
    """An issue; LookupError where there is none of this number, PartworkError for its errors."""
    letter, picture = sight.letter(number), sight.picture
    issue, zone = letter.issue, sight.newsletter.zone
    notes = _notes(picture, letter)
    of_text = tuple(one for one in notes if one.fault.rule.startswith("text-"))
    count = len(sight.plan.catalogue.issues)
    raw, unfit = _message(letter)
    html = len(letter.email.html.encode())
    return IssueView(
        number=number,
        title=issue.articles[0].title,
        date=when(issue.date, zone),
        short=day(issue.date, zone),
        not_due=issue.date > sight.as_of,
        draft=any(one.source.path in picture.drafts for one in issue.articles),
        articles=tuple(picture.place(one.source.path) for one in issue.articles),
        before=number - 1 if number > 1 else None,
        after=number + 1 if number < count else None,
        row=inbox.row(letter),
        preheader=letter.email.preheader,
        notes=notes,
        of_inbox=tuple(
            one for one in notes if one.fault.rule.startswith(("subject-", "preheader-"))
        ),
        of_text=of_text,
        warnings=faults(picture, in_order(letter.warnings)),
        lines=_lines(letter.text, of_text),
        links=_links(picture, letter),
        headers=raw.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").replace("\r\n", "\n"),
        unfit=faults(picture, unfit),
        sizes=(
            ("HTML", f"{size(html)} of the {size(LIMIT)} that Gmail shows"),
            ("Plain text", size(len(letter.email.text.encode()))),
            ("Whole message", size(len(raw)) if raw else "none"),
            ("Pictures", str(len(letter.pictures))),
        ),
        file=letter.file,
    )


def _notes(picture: Picture, letter: Letter) -> tuple[Note, ...]:
    findings = ordered(letter)
    _, places = marked(letter.html, [one for one, _ in findings])
    shown = faults(picture, [problem for _, problem in findings])
    return tuple(
        Note(number=number, fault=fault, marked=number in places, line=finding.line)
        for number, ((finding, _), fault) in enumerate(zip(findings, shown, strict=True), 1)
    )


def ordered(letter: Letter) -> list[tuple[Finding, Problem]]:
    """The findings in the order of their numbers: errors first, then by place."""
    return sorted(letter.findings, key=lambda one: (one[1].severity, one[1].path, one[1].line or 0))


def _lines(text: str, notes: tuple[Note, ...]) -> tuple[Line, ...]:
    return tuple(
        Line(number=number, words=line, notes=tuple(one for one in notes if one.line == number))
        for number, line in enumerate(text.splitlines(), 1)
    )


def _links(picture: Picture, letter: Letter) -> tuple[Link, ...]:
    """The articles' links as the email has them: whole, and none to what is not public (F1)."""
    around, visible = letter.catalogue.around, letter.catalogue.visible
    hidden = {OWN_ROOT + quote(page) for page in around.articles.values() if page not in visible}
    return tuple(
        Link(
            words=link.text,
            url=f"{own}{link.url}".replace(OWN_ROOT, letter.newsletter.root_url),
            place=picture.place(article.source.path, link.line),
        )
        for article in letter.issue.articles
        for link in outline(article.source, around).links
        if re.split("[?#]", link.url)[0] not in hidden
        for own in [OWN_ROOT + quote(article.path) if link.url.startswith("#") else ""]
    )


def _message(letter: Letter) -> tuple[bytes, tuple[Problem, ...]]:
    try:
        return letter.message(), ()
    except PartworkError as error:
        return b"", error.problems
