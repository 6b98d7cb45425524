"""Raw HTML as plain text: its tags go, its words, links and pictures' descriptions stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pipeline.markdown import raw
from pipeline.plaintext.inline import Inline

# What begins or ends a paragraph of its own.
_BLOCKS = frozenset(
    """
    address article aside blockquote caption center dd details div dl dt figcaption figure footer
    h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody tfoot thead tr ul
    """.split()  # noqa: SIM905 - names are easier to read as words
)


class RawHtml:
    """Adds raw HTML to a block's text; `paragraph` is called where a new paragraph begins."""

    def __init__(
        self, inline: Inline, labels: Mapping[str, str], paragraph: Callable[[], None]
    ) -> None:
        self._inline = inline
        self._labels = labels
        self._paragraph = paragraph
        self._swallowed = ""
        self._keep = 0

    def feed(self, html: str) -> None:
        """Take a piece of raw HTML."""
        for token in raw.tokens(html):
            if token.kind == "text":
                self._inline.add(" ".join(token.value.split("\n")))
            elif token.kind == "open":
                self._start(token)
            elif token.value == self._swallowed:
                del self._inline.parts[self._keep :]
                self._swallowed = ""
            elif token.value == "a":
                self._inline.close_link()
            elif token.value in _BLOCKS:
                self._paragraph()

    def end_of_paragraph(self) -> None:
        """An element whose content is dropped reaches no further than its paragraph."""
        self._swallowed = ""

    def _start(self, token: raw.Token) -> None:
        name, attributes = token.value, token.attributes
        if name == "br":
            self._inline.add("\n")
        elif name in _BLOCKS:
            self._paragraph()
            if name == "li":
                self._inline.add("- ")
        elif name in {"td", "th"}:
            self._inline.add(" ")
        elif name == "img":
            alt = " ".join(attributes.get("alt", "").split())
            self._inline.add(picture(alt, self._labels))
        elif name == "a" and attributes.get("href"):
            self._inline.close_links()
            self._inline.open_link(attributes["href"])
        elif name in raw.MEDIA or (name == "source" and self._swallowed in raw.MEDIA):
            self._media(token)
        if name in raw.SWALLOWED:
            self._swallowed, self._keep = name, len(self._inline.parts)

    def _media(self, token: raw.Token) -> None:
        address, text = raw.media_link(token)
        if address:
            self._inline.open_link(address)
            self._inline.add(text)
            self._inline.close_link()
            self._keep = len(self._inline.parts)


def picture(alt: str, labels: Mapping[str, str]) -> str:
    """What stands for an image."""
    return f"[{labels['image']}: {alt}]" if alt else f"[{labels['image']}]"
