"""Draw the pictures of README and docs/report.md: needs Chromium and Playwright.

python scripts/pictures.py
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import report_sample
from PIL import Image

from pipeline import build, ledger, plan, screenshots
from pipeline.errors import PartworkError
from pipeline.newsletter import load
from pipeline.reporting import page, rows, sizes

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
AS_OF = datetime(2026, 10, 20, 12, tzinfo=UTC)
HEIGHT = 1500
"""Pictures show the head of a page: CSS pixels from its top."""


def shrunk(png: bytes, scale: int) -> bytes:
    """The top of a picture, in 128 colours."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(picture.height, HEIGHT * scale)))
    out = BytesIO()
    picture.quantize(128, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def keep(name: str, png: bytes, scale: int) -> None:
    """Write a picture into the docs."""
    path = PICTURES / name
    path.write_bytes(shrunk(png, scale))
    print(path.relative_to(ROOT), path.stat().st_size)


def report(folder: Path) -> Path:
    """The report's page of a newsletter that does not exist."""
    newsletter = report_sample.make(folder)
    planned = plan.load(newsletter)
    entries = (*ledger.read(folder), *ledger.read_figures(folder))
    as_of = planned.catalogue.issues[-1].date + timedelta(days=3)
    sections = rows.sections(planned, entries, as_of)
    file = folder / "report.html"
    file.write_bytes(page.page(newsletter, sections, sizes.sizes(planned, as_of), as_of))
    return file


def main() -> int:
    """Render issue 2 of the sample, and a report of readers made up, and take their pictures."""
    newsletter = load(ROOT)
    made = build.one_issue(newsletter, "2", AS_OF)
    try:
        for taken in build.pictures(made, newsletter, os.environ):
            keep(f"issue-{taken.name}", taken.read_bytes(), screenshots.VIEWS[taken.stem].scale)
        with TemporaryDirectory() as folder:
            for name, png in screenshots.take(report(Path(folder)).as_uri(), os.environ):
                if name in ("desktop", "dark"):
                    keep(f"report-{name}.png", png, screenshots.VIEWS[name].scale)
    except PartworkError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
