"""Reading: contrast, type sizes, line height and underlines, computed for both schemes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain

from lxml.html import HtmlElement

from pipeline.lint import colour
from pipeline.lint.css import Scheme
from pipeline.lint.looks import visible
from pipeline.lint.mail import Cause, Finding, Mail, Rule, named, once, said

TINY, SMALL = 12, 14
"""Type sizes in pixels: none below the first, those below the second are worth a thought."""
BODY = (16.0, 18.0)
LINE = (1.5, 1.6)
"""What running text keeps to: its size in pixels, its line height as a multiple of it."""
BODY_SHARE = 0.1
"""How much of the running text must keep to it; the rest may be captions and notices."""
LITTLE = 400
"""Fewer characters of it tell nothing of a theme: an article may be a picture above a notice."""

RULES = {
    "contrast": Rule(
        doc="Text has a contrast below 4.5 to 1 (3 to 1 from 24 px, or from 18.66 px in bold), in"
        " the light scheme or the dark.",
        why="Many readers can't make it out, and nobody can in the sun.",
        source="WCAG 2.2 §1.4.3",
        mend="change one of the two colours in the theme's [light] or [dark]",
    ),
    "text-tiny": Rule(
        doc="Text is smaller than 12 px.",
        why="It can't be read on a phone.",
        source="practice; WCAG 2.2 §1.4.4 asks only that it can be enlarged",
        mend="raise its size in the theme",
    ),
    "text-small": Rule(
        severity="warning",
        doc="Text is smaller than 14 px.",
        why="It is hard to read on a phone.",
        source="practice",
        mend="raise its size in the theme",
    ),
    "body-size": Rule(
        doc="Running text is not 16 to 18 px.",
        why="Smaller is hard to read at arm's length, larger breaks lines after a few words.",
        source="practice",
        mend="set `text` in the theme's [sizes]",
    ),
    "line-height": Rule(
        doc="Running text has a line height that is not 1.5 to 1.6.",
        why="Tighter lines run together, looser ones fall apart.",
        source="WCAG 2.2 §1.4.12",
        mend="set `line_height` in the theme's [sizes]",
    ),
    "link-underline": Rule(
        doc="A link in text is not underlined.",
        why="Who can't tell the colours does not find it. A button is known by its ground.",
        source="WCAG 2.2 §1.4.1",
        mend="write `text-decoration:underline` in its style",
    ),
}

_RUNNING = frozenset(["p", "li", "blockquote", "dd"])
_NOT_RUNNING = frozenset(
    ["h1", "h2", "h3", "h4", "h5", "h6", "pre", "code", "sup", "sub", "small", "table"]
)


def check(mail: Mail) -> Iterator[Finding]:
    """Every finding on how the text reads."""
    yield from once(chain(_contrast(mail, "light"), _contrast(mail, "dark")))
    yield from once(_sizes(mail))
    yield from _running(mail)
    yield from _underlines(mail)


def _contrast(mail: Mail, scheme: Scheme) -> Iterator[Finding]:
    """One finding for each pair of colours, with the first text that shows it."""
    seen: set[tuple[str, str]] = set()
    for text, _, look in visible(mail.looks(scheme)):
        pair = (str(look.text), str(look.ground))
        ratio = colour.contrast(look.text, look.ground)
        needed = 3.0 if look.large else 4.5
        if ratio < needed and pair not in seen and _is_words(text):
            seen.add(pair)
            yield Finding(
                rule="contrast",
                message=f"{named(text)} has a contrast of {_down(ratio)} in the {scheme} scheme,"
                f" {pair[0]} on {pair[1]}; it needs {needed:g}",
            )


def _down(ratio: float) -> str:
    """A ratio cut, not rounded, to two places: 4.499 is not 4.5."""
    return f"{int(ratio * 100) / 100:.2f}"


def _is_words(text: str) -> bool:
    return any(one.isalnum() for one in text)


def _sizes(mail: Mail) -> Iterator[Finding]:
    for text, _, look in visible(mail.light):
        if look.size < SMALL and _is_words(text):
            rule = "text-tiny" if look.size < TINY else "text-small"
            yield Finding(rule=rule, message=f"{named(text)} is {look.size:.3g} px")


def _running(mail: Mail) -> Iterator[Finding]:
    """The size and line height that the running text is set in."""
    sizes: Counter[float] = Counter()
    lines: Counter[float] = Counter()
    for text, element, look in visible(mail.light):
        if _is_running(element):
            sizes[round(look.size, 2)] += len(text)
            lines[round(look.spacing or 0, 3)] += len(text)
    if size := _outside(sizes, BODY):
        yield Finding(
            rule="body-size",
            message=f"running text is {size:g} px, not {BODY[0]:g} to {BODY[1]:g}",
        )
    if (line := _outside(lines, LINE)) is not None:
        has = f"a line height of {line:g}" if line else "no line height"
        yield Finding(
            rule="line-height",
            message=f"running text has {has}, not {LINE[0]:g} to {LINE[1]:g}",
        )


def _outside(counts: Counter[float], limits: tuple[float, float]) -> float | None:
    """The commonest value where it is outside the limits; counts are of characters.

    None where a part of the text keeps to them, since below a short article a notice may be longer,
    and where there is little of it.
    """
    inside = sum(count for value, count in counts.items() if limits[0] <= value <= limits[1])
    if counts.total() < LITTLE or inside >= counts.total() * BODY_SHARE:
        return None
    return max(counts, key=lambda one: (counts[one], -one))


def _is_running(element: HtmlElement) -> bool:
    """True for text of a paragraph, list or quotation, its links and emphasis included."""
    tags = [element.tag]
    for above in element.iterancestors("*"):
        if tags[-1] in _RUNNING:
            break
        tags.append(above.tag)
    return tags[-1] in _RUNNING and _NOT_RUNNING.isdisjoint(tags)


def _underlines(mail: Mail) -> Iterator[Finding]:
    for link in mail.elements("a"):
        look, content = mail.light[link], said(link)
        shows_words = any(text.strip() for text in link.itertext())
        if link.get("href") is None or look.underlined or not shows_words or look.filled:
            continue
        yield Finding(
            rule="link-underline",
            message=f"the link {named(content)} is not underlined",
            cause=Cause(kind="link", url=link.get("href") or "", text=content),
        )
