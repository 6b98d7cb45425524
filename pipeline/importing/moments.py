"""Dates as exports write them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

Moment = datetime | date
"""A day, or a datetime with the zone it was written with."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SPACED = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*"
    r"(Z|UTC|[+-]\d\d:?\d\d)?(?:\s+[A-Z]{3,4})?"
)
_FORMS = (
    "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y", "%d/%m/%Y", "%Y/%m/%d", "%Y%m%d",
)  # fmt: skip


def moment(said: object) -> Moment | None:
    """What a date means; None for what is no date.

    ISO 8601 and RFC 5322 in the forms that are met, `2024-03-01 09:00:00 +0100` of Jekyll, English
    months, and seconds or milliseconds since 1970.
    """
    if isinstance(said, date):
        return said
    if isinstance(said, int | float) and not isinstance(said, bool):
        with suppress(ValueError, OverflowError, OSError):
            return datetime.fromtimestamp(said / 1000 if said > 1e11 else said, UTC)
        return None
    written = str(said or "").strip()
    if not written or written.startswith("0000"):
        return None
    with suppress(ValueError):
        if _DAY.fullmatch(written):
            return date.fromisoformat(written)
        return datetime.fromisoformat(written)
    if found := _SPACED.fullmatch(written):
        zone = (found[3] or "").replace("UTC", "+00:00")
        with suppress(ValueError):
            return datetime.fromisoformat(f"{found[1]}T{found[2]}{zone}")
    with suppress(ValueError, TypeError, IndexError):
        return parsedate_to_datetime(written)
    for form in _FORMS:
        with suppress(ValueError):
            return datetime.strptime(written, form).date()  # noqa: DTZ007 - a day has no zone
    return None


def utc(said: object) -> datetime | None:
    """A moment written without a zone that is meant in UTC (`post_date_gmt`)."""
    found = moment(said)
    if not isinstance(found, datetime):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
