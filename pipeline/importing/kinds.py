"""The kinds of sources, each settled by content: a name's ending decides nothing.

A kind is one file with one function, `read(bundle, name)` for a single file of a bundle or
`read(bundle)` for a whole one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from pipeline.importing import homes
from pipeline.importing.bundle import Bundle, is_zip, refused, unzipped
from pipeline.importing.decoding import decoded
from pipeline.importing.model import Imported, Note

EXTRA = frozenset({"bs4", "feedparser", "mammoth", "markdownify"})
"""The modules of the extra `import`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of source: what people call it, and whether a file begins or a bundle is like it."""

    doc: str
    module: str
    file: Callable[[str], bool] = lambda _: False
    """True for the head of a file of this kind, as clean text."""
    whole: Callable[[Bundle], bool] = lambda _: False
    """True for a folder or an archive that is read as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An article, its source's kind, and the bundle that its pictures are read from."""

    article: Imported
    kind: str
    bundle: Bundle


_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body|article|main"
    r"|section|div|header|figure|meta|title|p|h[1-6])[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"\s*<(?:(?:\?xml|rss|feed|rdf:RDF)[\s>]|!DOCTYPE\s+(?!html)\w)", re.IGNORECASE)
_FEED = re.compile(r"<(?:rss|feed|(?:rdf:)?RDF)[\s>]")
_META = re.compile(r"\A(?:title|date|authors?|slug|tags|category|subject|status):[ \t]*\S", re.I)
_HEADED = re.compile(r"\A(?:# \S|.+\n=+[ \t]*\n)")
_ATX = re.compile(r"^#{1,6} \S", re.MULTILINE)
_JSON = re.compile(r"\{\n(?:[ \t]+.*\n|\n)*\}\n+(?=\S)")
_MARKUP = re.compile(r"^(?:```|~~~)|\]\((?:https?:|[\w./-]+\))", re.MULTILINE)


def _is_markdown(head: str) -> bool:
    start = head.lstrip("\n")
    first = start.partition("\n")[0].rstrip()
    if first in ("---", "+++", "---json", "---toml") or _JSON.match(start):
        return True
    if _META.match(start) or _HEADED.match(start) or _MARKUP.search(start):
        return True
    return len(_ATX.findall(start)) > 1


def _is_feed(head: str) -> bool:
    if _XML.match(head):
        return bool(_FEED.search(head))
    return head.lstrip().startswith("{") and "jsonfeed.org/version" in head


def _is_ghost(head: str) -> bool:
    start = head.lstrip()
    return start.startswith("{") and bool(re.search(r'"(?:posts|db)"\s*:\s*\[', start))


def _is_html(head: str) -> bool:
    return bool(_HTML.match(head))


def _is_substack(bundle: Bundle) -> bool:
    return any(name.rpartition("/")[2] == "posts.csv" for name in bundle.names)


def _is_medium(bundle: Bundle) -> bool:
    pages = [one for one in bundle.names if one.endswith(".html") and "posts/" in f"/{one}"]
    return any(b"h-entry" in bundle.head(one) for one in pages[:3])


KINDS: Mapping[str, Kind] = {
    "substack": Kind(doc="a Substack export (.zip)", module="substack", whole=_is_substack),
    "medium": Kind(doc="a Medium export (.zip)", module="medium", whole=_is_medium),
    "docx": Kind(doc="a Word document (.docx)", module="docx"),
    "wordpress": Kind(
        doc="a WordPress or Squarespace export (WXR)",
        module="wordpress",
        file=lambda head: bool(_XML.match(head)) and "wordpress.org/export" in head,
    ),
    "feed": Kind(doc="a feed's file (RSS, Atom, JSON Feed)", module="feed", file=_is_feed),
    "ghost": Kind(doc="a Ghost export (.json)", module="ghost", file=_is_ghost),
    "html": Kind(doc="a saved HTML page", module="page", file=_is_html),
    "markdown": Kind(
        doc="Markdown of Jekyll, Hugo, Pelican, Eleventy, Buttondown or Partwork",
        module="manuscript",
        file=_is_markdown,
    ),
    "text": Kind(doc="plain text of a site builder", module="plain", file=lambda _: True),
}
"""Every kind by its name for `--from`; the first that a file is like is its kind."""

_NO_TEXT = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"%PDF", b"\x00\x00\x00", b"ID3", b"wOFF",
    b"wOF2",
    b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xd0\xcf\x11\xe0", b"OggS", b"\x00\x01\x00\x00",
)  # fmt: skip
_DEEPEST = 2
"""Archives within archives at most."""
_ABOUT = frozenset(
    {"readme.md", "readme.txt", "readme", "license", "license.md", "license.txt", "changelog.md"}
)
_UNREAD = (".rst", ".adoc", ".org", ".tex", ".rtf", ".odt", ".doc", ".pages")
_MARKDOWN = (".md", ".markdown", ".mkd", ".mdx")
_NO_ARTICLE = (".css", ".js", ".svg", ".toml", ".yml", ".yaml", ".lock", ".scss", ".map", ".opml",
               ".csv", ".py", ".rb", ".sh", ".ini", ".cfg")  # fmt: skip
"""Text that comes along in a folder and is no article; a file that was named is read as one."""


def read(
    bundle: Bundle, kind: str | None, told: Callable[[Note], None], depth: int = 0
) -> Iterator[Found]:
    """Every article of a source; `told` is called with what was guessed of the source itself.

    PartworkError where a file is broken, hostile or of no kind that is known. `depth` counts the
    archives around.
    """
    if depth > _DEEPEST:
        raise refused(bundle.name, "these are archives within archives", "unpack them", "zip-bomb")
    if bundle.lone:
        (name,) = bundle.names
        yield from _file(bundle, name, kind, told, depth)
        return
    whole = _whole(bundle, kind)
    if whole:
        yield from _all(bundle, whole)
        return
    for name in homes.named(bundle, told):
        if name.lower().endswith(_NO_ARTICLE) or _is_asset(bundle.head(name)):
            continue
        if _is_no_article(bundle, name, kind):
            told(Note(path=bundle.path(name), message="is no article: it was left out"))
            continue
        yield from _file(bundle, name, kind, told, depth)


def _is_no_article(bundle: Bundle, name: str, kind: str | None) -> bool:
    """What lies in a folder beside articles: notes on it, data, and what nothing here can read."""
    base = name.rpartition("/")[2].lower()
    if base in _ABOUT or base.endswith(_UNREAD):
        return True
    if not base.endswith((".json", ".xml")) or kind is not None:
        return False
    return not _kind(decoded(bundle.head(name))[0], name)


def _file(
    bundle: Bundle, name: str, kind: str | None, told: Callable[[Note], None], depth: int
) -> Iterator[Found]:
    head = bundle.head(name)
    if is_zip(head):
        inner = unzipped(bundle, name)
        if "word/document.xml" in inner.names and kind in (None, "docx"):
            yield from _articles(bundle, name, "docx")
        elif "[Content_Types].xml" in inner.names or "mimetype" in inner.names:
            raise refused(
                inner.name, "this document is none that can be read", "save it as .docx", "kind"
            )
        else:
            yield from read(inner, kind, told, depth + 1)
        return
    if _is_asset(head):
        raise refused(
            bundle.path(name), "this is no text", "name an article, an export or a folder", "kind"
        )
    if kind is None:
        kind = _kind(decoded(head)[0], name)
        if not kind:
            remedy = "export as WordPress, Ghost or a feed, or say what it is with --from"
            raise refused(bundle.path(name), "this is data that is not known", remedy, "kind")
    yield from _articles(bundle, name, kind)


def _kind(start: str, name: str) -> str:
    """The kind of a file by its first characters; its name only where these could be either.

    Empty for XML and JSON that nothing here knows.
    """
    kind = next(key for key, one in KINDS.items() if one.file(start))
    if kind == "text" and (_XML.match(start) or re.match(r"\s*[\[{]\s*[\"\[{]", start)):
        return ""
    return "markdown" if kind == "text" and name.lower().endswith(_MARKDOWN) else kind


def _whole(bundle: Bundle, kind: str | None) -> str:
    for key, one in KINDS.items():
        if key in ("substack", "medium") and (kind == key or (kind is None and one.whole(bundle))):
            return key
    return ""


def _all(bundle: Bundle, kind: str) -> Iterator[Found]:
    for one in reader(kind).read(bundle):
        yield Found(article=one, kind=kind, bundle=bundle)


def _articles(bundle: Bundle, name: str, kind: str) -> Iterator[Found]:
    if kind not in ("substack", "medium"):
        for one in reader(kind).read(bundle, name):
            yield Found(article=one, kind=kind, bundle=bundle)
        return
    raise refused(bundle.path(name), f"this is not {KINDS[kind].doc}", "name the archive", "kind")


def reader(kind: str) -> Any:
    """The module that reads a kind; PartworkError where its libraries are not installed."""
    return loaded(KINDS[kind].module)


def loaded(module: str) -> Any:
    """A module of this package that may need the extra `import`."""
    try:
        return import_module(f"pipeline.importing.{module}")
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in EXTRA:
            raise
        what = f"this source needs {missing}, which is not installed"
        remedy = "run pip install 'partwork[import]'"
        raise refused("import", what, remedy, "no-extra") from None


def _is_asset(head: bytes) -> bool:
    return head.startswith(_NO_TEXT)
