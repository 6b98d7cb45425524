"""Notices as pages show them."""

from __future__ import annotations

from markupsafe import Markup

from pipeline import markdown
from pipeline.catalogue import Catalogue

_ANY_PAGE = "issues/x/"
"""Every page that shows a notice lies two folders deep, so its links are the same on all."""


def as_html(catalogue: Catalogue) -> dict[str, Markup]:
    """Each article's notice by article id, empty where it has none; most articles share one."""
    shared = {id(one): one.body for one in catalogue.notices.values()}
    html = {
        key: Markup(markdown.for_web(body, _ANY_PAGE, catalogue.visible))  # noqa: S704  # sanitised (S2)
        for key, body in shared.items()
    }
    return {
        one.id: html[id(catalogue.notices[one.id])] if one.id in catalogue.notices else Markup()
        for one in catalogue.articles
    }
