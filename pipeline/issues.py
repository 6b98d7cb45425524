"""Issues: the numbered things a reader receives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from pipeline.articles import Article
from pipeline.schedule import Slots


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


def group(articles: Iterable[Article], slots: Slots | None) -> tuple[Issue, ...]:
    """Gather articles (in publication order) into issues.

    An issue holds what became due since the slot before it, in order; a slot with nothing makes no
    issue and takes no number. Without a schedule every date is an issue of its own.

    A slot that is closed for a holiday opens for an article whose file names it as its date: the
    author meant that day, or readers had the issue before holidays counted.
    """
    articles = tuple(articles)
    named = {article.date for article in articles if not article.planned}

    def due(article: Article) -> datetime:
        if slots is None:
            return article.date
        index = slots.index(article.date)
        while slots.holiday(index) and slots.at(index) not in named:
            index += 1
        return slots.at(index)

    return tuple(
        Issue(number=number, date=date, articles=tuple(members))
        for number, (date, members) in enumerate(groupby(articles, key=due), 1)
    )
