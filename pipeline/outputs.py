"""The output folder: what changed is written, atomically; what is no longer made is removed.

All new content is staged first and only then moved into place, so a build that fails, on a full
disk or by a broken template, leaves the last good output whole (D4). A file whose bytes did not
change is not touched (D3).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipeline import files

MANIFEST = ".partwork-files"
"""Lists, a path a line, what the builds made: only that is ever removed."""
_STAGING = ".partwork-staging-"

Content = bytes | Path
"""A file's bytes, or a file on disk to copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a build did to the folder: every file's size by path, and which of them changed."""

    sizes: Mapping[str, int]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def write(
    folder: Path, contents: Iterable[tuple[str, Content]], *, complete: bool = True
) -> Written:
    """Bring `folder` to hold `contents` (path relative to it, with forward slashes → content).

    `complete` says that nothing else is to remain of earlier builds. Raises ValueError for a path
    that leaves the folder or comes twice, PartworkError where the disk refuses.
    """
    sizes: dict[str, int] = {}
    moves: list[tuple[Path, str]] = []
    root = folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        root = folder.resolve()
        with _staging(root) as staging:
            for path, content in contents:
                target = _target(root, path, sizes)
                if _same(target, content):
                    sizes[path] = target.stat().st_size
                    continue
                staged = staging / str(len(moves))
                if isinstance(content, bytes):
                    staged.write_bytes(content)
                else:
                    shutil.copyfile(content, staged)
                sizes[path] = staged.stat().st_size
                moves.append((staged, path))
            before = _manifest(root)
            strays = sorted(before - sizes.keys()) if complete else []
            listed = sorted(sizes.keys() if complete else before | sizes.keys())
            # Listed before anything moves: a build killed half-way leaves no file unlisted.
            _list(root, sorted(before | set(listed)))
            for staged, path in moves:
                target = root / path
                target.parent.mkdir(parents=True, exist_ok=True)
                staged.replace(target)
            removed = tuple(path for path in strays if _remove(root, path))
            _list(root, listed)
    except OSError as error:
        raise files.refused(Path(error.filename or root), error) from None
    return Written(
        sizes=dict(sorted(sizes.items())),
        changed=tuple(sorted(path for _, path in moves)),
        removed=removed,
    )


def _target(root: Path, path: str, sizes: Mapping[str, int]) -> Path:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path or "\\" in path:
        raise ValueError(f"output path {path!r} leaves the output folder")
    if path in sizes:
        raise ValueError(f"output path {path!r} is made twice")
    target = root.joinpath(*parts)
    if target.is_symlink() or not target.parent.resolve().is_relative_to(root):
        raise ValueError(f"output path {path!r} is a link out of the output folder")
    return target


def _same(target: Path, content: Content) -> bool:
    try:
        size = target.stat().st_size
        if isinstance(content, bytes):
            return size == len(content) and target.read_bytes() == content
        return size == content.stat().st_size and target.read_bytes() == content.read_bytes()
    except FileNotFoundError:
        return False


@contextmanager
def _staging(root: Path) -> Iterator[Path]:
    for left in root.glob(f"{_STAGING}*"):
        if not _alive(left.name.removeprefix(_STAGING)):
            shutil.rmtree(left, ignore_errors=True)
    staging = root / f"{_STAGING}{os.getpid()}"
    staging.mkdir()
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _alive(pid: str) -> bool:
    """Whether another build of that process number may still be staging here."""
    if not pid.isdigit() or int(pid) == os.getpid():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _manifest(root: Path) -> set[str]:
    try:
        lines = (root / MANIFEST).read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, UnicodeDecodeError):
        return set()
    return {line for line in lines if line and ".." not in line.split("/") and line[0] != "/"}


def _list(root: Path, paths: list[str]) -> None:
    content = "".join(f"{path}\n" for path in paths).encode()
    if not _same(root / MANIFEST, content):
        files.replace(root / MANIFEST, content)


def _remove(root: Path, path: str) -> bool:
    target = root / path
    if not target.parent.resolve().is_relative_to(root):
        return False
    try:
        target.unlink()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError):
        return False
    for parent in target.relative_to(root).parents:
        if parent.parts:
            with suppress(OSError):
                (root / parent).rmdir()
    return True
