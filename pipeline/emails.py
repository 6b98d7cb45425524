"""An issue rendered as an email (stub of the agreed interface)."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.issues import Issue


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """An issue rendered: HTML document and plain text hold the same, merge points are neutral."""

    issue: Issue
    subject: str
    preheader: str
    html: str
    text: str
