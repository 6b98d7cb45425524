"""Feeds: a newsletter and each of its series as RSS, Atom and JSON Feed, and an OPML of them all.

`feeds_of` makes neutral feeds (`model`), and each format is one pure function from such a feed to
bytes. Nothing here reads a clock or writes a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.catalogue import Catalogue
from pipeline.errors import Problem
from pipeline.feeds.assemble import feeds_of, newsletter_feed, series_feed
from pipeline.feeds.documents import Documents
from pipeline.feeds.formats import FORMATS, Format, formats_of
from pipeline.feeds.model import Entry, Feed
from pipeline.feeds.pictures import image_problems

__all__ = [
    "FORMATS",
    "SIZE_LIMIT",
    "Entry",
    "Feed",
    "Format",
    "feeds_of",
    "formats_of",
    "newsletter_feed",
    "render_all",
    "series_feed",
    "warnings",
]

SIZE_LIMIT = 2_000_000
"""Bytes above which a feed draws a warning. Readers stop reading at very different sizes: goread
at 2 MiB, Dreamwidth at 3 MB, CommaFeed at 5 MiB, the W3C validator at 5 MB, Miniflux at 15 MiB; and
each asks for the whole file again whenever one part joins."""


def render_all(catalogue: Catalogue) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Every feed document as (path under output/, its bytes in chunks), in a fixed order.

    A document is made as its chunks are taken, so that no more of it is held than a chunk.

    PartworkError, before anything is made, for a format that can't be used. The catalogue holds
    only what readers may see, as `Catalogue.until` gives it.
    """
    return _documents(catalogue, formats_of(catalogue.newsletter))


def _documents(
    catalogue: Catalogue, formats: tuple[Format, ...]
) -> Iterator[tuple[str, Iterator[bytes]]]:
    if not formats:
        return
    feeds = feeds_of(catalogue)
    # One format after the other: what is kept for the next feed is one format's entries.
    for one in formats:
        documents = Documents(one)
        for feed in feeds:
            named = feed.named(one.file_name)
            yield named.path, documents.of(named)

    from pipeline.feeds import opml

    first = formats[0].file_name
    listed = opml.render([feed.named(first) for feed in feeds if not feed.archive])
    yield opml.FILE_NAME, iter([listed])


def warnings(catalogue: Catalogue, sizes: Mapping[str, int]) -> tuple[Problem, ...]:
    """What the author should know of the feeds, given the bytes of each file by path.

    Files that are no feed are passed over.
    """
    newsletter = catalogue.newsletter
    table = newsletter.table.child("feeds")
    folders = ("", *(series.path for series in catalogue.series))
    paths = [folder + one.file_name for folder in folders for one in formats_of(newsletter)]
    return image_problems(newsletter) + tuple(
        Problem(
            path=table.path,
            line=table.line("limit"),
            rule="feed-size",
            severity="warning",
            message=f"{newsletter.output}/{path} has {sizes[path] / 1e6:.1f} MB, more than some"
            " readers take",
            remedy=f'set `limit` or `content = "summary"` to stay below {SIZE_LIMIT / 1e6:.0f} MB',
        )
        for path in paths
        if sizes.get(path, 0) > SIZE_LIMIT
    )
