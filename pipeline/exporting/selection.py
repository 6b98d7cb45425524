"""What an export holds: chosen once for all formats, with bodies rendered.

What is published by `as_of`, and nothing else (F1), unless everything is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from pipeline import bodies, notices
from pipeline.articles import Source
from pipeline.cache import NOTHING
from pipeline.config import Author, Newsletter, SeriesSettings
from pipeline.errors import PartworkError, Problem, fail_on_errors
from pipeline.issues import Issue
from pipeline.markdown import Body, Surroundings
from pipeline.notices import Notice
from pipeline.plan import Plan
from pipeline.series import Numbered
from pipeline.tables import did_you_mean

State = Literal["published", "planned", "waiting", "draft"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """An article in an export; `date` is None for a part that waits and for an undated draft."""

    source: Source
    part: int | None
    date: datetime | None
    state: State

    @property
    def path(self) -> str:
        """Its page's folder in output/."""
        return f"articles/{self.source.slug}/"

    @property
    def updated(self) -> datetime | None:
        """The newer of its date and the author's `updated`."""
        known = [one for one in (self.date, self.source.updated) if one is not None]
        return max(known, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The articles in publication order, those without a date last, and what belongs to them.

    `public` are the pages that readers can see, exported or not: links may lead there. `begun` are
    the keys of all series that have begun, exported or not, in that order.
    """

    newsletter: Newsletter
    articles: tuple[Chosen, ...]
    issues: tuple[Issue, ...]
    bodies: Mapping[str, Body]
    notices: Mapping[str, Notice]
    public: Collection[str]
    begun: tuple[str, ...]
    around: Surroundings
    problems: tuple[Problem, ...]
    everything: bool

    @property
    def series(self) -> tuple[tuple[SeriesSettings, tuple[Chosen, ...]], ...]:
        """Each series with articles in here, in the settings' order, its articles in part order."""
        found = []
        for settings in self.newsletter.series:
            parts = [one for one in self.articles if one.source.series == settings.key]
            if parts:
                found.append((settings, tuple(sorted(parts, key=lambda one: one.part or 0))))
        return tuple(found)

    @property
    def singles(self) -> tuple[Chosen, ...]:
        """The articles outside any series."""
        return tuple(one for one in self.articles if one.source.series is None)

    @property
    def pages(self) -> frozenset[str]:
        """The pages of the articles, by their paths."""
        return frozenset(one.path for one in self.articles)

    @property
    def visible(self) -> frozenset[str]:
        """The pages that links in the articles may name."""
        return self.pages | frozenset(self.public)

    def authors_of(self, article: Chosen) -> tuple[Author, ...]:
        """Who wrote an article: its own authors, or the newsletter's."""
        return article.source.authors or (self.newsletter.author,)

    def names(self, articles: Iterable[Chosen]) -> list[str]:
        """The names of all who wrote some articles, each once."""
        return list(dict.fromkeys(one.name for a in articles for one in self.authors_of(a)))


def slug_of(settings: SeriesSettings) -> str:
    """A series' place in URLs and file names; the settings' reader made sure of it (S3)."""
    return settings.slug or settings.key


def refused(rule: str, message: str, remedy: str) -> PartworkError:
    """An export that can't be made."""
    return PartworkError([Problem(path="export", rule=rule, message=message, remedy=remedy)])


def select(
    planned: Plan, as_of: datetime, *, only: Sequence[str] = (), everything: bool = False
) -> Selection:
    """What is published by `as_of`, or with `everything` drafts and what is to come as well.

    `only` names the series to export; none means all, and articles outside any series. Raises
    PartworkError for an unknown series, for nothing to export, and for errors in what is exported.
    """
    newsletter = planned.newsletter
    _expect_known(newsletter, only)
    now = planned.catalogue.until(as_of)
    catalogue = planned.catalogue if everything else now
    chosen = [one for one in catalogue.articles if not only or one.source.series in only]
    articles = [
        Chosen(
            source=one.source,
            part=one.part,
            date=one.date,
            state="published" if one.date <= as_of else "planned",
        )
        for one in chosen
    ]
    if everything:
        articles += (one for one in _undated(planned) if not only or one.source.series in only)
    if not articles:
        raise refused(
            "nothing", "nothing is published yet", "use --all, or a later day with --as-of"
        )
    begun = [one for one in catalogue.series if one.articles]
    around = planned.catalogue.around
    sources = [one.source for one in articles]
    rendered = bodies.render_all(newsletter, sources, around, NOTHING)
    said, found = notices.render(newsletter, sources, around)
    problems = [*planned.problems, *found, *(one for _, told in rendered for one in told)]
    return Selection(
        newsletter=newsletter,
        articles=tuple(articles),
        issues=tuple(_cut(catalogue.issues, {one.id for one in chosen})),
        bodies={one.id: body for one, (body, _) in zip(sources, rendered, strict=True)},
        notices=said,
        public=frozenset(now.visible),
        begun=tuple(one.key for one in sorted(begun, key=lambda one: one.articles[0].date)),
        around=around,
        problems=fail_on_errors(problems),
        everything=everything,
    )


def _undated(planned: Plan) -> list[Chosen]:
    """What the schedule gives no date: parts that wait, and drafts."""
    waiting = [
        Chosen(source=one.source, part=one.part, date=None, state="waiting")
        for one in planned.waiting
    ]
    drafts = [
        Chosen(source=one.source, part=one.number, date=one.source.date, state="draft")
        if isinstance(one, Numbered)
        else Chosen(source=one, part=None, date=one.date, state="draft")
        for one in planned.drafts
    ]
    return [*waiting, *drafts]


def _cut(issues: Sequence[Issue], ids: Collection[str]) -> Iterator[Issue]:
    """The issues under the numbers readers know, with the chosen articles alone."""
    for issue in issues:
        articles = tuple(one for one in issue.articles if one.id in ids)
        if articles:
            yield replace(issue, articles=articles)


def _expect_known(newsletter: Newsletter, only: Sequence[str]) -> None:
    known = [one.key for one in newsletter.series]
    for key in only:
        if key not in known:
            remedy = did_you_mean(key, known) if known else "there is no series yet: leave it out"
            raise refused("unknown-series", f"there is no series {key!r}", remedy)
