"""The plan: all sources of a newsletter read, ordered, dated and grouped; the door to the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline import (
    articles,
    assets,
    bodies,
    issues,
    markdown,
    notices,
    readings,
    schedule,
    series,
)
from pipeline.articles import NONE, Article, Reading, Source
from pipeline.cache import NOTHING, Cache
from pipeline.catalogue import Catalogue
from pipeline.config import Newsletter
from pipeline.errors import Problem, fail_on_errors
from pipeline.issues import Issue
from pipeline.schedule import Waiting
from pipeline.series import Numbered, Series


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything a newsletter holds: past, due and future.

    `catalogue` has every dated article, its bodies still empty; `sources` every file that could be
    read. `problems` may hold errors only in what `survey` returns.
    """

    catalogue: Catalogue
    sources: tuple[Source, ...]
    drafts: tuple[Numbered | Source, ...]
    waiting: tuple[Waiting, ...]
    problems: tuple[Problem, ...]

    @property
    def newsletter(self) -> Newsletter:
        """The outlet."""
        return self.catalogue.newsletter

    def due(self, as_of: datetime) -> tuple[Issue, ...]:
        """The issues whose slot has come."""
        return tuple(issue for issue in self.catalogue.issues if issue.date <= as_of)

    def dates(self) -> Iterator[datetime]:
        """Every moment at which something is published, goes out, or was changed."""
        for article in self.catalogue.articles:
            yield article.date
            if article.source.updated:
                yield article.source.updated
        for issue in self.catalogue.issues:
            yield issue.date

    def after(self, article: Article) -> Article | None:
        """The next part of an article's series as planned, whether published or not."""
        return self.catalogue.neighbours(article)[1]


_FOLLOW = frozenset({"missing-neighbour", "no-part", "overtakes"})
"""What may seem wrong only because another article could not be read."""


def load(
    newsletter: Newsletter, cache: Cache = NOTHING, read: Mapping[str, Reading] = NONE
) -> Plan:
    """Read and plan; PartworkError carries every error of the sources' front matter and order."""
    plan = survey(newsletter, cache, read)
    return replace(plan, problems=fail_on_errors(plan.problems))


def survey(
    newsletter: Newsletter, cache: Cache = NOTHING, read: Mapping[str, Reading] = NONE
) -> Plan:
    """Read and plan whatever can be; `problems` says the rest, errors included."""
    sources, problems = readings.read_all(newsletter, cache, read)
    return of_sources(newsletter, sources, (*problems, *_pictures(newsletter)))


def of_sources(
    newsletter: Newsletter, sources: tuple[Source, ...], problems: tuple[Problem, ...] = ()
) -> Plan:
    """Plan what was read; `problems` says what could not be."""
    numbered, disorder = series.arrange(newsletter, sources)
    dated, waiting, contradictions = schedule.dated(newsletter, numbered)
    singles, undated = _singles(sources)
    found = [*disorder, *contradictions, *undated]
    if any(one.severity == "error" for one in problems):
        found = [one for one in found if one.rule not in _FOLLOW]
    of_series: dict[str, list[Article]] = {one.key: [] for one in newsletter.series}
    for article in dated:
        of_series[article.source.series or ""].append(article)
    rank = {one.key: at for at, one in enumerate(newsletter.series)}

    def order(article: Article) -> tuple[datetime, int, int, str]:
        source = article.source
        return (
            article.date,
            rank.get(source.series or "", len(rank)),
            article.part or 0,
            source.path,
        )

    everything = tuple(sorted((*dated, *singles), key=order))
    catalogue = Catalogue(
        newsletter=newsletter,
        articles=everything,
        series=tuple(
            Series(settings=one, articles=tuple(of_series[one.key])) for one in newsletter.series
        ),
        issues=issues.group(everything, schedule.slots(newsletter)),
        bodies={},
        notices={},
        around=markdown.Surroundings(
            # A link to a file that could not be read is no mistake of its own.
            articles={one.path: f"articles/{articles.default_slug(one.path)}/" for one in problems}
            | {source.path: f"articles/{source.slug}/" for source in sources},
            root=newsletter.root,
            articles_dir=newsletter.articles,
            smart=newsletter.markdown.smart_punctuation,
            language=newsletter.language,
        ),
        dates={article.path: article.date for article in everything},
    )
    return Plan(
        catalogue=catalogue,
        sources=sources,
        drafts=tuple(part for parts in numbered.values() for part in parts if part.source.draft)
        + tuple(source for source in sources if source.series is None and source.draft),
        waiting=waiting,
        problems=(*problems, *found),
    )


def _pictures(newsletter: Newsletter) -> Iterator[Problem]:
    """The settings' own pictures that are not there, or not inside the articles folder (S3)."""
    top, many = newsletter.table, newsletter.table.child("series")
    for table, key, name in (
        (top.child("newsletter"), "logo", newsletter.logo),
        (top.child("feeds"), "image", newsletter.feeds.image),
        *((many.child(one.key), "image", one.image) for one in newsletter.series),
    ):
        yield from assets.named(newsletter.articles_dir, table, key, name)


def _singles(sources: Iterable[Source]) -> tuple[list[Article], list[Problem]]:
    """Articles outside any series: they need a date of their own."""
    singles: list[Article] = []
    problems: list[Problem] = []
    for source in sources:
        if source.series is not None or source.draft:
            continue
        if source.date is None:
            problems.append(
                Problem(
                    path=source.path,
                    line=1,
                    rule="no-date",
                    message="an article outside any series has no date",
                    remedy="add a line `date: …`, or `series: …` and its part",
                )
            )
        else:
            singles.append(Article(source=source, date=source.date))
    return singles, problems


def published(
    plan: Plan, as_of: datetime, cache: Cache = NOTHING
) -> tuple[Catalogue, tuple[Problem, ...]]:
    """What readers may see at `as_of`, bodies rendered, and every warning.

    PartworkError carries the errors in what is published; a mistake in a future part stops nothing
    today (`checked` finds it).
    """
    catalogue = plan.catalogue.until(as_of)
    catalogue, found = with_bodies(catalogue, cache)
    return catalogue, fail_on_errors([*plan.problems, *found, *_dates(catalogue, as_of)])


def with_bodies(
    catalogue: Catalogue, cache: Cache = NOTHING
) -> tuple[Catalogue, tuple[Problem, ...]]:
    """The catalogue with its articles' bodies and notices rendered."""
    sources = [article.source for article in catalogue.articles]
    rendered = bodies.render_all(catalogue.newsletter, sources, catalogue.around, cache)
    problems = [one for _, found in rendered for one in found]
    said, found = notices.render(catalogue.newsletter, sources, catalogue.around)
    made = {source.id: body for source, (body, _) in zip(sources, rendered, strict=True)}
    return replace(catalogue, bodies=made, notices=said), (*problems, *found)


def checked(plan: Plan, as_of: datetime, cache: Cache = NOTHING) -> tuple[Problem, ...]:
    """Every problem of every source, drafts and future parts included, in order of place."""
    around = plan.catalogue.around
    rendered = bodies.render_all(plan.newsletter, plan.sources, around, cache)
    rendered += [markdown.render(source, around) for source in _bare(plan)]
    found = [one for _, problems in rendered for one in problems]
    _, said = notices.render(plan.newsletter, plan.sources, around)
    dates = _dates(plan.catalogue, as_of)
    if any(one.severity == "error" for one in plan.problems):
        # `check --fix` writes no date while the order may be wrong.
        dates = (one for one in dates if one.rule != "date-not-kept")
    return (*plan.problems, *found, *said, *dates)


def _bare(plan: Plan) -> Iterator[Source]:
    """The bodies of the articles whose front matter is wrong."""
    known = {source.path for source in plan.sources}
    wrong = {one.path for one in plan.problems if one.severity == "error"} - known
    for path in sorted(wrong):
        if path.startswith(f"{plan.newsletter.articles}/"):
            source = articles.bare(plan.newsletter, path)
            if source is not None:
                yield source


def _dates(catalogue: Catalogue, as_of: datetime) -> Iterator[Problem]:
    """Dates that have passed and nothing but the schedule keeps; updates that are to come."""
    for article in catalogue.until(as_of).articles:
        source = article.source
        if source.updated and source.updated > as_of:
            yield Problem(
                path=source.path,
                line=source.line("updated"),
                rule="updated-early",
                message=f"`updated` is {source.updated.isoformat()}, which is still to come",
                remedy="correct it, or feeds say today what happens then",
                severity="warning",
            )
        if article.planned:
            yield Problem(
                path=source.path,
                line=1,
                rule="date-not-kept",
                message=f"its date, {article.date.isoformat()}, came from the schedule and has"
                " passed",
                remedy="run `partwork check --fix` to write it down, so that a part inserted later"
                " moves nothing",
                severity="warning",
            )
