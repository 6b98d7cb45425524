"""Article bodies for an issue: styled for mail, and cut where the mail would grow too long."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from pipeline import markdown, plaintext, themes
from pipeline.articles import Article, Source
from pipeline.catalogue import Catalogue
from pipeline.emails import campaign, tables
from pipeline.emails.cut import cut, shares, with_notes
from pipeline.emails.pictures import Pictures
from pipeline.emails.press import TEXT_WIDTH
from pipeline.errors import Problem
from pipeline.markdown import Body
from pipeline.plaintext.wrap import wrap
from pipeline.spool import held
from pipeline.text import direction
from pipeline.themes import Theme

_VOID = re.compile(r"<(br|col|hr|img)\b([^>]*)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """A body in a mail: its HTML, its plain text, and whether they are not the whole of it."""

    html: str
    text: str
    cut: bool = False


@dataclass(frozen=True, kw_only=True)
class Bodies:
    """Renders bodies in a theme; `shift` moves headings down, `query` is added to own links."""

    catalogue: Catalogue
    theme: Theme
    pictures: Pictures
    shift: int
    query: str

    def whole(self, article: Article) -> Rendition:
        """All of an article."""
        source, body = article.source, self.catalogue.bodies[article.id]
        return Rendition(
            html=self._html(body, source, self._styles(source)),
            text=self._text(body, source),
        )

    def summary(self, article: Article) -> Rendition:
        """The summary in place of an article."""
        said = article.source.summary or self.catalogue.bodies[article.id].summary
        style = themes.styles(self.theme, "ltr")["p"]
        html = f'<p style="{style}">{escape(said, quote=False)}</p>' if said else ""
        return Rendition(html=html, text="\n".join(wrap(said, TEXT_WIDTH)), cut=True)

    def notice(self, article: Article) -> Rendition | None:
        """An article's notice, None where it has none; its HTML is XML too, as MJML must be."""
        said = self.catalogue.notices.get(article.id)
        if said is None:
            return None
        plain = {**themes.styles(self.theme, "ltr"), "p": "margin:0"}
        html = _VOID.sub(r"<\1\2/>", self._html(said.body, said.source, plain))
        return Rendition(
            html=html.replace("&nbsp;", "&#160;"), text=self._text(said.body, said.source)
        )

    def fitted(
        self, articles: Sequence[Article], bodies: Sequence[Rendition], room: int
    ) -> tuple[list[Rendition], tuple[Problem, ...]]:
        """The articles' bodies in at most `room` bytes of HTML, and a warning for each cut."""
        whole = zip(articles, bodies, strict=True)
        sizes = {article.id: len(one.html.encode()) for article, one in whole}
        budgets = shares(sizes, room)
        fitted = list(bodies)
        problems: list[Problem] = []
        for number, article in enumerate(articles):
            size, budget = sizes[article.id], budgets[article.id]
            if budget >= size:
                continue
            fitted[number] = self._beginning(article, budget)
            shown = f"the first {len(fitted[number].html.encode()) // 1000} KB of it are shown"
            problems.append(
                Problem(
                    path=article.source.path,
                    line=article.source.body_line,
                    message=f"its {size // 1000} KB of mail are more than Gmail shows: {shown}",
                    remedy='split it into two parts, or set email.length to "summary"',
                    rule="email-cut",
                    severity="warning",
                )
            )
        return fitted, tuple(problems)

    def _beginning(self, article: Article, budget: int) -> Rendition:
        """As much of an article as `budget` bytes of HTML hold; its summary where nothing fits."""
        source, body = article.source, self.catalogue.bodies[article.id]
        styles = self._styles(source)

        def mailed(html: str) -> str:
            return self._html(replace(body, text=held(html.encode())), source, styles)

        html = body.html
        beginning = cut(html, budget, lambda part: len(mailed(part).encode()))
        if beginning is None:
            return self.summary(article)
        shown = replace(body, text=held(with_notes(beginning, html).encode()))
        return Rendition(html=mailed(beginning), text=self._text(shown, source), cut=True)

    def _styles(self, source: Source) -> Mapping[str, str]:
        lang = source.lang or self.catalogue.newsletter.language
        return themes.styles(self.theme, direction(lang))

    def _html(self, body: Body, source: Source, styles: Mapping[str, str]) -> str:
        html = markdown.for_mail(
            body,
            self.catalogue.newsletter.root_url,
            styles,
            self.catalogue.visible,
            self.pictures.within(source, self.catalogue.around),
            self.shift,
        )
        html = tables.settled(html, self.theme)
        return campaign.tag_links(html, self.catalogue.newsletter.root_url, self.query)

    def _text(self, body: Body, source: Source) -> str:
        newsletter = self.catalogue.newsletter
        return plaintext.render(
            body,
            language=source.lang or newsletter.language,
            root_url=newsletter.root_url,
            visible=self.catalogue.visible,
            width=TEXT_WIDTH,
        )
