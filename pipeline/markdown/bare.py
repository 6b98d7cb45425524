"""Bare URLs and addresses in running text (GFM §6.9), found by linkify-it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from linkify_it import LinkifyIt

# No URL spans white space: looking at single words keeps a long line linear, and longer words than
# this are no URL that anybody wrote. Nor does one span quotation marks, or the marks of Chinese and
# Japanese, which stand against a URL without a space; in a URL they are percent-encoded.
_WORD = re.compile("[^\\s“”„«»‹›，。、；：？！（）「」『』【】《》〈〉]+")
_LONGEST = 2000
# A URL with a service's merge tag in it can't be followed.
_MERGE_TAG = re.compile(r"[{}|]")
_SCHEMES = frozenset({"http:", "https:", "mailto:"})


def has_bare(text: str) -> bool:
    """A cheap test: False where no URL or address can stand."""
    return "://" in text or "www." in text or "@" in text


@cache
def _finder(fuzzy: bool) -> LinkifyIt:
    from linkify_it import LinkifyIt

    # Without fuzzy links a file name (`README.md`) is not taken for a host.
    return LinkifyIt(options={"fuzzy_link": fuzzy})


def find(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, URL) of each bare URL in a text, in order."""
    for word in _WORD.finditer(text):
        if len(word[0]) > _LONGEST or not has_bare(word[0]) or _MERGE_TAG.search(word[0]):
            continue
        for match in _finder("www." in word[0]).match(word[0]) or ():
            url = match.url
            if match.schema == "" and match.text.lower().startswith("www."):
                url = f"https://{match.text}"
            elif match.schema not in _SCHEMES:
                continue
            yield word.start() + match.index, word.start() + match.last_index, url
