"""WebSub: telling the hub which feeds changed, so that it asks for them and tells subscribers.

W3C WebSub §6 leaves to hub and publisher how; hubs take what PubSubHubbub 0.3 §7.1 says: a form
with `hub.mode=publish` and `hub.url`, answered with 2xx. What the hub was told of, each feed by the
hash of its built file, is in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from queue import Empty, SimpleQueue
from threading import Thread
from urllib.parse import urlsplit

import httpx2

from pipeline import __version__, feeds, ledger, text
from pipeline.catalogue import Catalogue
from pipeline.config import Newsletter
from pipeline.errors import PartworkError, Problem
from pipeline.ledger.entries import Entry, Event

SECONDS = 15.0
"""How long the hub may take over one feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A feed: its path in output/, its public URL, and the hash of the built file."""

    path: str
    url: str
    content: str


def topics(catalogue: Catalogue) -> tuple[Topic, ...]:
    """The feeds as they were built; PartworkError where there are none."""
    newsletter = catalogue.newsletter
    folders = ("", *(series.path for series in catalogue.series))
    names = [one.file_name for one in feeds.formats_of(newsletter)]
    paths = [folder + name for folder in folders for name in names]
    found = [path for path in paths if (newsletter.output_dir / path).is_file()]
    if not found:
        raise _wrong(newsletter, f"there are no feeds in {newsletter.output}/", "build them first")
    return tuple(
        Topic(
            path=path,
            url=newsletter.absolute(path),
            content=sha256((newsletter.output_dir / path).read_bytes()).hexdigest()[:16],
        )
        for path in found
    )


def changed(found: Sequence[Topic], entries: Sequence[Entry], hub: str) -> tuple[Topic, ...]:
    """The feeds of which this hub was not told as they are now."""
    told: Mapping[str, str] = {
        entry.note: entry.content
        for entry in sorted(entries, key=lambda entry: entry.at)
        if entry.event is Event.PINGED and entry.remote == hub
    }
    return tuple(topic for topic in found if told.get(topic.path) != topic.content)


def ping(
    catalogue: Catalogue, clock: Callable[[], datetime], *, dry: bool = False
) -> Iterator[Topic]:
    """Tell the hub of each feed that changed since it was last told, one after another.

    Each is yielded once the hub took it and the ledger says so; with `dry` the hub is not asked.
    Ends with PartworkError at the first the hub does not take: the rest are told the next time.
    """
    newsletter = catalogue.newsletter
    hub = newsletter.feeds.hub
    if not hub:
        raise _wrong(newsletter, "there is no hub", "set `hub` to the URL of a WebSub hub")
    found = topics(catalogue)
    if dry:
        yield from changed(found, ledger.read(newsletter.root), hub)
        return
    if not changed(found, ledger.read(newsletter.root), hub):
        return
    with ledger.opened(newsletter.root) as book:
        for topic in changed(found, book.entries, hub):
            if trouble := _tell(hub, topic.url):
                remedy = "run `partwork ping` again later: telling it twice does no harm"
                raise _wrong(newsletter, f"the hub {text.host(hub)} {trouble}", remedy)
            book.append(
                Entry(
                    at=clock(),
                    event=Event.PINGED,
                    remote=hub,
                    content=topic.content,
                    note=topic.path,
                )
            )
            yield topic


def _wrong(newsletter: Newsletter, message: str, remedy: str) -> PartworkError:
    problem: Problem = newsletter.table.child("feeds").problem("hub", message, remedy, "hub")
    return PartworkError([problem])


def _tell(hub: str, url: str) -> str:
    """Tell the hub of one feed; what went wrong, empty where nothing did.

    A thread, since the library bounds each read and not their sum.
    """
    answers: SimpleQueue[str] = SimpleQueue()
    Thread(target=lambda: answers.put(_post(hub, url)), daemon=True).start()
    try:
        return answers.get(timeout=SECONDS)
    except Empty:
        return f"gave no answer within {SECONDS:g} seconds"


def _post(hub: str, url: str) -> str:
    form = {"hub.mode": "publish", "hub.url": url}
    agent = {"User-Agent": f"Partwork/{__version__}"}
    try:
        proxied = not text.is_loopback(urlsplit(hub).hostname or "")
        with (
            httpx2.Client(timeout=SECONDS, headers=agent, trust_env=proxied) as client,
            client.stream("POST", hub, data=form) as response,  # its body is not read
        ):
            status = response.status_code
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, OSError) as error:
        return f"can't be reached ({text.excerpt(str(error), 100)})"
    return "" if 200 <= status < 300 else f"answered {status}"
