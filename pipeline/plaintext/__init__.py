"""An article as plain text: the part of an issue that needs no HTML, made from its body."""

from __future__ import annotations

from collections.abc import Collection

from pipeline.markdown import Body
from pipeline.markdown.derive import absolute, without_hidden
from pipeline.markdown.labels import labels
from pipeline.markdown.mail import without_ways_back
from pipeline.plaintext.walk import Walk


def render(
    body: Body, *, language: str, root_url: str, visible: Collection[str], width: int = 72
) -> str:
    """An article's text in lines of at most `width` columns, but for code and URLs.

    `language` (BCP 47) is that of its own few words; `root_url` is the newsletter's URL,
    percent-encoded and ending in a slash. Links are numbered and listed at the end, a URL with one
    number however often it is linked; a bare URL stands in the text alone. Links to articles that
    are not in `visible` keep their text alone (F1). Ends in a line end unless it is empty.
    """
    html = without_ways_back(without_hidden(body, visible))
    lines = Walk(absolute(html, root_url, body.path), labels(language), width).run()
    return "\n".join([*lines, ""])
