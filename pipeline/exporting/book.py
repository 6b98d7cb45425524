"""The EPUB 3 of a series: its parts in reading order, written by EbookLib.

The same bytes for the same series: the identifier is the series', `dcterms:modified` the newest
article's, and the zip is written anew in one order with one time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from markupsafe import Markup

from pipeline import images, markdown
from pipeline.config import SeriesSettings
from pipeline.emails.words import Words, load
from pipeline.errors import PartworkError, Problem
from pipeline.exporting import chapters, cover
from pipeline.exporting.chapters import Links
from pipeline.exporting.metadata import describe, modified
from pipeline.exporting.selection import Chosen, Selection, refused, slug_of
from pipeline.templating import email_folders
from pipeline.text import direction

_MEDIA = {".gif": "image/gif", ".jpeg": "image/jpeg", ".jpg": "image/jpeg", ".png": "image/png"}
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first time a zip can name; a file's own would make every export another."""

STYLE = b"""\
body { line-height: 1.5; margin: 0 4%; }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; page-break-after: avoid; }
img { max-width: 100%; height: auto; }
figure { margin: 1em 0; page-break-inside: avoid; }
figcaption, .part, .by, .footnotes, .notice { font-size: 0.9em; }
pre { white-space: pre-wrap; }
table { border-collapse: collapse; }
th, td { border: 1px solid #888; padding: 0.25em 0.5em; text-align: start; vertical-align: top; }
.center { text-align: center; }
.right { text-align: right; }
.markdown-alert { border-inline-start: 4px solid #888; padding-inline-start: 1em; }
.markdown-alert-title { font-weight: bold; }
.cover { margin: 0; text-align: center; }
.cover img { max-height: 100%; }
"""


def books(selection: Selection) -> Iterator[tuple[str, bytes]]:
    """An EPUB for each series, as (file name, bytes); PartworkError without EbookLib."""
    try:
        import ebooklib  # noqa: F401 - asked for before any work is done
    except ImportError:
        raise refused(
            "missing-extra",
            "an EPUB needs EbookLib, which is not installed",
            "pip install 'partwork[export]', or ask for --as markdown or json",
        ) from None
    for settings, articles in selection.series:
        binder = _Binder(selection, settings, articles)
        yield f"{slug_of(settings)}.epub", binder.bound()


@dataclass(slots=True)
class _Binder:
    """One book in the making: its pictures are gathered while its pages are written."""

    selection: Selection
    settings: SeriesSettings
    articles: Sequence[Chosen]
    pictures: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """By their path in the articles folder: the place in the book, and the bytes."""

    def bound(self) -> bytes:
        from ebooklib import epub

        newsletter = self.selection.newsletter
        book = epub.EpubBook()
        describe(book, self.selection, self.settings, self.articles)
        pages = [*self._pages()]
        for name, _, content in pages:
            book.add_item(_item(epub, name, "application/xhtml+xml", content))
        book.add_item(_item(epub, "style.css", "text/css", STYLE))
        for name, content in dict(self.pictures.values()).items():
            item = _item(epub, name, _MEDIA[PurePosixPath(name).suffix], content)
            if name.startswith("cover."):
                item.properties = ["cover-image"]
            book.add_item(item)
        nav = epub.EpubNav(title=self.settings.title)
        nav.links = [{"href": "style.css"}]
        nav.direction = direction(newsletter.language)
        book.add_item(nav)
        book.add_item(epub.EpubNcx())
        book.spine = [_id(name) for name, _, _ in pages]
        book.toc = [epub.Link(name, title, _id(name)) for name, title, _ in pages[1:]]
        book.guide = [
            {"type": kind, "href": name, "title": title}
            for kind, (name, title, _) in zip(
                ("cover", "titlepage", "bodymatter"), pages, strict=False
            )
        ]
        options = {
            "mtime": modified(self.articles),
            "epub2_guide": False,
            "epub3_pages": False,
            "landmark_title": self.settings.title,
            "raise_exceptions": True,
        }
        out = BytesIO()
        epub.write_epub(out, book, options)
        return _settled(out)

    def _pages(self) -> Iterator[tuple[str, str, bytes]]:
        """Every page as (file name, title, bytes), in reading order."""
        newsletter, title = self.selection.newsletter, self.settings.title
        language = newsletter.language
        links = Links(
            chapters={
                one.path: (
                    _file(one),
                    frozenset(markdown.outline(one.source, self.selection.around).anchors),
                )
                for one in self.articles
            },
            root_url=newsletter.root_url,
            picture=self._picture,
        )
        front = Markup('<div class="cover"><img src="own:media/" alt="{}"></div>').format(
            f"{title} · {newsletter.title}"
        )
        yield "cover.xhtml", title, chapters.page(title, language, front, links, "cover")
        yield (
            "title.xhtml",
            title,
            chapters.page(title, language, self._title(), links, "titlepage"),
        )
        for article in self.articles:
            content = self._chapter(article)
            made = chapters.page(
                article.source.title, article.source.lang or language, content, links, "bodymatter"
            )
            yield _file(article), self._heading(article), made

    def _words(self, language: str) -> Words:
        return load(email_folders(self.selection.newsletter), language)

    def _title(self) -> Markup:
        newsletter = self.selection.newsletter
        words = self._words(newsletter.language)
        names = self.selection.names(self.articles)
        url = newsletter.absolute(f"series/{slug_of(self.settings)}/")
        shared = next((one for one in self.articles if one.source.notice is None), None)
        lines = [
            Markup("<h1>{}</h1>").format(self.settings.title),
            Markup('<p class="by">{}</p>').format(words.by.format(author=words.names(names))),
            Markup("<p>{}</p>").format(self.settings.description or newsletter.description),
            Markup('<p><a href="{}">{}</a></p>').format(url, newsletter.title),
            Markup("<p>{}</p>").format(newsletter.copyright) if newsletter.copyright else "",
            self._notice(shared) if shared is not None else "",
        ]
        return Markup("\n").join(lines)

    def _chapter(self, article: Chosen) -> Markup:
        source = article.source
        words = self._words(source.lang or self.selection.newsletter.language)
        names = [one.name for one in self.selection.authors_of(article)]
        day = article.date.astimezone(self.selection.newsletter.zone) if article.date else None
        by = words.by.format(author=words.names(names)) + (f" · {words.on(day)}" if day else "")
        body = self.selection.bodies[source.id]
        shown = source.image and source.image not in body.assets
        image = Markup('<p><img src="own:media/{}" alt="{}"></p>').format(
            quote(source.image), source.image_alt
        )
        return Markup('<section role="doc-chapter">\n{}\n</section>').format(
            Markup("\n").join(
                [
                    Markup('<p class="part">{}</p>').format(self._number(article, words)),
                    Markup("<h1>{}</h1>").format(source.title),
                    Markup('<p class="by">{}</p>').format(by),
                    image if shown else "",
                    chapters.body(body, self.selection.visible),
                    self._notice(article) if source.notice is not None else "",
                ]
            )
        )

    def _notice(self, article: Chosen) -> Markup:
        said = self.selection.notices.get(article.source.id)
        if said is None:
            return Markup()
        html = chapters.body(said.body, self.selection.visible)
        return Markup('<div class="notice" role="note">\n{}\n</div>').format(html)

    def _number(self, article: Chosen, words: Words) -> str:
        parts = self.settings.parts
        pattern = words.part_of if parts else words.part
        return pattern.format(part=article.part, parts=parts)

    def _heading(self, article: Chosen) -> str:
        """A chapter as the table of contents names it."""
        words = self._words(self.selection.newsletter.language)
        return f"{words.part.format(part=article.part)}: {article.source.title}"

    def _picture(self, asset: str) -> str:
        """The place in the book of a picture of the articles folder; of the cover for no name."""
        if asset not in self.pictures:
            self.pictures[asset] = self._prepared(asset)
        return self.pictures[asset][0]

    def _prepared(self, asset: str) -> tuple[str, bytes]:
        newsletter = self.selection.newsletter
        shown = asset or self.settings.image
        if not shown:
            names = " · ".join(self.selection.names(self.articles))
            title, count = self.settings.title, self.settings.parts or len(self.articles)
            return "cover.png", cover.draw(title, newsletter.title, names, count)
        try:
            made = images.prepare(newsletter.articles_dir, shown)
        except ValueError as error:
            what, remedy = error.args
            path = f"{newsletter.articles}/{shown}"
            problem = Problem(path=path, rule="picture", message=what, remedy=remedy)
            raise PartworkError([problem]) from None
        content = made.content.read_bytes() if isinstance(made.content, Path) else made.content
        suffix = PurePosixPath(made.path).suffix.lower()
        suffix = suffix if suffix in _MEDIA else _kind(content)
        name = f"images/{sha256(content).hexdigest()[:16]}" if asset else "cover"
        return name + suffix, content


def _kind(content: bytes) -> str:
    """The ending of a picture whose name says none that fits."""
    begins = {b"\x89PNG": ".png", b"GIF8": ".gif"}
    return begins.get(content[:4], ".jpg")


def _file(article: Chosen) -> str:
    return f"part-{article.part:03d}.xhtml"


def _id(name: str) -> str:
    return "i-" + name.replace("/", "-")


def _item(epub: Any, name: str, media_type: str, content: bytes) -> Any:
    return epub.EpubItem(uid=_id(name), file_name=name, media_type=media_type, content=content)


def _settled(book: BytesIO) -> bytes:
    """The same zip, its entries in their order, under one time and for everybody to read."""
    out = BytesIO()
    with ZipFile(book) as made, ZipFile(out, "w") as settled:
        for name in made.namelist():
            info = ZipInfo(name, _EARLIEST)
            info.compress_type = ZIP_STORED if name == "mimetype" else ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.create_system = 3
            settled.writestr(info, made.read(name))
    return out.getvalue()
