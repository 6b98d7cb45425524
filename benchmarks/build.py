"""Time whole builds beside other tools on the same corpus, in turn, as processes.

    python benchmarks/build.py                                 100 and 1,000 articles, every peer
    python benchmarks/build.py --articles 10000 --runs 3 --limit 50
    python benchmarks/build.py --only feeds --peers pelican
    python benchmarks/build.py --write                         also into docs/performance.md

Peers are installed into .bench/ at the first run, which needs the network; nothing else does.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import measure
import tools
from measure import Run
from tools import Tool

JOBS = {
    "cold": "cold build",
    "unchanged": "nothing changed",
    "changed": "one article changed",
    "feeds": "feeds only, cold",
}
PAGE = tools.ROOT / "docs" / "performance.md"
_GUID = re.compile(rb"<guid[^>]*>([^<]+)<")
HEAD = ("articles", "job", "tool", "wall s (min-max)", "user + sys s", "peak MiB", "× Partwork")


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="Time whole builds beside other tools.")
    parser.add_argument("--articles", type=int, nargs="+", default=[100, 1000], metavar="N")
    parser.add_argument("--runs", type=int, default=5, help="measured runs of each (default 5)")
    parser.add_argument("--only", nargs="+", choices=JOBS, default=[*JOBS], metavar="JOB")
    parser.add_argument("--peers", nargs="*", choices=tools.PEERS, default=[*tools.PEERS])
    parser.add_argument("--words", type=int, default=900, help="about so many an article")
    parser.add_argument("--parts", type=int, default=100, help="parts a series")
    parser.add_argument("--limit", type=int, default=0, help="also with so many entries in a feed")
    parser.add_argument("--write", action="store_true", help=f"also into docs/{PAGE.name}")
    asked = parser.parse_args()

    able, missing = _contenders(asked.peers, asked.limit)
    rows = []
    with TemporaryDirectory(prefix="run-", dir=tools.BENCH) as made:
        for articles in asked.articles:
            folders = {
                tool.name: _corpus(Path(made), tool, articles, asked.words, asked.parts)
                for tool in able
            }
            for job in asked.only:
                for row in _rows(able, folders, job, articles, asked.runs):
                    print("  ".join(row), file=sys.stderr, flush=True)
                    rows.append(row)
    report = "\n".join(_report(able, missing, rows, asked.runs))
    print(report)
    if asked.write:
        measure.put(report, PAGE, "builds")


def _contenders(names: Sequence[str], limit: int) -> tuple[list[Tool], dict[str, str]]:
    """Partwork and the peers that can be had; why each of the others can't."""
    able, missing = tools.partwork(limit), {}
    tools.BENCH.mkdir(exist_ok=True)
    (tools.BENCH / ".gitignore").write_text("*\n", encoding="utf-8")
    for name in names:
        try:
            able.append(tools.PEERS[name]())
        except tools.MissingError as reason:
            missing[name] = str(reason)
    return able, missing


def _corpus(made: Path, tool: Tool, articles: int, words: int, parts: int) -> Path:
    """Write a tool's own copy of the corpus.

    A process does it, so that this one stays small: what a child weighs when it starts counts
    towards its peak.
    """
    folder = made / f"{articles} {tool.name}"
    numbers = ("--articles", str(articles), "--words", str(words), "--parts", str(parts))
    script = str(tools.HERE / "corpus.py")
    argv = [sys.executable, script, str(folder), "--for", tool.variant, *numbers, *tool.corpus]
    subprocess.run(argv, check=True)
    if tool.configuration:
        shutil.copytree(tool.configuration, folder, dirs_exist_ok=True)
    return folder


def _rows(
    able: Sequence[Tool], folders: Mapping[str, Path], job: str, articles: int, runs: int
) -> Iterator[tuple[str, ...]]:
    """One row a tool: A B C, A B C, …, after one round that is not counted."""
    able = [tool for tool in able if job in tool.commands]
    measured: dict[str, list[Run]] = {tool.name: [] for tool in able}
    for count in range(runs + 1):
        for tool in able:
            folder = folders[tool.name]
            _prepare(tool, folder, job, count)
            run = measure.run(tool.commands[job], folder, tool.environment)
            _check(tool, folder, job, articles)
            if count:
                measured[tool.name].append(run)
    for tool in able:
        mine, base = measured[tool.name], measured[able[0].name]
        walls = [run.wall for run in mine]
        yield (
            f"{articles:,}",
            JOBS[job],
            tool.name,
            f"{median(walls):.2f} ({min(walls):.2f}-{max(walls):.2f})",
            f"{median(run.cpu for run in mine):.2f}",
            f"{median(run.peak for run in mine):.0f}",
            "" if tool is able[0] else f"{measure.ratio(mine, base):.1f}",
        )


def _prepare(tool: Tool, folder: Path, job: str, count: int) -> None:
    """Bring a corpus into the state that a job begins with.

    What was made is moved aside, not removed: ext4 passes over inodes freed in the last minutes one
    by one (`recently_deleted`), so that a build after a removal would pay for it, file by file.
    """
    if job in ("cold", "feeds"):
        for made in tool.made:
            if (folder / made).exists():
                (folder / made).rename(folder.parent / f"{folder.name}-{made}-{job}-{count}")
    elif job == "changed":
        every = sorted((folder / tool.articles).rglob("*.md"))
        with every[len(every) // 2].open("a", encoding="utf-8") as article:
            article.write(f"\nThis was added later, and there are {count} of it.\n")


def _check(tool: Tool, folder: Path, job: str, articles: int) -> None:
    """A tool that did not do the work is not compared."""
    output = folder / tool.made[0]
    documents = [output / "feed.xml", *output.glob("archive/*/feed.xml")]
    entries = len(set(chain.from_iterable(map(_guids, documents))))
    pages = sum(1 for _ in output.rglob("*.html")) if job != "feeds" else articles
    if entries != articles or pages < articles:
        sys.exit(f"{tool.name} made {entries} entries and {pages} pages of {articles} articles")


def _guids(document: Path) -> Iterator[bytes]:
    """A feed's entries, read line by line: what this process weighs, its children begin with."""
    with document.open("rb") as lines:
        for line in lines:
            yield from _GUID.findall(line)


def _report(
    able: Sequence[Tool], missing: Mapping[str, str], rows: Sequence[Sequence[str]], runs: int
) -> Iterator[str]:
    yield f"{measure.machine()}."
    yield f"Median of {runs} runs in turn; the last column is the median of each round's ratio."
    yield ""
    for tool in able:
        yield f"- {tool.name} ({tool.version}): {tool.work}"
    for name, reason in missing.items():
        yield f"- {name} is left out: {reason}"
    yield ""
    yield f"| {' | '.join(HEAD)} |"
    yield "|---:|---|---|---:|---:|---:|---:|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    main()
