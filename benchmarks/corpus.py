"""Write a corpus: the same articles, made up by a seed, as each tool that is compared wants them.

    python benchmarks/corpus.py DIR --articles 1000
    python benchmarks/corpus.py DIR --articles 1000 --for pelican

Only front matter and the addresses of links and images differ between tools. Article k is the same
however many articles there are, and links lead to earlier ones only.
"""

from __future__ import annotations

import argparse
import re
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from words import Writer

START = datetime(1996, 1, 1, 9, tzinfo=UTC)
"""The first article's date; one a day from here keeps 10,000 of them in the past."""
IMAGES = 8
URL = "https://corpus.example/notes/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One article. In `body`, links lead to `article:K` (K counts from 1) and `image:K`."""

    number: int
    series: int
    part: int
    title: str
    slug: str
    date: datetime
    summary: str
    tags: tuple[str, ...]
    body: str

    @property
    def folder(self) -> str:
        """Its series as a key and as a folder's name."""
        return f"series-{self.series:03d}"

    @property
    def file(self) -> str:
        """Its file below the folder of articles."""
        return f"{self.folder}/{self.part:05d}-{self.slug}.md"


def part(number: int, *, words: int, seed: int, parts: int) -> Part:
    """Article `number` (from 1) of about so many words; each series has `parts` of them."""
    writer = Writer(f"{seed}/{number}")
    name = writer.phrase("title")
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return Part(
        number=number,
        series=(number - 1) // parts + 1,
        part=(number - 1) % parts + 1,
        title=f"Letter {number}, {name}",
        slug=f"letter-{number}-{slug}",
        date=START + timedelta(days=number - 1),
        summary=writer.line("sentence").replace("*", ""),
        tags=(writer.phrase("stuff"), writer.phrase("noun")),
        body="\n\n".join(_blocks(writer, number, words)) + "\n",
    )


def _blocks(write: Writer, number: int, words: int) -> Iterator[str]:
    """Headings, paragraphs, two kinds of list, a table, an image, a quotation and links."""

    def paragraph(share: float = 0.083) -> str:
        return write.paragraph(max(8, round(words * share)))

    def earlier() -> str:
        if number == 1:
            return f"Much of this began with [{write.phrase('thing')}]({URL}about)."
        other = 1 + int(write.random.random() * (number - 1))
        return f"More of it is in [letter {other}](article:{other}), {write.phrase('reason')}."

    def rows(count: int) -> Iterator[str]:
        yield f"| {write.line('noun')} | {write.line('stuff')} | Count |"
        yield "|---|---|---:|"
        for _ in range(count):
            count = 1 + int(write.random.random() * 99)
            yield f"| {write.line('thing')} | {write.phrase('place')} | {count} |"

    place = re.sub(r"\W+", "-", write.phrase("place"))
    yield f"{paragraph()} {earlier()}"
    yield f"## {write.line('heading')}"
    yield paragraph()
    yield "\n".join(f"{at}. {write.line('step')}" for at in range(1, 5))
    yield paragraph()
    yield f"## {write.line('heading')}"
    picture = 1 + int(write.random.random() * IMAGES)
    seen, caption = f"{write.line('thing')} {write.phrase('place')}.", write.line("opinion")
    yield f'![{seen}](image:{picture} "{caption}.")'
    yield f"{paragraph()} See [{write.phrase('thing')}](https://example.org/{place}?n={number})."
    yield f"### {write.line('heading')}"
    yield "\n".join(f"- {write.line('item')}" for _ in range(5))
    yield paragraph()
    yield f"## {write.line('heading')}"
    yield "\n".join(rows(5))
    yield f"{paragraph()} {earlier()}"
    yield f"> {write.line('sentence')} {write.line('sentence')}"
    yield f"## {write.line('heading')}"
    yield paragraph()
    yield paragraph()


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """How one tool wants an article: where files go, its front matter, its addresses."""

    articles: str
    images: str
    front: Callable[[Part], str]
    link: Callable[[Part, Part], str]
    """From an article to another."""
    image: str
    """The address of a picture; `{}` is its file's name."""
    settings: Callable[[list[Part], str, int], dict[str, str]] = lambda *_: {}
    """Further files by path, from all articles and the time between issues."""


def _yaml(one: Part, **more: object) -> str:
    keys: dict[str, object] = {
        "title": f'"{one.title}"',
        "slug": one.slug,
        "date": one.date.isoformat(),
        "summary": "'" + one.summary.replace("'", "''") + "'",
        "tags": f"[{', '.join(one.tags)}]",
        **more,
    }
    return "\n".join(["---", *(f"{key}: {value}" for key, value in keys.items()), "---", "", ""])


def _partwork(one: Part) -> str:
    identity = f"tag:corpus.example,1996:letter-{one.number}"
    return _yaml(one, id=identity, series=one.folder, part=one.part)


def _pelican(one: Part) -> str:
    keys = {
        "Title": one.title,
        "Slug": one.slug,
        "Date": one.date.isoformat(),
        "Summary": one.summary,
        "Tags": ", ".join(one.tags),
        "Category": one.folder,
    }
    return "".join(f"{key}: {value}\n" for key, value in keys.items()) + "\n"


def _newsletter(parts: list[Part], every: str, limit: int) -> dict[str, str]:
    series = dict.fromkeys(one.folder for one in parts)
    tables = (
        f'\n[series.{key}]\ntitle = "Letters, volume {at}"\ndescription = "Bound in linen."\n'
        for at, key in enumerate(series, 1)
    )
    head = f"""\
[newsletter]
title = "Letters from the Lane"
url = "{URL}"
description = "One letter a day, none of them true."
author = {{ name = "The Lane", email = "lane@corpus.example" }}

[email]
from_address = "lane@corpus.example"
address = "The Lane, 1 Gate Lane"
unsubscribe_url = "{URL}unsubscribe"
"""
    if every:
        head += f'length = "summary"\n\n[schedule]\nstart = {START.date()}\nevery = "{every}"\n'
    if limit:
        head += f"\n[feeds]\nlimit = {limit}\n"
    return {"newsletter.toml": head + "".join(tables)}


VARIANTS = {
    "partwork": Variant(
        articles="articles",
        images="articles/images",
        front=_partwork,
        link=lambda _, other: f"../{other.file}",
        image="../images/{}",
        settings=_newsletter,
    ),
    "pelican": Variant(
        articles="content",
        images="content/images",
        front=_pelican,
        link=lambda _, other: f"{{filename}}/{other.file}",
        image="{{static}}/images/{}",
    ),
    "hugo": Variant(
        articles="content",
        images="static/images",
        front=_yaml,
        link=lambda _, other: f'{{{{< relref "/{other.file}" >}}}}',
        image="/notes/images/{}",
    ),
    "eleventy": Variant(
        articles="content",
        images="images",
        front=lambda one: _yaml(one, series=one.folder),
        link=lambda _, other: f"/articles/{other.slug}/",
        image="/images/{}",
    ),
}


def write(
    folder: Path,
    *,
    articles: int,
    words: int,
    seed: int,
    parts: int,
    tool: str,
    every: str = "",
    limit: int = 0,
) -> None:
    """Write a corpus into an empty or new folder."""
    variant = VARIANTS[tool]
    written = [part(at, words=words, seed=seed, parts=parts) for at in range(1, articles + 1)]
    for one in written:
        text = variant.front(one) + _addressed(one, written, variant)
        _put(folder / variant.articles / one.file, text.encode())
    for at in range(1, IMAGES + 1):
        _put(folder / variant.images / f"picture-{at}.png", _png(at))
    for path, text in variant.settings(written, every, limit).items():
        _put(folder / path, text.encode())


def _addressed(one: Part, every: list[Part], variant: Variant) -> str:
    def address(match: re.Match[str]) -> str:
        number = int(match[2])
        if match[1] == "image":
            return "](" + variant.image.format(f"picture-{number}.png")
        return "](" + variant.link(one, every[number - 1])

    return re.sub(r"\]\((article|image):(\d+)", address, one.body)


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _png(seed: int, width: int = 120, height: int = 80) -> bytes:
    """A small grey pattern, stored without compression: the same bytes with every zlib."""
    rows = (bytes([0, *((x * seed ^ y * 3) & 255 for x in range(width))]) for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"".join(rows), 0))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser(description="Write a corpus of made-up articles.")
    parser.add_argument("folder", type=Path, help="an empty or new folder")
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--words", type=int, default=900, help="about so many an article")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--parts", type=int, default=100, help="parts a series")
    parser.add_argument("--for", dest="tool", choices=VARIANTS, default="partwork")
    parser.add_argument(
        "--every",
        default="",
        help="for partwork: time between issues of summaries, such as `100 days`",
    )
    parser.add_argument("--limit", type=int, default=0, help="for partwork: entries in a feed")
    asked = parser.parse_args()
    if asked.folder.exists() and any(asked.folder.iterdir()):
        sys.exit(f"{asked.folder}: the folder is not empty: name an empty or a new one")
    if asked.articles < 0 or asked.parts < 1:
        parser.error("--articles must be at least 0 and --parts at least 1")
    write(
        asked.folder,
        articles=asked.articles,
        words=asked.words,
        seed=asked.seed,
        parts=asked.parts,
        tool=asked.tool,
        every=asked.every,
        limit=asked.limit,
    )


if __name__ == "__main__":
    main()
