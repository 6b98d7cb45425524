"""Links: each leads somewhere that a reader's program can reach, and says where."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from pipeline.lint.mail import Cause, Finding, Mail, Rule, address, named, said
from pipeline.merge import MergePoint
from pipeline.text import MERGE_START, fold, idna

RULES = {
    "link-empty": Rule(
        doc="A link has no URL.",
        why="A tap on it does nothing.",
        source="HTML §4.6.2",
        mend="give it a URL, or leave the link out",
    ),
    "link-relative": Rule(
        doc="A link's URL is not absolute.",
        why="A mail has no address of its own that it could be relative to.",
        source="RFC 3986 §4.2",
        mend="write the whole URL; links between articles are made absolute",
    ),
    "link-to-fragment": Rule(
        doc="A link leads to a place within the mail, `#x`.",
        why="Gmail's and Yahoo's apps do not follow it.",
        source="caniemail.com, html-anchor-links",
        mend="link the place in the web version",
    ),
    "link-local": Rule(
        doc="A link leads to this machine or a private network.",
        why="It works for its author and for no reader.",
        source="RFC 6761 §6.3; RFC 1918",
        mend="write the public URL",
    ),
    "link-scheme": Rule(
        doc="A link's URL is neither of the web, nor an address or a telephone number.",
        why="Programs take out `javascript:` and its like, or warn of the mail.",
        source="Gmail and Outlook sanitisers",
        mend="write an https URL",
    ),
    "link-nameless": Rule(
        doc="A link has no text, and no image with an alternative text.",
        why="A screen reader reads its URL, letter by letter.",
        source="WCAG 2.2 §2.4.4",
        mend="write in words where it leads",
    ),
    "link-vague": Rule(
        severity="warning",
        doc="A link's text says nothing without the words around it (“click here”).",
        why="Screen readers list a mail's links by their texts alone.",
        source="WCAG 2.2 §2.4.9",
        mend="name what the link leads to",
    ),
    "unsubscribe": Rule(
        doc="There is no link to unsubscribe.",
        why="The law of most countries wants one, and readers without it press “spam”.",
        source="Gmail sender guidelines; CAN-SPAM Act §5; RFC 8058",
        mend="put `{{ footer.unsubscribe }}` into the template's footer",
    ),
}

# Links of the web, of mail and of telephones, which mail programs hand on.
_SCHEMES = frozenset({"http", "https", "mailto", "tel", "sms"})
_VAGUE = frozenset(
    fold(one)
    for one in (
        "click",
        "click here",
        "click this link",
        "details",
        "go",
        "here",
        "info",
        "learn more",
        "link",
        "more",
        "more here",
        "more info",
        "page",
        "read",
        "read here",
        "read more",
        "read this",
        "see here",
        "see more",
        "source",
        "this",
        "this article",
        "this link",
        "this page",
        "website",
    )
)
_PRIVATE = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
_PUNCTUATION = re.compile(r"^\W+|\W+$")


def check(mail: Mail) -> Iterator[Finding]:
    """Every finding on the links."""
    leaving = False
    for link in mail.elements("a"):
        href = link.get("href")
        if href is None and (link.get("name") or link.get("id")):
            continue
        url, content = (href or "").strip(), said(link)
        leaving = leaving or _unsubscribes(url, content)
        cause = Cause(kind="link", url=url, text=content)
        if found := _wrong(url):
            rule, what = found
            yield Finding(rule=rule, message=f"the link {named(content)} {what}", cause=cause)
        if not content:
            yield Finding(
                rule="link-nameless", message=f"the link to {url[:80]} has no text", cause=cause
            )
        elif fold(_PUNCTUATION.sub("", content)) in _VAGUE:
            yield Finding(
                rule="link-vague",
                message=f"the link {named(content)} does not say where it leads",
                cause=cause,
            )
    if not leaving:
        yield Finding(rule="unsubscribe", message="there is no link to unsubscribe")


def _unsubscribes(url: str, content: str) -> bool:
    return MergePoint.UNSUBSCRIBE_URL.neutral in url or "unsubscribe" in f"{url} {content}".lower()


def _wrong(url: str) -> tuple[str, str] | None:
    if not url:
        return "link-empty", "has no URL"
    if MERGE_START in url:
        return None
    if url.startswith("#"):
        return "link-to-fragment", f"leads to {url}"
    parts = address(url)
    if not parts.scheme:
        return "link-relative", f"has the URL {url[:80]!r}"
    if parts.scheme not in _SCHEMES:
        return "link-scheme", f"begins with {parts.scheme}:"
    if parts.scheme in ("http", "https"):
        if not parts.hostname:
            return "link-relative", f"has the URL {url[:80]!r} without a host"
        if is_private(parts.hostname):
            return "link-local", f"leads to {parts.hostname}"
    return None


def is_private(host: str) -> bool:
    """True for a host that only this machine or its network reaches."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(_PRIVATE):
        return True
    try:
        return not ipaddress.ip_address(name).is_global
    except ValueError:
        return "." not in (idna(name) or ".")  # a machine's name: no site has one without a dot
