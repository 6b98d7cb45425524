"""A folder of articles to render Markdown in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline import markdown, plaintext
from pipeline.articles import Source
from pipeline.errors import Problem
from pipeline.markdown import Body, Outline, Surroundings
from pipeline.spool import held
from pipeline.text import OWN_ROOT

ROOT_URL = "https://news.example/letters/"
PAGES = ("articles/first/", "articles/second/", "articles/später/")


@dataclass
class Desk:
    """Renders what is written as the body of `articles/01-first.md`, from line 11 of the file."""

    root: Path
    around: Surroundings = field(init=False)
    path: str = "articles/01-first.md"

    def __post_init__(self) -> None:
        for name in ("articles/images/chart.png", "articles/deep/er/map.png", "articles/a b.pdf"):
            self.put(name)
        self.put("outside.png")
        articles = dict(zip(("01-first", "02-second", "deep/später"), PAGES, strict=True))
        self.around = Surroundings(
            articles={f"articles/{name}.md": page for name, page in articles.items()},
            root=self.root,
        )
        for path in self.around.articles:
            self.put(path)

    def put(self, name: str) -> None:
        place = self.root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"x")

    def source(self, text: str) -> Source:
        slug = self.around.articles[self.path].split("/")[1]
        return Source(
            path=self.path,
            id="tag:x",
            title="First",
            slug=slug,
            text=held(text.encode()),
            body_line=11,
        )

    def render(self, text: str) -> tuple[Body, tuple[Problem, ...]]:
        return markdown.render(self.source(text), self.around)

    def outline(self, text: str) -> Outline:
        """What stands in a text."""
        return markdown.outline(self.source(text), self.around)

    def body(self, text: str) -> Body:
        """The body of a text that has no mistake."""
        body, problems = self.render(text)
        assert [str(one) for one in problems] == []
        return body

    def html(self, text: str) -> str:
        """The neutral HTML, `~/` for the newsletter's root."""
        return self.render(text)[0].html.replace(OWN_ROOT, "~/").rstrip("\n")

    def mistakes(self, text: str) -> list[tuple[int | None, str, str]]:
        return [(one.line, one.rule, one.severity) for one in self.render(text)[1]]

    def text(self, text: str, *, visible: tuple[str, ...] = PAGES, width: int = 72) -> str:
        return plaintext.render(
            self.render(text)[0],
            language=self.around.language,
            root_url=ROOT_URL,
            visible=visible,
            width=width,
        )

    def plain(self) -> Desk:
        """The same desk without smart punctuation."""
        other = Desk(self.root)
        other.around = replace(self.around, smart=False)
        return other

    def at(self, path: str) -> Desk:
        """The same desk with another article on it."""
        other = Desk(self.root)
        other.path = path
        return other
