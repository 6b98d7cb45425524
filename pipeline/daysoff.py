"""Public holidays of a country or a part of one, from the library `holidays`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache


@cache
def days_off(code: str) -> Mapping[date, str]:
    """The names of the public holidays by day, in any year that the library knows.

    `code` is that of a country or a part of one in ISO 3166 (`GB`, `GB-ENG`). Days are worked out
    as they are asked for. Raises ValueError(what is wrong, what to do) for a code that the library
    does not know, and where it is not installed.
    """
    try:
        import holidays
    except ImportError:
        raise ValueError(
            "needs a library that is not installed",
            "pip install 'partwork[calendar]', or take the line out",
        ) from None
    country, _, part = code.strip().upper().partition("-")
    try:
        known: Mapping[date, str] = holidays.country_holidays(country, subdiv=part or None)
    except (NotImplementedError, KeyError):
        parts = holidays.list_supported_countries().get(country)
        if parts is None:
            remedy = "write a country's code in ISO 3166, such as GB, or one with a part, GB-ENG"
        elif parts:
            remedy = f"use one of {', '.join(f'{country}-{one}' for one in parts)}"
        else:
            remedy = f"write {country}: its parts are not told apart"
        raise ValueError(f"is {code!r}, whose holidays nobody knows", remedy) from None
    return known
