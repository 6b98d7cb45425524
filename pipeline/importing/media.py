"""Pictures and links of an article: copied beside it, kept as links, or taken out and said so."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePosixPath
from posixpath import dirname, join, normpath, relpath
from urllib.parse import unquote, unquote_to_bytes, urljoin, urlsplit

from pipeline import text
from pipeline.importing.bundle import MAX_PICTURE, Bundle
from pipeline.importing.model import Imported, Note

_KEPT = ("http://", "https://", "mailto:", "tel:", "sms:")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_SIGNS = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
)
_NAMELESS = re.compile(
    r"(?i)(?:img|image|dsc|photo|pxl|screenshot|untitled|unnamed)?[\W_\d]*|[\da-f-]{8,}"
)

_PAGE = re.compile(r"(?i)\.(?:html?|md|markdown|php|aspx?)$")
"""The ending of a page's address; `sleep.pdf` is not the article `sleep`."""
_COUNTS = re.compile(r"(?i)(?:utm_\w+|source|ref|fbclid|gclid|mc_[ce]id)=")
"""Parameters that say where a reader comes from and lead to no other page."""
_ACTS = re.compile(rb"<script|<foreignobject|<!entity|javascript:|\son\w+\s*=", re.IGNORECASE)
"""What an SVG file must not hold: it can be opened as a page."""

Fetch = Callable[[str], "bytes | str"]
"""A remote picture's bytes, or why there are none."""


def picture_kind(raw: bytes) -> str:
    """The ending for a picture's bytes by their signature; empty for what is no picture."""
    for sign, kind in _SIGNS:
        if raw.startswith(sign):
            return kind
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return "webp"
    if raw[4:12] in (b"ftypavif", b"ftypavis"):
        return "avif"
    return "svg" if b"<svg" in raw[:1000].lower() and not _ACTS.search(raw) else ""


def address(url: str) -> str:
    """A URL as it is compared: without scheme, `www.`, fragment and the slash at its end.

    Its query stays but for what only counts visits: on many sites it alone names a page (`/?p=12`).
    """
    parts = urlsplit(url)
    query = "&".join(one for one in parts.query.split("&") if one and not _COUNTS.match(one))
    place = f"{(parts.hostname or '').removeprefix('www.')}{unquote(parts.path).rstrip('/')}"
    return f"{place}?{query}" if query else place


def at_address(pages: Mapping[str, str], url: str) -> str | None:
    """What is known of a URL, by `address`; a query that no page has says nothing."""
    bare = urlsplit(url)._replace(query="").geturl()
    return pages.get(address(url)) or pages.get(address(bare))


@dataclass(kw_only=True)
class Media:
    """Resolves what one article shows and links to, and gathers the files that come along.

    `pages` leads from an address (`address`) or a file of the source to the article's new path;
    `target` is the article's own new path and `base` the URL that relative links begin at.
    """

    article: Imported
    bundle: Bundle
    target: str
    base: str
    pages: Mapping[str, str]
    fetch: Fetch | None
    files: dict[str, bytes] = field(default_factory=dict)
    """The pictures by their new path."""
    notes: list[Note] = field(default_factory=list)
    _seen: dict[str, str] = field(default_factory=dict)

    def link(self, written: str) -> str:
        """Where a link leads from the new article; empty where only its words can stay."""
        url = written.strip()
        if not url or url.startswith("#"):
            return url
        if url.startswith("//"):
            url = f"https:{url}"
        page = self._page(url)
        if page:
            fragment = urlsplit(url).fragment
            return relpath(page, dirname(self.target)) + (f"#{fragment}" if fragment else "")
        if not _SCHEME.match(url) and self.base:
            url = urljoin(self.base, url)
        if url.lower().startswith(_KEPT):
            return url
        what = (
            "leads nowhere outside its old site" if not _SCHEME.match(url) else "may not stand here"
        )
        self._note(f"the link to {text.excerpt(url, 80)!r} {what}: its words were kept", loss=True)
        return ""

    def _page(self, url: str) -> str | None:
        if text.host(url):
            found = at_address(self.pages, url)
            if found is None and not self.article.url and text.host(url) == text.host(self.base):
                # The source holds no addresses, only slugs.
                found = self._by_slug(unquote(urlsplit(url).path))
            return found
        if _SCHEME.match(url):
            return None
        path = unquote(urlsplit(url).path)
        inside = normpath(join(self.article.folder, path))
        found = None if path.startswith("/") else self.pages.get(self.bundle.origin(inside))
        if found is None and self.base:
            found = at_address(self.pages, urljoin(self.base, url))
        if found is None and path.endswith(".md"):
            # Hugo and Jekyll find a page by its name, wherever it lies.
            stem = path.lstrip("/").removesuffix(".md")
            ends = (f"/{stem}.md", f"/{stem}.markdown")
            named = [one for one in self.bundle.names if f"/{one}".endswith(ends)]
            found = self.pages.get(self.bundle.origin(named[0])) if len(named) == 1 else None
        written = path.startswith("/") or not (self.base or PurePosixPath(path).suffix)
        if found is None and written:
            # A path on the old site, which nobody named: its last part is a slug.
            found = self._by_slug(path)
        return found

    def _by_slug(self, path: str) -> str | None:
        return self.pages.get(f"/{_PAGE.sub('', PurePosixPath(path).name)}")

    def image(self, written: str) -> str:
        """What an image shows in the new article; empty where there is no such picture."""
        url = written.strip()
        if url not in self._seen:
            self._seen[url] = self._image(url)
        return self._seen[url]

    def _image(self, url: str) -> str:
        if url in self.article.files:
            return self._kept(url, self.article.files[url])
        if url.startswith("data:"):
            return self._data(url)
        if url.startswith("//"):
            url = f"https:{url}"
        if not _SCHEME.match(url):
            name = normpath(join(self.article.folder, unquote(urlsplit(url).path)))
            raw = self._inside(name)
            if raw is not None:
                return self._kept(name, raw)
            if not self.base:
                self._note(f"the picture {url!r} is not in the source: it was left out", loss=True)
                return ""
            url = urljoin(self.base, url)
        if not text.host(url):
            self._note(f"the picture {text.excerpt(url, 80)!r} can't be shown", loss=True)
            return ""
        return self._remote(url)

    def _inside(self, name: str) -> bytes | None:
        """A picture of the source; a path from a site's root is looked for below the folder."""
        for one in (
            name,
            name.lstrip("/"),
            f"static/{name.lstrip('/')}",
            f"content/{name.lstrip('/')}",
        ):
            if not one.startswith("..") and not one.startswith("/"):
                raw = self.bundle.picture(one)
                if raw is not None:
                    return raw
        return None

    def _remote(self, url: str) -> str:
        if self.fetch is None:
            return url
        found = self.fetch(url)
        if isinstance(found, str):
            self._note(f"the picture {text.excerpt(url, 100)} stays a link: it {found}")
            return url
        return self._kept(urlsplit(url).path, found) or url

    def _data(self, url: str) -> str:
        head, _, data = url.partition(",")
        try:
            raw = base64.b64decode(data) if head.endswith(";base64") else unquote_to_bytes(data)
        except (binascii.Error, ValueError):
            raw = b""
        return self._kept("picture", raw if len(raw) <= MAX_PICTURE else b"")

    def _kept(self, name: str, raw: bytes) -> str:
        """Keep a picture beside the article, and its path from there."""
        kind = picture_kind(raw)
        if not kind:
            self._note(f"{text.excerpt(name, 80)!r} is no picture: it was left out", loss=True)
            return ""
        stem = text.slugify(name.rpartition("/")[2].rpartition(".")[0] or name) or "picture"
        folder = f"{dirname(self.target)}/images/{self.article.slug}"
        path = f"{folder}/{stem}.{kind}"
        if self.files.get(path, raw) != raw:
            path = f"{folder}/{stem}-{sha256(raw).hexdigest()[:8]}.{kind}"
        self.files[path] = raw
        return relpath(path, dirname(self.target))

    def alternative(self, given: str, caption: str, src: str) -> str:
        """An image's alternative text: its own, its caption, or what its name says, reported."""
        words = text.one_line(given) or text.one_line(caption)
        if words:
            return words
        stem = unquote(urlsplit(src).path).rpartition("/")[2].rpartition(".")[0]
        named = "" if _NAMELESS.fullmatch(stem) else " ".join(re.split(r"[\W_]+", stem)).strip()
        words = named or "Picture"
        shown = text.excerpt(src, 80)
        self._note(f"the image {shown} has no alternative text: {words!r} stands there, say better")
        return words

    def _note(self, message: str, *, loss: bool = False) -> None:
        note = Note(path=self.article.path, message=message, loss=loss)
        if note not in self.notes:
            self.notes.append(note)
