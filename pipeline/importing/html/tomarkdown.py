"""HTML as Markdown, by markdownify; here is what Partwork's Markdown says another way.

Emphasis that CommonMark's flanking rules would not read, and tables and elements that Markdown
does not know, stay HTML, which articles may hold.
"""
# ruff: noqa: D102 - each method is named by the library for its element and gives its Markdown

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from urllib.parse import urlsplit

from bs4 import Tag
from bs4.element import NavigableString
from markdownify import MarkdownConverter

from pipeline import text
from pipeline.importing import bodies
from pipeline.importing.escaping import at_start, escaped
from pipeline.importing.html import beside, embeds, placeholders, rawtables
from pipeline.importing.html.prepared import prepared
from pipeline.importing.html.rawtables import BLOCKS
from pipeline.importing.media import Media
from pipeline.importing.model import Note
from pipeline.importing.relinked import destination

# A line's end in Markdown is a backslash and the end of the line.
_TRIMMED = re.compile(r"^((?:\s|\\\n)*)(.*?)((?:\s|\\\n)*)$", re.DOTALL)
_FENCE = re.compile(r"[ >]*(?:- |\d+[.)] )*(`{3,})[^`]*$")
_MEDIA = ["iframe", "video", "audio", "embed", "object"]
_CODE = ["code", "samp", "tt"]
_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp")


def markdown(html: str, media: Media) -> tuple[str, tuple[str, ...]]:
    """HTML's text as Markdown, and its words as the source says them."""
    main = prepared(html, media.article.url)
    if left := [*dict.fromkeys(placeholders.left(main))]:
        what = f"what a script would show is not in the source: {', '.join(left)}"
        media.notes.append(Note(path=media.article.path, message=what, loss=True))
    said = (" ".join(bodies.words_of(main.decode())),)
    body = str(Converter(media).convert_soup(main))
    return "\n".join(_tidied(body)).strip("\n") + "\n", said


def _tidied(body: str) -> Iterator[str]:
    """The lines with one empty line between blocks; code is left as it is."""
    fence, gap = "", True
    for line in body.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            fence = "" if line.strip(" >") == fence else fence
        elif mark:
            fence = mark[1]
        elif not line.strip():
            if not gap:
                yield ""
            gap = True
            continue
        gap = False
        yield line


class Converter(MarkdownConverter):
    """One article's HTML on its way into Markdown."""

    def __init__(self, media: Media) -> None:
        super().__init__(
            heading_style="atx",
            bullets="-",
            newline_style="backslash",
            wrap=True,
            wrap_width=None,
            autolinks=False,
        )
        self.media = media

    # Text.

    def process_text(self, el: NavigableString, parent_tags: set[str] | None = None) -> str:
        tags = parent_tags or set()
        line = str(super().process_text(el, parent_tags=tags))  # type: ignore[misc]  # not in its stub
        if "_noformat" in tags or not line.strip():
            return line
        if line.endswith("!") and beside.following(el) is not None:
            line = f"{line[:-1]}\\!"  # before a link it would make a picture
        if beside.begins(el):
            _, words, tail = _split(line)
            return at_start(words) + tail
        return line

    def escape(self, words: str, parent_tags: set[str]) -> str:
        line = escaped(words, starts=False, urls="a" not in parent_tags)
        return line.replace("|", "\\|") if {"td", "th"} & parent_tags else line

    # Inline.

    def convert_b(self, el: Tag, words: str, parent_tags: set[str]) -> str:
        inside = {"b", "strong"} & parent_tags
        return words if inside else self._marked(el, words, "**", "strong", parent_tags)

    def convert_em(self, el: Tag, words: str, parent_tags: set[str]) -> str:
        inside = {"i", "em"} & parent_tags
        return words if inside else self._marked(el, words, "*", "em", parent_tags)

    def convert_del(self, el: Tag, words: str, parent_tags: set[str]) -> str:
        inside = {"s", "del", "strike"} & parent_tags
        return words if inside else self._marked(el, words, "~~", "del", parent_tags)

    convert_strong = convert_b
    convert_i = convert_em
    convert_s = convert_strike = convert_del

    def _marked(self, el: Tag, words: str, sign: str, tag: str, parent_tags: set[str]) -> str:
        """Words between two signs, or as HTML where these would not be read as emphasis."""
        head, inner, tail = _split(words)
        if "_noformat" in parent_tags or not inner or "\n\n" in inner:
            return words
        before = beside.char(el, -1) if not head else " "
        after = beside.char(el, 1) if not tail else " "
        touches = any(
            isinstance(one, Tag) and one.name in beside.INLINE
            for one in (beside.previous(el), beside.following(el))
        )
        signs = inner[0] in "*~" or inner[-1] in "*~\\" or (touches and not (head and tail))
        if beside.flanks(before, inner[0]) and beside.flanks(after, inner[-1]) and not signs:
            return f"{head}{sign}{inner}{sign}{tail}"
        return f"{head}<{tag}>{inner}</{tag}>{tail}"

    def convert_code(self, el: Tag, words: str, parent_tags: set[str]) -> str:
        head, inner, tail = _split(el.get_text())
        inner = " ".join(inner.split())
        if "_noformat" in parent_tags or not inner:
            return words if inner else " " if head or tail else ""
        if _touches_code(el):  # two runs of backticks would be one
            return f"{head}<code>{escaped(inner, starts=False, urls=False)}</code>{tail}"
        ticks = "`" * (max((len(run) for run in re.findall("`+", inner)), default=0) + 1)
        space = " " if inner[0] == "`" or inner[-1] == "`" else ""
        if {"td", "th"} & parent_tags:
            inner = inner.replace("|", "\\|")
        return f"{head and ' '}{ticks}{space}{inner}{space}{ticks}{tail and ' '}"

    convert_samp = convert_tt = convert_code

    def _raw(self, el: Tag, words: str, parent_tags: set[str]) -> str:
        """An element that Markdown has no sign for, kept as it is."""
        head, inner, tail = _split(words)
        if "_noformat" in parent_tags or not inner or "\n\n" in words:
            return words
        said = str(el.get("title") or "") if el.name == "abbr" else ""
        title = f' title="{escape(said)}"' if said else ""
        return f"{head}<{el.name}{title}>{inner}</{el.name}>{tail}"

    convert_mark = convert_ins = convert_u = convert_abbr = convert_sub = convert_sup = _raw

    def convert_kbd(self, el: Tag, _words: str, parent_tags: set[str]) -> str:
        # The library takes keys for code, in which nothing is escaped.
        inner = escaped(el.get_text(), starts=False, urls=False)
        return self._raw(el, " ".join(inner.split()), parent_tags)

    def convert_q(self, _el: Tag, words: str, parent_tags: set[str]) -> str:
        return f"“{words}”"

    def convert_a(self, el: Tag, words: str, parent_tags: set[str]) -> str:
        head, inner, tail = _split(words)
        href = self.media.link(str(el.get("href") or ""))
        if "_noformat" in parent_tags or not inner or not href or _shows_itself(el, inner):
            return words
        if "\n\n" in inner or el.find(BLOCKS) is not None:
            return f"{words}\n\n<{href}>\n\n" if href.startswith("http") else words
        title = f' "{_quoted(str(el["title"]))}"' if el.get("title") else ""
        return f"{head}[{inner}]({destination(href)}{title}){tail}"

    def convert_img(self, el: Tag, _words: str, parent_tags: set[str]) -> str:
        address = embeds.source(el)
        src = self.media.image(address)
        if not src or "_noformat" in parent_tags:
            return escaped(text.one_line(str(el.get("alt") or "")))
        caption = _caption(el.find_parent("figure"))
        title = caption or text.one_line(str(el.get("title") or ""))
        alt = self.media.alternative(str(el.get("alt") or ""), title, address)
        named = f' "{_quoted(title)}"' if caption or (title and title != alt) else ""
        return f"![{escaped(alt, starts=False, urls=False)}]({destination(src)}{named})"

    def convert_partwork_fnref(self, el: Tag, _words: str, parent_tags: set[str]) -> str:
        return f"[^{el['data-label']}]"

    # Blocks.

    def convert_partwork_fn(self, el: Tag, words: str, parent_tags: set[str]) -> str:
        first, *rest = words.strip().split("\n")
        lines = [first, *(f"    {line}" if line else "" for line in rest)]
        return f"\n\n[^{el['data-label']}]: " + "\n".join(lines) + "\n\n"

    def convert_hN(self, n: int, el: Tag, words: str, parent_tags: set[str]) -> str:  # noqa: N802 - the library's
        line = " ".join(words.split())
        if "_inline" in parent_tags or not line:
            return words
        if {"li", "dd", "dt"} & parent_tags:
            return f"\n\n**{line}**\n\n" if "**" not in line else f"\n\n{line}\n\n"
        line = re.sub(r"(?<=\s)(#+)$", r"\\\1", line)
        name = f" {{#{el['id']}}}" if el.get("id") else ""
        return f"\n\n{'#' * max(2, min(6, n))} {line}{name}\n\n"

    def convert_li(self, el: Tag, words: str, parent_tags: set[str]) -> str:
        inner = words.strip()
        box = el.find("input", attrs={"type": "checkbox"}, recursive=False)
        if box is not None:
            inner = f"[{'x' if box.has_attr('checked') else ' '}] {inner}"
        if not inner:
            return ""
        numbered = el.parent is not None and el.parent.name == "ol"
        sign = el.parent.get("data-sign", ".") if el.parent is not None else ""
        mark = f"{el.get('data-number', '1')}{sign} " if numbered else "- "
        lines = [f"{' ' * len(mark)}{line}" if line else "" for line in inner.split("\n")]
        return mark + "\n".join(lines)[len(mark) :] + "\n"

    def convert_pre(self, el: Tag, _words: str, parent_tags: set[str]) -> str:
        for one in el.find_all("br"):
            one.replace_with("\n")
        code = el.get_text().strip("\n").rstrip()
        if not code:
            return ""
        ticks = "`" * max(3, max((len(run) for run in re.findall("`+", code)), default=0) + 1)
        return f"\n\n{ticks}{embeds.language(el)}\n{code}\n{ticks}\n\n"

    def convert_figure(self, el: Tag, words: str, parent_tags: set[str]) -> str:
        line = _caption(el)
        shown = el.find("img")
        if not line or shown is None:
            return f"\n\n{words.strip()}\n\n"
        image = self.convert_img(shown, "", parent_tags)
        if not image.startswith("!["):
            return f"\n\n{image}\n\n{escaped(line)}\n\n"  # a picture is missing, its words are not
        link = shown.find_parent("a")
        if link is not None and link in el.descendants and not _shows_itself(link, image):
            href = self.media.link(str(link.get("href") or ""))
            image = f"[{image}]({destination(href)})" if href else image
        return f"\n\n{image}\n\n"

    def _embedded(self, el: Tag, words: str, parent_tags: set[str]) -> str:
        url = embeds.player(el)
        href = self.media.link(url) if url else ""
        if not href:
            return words
        kind = "" if el.name == "iframe" else f"{el.name.capitalize()}: "
        name = text.one_line(str(el.get("title") or "")) or f"{kind}{text.host(href) or href}"
        return f"\n\n[{escaped(name, urls=False)}]({destination(href)})\n\n"

    convert_iframe = convert_video = convert_audio = convert_embed = convert_object = _embedded

    def _block(self, _el: Tag, words: str, parent_tags: set[str]) -> str:
        return f"\n\n{words.strip()}\n\n"

    convert_details = convert_figcaption = convert_address = convert_main = _block
    convert_header = convert_footer = convert_center = _block

    def convert_summary(self, el: Tag, words: str, parent_tags: set[str]) -> str:
        line = words.strip()
        bold = line and "\n" not in line and "**" not in line and el.find(BLOCKS) is None
        return f"\n\n**{line}**\n\n" if bold else f"\n\n{line}\n\n"

    def convert_br(self, el: Tag, words: str, parent_tags: set[str]) -> str:
        if {"td", "th"} & parent_tags:
            around = (el.next_siblings, el.previous_siblings)
            return " " if any(all(map(beside.is_empty, some)) for some in around) else "<br>"
        return str(super().convert_br(el, words, parent_tags))  # type: ignore[misc]  # the same

    def convert_table(self, el: Tag, words: str, parent_tags: set[str]) -> str:
        if rawtables.needed(el):
            return f"\n\n{rawtables.written(el, self.media)}\n\n"
        return str(super().convert_table(el, words, parent_tags))  # type: ignore[misc]  # the same


def _touches_code(el: Tag) -> bool:
    """Whether code stands right beside an element."""
    around = (beside.previous(el), beside.following(el))
    return any(isinstance(one, Tag) and (one.name in _CODE or one.find(_CODE)) for one in around)


def _caption(figure: Tag | None) -> str:
    """The caption that can be a picture's title: plain words below the only thing shown."""
    caption = figure and figure.find("figcaption")
    if figure is None or not caption or caption.find(["a", "code", "img"]) is not None:
        return ""
    alone = len(figure.find_all("img")) == 1
    others = figure.find([*_MEDIA, "table", "pre", "blockquote"])
    return text.one_line(caption.get_text(" ")) if alone and others is None else ""


def _shows_itself(link: Tag, inner: str) -> bool:
    """A link from a picture to that picture, larger: the picture is enough."""
    path = urlsplit(str(link.get("href"))).path.lower()
    return inner.startswith("![") and path.endswith(_PICTURES)


def _quoted(title: str) -> str:
    """A title between double quotes (CommonMark §6.3)."""
    return escaped(text.one_line(title), starts=False, urls=False).replace('"', '\\"')


def _split(words: str) -> tuple[str, str, str]:
    """White space and line ends before, the words, and those after."""
    found = _TRIMMED.match(words)
    return (found[1], found[2], found[3]) if found else ("", words, "")
