"""The text of one block while it is gathered, and the links in it."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import quote

from pipeline.markdown.targets import Mistake, Targets
from pipeline.plaintext.wrap import GLUE
from pipeline.text import OWN_ROOT


class Inline:
    """Gathers a block's text; numbers the URLs that it links to."""

    def __init__(self, targets: Targets, root_url: str, visible: Collection[str]) -> None:
        self.parts: list[str] = []
        self._targets = targets
        self._root = root_url
        self._visible = visible
        self._open: list[tuple[int, str]] = []
        self._numbers: dict[str, int] = {}

    def add(self, text: str) -> None:
        """Add text."""
        self.parts.append(text)

    def take(self) -> str:
        """The text gathered so far, which this takes away; open links go on."""
        text = "".join(self.parts)
        self.parts.clear()
        if self._open:
            self._open = [(0, url) for _, url in self._open]
        return text

    def open_link(self, written: str) -> None:
        """Begin a link."""
        self._open.append((len(self.parts), self._url(written)))

    def close_link(self) -> None:
        """End the innermost link, if one is open: its number follows its text."""
        if not self._open:
            return
        begin, url = self._open.pop()
        text = "".join(self.parts[begin:]).strip()
        # A URL that is its own text needs no number.
        if not url or text in {url, url.removeprefix("mailto:"), url.removeprefix("https://")}:
            return
        number = self._numbers.setdefault(url, len(self._numbers) + 1)
        self.parts.append(f"{GLUE}[{number}]" if text else f"[{number}]")

    def close_links(self) -> None:
        """End the links that raw HTML left open."""
        while self._open:
            self.close_link()

    def list_of_links(self) -> list[str]:
        """Each URL, whole, behind its number."""
        return [f"[{number}] {url}" for url, number in self._numbers.items()]

    def _url(self, written: str) -> str:
        """The absolute URL of a link; empty for one that leads nowhere, or is not public yet."""
        target = self._targets.link(written)
        if isinstance(target, Mistake) or (target.article and target.article not in self._visible):
            return ""
        if target.url.startswith("#"):
            return f"{self._root}{quote(self._targets.page)}{target.url}"
        return target.url.replace(OWN_ROOT, self._root)
