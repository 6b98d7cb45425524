"""Tags of other programs in a Markdown text (Liquid, Hugo's shortcodes), as plain Markdown."""

from __future__ import annotations

import re
from functools import partial

from pipeline.importing.escaping import escaped
from pipeline.importing.model import Note
from pipeline.importing.relinked import destination, outside_code

_FENCED = (
    re.compile(
        r"\{%-?\s*highlight\s+(?P<lang>[\w+#-]+)[^%]*%\}\n?(?P<code>.*?)\n?"
        r"\{%-?\s*endhighlight\s*-?%\}",
        re.DOTALL,
    ),
    re.compile(
        r"\{\{[<%]\s*highlight\s+\"?(?P<lang>[\w+#-]+)\"?[^>%]*[>%]\}\}\n?(?P<code>.*?)\n?"
        r"\{\{[<%]\s*/\s*highlight\s*[>%]\}\}",
        re.DOTALL,
    ),
)
"""Code of Jekyll and of Hugo."""
_FIGURE = re.compile(r"\{\{[<%]\s*(?:figure|img|image)\s+(?P<rest>[^}]*?)/?\s*[>%]\}\}")
_PAIR = re.compile(r"""(\w+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|'([^']*)'|(\S+))""")
_FILM = re.compile(
    r"\{\{[<%]\s*(?P<site>youtube|vimeo)\s+(?:id=)?\"?(?P<id>[\w-]+)\"?[^}]*[>%]\}\}"
    r"|\{%\s*(?P<tag>youtube|vimeo)\s+\"?(?P<key>[\w-]+)\"?[^%]*%\}"
)
_SIMPLE = tuple(
    (re.compile(pattern, re.IGNORECASE), by)
    for pattern, by in (
        (r"[ \t]*<!--\s*(?:more|buttondown-editor-mode:[^>]*)\s*-->[ \t]*\n?", ""),
        (
            r"""\{\{\s*["']([^"'}]*)["']\s*\|\s*(?:relative_url|absolute_url|url|prepend:[^}]*)"""
            r"""\s*\}\}""",
            r"\1",
        ),
        (r"\{\{\s*site\.(?:baseurl|url)\s*\}\}", ""),
        (r"\{%\s*post_url\s+(?:[\w/-]*/)?([\w-]+)\s*%\}", r"\1.md"),
        (r"\{%\s*link\s+(?:[\w/-]*/)?([\w.-]+)\s*%\}", r"\1"),
        (r"""\{\{[<%]\s*(?:rel)?ref\s+["']([^"']+)["']\s*[>%]\}\}""", r"\1"),
        (r"""(?<=[("'\s])[{|](?:static|attach|filename)[}|]""", ""),
    )
)
"""What stands in a text or a link for something plainer."""
_RAW = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}")
_IAL = re.compile(r"[ \t]*\{:[^}\n]*\}[ \t]*")
_FENCES = re.compile(
    r"(^|\n)(?P<mark>`{3,}|~{3,})[^\n]*\n.*?\n(?P=mark)`*~*[ \t]*(?=\n|\Z)", re.DOTALL
)
_LEFT = re.compile(r"\{\{[<%]\s*/?\s*([\w./-]+)|\{%-?\s*(\w+)|\{\{\s*([\w.]+)")


def plain(body: str, path: str) -> tuple[str, tuple[Note, ...]]:
    """The text without its program's own tags; code is left alone."""
    for pattern in _FENCED:
        body = pattern.sub(lambda found: f"```{found['lang']}\n{found['code']}\n```", body)
    notes: list[Note] = []
    pieces: list[str] = []
    at = 0
    for fence in _FENCES.finditer(body):
        pieces += (_replaced(body[at : fence.start()], path, notes), fence[0])
        at = fence.end()
    pieces.append(_replaced(body[at:], path, notes))
    return "".join(pieces).strip("\n") + "\n", tuple(dict.fromkeys(notes))


def _replaced(body: str, path: str, notes: list[Note]) -> str:
    for pattern, by in _SIMPLE:
        if pattern.search(body):
            body = outside_code(body, pattern, partial(_expanded, by=by))
    body = outside_code(body, _FIGURE, _figure) if _FIGURE.search(body) else body
    body = outside_code(body, _FILM, _film) if _FILM.search(body) else body
    body = _RAW.sub("", body)
    bare = outside_code(body, _IAL, lambda _: "") if "{:" in body else body
    if bare != body:
        notes.append(Note(path=path, message="attributes in {: } were taken out", loss=True))
        body = bare
    left: dict[str, None] = {}

    def told(found: re.Match[str]) -> str:
        left[next(filter(None, found.groups()))] = None
        return found[0]

    if _LEFT.search(body):
        outside_code(body, _LEFT, told)
    if left:
        listed = ", ".join(f"`{one}`" for one in left)
        notes.append(Note(path=path, message=f"template tags stand as typed: {listed}", loss=True))
    return body


def _expanded(found: re.Match[str], by: str) -> str:
    return found.expand(by)


def _figure(found: re.Match[str]) -> str:
    given = {
        key.lower(): double or single or bare
        for key, double, single, bare in _PAIR.findall(found["rest"])
    }
    said = (given.get("title"), given.get("caption"), given.get("attr"))
    caption = " ".join(one for one in dict.fromkeys(said) if one)
    quoted = caption.replace('"', '\\"') if '\\"' not in caption else caption
    title = f' "{quoted}"' if caption else ""
    alt = escaped(given.get("alt", "").replace('\\"', '"'), starts=False, urls=False)
    image = f"![{alt}]({destination(given.get('src', ''))}{title})"
    return f"[{image}]({destination(given['link'])})" if given.get("link") else image


def _film(found: re.Match[str]) -> str:
    site, key = found["site"] or found["tag"], found["id"] or found["key"]
    url = (
        f"https://www.youtube.com/watch?v={key}"
        if site == "youtube"
        else f"https://vimeo.com/{key}"
    )
    return f"<{url}>"
