"""Our own strict feed checker: RSS 2.0, Atom, JSON Feed 1.1 and OPML 2.0.

`expect_conformity` fails with every broken rule; test_conformance.py proves that each rule bites.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from . import atom, jsonfeed, opml, rss


def expect_conformity(path: str, data: bytes, url: str) -> None:
    """Fail unless the document obeys every rule of its format; `url` is where it is served."""
    found = broken_rules(path, data, url)
    assert not found, "\n".join(found)


def broken_rules(path: str, data: bytes, url: str) -> list[str]:
    """What is wrong with a document, chosen by its name."""
    name = path.rsplit("/", 1)[-1]
    check: Callable[[bytes, str], Iterator[str]] = {
        "feed.xml": rss.rss,
        "atom.xml": atom.atom,
        "feed.json": jsonfeed.jsonfeed,
        "feeds.opml": opml.opml,
    }[name]
    return list(check(data, url))
