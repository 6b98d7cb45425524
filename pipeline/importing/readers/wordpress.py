"""WordPress and Squarespace exports (WXR): posts in order, with what belongs to them.

WordPress's own importer is the description of the format; Squarespace writes the same elements.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from urllib.parse import unquote

from pipeline.config import Author
from pipeline.importing.bundle import MAX_EXPORT, Bundle, refused
from pipeline.importing.decoding import decoded
from pipeline.importing.model import Imported, Note
from pipeline.importing.moments import Moment, moment, utc
from pipeline.importing.readers import wordpressblocks
from pipeline.importing.readers.xml import elements
from pipeline.text import host, one_line

_SITE = re.compile(r"<link>\s*(https?://[^<\s]+)\s*</link>")
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_BLOCK_COMMENT = re.compile(r"<!--\s*/?wp:.*?-->\s*", re.DOTALL)
_FOOTNOTES = re.compile(r"<!--\s*wp:footnotes.*?-->")
_MORE = re.compile(r"<!--(?:more|nextpage|noteaser).*?-->")
_CAPTION = re.compile(r"\[caption[^\]]*\](.*?)\[/caption\]", re.DOTALL)
_PICTURE = re.compile(r"\s*((?:<a[^>]*>\s*)?<img[^>]*>(?:\s*</a>)?)\s*(.*)", re.DOTALL)
_EMBED = re.compile(r"\[embed[^\]]*\]\s*(\S+?)\s*\[/embed\]")
_CODE = re.compile(
    r"""\[(?:source)?code(?:\s+lang(?:uage)?=["']?([\w+#-]+)["']?[^\]]*)?\](.*?)\[/(?:source)?code\]""",
    re.DOTALL,
)
_AUDIO = re.compile(
    r"""\[(?:audio|video)[^\]]*?(?:src|mp3|mp4|m4a|ogg|webm)=["']([^"']+)["'][^\]]*\](?:\s*\[/(?:audio|video)\])?"""
)
_SHORTCODE = re.compile(r"\[/?([a-z][a-z0-9_-]{2,30})(?:\s+[a-z_-]+=[^\]]*)?/?\]")
_BLOCKS = (
    r"(?:table|thead|tfoot|caption|col|colgroup|tbody|tr|td|th|div|dl|dd|dt|ul|ol|li|pre|form"
    r"|blockquote|address|p|h[1-6]|hr|fieldset|section|article|aside|header|footer|nav|figure"
    r"|figcaption|details|summary|iframe|video|audio|script|style)"
)
_PAGES = frozenset({"post", "page"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """A post or a page as exported; a date without a zone is on the newsletter's clocks."""

    kind: str
    status: str
    thumbnail: str
    title: str
    link: str
    guid: str
    creator: str
    content: str
    footnotes: str
    summary: str
    id: str
    slug: str
    date: Moment | None
    updated: datetime | None
    tags: tuple[str, ...]
    secret: bool


@dataclass(kw_only=True)
class _Export:
    """What articles refer to elsewhere in the export."""

    people: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By id: an attachment's URL and its alternative text."""
    reused: dict[str, str] = field(default_factory=dict)
    """By id: what a block holds that several posts show (a “synced pattern”)."""
    site: str = ""
    """Where relative addresses begin: Squarespace names its posts so."""
    items: list[_Item] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def read(bundle: Bundle, name: str) -> Iterator[Imported]:
    """Every post, and the pages where there is no post; drafts are drafts."""
    path = bundle.path(name)
    content, _ = decoded(bundle.read(name, MAX_EXPORT))
    export = _export(content, path)
    posts = [one for one in export.items if one.kind == "post"] or export.items
    if not posts:
        raise refused(path, "there are no posts in this export", "export posts, too", "empty")
    if pages := len(export.items) - len(posts):
        export.skipped["page"] = pages
    left = [f"{count} {kind}" for kind, count in export.skipped.items()]
    for at, one in enumerate(posts):
        notes = [Note(path=path, message=f"left out: {', '.join(left)}")] if left and not at else []
        yield _article(one, export, path, notes)


def _export(content: str, path: str) -> _Export:
    """Read in one pass; an item is forgotten as soon as its facts are taken."""
    site = _SITE.search(content.partition("<item>")[0])
    export = _Export(site=site[1] if site else "")
    space = re.search(r"""xmlns:wp=["']([^"']+)""", content[:20000])
    excerpt = re.search(r"""xmlns:excerpt=["']([^"']+)""", content[:20000])
    wp = f"{{{space[1]}}}" if space else "{http://wordpress.org/export/1.2/}"
    summary = f"{{{excerpt[1]}}}encoded" if excerpt else f"{wp}excerpt"
    for one in elements(content, ("item", f"{wp}author"), path):
        if one.tag != "item":
            login = one.findtext(f"{wp}author_login") or ""
            export.people[login] = one.findtext(f"{wp}author_display_name") or login
            continue
        kind = one.findtext(f"{wp}post_type") or "post"
        meta = {
            str(row.findtext(f"{wp}meta_key")): str(row.findtext(f"{wp}meta_value") or "")
            for row in one.findall(f"{wp}postmeta")
        }
        if kind == "attachment":
            url = one.findtext(f"{wp}attachment_url") or ""
            export.pictures[one.findtext(f"{wp}post_id") or ""] = (
                url,
                meta.get("_wp_attachment_image_alt", ""),
            )
            continue
        if kind == "wp_block":
            key = one.findtext(f"{wp}post_id") or ""
            export.reused[key] = one.findtext(_CONTENT) or ""
            continue
        status = one.findtext(f"{wp}status") or "publish"
        if kind not in _PAGES or status in ("trash", "auto-draft", "inherit"):
            named = f"{status} {kind}" if kind in _PAGES else kind
            export.skipped[named] += 1
            continue
        if replies := len(one.findall(f"{wp}comment")):
            export.skipped["comments"] += replies
        export.items.append(
            _Item(
                kind=kind,
                status=status,
                thumbnail=meta.get("_thumbnail_id", ""),
                title=one.findtext("title") or "",
                link=one.findtext("link") or "",
                guid=one.findtext("guid") or "",
                creator=one.findtext(_CREATOR) or "",
                content=one.findtext(_CONTENT) or "",
                footnotes=meta.get("footnotes", ""),
                summary=one.findtext(summary) or "",
                id=one.findtext(f"{wp}post_id") or "",
                slug=one.findtext(f"{wp}post_name") or "",
                date=utc(one.findtext(f"{wp}post_date_gmt"))
                or moment(one.findtext(f"{wp}post_date"))
                or moment(one.findtext("pubDate")),
                updated=utc(one.findtext(f"{wp}post_modified_gmt")),
                tags=tuple(
                    row.text or ""
                    for row in one.findall("category")
                    if row.get("nicename") != "uncategorized"
                ),
                secret=bool(one.findtext(f"{wp}post_password")),
            )
        )
    return export


def _article(one: _Item, export: _Export, path: str, notes: list[Note]) -> Imported:
    title = one_line(unescape(one.title)) or "Untitled"
    where = f"{path}#{one.id or one.slug or title}"
    identity = one.guid or one.link
    below = _footnotes(one.footnotes)
    if below is None:
        notes.append(Note(path=where, message="its footnotes can't be read", loss=True))
    content = wordpressblocks.shown(one.content, export.reused, export.pictures)
    content = _FOOTNOTES.sub("", content)
    if filled := wordpressblocks.filled(content):
        what = f"blocks that WordPress fills are not in the export: {', '.join(filled)}"
        notes.append(Note(path=where, message=what, loss=True))
    html, left = _html(f"{content}{below or ''}")
    if left:
        what = f"shortcodes that only their plugins know stand as typed: {', '.join(left)}"
        notes.append(Note(path=where, message=what, loss=True))
    if one.secret:
        notes.append(Note(path=where, message="was protected by a password: it is a draft now"))
    within = export.site and re.match("/(?!/)", one.link)
    url = f"{export.site.rstrip('/')}{one.link}" if within else one.link
    image, alt = export.pictures.get(one.thumbnail, ("", ""))
    person = export.people.get(one.creator, one.creator)
    return Imported(
        origin=one_line(f"wordpress:{identity or where}"),
        path=where,
        title=title,
        body=html,
        markup="html",
        date=one.date,
        updated=_later(one.updated, one.date),
        slug=unquote(one.slug.rpartition("/")[2]),
        id=identity if ":" in identity else "",
        authors=(Author(name=one_line(person)),) if person and "@" not in person else (),
        tags=tuple(dict.fromkeys(one_line(tag) for tag in one.tags if tag.strip())),
        summary=one_line(re.sub(r"<[^>]*>", " ", unescape(one.summary))),
        image=image,
        image_alt=one_line(alt),
        draft=one.status not in ("publish", "future") or one.secret,
        url=url if host(url) else "",
        notes=tuple(notes),
    )


def _later(updated: datetime | None, published: Moment | None) -> datetime | None:
    """When an article was changed after it was published."""
    if updated is None or not isinstance(published, datetime) or published.tzinfo is None:
        return None
    return updated if updated > published else None


def _footnotes(said: str) -> str | None:
    """The footnotes that a post keeps as JSON beside its content; None where they are broken."""
    try:
        notes = [(one["id"], one["content"]) for one in json.loads(said or "[]")]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    rows = [f'<li id="{at}">{words} <a href="#{at}-link">↩</a></li>' for at, words in notes]
    return f"\n\n<ol>{''.join(rows)}</ol>" if rows else ""


def _html(content: str) -> tuple[str, list[str]]:
    """A post's HTML as WordPress shows it, and the shortcodes that nobody here knows."""
    html = _MORE.sub("", content)
    blocks = "<!-- wp:" in html
    html = _BLOCK_COMMENT.sub("", html)
    html = _CODE.sub(_code, html)
    html = _CAPTION.sub(_captioned, html)
    html = _EMBED.sub(r'<p><a href="\1">\1</a></p>', html)
    html = _AUDIO.sub(r'<p><a href="\1">\1</a></p>', html)
    left = dict.fromkeys(
        found[1]
        for found in _SHORTCODE.finditer(re.sub(r"<pre.*?</pre>", "", html, flags=re.DOTALL))
    )
    return html if blocks else paragraphs(html), [f"[{one}]" for one in left]


def _code(found: re.Match[str]) -> str:
    language = f' class="language-{found[1]}"' if found[1] else ""
    inner = found[2].strip("\n")
    escaped = inner if "&lt;" in inner else inner.replace("&", "&amp;").replace("<", "&lt;")
    return f"<pre><code{language}>{escaped}</code></pre>"


def _captioned(found: re.Match[str]) -> str:
    inner = _PICTURE.fullmatch(found[1])
    if inner is None:
        return found[1]
    return f"<figure>{inner[1]}<figcaption>{inner[2].strip()}</figcaption></figure>"


def paragraphs(html: str) -> str:
    """Text of the classic editor: an empty line ends a paragraph, a single one is a line's end.

    The editor writes `<p>` where a paragraph has attributes, and leaves the others bare.
    """
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\n\n\ufdd3{len(kept) - 1}\ufdd3\n\n"

    html = re.sub(r"<pre.*?</pre>", keep, html.replace("\r\n", "\n"), flags=re.DOTALL)
    html = re.sub(rf"(?=<{_BLOCKS}[\s>/])", "\n\n", html)
    html = re.sub(rf"(</{_BLOCKS}>)", "\\1\n\n", html)
    out = []
    for block in re.split(r"\n\s*\n", html):
        block = block.strip()
        bare = re.match(rf"</?{_BLOCKS}[\s>/]|\ufdd3", block)
        out.append(
            block if bare or not block else f"<p>{block.replace(chr(10), '<br>' + chr(10))}</p>"
        )
    return re.sub(r"\ufdd3(\d+)\ufdd3", lambda found: kept[int(found[1])], "\n".join(out))
