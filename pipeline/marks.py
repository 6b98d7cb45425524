"""Marks: what tells whether a file of the output has to be made again, without making it.

A mark is a short sum of all that a rendering can look at. Where an article's neighbours are shown,
all that their files say goes in, although only a title may be shown: too many pages made again cost
milliseconds, one too few would be wrong.
"""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property

from pipeline import themes
from pipeline.articles import Article
from pipeline.cache import digest, sum_of
from pipeline.catalogue import Catalogue, Visible
from pipeline.issues import Issue
from pipeline.stamps import Sight, sight, sights
from pipeline.templating import email_folders, page_folders

MAIL_REACH = 40
"""How far the contents of a series in a mail reach from a part (`emails.view.ALL`)."""


def _series_key(article: Article) -> str | None:
    return article.source.series


class Marks:
    """The marks of what a catalogue makes; `base` is that of the program and the settings."""

    def __init__(self, catalogue: Catalogue, base: bytes) -> None:
        self._catalogue = catalogue
        self._base = base
        self._visible = catalogue.visible
        self._assets: dict[str, Sight] = {}
        self._faces: dict[str, bytes] = {}
        self._wholes: dict[str, bytes] = {}

    def of(self, *parts: object) -> bytes:
        """The key of a piece that depends on these and on nothing else."""
        return sum_of([self._base, *parts])

    def face(self, article: Article) -> bytes:
        """An article as others show it: in a list, before or after them."""
        made = self._faces.get(article.id)
        if made is None:
            source = article.source
            made = self._faces[article.id] = sum_of(
                (source.path, source.digest, article.date, article.part, self.asset(source.image))
            )
        return made

    def faces(self, articles: Iterable[Article]) -> bytes:
        """The faces of many, in their order."""
        return digest(b"".join(map(self.face, articles)))

    def near(self, articles: Sequence[Article], first: int, last: int, reach: int) -> bytes:
        """The faces of those from one index to another, and of as many as `reach` beside these.

        With the first of all, and how many there are.
        """
        about = articles[max(0, first - reach) : last + reach + 1]
        return digest(b"%d " % len(articles) + self.face(articles[0]) + self.faces(about))

    def whole(self, article: Article) -> bytes:
        """An article with its body, the pictures in it, and where its links may lead."""
        made = self._wholes.get(article.id)
        if made is None:
            catalogue = self._catalogue
            visible = self._visible
            bodies = [catalogue.bodies[article.id]]
            if article.id in catalogue.notices:
                bodies.append(catalogue.notices[article.id].body)
            within = [
                (
                    sorted((page, page in visible) for page in body.articles),
                    [(one, self.asset(one)) for one in body.assets],
                )
                for body in bodies
            ]
            made = self._wholes[article.id] = sum_of([self.face(article), within])
        return made

    def wholes(self, articles: Iterable[Article]) -> bytes:
        """Many articles, each whole, in their order."""
        return digest(b"".join(map(self.whole, articles)))

    def asset(self, name: str) -> Sight | None:
        """A file of the articles folder as the disk tells of it; None for no name and no file."""
        if not name:
            return None
        if name not in self._assets:
            try:
                status = os.stat(self._catalogue.newsletter.articles_dir / name)  # noqa: PTH116 - as in stamps
            except OSError:
                return None
            self._assets[name] = sight(status)
        return self._assets[name]

    def mailed(self, issue: Issue, upcoming: Article | None) -> bytes:
        """The key of an issue's email; `upcoming` is the next part as planned."""
        catalogue = self._catalogue
        visible = Visible(catalogue.dates, issue.date)
        return self.of(
            "email",
            self.mail,
            (issue.number, issue.date),
            upcoming and self.face(upcoming),
            [
                (self.whole(one), sorted((page, page in visible) for page in self._links(one)))
                for one in issue.articles
            ],
            [self._about(key, issue) for key in dict.fromkeys(map(_series_key, issue.articles))],
        )

    def _links(self, article: Article) -> set[str]:
        catalogue = self._catalogue
        said = catalogue.notices.get(article.id)
        return {*catalogue.bodies[article.id].articles, *(said.body.articles if said else ())}

    def _about(self, key: str | None, issue: Issue) -> bytes | None:
        """The parts of a series that an issue can show: those near its own, and the first."""
        series = next((one for one in self._catalogue.series if one.key == key), None)
        if series is None:
            return None
        mine = [one for one in issue.articles if one.source.series == key]
        first, last = (
            bisect_left(series.articles, one.part or 0, key=lambda other: other.part or 0)
            for one in (mine[0], mine[-1])
        )
        count = bisect_right(series.articles, issue.date, key=lambda one: one.date)
        return self.near(series.articles[:count], first, last, MAIL_REACH)

    @cached_property
    def everything(self) -> bytes:
        """All articles with their bodies, and all issues."""
        catalogue = self._catalogue
        issues = [(one.number, one.date, len(one.articles)) for one in catalogue.issues]
        return sum_of([self.wholes(catalogue.articles), issues])

    @cached_property
    def pages(self) -> bytes:
        """What every page shows besides what it is of.

        Templates of the newsletter's own may look at any article, those of the package do not.
        """
        catalogue = self._catalogue
        newsletter = catalogue.newsletter
        own = [*sights(str(page_folders(newsletter)[0]))]
        shown = [newsletter.logo, *(one.settings.image for one in catalogue.series)]
        return sum_of(
            [
                own,
                self.everything if own else bool(catalogue.issues),
                [self.asset(name) for name in shown],
            ]
        )

    @cached_property
    def mail(self) -> bytes:
        """What every email shows besides what it is of."""
        newsletter = self._catalogue.newsletter
        folders = email_folders(newsletter)
        email = newsletter.table.child("email")
        signs = themes.read(folders, newsletter.email.theme, email)[0].logo
        logos = [self.asset(name) for name in (newsletter.logo, signs.light, signs.dark)]
        return sum_of([[*sights(str(folders[0]))], logos])
