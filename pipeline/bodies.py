"""The bodies of many articles: rendered, or as they were rendered before."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache as once
from pathlib import PurePosixPath

from pipeline import assets, markdown, stamps, workers
from pipeline.articles import Source
from pipeline.cache import Cache
from pipeline.config import Newsletter
from pipeline.errors import Problem
from pipeline.markdown import Body, Surroundings
from pipeline.spool import Spool

MANY = 200
"""Bodies that are worth a process of their own."""
_KIND = "body"

Rendered = tuple[Body, tuple[Problem, ...]]


def render_all(
    newsletter: Newsletter, sources: Sequence[Source], around: Surroundings, cache: Cache
) -> list[Rendered]:
    """Each article's body and what is wrong with it, in the order of the sources.

    A body is a matter of its file's bytes, of the settings, of where its links lead and of the
    pictures being there: the first two are its key, the others are looked at again.
    """
    base = stamps.base(newsletter) if cache else b""
    found: list[Rendered | None] = [None] * len(sources)

    @once
    def there(asset: str) -> bool:
        try:
            return assets.locate(newsletter.articles_dir, PurePosixPath(), asset) == asset
        except ValueError:
            return False

    def stands(body: Body) -> bool:
        leads = (around.articles.get(path) == page for path, page in body.leads_to.items())
        return all(leads) and all(map(there, body.assets))

    if cache:
        for at, source in enumerate(sources):
            kept: Rendered | None = cache.get(_KIND, source.path, _key(base, source))
            found[at] = kept if kept is not None and stands(kept[0]) else None
    places = [at for at, one in enumerate(found) if one is None]
    missing = [sources[at] for at in places]
    rendered = workers.share(lambda source: markdown.render(source, around), missing, least=MANY)
    spool = Spool()
    for at, one in zip(places, rendered, strict=True):
        one[0].text.move(spool)
        found[at] = one

    def keep() -> None:
        for at in places:
            one = found[at]
            # A mistake may be mended elsewhere: by adding the picture that was not there.
            if one and all(problem.severity != "error" for problem in one[1]):
                cache.put(_KIND, sources[at].path, _key(base, sources[at]), one)

    cache.soon(keep)
    return [one for one in found if one is not None]


def _key(base: bytes, source: Source) -> bytes:
    """All but where its links lead: two sums, each of one length, and its path."""
    return base + source.digest + source.path.encode()
