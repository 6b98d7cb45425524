"""Services that keep no unique field: the key stands in a name that people read.

It is found by listing everything and reading the names. Nothing there keeps two publishers from
each storing a draft; both then see both, and `foremost` makes them choose the same one. What is
released is looked at once more just before (`check_foremost`).
"""

from __future__ import annotations

import re

from pipeline import text
from pipeline.config import Newsletter
from pipeline.emails import Email
from pipeline.services import Context, Key, Remote, ServiceError, Status


def name_of(newsletter: Newsletter, email: Email, key: Key) -> str:
    """A name for people, with the key in it; at most 130 characters."""
    return f"{text.excerpt(newsletter.title, 60)} {email.issue.number} [{key}]"


def key_in(name: object, issue: str) -> Key | None:
    """The key that a name holds, where it is this issue's; its content is empty where cut off."""
    found = re.search(rf"{issue}(?:-([0-9a-f]{{16}}))?", name) if isinstance(name, str) else None
    return Key(issue=issue, content=found[1] or "") if found else None


def check_foremost(context: Context, found: Remote | None, remote: Remote) -> None:
    """Raise ServiceError unless what was found just now is the draft to release, and still one."""
    if found is not None and found.id == remote.id and found.status is Status.DRAFT:
        return
    said = "is gone" if found is None else f"gave way to {found.id}, which is {found.said}"
    message = f"the draft {remote.id} {said}: another publisher was here"
    remedy = "nothing was released; run the same command again: it looks before it does anything"
    raise ServiceError([context.problem(message, remedy)])
