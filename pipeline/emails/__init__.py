"""An issue rendered as an email: an HTML document, and a plain text that says the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from pipeline.articles import Article
from pipeline.catalogue import Catalogue
from pipeline.config import Newsletter
from pipeline.emails import campaign
from pipeline.emails.bodies import Bodies
from pipeline.emails.compose import Composition
from pipeline.emails.length import fitting
from pipeline.emails.pictures import Pictures
from pipeline.emails.press import Press
from pipeline.errors import Problem, fail_on_errors
from pipeline.issues import Issue
from pipeline.merge import MergePoint, fill


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """An issue rendered; merge points are neutral (`merge.fill` maps them).

    `html` and `text` hold the same. `lang` is the BCP 47 tag of the message.
    """

    issue: Issue
    subject: str
    preheader: str
    html: str
    text: str
    lang: str = "en"
    pictures: Mapping[str, bytes | Path] = field(default_factory=dict)
    """What it shows that no page does, by path in output/: bytes, or a file to copy."""
    warnings: tuple[Problem, ...] = ()


def render(
    catalogue: Catalogue,
    issue: Issue,
    *,
    upcoming: Article | None = None,
    press: Press | None = None,
) -> Email:
    """Render an issue; pure.

    `catalogue` is what readers may see on the issue's date (`until`), `upcoming` the next part of
    its series as planned, shown as `email.announce_next` says. `press` is one that renders many of
    the newsletter's issues. PartworkError names the file and line of a template, theme or words
    that are wrong.
    """
    newsletter = catalogue.newsletter
    press = press or Press(newsletter)
    digest = is_digest(newsletter, issue)
    pictures = Pictures(newsletter, press.theme)
    bodies = Bodies(
        catalogue=catalogue,
        theme=press.theme,
        pictures=pictures,
        shift=1 if digest else 0,
        query=campaign.parameters(newsletter, issue),
    )
    # A notice that several articles have stands under the last of them.
    under = {said: one.id for one in issue.articles if (said := bodies.notice(one))}
    composition = Composition(
        catalogue=catalogue,
        issue=issue,
        upcoming=upcoming,
        press=press,
        digest=digest,
        pictures=pictures,
        notices={key: said for said, key in under.items()},
    )
    given, html, warnings = fitting(composition, bodies, newsletter.email.length)
    fail_on_errors(pictures.problems)
    return Email(
        issue=issue,
        subject=composition.subject,
        preheader=composition.preheader,
        html=html,
        text=composition.text(given),
        lang=newsletter.language,
        pictures=pictures.made,
        warnings=warnings,
    )


def is_digest(newsletter: Newsletter, issue: Issue) -> bool:
    """True where an issue begins with a list of its articles."""
    layout = newsletter.email.layout
    return layout == "digest" or (layout == "auto" and len(issue.articles) > 1)


def files(email: Email, newsletter: Newsletter) -> Iterator[tuple[str, bytes]]:
    """The HTML and the text as written to output/, each with its path there.

    Stand-ins take the merge points' places: these files are for everybody.
    """
    values = stand_ins(email, newsletter)
    yield email.issue.path + "email.html", fill(email.html, as_html(values)).encode()
    yield email.issue.path + "email.txt", fill(email.text, values).encode()


def stand_ins(email: Email, newsletter: Newsletter) -> dict[MergePoint, str]:
    """What stands at the merge points where no mailing service fills them in; plain text."""
    settings = newsletter.email
    mailto = f"mailto:{settings.unsubscribe_mailto}" if settings.unsubscribe_mailto else ""
    unsubscribe = settings.unsubscribe_url or mailto or newsletter.root_url
    return {
        MergePoint.FIRST_NAME: settings.first_name_fallback,
        MergePoint.UNSUBSCRIBE_URL: unsubscribe,
        MergePoint.PREFERENCES_URL: settings.preferences_url or unsubscribe,
        MergePoint.WEB_URL: newsletter.absolute(email.issue.path),
        MergePoint.ADDRESS: settings.address,
    }


def as_html(values: Mapping[MergePoint, str]) -> dict[MergePoint, str]:
    """Plain values as they stand in HTML, in text and in attributes."""
    return {point: escape(value) for point, value in values.items()}
