"""UTM parameters on the newsletter's own links."""

from __future__ import annotations

import re
from html import escape, unescape
from urllib.parse import urlencode, urlsplit, urlunsplit

from pipeline import text
from pipeline.config import Newsletter
from pipeline.issues import Issue

_HREF = re.compile(r'(?<= href=")[^"]*(?=")')


def parameters(newsletter: Newsletter, issue: Issue) -> str:
    """The query that tells where a visit came from; empty where the setting is off."""
    if not newsletter.email.utm:
        return ""
    return urlencode(
        {
            "utm_source": text.slugify(newsletter.title) or "newsletter",
            "utm_medium": "email",
            "utm_campaign": issue.path.strip("/").rpartition("/")[2],
        }
    )


def tagged(url: str, root_url: str, query: str) -> str:
    """A page of the newsletter's with the query added to its own; any other URL as it stands."""
    if not query or not url.startswith(root_url):
        return url
    scheme, host, path, own, fragment = urlsplit(url)
    return urlunsplit((scheme, host, path, f"{own}&{query}" if own else query, fragment))


def tag_links(html: str, root_url: str, query: str) -> str:
    """A body's HTML with every link to the newsletter's own pages tagged."""
    if not query:
        return html
    return _HREF.sub(
        lambda found: escape(tagged(unescape(found[0]), root_url, query), quote=True), html
    )
