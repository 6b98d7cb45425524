"""What a WordPress post shows and does not hold: shared blocks, galleries, what WordPress fills.

A shared block (a “synced pattern”) and the pictures of a gallery are items of the export of their
own, which a post names by their ids.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from pipeline.importing.bundle import MAX_EXPORT

# Bounded, so that no text makes them search it again and again.
_SHARED = re.compile(
    r"""<!--\s*wp:block\s{1,9}\{[^{}]{0,500}?"ref":\s{0,9}(\d{1,20})[^{}]{0,500}\}\s{0,9}/-->"""
)
_FILLED = re.compile(r"<!--\s{0,9}wp:([\w/-]{1,99})\s(?:(?!-->).){0,1000}/-->", re.DOTALL)
_GALLERY = re.compile(
    r"""(?<!\[)\[gallery(?=\s)(?:\s[^\]]{0,500}?)?\sids=["']([\d,\s]{1,5000})["'][^\]]{0,500}\](?!\])"""
)
_DEEPEST = 3
"""Shared blocks within shared blocks, at most."""


def shown(content: str, shared: Mapping[str, str], pictures: Mapping[str, tuple[str, str]]) -> str:
    """A post with its shared blocks and its galleries' pictures (URL, alternative text) by id.

    What is not in the export stays as it is, and so does what would grow beyond `MAX_EXPORT`.
    """
    room = MAX_EXPORT

    def block(found: re.Match[str]) -> str:
        nonlocal room
        inner = shared.get(found[1])
        if inner is None or len(inner) > room:
            return found[0]
        room -= len(inner)
        return inner

    def gallery(found: re.Match[str]) -> str:
        several = [pictures.get(one.strip(), ("", "")) for one in found[1].split(",")]
        if not all(url for url, _ in several):
            return found[0]
        rows = (f'<p><img src="{escape(url)}" alt="{escape(alt)}"></p>' for url, alt in several)
        return "\n\n" + "\n\n".join(rows) + "\n\n"

    for _ in range(_DEEPEST):
        content = _SHARED.sub(block, content)
    return _GALLERY.sub(gallery, content)


def filled(content: str) -> list[str]:
    """The names of blocks that hold nothing: WordPress fills them when the page is shown."""
    return [*dict.fromkeys(_FILLED.findall(content))]
