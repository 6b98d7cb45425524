"""Ghost's JSON export: posts with their authors, tags and pictures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import escape, unescape
from typing import Any

from pipeline.config import Author
from pipeline.importing.bundle import MAX_EXPORT, Bundle, refused
from pipeline.importing.decoding import decoded
from pipeline.importing.model import Imported, Note
from pipeline.importing.moments import moment
from pipeline.text import excerpt, is_contact, one_line

_SITE = "__GHOST_URL__"
"""Ghost writes this for its own address."""

_Row = Mapping[str, Any]


def read(bundle: Bundle, name: str) -> Iterator[Imported]:
    """Every post, and the pages where there is no post; `post.id` is the guid of Ghost's feed."""
    path = bundle.path(name)
    content, _ = decoded(bundle.read(name, MAX_EXPORT))
    tables = _tables(content, path)
    rows = _rows(tables, "posts")
    posts = [one for one in rows if _is(one, "post")] or rows
    if not posts:
        raise refused(path, "there are no posts in this export", "export again", "empty")
    people = {str(one.get("id")): one for one in _rows(tables, "users")}
    tags = {str(one.get("id")): str(one.get("name") or "") for one in _rows(tables, "tags")}
    metas = {str(one.get("post_id")): one for one in _rows(tables, "posts_meta")}
    left = len(rows) - len(posts)
    for at, one in enumerate(posts):
        said = [Note(path=path, message=f"left out: {left} pages")] if left and not at else []
        key = str(one.get("id"))
        wrote = _joined(tables, "posts_authors", key, "author_id") or [str(one.get("author_id"))]
        yield _article(
            one,
            meta=metas.get(key, {}),
            authors=[people[who] for who in wrote if who in people],
            tags=[tags[tag] for tag in _joined(tables, "posts_tags", key, "tag_id") if tag in tags],
            path=f"{path}#{one.get('slug') or key}",
            notes=said,
        )


def _tables(content: str, path: str) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
        whole = found["db"][0] if "db" in found else found
        data = whole.get("data", whole)
        posts: list[Any] = data["posts"]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        what = f"this is no whole Ghost export ({one_line(str(error))})"
        raise refused(path, what, "export again", "truncated") from None
    return {**data, "posts": list(posts)}


def _rows(tables: Mapping[str, Any], name: str) -> list[_Row]:
    return [one for one in tables.get(name) or () if isinstance(one, dict)]


def _joined(tables: Mapping[str, Any], name: str, post: str, key: str) -> list[str]:
    """What a table of pairs joins to a post, in its order."""
    found = [one for one in _rows(tables, name) if str(one.get("post_id")) == post]
    found.sort(key=lambda one: int(one.get("sort_order") or 0))
    return [str(one.get(key)) for one in found]


def _is(one: _Row, kind: str) -> bool:
    """Whether a row is a post; old exports say it by `page`."""
    return one.get("type") == kind if "type" in one else bool(one.get("page")) == (kind == "page")


def _article(
    one: _Row, *, meta: _Row, authors: list[_Row], tags: list[str], path: str, notes: list[Note]
) -> Imported:
    html = one.get("html")
    if not html and one.get("plaintext"):
        html = "".join(f"<p>{escape(line)}</p>" for line in str(one["plaintext"]).split("\n"))
        notes.append(Note(path=path, message="has no HTML: its plain text was taken", loss=True))
    if not html and (one.get("lexical") or one.get("mobiledoc")):
        message = "has no HTML, only its editor's own format: it is empty"
        notes.append(Note(path=path, message=message, loss=True))
    private = ""
    if one.get("visibility") not in (None, "public"):
        private = f"was for {one['visibility']} only"
    elif one.get("status") == "sent" or meta.get("email_only"):
        private = "was sent by email only"
    if private:
        notes.append(Note(path=path, message=f"{private}: it is a draft now", loss=True))
    caption = _words(meta.get("feature_image_caption"))
    alternative = one_line(str(meta.get("feature_image_alt") or "")) or caption
    if caption and caption != alternative and one.get("feature_image"):
        message = f"the caption of its feature image has no place here: {excerpt(caption, 80)!r}"
        notes.append(Note(path=path, message=message, loss=True))
    return Imported(
        origin=f"ghost:{one.get('uuid') or one.get('id')}",
        path=path,
        title=one_line(str(one.get("title") or "")) or "Untitled",
        body=_local(str(html or "")),
        markup="html",
        date=moment(one.get("published_at")),
        updated=moment(one.get("updated_at")) if one.get("published_at") else None,
        slug=str(one.get("slug") or ""),
        id=str(one.get("id") or ""),
        authors=tuple(_author(who) for who in authors),
        tags=tuple(tag for tag in map(one_line, tags) if tag and not tag.startswith("#")),
        summary=one_line(str(one.get("custom_excerpt") or meta.get("meta_description") or "")),
        image=_local(str(one.get("feature_image") or "")),
        image_alt=alternative,
        lang=str(one.get("locale") or ""),
        draft=bool(private) or one.get("status") not in ("published", "scheduled"),
        canonical_url=str(one.get("canonical_url") or "").replace(_SITE, ""),
        notes=tuple(notes),
    )


def _words(html: object) -> str:
    """A caption's words; it is HTML where it has a link."""
    return one_line(unescape(re.sub(r"<[^>]*>", "", str(html or ""))))


def _author(one: _Row) -> Author:
    website = str(one.get("website") or "")
    return Author(
        name=one_line(str(one.get("name") or "")), uri=website if is_contact(website) else ""
    )


def _local(html: str) -> str:
    """Ghost's own addresses as paths, which an archive with its content folder holds."""
    return html.replace(f"{_SITE}/", "/")
