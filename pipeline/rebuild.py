"""A whole build, or what the last one made where nothing changed since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pipeline import cache, standing
from pipeline.built import Built
from pipeline.config import Newsletter


def everything(
    newsletter: Newsletter, as_of: datetime, progress: Callable[[str], None] = lambda _: None
) -> Built:
    """Feeds, archive and the emails of every issue that is due; `build.everything` makes them."""
    with cache.opened(newsletter.root) as kept:
        found = standing.find(newsletter, as_of, kept)
        if found is not None:
            return found
        from pipeline import build

        return build.everything(newsletter, as_of, progress, kept)
