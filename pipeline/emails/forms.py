"""Forms: the HTML that all emails of one shape share, with places for what each of them says.

Most issues of a newsletter differ in words and links alone. Their templates and mrml then need to
run once for all: with a blank in each value's place (`blanks`), by templates that do nothing with a
value but print it (`plain`). Any other email is rendered by itself, and so is the first of each
shape, since it may stay the only one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipeline.emails.blanks import BLANK, NotPlainError, blanked, shape
from pipeline.errors import PartworkError

BODY = "\ufdd3"
"""Delimits the number of an article where its body goes; `text.clean` keeps it out of values."""
MOST = 256
"""How many shapes are kept: a form takes some 20 KB."""

_PLACE = re.compile(f"([{BLANK}{BODY}])([0-9]+)\\1")

Shape = tuple[Any, ...]
Alone = Callable[[], str]
"""Renders an email by itself."""
Skeleton = Callable[[Mapping[str, Any]], str]
"""Renders values by templates and mrml, each body still a mark; PartworkError where that fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Pieces of HTML and, between each two, the place of something said or of a body."""

    pieces: tuple[str, ...]
    places: tuple[tuple[bool, int], ...]

    def filled(self, said: Sequence[str], bodies: Sequence[str]) -> str:
        """The HTML of an email; nothing that is put in is looked at again."""
        out = [""] * (2 * len(self.places) + 1)
        out[::2] = self.pieces
        out[1::2] = [bodies[at] if is_body else said[at] for is_body, at in self.places]
        return "".join(out)


class Forms:
    """The forms of one newsletter's emails, made as they are needed.

    `plain` says whether the templates lend themselves to it; it is asked once, if at all.
    """

    def __init__(self, plain: Callable[[], bool]) -> None:
        self._plain = cache(plain)
        self._seen: set[Shape] = set()
        self._forms: dict[Shape, Form | None] = {}

    def html(
        self, values: Mapping[str, Any], bodies: Sequence[str], skeleton: Skeleton, alone: Alone
    ) -> str:
        """The HTML of an email: by the form of its shape where there is one, else by `alone`."""
        found = shape(values)
        if found is None:
            return alone()
        key, said = found
        if form := self._forms.get(key):
            return form.filled(said, bodies)
        html = alone()
        if key in self._seen and key not in self._forms:
            self._forms[key] = self._form(values, skeleton, said, bodies, html)
        elif len(self._seen) < MOST:
            self._seen.add(key)
        return html

    def _form(
        self,
        values: Mapping[str, Any],
        skeleton: Skeleton,
        said: Sequence[str],
        bodies: Sequence[str],
        html: str,
    ) -> Form | None:
        """The form of the shape that these values have; None where filling it in gives others."""
        if not self._plain():
            return None
        try:
            pieces = _PLACE.split(skeleton(blanked(values)))
        except (NotPlainError, PartworkError):
            return None
        form = Form(
            pieces=tuple(pieces[::3]),
            places=tuple(
                (mark == BODY, int(at)) for mark, at in zip(pieces[1::3], pieces[2::3], strict=True)
            ),
        )
        return form if form.filled(said, bodies) == html else None
