"""Text as it may appear in any output: cleaned characters, slugs, excerpts, its direction."""

from __future__ import annotations

import re
import unicodedata
from ipaddress import ip_address
from urllib.parse import quote, urlsplit, urlunsplit

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
# Nearly all of the rest, but for CR and BOM: a few ranges match twenty times faster.
_CLEAN = re.compile(
    "[\t\n -~\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufefe\uff00-\ufffd\U00010000-\U0001fffd]*"
)
_SPACES = re.compile(r"\s+")
_VARIATIONS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_PLAIN_SLUG = re.compile(r"[0-9A-Za-z]+(?:[-_][0-9A-Za-z]+)*")
_NO_LETTERS = re.compile("[^0-9a-z]+")
_HYPHENS = re.compile("[-_]")
# A name of DNS, underscores included since some have them, or an address (RFC 3986 §3.2.2).
_HOST = re.compile(r"[0-9a-z_.-]+|[0-9a-f:]+(?:[0-9.]+)?")
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")
# Scripts written from right to left, and the languages whose usual script is one of them
# (Unicode CLDR, likely subtags). A script named in the tag decides, as in `az-Arab`.
_RTL_SCRIPTS = frozenset(
    ("adlm", "arab", "hebr", "mand", "mend", "nkoo", "rohg", "samr", "syrc", "thaa", "yezi")
)
_RTL_LANGUAGES = frozenset(
    ("ar", "arc", "arz", "bal", "ckb", "dv", "fa", "he", "ks", "lrc", "mzn", "ps", "sd", "ur", "yi")
)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9;/?:@&=+$,._~!*'()#-]|%[0-9A-Fa-f]{2})+")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_RESERVED = ";/?:@&=+$,._~!*'()%#-"
_RAISED = re.compile(r"\s*[+\-\u2212]?(?:[0-9]+n?|n)\s*")
_TO_RAISED = str.maketrans("0123456789n+-\u2212", "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ⁺⁻⁻")
_SLUG_BYTES = 200
"""A folder's name has 255 bytes at most on common file systems; an issue's has its number too."""


def clean(text: str) -> str:
    """Remove what no feed, page or message may hold; line ends become `\\n`, a BOM goes."""
    if _CLEAN.fullmatch(text):
        return text
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).lstrip("\ufeff")


def one_line(text: str) -> str:
    """Clean and fold every run of white space into one space."""
    return " ".join(clean(text).split())


def raised(pieces: list[str]) -> list[str]:
    """The pieces of a raised text for plain text: a number or n in raised signs, else as they are.

    10<sup>6</sup> is not 106, nor is 2<sup>n</sup> 2n.
    """
    if not _RAISED.fullmatch("".join(pieces)):
        return pieces
    return [piece.translate(_TO_RAISED) for piece in pieces]


def fold(text: str) -> str:
    """What two titles or slugs must not share: NFKC, case-folded, single-spaced."""
    return unicodedata.normalize("NFKC", one_line(unicodedata.normalize("NFKC", text).casefold()))


def slugify(text: str) -> str:
    """A URL segment of letters, digits and single hyphens, at most 80 characters; may be empty."""
    if text.isascii():
        plain = clean(text).lower()
    else:
        plain = unicodedata.normalize("NFKC", _VARIATIONS.sub("", clean(text))).casefold()
        plain = unicodedata.normalize("NFKC", plain)
    if plain.isascii():
        slug = _NO_LETTERS.sub("-", plain).strip("-")
    else:
        letters = ""
        for char in plain:
            joins = char.isalnum() or (letters[-1:] not in ("", "-") and _is_mark(char))
            letters += char if joins else "-"
        slug = "-".join(filter(None, letters.split("-")))
    if len(slug) > 80 or len(slug.encode()) > _SLUG_BYTES:
        head = slug[:80].encode()[:_SLUG_BYTES].decode(errors="ignore")
        slug = head.rpartition("-")[0] or head
    return slug


def is_slug(text: str) -> bool:
    """True for one safe URL segment: letters and digits joined by single `-` or `_` (≤ 120)."""
    if len(text) > 120 or len(text.encode(errors="replace")) > _SLUG_BYTES:
        return False
    return _PLAIN_SLUG.fullmatch(text) is not None or all(
        word[:1].isalnum() and all(char.isalnum() or _is_mark(char) for char in word)
        for word in _HYPHENS.split(text)
    )


def _is_mark(char: str) -> bool:
    """Whether a character continues the letter before it: Indic vowels, points, accents."""
    return unicodedata.category(char) in ("Mn", "Mc") and not _VARIATIONS.match(char)


def host(url: str) -> str:
    """The host of an absolute http(s) URL in ASCII (IDNA), empty where the text is no such URL.

    One that holds a user's name or password is none: it would be published.
    """
    try:
        parts = urlsplit(url)
        name = idna(parts.hostname or "")
        sound = parts.scheme in ("http", "https") and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        return ""
    return name if sound and _HOST.fullmatch(name) and not _SPACES.search(url) else ""


def idna(host: str) -> str:
    """A host's name in ASCII (RFC 5890); empty where a label of it is empty or too long."""
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: what is said to it needs no encryption and no proxy."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def uri(address: str) -> str:
    """An address in the ASCII of RFC 3986: IDNA host, everything else percent-encoded once."""
    if not address or _URI.fullmatch(address):
        return address
    parts = urlsplit(clean(address).strip())
    host = idna(parts.netloc) or quote(parts.netloc, safe=_RESERVED)
    rest = (_BARE_PERCENT.sub("%25", quote(part, safe=_RESERVED)) for part in parts[2:])
    return urlunsplit((parts.scheme, host, *rest))


def is_address(text: str) -> bool:
    """Whether this is one mail address, without a name, at a host that can be (IDNA)."""
    return _ADDRESS.fullmatch(text) is not None and bool(idna(text.rpartition("@")[2]))


def mailbox(name: str, address: str) -> str:
    """A name with its address (RFC 5322 §3.4): `"The Weekly" <weekly@example.org>`."""
    quoted = one_line(name).replace("\\", r"\\").replace('"', r"\"")
    return f'"{quoted}" <{address}>'


def is_contact(url: str) -> bool:
    """Whether an author can be found there: the absolute URL of a page, or a `mailto:` address."""
    return bool(host(url)) or (url.startswith("mailto:") and is_address(url[len("mailto:") :]))


def excerpt(text: str, limit: int) -> str:
    """The first `limit` characters at most, ended at a word with `…` when something is cut."""
    line = one_line(text)
    if len(line) <= limit:
        return line
    head = line[: limit - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head).rstrip(" ,;:.–—-") + "…"


def tags(language: str) -> list[str]:
    """A BCP 47 tag and those it narrows, as they are looked up (RFC 4647 §3.4): `de-AT`, `de`."""
    parts = language.split("-")
    return ["-".join(parts[:cut]) for cut in range(len(parts), 0, -1)]


def direction(language: str) -> str:
    """`rtl` or `ltr` for a BCP 47 tag: by its script where it names one, else by its language."""
    first, *rest = language.lower().split("-")
    script = next((part for part in rest if len(part) == 4 and part.isalpha()), "")
    if script:
        return "rtl" if script in _RTL_SCRIPTS else "ltr"
    return "rtl" if first in _RTL_LANGUAGES else "ltr"
