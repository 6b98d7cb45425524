"""A feed's file: RSS and Atom by feedparser, JSON Feed as it stands."""

from __future__ import annotations

import calendar
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape, unescape
from io import BytesIO
from typing import Any

import feedparser
from bs4 import BeautifulSoup

from pipeline.config import Author
from pipeline.importing.bundle import MAX_EXPORT, Bundle, refused
from pipeline.importing.decoding import decoded
from pipeline.importing.model import Imported, Note, unread
from pipeline.importing.moments import Moment, moment
from pipeline.importing.readers.xml import vetted
from pipeline.text import excerpt, host, one_line

_PART = re.compile(r"(?i)^part (\d{1,4})(?: of \d{1,4})?: (?=\S)")
_ENCODING = re.compile(r"""\A(\s*<\?xml[^>]*?)\s+encoding=(?:"[^"]*"|'[^']*')""")
_ENDING = re.compile(r"\.(?:html?|php|aspx?)$")
_TAG = re.compile(
    r"</?(?:a|abbr|b|br|cite|code|del|em|i|ins|kbd|mark|p|q|s|small|span|strong|sub|sup|u|wbr)\b[^>]*>",
    re.IGNORECASE,
)
"""What is markup in an RSS title, which may be text or HTML: `List<String>` is text."""
_SUMMARY = 400
"""Characters of a description that is no article, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """An entry of any format. `whole` is False where the feed has but a summary of it."""

    title: str
    id: str
    url: str
    html: str
    whole: bool
    summary: str
    dated: object
    """Its date as it is written."""
    date: Moment | None
    updated: Moment | None
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    image: str = ""
    lang: str = ""
    beside: tuple[str, ...] = ()
    """The addresses of what comes with it: recordings, films, files, the page that it is about."""
    unsaid: str = ""
    """A description that is no summary and no part of the text."""


def read(bundle: Bundle, name: str) -> Iterator[Imported]:
    """Every entry; its guid becomes the article's id, so that no reader sees it as new."""
    path = bundle.path(name)
    content, _ = decoded(bundle.read(name, MAX_EXPORT))
    made = _json if content.lstrip().startswith("{") else _xml
    entries = [*made(content, path)]
    if not entries:
        raise refused(path, "this feed has no entries", "save it again", "empty")
    for at, one in enumerate(entries):
        yield _article(one, path, at)


def _article(one: _Entry, path: str, at: int) -> Imported:
    title = one_line(one.title) or "Untitled"
    numbered = _PART.match(title)
    what = f"{title!r}: the feed has its summary only, not its text"
    identity = one_line(one.id or one.url or title)
    where = f"{path}#{identity}"
    notes = [] if one.whole else [Note(path=path, message=what, loss=True)]
    if one.unsaid:
        what = (
            f"its description is too long for a summary: {excerpt(one.unsaid, 60)!r} was left out"
        )
        notes.append(Note(path=where, message=what, loss=True))
    if not one.date:
        notes += unread(where, one.dated)
    return Imported(
        origin=f"feed:{identity}",
        path=where,
        title=_PART.sub("", title),
        body=one.html + "".join(_links(one)),
        markup="html",
        date=one.date,
        updated=one.updated if one.updated != one.date else None,
        id=one.id,
        authors=tuple(Author(name=name) for name in one.authors),
        tags=tuple(map(one_line, one.tags)),
        summary=one_line(one.summary),
        image=one.image,
        lang=one.lang,
        part=int(numbered[1]) if numbered else None,
        weight=at,
        slug=_slug(one.url),
        url=one.url if host(one.url) else "",
        notes=tuple(notes),
    )


def _links(one: _Entry) -> Iterator[str]:
    """Links to what comes with an entry, where its text has none."""
    for url in dict.fromkeys(one.beside):
        if host(url) and url not in one.html and escape(url) not in one.html:
            yield f'<p><a href="{escape(url)}">{escape(url)}</a></p>'


def _slug(url: str) -> str:
    """The last part of a URL's path, where it has one."""
    where = re.split(r"[?#]", url)[0].rstrip("/")
    return _ENDING.sub("", where.rpartition("/")[2]) if host(url) and where.count("/") > 2 else ""


def _xml(content: str, path: str) -> Iterator[_Entry]:
    vetted(content, path)
    # The text is UTF-8 by now, whatever it declares; what is unsafe in it is dropped later.
    raw = BytesIO(_ENCODING.sub(r"\1", content, count=1).encode())
    parsed = feedparser.parse(raw, sanitize_html=False)
    if parsed.bozo and "SAX" in type(parsed.bozo_exception).__name__:
        what = f"this feed is cut off or broken ({one_line(str(parsed.bozo_exception))})"
        raise refused(path, what, "download it again", "truncated")
    for one in parsed.entries:
        yield _entry(one, str(parsed.feed.get("language", "")), parsed.version.startswith("atom"))


def _entry(one: Any, lang: str, typed: bool) -> _Entry:
    """An entry of XML; `typed` where its texts say what they are (Atom, RFC 4287 §3.1)."""
    contents = one.get("content", ())
    html = next((str(part.value) for part in contents if "html" in str(part.get("type"))), "")
    html = html or next((_html(part) for part in contents), "")
    # Without a description of its own, an entry's is a copy of its text.
    detail = one.get("summary_detail") or {"value": "" if html else one.get("summary", "")}
    said = _html(detail)
    described = _plain(said) if html else ""
    media = [*one.get("enclosures", ()), *one.get("media_content", ())]
    updated = one.get("updated_parsed") if "updated" in one else None
    people = [str(who.get("name", "")) for who in one.get("authors", ())]
    return _Entry(
        title=_title(one.get("title_detail") or {}, typed),
        id=str(one.get("id", "")),
        url=str(one.get("link", "")),
        html=html or said,
        whole=bool(html) or len(_plain(said)) > _SUMMARY or "<p" in str(detail["value"]),
        summary=described if len(described) <= _SUMMARY else "",
        dated=one.get("published"),
        date=_moment(one.get("published_parsed"))
        or moment(one.get("published"))
        or _moment(updated),
        updated=_moment(updated),
        authors=tuple(dict.fromkeys(filter(None, people))),
        tags=tuple(str(tag.term) for tag in one.get("tags", ()) if tag.get("term")),
        image=next((_url(part) for part in media if _is_picture(part)), ""),
        lang=str(one.get("language", "")) or lang,
        beside=tuple(_url(part) for part in media if not _is_picture(part)),
        unsaid=described if len(described) > _SUMMARY and described not in _plain(html) else "",
    )


def _html(said: Mapping[str, Any]) -> str:
    """A text as HTML, whether it is some or says that it is none."""
    value = str(said.get("value", ""))
    return _paragraphs(value) if said.get("type") == "text/plain" else value


def _paragraphs(words: str) -> str:
    """Plain text as HTML: a paragraph is a line."""
    lines = [line for line in words.split("\n") if line.strip()]
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines)


def _title(said: Mapping[str, Any], typed: bool) -> str:
    value = str(said.get("value", ""))
    if said.get("type") == "text/plain":
        return one_line(value if typed else unescape(_TAG.sub("", value)))
    return _plain(value)


def _is_picture(part: Mapping[str, Any]) -> bool:
    return "image" in f"{part.get('medium', '')} {part.get('type', '')}"


def _url(part: Mapping[str, Any]) -> str:
    """The address of an enclosure, or of what Media RSS names."""
    return str(part.get("href") or part.get("url") or "")


def _moment(parsed: Any) -> datetime | None:
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None


def _plain(html: str) -> str:
    if "<" in html or "&" in html:
        html = BeautifulSoup(html, "html.parser").get_text(" ")
    return one_line(html)


def _json(content: str, path: str) -> Iterator[_Entry]:
    """JSON Feed 1.1, https://www.jsonfeed.org/version/1.1/."""
    try:
        feed = json.loads(content)
        items = [one for one in feed["items"] if isinstance(one, dict)]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        what = f"this is no whole JSON Feed ({one_line(str(error))})"
        raise refused(path, what, "download it again", "truncated") from None
    for one in items:
        html, words = str(one.get("content_html") or ""), str(one.get("content_text") or "")
        people = one.get("authors") or [one.get("author")]
        yield _Entry(
            title=str(one.get("title") or ""),
            id=str(one.get("id") or ""),
            url=str(one.get("url") or ""),
            html=html or _paragraphs(words),
            whole=bool(html or words),
            summary=str(one.get("summary") or ""),
            dated=one.get("date_published"),
            date=moment(one.get("date_published")),
            updated=moment(one.get("date_modified")),
            authors=tuple(_names(people)),
            tags=tuple(str(tag) for tag in one.get("tags") or () if tag),
            image=str(one.get("image") or one.get("banner_image") or ""),
            lang=str(one.get("language") or feed.get("language") or ""),
            beside=(str(one.get("external_url") or ""), *map(_url, _rows(one.get("attachments")))),
        )


def _rows(said: object) -> list[Mapping[str, Any]]:
    return [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []


def _names(people: Iterable[Any]) -> Iterator[str]:
    for one in people:
        if isinstance(one, dict) and one.get("name"):
            yield str(one["name"])
