"""Catalogues for the feed tests, made of values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from pipeline import feeds, markdown, notices, plan
from pipeline import newsletter as settings
from pipeline.articles import Article, Source
from pipeline.catalogue import Catalogue
from pipeline.config import Author, FeedSettings, Newsletter, SeriesSettings
from pipeline.markdown import Body
from pipeline.marks import Marks
from pipeline.series import Series
from pipeline.spool import held
from pipeline.tables import Table

START = datetime(2020, 10, 6, 8, 0, tzinfo=UTC)
NASTY = (
    "Fish & Chips <b>today</b>",
    "]]> and <![CDATA[ too",
    "R&amp;D, &lt;i&gt; and &copy; and &#60;",
    "a < b > c, AT&T, Q&4A, &notreal; </x>",
    "<script>alert(1)</script>",
    "קורס בחלקים — מבוא",
    "👩‍⚕️ Ünïcode – “quotes” 'n' \"more\" {{ user }} {% raw %} *|FNAME|*",
    "long " * 140,
    "tab\tand\x0bcontrol\x01and\ud800surrogate\ufffe",
)
"""Titles that break feeds made without care."""

EVERYTHING = """# Top
Text[^a] https://x.example/é?a=b&c and <https://y.example/> [rel](#top "t&<")
[o](//h.example/x) [m](mailto:a@b.example) ~~s~~ **b**.

[^a]: Note with `code`.

- [ ] todo
- [x] done

> [!TIP]
> Alert

| a | b |
|:--|--:|
| 1 | <b>2 |

Term
: Definition

```python
x < 1 & y
```

<iframe src="https://v.example/"></iframe><script>alert(1)</script><p>open <b>bold <i>x</b>
<svg><path d=1></svg><form><input></form><img src=x onerror=1>
<table><td>1<a href=javascript:x>q</a><a name=a href="x y">z</a>
<details><summary>s</summary>t</details><video src=v.mp4></video>
<a href=/a><a href=/b>nest</a></a><ul><p>x</ul><dl>y</dl><h1>again</h1></p></div>

{{ x }} {% y %} *|FNAME|* ]]> <![CDATA[ x ]]> <!-- c --> &copy; &#1; &nosuch; <?php x ?>
"""
"""Markdown with every feature, and with HTML that must not survive."""


def table(**lines: int) -> Table:
    return Table(path="newsletter.toml", name="", values={}, lines=lines)


def newsletter(root: Path = Path("/nowhere"), **changes: Any) -> Newsletter:
    feeds = FeedSettings(**changes.pop("feeds", {}))
    given: dict[str, Any] = {
        "title": "Northgate Notes",
        "url": "https://northgate.example/notes/",
        "description": "Plain words, one part at a time.",
        "author": Author(
            name="Ann Lee", email="ann@northgate.example", uri="https://northgate.example/ann"
        ),
        "language": "en-GB",
        "timezone": "Asia/Kathmandu",
        "copyright": "© 2020 Ann & Co <all rights>",
        "table": table(feeds=7, **{"feeds.limit": 9, "feeds.formats": 8}),
    }
    return Newsletter(root=root, feeds=feeds, **(given | changes))


def article(number: int, **changes: Any) -> tuple[Article, Body]:
    """Article `number`, a week after the one before it, with its body."""
    html = changes.pop("html", f"<p>Text of article {number}.</p>")
    summary = changes.pop("body_summary", f"Text of article {number}.")
    date = changes.pop("date", START + timedelta(weeks=number - 1))
    part = changes.pop("part", number)
    given: dict[str, Any] = {
        "path": f"articles/{number:02}.md",
        "id": f"tag:northgate.example,2020:{number}",
        "title": f"Article {number}",
        "slug": f"article-{number}",
        "text": held(b""),
        "body_line": 1,
        "series": "care",
    }
    source = Source(**(given | changes))
    series = source.series is not None
    return Article(source=source, date=date, part=part if series else None), body(html, summary)


def body(html: str, summary: str) -> Body:
    return Body(text=held(html.encode()), summary=summary, words=len(html.split()))


def written(number: int, text: str) -> tuple[Article, Body]:
    """Article `number` with a body rendered from Markdown."""
    one, _ = article(number, text=held(text.encode()))
    around = markdown.Surroundings(articles={}, root=Path("/nowhere"))
    return one, markdown.render(one.source, around)[0]


def unruly() -> Catalogue:
    """Bodies from Markdown that would break a feed made without care."""
    texts = (EVERYTHING, EVERYTHING.replace("\n\n", "\n"), ">" * 60 + " deep", "<div>" * 300 + "x")
    return catalogue([written(number, text) for number, text in enumerate(texts, 1)])


def catalogue(
    made: Sequence[tuple[Article, Body]],
    outlet: Newsletter | None = None,
    series: Mapping[str, Any] | None = None,
) -> Catalogue:
    """A catalogue of these articles, all in the series `care` unless they say otherwise."""
    care = SeriesSettings(key="care", **({"title": "Care in Parts"} | dict(series or {})))
    articles = tuple(sorted((one for one, _ in made), key=lambda one: one.date))
    parts = tuple(one for one in articles if one.source.series == "care")
    outlet = outlet or newsletter()
    around = markdown.Surroundings(
        articles={one.source.path: one.path for one in articles},
        root=outlet.root,
        articles_dir=outlet.articles,
        smart=outlet.markdown.smart_punctuation,
    )
    said, _ = notices.render(outlet, [one.source for one in articles], around)
    return Catalogue(
        newsletter=replace(outlet, series=(care,)),
        articles=articles,
        series=(Series(settings=care, articles=parts),) if parts else (),
        issues=(),
        bodies={one.id: text for one, text in made},
        notices=said,
        around=around,
        dates={one.path: one.date for one in articles},
    )


def weekly(count: int, outlet: Newsletter | None = None, **series: Any) -> Catalogue:
    """`count` parts, one a week."""
    return catalogue([article(number) for number in range(1, count + 1)], outlet, series)


def documents(of: Catalogue) -> dict[str, bytes]:
    """Its feed documents by path, each whole."""
    return {
        path: content if isinstance(content, bytes) else b"".join(content)
        for piece in feeds.pieces(of, Marks(of, b""))
        for path, content in piece.make({}).files
    }


def picture(folder: Path, size: tuple[int, int] = (96, 64)) -> None:
    (folder / "articles").mkdir(exist_ok=True)
    Image.new("RGB", size, "navy").save(folder / "articles" / "logo.png")


def nasty(root: Path) -> Catalogue:
    picture(root)
    outlet = newsletter(
        root,
        title=NASTY[0],
        description=NASTY[2],
        copyright=NASTY[3],
        notice="Ask a *doctor*.",
        feeds={
            "hub": "https://hub.example/",
            "image": "logo.png",
            "categories": ("R&D", "a < b"),
            "order": "newest",
        },
    )
    made = [
        article(
            number,
            title=title,
            body_summary=title,
            tags=("Q&4A", "x < y"),
            image="images/a b.png",
            image_alt=title,
            slug=f"übung-{number}",
            lang="he" if number == 6 else "",
        )
        for number, title in enumerate(NASTY, 1)
    ]
    return catalogue(made, outlet, {"title": "R&amp;D <b>", "parts": 12})


def published_sample() -> Catalogue:
    """The newsletter that comes with Partwork, all of it published."""
    planned = plan.load(settings.load(Path(__file__).parents[2]))
    return plan.published(planned, datetime(2027, 1, 1, tzinfo=UTC))[0]
