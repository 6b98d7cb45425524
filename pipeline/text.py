"""Text as it may appear in any output: cleaned characters, slugs, excerpts."""

from __future__ import annotations

import re
import unicodedata

# Unicode sets U+FDD0..U+FDEF aside for a program's internal use (Unicode 16, §23.7). `clean` takes
# them out of everything an author writes, so nothing in an article can look like one of these.
OWN_ROOT = "\ufdd0"
"""Stands in a rendered URL for the newsletter's own root (`OWN_ROOT + "articles/x/"`)."""
MERGE_START = "\ufdd1"
MERGE_END = "\ufdd2"
"""Delimit a merge point's name in a rendered email."""

# What XML 1.0 §2.2 forbids, the C1 controls (a lint error in mail), lone surrogates and
# Unicode's noncharacters.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
_NOT_WORD = re.compile(r"[^\w]+")
_SPACES = re.compile(r"\s+")
_SLUG = re.compile(r"[^\W_]+(?:[-_][^\W_]+)*")


def clean(text: str) -> str:
    """Remove what no feed, page or message may hold; line ends become `\\n`, a BOM goes."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff"))


def one_line(text: str) -> str:
    """Clean and fold every run of white space into one space."""
    return _SPACES.sub(" ", clean(text)).strip()


def fold(text: str) -> str:
    """What two titles or slugs must not share: NFKC, case-folded, single-spaced."""
    return unicodedata.normalize("NFKC", one_line(unicodedata.normalize("NFKC", text).casefold()))


def slugify(text: str) -> str:
    """A URL segment of letters, digits and single hyphens, at most 80 characters; may be empty."""
    plain = unicodedata.normalize("NFKC", clean(text)).casefold().replace("_", "-")
    slug = _NOT_WORD.sub("-", plain).strip("-")
    if len(slug) > 80:
        slug = slug[:80].rsplit("-", 1)[0] if "-" in slug[:80] else slug[:80]
    return slug


def is_slug(text: str) -> bool:
    """True for one safe URL segment: letters and digits joined by single `-` or `_` (≤ 120)."""
    return len(text) <= 120 and _SLUG.fullmatch(text) is not None


def excerpt(text: str, limit: int) -> str:
    """The first `limit` characters at most, ended at a word with `…` when something is cut."""
    line = one_line(text)
    if len(line) <= limit:
        return line
    head = line[: limit - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head).rstrip(" ,;:.–—-") + "…"
