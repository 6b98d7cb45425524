"""Feeds as a reader shows them: the list of feeds, a feed's entries, one entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline import feeds
from pipeline.feeds import Entry, Feed
from pipeline.preview.picture import Sight
from pipeline.preview.views.surround import Fault, faults
from pipeline.preview.words import size, when
from pipeline.text import excerpt

CONTENTS = {"full": "Whole articles", "summary": "Summaries"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An entry in a list; `hidden` says what of it is not public yet, empty where all is."""

    number: int
    title: str
    date: str
    authors: str
    summary: str
    tags: tuple[str, ...]
    url: str
    hidden: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A feed's file: its name, its size, and its path under output/."""

    name: str
    size: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedsView:
    """One feed among all; `open` is the entry that is being read, None for the list alone."""

    names: tuple[str, ...]
    number: int
    content: str
    set_to: str
    title: str
    description: str
    order: str
    items: tuple[Item, ...]
    open: Item | None
    before: int | None
    after: int | None
    documents: tuple[Document, ...]
    findings: tuple[Fault, ...]


def view(sight: Sight, number: int, content: str, entry: int | None = None) -> FeedsView:
    """A feed by its number (0 is the newsletter's own); LookupError where there is no such one."""
    every = sight.feeds(content)
    feed = every[number]
    items = tuple(_item(sight, at, one) for at, one in enumerate(feed.entries))
    chosen = None if entry is None else items[entry]
    sizes = {path: len(made) for path, made in sight.documents().items()}
    return FeedsView(
        names=tuple(f"{one.title}, archive" if one.archive else one.title for one in every),
        number=number,
        content=content,
        set_to=sight.newsletter.feeds.content,
        title=feed.title,
        description=feed.description,
        order="part 1 first" if feed.order == "series" else "the newest first",
        items=items,
        open=chosen,
        before=entry - 1 if entry else None,
        after=entry + 1 if entry is not None and entry + 1 < len(items) else None,
        documents=_documents(feed, sight, sizes),
        findings=faults(sight.picture, feeds.warnings(sight.catalogue, sizes)),
    )


def entry_of(sight: Sight, number: int, content: str, entry: int) -> Entry:
    """One entry of a feed; LookupError where there is no such one."""
    entries: Sequence[Entry] = sight.feeds(content)[number].entries
    return entries[entry]


def _item(sight: Sight, number: int, entry: Entry) -> Item:
    return Item(
        number=number,
        title=entry.title,
        date=when(entry.published, sight.newsletter.zone),
        authors=", ".join(author.name for author in entry.authors),
        summary=excerpt(entry.summary, 240),
        tags=entry.tags,
        url=entry.url,
        hidden=sight.hidden.get(entry.id, ""),
    )


def _documents(feed: Feed, sight: Sight, sizes: dict[str, int]) -> tuple[Document, ...]:
    return tuple(
        Document(
            name=one.name,
            size=size(sizes.get(feed.named(one.file_name).path, 0)),
            path=feed.named(one.file_name).path,
        )
        for one in feeds.formats_of(sight.newsletter)
    )
