"""A small newsletter, its issues and their emails, made in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline import newsletter as settings
from pipeline.articles import Article, Source
from pipeline.config import Newsletter
from pipeline.emails import Email
from pipeline.issues import Issue
from pipeline.merge import MergePoint
from pipeline.services import Key, key_of
from pipeline.spool import held

START = datetime(2026, 10, 6, 9, 0, tzinfo=UTC)
WEEK = timedelta(weeks=1)
LATER = datetime(2126, 10, 6, 12, 0, tzinfo=UTC)
"""After the fakes' time and the real one, which some services are told."""
HOME = "https://example.org/"

_TOML = """
[newsletter]
title = "Points & Channels"
url = "{url}"
description = "A series."
author = {{ name = "Ada Example", email = "ada@example.org" }}

[email]
from_name = "Points & Channels"
from_address = "series@example.org"
reply_to = "editor@example.org"
to = "weekly@lists.example.org"
address = "Example Press, 1 High Street <Ely>"
unsubscribe_url = "https://example.org/unsubscribe?list=1&x=2"
greeting = "Dear {{first_name}}"

{services}
"""


def a_newsletter(root: Path, services: str = "", url: str = HOME) -> Newsletter:
    return settings.parse(root, _TOML.format(services=services, url=url).encode())


def an_article(name: str, date: datetime = START) -> Article:
    source = Source(
        path=f"articles/{name}.md",
        id=f"tag:example.org,2026:{name}",
        title=name.title(),
        slug=name,
        text=held(b""),
        body_line=1,
    )
    return Article(source=source, date=date)


def an_issue(number: int, *names: str, date: datetime | None = None) -> Issue:
    """Issue `number` of the articles named, by default one; a week apart from `START` on."""
    date = date or START + (number - 1) * WEEK
    articles = tuple(an_article(name, date) for name in names or (f"part-{number}",))
    return Issue(number=number, date=date, articles=articles)


def issues(count: int) -> tuple[Issue, ...]:
    return tuple(an_issue(number) for number in range(1, count + 1))


def an_email(issue: Issue, saying: str = "") -> Email:
    """An email with every merge point, an Outlook comment around one, and template-like text."""
    points = {point.name: point.neutral for point in MergePoint}
    names = " and ".join(article.title for article in issue.articles)
    text = f"{names} {saying}".strip()
    odd = "{{ site.title }} {% if x %} *|FNAME|* [[name]] %%first%% {{{raw}}} {$unsubscribe}"
    html = (
        '<!doctype html><html lang="en"><head><title>{title}</title>'
        "<style>/* calm */ p{{color:red}} @media print{{a{{color:blue}}}}</style></head><body>"
        '<!--[if mso]><v:rect href="{WEB_URL}" title="\\"quoted\\""><![endif]-->'
        "<p>Dear {FIRST_NAME},</p><p>{text}</p><p><code>{odd}</code> a &amp; b — é</p>"
        '<a href="https://example.org/a?x=1&amp;y={{{{z}}}}">a link</a>'
        "<!--[if !mso]><!--><b>modern</b><!--<![endif]-->"
        '<p>{ADDRESS}</p><a href="{UNSUBSCRIBE_URL}">Unsubscribe</a>'
        ' <a href="{PREFERENCES_URL}">Preferences</a></body></html>'
    ).format(title=f"Issue {issue.number}", text=text, odd=odd, **points)
    plain = (
        'Dear {FIRST_NAME},\n\n{text}\n{odd}\na & b <https://example.org/a?x=1&y=2> \\ "q"\n'
        ".a line that begins with a dot\n\n{ADDRESS}\n{WEB_URL}\nUnsubscribe: {UNSUBSCRIBE_URL}\n"
        "Preferences: {PREFERENCES_URL}\n"
    ).format(text=text, odd=odd, **points)
    return Email(
        issue=issue,
        subject=f"Issue {issue.number}: {{{{ {names} }}}} & more",
        preheader="What it is about.",
        html=html,
        text=plain,
    )


ISSUE = an_issue(1)
EMAIL = an_email(ISSUE)


def key(root: Path, email: Email = EMAIL, home: str = HOME) -> Key:
    """The key of an email in the newsletter of that address."""
    return key_of(a_newsletter(root, url=home), email.issue.articles[0].id, email)
