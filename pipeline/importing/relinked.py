"""Markdown of other programs with its links and pictures resolved; all else stays as written."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from functools import partial

import pyromark

from pipeline.importing.media import Media

_INLINE = (
    r"\(\s*(?P<to><[^>\n]*>|[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)"
    r"""(?P<title>\s+(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'))?\s*\)"""
)
"""A destination and a title in brackets."""
_IMAGE = re.compile(rf"!\[(?P<alt>(?:\\.|[^\]\\])*)\]{_INLINE}")
_LINK = re.compile(
    rf"(?<![\\!])\[(?P<text>(?:\\.|!\[(?:\\.|[^\]\\])*\]\([^)\n]*\)|[^\]\[\\])*)\]{_INLINE}"
)
_DEFINED = re.compile(
    r"^(?P<head> {0,3}\[(?!\^)(?:\\.|[^\]\\])+\]:[ \t]*)(?P<to><[^>\n]*>|\S+)"
    r"""(?P<title>[ \t]+(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\([^()\n]*\))[ \t]*$)?""",
    re.MULTILINE,
)
_REFERRED = (
    r"(?P<sign>!?)(?:\[(?P<words>[^\]\n]*)\]\[(?P<label>LABEL)\]"
    r"|\[(?P<alone>LABEL)\](?!\(|:)(?:\[\])?)"
)
"""`[words][label]`, `[label][]` and `[label]`."""
_TAG = re.compile(r"<(?P<tag>img|a)\b(?P<rest>[^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""\b(src|href|alt|title)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE
)


def relinked(body: str, media: Media) -> str:
    """The body with each destination as the new article needs it; code is left alone."""
    body = outside_code(body, _IMAGE, lambda found: _image(found, media))
    body = outside_code(body, _LINK, lambda found: _link(found, media))
    body = outside_code(body, _TAG, lambda found: _tag(found, media))
    defined: dict[str, str] = {}
    body = outside_code(body, _DEFINED, lambda found: _defined(found, media, body, defined))
    for label, url in defined.items():
        used = re.compile(_REFERRED.replace("LABEL", re.escape(label)), re.IGNORECASE)
        body = outside_code(body, used, partial(_referred, media=media, url=url))
    return body


def outside_code(
    body: str, pattern: re.Pattern[str], changed: Callable[[re.Match[str]], str]
) -> str:
    """Every match replaced but for those in code (CommonMark §4.4, §4.5, §6.1)."""
    code = _code(body)
    starts = [start for start, _ in code]

    def one(found: re.Match[str]) -> str:
        at = bisect_right(starts, found.start()) - 1
        return found[0] if at >= 0 and found.start() < code[at][1] else changed(found)

    return pattern.sub(one, body)


def _code(body: str) -> list[tuple[int, int]]:
    """The spans of code in a body, in characters and in order."""
    data = body.encode()
    spans: list[tuple[int, int]] = []
    seen = chars = 0
    parser = pyromark.Markdown(options=pyromark.Options.ENABLE_GFM)
    for event, span in parser.events_with_range(body):
        if isinstance(event, dict) and ("Code" in event or _opens_code(event.get("Start"))):
            chars += len(data[seen : span["start"]].decode())
            seen = span["end"]
            length = len(data[span["start"] : seen].decode())
            spans.append((chars, chars + length))
            chars += length
    return spans


def _opens_code(element: object) -> bool:
    return isinstance(element, dict) and "CodeBlock" in element


def destination(url: str) -> str:
    """A URL as a link's destination (CommonMark §6.3)."""
    plain = url.replace("\n", "").replace("<", "%3C").replace(">", "%3E")
    return f"<{plain}>" if re.search(r"[\s()\\]", plain) else plain


def _to(found: re.Match[str]) -> str:
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", found["to"].strip("<>"))


def _image(found: re.Match[str], media: Media) -> str:
    src = media.image(_to(found))
    if not src:
        return found["alt"]
    title = found["title"] or ""
    alt = found["alt"]
    if not alt.strip():
        alt = media.alternative("", title.strip().strip("\"'"), _to(found))
    return f"![{alt}]({destination(src)}{title})"


def _link(found: re.Match[str], media: Media) -> str:
    if "![" in found["text"] and not found["to"]:
        return found[0]
    href = media.link(_to(found))
    return (
        f"[{found['text']}]({destination(href)}{found['title'] or ''})" if href else found["text"]
    )


def _tag(found: re.Match[str], media: Media) -> str:
    given = {name.lower(): value.strip("\"'") for name, value in _ATTRIBUTE.findall(found["rest"])}
    key = "src" if found["tag"].lower() == "img" else "href"
    if key not in given:
        return found[0]
    url = media.image(given["src"]) if key == "src" else media.link(given["href"])
    if not url:
        return given.get("alt", "") if key == "src" else "<a>"
    rest = _ATTRIBUTE.sub(
        lambda one: f'{one[1]}="{url}"' if one[1].lower() == key else one[0], found["rest"]
    )
    if key == "src" and not given.get("alt"):
        alt = media.alternative("", given.get("title", ""), given["src"])
        rest = re.sub(r"""\balt\s*=\s*(""|'')""", "", rest).rstrip(" /") + f' alt="{alt}"'
    return f"<{found['tag']}{rest}>"


def _defined(found: re.Match[str], media: Media, body: str, defined: dict[str, str]) -> str:
    """A reference definition, whose picture or page is known by how it is referred to."""
    label = found["head"].strip()[1:-2].strip()
    escaped = re.escape(label)
    shown = re.search(rf"!\[[^\]]*\]\[{escaped}\]|!\[{escaped}\](?!\()", body, re.IGNORECASE)
    url = media.image(_to(found)) if shown else media.link(_to(found))
    defined[label] = url
    return f"{found['head']}{destination(url)}{found['title'] or ''}" if url else ""


def _referred(found: re.Match[str], media: Media, url: str) -> str:
    """A reference, with words for a picture that has none; without its link where that is lost."""
    words = found["words"] or found["alone"] or ""
    if not url:
        return words
    if found["sign"] and not words.strip():
        return f"![{media.alternative('', '', url)}][{found['label']}]"
    return found[0]
