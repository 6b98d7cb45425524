"""Issues: the numbered things a reader receives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.articles import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One or more articles that go out together: `number` is 1-based, `date` the slot it is due."""

    number: int
    date: datetime
    articles: tuple[Article, ...]

    @property
    def path(self) -> str:
        """Its folder in output/: `issues/007-SLUG/`, named after its first article."""
        return f"issues/{self.number:03d}-{self.articles[0].source.slug}/"
