"""Notices: the disclaimer at an entry's end, written in Markdown in the settings or the article."""

from __future__ import annotations

import posixpath
from dataclasses import replace

from pipeline import markdown
from pipeline.articles import Source
from pipeline.catalogue import Catalogue
from pipeline.markdown import Body


class Notices:
    """The notices of a catalogue's articles; one that many share is rendered once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._newsletter = catalogue.newsletter
        self._made: dict[tuple[str, str], Body] = {}
        self._around = catalogue.around

    def of(self, source: Source) -> Body:
        """An article's own notice, the newsletter's where it says nothing; an empty one is none."""
        if source.notice is None:
            return self._body(source, self._newsletter.notice, self._newsletter.articles)
        return self._body(source, source.notice, posixpath.dirname(source.path))

    def _body(self, source: Source, text: str, folder: str) -> Body:
        if (text, folder) not in self._made:
            written = replace(source, path=f"{folder}/notice", body=text, body_line=1)
            self._made[text, folder] = markdown.render(written, self._around)[0]
        return self._made[text, folder]
