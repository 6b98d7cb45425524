"""What every page of the preview has around it: where one is, and everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.errors import Problem
from pipeline.preview.picture import DRAFTS, NOW, Picture
from pipeline.preview.words import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A problem as a page shows it."""

    severity: str
    place: Place
    message: str
    remedy: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Surround:
    """The frame of a page: `here` begins every address, `page` is the rest of this page's own.

    `framed` begins the addresses of what is shown in frames. `day` is the day chosen, empty for
    now; `drafts` says that they are shown, `has_drafts` that there are some to show, `stuck` that
    there are some which can't be.
    """

    title: str
    version: str
    here: str
    framed: str
    page: str
    day: str
    drafts: bool
    has_drafts: bool
    stuck: bool
    errors: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


def surround(picture: Picture, at: str, page: str, framed: str) -> Surround:
    """The frame of the page `page` at the moment `at`."""
    outlet = picture.newsletter
    day = at.removesuffix(DRAFTS)
    found = faults(picture, picture.problems)
    return Surround(
        title=outlet.title if outlet else picture.root.name,
        version=picture.version,
        here=f"/{at}",
        framed=framed,
        page=page,
        day="" if day == NOW else day[: len("2026-10-13")],
        drafts=at.endswith(DRAFTS) and picture.finished is not None,
        has_drafts=picture.finished is not None,
        stuck=bool(picture.drafts) and picture.finished is None,
        errors=tuple(one for one in found if one.severity == "error"),
        warnings=tuple(one for one in found if one.severity == "warning"),
    )


def faults(picture: Picture, problems: Iterable[Problem]) -> tuple[Fault, ...]:
    """Problems with links to where they stand, in the same order."""
    return tuple(
        Fault(
            severity=one.severity,
            place=picture.place(one.path, one.line),
            message=one.message,
            remedy=one.remedy,
            rule=one.rule,
        )
        for one in problems
    )
