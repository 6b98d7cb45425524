"""The files of the articles folder: which there are, and what is in one."""

from __future__ import annotations

import os
import re
import stat
from errno import EILSEQ, EINVAL, EXDEV
from pathlib import Path, PurePosixPath

from pipeline.config import Newsletter
from pipeline.errors import Problem

# `.md` itself is written small; Windows and some programs write the others.
_MISNAMED = re.compile(r"(?!(?i:readme)\.).*\.(?:M[Dd]|mD|markdown|mdown|mkd)", re.DOTALL)


def files(newsletter: Newsletter) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """The article files relative to the newsletter's folder, sorted, and what was passed over.

    Every `*.md` below the articles folder but for README.md and names that begin with `.` or `_`.
    A folder that is a symbolic link is not entered. A folder that no one may read is an error; a
    name that ends in `.MD` or `.markdown` a warning.
    """
    top = str(newsletter.articles_dir)
    refused: list[OSError] = []
    found: list[str] = []
    problems: list[Problem] = []
    for here, folders, names in os.walk(top, onerror=refused.append):
        below = f"{PurePosixPath(newsletter.articles)}{here.removeprefix(top)}".replace(os.sep, "/")
        folders[:] = [name for name in folders if name[0] not in "._"]
        shown = [name for name in names if name[0] not in "._" and name.lower() != "readme.md"]
        found += (f"{below}/{name}" for name in shown if name.endswith(".md"))
        problems += (_misnamed(f"{below}/{name}") for name in shown if _MISNAMED.fullmatch(name))
    problems += (
        unreadable(Path(error.filename).relative_to(newsletter.root).as_posix(), error)
        for error in refused
    )
    return tuple(sorted(found)), tuple(problems)


def _misnamed(path: str) -> Problem:
    return Problem(
        path=_shown(path),
        rule="file-name",
        message="this is no article: its name does not end in .md",
        remedy="name it so, or with _ first to keep it as it is",
        severity="warning",
    )


def contents(newsletter: Newsletter, path: str) -> bytes:
    """An article file's bytes; OSError where it can't be read or leads out of the folder (S3)."""
    if path != path.encode(errors="replace").decode():
        raise OSError(EILSEQ, "its name is not UTF-8")
    file = f"{newsletter.root}/{path}"
    mode = os.lstat(file).st_mode
    if stat.S_ISLNK(mode):
        target = Path(os.path.realpath(file))
        if not target.is_relative_to(os.path.realpath(newsletter.articles_dir)):
            raise OSError(EXDEV, "it is a link out of the articles folder")
        mode = os.stat(file).st_mode  # noqa: PTH116 - thousands of files: paths stay strings
    if not stat.S_ISREG(mode):
        raise OSError(EINVAL, "it is not a plain file")
    with open(file, "rb", buffering=0) as opened:  # noqa: PTH123 - as above
        return opened.read()


def unreadable(path: str, error: OSError) -> Problem:
    """What to say of a file or a folder that no one may read."""
    return Problem(
        path=_shown(path),
        rule="unreadable",
        message=f"this can't be read ({error.strerror})",
        remedy="check its name and its permissions, and copy it here if it is a link",
    )


def _shown(path: str) -> str:
    """A path as text: a file's name may hold bytes that are none."""
    return path.encode(errors="backslashreplace").decode()
