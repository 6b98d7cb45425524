"""Pictures in mail: as wide as they are, at most as wide as the text, and fluid on a phone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote, unquote

from pipeline import images, markdown, themes
from pipeline.articles import Article, Source
from pipeline.config import Newsletter
from pipeline.emails.view import Picture
from pipeline.errors import Problem
from pipeline.images import MailImage
from pipeline.markdown import ImageAttributes, Surroundings
from pipeline.text import OWN_ROOT
from pipeline.themes import Theme

_MEDIA = f"{OWN_ROOT}media/"


class Pictures:
    """The pictures of one email: what was made for it and what is wrong, gathered as it is drawn.

    `made` holds, by output path, the files that stand in for pictures no mail can show as they are.
    """

    def __init__(self, newsletter: Newsletter, theme: Theme) -> None:
        self.made: dict[str, bytes | Path] = {}
        self.problems: list[Problem] = []
        self._newsletter = newsletter
        self._widest = theme.content_width
        self._ground = themes.ground(theme)

    def logo(self, asset: str) -> str:
        """The URL of a logo: a file of the articles folder or an https URL; empty for none."""
        if not asset or asset.startswith("https://"):
            return asset
        newsletter = self._newsletter
        table = newsletter.table.child("newsletter")
        if asset == newsletter.logo:
            picture = self._prepared(asset, table.path, lambda _: table.line("logo"))
        else:
            theme = f"{newsletter.templates}/themes/{newsletter.email.theme}/{themes.FILE}"
            picture = self._prepared(asset, theme, lambda _: None)
            if picture:  # no page shows it
                self.made[picture.path] = picture.content
        return newsletter.absolute(picture.path) if picture else ""

    def hero(self, article: Article) -> Picture | None:
        """The picture at an article's head; None where it has none."""
        source = article.source
        if not source.image:
            return None
        picture = self._prepared(source.image, source.path, lambda _: source.line("image"))
        if picture is None:
            return None
        url = self._newsletter.absolute(picture.path)
        return Picture(
            url=url,
            alt=source.image_alt,
            width=min(picture.width, self._widest),
            ground=self._ground if picture.clear else "",
        )

    def within(self, source: Source, around: Surroundings) -> ImageAttributes:
        """Attributes for the images of a body.

        Outlook reads the width attribute alone; `width:100%` with a `max-width` keeps a picture
        inside a phone's screen (Gmail and Yahoo scroll without it). No height: the shape stays.
        One that its author made smaller is as small as on the page.
        """

        def line(asset: str) -> int | None:
            shown = markdown.outline(source, around).images
            return next((image.line for image in shown if image.asset == asset), None)

        def attributes(written: Mapping[str, str]) -> Mapping[str, str]:
            src = written["src"]
            asset = unquote(src.removeprefix(_MEDIA)) if src.startswith(_MEDIA) else ""
            picture = self._prepared(asset, source.path, line) if asset else None
            own = picture.width if picture else self._widest
            width = min(_asked(written, picture) or own, self._widest)
            style = f"width:100%;max-width:{width}px"
            if picture and picture.clear:
                style += f";{self._ground}"
            given = {"width": str(width), "height": "", "style": style}
            return given | {"src": OWN_ROOT + quote(picture.path)} if picture else given

        return attributes

    def _prepared(
        self, asset: str, path: str, line: Callable[[str], int | None]
    ) -> MailImage | None:
        try:
            picture = images.prepare(self._newsletter.articles_dir, asset)
        except ValueError as error:
            what, remedy = (*error.args, "save it again")[:2]
            self.problems.append(
                Problem(path=path, line=line(asset), message=what, remedy=remedy, rule="mail-image")
            )
            return None
        if picture.path != f"media/{asset}":
            self.made[picture.path] = picture.content
        return picture


def _asked(written: Mapping[str, str], picture: MailImage | None) -> int:
    """The width in CSS pixels that an author's `width` or `height` gives a picture; 0 for none."""
    width, height = (_pixels(written.get(key, "")) for key in ("width", "height"))
    if width or not height or picture is None:
        return width
    return max(1, round(picture.width * height / picture.height))


def _pixels(value: str) -> int:
    return int(value[:6]) if value.isdecimal() else 0
