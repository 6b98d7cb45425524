"""Features of HTML and CSS as caniemail.com names them: how each is found, and what is let pass.

Which programs lack which stands in client_support.json, made by scripts/refresh_client_support.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

PROGRAMS: Mapping[str, str] = MappingProxyType(
    {
        "gmail": "Gmail",
        "apple-mail": "Apple Mail",
        "outlook-com": "Outlook.com",
        "yahoo": "Yahoo Mail",
        "outlook-windows": "Outlook on Windows",
    }
)
"""The programs that are looked at; all but the last make a lack an error."""

# A mail's markup as marks: `property:color`, `value:display=flex`, `unit:rem`, `function:calc`,
# `at:media`, `media:hover`, `pseudo::hover`, `combinator:>`, `element:svg`, `attribute:hidden`.
# Most slugs say their mark themselves; these do not.
_MARKS: Mapping[str, str] = MappingProxyType(
    {
        "css-at-media-device-pixel-ratio": "media:-webkit-device-pixel-ratio"
        " media:-webkit-min-device-pixel-ratio media:min-resolution media:resolution",
        "css-background-image": "property:background-image",
        "css-block-inline-size": "property:block-size",
        "css-border-image": "property:border-image property:border-image-source",
        "css-border-inline-block": "property:border-inline property:border-block",
        "css-border-inline-block-individual": "property:border-inline-start"
        " property:border-inline-end property:border-block-start property:border-block-end",
        "css-border-inline-block-longhand": "property:border-inline-color"
        " property:border-inline-style property:border-inline-width property:border-block-color"
        " property:border-block-style property:border-block-width",
        "css-border-radius-logical": "property:border-start-start-radius"
        " property:border-start-end-radius property:border-end-start-radius"
        " property:border-end-end-radius",
        "css-column-count": "property:column-count property:columns",
        "css-column-layout-properties": "property:column-rule property:column-span"
        " property:column-fill property:column-width",
        "css-conic-gradient": "function:conic-gradient",
        "css-gap": "property:gap property:row-gap property:column-gap",
        "css-grid-template": "property:grid-template property:grid-template-columns"
        " property:grid-template-rows property:grid-template-areas",
        "css-inert-attribute": "attribute:inert",
        "css-intrinsic-size": "value:width=min-content value:width=max-content"
        " value:width=fit-content",
        "css-left-right-top-bottom": "property:left property:right property:top property:bottom",
        "css-linear-gradient": "function:linear-gradient",
        "css-margin-block-start-end": "property:margin-block-start property:margin-block-end",
        "css-margin-inline-block": "property:margin-inline property:margin-block",
        "css-margin-inline-start-end": "property:margin-inline-start property:margin-inline-end",
        "css-mask-image": "property:mask property:mask-image",
        "css-modern-color": "function:lab function:lch function:oklab function:oklch"
        " function:color function:color-mix function:hwb",
        "css-padding-block-start-end": "property:padding-block-start property:padding-block-end",
        "css-padding-inline-block": "property:padding-inline property:padding-block",
        "css-padding-inline-start-end": "property:padding-inline-start property:padding-inline-end",
        "css-radial-gradient": "function:radial-gradient",
        "css-rgba": "function:rgba",
        "css-scroll-snap": "property:scroll-snap-type property:scroll-snap-align",
        "css-selector-adjacent-sibling": "combinator:+",
        "css-selector-attribute": "selector:attribute",
        "css-selector-chaining": "selector:chaining",
        "css-selector-child": "combinator:>",
        "css-selector-general-sibling": "combinator:~",
        "css-selector-universal": "selector:universal",
        "css-sytem-ui": "value:font-family=system-ui",
        "css-unit-calc": "function:calc",
        "css-unit-initial": "keyword:initial",
        "css-variables": "function:var",
        "html-anchor-links": "",
        "html-button-reset": "",
        "html-button-submit": "element:button",
        "html-doctype": "",
        "html-hidden": "attribute:hidden",
        "html-input-checkbox": "",
        "html-input-hidden": "",
        "html-input-radio": "",
        "html-input-reset": "",
        "html-input-submit": "",
        "html-input-text": "element:input",
        "html-loading-attribute": "attribute:loading",
        "html-meta-color-scheme": "",
        "html-popover": "attribute:popover",
        "html-required": "attribute:required",
        "html-semantics": "element:article element:aside element:details element:figcaption"
        " element:figure element:footer element:header element:main element:mark element:nav"
        " element:section element:summary element:time",
        "html-srcset": "attribute:srcset",
        "html-target": "attribute:target",
    }
)
_BY_BEGINNING = (
    ("css-at-media-", "media:"),
    ("css-at-", "at:"),
    ("css-display-", "value:display="),
    ("css-function-", "function:"),
    ("css-pseudo-class-", "pseudo::"),
    ("css-pseudo-element-", "pseudo:::"),
    ("css-unit-", "unit:"),
    ("css-", "property:"),
    ("html-aria-", "attribute:aria-"),
    ("html-", "element:"),
)

# Rules of their own say it better: each with its own reason and remedy.
OTHER_RULES = frozenset(
    [
        "css-at-font-face",
        "css-at-import",
        "css-display-flex",
        "css-display-grid",
        "css-flex-direction",
        "css-flex-wrap",
        "css-grid-template",
        "css-position",
        "css-variables",
        "html-anchor-links",
        "html-audio",
        "html-button-reset",
        "html-button-submit",
        "html-dialog",
        "html-form",
        "html-input-checkbox",
        "html-input-hidden",
        "html-input-radio",
        "html-input-reset",
        "html-input-submit",
        "html-input-text",
        "html-link",
        "html-object",
        "html-picture",
        "html-select",
        "html-svg",
        "html-textarea",
        "html-video",
    ]
)

ALLOWED: Mapping[str, str] = MappingProxyType(
    {
        "css-at-media": "Without it the columns, which are drawn for a phone, stay as they are.",
        "css-at-media-prefers-color-scheme": "Without it a mail stays as in the light scheme.",
        "css-border-radius": "Without it corners are square.",
        "css-border-spacing": "The MJML skeleton sets it to 0 beside cellspacing=0.",
        "css-box-shadow": "Without it there is no shadow.",
        "css-caption-side": "Without it a table's caption stands above it.",
        "css-color-scheme": "Without it a mail stays as in the light scheme.",
        "css-cursor": "The MJML skeleton sets a button's to auto, which is what it is anyway.",
        "css-height": "The MJML skeleton gives pictures height:auto; Yahoo makes it min-height.",
        "css-hyphens": "Without it words are not divided.",
        "css-list-style-position": "Without it a bullet stands outside, its usual place.",
        "css-max-height": "A help to display:none, which hides the preheader alone.",
        "css-orphans": "It matters on paper only.",
        "css-outline": "The MJML skeleton sets it to none on pictures, which have none.",
        "css-overflow": "A help to display:none, and what keeps round corners round.",
        "css-overflow-wrap": "word-wrap and word-break say the same where it is not known.",
        "css-selector-attribute": "Only Outlook.com's own mark of a dark scheme is asked for.",
        "css-selector-child": "It serves the dark scheme only, which Outlook on Windows has not.",
        "css-sytem-ui": "The next font of the list takes its place.",
        "css-tab-size": "Without it a tab in code is eight columns wide.",
        "css-table-layout": "Without it the cells of the progress bar are as wide as they need.",
        "css-text-decoration-thickness": "Without it an underline has its usual thickness.",
        "css-text-underline-offset": "Without it an underline stands in its usual place.",
        "css-white-space": "Outlook on Windows keeps the lines of `pre` anyway.",
        "css-widows": "It matters on paper only.",
        "css-word-break": "word-wrap says the same where it is not known.",
        "css-word-spacing": "The MJML skeleton sets it to normal, which is what it is anyway.",
        "css-word-wrap": "word-break says the same where it is not known.",
        "html-aria-describedby": "Without it a screen reader says less, never something wrong.",
        "html-aria-hidden": "Without it a screen reader also reads what has no words.",
        "html-aria-label": "Without it a screen reader takes the title.",
        "html-aria-labelledby": "Without it a screen reader takes the element's own text.",
        "html-body": "The div inside it has its language, direction and ground too.",
        "html-target": "Programs open links in a new window anyway.",
    }
)
"""What is let pass although a program lacks it, each with the reason: it is the MJML skeleton's, or
a reader without it misses nothing."""


@cache
def facts() -> Mapping[str, str]:
    """The generated file's head: where the facts are from, under which licence, of which day."""
    data = _file()
    return {key: data[key] for key in ("source", "licence", "newest test")}


def programs(slug: str) -> tuple[str, ...]:
    """The programs that lack a feature; none for one that all of them know."""
    return tuple(_file()["lacking"].get(slug, "").split())


@cache
def lacking() -> Mapping[str, tuple[str, ...]]:
    """The programs that lack each feature, but for what other rules say or ALLOWED lets pass."""
    slugs = known() - OTHER_RULES - ALLOWED.keys()
    return {slug: programs(slug) for slug in sorted(slugs)}


@cache
def by_mark() -> Mapping[str, tuple[str, ...]]:
    """The features that each mark gives away."""
    found: dict[str, tuple[str, ...]] = {}
    for slug in lacking():
        for mark in marks(slug):
            found[mark] = (*found.get(mark, ()), slug)
    return found


def marks(slug: str) -> tuple[str, ...]:
    """The marks by which a feature is found in a mail; none where it can't be."""
    if slug in _MARKS:
        return tuple(_MARKS[slug].split())
    for beginning, mark in _BY_BEGINNING:
        if slug.startswith(beginning):
            return (mark + slug.removeprefix(beginning),)
    return ()


def special() -> frozenset[str]:
    """Every slug that is named above: a refreshed file may no longer know it."""
    return frozenset(_MARKS) | OTHER_RULES | frozenset(ALLOWED)


@cache
def known() -> frozenset[str]:
    """Every slug of the file."""
    return frozenset(_file()["lacking"])


@cache
def _file() -> Mapping[str, Any]:
    content = files("pipeline.lint").joinpath("client_support.json").read_text(encoding="utf-8")
    data: Mapping[str, Any] = json.loads(content)
    return data
