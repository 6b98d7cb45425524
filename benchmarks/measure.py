"""Running whole processes, saying what they took, and putting that into the docs."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One process with its children: seconds of wall clock and of processor, peak RSS in MiB."""

    wall: float
    cpu: float
    peak: float


def run(argv: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Run:
    """Run a program to its end; SystemExit with what it said where it fails."""
    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        process = subprocess.Popen(
            argv,
            cwd=folder,
            env=environ(environment),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.exit(
                f"{' '.join(argv)}: exit code {process.returncode}\n"
                + said.read().decode(errors="replace")[-4000:]
            )
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10  # getrusage(2): bytes there, KiB else
    return Run(
        wall=wall, cpu=usage.ru_utime + usage.ru_stime, peak=usage.ru_maxrss * unit / (1 << 20)
    )


def environ(more: Mapping[str, str]) -> dict[str, str]:
    """The environment with some of it set anew.

    Python keeps what it compiled, as it does for whoever installed it: pip compiled the peers.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, **more}


def ratio(runs: Sequence[Run], base: Sequence[Run]) -> float:
    """The median over the rounds of how many times as long as the base each run took."""
    return median(one.wall / other.wall for one, other in zip(runs, base, strict=True))


def machine() -> str:
    """The machine in one line."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = names[0].partition(":")[2].strip() if names else cpu
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return (
        f"{cores} cores of {cpu}, {memory:.0f} GiB, {platform.system()},"
        f" {platform.python_implementation()} {platform.python_version()}"
    )


def put(report: str, page: Path, name: str) -> None:
    """Write a report into a page of the docs, between the two comments with its name."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    head, _, rest = page.read_text(encoding="utf-8").partition(begin)
    tail = rest.partition(end)[2]
    page.write_text(f"{head}{begin}\n\n{report}\n\n{end}{tail}", encoding="utf-8")
