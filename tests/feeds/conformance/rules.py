"""The rules that values in feeds obey: addresses, dates, languages, plain text, HTML bodies.

Each rule yields what is wrong, as a sentence. They are our own reading of RFC 3986, 3339, 4151 and
5322, BCP 47 and HTML5, and of what feed validators are known to warn of.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import html5lib
from html5lib.html5parser import ParseError

URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9;/?:@&=+$,._~!*'()#-])+", re.ASCII
)
TAG = re.compile(
    r"tag:(?:[A-Za-z0-9._-]+@)?[a-z0-9.-]+,\d{4}(?:-\d\d(?:-\d\d)?)?:"
    r"(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9;/?:@&=+$,._~!*'()-])*(?:#\S*)?"
)
SCHEMES = {"http", "https", "tag", "urn", "mailto", "tel"}
MIME = re.compile(r"[a-z]+/[a-z0-9.+-]+")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
RFC_822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r" \d{4} \d\d:\d\d:\d\d [+-]\d\d[03]0"
)
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")
UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

ELEMENTS = """
    a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em
    figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p picture pre q rp rt ruby s
    samp section small span strong sub summary sup table tbody td tfoot th thead time tr u ul var
    wbr
"""
URL_ATTRIBUTES = ("href", "src", "cite", "poster", "srcset", "action", "longdesc", "data")
BARRED = ("style", "class", "srcset")


def uri(value: object, place: str) -> Iterator[str]:
    """An absolute URI in ASCII."""
    value = value if isinstance(value, str) else ""
    parts = urlsplit(value)
    if not URI.fullmatch(value):
        yield f"{place}: {value!r} is no absolute URI"
    elif parts.scheme not in SCHEMES:
        yield f"{place}: the scheme of {value!r} is not registered"
    elif parts.scheme in ("http", "https") and not parts.hostname:
        yield f"{place}: {value!r} has no host"
    elif parts.scheme == "tag" and not TAG.fullmatch(value):
        yield f"{place}: {value!r} is no tag: URI"


def identity(value: str | None, place: str) -> Iterator[str]:
    """A URI that compares character by character (RFC 4287 §4.2.6.1)."""
    value = value or ""
    yield from uri(value, place)
    parts = urlsplit(value)
    if value != value.strip():
        yield f"{place}: white space around {value!r}"
    host = parts.netloc
    if (
        parts.scheme != value.split(":")[0]
        or host != host.lower()
        or host.endswith((":80", ":443"))
    ):
        yield f"{place}: {value!r} is not in canonical form"


def rfc822(value: str | None, place: str) -> Iterator[str]:
    """A date of RFC 5322 with four digits of year and the right day of the week."""
    value = value or ""
    if not RFC_822.fullmatch(value):
        yield f"{place}: {value!r} is no RFC 822 date"
        return
    moment = parsedate_to_datetime(value)
    if DAYS[moment.weekday()] != value[:3]:
        yield f"{place}: {value!r} names the wrong day"
    if moment.year < 1990:
        yield f"{place}: {value!r} is implausible"


def rfc3339(value: str | None, place: str) -> Iterator[str]:
    """A moment with its offset (RFC 3339 §5.6)."""
    value = value or ""
    if not RFC_3339.fullmatch(value):
        yield f"{place}: {value!r} is no RFC 3339 date"
    elif datetime.fromisoformat(value).year < 1990:
        yield f"{place}: {value!r} is implausible"


def language(value: str | None, place: str) -> Iterator[str]:
    """A language tag."""
    if not LANGUAGE.fullmatch(value or ""):
        yield f"{place}: {value!r} is no language tag"


def mime(value: str | None, place: str) -> Iterator[str]:
    """A media type."""
    if not MIME.fullmatch(value or ""):
        yield f"{place}: {value!r} is no media type"


def characters(value: str, place: str) -> Iterator[str]:
    """Nothing that XML forbids, and no replacement characters."""
    if UNWANTED.search(value) or "\ufffd" in value:
        yield f"{place}: unwanted characters in {value[:60]!a}"


def plain(value: str | None, place: str, raw: str = "&#x") -> Iterator[str]:
    """Text that nobody takes for HTML; `raw` is the line of the file that holds it."""
    value = value or ""
    yield from characters(value, place)
    if not value.strip():
        yield f"{place}: is blank"
    if value != value.strip():
        yield f"{place}: white space around {value[:60]!r}"
    if re.search(r"</[A-Za-z]\w*>", value):
        yield f"{place}: {value[:60]!r} holds a closing tag"
    if re.search(r"&#?\w|<[/A-Za-z]", value) and "&#x" not in raw:
        yield f"{place}: {value[:60]!r} needs hexadecimal character references"


def markup(value: str | None, place: str) -> Iterator[str]:
    """A body: valid HTML5 that is safe and stands on its own."""
    value = value or ""
    yield from characters(value, place)
    if not value.strip():
        yield f"{place}: is empty"
    try:
        tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parseFragment(value)
    except ParseError as error:
        yield f"{place}: is not HTML5: {error}"
        return
    seen: set[str] = set()
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag == "DOCUMENT_FRAGMENT":
            continue
        if element.tag not in ELEMENTS.split():
            yield f"{place}: <{element.tag}> has no place in a feed"
        for name, text in element.attrib.items():
            if name.startswith("on") or name in BARRED:
                yield f"{place}: <{element.tag}> has {name}"
            if name in URL_ATTRIBUTES:
                # In HTML letters of any script may stand in a URL.
                yield from uri(
                    re.sub(r"[^\x00-\x9f]", "x", text), f"{place} <{element.tag} {name}>"
                )
        if element.tag == "img" and ("alt" not in element.attrib or "src" not in element.attrib):
            yield f"{place}: an <img> lacks alt or src"
        name = element.attrib.get("id")
        if name in seen:
            yield f"{place}: the id {name!r} comes twice"
        if name:
            seen.add(name)


def shown(value: str) -> str:
    """What a reader shows for RSS text without a type: HTML where it looks like HTML."""
    looks = re.search(r"</\w", value) or html.unescape(value) != value
    return html.unescape(value) if looks else value
