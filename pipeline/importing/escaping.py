"""Plain words as Markdown that says just these words.

Only what would act is escaped, so that the article stays pleasant to read and edit.
"""

from __future__ import annotations

import re

_URL = re.compile(r"(?:https?://|www\.)[^\s<>]*[^\s<>.,;:!?'\")\]}*_~`]", re.IGNORECASE)
_ENTITY = re.compile(r"&#?\w{1,32};")
_ACTIVE = re.compile(
    r"""
      [\\*`\[\]<]                       # escapes, emphasis, code, links, HTML
    | ~                                   # struck through
    | (?<![^\W_])_ | _(?![^\W_])          # emphasis, but within a word an underscore is none
    | &(?=\#?\w{1,32};)                   # an entity
    | \|(?=\s*:?-) | (?<=-)\|             # a table's delimiter row
    | }(?=\s*$)                          # the end of a heading's attributes
    """,
    re.VERBOSE | re.MULTILINE,
)
_AT_START = re.compile(
    r"""^(?:
      (?P<mark>[#]{1,6}(?=\s|$) | > | [-+*](?=\s|$) | [-=_:|]++(?=[\s:|-]*$) | :(?=\s|$) | \|)
    | (?P<number>\d{1,9})(?=[.)](?:\s|$))
    )""",
    re.VERBOSE,
)


def escaped(words: str, *, starts: bool = True, urls: bool = True) -> str:
    """A line of plain text as Markdown.

    `starts` where it may be the first of a block; `urls` where a bare URL becomes a link, so that
    nothing may be escaped in it.
    """
    out: list[str] = []
    at = 0
    for url in _URL.finditer(words) if urls else ():
        if _ENTITY.search(words, url.start(), url.end() + 1):
            continue  # an address can't hold what would be read as an entity
        out += (_ACTIVE.sub(r"\\\g<0>", words[at : url.start()]), _address(url[0]))
        at = url.end()
    line = "".join((*out, _ACTIVE.sub(r"\\\g<0>", words[at:])))
    return at_start(line) if starts else line


def _address(url: str) -> str:
    """A bare URL, in brackets where its own characters would act."""
    if not _ACTIVE.search(url):
        return url
    return f"<{url}>" if url.lower().startswith("http") else _ACTIVE.sub(r"\\\g<0>", url)


def at_start(line: str) -> str:
    """The line with what would begin a block escaped."""
    found = _AT_START.match(line)
    if found is None:
        return line
    if found["number"]:
        end = found.end("number")
        return f"{line[:end]}\\{line[end:]}"
    return f"\\{line}"
