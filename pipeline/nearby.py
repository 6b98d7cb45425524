"""Long lists in short: what is about one place in them."""

from __future__ import annotations

MANY = 30
"""A list longer than this is shown in short."""
NEAR = 5
"""How many are shown then before and after the place."""


def near(count: int, at: int) -> slice:
    """Of so many things those about the one at index `at`; all where they are few."""
    if count <= MANY:
        return slice(0, count)
    return slice(max(0, at - NEAR), min(count, at + NEAR + 1))
