"""Raw HTML on its way into an article's HTML: every tag is written anew, or dropped."""

from __future__ import annotations

from pipeline.markdown import raw
from pipeline.markdown.events import DEEPEST
from pipeline.markdown.raw import Token
from pipeline.markdown.sanitise import ATTRIBUTES, TAGS
from pipeline.markdown.sheet import Place, Sheet, attribute, escaped, single
from pipeline.text import raised

_STANDS_FOR = {
    "acronym": "abbr",
    "big": "span",
    "menu": "ul",
    "strike": "s",
    "tt": "code",
} | dict.fromkeys(
    "address article aside center footer header main nav section".split(),  # noqa: SIM905 - read as words
    "div",
)
_PARENTS = {
    "dd": ("div", "dl"),
    "dt": ("div", "dl"),
    "figcaption": ("figure",),
    "li": ("ol", "ul"),
    "rp": ("ruby",),
    "rt": ("ruby",),
    "summary": ("details",),
}
"""Elements that mean nothing but within one of these (HTML, §4)."""

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BOOLEAN = frozenset({"reversed"})
_VOID = frozenset({"br", "col", "hr", "img", "wbr"})
# The classes and roles in a body are ours: a page's style sheet relies on them.
_OURS = frozenset({"class", "id", "role"})


class RawHtml:
    """Writes raw HTML on a sheet.

    Allowed tags stay, without the author's classes; media become a link; images and links are
    resolved like any other. Whatever opens within an element of ours closes with it at the latest,
    and an end tag closes only what was opened beside it, so that raw HTML can't upset the rest.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.open: list[tuple[str, str, int]] = []
        """What is open: the author's tag, the tag written for it, and the depth it stands at."""
        self._sheet = sheet
        self._raised = 0
        self._bracketed: list[bool] = []
        """Of each reading above its text that is open: whether the brackets are ours."""
        self._heading: tuple[str, Place, int] = ("", (0, 0), 0)
        self.swallowed: tuple[str, int, int] | None = None
        """An element whose content is dropped if it ends: its tag, and what was written before."""
        self._open_before = 0
        self._awaits_source = False

    def block(self, html: str, at: int, depth: int) -> None:
        """Take a block of raw HTML; one that is nothing but media makes a paragraph."""
        tokens = raw.tokens(html)
        alone = next((one.value in raw.MEDIA for one in tokens if one.value.strip()), False)
        if alone:
            self._sheet.out.append("<p>")
        self.feed(html, at, depth)
        if alone:
            self._sheet.out.append("</p>\n")
        self.end_of_paragraph()

    def feed(self, html: str, at: int, depth: int) -> None:
        """Take raw HTML: `at` is the number of its event, `depth` how deep it stands."""
        seen = lines = 0
        for token in raw.tokens(html):
            lines += html.count("\n", seen, token.offset)
            seen = token.offset
            place = (at, lines)
            if token.kind == "text":
                self._sheet.out.append(escaped(token.value))
                self._sheet.said.append(token.value)
            elif token.kind == "open":
                self._start(token, place, depth)
            else:
                self._end(token.value, depth)

    def close(self, depth: int) -> None:
        """Close what is open at `depth` and deeper."""
        while self.open and self.open[-1][2] >= depth:
            self._close()

    def end_of_paragraph(self) -> None:
        """An element whose content is dropped reaches no further than its paragraph."""
        self.swallowed = None
        self._awaits_source = False

    def _start(self, token: Token, place: Place, depth: int) -> None:
        name = token.value
        if name in raw.MEDIA or (name == "source" and self._awaits_source):
            self._media(token, place)
        elif name == "a":
            self._anchor(token, place, depth)
        elif name == "img":
            self._image(token, place)
        else:
            self._element(token, place, depth)
        if name in raw.SWALLOWED:
            self.swallowed = (name, len(self._sheet.out), len(self._sheet.said))
            self._open_before = len(self.open)

    def _end(self, name: str, depth: int) -> None:
        if self.swallowed is not None and self.swallowed[0] == name:
            _, out, said = self.swallowed
            # What was opened within goes with it: a list's item would find its list open still.
            while len(self.open) > self._open_before:
                self._close()
            del self._sheet.out[out:]
            del self._sheet.said[said:]
            self.end_of_paragraph()
        elif any(one[0] == name and one[2] == depth for one in self.open):
            while self._close() != name:
                pass

    def _close(self) -> str:
        name, written, _ = self.open.pop()
        self._open_before = min(self._open_before, len(self.open))
        if written == "a":
            self._sheet.close_link()
        else:
            self._sheet.out.append(f"</{written}>")
            self._quote(written)
            if written == "rt" and self._bracketed.pop():
                self._bracket(")")
            if written in _HEADINGS:
                anchor, place, begin = self._heading
                text = single("".join(self._sheet.said[begin:]))
                self._sheet.headings.append((anchor, int(written[1]), text, place))
            if written == "sup":
                said = self._sheet.said
                said[self._raised :] = raised(said[self._raised :])
        return name

    def _element(self, token: Token, place: Place, depth: int) -> None:
        name = _STANDS_FOR.get(token.value, token.value)
        if name not in TAGS or len(self.open) >= DEEPEST or not self._has_place(name, depth):
            return
        kept = ATTRIBUTES["*"] | ATTRIBUTES.get(name, frozenset())
        written = "".join(
            f' {key}=""' if key in _BOOLEAN else attribute(key, value)
            for key, value in token.attributes.items()
            if key in kept and key not in _OURS
        )
        anchor = self._id(token)
        if name == "rt":
            before = next(filter(str.strip, reversed(self._sheet.out)), "")
            self._bracketed.append(before != "</rp>")
            if self._bracketed[-1]:
                self._bracket("(")
        self._sheet.out.append(f"<{name}{anchor}{written}>")
        if name in _HEADINGS:
            self._heading = (token.attributes["id"] if anchor else "", place, len(self._sheet.said))
        self._quote(name)
        if name == "sup":
            self._raised = len(self._sheet.said)
        if name not in _VOID:
            self.open.append((token.value, name, depth))

    def _quote(self, name: str) -> None:
        """Say the marks that a browser sets around a quotation (HTML, §15.3.4)."""
        if name == "q":
            self._sheet.said.append('"')

    def _bracket(self, mark: str) -> None:
        """Set a reading in brackets, which show where it can't stand above its text."""
        self._sheet.out.append(f"<rp>{mark}</rp>")
        self._sheet.said.append(mark)

    def _has_place(self, name: str, depth: int) -> bool:
        """True unless an element stands outside its parent; one like it just before it ends."""
        parents = _PARENTS.get(name)
        if parents is None:
            return True
        if self.open and _PARENTS.get(self.open[-1][1]) == parents and self.open[-1][2] == depth:
            self._close()
        return bool(self.open) and self.open[-1][1] in parents and self.open[-1][2] == depth

    def _anchor(self, token: Token, place: Place, depth: int) -> None:
        href = token.attributes.get("href", "")
        if not href:
            anchor = self._id(token) or self._id(token, "name")
            self._sheet.out.append(f"<span{anchor}></span>" if anchor else "")
            return
        self._end("a", depth)
        # A link within a link is none: the outer one counts.
        if not self._sheet.open_links and len(self.open) < DEEPEST:
            title = token.attributes.get("title", "")
            self._sheet.open_link(href, title, place, anchor=self._id(token))
            self.open.append(("a", "a", depth))

    def _image(self, token: Token, place: Place) -> None:
        one = token.attributes
        alt, title = single(one.get("alt", "")), single(one.get("title", ""))
        image = self._sheet.image(one.get("src", ""), alt, title, place)
        if not image:
            self._sheet.out.append(escaped(alt))
            return
        size = "".join(
            attribute(key, one.get(key, ""))
            for key in ("width", "height")
            if one.get(key, "").isdecimal()
        )
        self._sheet.out.append(f"<img {image}{attribute('title', title)}{size}>")

    def _media(self, token: Token, place: Place) -> None:
        address, text = raw.media_link(token)
        self._awaits_source = not address
        if not address:
            return
        sheet = self._sheet
        sheet.open_link(address, "", place)
        sheet.out.append(escaped(text))
        sheet.said.append(text)
        sheet.close_link()
        if self.swallowed is not None:
            self.swallowed = (self.swallowed[0], len(sheet.out), len(sheet.said))

    def _id(self, token: Token, key: str = "id") -> str:
        """An id attribute if the author gave an id that nothing else has."""
        wish = token.attributes.get(key, "")
        if not wish or any(mark.isspace() for mark in wish) or wish in self._sheet.anchors:
            return ""
        return attribute("id", self._sheet.unique(wish))
