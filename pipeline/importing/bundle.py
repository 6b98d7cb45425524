"""What a source holds: a file, a folder or a zip archive, read by name and within bounds.

Names are relative with forward slashes. Nothing is ever unpacked: a member is read into memory,
one at a time, and no more of it than the caller allows.
"""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path, PurePosixPath

from pipeline.errors import PartworkError, Problem
from pipeline.text import one_line

MAX_TEXT = 16 * 1024 * 1024
"""Bytes of one article's file at most."""
MAX_EXPORT = 64 * 1024 * 1024
"""Bytes of one export (WordPress, Ghost, a feed, a .docx) at most."""
MAX_PICTURE = 20 * 1024 * 1024
MAX_PICTURES = 512 * 1024 * 1024
"""Bytes of all pictures of one import at most: they are held until everything is known to fit."""
MAX_FILES = 20_000
MAX_UNPACKED = 2 * 1024**3
"""What a zip archive may claim to hold: a bomb claims more, or is cut off at its claim."""
HEAD = 64 * 1024
"""How much of a file is looked at to tell what it is."""

_DRIVE = re.compile(r"[A-Za-z]:")
_SKIPPED = ("__MACOSX/", ".git/", "node_modules/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A source by the name its user gave it; `names` are the files it holds, sorted.

    `label` is its folder's own name, or the archive's: the same wherever the command is run.
    """

    name: str
    label: str
    names: tuple[str, ...]
    opened: Callable[[str, int], bytes]
    place: Callable[[str], Path] | None = None
    """Where a file is on disk; None in an archive."""
    lone: bool = False
    """True where the user named one file; its neighbours in the folder are read if it asks."""

    def path(self, name: str) -> str:
        """A file of it as people know it."""
        if not self.lone:
            return f"{self.name}/{name}"
        return (
            self.name if name in self.names else (PurePosixPath(self.name).parent / name).as_posix()
        )

    def origin(self, name: str) -> str:
        """What an article made from a file remembers: the folder's name and the path in it."""
        return one_line(f"{self.label}/{name}")

    def head(self, name: str) -> bytes:
        """The first bytes of a file."""
        return self.opened(name, HEAD)

    def read(self, name: str, limit: int) -> bytes:
        """A file's bytes; PartworkError where there are more than `limit`."""
        raw = self.opened(name, limit + 1)
        if len(raw) > limit:
            raise refused(
                self.path(name),
                f"this is larger than {limit // 1024**2} MB",
                "split it, or take out what is not needed",
                "too-large",
            )
        return raw

    def picture(self, name: str) -> bytes | None:
        """A picture's bytes; None where there is none, it is too large or it leads elsewhere."""
        try:
            raw = self.opened(name, MAX_PICTURE + 1)
        except (PartworkError, KeyError, ValueError):
            return None
        return raw if len(raw) <= MAX_PICTURE else None


def refused(path: str, message: str, remedy: str, rule: str = "import") -> PartworkError:
    """A source that can't be used."""
    return PartworkError([Problem(path=path, message=message, remedy=remedy, rule=rule)])


def opened(path: Path, shown: str) -> Bundle:
    """The source at a path, which people know as `shown`."""
    if shown.startswith(("http:", "https:")):
        raise refused(shown, "this is on the web", "save it to a file, and import that")
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise refused(shown, f"this can't be read ({error.strerror})", "check its name") from None
    shown = shown.rstrip("/") or path.resolve().name
    if stat.S_ISDIR(mode):
        if shown in (".", ".."):
            shown = path.resolve().name
        return _on_disk(path, shown, path.resolve().name, _listed(path, shown))
    if not stat.S_ISREG(mode):
        raise refused(shown, "this is no file or folder", "name a file, a folder or a zip archive")
    around = _on_disk(path.parent, shown, path.resolve().parent.name, (path.name,))
    return replace(around, lone=True)


def _on_disk(folder: Path, shown: str, label: str, names: tuple[str, ...]) -> Bundle:
    return Bundle(
        name=shown,
        label=label,
        names=names,
        opened=lambda name, limit: _start(_place(folder, shown, name), f"{shown}/{name}", limit),
        place=lambda name: _place(folder, shown, name),
    )


def _listed(folder: Path, shown: str) -> tuple[str, ...]:
    found: list[str] = []
    for here, folders, names in os.walk(folder):
        below = Path(here).relative_to(folder)
        folders[:] = [one for one in folders if one[0] not in "." and f"{one}/" not in _SKIPPED]
        found += ((below / one).as_posix() for one in names if not one.startswith("."))
        if len(found) > MAX_FILES:
            raise refused(
                shown, f"this folder holds more than {MAX_FILES} files", "name the one you mean"
            )
    return tuple(sorted(found))


def _place(folder: Path, shown: str, name: str) -> Path:
    """A plain file below a folder; PartworkError for anything else (S3)."""
    try:
        real = (folder / name).resolve()
        if not real.is_relative_to(folder.resolve()):
            raise refused(f"{shown}/{name}", "this is a link out of the folder", "copy it in")
        if not stat.S_ISREG(real.stat().st_mode):
            raise refused(f"{shown}/{name}", "this is no plain file", "leave it out")
    except OSError as error:
        raise _unreadable(f"{shown}/{name}", error) from None
    return real


def _start(file: Path, shown: str, limit: int) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(limit)
    except OSError as error:
        raise _unreadable(shown, error) from None


def _unreadable(shown: str, error: OSError) -> PartworkError:
    return refused(shown, f"this can't be read ({error.strerror})", "check its permissions")


def is_zip(head: bytes) -> bool:
    """True for the first bytes of a zip archive, also of an empty one (APPNOTE §4.3.7, §4.3.16)."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def unzipped(bundle: Bundle, name: str) -> Bundle:
    """The archive that a file of a bundle is; PartworkError for a broken or a hostile one.

    Refused are names that lead out of a folder, symbolic links, encrypted members, more than
    `MAX_FILES` of them and more than `MAX_UNPACKED` bytes in all.
    """
    shown = bundle.path(name)
    try:
        file = bundle.place(name) if bundle.place else BytesIO(bundle.read(name, MAX_EXPORT))
        archive = zipfile.ZipFile(file)
        members = [one for one in archive.infolist() if not one.is_dir()]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise refused(
            shown, f"this zip archive is broken ({error})", "download it again", "truncated"
        ) from None
    _vetted(shown, members)
    kept = {
        one.filename: one
        for one in members
        if not one.filename.startswith(_SKIPPED)
        and not PurePosixPath(one.filename).name.startswith(".")
    }

    def read(member: str, limit: int) -> bytes:
        try:
            with archive.open(kept[member]) as stream:
                return stream.read(limit)
        except KeyError:
            raise refused(f"{shown}/{member}", "this is not in the archive", "add it") from None
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
            what = f"this part of the archive is broken ({error})"
            raise refused(f"{shown}/{member}", what, "download it again", "truncated") from None
        except Exception as error:
            # zlib, bz2 and lzma each raise an error of their own for bytes they can't unpack.
            what = f"this part of the archive can't be unpacked ({error})"
            raise refused(f"{shown}/{member}", what, "download it again", "truncated") from None

    label = PurePosixPath(name).name
    return Bundle(name=shown, label=label, names=tuple(sorted(kept)), opened=read)


def _vetted(shown: str, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_FILES or sum(one.file_size for one in members) > MAX_UNPACKED:
        raise refused(
            shown,
            f"this archive claims more than {MAX_FILES} files or {MAX_UNPACKED // 1024**3} GB",
            "unpack it yourself if you trust it, and import the folder",
            "zip-bomb",
        )
    for one in members:
        name = one.filename
        parts = PurePosixPath(name).parts
        leaves = ".." in parts or name.startswith("/") or "\\" in name or _DRIVE.match(name)
        if leaves or "\0" in (one.orig_filename or ""):
            raise refused(
                shown,
                f"the name {name!r} in this archive leads out of it",
                "don't trust this archive",
                "path-traversal",
            )
        if stat.S_ISLNK(one.external_attr >> 16):
            raise refused(shown, f"{name!r} in this archive is a symbolic link", "take it out")
        if one.flag_bits & 1:
            raise refused(shown, f"{name!r} in this archive is encrypted", "unpack it first")
