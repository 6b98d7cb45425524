"""What an element of HTML shows: the true address of a picture or a film, a code's language."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from bs4 import Tag

_LANGUAGE = re.compile(
    r"(?:^|\s)(?:lang(?:uage)?-|brush:\s*|highlight-(?:source|text)-|sourceCode\s+)([\w+#.-]+)"
)
_LANGUAGES = ("data-lang", "data-language", "data-code-block-lang")
"""Where else a block of code says its language; the last is Medium's."""


def source(el: Tag) -> str:
    """An image's address: lazy loading keeps the true one elsewhere."""
    for key in ("data-src", "data-orig-file", "data-original", "data-lazy-src", "src"):
        value = str(el.get(key) or "").strip()
        if value and (key == "src" or not value.startswith("data:")):
            return value
    offered = str(el.get("srcset") or el.get("data-srcset") or "").strip()
    return offered.split(",")[-1].split()[0] if offered.strip(", ") else ""


def player(el: Tag) -> str:
    """The page of an embedded film or sound, for people; empty where it has no address."""
    inner = el.find(["source", "embed", "iframe"])
    said = el.get("src") or el.get("data") or (inner.get("src") if inner is not None else "")
    url = str(said or "")
    parts = urlsplit(url if not url.startswith("//") else f"https:{url}")
    host, path = (parts.hostname or "").removeprefix("www."), parts.path
    if host in ("youtube.com", "youtube-nocookie.com") and path.startswith("/embed/"):
        start = parse_qs(parts.query).get("start", [""])[0]
        at = f"&t={start}" if start.isdigit() else ""
        return f"https://www.youtube.com/watch?v={path[7:]}{at}"
    if host == "player.vimeo.com" and path.startswith("/video/"):
        return f"https://vimeo.com/{path[7:]}"
    return url


def language(el: Tag) -> str:
    """The language of a block of code; empty where nothing says it."""
    code = el.find("code")
    for one in (el, code, el.parent):
        if one is None:
            continue
        found = _LANGUAGE.search(" ".join(map(str, one.get_attribute_list("class"))))
        kept = next(filter(None, map(one.get, _LANGUAGES)), "")
        name = found[1] if found else str(kept)
        if re.fullmatch(r"[\w+#.-]{1,30}", name):
            return name
    return ""
