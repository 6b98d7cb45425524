"""XML from elsewhere: no entities, no document from the network, no end of memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from lxml import etree

from pipeline.errors import PartworkError
from pipeline.importing.bundle import refused
from pipeline.text import one_line

_ENTITY = re.compile(r"<!ENTITY|<!DOCTYPE[^>\[]*(?:\[|SYSTEM\s+[\"'](?!http))", re.IGNORECASE)
_DECLARED = re.compile(r"""\A\s*<\?xml[^>]*\?>""")


def vetted(content: str, path: str) -> None:
    """PartworkError for XML that declares entities: bombs and files of this machine come so."""
    start = content[: content.find("<rss") if "<rss" in content[:65536] else 65536]
    if _ENTITY.search(start) or "<!ENTITY" in content[:1_000_000]:
        raise refused(
            path,
            "this XML declares entities, which can unpack to anything or read files",
            "don't trust this file",
            "xml-entities",
        )


def elements(content: str, tags: tuple[str, ...], path: str) -> Iterator[Any]:
    """Each element with one of these names (`{namespace}name`), in order; its memory is freed.

    PartworkError where the document is cut off or broken.
    """
    vetted(content, path)
    data = BytesIO(_DECLARED.sub("", content).encode())
    try:
        for _, one in etree.iterparse(
            data, events=("end",), tag=tags, resolve_entities=False, no_network=True, load_dtd=False
        ):
            yield one
            one.clear()
            while one.getprevious() is not None and one.getparent() is not None:
                del one.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise _broken(path, error) from None


def _broken(path: str, error: etree.XMLSyntaxError) -> PartworkError:
    line = error.lineno or 1
    what = f"this export is cut off or broken at line {line} ({one_line(error.msg or '')})"
    return refused(path, what, "download it again", "truncated")
