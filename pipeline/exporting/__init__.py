"""Exports: a newsletter given back as a Markdown folder, as books and as data.

All formats are made of one selection, and all are made before one file is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline import files, ledger, outputs, plan
from pipeline.config import Newsletter
from pipeline.errors import PartworkError, Problem, in_order
from pipeline.exporting.selection import Selection, select
from pipeline.outputs import manifest
from pipeline.pieces import Whole

FOLDER = "export"
"""Where exports go below the newsletter's folder."""

Progress = Callable[[str], None]
"""Called with the path of each file as it is made."""


def _markdown(selection: Selection) -> Iterator[tuple[str, Whole]]:
    from pipeline.exporting import folder

    return folder.files(selection)


def _epub(selection: Selection) -> Iterator[tuple[str, Whole]]:
    from pipeline.exporting import book

    return book.books(selection)


def _json(selection: Selection) -> Iterator[tuple[str, Whole]]:
    from pipeline.exporting import data

    yield "newsletter.json", data.document(selection, ledger.read(selection.newsletter.root))


FORMATS: Mapping[str, Callable[[Selection], Iterator[tuple[str, Whole]]]] = {
    "markdown": _markdown,
    "epub": _epub,
    "json": _json,
}
"""What makes the files of each format, which go to a folder of its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export made: every file's size by its path in `folder`, and which changed."""

    folder: Path
    selection: Selection
    sizes: Mapping[str, int]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    warnings: tuple[Problem, ...]


def export(
    newsletter: Newsletter,
    into: Path,
    formats: Sequence[str],
    as_of: datetime,
    *,
    only: Sequence[str] = (),
    everything: bool = False,
    force: bool = False,
    dry_run: bool = False,
    told: Progress = lambda _: None,
) -> Exported:
    """Write the formats below `into`; with `dry_run` only say what would be written.

    An export replaces what an earlier one made there in the same format, and removes what is no
    longer made. PartworkError where it would replace anything else, unless `force` says so, and
    where `into` lies in a folder that Partwork reads articles from or publishes.
    """
    _expect_apart(newsletter, into)
    selection = select(plan.load(newsletter), as_of, only=only, everything=everything)
    contents: dict[str, Whole] = {}
    for name in formats:
        for path, content in FORMATS[name](selection):
            told(path)
            contents[f"{name}/{path}"] = content
    _expect_sound(contents)
    try:
        earlier = manifest.listed(into)
        foreign = [one for one in contents if one not in earlier and (into / one).is_file()]
    except OSError as error:
        raise files.refused(into, error) from None
    if foreign and not force:
        raise _in_the_way(into, foreign)
    sizes = {path: _size(content) for path, content in sorted(contents.items())}
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    if not dry_run:
        keep = [path for path in earlier if path.partition("/")[0] not in formats]
        written = outputs.write(into, contents.items(), keep=keep)
        changed, removed = written.changed, written.removed
    return Exported(
        folder=into,
        selection=selection,
        sizes=sizes,
        changed=changed,
        removed=removed,
        warnings=in_order(selection.problems),
    )


def _size(content: Whole) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def _expect_apart(newsletter: Newsletter, into: Path) -> None:
    """An export among the articles would be read as articles; one in output/ would be published."""
    target = into.resolve()
    for folder in (newsletter.articles_dir, newsletter.output_dir):
        if target.is_relative_to(folder.resolve()):
            raise PartworkError(
                [
                    Problem(
                        path=into.as_posix(),
                        rule="export-place",
                        message=f"this lies in {folder.name}/, which Partwork reads or publishes",
                        remedy="choose another folder with --into",
                    )
                ]
            )


def _expect_sound(contents: Mapping[str, Whole]) -> None:
    """No path that some systems could not hold, or would read as another one (S3)."""
    wrong = [
        Problem(
            path=path.partition("/")[2],
            rule="export-name",
            message="this file's name can't be written everywhere",
            remedy="rename it without backslashes and line ends",
        )
        for path in contents
        if "\\" in path or "\n" in path
    ]
    if wrong:
        raise PartworkError(wrong)


def _in_the_way(into: Path, foreign: Sequence[str]) -> PartworkError:
    return PartworkError(
        Problem(
            path=(into / path).as_posix(),
            rule="exists",
            message="this is already there, and no export made it",
            remedy="choose another folder with --into, or replace it with --force",
        )
        for path in foreign
    )
