"""Notices: the disclaimer under an article, written in Markdown in the settings or the article."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from posixpath import dirname

from markupsafe import Markup

from pipeline import markdown
from pipeline.articles import Source
from pipeline.catalogue import Catalogue
from pipeline.markdown import Body

_ANY_PAGE = "issues/x/"
"""Every page that shows a notice lies two folders deep, so its links are the same on all."""


def notices(catalogue: Catalogue) -> dict[str, Body]:
    """Each article's notice by article id, without text where it has none.

    An article's own notice counts, the newsletter's where it says nothing; an empty one is none.
    """
    newsletter = catalogue.newsletter

    @cache
    def rendered(text: str, folder: str) -> Body:
        source = Source(
            path=f"{folder}/notice", id="", title="", slug="notice", body=text, body_line=1
        )
        return markdown.render(source, catalogue.around)[0]

    def notice(source: Source) -> Body:
        if source.notice is None:
            return rendered(newsletter.notice, newsletter.articles)
        return rendered(source.notice, dirname(source.path))

    return {article.id: notice(article.source) for article in catalogue.articles}


def as_html(notices: Mapping[str, Body], visible: Collection[str]) -> dict[str, Markup]:
    """The notices as pages show them; most articles share one."""
    html = {
        id(body): Markup(markdown.for_web(body, _ANY_PAGE, visible))  # noqa: S704  # sanitised (S2)
        for body in {id(body): body for body in notices.values()}.values()
    }
    return {article: html[id(body)] for article, body in notices.items()}
