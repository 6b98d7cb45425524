"""Secrets are kept out of everything that is shown or written (S4)."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import quote, quote_plus, urlsplit
from urllib.request import getproxies


def scrubbed(message: str, secrets: Iterable[str]) -> str:
    """The message without any of the secrets, however they are written in it."""
    forms = {form for secret in secrets if secret for form in _forms(secret)}
    for form in sorted(forms, key=lambda one: (-len(one), one)):
        message = message.replace(form, "***")
    return message


def credentials(header: str) -> set[str]:
    """What is secret in a header such as `Authorization: Bearer …`: the whole and its last word."""
    return {header, header.rpartition(" ")[2]}


def proxy_passwords() -> set[str]:
    """The passwords in the proxies' addresses that the environment names."""
    found = set()
    for proxy in getproxies().values():
        with suppress(ValueError):  # one that is no address is said to be none where it is used
            found.add(urlsplit(proxy).password if "://" in proxy else None)
    return {password for password in found if password}


def _forms(secret: str) -> set[str]:
    """A secret as it may stand in a message: itself, percent-encoded, quoted, in base64."""
    plain = {secret, quote(secret, safe=""), quote_plus(secret)}
    quoted = {json.dumps(secret)[1:-1], repr(secret)[1:-1], repr(secret.encode())[2:-1]}
    return plain | quoted | {b64encode(secret.encode()).decode()}
