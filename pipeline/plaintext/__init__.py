"""An article as plain text: the part of an issue that needs no HTML, made from the Markdown."""

from __future__ import annotations

from collections.abc import Collection

from pipeline.articles import Source
from pipeline.markdown import Surroundings
from pipeline.markdown.events import Manuscript
from pipeline.markdown.labels import labels
from pipeline.markdown.targets import Targets
from pipeline.plaintext.inline import Inline
from pipeline.plaintext.walk import Walk


def render(
    source: Source,
    surroundings: Surroundings,
    *,
    root_url: str,
    visible: Collection[str],
    width: int = 72,
) -> str:
    """An article's text in lines of at most `width` columns, but for code and URLs.

    `root_url` is the newsletter's URL, percent-encoded and ending in a slash. Links are numbered
    and listed at the end, a URL with one number however often it is linked; a bare URL stands in
    the text alone. Links to articles that are not in `visible` keep their text alone (F1). Ends in
    a line end unless it is empty.
    """
    manuscript = Manuscript(source.body, first_line=source.body_line, smart=surroundings.smart)
    inline = Inline(Targets(source, surroundings), root_url, visible)
    words = labels(source.lang or surroundings.language)
    lines = Walk(manuscript, inline, words, width).run()
    return "\n".join([*lines, ""])
