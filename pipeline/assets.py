"""Local files that articles show: found inside the articles folder, or refused (S3)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from pipeline import text
from pipeline.errors import Problem
from pipeline.tables import Table


def locate(articles_dir: Path, folder: PurePosixPath, reference: str) -> str:
    """The file a reference means, as a path relative to the articles folder.

    `folder` is the article's own, relative to the articles folder. Raises ValueError(what is
    wrong, what to do) for a path that leaves the articles folder, also through a symbolic link,
    and for a file that is not there.
    """
    name = unquote(reference)
    if name != text.clean(name) or "\n" in name or "\\" in name or name.startswith("/"):
        raise ValueError(f"is {reference!r}", "write a path relative to the article's file")
    parts: list[str] = []
    for part in (*folder.parts, *PurePosixPath(name).parts):
        if part == "..":
            if not parts:
                raise ValueError(
                    f"{reference!r} leaves the articles folder", "keep the file in that folder"
                )
            parts.pop()
        else:
            parts.append(part)
    target = articles_dir.joinpath(*parts)
    try:
        inside = target.resolve().is_relative_to(articles_dir.resolve())
        there = target.is_file()
    except (OSError, RuntimeError, ValueError):
        inside, there = True, False
    if not inside:
        raise ValueError(
            f"{reference!r} is a link out of the articles folder", "copy the file into it"
        )
    if not there:
        raise ValueError(f"{reference!r} does not exist", "add the file or correct the path")
    return "/".join(parts)


def named(articles_dir: Path, table: Table, key: str, name: str) -> Iterator[Problem]:
    """What is wrong with the picture of the articles folder that a setting names, if any (S3)."""
    try:
        found = locate(articles_dir, PurePosixPath(), name) if name else ""
        what, remedy = f"is {name!r}", f"write {found!r}"
    except ValueError as error:
        found, (what, remedy) = "", error.args
    if found != name:
        yield table.problem(key, f"`{key}` {what}", remedy, "missing-image")
