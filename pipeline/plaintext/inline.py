"""The text of one block while it is gathered, and the links in it."""

from __future__ import annotations

import re

from pipeline.plaintext.wrap import GLUE, UNSPACED

_BREAK = "\ufdd4"
"""A line's end that is meant, in our own use: `text.clean` takes it out of what authors write."""
_EDGE = "\ufdd5"
"""Where a URL that is shown begins or ends, in our own use as well."""
# Mail programs take what follows a URL without a space into it.
_EDGES = re.compile(f"(?<={UNSPACED}){_EDGE}|{_EDGE}(?={UNSPACED}|{_EDGE})")
_NOTHING = ["\n"]
"""What stands between most blocks."""
_WRITTEN = -1
"""Where a link begins whose first words are written already."""


class Inline:
    """Gathers a block's text; numbers the URLs that it links to."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._open: list[tuple[int, str]] = []
        self._numbers: dict[str, int] = {}

    def end_line(self) -> None:
        """End the line; a line's end in HTML is no more than a space."""
        self.parts.append(_BREAK)

    def take(self) -> str:
        """The running text gathered so far, which this takes away; open links go on."""
        if self.parts == _NOTHING:
            self.parts.clear()
        if not self.parts:
            return ""
        return self._taken().replace("\n", " ").replace(_BREAK, "\n").strip(" \n")

    def take_line(self) -> str:
        """The same as one line."""
        return " ".join(self._taken().replace(_BREAK, " ").split())

    def take_verbatim(self) -> str:
        """The same as it is written."""
        return self._taken().replace(_BREAK, "\n")

    def _taken(self) -> str:
        text = "".join(self.parts)
        self.parts.clear()
        if _EDGE in text:
            text = _EDGES.sub(" ", text).replace(_EDGE, "")
        if self._open:
            self._open = [(_WRITTEN if text.strip() else 0, url) for _, url in self._open]
        return text

    def open_link(self, url: str) -> None:
        """Begin a link."""
        self._open.append((len(self.parts), url))

    def close_link(self) -> None:
        """End the innermost link: its number follows its text."""
        begin, url = self._open.pop()
        text = "".join(self.parts[max(begin, 0) :]).strip()
        # A URL that is its own text needs no number; a link without any can't be seen in HTML.
        if text in {url, url.removeprefix("mailto:"), url.removeprefix("https://")}:
            self.parts.insert(max(begin, 0), _EDGE)
            self.parts.append(_EDGE)
            return
        if not (text or begin == _WRITTEN):
            return
        number = self._numbers.setdefault(url, len(self._numbers) + 1)
        self.parts.append(f"{GLUE}[{number}]" if text else f"[{number}]")

    def list_of_links(self) -> list[str]:
        """Each URL, whole, behind its number."""
        return [f"[{number}] {url}" for url, number in self._numbers.items()]
