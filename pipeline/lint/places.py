"""Where the causes of findings stand: an article's file and line for what an article says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from pipeline import notices
from pipeline.articles import Article
from pipeline.catalogue import Catalogue
from pipeline.issues import Issue
from pipeline.lint.mail import Cause, without_utm
from pipeline.markdown import Outline, outline
from pipeline.text import OWN_ROOT, fold

Place = tuple[str, int]
"""A file and a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """`email` is the folder of the email's own files, relative to the newsletter's.

    `causes` gives the place of what articles say by its kind and a name: a link by URL or text, an
    image by URL or alternative text, a heading by text, a table by its first heading. `written` is
    what authors wrote that may hold a backslash.
    """

    email: str
    causes: Mapping[tuple[str, str], Place] = field(default_factory=dict)
    written: tuple[str, ...] = ()

    def find(self, cause: Cause) -> Place | None:
        """The place of a cause, None where no article says such a thing."""
        names = (_url(cause.url), fold(cause.text)) if cause.url or cause.text else ("",)
        found = (self.causes.get((cause.kind, name)) for name in names)
        return next((one for one in found if one is not None), None)


def places_of(catalogue: Catalogue, issue: Issue, folder: str) -> Places:
    """The places of everything in an issue; the first of several that share a name.

    `folder` is where builds write the issue, relative to the newsletter's.
    """
    outlines = {one.id: outline(one.source, catalogue.around) for one in issue.articles}
    causes: dict[tuple[str, str], Place] = {}
    for kind, name, place in (
        *_said(catalogue.newsletter.root_url, issue, outlines),
        *_noticed(catalogue, issue),
    ):
        causes.setdefault((kind, name), place)
    return Places(
        email=f"{folder}/{issue.path}",
        causes=causes,
        written=tuple(one for article in issue.articles for one in _written(article, outlines)),
    )


def _said(
    root: str, issue: Issue, outlines: Mapping[str, Outline]
) -> Iterator[tuple[str, str, Place]]:
    first = issue.articles[0].source
    yield "subject", "", (first.path, first.line("title"))
    yield "preheader", "", (first.path, first.line("summary" if first.summary else "title"))
    for article in issue.articles:
        source, stands = article.source, outlines[article.id]
        if source.image:
            place = (source.path, source.line("image"))
            yield "image", fold(source.image_alt), place
        yield "heading", fold(source.title), (source.path, source.line("title"))
        for kind, name, line in _inside(root, stands):
            yield kind, name, (source.path, line)


def _noticed(catalogue: Catalogue, issue: Issue) -> Iterator[tuple[str, str, Place]]:
    """What the notices say: each stands at one line of the settings or of its article."""
    newsletter = catalogue.newsletter
    for article in issue.articles:
        if notice := catalogue.notices.get(article.id):
            place = notices.place(newsletter, article.source)
            stands = outline(notice.source, catalogue.around)
            for kind, name, _ in _inside(newsletter.root_url, stands):
                yield kind, name, place


def _inside(root: str, stands: Outline) -> Iterator[tuple[str, str, int]]:
    for link in stands.links:
        yield "link", _url(link.url.replace(OWN_ROOT, root)), link.line
        yield "link", fold(link.text), link.line
    for image in stands.images:
        yield "image", _url(image.url.replace(OWN_ROOT, root)), image.line
        yield "image", fold(image.alt), image.line
    for heading in stands.headings:
        yield "heading", fold(heading.text), heading.line
    for table in stands.tables:
        yield "table", fold(table.heading), table.line


def _written(article: Article, outlines: Mapping[str, Outline]) -> Iterator[str]:
    source, stands = article.source, outlines[article.id]
    yield from (source.title, source.summary, source.image_alt, source.image)
    yield from (link.url.replace(OWN_ROOT, "") for link in stands.links)
    for image in stands.images:
        yield from (image.alt, image.title, image.url.replace(OWN_ROOT, ""))


def _url(url: str) -> str:
    """A URL as it compares: without what `[email] utm` adds, percent-encoding undone."""
    return unquote(without_utm(url))
