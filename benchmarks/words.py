"""Sentences by a small grammar of plain English (grammar.toml); the same for the same seed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from random import Random

_GRAMMAR = tomllib.loads(Path(__file__).with_name("grammar.toml").read_text(encoding="utf-8"))
_LISTS: dict[str, list[str]] = {
    name: entries.split() if isinstance(entries, str) else entries
    for name, entries in _GRAMMAR.items()
}
_SLOT = re.compile(r"\{(\w+)\}")


class Writer:
    """Writes sentences by the grammar; the same for the same seed."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)  # noqa: S311  # a corpus, not a secret

    def phrase(self, slot: str) -> str:
        """One entry of a list, filled, with `a` before a vowel put right."""
        text = _LISTS[slot][int(self.random.random() * len(_LISTS[slot]))]
        if "{" in text:
            text = _SLOT.sub(lambda match: self.phrase(match[1]), text)
        return re.sub(r"\b([Aa]) (?=\*?[aeiou])", r"\1n ", text)

    def line(self, slot: str) -> str:
        """The same with a capital at its head."""
        text = self.phrase(slot)
        at = len(text) - len(text.lstrip('*"'))
        return text[:at] + text[at].upper() + text[at + 1 :]

    def paragraph(self, words: int) -> str:
        """Sentences until there are at least so many words."""
        sentences: list[str] = []
        count = 0
        while count < words:
            sentences.append(self.line("sentence"))
            count += sentences[-1].count(" ") + 1
        return " ".join(sentences)
