"""Many new files on disk, all of them or none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from pipeline import files
from pipeline.errors import PartworkError, Problem
from pipeline.importing.bundle import refused


def put(root: Path, made: Mapping[str, bytes], *, replaces: Collection[str] = ()) -> None:
    """Write the files below `root`; only those that `replaces` names may be there already.

    A file that holds the same bytes stays: a run that was killed left it. Articles come last, so
    that those which the next run finds have their settings and pictures.

    PartworkError where one is there, or where the disk refuses: then everything is as it was.
    """
    made = {path: content for path, content in made.items() if not _holds(root / path, content)}
    there = [path for path in made if path not in replaces and (root / path).exists()]
    if there:
        raise PartworkError(
            Problem(
                path=path,
                message="this file is there already, and nothing is overwritten",
                remedy="move it away, or choose another folder with --into",
                rule="exists",
            )
            for path in there
        )
    _within(root, made)
    before = {path: (root / path).read_bytes() for path in replaces if path in made}
    folders = [one for path in made for one in _missing(root, path)]
    done: list[str] = []
    try:
        for path, content in sorted(made.items(), key=lambda one: one[0].endswith(".md")):
            files.replace(root / path, content)
            done.append(path)
    except BaseException:
        for path in reversed(done):  # what is to be put back finds the room of what goes
            if path in before:
                files.replace(root / path, before[path])
            else:
                (root / path).unlink(missing_ok=True)
        for folder in sorted(dict.fromkeys(folders), key=lambda one: -len(one.parts)):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        raise


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _within(root: Path, made: Mapping[str, bytes]) -> None:
    """No folder on the way is a link that leads out of the newsletter's (S3)."""
    home = root.resolve()
    for path in made:
        if not (root / path).resolve().is_relative_to(home):
            what = "a link on the way leads out of the newsletter's folder"
            raise refused(path, what, "choose another folder with --into", "path-outside")


def _missing(root: Path, path: str) -> list[Path]:
    """The folders of a file that are not there yet."""
    return [one for one in (root / path).parents if one.is_relative_to(root) and not one.exists()]
