"""Size, encoding, and marks of a broken rendering: rules on the HTML as written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.lint.mail import Finding, Mail, Rule
from pipeline.merge import MergePoint

HTML, HTML_NEAR = 102_000, 90_000
"""Bytes of HTML: beyond the first Gmail clips the mail, from the second on little is left."""
STYLE, STYLE_NEAR = 16_000, 8_000
"""Bytes of style elements, in the same two steps."""

RULES = {
    "html-size": Rule(
        doc="The HTML is longer than 102 kB.",
        why="Gmail clips it there, and with the end it hides the way to unsubscribe.",
        source="Gmail's own limit (“Message clipped”)",
        mend='shorten the article, or set `length = "auto"` in [email], which cuts at a heading',
    ),
    "html-size-near": Rule(
        severity="warning",
        doc="The HTML is longer than 90 kB.",
        why="A mailing service adds tracking to every link, and Gmail clips at 102 kB.",
        source="Gmail's own limit (“Message clipped”)",
        mend='shorten the article, or set `length = "auto"` in [email], which cuts at a heading',
    ),
    "style-size": Rule(
        doc="The style elements hold more than 16 kB.",
        why="Gmail then drops them whole.",
        source="caniemail.com, html-style",
        mend="move styles into the elements' style attributes",
    ),
    "style-size-near": Rule(
        severity="warning",
        doc="The style elements hold more than 8 kB.",
        why="Gmail drops them whole at 16 kB; a mail whose styles are inline needs 2.",
        source="caniemail.com, html-style",
        mend="move styles into the elements' style attributes",
    ),
    "control-characters": Rule(
        doc="The HTML or the text holds control characters.",
        why="Programs show boxes, and some filters take them for an attempt to hide text.",
        source="HTML §13.1.4.1; Unicode 16, §23.1",
        mend="remove them from the template; Partwork cleans articles",
    ),
    "not-utf-8": Rule(
        doc="The HTML declares no encoding or another than UTF-8, or can't be written in it.",
        why="Letters beyond ASCII turn into pairs of signs.",
        source="HTML §4.2.5.4",
        mend='declare `<meta charset="utf-8">` and nothing else',
    ),
    "escape-in-attribute": Rule(
        doc='An attribute holds an escape of the renderer, `\\u{…}`, `\\n` or `\\"`.',
        why="mrml prints attributes with Rust's debug escapes; a reader sees or hears them, and a"
        " quote ends the attribute early.",
        source="mjml-python 1.4.2, measured",
        mend="write the character as a numeric reference (`&#10;`) in the MJML",
    ),
}

# C0 but for tab and line ends, DEL, and C1.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]+)|([0-9]+));")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_ESCAPE = re.compile(r"\\u\{[0-9a-fA-F]*\}|\\n|\\\"|\\$")
_NOT_A_NAME = re.compile(r"[\"'\\<]")


def check(mail: Mail) -> Iterator[Finding]:
    """Every finding on the HTML as a string."""
    raw = mail.document.raw
    yield from _limits("html-size", "the HTML takes", len(_bytes(raw)), HTML, HTML_NEAR)
    styles = sum(len(_bytes(one)) for one in mail.document.styles)
    yield from _limits("style-size", "the style elements take", styles, STYLE, STYLE_NEAR)
    for name, content in (("HTML", raw), ("text", mail.text)):
        if codes := sorted(_controls(content, references=name == "HTML")):
            listed = ", ".join(f"U+{code:04X}" for code in codes[:5])
            yield Finding(rule="control-characters", message=f"the {name} holds {listed}")
    yield from _encoding(mail)
    yield from _escapes(mail)


def _bytes(content: str) -> bytes:
    return content.encode(errors="surrogatepass")


def _limits(rule: str, what: str, size: int, limit: int, near: int) -> Iterator[Finding]:
    message = f"{what} {size / 1000:.1f} kB"
    if size > limit:
        yield Finding(rule=rule, message=f"{message}, more than {limit // 1000}")
    elif size > near:
        yield Finding(rule=f"{rule}-near", message=f"{message}, more than {near // 1000}")


def _controls(content: str, *, references: bool) -> set[int]:
    codes = {ord(found) for found in _CONTROL.findall(content)}
    if references:
        written = (
            int(hexa, 16) if hexa else int(plain) for hexa, plain in _REFERENCE.findall(content)
        )
        codes |= {one for one in written if one < 0xA0 and _CONTROL.match(chr(one))}
    return codes


def _encoding(mail: Mail) -> Iterator[Finding]:
    raw = mail.document.raw
    try:
        raw.encode()
    except UnicodeEncodeError as error:
        code = ord(raw[error.start])
        yield Finding(rule="not-utf-8", message=f"U+{code:04X} can't be written in UTF-8")
    declared = {name.lower() for name in _declared(mail)}
    if declared != {"utf-8"}:
        what = ", ".join(sorted(declared)) or "none"
        yield Finding(rule="not-utf-8", message=f"the declared encoding is {what}, not UTF-8")


def _declared(mail: Mail) -> Iterator[str]:
    for meta in mail.document.tree.iter("meta"):
        if meta.get("charset"):
            yield meta.get("charset") or ""
        elif (meta.get("http-equiv") or "").lower() == "content-type":
            yield from _CHARSET.findall(meta.get("content") or "")


def _escapes(mail: Mail) -> Iterator[Finding]:
    """Escapes in attributes, but for backslashes that an author wrote."""
    meant = sorted((one for one in mail.written if "\\" in one), key=len, reverse=True)
    for element in mail.document.tree.iter():
        if not isinstance(element.tag, str):
            continue
        for name, value in element.attrib.items():
            rest = value
            for one in meant:
                rest = rest.replace(one, "")
            if _NOT_A_NAME.search(name) or _ESCAPE.search(rest):
                shown = f"{name}={value}"[:60]
                yield Finding(rule="escape-in-attribute", message=f"<{element.tag}> has {shown!r}")
                break


def merge_free(content: str) -> str:
    """Text with its merge points as `{name}`: fit to be shown and measured."""
    for point in MergePoint:
        content = content.replace(point.neutral, f"{{{point.value}}}")
    return content
