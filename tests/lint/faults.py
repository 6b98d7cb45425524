"""One fault for each rule of the lint, or several: each breaks that rule and no other."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from lint.good import Letter
from pipeline.merge import MergePoint

IVF = "https://northgate.example/notes/articles/acupuncture-and-ivf/"
PICTURE = "https://northgate.example/notes/media/images/sciatic-nerve.png"
LINK = f'<a href="{IVF}" style="color:#1f5c57;text-decoration:underline">'


def _link(letter: Letter, url: str) -> Letter:
    """Every link to the first part leads to another URL, in the text too."""
    return replace(
        letter,
        html=letter.html.replace(f'href="{IVF}"', f'href="{url}"'),
        text=f"{letter.text}\n{url}\n",
    )


def _stub(letter: Letter) -> Letter:
    links = re.findall(r"https?://\S+", letter.text)
    return replace(letter, text="\n".join([*links, MergePoint.UNSUBSCRIBE_URL.neutral]))


FAULTS: tuple[tuple[str, Callable[[Letter], Letter]], ...] = (
    ("html-size", lambda one: one.with_words(f"<!--{'x' * 80_000}-->")),
    ("html-size-near", lambda one: one.with_words(f"<!--{'é' * 32_000}-->")),
    ("style-size", lambda one: one.with_style(f"/*{'x' * 15_000}*/")),
    ("style-size-near", lambda one: one.with_style(f"/*{'x' * 6_000}*/")),
    ("control-characters", lambda one: one.with_words("\x85")),
    ("control-characters", lambda one: one.with_words("&#x92;")),
    ("control-characters", lambda one: replace(one, text=one.text + "\x1b[31m")),
    ("not-utf-8", lambda one: one.spoilt("charset=UTF-8", "charset=iso-8859-1")),
    ("not-utf-8", lambda one: one.with_pattern(r"<meta [^>]*charset=UTF-8[^>]*>", "")),
    ("not-utf-8", lambda one: one.with_words("\udc80")),
    ("escape-in-attribute", lambda one: one.spoilt('alt="Side', 'alt="\\u{fe0f} Side')),
    ("escape-in-attribute", lambda one: one.spoilt('alt="Side', 'alt="One\\nSide')),
    ("escape-in-attribute", lambda one: one.spoilt('alt="Side view', 'alt="Side \\"view')),
    ("language", lambda one: one.spoilt('<html lang="en-GB"', "<html")),
    ("language", lambda one: one.spoilt('<html lang="en-GB"', '<html lang="und"')),
    ("language", lambda one: one.spoilt('role="article" lang="en-GB"', 'role="article"')),
    ("direction", lambda one: one.with_pattern(r'(<html [^>]*) dir="ltr"', r"\1")),
    ("direction", lambda one: one.spoilt('lang="en-GB" dir="ltr" style', 'lang="en-GB" style')),
    ("one-h1", lambda one: one.with_pattern(r"<h1 (.*?)</h1>", r"<h2 \1</h2>")),
    ("one-h1", lambda one: one.with_pattern(r"<h2 (.*?)</h2>", r"<h1 \1</h1>")),
    ("title", lambda one: one.with_pattern(r"<title>.*?</title>", "<title> </title>")),
    ("title", lambda one: one.with_pattern(r"<title>.*?</title>", "")),
    ("table-role", lambda one: one.spoilt('<table role="presentation"', "<table")),
    (
        "table-role",
        lambda one: one.with_pattern(
            r'(<!--\[if mso[^>]*><table [^>]*) role="presentation"', r"\1"
        ),
    ),
    ("th-scope", lambda one: one.with_words("<table><tr><th>Week</th></tr></table>")),
    (
        "table-columns",
        lambda one: one.with_words(
            f"<table><tr>{'<th scope=col>A</th>' * 11}</tr><tr>{'<td>1</td>' * 11}</tr></table>"
        ),
    ),
    ("heading-skip", lambda one: one.with_words("<h4>Four</h4>")),
    ("outlook-tags", lambda one: one.spoilt("<!--[if mso | IE]></td><![endif]-->", "")),
    ("outlook-tags", lambda one: one.spoilt("</body>", "<!--[if mso]></td><![endif]--></body>")),
    ("outlook-width", lambda one: one.spoilt('width="600" style="width:600px;"', 'width="700"')),
    ("outlook-width", lambda one: one.spoilt("vertical-align:top;width:600px", "width:620px")),
    ("image-without-alt", lambda one: one.with_pattern(r' alt="Side[^"]*"', "")),
    ("image-width", lambda one: one.spoilt('width="544" style="max-width', 'style="max-width')),
    ("image-width", lambda one: one.spoilt('width="544" style="max', 'width="50%" style="max')),
    ("image-not-https", lambda one: one.spoilt(PICTURE, PICTURE.replace("https", "http"))),
    ("image-not-https", lambda one: one.spoilt(PICTURE, "images/sciatic-nerve.png")),
    ("image-svg", lambda one: one.spoilt(PICTURE, PICTURE.replace(".png", ".svg"))),
    ("image-base64", lambda one: one.spoilt(PICTURE, "data:image/png;base64,iVBORw0KGgo=")),
    ("image-webp", lambda one: one.spoilt(PICTURE, PICTURE.replace(".png", ".webp"))),
    ("image-fluid", lambda one: one.spoilt("width:100%;max-width:544px", "max-width:100%")),
    ("link-empty", lambda one: one.spoilt(f'href="{IVF}"', 'href=""')),
    ("link-empty", lambda one: one.spoilt(f'<a href="{IVF}"', "<a")),
    ("link-relative", lambda one: _link(one, "articles/acupuncture-and-ivf/")),
    ("link-relative", lambda one: _link(one, "//northgate.example/x")),
    ("link-relative", lambda one: _link(one, "https:///x")),
    ("link-to-fragment", lambda one: one.spoilt(f'href="{IVF}"', 'href="#safety"')),
    ("link-local", lambda one: _link(one, "http://localhost:8000/")),
    ("link-local", lambda one: _link(one, "https://192.168.0.7/notes/")),
    ("link-local", lambda one: _link(one, "https://[::1]/")),
    ("link-local", lambda one: _link(one, "https://printer.local/")),
    ("link-local", lambda one: _link(one, "https://nas.home.arpa/")),
    ("link-local", lambda one: _link(one, "http://intranet/notes/")),
    ("link-scheme", lambda one: one.spoilt(f'href="{IVF}"', 'href="javascript:alert(1)"')),
    ("link-nameless", lambda one: one.with_words(f"{LINK} </a>")),
    ("link-nameless", lambda one: one.with_words('<a href="https://e.example/nowhere-else"></a>')),
    (
        "link-nameless",
        lambda one: one.with_words(f'{LINK}<img src="{PICTURE}" width="9" alt=""></a>'),
    ),
    ("link-vague", lambda one: one.with_words(f"{LINK}Click here!</a>")),
    (
        "unsubscribe",
        lambda one: one.with_pattern(r'<a href="[^"]*"([^>]*)>Unsubscribe</a>', "Leave"),
    ),
    ("contrast", lambda one: one.with_words('<p style="color:#8a8a8a">Pale on white</p>')),
    (
        "contrast",
        lambda one: one.with_words('<p><span style="color:#22302e">Dark on dark</span></p>'),
    ),
    ("contrast", lambda one: one.with_words('<p style="background:#777">On grey</p>')),
    (
        "contrast",
        lambda one: one.spoilt(".p p{color:#e4ebe8!important}", ".p p{color:#455!important}"),
    ),
    ("text-tiny", lambda one: one.with_words('<p style="font-size:11px">Small print</p>')),
    ("text-tiny", lambda one: one.with_words('<p style="font-size:60%">Small print</p>')),
    ("text-small", lambda one: one.with_words('<p style="font-size:13px">Small print</p>')),
    (
        "body-size",
        lambda one: one.spoilt(
            "font-size:17px;line-height:1.6", "font-size:15px;line-height:1.6", -1
        ),
    ),
    (
        "line-height",
        lambda one: one.spoilt(
            "font-size:17px;line-height:1.6", "font-size:17px;line-height:20px", -1
        ),
    ),
    ("link-underline", lambda one: one.spoilt(LINK, LINK.replace("underline", "none"))),
    ("forbidden-element", lambda one: one.with_words("<script>1</script>")),
    ("forbidden-element", lambda one: one.with_words("<form><input type=text></form>")),
    (
        "external-css",
        lambda one: one.spoilt(
            "</head>", '<link rel="stylesheet" href="https://x.example/a.css"></head>'
        ),
    ),
    ("css-import", lambda one: one.with_style("@import url(https://x.example/a.css);")),
    ("css-font-face", lambda one: one.with_style("@font-face{font-family:X;src:url(x.woff)}")),
    ("negative-margin", lambda one: one.with_words('<div style="margin:0 -8px">x</div>')),
    (
        "css-url",
        lambda one: one.with_words('<div style="background:url(https://x.example/a.png)">x</div>'),
    ),
    ("css-position", lambda one: one.with_words('<div style="position:relative">x</div>')),
    ("css-flex-grid", lambda one: one.with_words('<div style="display:flex">x</div>')),
    (
        "css-flex-grid",
        lambda one: one.with_style("@media (max-width:480px){.x{display:inline-grid}}"),
    ),
    ("css-variable", lambda one: one.with_words('<div style="width:var(--w)">x</div>')),
    ("client-support", lambda one: one.with_words('<div style="filter:blur(0)">x</div>')),
    ("client-support", lambda one: one.with_words("<section>x</section>")),
    ("client-support", lambda one: one.with_words("<p hidden>x</p>")),
    ("client-support", lambda one: one.with_style("p:nth-child(2n){margin:0}")),
    ("client-support", lambda one: one.with_words('<div style="padding:1rem">x</div>')),
    ("client-support", lambda one: one.with_words('<div style="width:calc(100% - 1px)">x</div>')),
    ("client-support", lambda one: one.with_style("@supports (color:red){p{margin:0}}")),
    ("client-support-outlook", lambda one: one.with_words('<div style="opacity:.9">x</div>')),
    ("client-support-outlook", lambda one: one.with_style("p + p{margin:0}")),
    ("subject-empty", lambda one: replace(one, subject=" ")),
    ("subject-length", lambda one: replace(one, subject="Acupuncture " * 6)),
    ("preheader-length", lambda one: replace(one, preheader="Too short.")),
    ("preheader-length", lambda one: replace(one, preheader="Much too long. " * 11)),
    (
        "preheader-repeats",
        lambda one: replace(one, preheader=f"{one.subject.upper()}, part 2 of 3"),
    ),
    ("preheader-repeats", lambda one: replace(one, subject=one.preheader[:60].upper())),
    ("text-empty", lambda one: replace(one, text=" \n")),
    ("text-stub", _stub),
    ("text-entity", lambda one: replace(one, text=f"{one.text}\nfish &amp; chips\n")),
    ("text-entity", lambda one: replace(one, text=f"{one.text}\nthe cat&#39;s\n")),
    ("text-line", lambda one: replace(one, text=f"{one.text}\n{'nine and ' * 9}\n")),
    ("text-link", lambda one: one.with_text("https://www.nice.org.uk/guidance/ng59", "")),
    ("text-link", lambda one: one.with_words('<a href="tel:+441234">Call us</a>')),
    ("text-link", lambda one: one.with_words('<a href="mailto:a@b.example">Write</a>')),
    ("text-link", lambda one: one.with_text(MergePoint.UNSUBSCRIBE_URL.neutral, "")),
)
"""The rule's name and how to break it."""
