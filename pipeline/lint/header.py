"""The header: the subject and what stands beside it in an inbox's list."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.lint.mail import Cause, Finding, Mail, Rule, named
from pipeline.text import fold

SUBJECT = 60
PREHEADER = (30, 140)
"""Lengths in characters."""
REPEATED = 15
"""A shorter subject may well be the first words of a sentence about it."""

RULES = {
    "subject-empty": Rule(
        doc="There is no subject.",
        why="Filters hold such a mail back, and nobody opens it.",
        source="RFC 5322 §3.6.5; SpamAssassin, MISSING_SUBJECT",
        mend="give the article a title",
    ),
    "subject-length": Rule(
        severity="warning",
        doc="The subject is longer than 60 characters.",
        why="Lists of mails cut it off, on phones sooner still.",
        source="practice",
        mend="shorten the title, or the pattern `subject` in [email]",
    ),
    "preheader-length": Rule(
        severity="warning",
        doc="The preheader is shorter than 30 characters or longer than 140.",
        why="A short one lets the mail's first words into the list, a long one is cut off.",
        source="practice",
        mend="write a `summary` of one sentence in the article",
    ),
    "preheader-repeats": Rule(
        severity="warning",
        doc="The preheader says the subject again.",
        why="The list shows the same words twice and gives no reason to open.",
        source="practice",
        mend="write a `summary` that says more than the title",
    ),
}


def check(mail: Mail) -> Iterator[Finding]:
    """Every finding on subject and preheader."""
    subject, preheader = mail.subject.strip(), mail.preheader.strip()
    if not subject:
        yield Finding(
            rule="subject-empty", message="there is no subject", cause=Cause(kind="subject")
        )
    if len(subject) > SUBJECT:
        yield Finding(
            rule="subject-length",
            message=f"the subject {named(subject)} has {len(subject)} characters",
            cause=Cause(kind="subject"),
        )
    cause = Cause(kind="preheader")
    if not PREHEADER[0] <= len(preheader) <= PREHEADER[1]:
        yield Finding(
            rule="preheader-length",
            message=f"the preheader {named(preheader)} has {len(preheader)} characters",
            cause=cause,
        )
    begins = len(subject) >= REPEATED and fold(preheader).startswith(fold(subject))
    if begins or (subject and fold(preheader) == fold(subject)):
        yield Finding(
            rule="preheader-repeats", message="the preheader begins with the subject", cause=cause
        )
