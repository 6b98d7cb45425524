"""The plain-text twin: it says what the HTML says, and reads well in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from pipeline.lint.looks import visible
from pipeline.lint.mail import Cause, Finding, Mail, Rule, address, named, once, said, without_utm
from pipeline.lint.size import merge_free
from pipeline.plaintext.wrap import columns
from pipeline.text import MERGE_START

LINE = 76
"""The widest line in columns (a wide letter takes two, a mark none): what `text/plain` mail was
always wrapped below."""
SHARE = 0.5
"""How much of the HTML's words the text must have at least."""

RULES = {
    "text-empty": Rule(
        doc="The plain text is empty.",
        why="Watches, terminals and some screen readers show nothing, and filters count it.",
        source="RFC 2046 §5.1.4; SpamAssassin, MPART_ALT_DIFF",
        mend="restore issue.txt.j2",
    ),
    "text-stub": Rule(
        doc="The plain text has less than half of the HTML's words.",
        why="A part that only says “view this in a browser” costs 2.2 points of spam.",
        source="SpamAssassin 4, MPART_ALT_DIFF, measured",
        mend="give every block of the HTML template its twin in issue.txt.j2",
    ),
    "text-entity": Rule(
        doc="An HTML entity was left in the plain text.",
        why="A reader sees `&amp;` or `&nbsp;`.",
        source="RFC 2046 §4.1.3",
        mend="leave escaping out of issue.txt.j2",
    ),
    "text-line": Rule(
        doc="A line of the plain text is wider than 76 columns, URLs and code apart.",
        why="Programs break it again, after single words.",
        source="RFC 5322 §2.1.1; RFC 2045 §6.7",
        mend="wrap the line in issue.txt.j2",
    ),
    "text-link": Rule(
        doc="A link of the HTML can't be reached from the plain text.",
        why="Who reads the text has no way to it.",
        source="WCAG 2.2 §1.1.1",
        mend="print its URL in issue.txt.j2",
    ),
}

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_URL = re.compile(r"<?(?:https?://|mailto:)\S+")
_WORD = re.compile(r"\w+")
# One word that nothing can break, behind an indent and a quotation's or a list's mark; and code,
# which stands four columns in and stays as it was written.
_WORD_OR_CODE = re.compile(
    r"[\s>|]*(?:[-*•☐☑]\s+|\d+[.)]\s+|\[\^?\w+\]\s+)?\S*\s*|[>| ]*(?: {4}|\t).*"
)


def check(mail: Mail) -> Iterator[Finding]:
    """Every finding on the plain text."""
    if not mail.text.strip():
        yield Finding(rule="text-empty", message="the plain text is empty")
        return
    seen = " ".join(text for text, _, _ in visible(mail.light))
    words, wanted = len(_WORD.findall(_URL.sub(" ", mail.text))), len(_WORD.findall(seen))
    if words < wanted * SHARE:
        message = f"the plain text has {words} words, the HTML {wanted}"
        yield Finding(rule="text-stub", message=message)
    yield from _entities(mail.text, seen)
    yield from _lines(merge_free(mail.text))
    yield from once(_links(mail))


def _entities(text: str, seen: str) -> Iterator[Finding]:
    """Entities that a reader of the HTML does not see as such: an article may be about HTML."""
    for found in dict.fromkeys(_ENTITY.findall(_URL.sub(" ", text))):
        if found not in seen:
            yield Finding(rule="text-entity", message=f"the plain text holds {found!r}")


def _lines(text: str) -> Iterator[Finding]:
    long = [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if columns(rest := _URL.sub("", line).rstrip()) > LINE and not _WORD_OR_CODE.fullmatch(rest)
    ]
    if long:
        number, line = long[0]
        more = f", and {len(long) - 1} more lines are too long" if len(long) > 1 else ""
        message = f"the line {named(line, 30)} takes {columns(line)} columns{more}"
        yield Finding(rule="text-line", message=message, line=number)


def _links(mail: Mail) -> Iterator[Finding]:
    text = unquote(without_utm(mail.text))
    for link in mail.elements("a"):
        url, content = (link.get("href") or "").strip(), said(link)
        # What has no text has no place in the text: link-nameless says it.
        if content and not _is_reachable(url, text, mail):
            cause = Cause(kind="link", url=url, text=content)
            message = f"the link {named(content)} to {url[:80]} is not in the plain text"
            yield Finding(rule="text-link", message=message, cause=cause)


def _is_reachable(url: str, text: str, mail: Mail) -> bool:
    if MERGE_START in url:
        return url in text
    parts = address(url)
    if parts.scheme == "mailto":
        to = unquote(parts.path)
        return not to or to in text or to.lower() in mail.answers
    if parts.scheme not in ("http", "https"):
        return parts.scheme not in ("tel", "sms") or unquote(parts.path) in text
    # The text of `www.e.example` is the link: plain text says it without the scheme, as it stands.
    plain = unquote(without_utm(url)).removeprefix("https://")
    return plain in text or plain.partition("#")[0] in text
