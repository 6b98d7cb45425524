"""Bytes as text, whatever they say of themselves."""

from __future__ import annotations

import codecs
import re

from pipeline import text

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9._:-]{2,40})""")
_WINDOWS = {"iso-8859-1", "latin-1", "latin1", "ascii", "us-ascii", "windows-1252", "cp1252"}
"""What says one of these is Windows-1252 (WHATWG Encoding, §4.2)."""


def decoded(raw: bytes) -> tuple[str, str]:
    """Clean text, and the encoding where it is not UTF-8 (empty where it is).

    A byte order mark decides, then whether the bytes are UTF-8, whatever they declare; then what
    they declare; then Windows-1252, in which every byte means something.
    """
    for mark, name in _MARKS:
        if raw.startswith(mark):
            there = raw.decode(name, "replace")
            return text.clean(there), "" if mark == codecs.BOM_UTF8 else name.upper()
    if name := _sixteen(raw):
        return text.clean(raw.decode(name, "replace")), name.upper()
    try:
        return text.clean(raw.decode()), ""
    except UnicodeDecodeError:
        pass
    found = _DECLARED.search(raw[:2048])
    declared = found[1].decode().lower() if found else ""
    if declared and declared not in _WINDOWS:
        try:
            if codecs.lookup(declared).name != "utf-8":
                return text.clean(raw.decode(declared)), declared.upper()
        except (LookupError, UnicodeDecodeError, AttributeError, TypeError):
            pass  # no encoding, or not the one it is in
    return text.clean("".join(map(_windows, raw.decode("latin-1")))), "Windows-1252"


def _sixteen(raw: bytes) -> str:
    """UTF-16 without a mark: text of a European language has every other byte zero."""
    head = raw[:400]
    if len(head) < 4 or len(raw) % 2:
        return ""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > len(head) * 0.3 and not even:
        return "utf-16-le"
    return "utf-16-be" if even > len(head) * 0.3 and not odd else ""


def _windows(char: str) -> str:
    """A byte's character in Windows-1252; its five gaps stay what they are."""
    if "\x80" <= char <= "\x9f":
        return char.encode("latin-1").decode("cp1252", "ignore")
    return char
