"""JSON-LD: what each page tells machines, in schema.org's words (schema.org 29)."""

from __future__ import annotations

from typing import Any

from pipeline.config import Newsletter
from pipeline.pages.entries import Entry, IssueEntry, SeriesEntry, Shelf, local

Facts = dict[str, Any]


def of_newsletter(newsletter: Newsletter) -> Facts:
    """The first page: a Periodical."""
    return _context(_periodical(newsletter)) | {
        "description": newsletter.description,
        "inLanguage": newsletter.language,
        "author": {"@type": "Person", "name": newsletter.author.name},
    }


def of_series(newsletter: Newsletter, shelf: Shelf) -> Facts:
    """A series' page: a CreativeWorkSeries with its parts in order."""
    return (
        _context(_series(newsletter, shelf.series))
        | _given(description=shelf.series.description)
        | {
            "inLanguage": newsletter.language,
            "hasPart": [
                {
                    "@type": "BlogPosting",
                    "headline": entry.title,
                    "url": newsletter.absolute(entry.article.path),
                    "position": entry.part,
                }
                for entry in shelf.entries
            ],
        }
    )


def of_article(newsletter: Newsletter, entry: Entry, url: str) -> Facts:
    """An article's page at the canonical `url`: a BlogPosting, its place in its series."""
    article = entry.article
    return _context(
        {
            "@type": "BlogPosting",
            "@id": article.id,
            "headline": entry.title,
            "url": url,
            "mainEntityOfPage": url,
            "datePublished": local(newsletter, article.date).isoformat(),
            "dateModified": local(newsletter, article.updated).isoformat(),
            "author": [
                {"@type": "Person", "name": author.name} | _given(url=author.uri)
                for author in entry.authors
            ],
            "publisher": {
                "@type": "Organization",
                "name": newsletter.title,
                "url": newsletter.root_url,
            },
            "inLanguage": entry.lang or newsletter.language,
            "wordCount": entry.words,
        }
        | _given(
            description=entry.summary,
            image=newsletter.root_url + entry.image.src if entry.image else "",
            keywords=list(entry.tags),
            isPartOf=_series(newsletter, entry.series) if entry.series else None,
            position=entry.part,
        )
    )


def of_issue(newsletter: Newsletter, issue: IssueEntry) -> Facts:
    """An issue's page: a PublicationIssue of the newsletter."""
    return _context(
        {
            "@type": "PublicationIssue",
            "issueNumber": issue.number,
            "url": newsletter.absolute(issue.issue.path),
            "datePublished": local(newsletter, issue.issue.date).isoformat(),
            "isPartOf": _periodical(newsletter),
            "hasPart": [
                {
                    "@type": "BlogPosting",
                    "headline": entry.title,
                    "url": newsletter.absolute(entry.article.path),
                }
                for entry in issue.entries
            ],
        }
    )


def _context(facts: Facts) -> Facts:
    return {"@context": "https://schema.org"} | facts


def _given(**facts: Any) -> Facts:
    return {key: value for key, value in facts.items() if value}


def _periodical(newsletter: Newsletter) -> Facts:
    return {"@type": "Periodical", "name": newsletter.title, "url": newsletter.root_url}


def _series(newsletter: Newsletter, series: SeriesEntry) -> Facts:
    return {
        "@type": "CreativeWorkSeries",
        "name": series.title,
        "url": newsletter.root_url + series.folder,
    }
