"""What a list of mails shows of an issue before anybody opens it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import html as lxml_html

from pipeline.preview.letter import Letter
from pipeline.text import one_line

SNIPPET = 250
"""Characters: more than any list shows."""

_UNSEEN = re.compile(r"<!--.*?-->|<(style|title|script)\b.*?</\1>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """Who it is from, its subject, and the first words a program finds in it."""

    sender: str
    subject: str
    snippet: str


def row(letter: Letter) -> InboxRow:
    """An issue in a list of mails.

    Programs take the snippet from the HTML's text, hidden or not, so it goes on where the preheader
    ends.
    """
    body = lxml_html.document_fromstring(_UNSEEN.sub(" ", letter.html))
    words = one_line(" ".join(map(str, body.itertext())))
    return InboxRow(
        sender=letter.newsletter.sender_name,
        subject=letter.email.subject,
        snippet=words[:SNIPPET],
    )
