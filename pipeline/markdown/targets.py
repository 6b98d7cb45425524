"""What a link or an image means: a URL elsewhere, another article, or a local file (S3)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from posixpath import basename, dirname, join, normpath, relpath
from unicodedata import normalize
from urllib.parse import quote, unquote

from pipeline.articles import Source
from pipeline.errors import Severity
from pipeline.markdown.body import Surroundings
from pipeline.text import OWN_ROOT, clean, fold

SCHEMES = frozenset({"http", "https", "mailto", "sms", "tel"})
"""What a link may begin with; everything else could act (`javascript:`) or leads nowhere."""

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_ARTICLE = (".md", ".markdown")
# WHATWG URL, §4.4: browsers drop tabs and line ends wherever they stand.
_DROPPED = str.maketrans("", "", "\t\n\r")
_WRITTEN = str.maketrans({one: f"%{ord(one):02X}" for one in " #%?"})
"""What of a file's name would end its address, or be read as another letter."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where something leads: a neutral URL, and what of our own it is."""

    url: str
    article: str = ""
    source: str = ""
    """That article's file."""
    asset: str = ""
    fragment: str = ""
    """A fragment on the article's own page, decoded and without `#`."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why something leads nowhere, as a Problem says it."""

    message: str
    remedy: str
    rule: str
    severity: Severity = "error"


class Targets:
    """Resolves what one article's links and images say."""

    def __init__(self, source: Source, around: Surroundings) -> None:
        self.path = source.path
        self.page = around.articles.get(source.path, f"articles/{source.slug}/")
        self.around = around
        self._folder = source.path[: source.path.rfind("/") + 1]
        self._inside = around.articles_dir.strip("/") + "/"

    def link(self, written: str) -> Target | Mistake:
        """The target of a link."""
        url = _tidy(written)
        if not url:
            return Mistake(
                "a link leads nowhere", "write its address in the brackets", "link-empty"
            )
        if (away := self._elsewhere(url)) is not None:
            return away
        path, query, fragment = _parts(url)
        if not path:
            return self._page(self.page, self.path, query, fragment)
        found = self._locate(path, url)
        if isinstance(found, Mistake):
            return found
        page = self.around.articles.get(found)
        if page is not None:
            return self._page(page, found, query, fragment)
        if found.lower().endswith(_ARTICLE):
            return self._no_article(found, url)
        return self._file(found, url, query + fragment, "link-file")

    def image(self, written: str) -> Target | Mistake:
        """The target of an image: a picture elsewhere, or a local file."""
        url = _tidy(written)
        if not url:
            return Mistake(
                "an image has no address",
                "write the picture's path in the brackets",
                "image-missing",
            )
        away = self._elsewhere(url)
        if isinstance(away, Target) and not away.url.startswith("http"):
            return Mistake(
                f"{url!r} is no picture", "give a file or an https address", "image-missing"
            )
        if away is not None:
            return away
        path, query, _ = _parts(url)
        found = self._locate(path, url) if path else self.path
        if isinstance(found, Mistake):
            return found
        if found.lower().endswith(_ARTICLE):
            return Mistake(f"{url!r} is no picture", "give a picture's path", "image-missing")
        return self._file(found, url, query, "image-missing")

    def _elsewhere(self, url: str) -> Target | Mistake | None:
        if url.startswith("//"):
            return Target(f"https:{url}")
        match = _SCHEME.match(url)
        if match is None:
            return None
        if match[1].lower() in SCHEMES:
            return Target(url.replace(" ", "%20"))
        return Mistake(
            f"a link may not begin with {match[0]!r}",
            "use https:, mailto: or tel:, or the path of a file",
            "link-scheme",
        )

    def _page(self, page: str, source: str, query: str, fragment: str) -> Target:
        tail = (query + fragment).replace(" ", "%20")
        if page == self.page and not query and len(fragment) > 1:
            return Target(tail, fragment=unquote(fragment[1:]))
        if page == self.page:
            return Target(OWN_ROOT + quote(page) + tail)
        return Target(OWN_ROOT + quote(page) + tail, article=page, source=source)

    def _locate(self, path: str, url: str) -> str | Mistake:
        """The path relative to the newsletter's folder, inside the folder of articles."""
        name = unquote(path)
        if name.startswith("/"):
            return Mistake(
                f"{url!r} is an absolute path",
                "write the path from this article's file, or the whole https:// address",
                "path-outside",
            )
        if "\\" in name or name != clean(name):
            return Mistake(
                f"{url!r} is no usable path", "write it with / and plain characters", "path-outside"
            )
        found = normpath(self._folder + name)
        if not found.startswith(self._inside):
            return Mistake(
                f"{url!r} leaves the folder {self._inside}",
                "keep what articles show or link to in that folder",
                "path-outside",
            )
        return found

    def _no_article(self, found: str, url: str) -> Mistake:
        same = _same(found, self.around.articles)
        close = same or get_close_matches(found, self.around.articles, 1, 0.5)
        remedy = "correct the path, or write that article"
        if close:
            remedy = f"did you mean {self._from_here(close[0])!r}?{_unseen(found, close[0], '')}"
        return Mistake(f"{url!r} is no article", remedy, "link-article")

    def _from_here(self, path: str) -> str:
        return relpath(path, self._folder or ".").translate(_WRITTEN)

    def _file(self, found: str, url: str, tail: str, rule: str) -> Target | Mistake:
        asset = found.removeprefix(self._inside)
        place = self.around.disk(found)
        if any(part.startswith(".") for part in asset.split("/")):
            return Mistake(f"{url!r} is a hidden file", "give it a name without the dot", rule)
        if not os.path.isfile(place):  # noqa: PTH113 - Path.is_file raises for a long name
            near = next(_alike(place, basename(unquote(url))), "")
            remedy = "add the file, or correct the path"
            if url.lower().startswith("www."):
                remedy = f"write {'https://' + url!r} for a site, or add the file"
            if near:
                near = join(dirname(found), near)
                why = _unseen(found, near, " Capital letters count")
                remedy = f"did you mean {self._from_here(near)!r}?{why}"
            return Mistake(f"{url!r} does not exist", remedy, rule)
        if self._leaves_by_symlink(asset):
            return Mistake(
                f"{url!r} is a symbolic link out of {self._inside}",
                "copy the file into that folder",
                "path-outside",
            )
        return Target(f"{OWN_ROOT}media/{quote(asset)}{tail.replace(' ', '%20')}", asset=asset)

    def _leaves_by_symlink(self, asset: str) -> bool:
        folder = self.around.disk(self._inside)
        place = folder
        for part in asset.split("/"):
            place = os.path.join(place, part)  # noqa: PTH118 - two stats, where resolve() takes ten
            if os.path.islink(place):  # noqa: PTH114 - as above
                real, home = os.path.realpath(place), os.path.realpath(folder)
                return not real.startswith(home + os.sep)
        return False


def _tidy(written: str) -> str:
    return written.translate(_DROPPED).strip()


def _parts(url: str) -> tuple[str, str, str]:
    """A relative URL's path, its query with the `?` and its fragment with the `#`."""
    before, sign, fragment = url.partition("#")
    path, mark, query = before.partition("?")
    return path, mark + query, sign + fragment


def _alike(place: str, whole: str) -> Iterator[str]:
    """Names beside a missing file that differ from it only a little, the likeliest first.

    A `#` or a `?` in a name is read as its end: `whole` is the name with them.
    """
    folder, name = os.path.split(place)
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - names are all that is wanted
    except (OSError, ValueError):
        return
    yield from _same(whole, names)
    yield from _same(name, names)
    yield from get_close_matches(name, names, 1, 0.75)


def _same(name: str, names: Iterable[str]) -> list[str]:
    return [one for one in names if fold(one) == fold(name)]


def _unseen(name: str, near: str, otherwise: str) -> str:
    """What to add where two names differ in nothing that can be seen (UAX #15: NFC, NFD)."""
    if normalize("NFC", name) != normalize("NFC", near):
        return otherwise
    return " They store accents in two ways: copy this name, or rename the file"
