"""The catalogue: everything a newsletter holds, in order; `until` leaves what readers may see."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from pipeline.articles import Article
from pipeline.config import Author, Newsletter
from pipeline.issues import Issue
from pipeline.markdown import Body, Surroundings
from pipeline.notices import Notice
from pipeline.series import Series

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Visible(Collection[str]):
    """The paths of the pages that are published by a moment (`articles/sciatica/`).

    `dates` is shared by all cuts of a catalogue, so that one per issue costs nothing.
    """

    dates: Mapping[str, datetime]
    until: datetime

    def __contains__(self, path: object) -> bool:
        date = self.dates.get(path)  # type: ignore[call-overload]  # what is no path has no date
        return date is not None and date <= self.until

    def __iter__(self) -> Iterator[str]:
        return (path for path in self.dates if path in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """A newsletter's articles in publication order, its series and its issues.

    Renderers are handed `catalogue.until(as_of)`, so what is not published cannot reach them (F1):
    neighbours, counts, lists and bodies are all of this value.
    """

    newsletter: Newsletter
    articles: tuple[Article, ...]
    series: tuple[Series, ...]
    issues: tuple[Issue, ...]
    bodies: Mapping[str, Body]
    """Each article's rendered body by article id."""
    notices: Mapping[str, Notice]
    """Each article's notice by article id; absent where it has none."""
    around: Surroundings
    """What links can reach, published or not: `visible` says which articles among them are."""
    dates: Mapping[str, datetime]
    """When each article's page is published, by its path; that of the whole plan in every cut."""

    def until(self, as_of: datetime) -> Catalogue:
        """The catalogue as readers see it at `as_of` (an aware datetime)."""
        begun = [one for one in self.series if one.articles and one.articles[0].date <= as_of]
        return replace(
            self,
            articles=_before(self.articles, as_of),
            series=tuple(
                [one if one.articles[-1].date <= as_of else _cut(one, as_of) for one in begun]
            ),
            issues=_before(self.issues, as_of),
        )

    @property
    def visible(self) -> Visible:
        """The pages that links may lead to (F1)."""
        return Visible(self.dates, self.articles[-1].date if self.articles else _NEVER)

    @property
    def updated(self) -> datetime | None:
        """When the newest change was made (D2), None for an empty newsletter."""
        return max((article.updated for article in self.articles), default=None)

    def series_of(self, article: Article) -> Series | None:
        """The series an article is a part of, None outside any series."""
        return next((s for s in self.series if s.key == article.source.series), None)

    def neighbours(self, article: Article) -> tuple[Article | None, Article | None]:
        """The parts before and after an article in its series, as far as they are in here."""
        series = self.series_of(article)
        if series is None:
            return None, None
        parts = series.articles
        at = bisect_left(parts, article.part or 0, key=lambda one: one.part or 0)
        return (parts[at - 1] if at else None, parts[at + 1] if at + 1 < len(parts) else None)

    def authors_of(self, article: Article) -> tuple[Author, ...]:
        """Who wrote an article: its own authors, or the newsletter's."""
        return article.source.authors or (self.newsletter.author,)


def _cut(series: Series, as_of: datetime) -> Series:
    return replace(series, articles=_before(series.articles, as_of))


_Dated = TypeVar("_Dated", Article, Issue)


def _before(dated: tuple[_Dated, ...], as_of: datetime) -> tuple[_Dated, ...]:
    """The items up to a moment; each tuple is in order of date (O2), so a cut is enough."""
    return dated[: bisect_right(dated, as_of, key=lambda one: one.date)]
