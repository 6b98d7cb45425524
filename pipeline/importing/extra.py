"""The modules that need the libraries of the extra `import`, loaded where they are wanted."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from pipeline.importing.bundle import refused

EXTRA = frozenset({"bs4", "feedparser", "mammoth", "markdownify"})
"""The modules of the extra `import`."""


def loaded(module: str) -> Any:
    """A module of this package; PartworkError where its libraries are not installed."""
    try:
        return import_module(f"pipeline.importing.{module}")
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in EXTRA:
            raise
        what = f"this source needs {missing}, which is not installed"
        remedy = "run pip install 'partwork[import]'"
        raise refused("import", what, remedy, "no-extra") from None
