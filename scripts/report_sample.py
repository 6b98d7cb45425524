"""A newsletter with readers, made up for the picture of the report: eight parts at listmonk."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pipeline import ledger, plan
from pipeline.config import Newsletter
from pipeline.ledger.entries import Entry, Event
from pipeline.newsletter import load

_SETTINGS = """\
[newsletter]
title = "Northgate Clinic"
url = "https://clinic.example/letters/"
description = "One part at a time."
author = { name = "Ann Lee" }
timezone = "Europe/London"

[series.sleep]
title = "Sleeping Better, Step by Step"
parts = 8

[schedule]
start = 2026-09-01
"""
_PARTS = {
    # title: recipients, opens, clicks, bounces; None where the service was not asked in time
    "Why Nights Grow Short": (1180, 742, 203, 9),
    "Light in the Morning": (1192, 655, 148, 4),
    "What Coffee Does, and When": (1201, 618, 171, 3),
    "A Room for Sleeping": None,
    "The Hour before Bed": (1236, 561, 119, 5),
    "Waking at Three": (1240, 587, 160, 2),
    "Shift Work": (1251, 512, 97, 3),
    "Keeping It Up": (1263, 448, 81, 4),
}


def make(root: Path) -> Newsletter:
    """Write the newsletter and its ledger below `root`."""
    (root / "articles").mkdir(parents=True)
    (root / "newsletter.toml").write_text(_SETTINGS, encoding="utf-8")
    for number, title in enumerate(_PARTS, 1):
        words = f"Part {number} says what helps, and what it rests on. " * (60 + 17 * number % 40)
        article = (
            f"---\ntitle: {title}\nid: tag:clinic.example,2026:{number}\nseries: sleep\n---\n\n"
        )
        path = root / "articles" / f"{number:02}-part-{number}.md"
        path.write_text(f"{article}{words}\n", encoding="utf-8")
    newsletter = load(root)
    issues = plan.load(newsletter).catalogue.issues
    with ledger.opened(root) as book:
        for issue, counted in zip(issues, _PARTS.values(), strict=True):
            of = {"service": "weekly", "issue": issue.articles[0].id, "number": issue.number}
            book.append(Entry(at=issue.date, event=Event.SUBMITTED, **of))
            if counted is None:
                continue
            days = 9 if issue.number < len(issues) else 2
            names = ("recipients", "opens", "clicks", "bounces")
            counts = dict(zip(names, counted, strict=True))
            at = issue.date + timedelta(days=days)
            book.note(Entry(at=at, event=Event.REPORTED, counts=counts, repeats=("clicks",), **of))
    return newsletter
