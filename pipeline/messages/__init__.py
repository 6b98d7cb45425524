"""An email as a message for SMTP: the same bytes for the same issue, whenever it is built."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from email.headerregistry import Address
from email.utils import format_datetime
from hashlib import sha256
from urllib.parse import quote, urlsplit

from pipeline import text
from pipeline.config import Newsletter
from pipeline.emails import Email, as_html, stand_ins
from pipeline.errors import Problem, fail_on_errors
from pipeline.merge import MergePoint, fill
from pipeline.messages.copies import Mould, mould

_SAFE_IN_URL = "%/:=&?~#+!$;'@()*"
_SPEC = re.compile(r"[!#-'*+\-./0-9=?A-Z^-~]+@[^\s@<>,;:\"()\[\]\\]+")
LONGEST = 990
"""Characters of a header's value that fit one line (RFC 5322 §2.1.1 allows 998 with the name)."""


def check(newsletter: Newsletter) -> tuple[Problem, ...]:
    """What the settings lack for a message: an error stops `build`, a warning does not."""
    lacking = (replace(one, severity="warning") for one in _lacking(newsletter))
    return (*_wrong(newsletter), *lacking)


def _wrong(newsletter: Newsletter) -> Iterator[Problem]:
    email = newsletter.table.child("email")
    if not newsletter.sender:
        what = "nobody is named as the sender"
        yield email.problem("from_address", what, "set email.from_address", "no-sender")
    for key, address in _addresses(newsletter).items():
        if address and not text.is_address(address):
            what = f"{address!r} is no mail address"
            yield email.problem(key, what, f"set email.{key}, such as me@example.org", "address")
        elif not address.rpartition("@")[0].isascii():
            what = f"{address!r} has letters before the @ that few mail servers take"
            yield email.problem(key, what, "use an address of plain letters", "address")


def _lacking(newsletter: Newsletter) -> Iterator[Problem]:
    email, settings = newsletter.table.child("email"), newsletter.email
    if not (settings.unsubscribe_url or settings.unsubscribe_mailto):
        what = "the unsubscribe link leads to the newsletter's own page"
        remedy = (
            "set email.unsubscribe_url or email.unsubscribe_mailto; a mailing service sets its own"
        )
        yield email.problem("unsubscribe_url", what, remedy, "no-unsubscribe")
    if not settings.address:
        what = "there is no postal address, which mail law asks for in many countries"
        remedy = "set email.address; a mailing service may set its own"
        yield email.problem("address", what, remedy, "no-address")


@dataclass(frozen=True, slots=True)
class Encoded:
    """An email encoded once: a second reader's copy does not pay for it again."""

    email: Email
    newsletter: Newsletter
    mould: Mould

    def copy(
        self,
        *,
        to: str = "",
        values: Mapping[MergePoint, str] | None = None,
        test: bool = False,
    ) -> bytes:
        """The message for one reader; `to` and `values` as in `build`.

        A `test` has a Message-ID of its own, which changes with the email: a mail program that has
        it would not show the issue, or the next test, under the same one.
        """
        settings = self.newsletter.email
        address = _address("", to or settings.to or self.newsletter.sender)
        filled = stand_ins(self.email, self.newsletter) | dict(values or {})
        # Python would fold a long one of these as encoded words, which no mail program reads.
        unfolded = "".join(
            f"{name}: {value}\r\n"
            for name, value in _for_machines(self.email, self.newsletter, filled, test=test)
        )
        return unfolded.encode("ascii") + self.mould.filled(address, filled, as_html(filled))


def encode(email: Email, newsletter: Newsletter) -> Encoded:
    """The email, encoded as far as it is the same for every reader.

    PartworkError where `check` finds an error, ValueError for a damaged merge point.
    """
    fail_on_errors(check(newsletter))
    known = stand_ins(email, newsletter)
    for rendered in (email.text, email.html):
        fill(rendered, known)  # says what is damaged, before a line is looked at by itself
    headers: dict[str, Address | str] = {
        "From": _address(newsletter.sender_name, newsletter.sender),
        "To": "",
    }
    if newsletter.email.reply_to:
        headers["Reply-To"] = _address("", newsletter.email.reply_to)
    headers["Subject"] = text.one_line(email.subject)
    headers["Date"] = format_datetime(email.issue.date)
    return Encoded(email, newsletter, mould(headers, email.text, email.html, email.lang))


def build(
    email: Email,
    newsletter: Newsletter,
    *,
    to: str = "",
    values: Mapping[MergePoint, str] | None = None,
) -> bytes:
    """The message for one reader: `multipart/alternative`, text first (RFC 2046 §5.1.4).

    `to` is an address (default: `email.to`, else the sender); `values` are plain text for the
    merge points, stand-ins taking the place of those left out. Date and Message-ID come from the
    issue, so that a second build is byte-equal. PartworkError where `check` finds an error,
    ValueError where `to` is no address. For many readers, `encode` once and take copies.
    """
    return encode(email, newsletter).copy(to=to, values=values)


def _for_machines(
    email: Email, newsletter: Newsletter, values: Mapping[MergePoint, str], *, test: bool
) -> list[tuple[str, str]]:
    """The headers that programs read: ASCII, without a line break."""
    host = text.host(newsletter.url)
    issue = email.issue
    tested = f"\n{email.subject}\n{email.html}\n{email.text}" if test else ""
    unique = sha256(f"{issue.articles[0].id}\n{issue.number}{tested}".encode()).hexdigest()[:32]
    name = text.slugify(newsletter.title)
    headers = [
        ("Message-ID", f"<{unique}@{host}>"),
        # RFC 2919 §2: a label before the domain that no other list of the host has.
        ("List-Id", f"<{name if name.isascii() and name else 'newsletter'}.{host}>"),
    ]
    settings = newsletter.email
    targets = [values[MergePoint.UNSUBSCRIBE_URL]]
    if settings.unsubscribe_mailto:
        targets.append(f"mailto:{settings.unsubscribe_mailto}")
    elif not settings.unsubscribe_url and targets == [newsletter.root_url]:
        targets = []  # the stand-in, where nobody can unsubscribe
    targets = [one if one.isascii() else _looked_up(one) for one in targets]
    targets = [quote(one, safe=_SAFE_IN_URL) for one in dict.fromkeys(targets)]
    targets = [one for one in targets if len(one) < LONGEST // len(targets)]
    if targets:
        headers.append(("List-Unsubscribe", ", ".join(f"<{one}>" for one in targets)))
    if any(one.startswith("https://") for one in targets):
        headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))  # RFC 8058 §3.1
    return headers


def _addresses(newsletter: Newsletter) -> dict[str, str]:
    settings = newsletter.email
    return {
        "from_address": newsletter.sender,
        "reply_to": settings.reply_to,
        "to": settings.to,
        "unsubscribe_mailto": settings.unsubscribe_mailto,
    }


def _address(name: str, spec: str) -> Address:
    """An address for a header; ValueError for what is none, so that nothing can be slipped in."""
    if not _SPEC.fullmatch(spec):
        raise ValueError(f"{spec!r} is no mail address")
    local, _, domain = spec.rpartition("@")
    return Address(text.one_line(name), local, domain.encode("idna").decode())


def _looked_up(url: str) -> str:
    """A URL whose host is in ASCII (IDNA): percent-encoded, no name server knows it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    local, at, domain = parts.path.rpartition("@")
    if parts.scheme != "mailto":
        parts = parts._replace(netloc=text.idna(parts.netloc) or parts.netloc)
    elif at and (host := text.idna(domain)):
        parts = parts._replace(path=f"{local}@{host}")
    return parts.geturl()
