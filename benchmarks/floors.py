"""Where a cold build's time goes, beside what the libraries alone need for each step.

python benchmarks/floors.py [--articles 1000] [--runs 3] [--write]

In one process, processor time, microseconds an article. A floor is a step's library called on the
same texts and nothing else: reading, PyYAML, pulldown-cmark, ammonia, Jinja, feedgen, writing.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import measure
import tools

os.environ["PARTWORK_PROCESSES"] = "1"
sys.path.insert(0, str(tools.ROOT))

PAGE = tools.ROOT / "docs" / "performance.md"
SHELL = (
    "<!doctype html><html lang='{{ lang }}'><head><title>{{ title }}</title></head><body>"
    "<main><h1>{{ title }}</h1><p>{{ date }}</p>{{ body }}</main></body></html>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What Partwork does, and the least that it can take: the floor's name and its work."""

    name: str
    work: Callable[[], Any]
    floor: str
    least: Callable[[], Any]


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="Time a cold build step by step.")
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", action="store_true", help=f"also into docs/{PAGE.name}")
    asked = parser.parse_args()
    tools.BENCH.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="floors-", dir=tools.BENCH) as made:
        root = Path(made) / "corpus"
        corpus = [sys.executable, str(tools.HERE / "corpus.py"), str(root), "--for", "partwork"]
        subprocess.run([*corpus, "--articles", str(asked.articles)], check=True)
        rows = [
            (step, _each(step.work, asked), _each(step.least, asked))
            for step in steps(root, Path(made))
        ]
    report = "\n".join(_report(rows, asked.articles))
    print(report)
    if asked.write:
        measure.put(report, PAGE, "floors")


def steps(root: Path, beside: Path) -> Iterable[Step]:
    """Each step of a build of the newsletter in `root`, ready to be timed."""
    import nh3
    import pyromark
    import yaml
    from jinja2 import Environment

    from pipeline import bodies, emails, feeds, outputs, pages, plan, readings, stamps
    from pipeline.build import email_of
    from pipeline.cache import NOTHING
    from pipeline.emails.press import Press
    from pipeline.marks import Marks
    from pipeline.newsletter import load

    newsletter = load(root)
    planned = plan.load(newsletter)
    catalogue, _ = plan.published(planned, datetime.now(UTC))
    sources = [one.source for one in catalogue.articles]
    files = [root / source.path for source in sources]
    texts = [file.read_text() for file in files]
    heads = [text.partition("\n---\n")[0].removeprefix("---\n") for text in texts]
    plain = pyromark.Markdown(options=pyromark.Options.ENABLE_TABLES)
    html = [plain.html(source.body) for source in sources]
    shell = Environment(autoescape=True).from_string(SHELL)
    marks = Marks(catalogue, stamps.base(newsletter))
    written = dict(_contents(feeds.pieces(catalogue, marks))) | dict(pages.render_all(catalogue))
    press = Press(newsletter)
    count = [0]

    def write(contents: dict[str, bytes]) -> None:
        count[0] += 1
        for path, data in contents.items():
            target = beside / f"floor-{count[0]}" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)

    def put(contents: dict[str, bytes]) -> None:
        count[0] += 1
        outputs.write(beside / f"output-{count[0]}", contents.items())

    yield Step(
        name="read articles and their front matter",
        work=partial(readings.read_all, newsletter),
        floor="read, PyYAML's C loader",
        least=lambda: [
            (file.read_bytes(), yaml.load(head, yaml.CSafeLoader))
            for file, head in zip(files, heads, strict=True)
        ],
    )
    yield Step(
        name="order, date, group",
        work=partial(plan.of_sources, newsletter, planned.sources),
        floor="",
        least=lambda: None,
    )
    yield Step(
        name="bodies: parse, resolve links, sanitise",
        work=partial(bodies.render_all, newsletter, sources, catalogue.around, NOTHING),
        floor="pulldown-cmark, ammonia",
        least=lambda: [nh3.clean(plain.html(source.body)) for source in sources],
    )
    yield Step(
        name="feeds: RSS, Atom, JSON, each twice",
        work=lambda: [*_contents(feeds.pieces(catalogue, marks))],
        floor="feedgen, json",
        least=partial(_feedgen, sources, html),
    )
    yield Step(
        name="pages: two an article",
        work=lambda: [*pages.render_all(catalogue)],
        floor="Jinja, a bare page, twice",
        least=lambda: [
            shell.render(lang="en", title=source.title, date=source.date, body=body)
            for source, body in zip(sources, html, strict=True)
            for _ in range(2)
        ],
    )
    yield Step(
        name="emails: HTML and text",
        work=lambda: [
            [*emails.files(email_of(planned, catalogue, issue, press), newsletter)]
            for issue in catalogue.issues
        ],
        floor="pulldown-cmark, Jinja, a bare mail",
        least=lambda: [
            shell.render(lang="en", title=source.title, date=source.date, body=body)
            + plain.html(source.body)
            for source, body in zip(sources, html, strict=True)
        ],
    )
    yield Step(
        name="write feeds and pages, whole or not at all",
        work=partial(put, written),
        floor="write the same files",
        least=partial(write, written),
    )


def _contents(pieces: Iterable[Any]) -> Iterable[tuple[str, bytes]]:
    for piece in pieces:
        for path, content in piece.make({}).files:
            yield path, content if isinstance(content, bytes) else b"".join(content)


def _feedgen(sources: Any, html: list[str]) -> None:
    """One feed of everything as RSS, Atom and JSON."""
    import json

    from feedgen.feed import FeedGenerator

    made = FeedGenerator()
    made.id("https://corpus.example/")
    made.title("T")
    made.description("D")
    made.link(href="https://corpus.example/")
    for source, body in zip(sources, html, strict=True):
        entry = made.add_entry(order="append")
        entry.id(source.id)
        entry.title(source.title)
        entry.link(href="https://corpus.example/x")
        entry.published(source.date)
        entry.updated(source.date)
        entry.content(body, type="html")
    made.rss_str()
    made.atom_str()
    json.dumps(
        [{"id": one.id, "content_html": body} for one, body in zip(sources, html, strict=True)]
    )


def _each(work: Callable[[], Any], asked: argparse.Namespace) -> float:
    """Microseconds an article, the median of the runs after one that is not counted."""
    spent = []
    for _ in range(asked.runs + 1):
        begun = time.process_time()
        work()
        spent.append(time.process_time() - begun)
    return median(spent[1:]) / asked.articles * 1e6


def _report(rows: list[tuple[Step, float, float]], articles: int) -> Iterable[str]:
    yield f"{measure.machine()}. {articles:,} articles, an issue each, one process, nothing kept."
    yield ""
    yield "| step | µs an article | its libraries alone | µs | × |"
    yield "|---|---:|---|---:|---:|"
    for step, spent, least in rows:
        alone, share = (f"{least:.0f}", f"{spent / least:.1f}") if step.floor else ("", "")
        yield f"| {step.name} | {spent:.0f} | {step.floor} | {alone} | {share} |"
    spent, least = sum(row[1] for row in rows), sum(row[2] for row in rows)
    yield f"| together | {spent:.0f} | | {least:.0f} | {spent / least:.1f} |"


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
