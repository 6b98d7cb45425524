"""How the newsletter's feed grew: its size in bytes after each publication.

Made anew from the articles as they stand, by the very renderer that `build` uses: nothing records
the sizes of feeds of the past, and texts edited since count as they read now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pipeline import feeds, plan
from pipeline.plan import Plan

MOST = 24
"""Moments at most: each has the whole feed rendered once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The feed at a moment: its file, how many articles were published, its bytes."""

    at: datetime
    file: str
    articles: int
    bytes: int


def sizes(
    planned: Plan, as_of: datetime, told: Callable[[str], None] = lambda _: None
) -> tuple[Size, ...]:
    """The size of the feed's first format after each publication, `MOST` of them evenly chosen.

    The first and the last are always among them; `told` is called with each moment. PartworkError
    where the articles hold a mistake.
    """
    catalogue, _ = plan.published(planned, as_of)
    if not catalogue.newsletter.feeds.formats:
        return ()
    found = []
    for moment in _chosen(sorted({article.date for article in catalogue.articles})):
        then = catalogue.until(moment)
        told(f"the feed of {moment.date().isoformat()}")
        file, size = feeds.size(then)
        found.append(Size(at=moment, file=file, articles=len(then.articles), bytes=size))
    return tuple(found)


def _chosen(moments: list[datetime]) -> list[datetime]:
    if len(moments) <= MOST:
        return moments
    last = len(moments) - 1
    return [moments[round(at * last / (MOST - 1))] for at in range(MOST)]
