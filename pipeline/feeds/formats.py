"""The feed formats: a name, a file and a module; another package may add one.

A format's module has `render(feed: Feed) -> bytes`, and may say how its documents are put together
(`documents`). One from another package also names its `FILE_NAME` and `MEDIA_TYPE` and is announced
under the entry-point group `partwork.feeds` (docs/add-a-feed-format.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.config import Newsletter
from pipeline.errors import PartworkError
from pipeline.tables import did_you_mean

GROUP = "partwork.feeds"

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_TAKEN = ("404.html", "archive", "feeds.opml", "index.html", "sitemap.xml", "style.css")


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format: `file_name` in a feed's folder, its media type, the module that renders it."""

    name: str
    file_name: str
    media_type: str
    module: str


FORMATS: Mapping[str, Format] = {
    one.name: one
    for one in (
        Format(
            name="rss",
            file_name="feed.xml",
            media_type="application/rss+xml",
            module="pipeline.feeds.rss",
        ),
        Format(
            name="atom",
            file_name="atom.xml",
            media_type="application/atom+xml",
            module="pipeline.feeds.atom",
        ),
        Format(
            name="json",
            file_name="feed.json",
            media_type="application/feed+json",
            module="pipeline.feeds.jsonfeed",
        ),
    )
}
"""Partwork's own formats by name."""


def formats_of(newsletter: Newsletter) -> tuple[Format, ...]:
    """The formats of `[feeds] formats`, in that order; PartworkError for what can't be used."""
    found: dict[str, Format] = {}
    wrong: list[tuple[str, str]] = []
    for name in newsletter.feeds.formats:
        try:
            one = FORMATS.get(name) or _plugged_in(name)
        except ValueError as error:
            wrong.append((error.args[0], error.args[1]))
            continue
        twin = found.setdefault(one.file_name, one)
        if twin != one:
            wrong.append((f"`{twin.name}` and `{name}` both write {one.file_name}", "keep one"))
    if wrong:
        table = newsletter.table.child("feeds")
        raise PartworkError(
            table.problem("formats", what, remedy, "feed-format") for what, remedy in wrong
        )
    return tuple(found.values())


def _plugged_in(name: str) -> Format:
    """A format of another package; ValueError(what is wrong, what to do)."""
    # Imported here: it costs 67 ms, and nearly nobody asks for a format of another package.
    from importlib.metadata import entry_points

    points = entry_points(group=GROUP)
    point = next((one for one in points if one.name == name), None)
    if point is None:
        known = [*FORMATS, *sorted(one.name for one in points)]
        raise ValueError(f"`{name}` is not a feed format", did_you_mean(name, known))
    try:
        module = point.load()
        file_name, media_type = str(module.FILE_NAME), str(module.MEDIA_TYPE)
        usable = (
            callable(module.render)
            and _FILE_NAME.fullmatch(file_name) is not None
            and file_name not in _TAKEN
        )
    except Exception as error:  # importing somebody's package can raise anything
        raise ValueError(
            f"the package of the feed format `{name}` does not load ({error})",
            "update or remove it",
        ) from error
    if not usable:
        raise ValueError(
            f"the feed format `{name}` has no usable FILE_NAME or render", "update or remove it"
        )
    return Format(name=name, file_name=file_name, media_type=media_type, module=point.module)
