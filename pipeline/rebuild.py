"""A whole build, or what the last one made where nothing changed since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from pipeline import articlefiles, cache, standing, workers
from pipeline.built import Built, Progress
from pipeline.cache import Cache
from pipeline.config import Newsletter
from pipeline.standing import Inputs

if TYPE_CHECKING:
    from pipeline.articles import Reading

MANY = 200
"""Files that are worth more processes than one to read."""


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
    read: Mapping[str, Reading] = {}
    if kept.empty and inputs.count >= MANY:
        # Other processes begin to read what is much while this one loads the renderers.
        paths, _ = articlefiles.files(newsletter)
        made = workers.share(partial(_read, newsletter), paths, least=MANY // 2, meanwhile=_load)
        read = dict(zip(paths, made, strict=True))
    from pipeline import build

    return build.everything(newsletter, as_of, progress, kept, inputs, read)


def _read(newsletter: Newsletter, path: str) -> Reading:
    from pipeline import articles

    return articles.read(newsletter, path)


def _load() -> None:
    """Load what every process is to have, and work out what this one will be asked."""
    from PIL import Image

    from pipeline import build, emails, stamps  # noqa: F401 - loading is all that is wanted

    Image.preinit()  # or each process would load Pillow's readers anew
    stamps.program()
