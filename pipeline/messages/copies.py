"""An email encoded once, of which each reader's copy is made by filling in a few lines.

Python's email package takes milliseconds to serialise a message, and the copies of one email differ
in the header To, in headers for machines and in the lines that hold merge points. Quoted-printable
encodes line by line (RFC 2045 §6.7), so a line that differs is taken out whole before anything is
encoded, and no soft line break can tear a merge point; each copy has its own lines encoded in their
place. Copies are byte-equal to messages that Python serialises each by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email import policy, quoprimime
from email.headerregistry import Address
from email.message import EmailMessage
from functools import lru_cache
from hashlib import sha256

from pipeline.merge import MergePoint, fill
from pipeline.text import MERGE_START

LONGEST = 76
"""Characters of an encoded line at most (RFC 2045 §6.7, rule 5)."""
POLICY = policy.SMTP.clone(max_line_length=LONGEST)

Values = Mapping[MergePoint, str]
Line = Callable[[Address, Values, Values], bytes]
"""Makes a line from the address, the values as plain text and the values as HTML."""


@dataclass(frozen=True, slots=True)
class Mould:
    """A message's bytes around the lines that differ from copy to copy, in turn."""

    fixed: tuple[bytes, ...]
    lines: tuple[Line, ...]

    def filled(self, to: Address, plain: Values, html: Values) -> bytes:
        """One copy; the values as plain text and, escaped, as HTML."""
        pieces = [self.fixed[0]]
        for line, after in zip(self.lines, self.fixed[1:], strict=True):
            pieces += (line(to, plain, html), after)
        return b"".join(pieces)


def mould(headers: Mapping[str, Address | str], text: str, html: str, language: str) -> Mould:
    """A `multipart/alternative` of two neutral renderings, each ended by a line end.

    `headers` come in their order, with To among them to say where it stands.
    """
    named = {name: str(value) for name, value in headers.items()}
    # What no part or header can hold, since it is made from all of them.
    mark = f"partwork{sha256(f'{named}{text}{html}'.encode()).hexdigest()[:32]}"
    lines: list[Line] = [_to]

    def cut(rendered: str, *, as_html: bool) -> str:
        found = rendered.split("\n")
        for at, line in enumerate(found):
            if MERGE_START in line:
                found[at] = f"{mark}-{len(lines)}-"
                lines.append(_line(line, as_html=as_html))
        return "\n".join(found)

    message = EmailMessage(policy=POLICY)
    for name, value in headers.items():
        message[name] = Address("", f"{mark}-0-", "invalid") if name == "To" else value
    parts = cut(text, as_html=False), cut(html, as_html=True)
    message.set_content(parts[0], charset="utf-8", cte="quoted-printable")
    message.add_alternative(parts[1], subtype="html", charset="utf-8", cte="quoted-printable")
    message["Content-Language"] = language  # set_content drops every Content header before it
    # Of the neutral renderings, so that all copies have it; no encoded line can begin with `=_`.
    message.set_boundary("=_" + sha256(f"{text}\0{html}".encode()).hexdigest()[:32])
    pattern = rf"^(?:To: )?{mark}-(\d+)-(?:@invalid)?\r\n"
    pieces = re.split(pattern.encode(), message.as_bytes(), flags=re.MULTILINE)
    if [int(number) for number in pieces[1::2]] != [*range(len(lines))]:
        raise ValueError("the message's lines did not come back as they were put in")
    return Mould(tuple(pieces[::2]), tuple(lines))


def _to(address: Address, *_: Values) -> bytes:
    header: str = POLICY.header_factory("To", address).fold(policy=POLICY)
    return header.encode("ascii")


def _line(rendered: str, *, as_html: bool) -> Line:
    def line(_: Address, plain: Values, html: Values) -> bytes:
        return encoded(fill(rendered, html if as_html else plain))

    return line


@lru_cache(maxsize=64)  # most of these lines are the same in nearly every copy
def encoded(line: str) -> bytes:
    """A line, or several, in quoted-printable as `set_content` writes it, with its line end."""
    lines = f"{line}\n".encode().splitlines()
    whole = b"\n".join([*lines, b""]).decode("latin-1")
    return quoprimime.body_encode(whole, LONGEST).replace("\n", "\r\n").encode("ascii")
