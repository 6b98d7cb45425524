"""A whole build, or what the last one made where nothing changed since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from pipeline import cache, standing, workers
from pipeline.built import Built, Progress
from pipeline.cache import Cache
from pipeline.config import Newsletter
from pipeline.standing import Inputs

if TYPE_CHECKING:
    from pipeline.articles import Reading

MANY = 200
"""Files that are worth a process of their own to read."""


def everything(
    newsletter: Newsletter, as_of: datetime, progress: Progress = lambda _: None
) -> Built:
    """Feeds, archive and the emails of every issue that is due; `build.everything` makes them."""

    def build(kept: Cache) -> Built:
        inputs = standing.look(newsletter, kept)
        found = standing.find(newsletter, inputs, as_of, kept)
        return found or _everything(newsletter, as_of, progress, kept, inputs)

    return cache.using(newsletter.root, build)


def _everything(
    newsletter: Newsletter, as_of: datetime, progress: Progress, kept: Cache, inputs: Inputs
) -> Built:
    if not kept.empty or inputs.count < MANY:
        from pipeline import build

        return build.everything(newsletter, as_of, progress, kept, inputs)
    # Much is to be read: another process does it while this one loads the renderers.
    with workers.ahead(partial(_read, newsletter)) as readings:
        from pipeline import articles, build

        def taken(_: Newsletter, paths: Sequence[str]) -> list[Reading]:
            read = readings()  # of the files that were there then
            return [read.get(path) or articles.read(newsletter, path) for path in paths]

        return build.everything(newsletter, as_of, progress, kept, inputs, taken)


def _read(newsletter: Newsletter) -> dict[str, Reading]:
    from pipeline import articles

    paths, _ = articles.files(newsletter)
    return {path: articles.read(newsletter, path) for path in paths}
