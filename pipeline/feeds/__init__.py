"""Feeds: a newsletter and each of its series as RSS, Atom and JSON Feed, and an OPML of them all.

`feeds_of` makes neutral feeds (`model`), and each format is one pure function from such a feed to
bytes. Nothing here reads a clock or writes a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache as once
from functools import partial
from itertools import chain

from pipeline.catalogue import Catalogue
from pipeline.errors import Problem
from pipeline.feeds.assemble import (
    Full,
    every,
    feeds_of,
    full_feed,
    full_of,
    heads_of,
    held_by,
    newsletter_feed,
)
from pipeline.feeds.documents import Documents, Layout
from pipeline.feeds.entries import Entries
from pipeline.feeds.formats import FORMATS, Format, formats_of
from pipeline.feeds.model import Entry, Feed
from pipeline.feeds.pictures import image_problems
from pipeline.marks import Marks
from pipeline.pieces import Earlier, Files, Made, Piece
from pipeline.series import Series

__all__ = [
    "FORMATS",
    "SIZE_LIMIT",
    "Entry",
    "Feed",
    "Format",
    "feeds_of",
    "formats_of",
    "newsletter_feed",
    "pieces",
    "size",
    "warnings",
]

SIZE_LIMIT = 2_000_000
"""Bytes above which a feed draws a warning. Readers stop reading at very different sizes: goread
at 2 MiB, Dreamwidth at 3 MB, CommaFeed at 5 MiB, the W3C validator at 5 MB, Miniflux at 15 MiB; and
each asks for the whole file again whenever one part joins."""


def pieces(catalogue: Catalogue, marks: Marks) -> Iterator[Piece]:
    """Every feed document. The feeds are one piece, since they share their entries.

    Where a limit spreads them they share few: then each feed is one, and each full document is.
    PartworkError, before anything is made, for a format that can't be used. The catalogue holds
    only what readers may see, as `Catalogue.until` gives it. A document comes in chunks, made as
    they are taken, so that no more of it is held than a chunk.
    """
    formats = formats_of(catalogue.newsletter)
    return _pieces(catalogue, marks, formats) if formats else iter(())


def _pieces(catalogue: Catalogue, marks: Marks, formats: tuple[Format, ...]) -> Iterator[Piece]:
    # A format of another package may change without its version.
    ours = all(one in FORMATS.values() for one in formats)

    @once
    def entries() -> Entries:
        return Entries(catalogue, marks if ours else None)

    image = marks.asset(catalogue.newsletter.feeds.image)

    def key(of: Callable[[], object]) -> Callable[[], bytes] | None:
        return (lambda: marks.of("feeds", image, of())) if ours else None

    feeds = every(catalogue)

    def of_growing(together: Sequence[Series | None]) -> object:
        held = held_by(catalogue, together[0])
        names = [one and one.key for one in together]
        return names, entries().marks_now(held, marks)

    def of_full(full: Full) -> object:
        name = full.series and full.series.key
        return name, full.number, entries().marks_then(full.articles, marks)

    limit = catalogue.newsletter.feeds.limit
    for together in [(one,) for one in feeds] if limit else [feeds]:
        yield Piece(
            key=key(partial(of_growing, together)),
            make=partial(_growing, catalogue, together, entries, formats),
            name=f"feeds of {' '.join(one.path if one else '' for one in together)}",
        )
    for full in full_of(catalogue):
        yield Piece(
            name=f"archive {full.number} of {full.series.path if full.series else ''}",
            key=key(partial(of_full, full)),
            make=partial(_full, catalogue, full, entries, formats),
        )


def _growing(
    catalogue: Catalogue,
    of: Sequence[Series | None],
    shared: Callable[[], Entries],
    formats: Sequence[Format],
    earlier: Earlier,
) -> Made:
    layouts: dict[str, Layout] = {}

    def files() -> Files:
        entries = shared()
        feeds = feeds_of(catalogue, of, entries)
        # One format after the other: what is kept for the next feed is one format's entries.
        for one in formats:
            documents = Documents(one, earlier)
            yield from _files(documents, feeds, one)
            layouts.update(documents.layouts)
        if None in of:
            from pipeline.feeds import opml

            first = formats[0].file_name
            listed = [feed.named(first) for feed in heads_of(catalogue, entries)]
            yield opml.FILE_NAME, opml.render(listed)

    return Made(files=files(), notes=layouts)


def _full(
    catalogue: Catalogue,
    full: Full,
    shared: Callable[[], Entries],
    formats: Sequence[Format],
    _: Earlier,
) -> Made:
    feed = full_feed(catalogue, full, shared())
    return Made(files=chain.from_iterable(_files(Documents(one), [feed], one) for one in formats))


def _files(documents: Documents, feeds: Sequence[Feed], one: Format) -> Files:
    for feed in feeds:
        named = feed.named(one.file_name)
        yield named.path, documents.of(named)


def size(catalogue: Catalogue) -> tuple[str, int]:
    """The newsletter's feed in its first format: the file's name, and how many bytes it has."""
    one = formats_of(catalogue.newsletter)[0]
    feed = newsletter_feed(catalogue).named(one.file_name)
    return one.file_name, sum(map(len, Documents(one).of(feed)))


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
