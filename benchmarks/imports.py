"""What starting costs: `partwork --help` beside a bare Python, and the modules that take longest.

python benchmarks/imports.py [--runs 20] [--top 15]
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from statistics import median

import measure
from measure import Run

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {"PYTHONPATH": str(ROOT)}
_LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)")

COMMANDS = {
    "python -c pass": ("-c", "pass"),
    "import click": ("-c", "import click"),
    "partwork --version": ("-m", "pipeline", "--version"),
    "partwork --help": ("-m", "pipeline", "--help"),
    "partwork build --help": ("-m", "pipeline", "build", "--help"),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time the start of the command.")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--top", type=int, default=15, help="packages to list")
    asked = parser.parse_args()
    for command in COMMANDS.values():
        measure.run([sys.executable, *command], ROOT, ENVIRONMENT)
    runs: dict[str, list[Run]] = {name: [] for name in COMMANDS}
    for _ in range(asked.runs):
        for name, command in COMMANDS.items():
            runs[name].append(measure.run([sys.executable, *command], ROOT, ENVIRONMENT))
    bare = median(run.wall for run in runs["python -c pass"])
    print(f"{measure.machine()}. Median of {asked.runs} runs in turn.\n")
    print("| command | ms | over a bare Python |")
    print("|---|---:|---:|")
    for name, mine in runs.items():
        wall = median(run.wall for run in mine)
        print(f"| `{name}` | {wall * 1e3:.0f} | {(wall - bare) * 1e3:+.0f} |")
    packages, modules = imported(COMMANDS["partwork --help"])
    before, _ = imported(COMMANDS["python -c pass"])
    print(f"\n`partwork --help` imports {modules} modules; by package, beyond a bare Python:\n")
    print("| package | ms of its own |")
    print("|---|---:|")
    for package, spent in (packages - before).most_common(asked.top):
        print(f"| {package} | {spent / 1e3:.1f} |")


def imported(command: tuple[str, ...]) -> tuple[Counter[str], int]:
    """Microseconds of its own by top-level package, and how many modules, by -X importtime."""
    environment = measure.environ(ENVIRONMENT)
    argv = [sys.executable, "-X", "importtime", *command]
    done = subprocess.run(
        argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    found = _LINE.findall(done.stderr)
    packages: Counter[str] = Counter()
    for spent, name in found:
        packages[name.partition(".")[0]] += int(spent)
    return packages, len(found)


if __name__ == "__main__":
    main()
