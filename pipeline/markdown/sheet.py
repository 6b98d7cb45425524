"""An article's HTML as it grows, and what is learned while it does."""

from __future__ import annotations

from html import escape

from pipeline.articles import Source
from pipeline.errors import Problem
from pipeline.markdown.body import Heading, Image, Link, Outline, Surroundings, Table
from pipeline.markdown.events import Manuscript
from pipeline.markdown.labels import labels
from pipeline.markdown.targets import Mistake, Target, Targets
from pipeline.text import direction

Place = tuple[int, int]
"""Where something stands: the number of its event, and how many lines further on in raw HTML."""


def escaped(text: str) -> str:
    """Text as HTML text: `html.escape` without its call, since there are a hundred an article."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def single(text: str) -> str:
    """Clean text as a single line."""
    return " ".join(text.split())


def attribute(name: str, value: str) -> str:
    """An attribute with the space before it; nothing for an empty value."""
    return f' {name}="{escape(value)}"' if value else ""


class Sheet:
    """What the walk over Markdown and the one over raw HTML write on.

    `out` holds the HTML, piece by piece; `said` the running text that words are counted in.
    `from_right` is true of a text that runs from right to left.
    """

    def __init__(self, source: Source, around: Surroundings, manuscript: Manuscript) -> None:
        self.source = source
        language = source.lang or around.language
        self.labels = labels(language)
        self.from_right = direction(language) == "rtl"
        self.out: list[str] = []
        self.said: list[str] = []
        self.problems: list[Problem] = []
        self.headings: list[tuple[str, int, str, Place]] = []
        self.tables: dict[Place, str] = {}
        self.leads_to: dict[str, str] = {}
        self.assets: dict[str, None] = {}
        self.anchors: dict[str, int] = {}
        self.open_links: list[tuple[str, Place, int]] = []
        self._links: list[tuple[str, Place, str]] = []
        self._images: list[tuple[str, str, str, str, Place]] = []
        self._fragments: list[tuple[str, Place]] = []
        self._manuscript = manuscript
        self._targets = Targets(source, around)
        self.page = self._targets.page

    def outline(self, down: int) -> Outline:
        """What was learned, each with its line; headings have moved `down` so many levels."""
        line = self._line
        return Outline(
            anchors=tuple(self.anchors),
            headings=tuple(
                Heading(id=anchor, level=min(level + down, 6), text=text, line=line(place))
                for anchor, level, text, place in self.headings
            ),
            links=tuple(
                Link(url=url, line=line(place), text=text) for url, place, text in self._links
            ),
            images=tuple(
                Image(url=url, asset=asset or None, alt=alt, title=title, line=line(place))
                for url, asset, alt, title, place in self._images
            ),
            tables=tuple(
                Table(heading=heading, line=line(place)) for place, heading in self.tables.items()
            ),
        )

    def _line(self, place: Place) -> int:
        return self._manuscript.line(place[0]) + place[1]

    def problem(self, mistake: Mistake, place: Place) -> None:
        """Note a mistake."""
        self.problems.append(
            Problem(
                path=self.source.path,
                line=self._line(place),
                message=mistake.message,
                remedy=mistake.remedy,
                rule=mistake.rule,
                severity=mistake.severity,
            )
        )

    def unique(self, wish: str) -> str:
        """An id that no other element of the article has, as near to a wish as can be."""
        name, count = wish, self.anchors.get(wish, 0)
        while name in self.anchors:
            count += 1
            name = f"{wish}-{count + 1}"
        self.anchors[wish] = count
        self.anchors.setdefault(name, 0)
        return name

    def open_link(self, written: str, title: str, place: Place, *, anchor: str = "") -> None:
        """Begin a link, `anchor` its id attribute; one that leads nowhere keeps its text alone."""
        target = self._targets.link(written)
        url = ""
        if isinstance(target, Mistake):
            self.problem(target, place)
        else:
            url = self._note(target, place)
            self.out.append(f'<a href="{escape(url)}"{attribute("title", title)}{anchor}>')
        self.open_links.append((url, place, len(self.said)))

    def close_link(self) -> None:
        """End the innermost link."""
        url, place, begin = self.open_links.pop()
        if url:
            self.out.append("</a>")
            self._links.append((url, place, single("".join(self.said[begin:]))))

    def image(self, written: str, alt: str, title: str, place: Place) -> str:
        """An image's attributes but for its title; empty where there is no picture to show."""
        if not alt:
            message = f"the image {written!r} has no alternative text"
            remedy = "say in words what it shows, ![like this](…), for readers who can't see it"
            self.problem(Mistake(message, remedy, "image-alt"), place)
        target = self._targets.image(written)
        if isinstance(target, Mistake):
            self.problem(target, place)
            return ""
        url = self._note(target, place)
        self._images.append((url, target.asset, alt, title, place))
        return f'src="{escape(url)}" alt="{escape(alt)}"'

    def check_fragments(self) -> None:
        """Warn of links to places that the article does not have."""
        for fragment, place in self._fragments:
            if fragment not in self.anchors:
                mistake = Mistake(
                    f"no heading has the id {fragment!r}",
                    "correct the link, or give a heading that id: {#" + fragment + "}",
                    "link-fragment",
                    "warning",
                )
                self.problem(mistake, place)

    def _note(self, target: Target, place: Place) -> str:
        if target.article:
            self.leads_to[target.source] = target.article
        if target.asset:
            self.assets[target.asset] = None
        if target.fragment:
            self._fragments.append((target.fragment, place))
        return target.url
