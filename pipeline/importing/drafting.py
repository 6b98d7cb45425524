"""New articles as files: front matter, Markdown, and the pictures beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline import text
from pipeline.articles import Source
from pipeline.config import Newsletter
from pipeline.importing import bodies, head
from pipeline.importing.bundle import MAX_PICTURES, refused
from pipeline.importing.media import Fetch, Media, address
from pipeline.importing.model import Imported, Note
from pipeline.importing.places import Place
from pipeline.importing.reading import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """The files by path, pictures before the article that shows them, and what got lost."""

    files: Mapping[str, bytes]
    notes: tuple[Note, ...]


def drafted(
    newsletter: Newsletter,
    new: Iterable[Found],
    placed: Sequence[tuple[Imported, Place]],
    there: Iterable[Source],
    *,
    base: str,
    fetch: Fetch | None,
    told: Callable[[str], None],
) -> Drafted:
    """Every new article and its pictures; PartworkError where these are more than memory bears.

    `told` is called with the path of each as it is done.
    """
    bundles = {one.article.origin: one.bundle for one in new}
    pages = _pages(placed, there)
    files: dict[str, bytes] = {}
    notes: list[Note] = []
    size = 0
    for one, place in placed:
        media = Media(
            article=replace(one, slug=place.slug),
            bundle=bundles[one.origin],
            target=place.path,
            base=one.url or base,
            pages=pages,
            fetch=fetch,
        )
        shown = _illustrated(_in_its_language(one, newsletter), media)
        body, said = bodies.made(media)
        front, lost = head.written(shown, place, newsletter)
        notes += (*said, *lost)
        size += sum(map(len, media.files.values()))
        if size > MAX_PICTURES:
            what = f"its pictures come to more than {MAX_PICTURES // 1024**2} MB"
            raise refused(one.path, what, "import it in several steps, see --tag", "too-large")
        files |= media.files
        files[place.path] = f"{front}\n{body}".encode()
        told(place.path)
    return Drafted(files=files, notes=tuple(notes))


def _pages(placed: Iterable[tuple[Imported, Place]], there: Iterable[Source]) -> dict[str, str]:
    """Where links to old pages lead now: by the source's file, by URL, by the path on a site."""
    pages = {one.imported_from: one.path for one in there if one.imported_from}
    for one, place in placed:
        pages[one.origin] = place.path
        for url in filter(text.host, (one.url, one.id)):
            pages.setdefault(address(url), place.path)
        pages.setdefault(f"/{place.slug}", place.path)
    return pages


def _illustrated(one: Imported, media: Media) -> Imported:
    """The article with its feature picture; a remote one can't stand in front matter."""
    if not one.image:
        return one
    image = media.image(one.image)
    if image and not text.host(image):
        alt = media.alternative(one.image_alt, "", one.image)
        return replace(one, image=image, image_alt=alt)
    if image:
        what = f"its feature image {text.excerpt(image, 100)} is remote: --fetch-images brings it"
        media.notes.append(Note(path=one.path, message=what, loss=True))
    return replace(one, image="", image_alt="")


def _in_its_language(one: Imported, newsletter: Newsletter) -> Imported:
    """The article's language only where it is not the newsletter's; `en` is `en-GB`, too."""
    mine, its = newsletter.language.lower(), one.lang.lower()
    same = its == mine or its == mine.partition("-")[0]
    return replace(one, lang="") if same else one
