"""Draw the README's pictures from the sample newsletter: needs Chromium and Playwright.

python scripts/pictures.py
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from PIL import Image

from pipeline import build, screenshots
from pipeline.errors import PartworkError
from pipeline.newsletter import load

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
AS_OF = datetime(2026, 10, 20, 12, tzinfo=UTC)
HEIGHT = 1500
"""Pictures show the head of an issue: CSS pixels from its top."""


def shrunk(png: bytes, scale: int) -> bytes:
    """The top of a picture, in 128 colours."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(picture.height, HEIGHT * scale)))
    out = BytesIO()
    picture.quantize(128, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def main() -> int:
    """Render issue 2 of the sample and take its pictures."""
    newsletter = load(ROOT)
    made = build.one_issue(newsletter, "2", AS_OF)
    try:
        for taken in build.pictures(made, newsletter, os.environ):
            path = PICTURES / f"issue-{taken.name}"
            path.write_bytes(shrunk(taken.read_bytes(), screenshots.VIEWS[taken.stem].scale))
            print(path.relative_to(ROOT), path.stat().st_size)
    except PartworkError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
