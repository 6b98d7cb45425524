"""The manifest: what the builds made in a folder; nothing else in it is ever removed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from pipeline.outputs import staging

MANIFEST = ".partwork-files"
"""The file that lists it, a path a line."""


def listed(folder: Path) -> set[str]:
    """The paths in a folder that earlier builds made, and that may be replaced."""
    try:
        lines = (folder / MANIFEST).read_text(encoding="utf-8").split("\n")
    except (FileNotFoundError, UnicodeDecodeError):
        return set()
    return {line for line in lines if line}


def note(root: Path, beside: Path, paths: Iterable[str]) -> None:
    """List these paths from now on; the list is staged `beside` as all files are."""
    content = "".join(f"{path}\n" for path in sorted(paths)).encode()
    _, differs = staging.stage(f"{root}/{MANIFEST}", content, f"{beside}/{MANIFEST}")
    if differs:
        staging.settle(beside, root, [MANIFEST])


def remove(root: Path, path: str) -> bool:
    """Remove a file and the folders it leaves empty; what a person put there instead stays.

    The list may have been tampered with: what lies outside the folder is not ours.
    """
    target = root / path
    if not target.parent.resolve().is_relative_to(root) or target.is_dir():
        return False
    try:
        target.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    for parent in target.relative_to(root).parents:
        if parent.parts:
            with suppress(OSError):
                (root / parent).rmdir()
    return True
