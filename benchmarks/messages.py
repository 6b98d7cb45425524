"""What a message costs, and a further reader's copy of it: python benchmarks/messages.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

from pipeline import build, messages, plan
from pipeline.merge import MergePoint
from pipeline.newsletter import load

ROOT = Path(__file__).resolve().parent.parent
TIMES = 300


def milliseconds(work: Callable[[int], object]) -> float:
    """The median of many runs, each with another number."""
    took = []
    for number in range(TIMES):
        begun = perf_counter()
        work(number)
        took.append(perf_counter() - begun)
    return 1000 * median(took)


def main() -> None:
    """Measure the sample newsletter's second issue."""
    newsletter = load(ROOT)
    planned = plan.load(newsletter)
    issue = planned.catalogue.issues[1]
    seen, _ = plan.published(planned, issue.date)
    email = build.email_of(planned, seen, issue)
    encoded = messages.encode(email, newsletter)

    def copy(number: int) -> bytes:
        link = {MergePoint.UNSUBSCRIBE_URL: f"https://lists.example/u/{number}"}
        return encoded.copy(to=f"reader-{number}@reader.example", values=link)

    print(f"bytes of a message     {len(copy(0)):,}")
    print(f"a message, ms          {milliseconds(lambda _: messages.build(email, newsletter)):.2f}")
    print(f"a further copy, ms     {milliseconds(copy):.2f}")


if __name__ == "__main__":
    main()
