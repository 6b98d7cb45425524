from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# No test is timed: a busy machine is no defect. CI tries the same examples each time, so that it
# fails for what a change did; elsewhere every run looks for new ones.
settings.register_profile("partwork", deadline=None, print_blob=True)
settings.register_profile("ci", settings.get_profile("partwork"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "partwork")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; tests without it never import playwright."""
    from browser import chromium

    with chromium() as opened:
        yield opened


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that every user may enter, as pytest's own are not."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)
