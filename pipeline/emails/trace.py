"""From a place in rendered MJML back to the template and line it came from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from pipeline import templating

# `text.clean` keeps these two out of values, so they mark places of templates only.
_START, _END = "\ufdd4", "\ufdd5"
_MARK = re.compile(f"{_START}([^{_END}]*):([0-9]+){_END}")


class _Marks(Extension):
    """Puts the template's name and line before each line of its own text."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            if token.type != "data":
                yield token
                continue
            lines = token.value.split("\n")
            marked = (
                f"{_START}{stream.name}:{token.lineno + number}{_END}{line}"
                for number, line in enumerate(lines)
            )
            yield Token(token.lineno, "data", "\n".join(marked))


class Trace:
    """A rendering that knows, for each of its characters, the template's name and line."""

    def __init__(self, env: Environment, name: str, values: Mapping[str, Any]) -> None:
        marking = env.overlay(extensions=[_Marks], bytecode_cache=None)
        pieces = _MARK.split(templating.render(marking, name, **values))
        self.places: list[tuple[int, str, int]] = []
        at = len(pieces[0])
        for template, line, text in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
            self.places.append((at, template, int(line)))
            at += len(text)
        self.source = "".join(pieces[::3])

    def place(self, at: int) -> tuple[str, int] | None:
        """The template's name and line that the character at offset `at` came from."""
        before = [place for place in self.places if place[0] <= at]
        return before[-1][1:] if before else None
