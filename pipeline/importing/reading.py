"""Every article of a source: which of its files are articles, and of which kind each is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from pipeline.importing import homes
from pipeline.importing.bundle import Bundle, is_zip, refused, unzipped
from pipeline.importing.decoding import decoded
from pipeline.importing.extra import loaded
from pipeline.importing.kinds import KINDS, of_file, of_whole
from pipeline.importing.model import Imported, Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An article, its source's kind, and the bundle that its pictures are read from."""

    article: Imported
    kind: str
    bundle: Bundle


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
    if whole := of_whole(bundle, kind):
        yield from _articles(bundle, whole)
        return
    titles = homes.titles(bundle)
    for name in homes.named(bundle, told):
        if name.lower().endswith(_NO_ARTICLE) or _is_asset(bundle.head(name)):
            continue
        if _is_no_article(bundle, name, kind):
            told(Note(path=bundle.path(name), message="is no article: it was left out"))
            continue
        for found in _file(bundle, name, kind, told, depth):
            title = titles.get(found.article.series, "")
            yield replace(found, article=replace(found.article, series_title=title))


def _is_no_article(bundle: Bundle, name: str, kind: str | None) -> bool:
    """What lies in a folder beside articles: notes on it, data, and what nothing here can read."""
    base = name.rpartition("/")[2].lower()
    if base in _ABOUT or base.endswith(_UNREAD):
        return True
    if not base.endswith((".json", ".xml")) or kind is not None:
        return False
    return not of_file(decoded(bundle.head(name))[0], name)


def _file(
    bundle: Bundle, name: str, kind: str | None, told: Callable[[Note], None], depth: int
) -> Iterator[Found]:
    head = bundle.head(name)
    if is_zip(head):
        inner = unzipped(bundle, name)
        if "word/document.xml" in inner.names and kind in (None, "docx"):
            yield from _articles(bundle, "docx", name)
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
        kind = of_file(decoded(head)[0], name)
        if not kind:
            remedy = "export as WordPress, Ghost or a feed, or say what it is with --from"
            raise refused(bundle.path(name), "this is data that is not known", remedy, "kind")
    if KINDS[kind].whole:
        what = f"this is not {KINDS[kind].doc}"
        raise refused(bundle.path(name), what, "name the archive", "kind")
    yield from _articles(bundle, kind, name)


def _is_asset(head: bytes) -> bool:
    return head.startswith(_NO_TEXT)


def _articles(bundle: Bundle, kind: str, *name: str) -> Iterator[Found]:
    """What the kind's reader gives of a whole bundle, or of a file of it."""
    for one in loaded(f"readers.{kind}").read(bundle, *name):
        yield Found(article=one, kind=kind, bundle=bundle)
