"""CSS selectors matched against an element: what a mail's style element means to say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml.html import HtmlElement

_COMPOUND = re.compile(
    r"(?P<tag>[\w-]+|\*)|\.(?P<cls>[\w-]+)|#(?P<id>[\w-]+)"
    r"|\[\s*(?P<attr>[\w-]+)\s*(?:(?P<op>[~|^$*]?=)\s*[\"']?(?P<value>[^\"'\]]*)[\"']?\s*[is]?)?\]"
    r"|(?P<pseudo>::?[\w-]+(?:\([^()]*\))?)"
)
_PART = re.compile(r"(?:\[[^\]]*\]|\([^)]*\)|[^\s\[(])+")


@dataclass(frozen=True, slots=True)
class Selector:
    """A selector taken apart: compounds from left to right and the combinator before each."""

    compounds: tuple[tuple[str, tuple[Mapping[str, str], ...]], ...]
    weight: tuple[int, int, int]

    @property
    def key(self) -> str:
        """What the rightmost compound asks for first: `.class`, `#id`, a tag, or `*`."""
        simple = self.compounds[-1][1]
        for name, mark in (("id", "#"), ("cls", "."), ("tag", "")):
            for one in simple:
                if one.get(name):
                    return mark + one[name].lower()
        return "*"

    @property
    def attributes(self) -> frozenset[str]:
        """The attributes it asks for in brackets."""
        return frozenset(
            one["attr"].lower() for _, simple in self.compounds for one in simple if "attr" in one
        )

    def matches(self, element: HtmlElement) -> bool:
        """True where an element is meant."""
        return _matches(element, self.compounds)


def selector(text: str) -> Selector | None:
    """Take a selector apart; None where it can match nothing here (`:hover`, `::before`)."""
    spaced = re.sub(r"\s*([>+~])\s*(?![=])", r" \1 ", text.strip())
    compounds: list[tuple[str, tuple[Mapping[str, str], ...]]] = []
    combinator, weight = " ", [0, 0, 0]
    parts = _PART.findall(spaced)
    if "".join(parts).replace(" ", "") != spaced.replace(" ", ""):
        return None
    for part in parts:
        if part in (">", "+", "~"):
            combinator = part
            continue
        simple = []
        end = 0
        for match in _COMPOUND.finditer(part):
            if match.start() != end:
                return None
            end = match.end()
            found = {key: value for key, value in match.groupdict().items() if value is not None}
            pseudo = found.get("pseudo", "").lower()
            if pseudo and pseudo not in (":root", ":link"):
                return None
            kind = 0 if "id" in found else 2 if "tag" in found else 1
            weight[kind] += found.get("tag") != "*"
            simple.append(found)
        if end != len(part) or not simple:
            return None
        compounds.append((combinator, tuple(simple)))
        combinator = " "
    return Selector(tuple(compounds), (weight[0], weight[1], weight[2])) if compounds else None


def _matches(
    element: HtmlElement, compounds: tuple[tuple[str, tuple[Mapping[str, str], ...]], ...]
) -> bool:
    combinator, simple = compounds[-1]
    if not all(_simple(element, one) for one in simple):
        return False
    left = compounds[:-1]
    if not left:
        return True
    if combinator == "+":
        before = element.getprevious()
        return before is not None and isinstance(before.tag, str) and _matches(before, left)
    if combinator == "~":
        return any(_matches(one, left) for one in element.itersiblings("*", preceding=True))
    if combinator == ">":
        parent = element.getparent()
        return parent is not None and _matches(parent, left)
    return any(_matches(one, left) for one in element.iterancestors("*"))


def _simple(element: HtmlElement, wanted: Mapping[str, str]) -> bool:
    if tag := wanted.get("tag"):
        return tag == "*" or bool(element.tag == tag.lower())
    if name := wanted.get("cls"):
        return name in (element.get("class") or "").split()
    if name := wanted.get("id"):
        return bool(element.get("id") == name)
    if pseudo := wanted.get("pseudo"):
        if pseudo.lower() == ":root":
            return element.getparent() is None
        return bool(element.tag == "a") and element.get("href") is not None
    have: str | None = element.get(wanted["attr"].lower())
    value = wanted.get("value", "")
    if have is None:
        return False
    return {
        "": True,
        "=": have == value,
        "~=": value in have.split(),
        "|=": have == value or have.startswith(f"{value}-"),
        "^=": bool(value) and have.startswith(value),
        "$=": bool(value) and have.endswith(value),
        "*=": bool(value) and value in have,
    }[wanted.get("op", "")]
