"""The kinds of sources, each settled by content: a name's ending decides nothing.

A kind more is a row in `KINDS`, its name in `KINDS` of commands/import.py, a file of that name in
`readers/` and a section in docs/import.md. The file has one function, which gives every article:
`read(bundle, name)` of one file, or `read(bundle)` where the kind has `whole`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipeline.importing.bundle import Bundle
from pipeline.importing.readers.dialects import FIRST_KEYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of source: what people call it, and whether a file begins or a bundle is like it."""

    doc: str
    file: Callable[[str], bool] = lambda _: False
    """True for the head of a file of this kind, as clean text."""
    whole: Callable[[Bundle], bool] | None = None
    """True for a folder or an archive of this kind, which is read as one."""


_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body|article|main"
    r"|section|div|header|figure|meta|title|p|h[1-6])[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"\s*<(?:(?:\?xml|rss|feed|rdf:RDF)[\s>]|!DOCTYPE\s+(?!html)\w)", re.IGNORECASE)
_FEED = re.compile(r"<(?:rss|feed|(?:rdf:)?RDF)[\s>]")
_META = re.compile(rf"\A(?:{'|'.join(FIRST_KEYS)}):[ \t]*\S", re.IGNORECASE)
_HEADED = re.compile(r"\A(?:# \S|.+\n=+[ \t]*\n)")
_ATX = re.compile(r"^#{1,6} \S", re.MULTILINE)
_JSON = re.compile(r"\{\n(?:[ \t].*\n|\n)*\}\n+(?=\S)")
_MARKDOWN = (".md", ".markdown", ".mkd", ".mdx")
_MARKUP = re.compile(r"^(?:```|~~~)|\]\((?:https?:|[\w./-]+\))", re.MULTILINE)


def _is_markdown(head: str) -> bool:
    start = head.lstrip("\n")
    first = start.partition("\n")[0].rstrip()
    if first in ("---", "+++", "---json", "---toml") or _JSON.match(start):
        return True
    if re.match(r'\{\s*"', start):
        return False  # data, whose words may hold Markdown
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
    "substack": Kind(doc="a Substack export (.zip)", whole=_is_substack),
    "medium": Kind(doc="a Medium export (.zip)", whole=_is_medium),
    "docx": Kind(doc="a Word document (.docx)"),  # a zip, which `reading` looks into
    "wordpress": Kind(
        doc="a WordPress or Squarespace export (WXR)",
        file=lambda head: bool(_XML.match(head)) and "wordpress.org/export" in head,
    ),
    "feed": Kind(doc="a feed's file (RSS, Atom, JSON Feed)", file=_is_feed),
    "ghost": Kind(doc="a Ghost export (.json)", file=_is_ghost),
    "html": Kind(doc="a saved HTML page", file=_is_html),
    "markdown": Kind(
        doc="Markdown of Jekyll, Hugo, Pelican, Eleventy, Buttondown or Partwork",
        file=_is_markdown,
    ),
    "text": Kind(doc="plain text of a site builder", file=lambda _: True),
}
"""Every kind by its name for `--from`; the first that a file is like is its kind."""


def of_file(start: str, name: str) -> str:
    """The kind of a file by its first characters, and by its name only where these could be either.

    Empty for XML and JSON that nothing here knows.
    """
    kind = next(key for key, one in KINDS.items() if one.file(start))
    if kind == "text" and (_XML.match(start) or re.match(r"\s*[\[{]\s*[\"\[{]", start)):
        return ""
    return "markdown" if kind == "text" and name.lower().endswith(_MARKDOWN) else kind


def of_whole(bundle: Bundle, wished: str | None) -> str:
    """The kind of a folder or an archive that is read as one; empty where its files are."""
    for key, one in KINDS.items():
        if one.whole and (wished == key or (wished is None and one.whole(bundle))):
            return key
    return ""
