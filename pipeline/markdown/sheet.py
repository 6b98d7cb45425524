"""An article's HTML as it grows, and what is learned while it does."""

from __future__ import annotations

from html import escape

from pipeline.articles import Source
from pipeline.errors import Problem
from pipeline.markdown.body import Heading, Image, Link, Surroundings
from pipeline.markdown.events import Manuscript
from pipeline.markdown.labels import labels
from pipeline.markdown.targets import Mistake, Target, Targets


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
    """

    def __init__(self, source: Source, around: Surroundings, manuscript: Manuscript) -> None:
        self.source = source
        self.labels = labels(source.lang or around.language)
        self.out: list[str] = []
        self.said: list[str] = []
        self.problems: list[Problem] = []
        self.headings: list[Heading] = []
        self.links: list[Link] = []
        self.images: list[Image] = []
        self.leads_to: dict[str, str] = {}
        self.assets: dict[str, None] = {}
        self.anchors: dict[str, int] = {}
        self.open_links: list[tuple[str, int, int]] = []
        self._fragments: list[tuple[str, int]] = []
        self._manuscript = manuscript
        self._targets = Targets(source, around)
        self.page = self._targets.page

    def line(self, offset: int) -> int:
        """The line in the file of a byte offset in the body."""
        return self._manuscript.line(offset)

    def problem(self, mistake: Mistake, line: int) -> None:
        """Note a mistake."""
        self.problems.append(
            Problem(
                path=self.source.path,
                line=line,
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

    def open_link(self, written: str, title: str, line: int, *, anchor: str = "") -> None:
        """Begin a link, `anchor` its id attribute; one that leads nowhere keeps its text alone."""
        target = self._targets.link(written)
        url = ""
        if isinstance(target, Mistake):
            self.problem(target, line)
        else:
            url = self._note(target, line)
            self.out.append(f'<a href="{escape(url)}"{attribute("title", title)}{anchor}>')
        self.open_links.append((url, line, len(self.said)))

    def close_link(self) -> None:
        """End the innermost link."""
        url, line, begin = self.open_links.pop()
        if url:
            self.out.append("</a>")
            text = single("".join(self.said[begin:]))
            self.links.append(Link(url=url, line=line, text=text))

    def image(self, written: str, alt: str, title: str, line: int) -> str:
        """An image's attributes but for its title; empty where there is no picture to show."""
        if not alt:
            message = f"the image {written!r} has no alternative text"
            remedy = "say in words what it shows, ![like this](…), for readers who can't see it"
            self.problem(Mistake(message, remedy, "image-alt"), line)
        target = self._targets.image(written)
        if isinstance(target, Mistake):
            self.problem(target, line)
            return ""
        url = self._note(target, line)
        asset = target.asset or None
        self.images.append(Image(url=url, asset=asset, alt=alt, title=title, line=line))
        return f'src="{escape(url)}" alt="{escape(alt)}"'

    def check_fragments(self) -> None:
        """Warn of links to places that the article does not have."""
        for fragment, line in self._fragments:
            if fragment not in self.anchors:
                mistake = Mistake(
                    f"no heading has the id {fragment!r}",
                    "correct the link, or give a heading that id: {#" + fragment + "}",
                    "link-fragment",
                    "warning",
                )
                self.problem(mistake, line)

    def _note(self, target: Target, line: int) -> str:
        if target.article:
            self.leads_to[target.source] = target.article
        if target.asset:
            self.assets[target.asset] = None
        if target.fragment:
            self._fragments.append((target.fragment, line))
        return target.url
