"""Newsletters on disk for tests, and their archives: what `partwork build` would publish."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image

from pipeline import newsletter, pages, plan
from pipeline.catalogue import Catalogue

LATER = datetime(2027, 1, 1, tzinfo=UTC)
URL = "https://northgate.example/notes/"
SETTINGS = f"""
[newsletter]
title = "Northgate & Notes"
url = "{URL}"
description = "One part at a time."
author = {{ name = "Ann Lee", uri = "https://northgate.example/ann" }}
timezone = "Europe/London"
language = "en-GB"
copyright = "© 2026 Ann Lee"
logo = "images/logo.png"
notice = "Ask *someone* who knows."

[series.care]
title = "Care in Parts"
description = "A series about care."
parts = 5

[archive]
subscribe_url = "https://northgate.example/subscribe"
"""
WEEKLY = """
[schedule]
start = 2026-10-06
"""

EVERYTHING = """\
First words with a note[^a] and a [link to part two](two.md#a-heading), `code`, ~~gone~~ and
https://example.org/{long}.

## A heading

> [!WARNING]
> Take care, and see [the heading](#a-heading).

> A quotation.

1. **First:** an item

   - with another below
2. **Second:** one more

- [x] done
- [ ] to do

Term
: What it means.

![A small square](images/square.png "A figure")

| {cells} |
|{rules}|
| {cells} |

```python
def very_long_name(argument, another="{long}"):  # a comment that goes on and on and on and on
    return [argument * 42, another, None]
```

```
{long} {long} plain
```

### A word: {long}

---

[^a]: The note.
""".format(
    long="pneumonoultramicroscopicsilicovolcanoconiosis" * 3,
    cells=" | ".join(f"Column number {n}" for n in range(12)),
    rules="---|" * 11 + "---",
)
"""Every kind of thing an article may hold, some of it far wider than a phone."""


def article(title: str, body: str = "Some words.", **keys: Any) -> str:
    """An article's file; a key whose value is None is left out."""
    slug = "".join(c if c.isalnum() else "-" for c in title.lower()) or "x"
    given = {"title": title, "id": f"tag:northgate.example,2026:{slug}"} | keys
    lines = [
        f"{key}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in given.items()
        if value is not None
    ]
    return "\n".join(["---", *lines, "---", body, ""])


def part(number: int, title: str, body: str = "Some words.", **keys: Any) -> str:
    """Part `number` of the series `care`, one a week from 6 October 2026."""
    day = datetime(2026, 10, 6, 8, tzinfo=UTC).toordinal() + 7 * (number - 1)
    date = f"{datetime.fromordinal(day):%Y-%m-%d} 09:00"
    return article(title, body, **({"series": "care", "part": number, "date": date} | keys))


def three_parts() -> dict[str, str]:
    """A series of three parts, and an article outside it."""
    return {
        "one.md": part(1, "Beginning", EVERYTHING, tags=["tea", "rest & peace"]),
        "two.md": part(
            2, "Middle", "## A heading\n\nSee [the first](one.md).", summary="Half-way."
        ),
        "three.md": part(
            3, "End", updated="2026-11-01 12:00", image="images/square.png", image_alt="A square"
        ),
        "other.md": article("Apart", date="2026-10-20 08:30"),
    }


def write(root: Path, files: Mapping[str, str] | None = None, settings: str = SETTINGS) -> Path:
    """A newsletter's folder: `files` by their path in articles/, and two pictures."""
    images = root / "articles" / "images"
    images.mkdir(parents=True, exist_ok=True)
    (root / "newsletter.toml").write_text(settings, encoding="utf-8")
    Image.new("RGB", (120, 80), "#0b5f55").save(images / "square.png")
    Image.new("RGB", (48, 48), "#0b5f55").save(images / "logo.png")
    for path, text in (three_parts() if files is None else files).items():
        file = root / "articles" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def catalogue(root: Path, as_of: datetime = LATER) -> Catalogue:
    """What readers may see of the newsletter in a folder."""
    return plan.published(plan.load(newsletter.load(root)), as_of)[0]


def rendered(root: Path, as_of: datetime = LATER) -> dict[str, str]:
    """Its pages, by path under output/."""
    return {path: data.decode() for path, data in pages.render_all(catalogue(root, as_of))}


def publish(root: Path, output: Path, as_of: datetime = LATER) -> Path:
    """Write its archive, pictures and all, into a folder."""
    for path, data in _files(catalogue(root, as_of)):
        file = output / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return output


def _files(shown: Catalogue) -> Iterator[tuple[str, bytes]]:
    yield from pages.render_all(shown)
    for path, file in pages.assets(shown):
        yield path, file.read_bytes()
