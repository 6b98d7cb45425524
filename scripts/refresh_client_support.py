"""Write pipeline/lint/client_support.json from the data of caniemail.com (MIT).

    curl -o data.json https://www.caniemail.com/api/data.json
    python scripts/refresh_client_support.py data.json

Only facts are kept: for each feature of HTML and CSS, which of the five programs that matter most
lack it. A program lacks what at least half of its apps that were tested lack.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent.parent / "pipeline" / "lint" / "client_support.json"
SOURCE = "https://www.caniemail.com/api/data.json"
LICENCE = "MIT, © 2019 Rémi Parmentier, https://github.com/hteumeuleu/caniemail"
PROGRAMS = {
    "gmail": "gmail.",
    "apple-mail": "apple-mail.",
    "outlook-com": "outlook.outlook-com",
    "yahoo": "yahoo.",
    "outlook-windows": "outlook.windows",
}
"""The five programs, and how the names of their apps begin, `family.platform`."""
OLD = ("outlook.windows-mail",)
"""Apps that are no more."""

Feature = tuple[str, str, Mapping[str, str]]
"""A slug, the day it was last tested, and each app's newest answer: y, n, a (almost), u."""


def features(data: Mapping[str, Any]) -> Iterator[Feature]:
    """The features of CSS and HTML in the public API's JSON, or in a compact form of it.

    The API lists under `data` each feature's `slug` or `url`, `category`, `last_test_date` and
    `stats`, `{family: {platform: {version: answer}}}`. The compact form is
    `{slug: {c, d, s: {"family.platform": answer}}}`.
    """
    if isinstance(data.get("data"), list):
        for one in data["data"]:
            if one["category"] in ("css", "html"):
                slug = one.get("slug") or one["url"].rstrip("/").rpartition("/")[2]
                yield slug, one["last_test_date"], dict(_newest(one["stats"]))
    else:
        for slug, one in data.items():
            if one["c"] in ("css", "html"):
                yield slug, one["d"], one["s"]


def _newest(stats: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for family, platforms in stats.items():
        for platform, versions in platforms.items():
            if versions:
                yield f"{family}.{platform}", versions[max(versions, key=_version)]


def _version(name: str) -> tuple[int, ...]:
    """`2019-08` and `10.3` in order of time."""
    return tuple(int(part) for part in name.replace("-", ".").split(".") if part.isdigit())


def lacking(answers: Mapping[str, str]) -> list[str]:
    """The programs that lack a feature, in the order of PROGRAMS."""
    return [
        program
        for program, beginning in PROGRAMS.items()
        if _lacks(
            [a[:1] for app, a in answers.items() if app.startswith(beginning) and app not in OLD]
        )
    ]


def _lacks(answers: list[str]) -> bool:
    known = [one for one in answers if one != "u"]
    return bool(known) and known.count("n") * 2 >= len(known)


def facts(data: Mapping[str, Any]) -> dict[str, Any]:
    """The file's content: only features that a program lacks, sorted."""
    found = list(features(data))
    return {
        "made by": "scripts/refresh_client_support.py",
        "source": SOURCE,
        "licence": LICENCE,
        "newest test": max(day for _, day, _ in found),
        "lacking": {
            slug: " ".join(programs)
            for slug, _, answers in sorted(found)
            if (programs := lacking(answers))
        },
    }


def main(arguments: list[str]) -> int:
    """Read the JSON named, write the file; 2 where none is named."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    data = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    content = facts(data)
    FILE.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{FILE.name}: {len(content['lacking'])} features, newest test {content['newest test']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
