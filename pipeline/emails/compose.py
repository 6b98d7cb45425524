"""One issue with its theme, words and templates: from values to the two renderings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from pipeline import mjml, templating, text
from pipeline.articles import Article
from pipeline.catalogue import Catalogue
from pipeline.emails import campaign, view
from pipeline.emails.blanks import BLANK
from pipeline.emails.bodies import Rendition
from pipeline.emails.forms import BODY
from pipeline.emails.pictures import Pictures
from pipeline.emails.press import HTML, TEXT, Press
from pipeline.emails.trace import Trace
from pipeline.emails.words import Words
from pipeline.errors import PartworkError, Problem
from pipeline.issues import Issue

SUBJECT_LIMIT = 200
PREHEADER = (30, 140)
"""A preheader's length: a shorter one lets the mail's first words into an inbox's list, a longer
one is cut off there."""

LISTED = 40
"""How many articles a mail lists that has no room for any of them."""

_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, kw_only=True)
class Composition:
    """Everything about an issue but its bodies."""

    catalogue: Catalogue
    issue: Issue
    upcoming: Article | None
    press: Press
    pictures: Pictures
    notices: Mapping[str, Rendition]
    """Each article's notice by article id; none where it has none."""
    digest: bool
    """True where the issue begins with a list."""

    @cached_property
    def subject(self) -> str:
        """The subject line: `email.subject` filled in, or the title where a field has no value."""
        newsletter, article = self.catalogue.newsletter, self.issue.articles[0]
        series = self.catalogue.series_of(article)
        others = len(self.issue.articles) - 1
        title = article.title
        if others:
            title = self.words.more.format(title=title, count=others)
        fields = {
            "title": title,
            "series": series.title if series else "",
            "part": article.part or "",
            "parts": (series and series.parts) or "",
            "number": self.issue.number,
            "newsletter": newsletter.title,
        }
        pattern = newsletter.email.subject or "{title}"
        if any(f"{{{key}}}" in pattern and value == "" for key, value in fields.items()):
            pattern = "{title}"
        return text.excerpt(pattern.format(**fields), SUBJECT_LIMIT)

    @cached_property
    def preheader(self) -> str:
        """What an inbox shows beside the subject: never the subject again."""
        article = self.issue.articles[0]
        series = self.catalogue.series_of(article)
        titles = [one.title for one in self.issue.articles]
        pieces = [
            ", ".join(titles[1:]) if self.digest else "",
            article.source.summary or self.catalogue.bodies[article.id].summary,
            view.place(self.words, article.part, series.parts) if series and article.part else "",
            series.title if series else "",
            self.catalogue.newsletter.title,
            self.catalogue.newsletter.description,
        ]
        said, subject = "", text.fold(self.subject)
        for piece in map(text.one_line, pieces):
            if len(said) >= PREHEADER[0]:
                break
            if piece and text.fold(piece) not in subject:
                said = f"{said} · {piece}" if said else piece
        return text.excerpt(said, PREHEADER[1])

    def html(self, bodies: Sequence[Rendition]) -> str:
        """The HTML document with a body for each article, a mere list without any.

        PartworkError with a template's file and line where it is wrong.
        """
        values = self._values(bodies, Markup)
        inside = [one.html for one in bodies]
        return self.press.forms.html(
            values,
            inside,
            self._skeleton,
            lambda: self._filled(HTML, self._skeleton(values), inside),
        )

    def text(self, bodies: Sequence[Rendition]) -> str:
        """The plain text: lines of at most 72 characters but for URLs."""
        values = self._values(bodies, str)
        skeleton = templating.render(self._env, TEXT, **self.press.shared, **values)
        lines = [line.rstrip(" \t") for line in skeleton.split("\n")]
        skeleton = _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip() + "\n"
        return self._filled(TEXT, skeleton, [one.text.strip("\n") for one in bodies])

    @property
    def words(self) -> Words:
        """What the mail says of itself."""
        return self.press.words

    @property
    def _env(self) -> Environment:
        return self.press.env

    def _skeleton(self, values: Mapping[str, Any]) -> str:
        """The HTML with a mark where each body goes."""
        source = templating.render(self._env, HTML, **self.press.shared, **values)
        if mjml.check(source, BLANK):
            raise PartworkError(self._problems(values))
        try:
            return mjml.to_html(source)
        except ValueError as error:
            raise PartworkError([self._problem(HTML, None, str(error), "simplify it")]) from error

    def _values(self, bodies: Sequence[Rendition], kind: type[str]) -> dict[str, Any]:
        """The values that differ from issue to issue; `kind` is Markup for HTML, str for text."""
        listed = None if bodies else LISTED
        notices = {
            key: one.html if kind is Markup else one.text for key, one in self.notices.items()
        }
        return self._common | {
            "digest": self.digest or not bodies,
            "articles": [
                replace(
                    shown,
                    body=kind(f"{BODY}{number}{BODY}"),
                    cut=body.cut,
                    notice=kind(notices.get(article.id, "")),
                )
                for number, ((article, shown), body) in enumerate(
                    zip(self._articles, bodies, strict=False)
                )
            ],
            "entries": self._entries[:listed],
            "unlisted": len(self._entries[listed:]) if listed else 0,
        }

    @cached_property
    def _entries(self) -> list[view.Entry]:
        articles = self.issue.articles
        several = len({one.source.series for one in articles} - {None}) > 1
        return [self._links.entry(one, several=several) for one in articles]

    @cached_property
    def _articles(self) -> list[tuple[Article, view.ArticleView]]:
        return [
            (article, self._links.article(article, entry, self.pictures.hero(article)))
            for article, entry in zip(self.issue.articles, self._entries, strict=True)
        ]

    @cached_property
    def _common(self) -> dict[str, Any]:
        """The values that HTML and plain text share, whatever is shown of the articles."""
        newsletter, issue, links = self.catalogue.newsletter, self.issue, self._links
        logo = self.press.theme.logo
        return {
            "subject": self.subject,
            "preheader": self.preheader,
            "newsletter": view.Link(title=newsletter.title, url=links.own("")),
            "issue": view.Link(
                title=self.words.issue.format(number=issue.number), url=links.own(issue.path)
            ),
            "logo": view.Logo(
                light=self.pictures.logo(logo.light or newsletter.logo),
                dark=self.pictures.logo(logo.dark),
            ),
            "series": [
                block
                for article in self._last_of_each_series()
                if (block := links.series(article, self.upcoming))
            ],
            "footer": links.footer(issue),
        }

    @cached_property
    def _links(self) -> view.View:
        return view.View(
            catalogue=self.catalogue,
            words=self.words,
            query=campaign.parameters(self.catalogue.newsletter, self.issue),
        )

    def _last_of_each_series(self) -> Sequence[Article]:
        """One article a series: its block stands once, as the reader's newest part has it."""
        return list({one.source.series: one for one in self.issue.articles}.values())

    def _filled(self, template: str, skeleton: str, bodies: Sequence[str]) -> str:
        """The skeleton with each article's body in its place, exactly once."""
        pieces = skeleton.split(BODY)
        numbers = [str(number) for number in range(len(bodies))]
        inside = template == HTML and any(map(_inside_a_tag, pieces[:-1:2]))
        if sorted(pieces[1::2]) != sorted(numbers) or inside:
            remedy = "print {{ article.body }} once for each article, between tags"
            message = "an article's body is missing, printed twice, or inside a tag"
            raise PartworkError([self._problem(template, None, message, remedy)])
        pieces[1::2] = [bodies[int(number)] for number in pieces[1::2]]
        return "".join(pieces)

    def _problems(self, values: Mapping[str, Any]) -> list[Problem]:
        """What `mjml.check` finds, at the templates' own lines."""
        trace = Trace(self._env, HTML, {**self.press.shared, **values})
        places = [(trace.place(one.at) or (HTML, None), one) for one in mjml.check(trace.source)]
        return [
            self._problem(template, line, one.message, one.remedy)
            for (template, line), one in places
        ]

    def _problem(self, template: str, line: int | None, message: str, remedy: str) -> Problem:
        return Problem(
            path=templating.shown(self._env, template),
            line=line,
            message=message,
            remedy=remedy,
            rule="template",
        )


def _inside_a_tag(before: str) -> bool:
    return before.rfind("<") > before.rfind(">")
