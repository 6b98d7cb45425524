"""Pages that Google Docs saves: structure from classes, links that lead there, no comments."""

from __future__ import annotations

import re
from pathlib import Path

from folders import NEWSLETTER, ok, write

from importing import samples

PAGE = """<html><head><title>File name</title><style type="text/css">@import url(x.css);
.c1{{font-weight: 700}}.c2{{font-style:italic;color:#000}}.c3{{font-weight:400}}</style></head>
<body class="c9 doc-content">{}</body></html>"""
TITLE = '<p class="c5 title" id="h.1"><span class="c1">Sleep</span></p>'


def imported(tmp_path: Path, body: str) -> tuple[str, str, str]:
    """The article's front matter and text, and the report."""
    samples.put(tmp_path / "s", {"x.html": PAGE.format(body).encode()})
    root = write(
        tmp_path / "n", {"newsletter.toml": f"{NEWSLETTER}\n[schedule]\nstart = 2026-01-06\n"}
    )
    said = ok("import", tmp_path / "s" / "x.html", "--series", "s", root=root).output
    (file,) = (root / "articles").glob("*.md")
    head, _, text = file.read_text("utf-8").partition("---\n\n")
    return head, text, said


def items(depth: int, *words: str, start: str = "") -> str:
    rows = "".join(f'<li class="c5"><span>{one}</span></li>' for one in words)
    return f'<ul class="c7 lst-kix_ab-{depth} {start}">{rows}</ul>'


def test_no_comment_of_an_editor_is_published_as_a_note(tmp_path: Path) -> None:
    body = (
        f'{TITLE}<p><span>Words.</span><sup><a href="#cmnt1" id="cmnt_ref1">[a]</a></sup>'
        '<sup><a href="#ftnt1" id="ftnt_ref1">[1]</a></sup></p><hr>'
        '<div><p><a href="#ftnt_ref1" id="ftnt1">[1]</a><span> A note.</span></p></div>'
        '<div class="c8"><p><a href="#cmnt_ref1" id="cmnt1">[a]</a><span>Cut this?</span></p></div>'
    )
    _, text, said = imported(tmp_path, body)
    assert text == "Words.[^1]\n\n---\n\n[^1]: A note.\n"
    assert re.search("^! .*x.html: a comment was left out$", said, re.MULTILINE)


def test_its_title_is_the_title_and_its_headings_keep_their_levels(tmp_path: Path) -> None:
    body = f"{TITLE}<p>A.</p><h1><span class='c1'>One</span></h1><h2>Two</h2><p>B.</p>"
    head, text, _ = imported(tmp_path, body)
    assert "title: Sleep\n" in head
    assert text == "A.\n\n## One\n\n### Two\n\nB.\n"


def test_what_its_style_sheet_makes_bold_is_bold(tmp_path: Path) -> None:
    body = (
        f'{TITLE}<p><span class="c3">A </span><span class="c1">b</span><span> and </span>'
        '<span class="c1 c2">c d</span><span class="c1"> </span><span>e.</span></p>'
    )
    made = imported(tmp_path, body)[1]
    assert made == "A **b** and <strong>*c d*</strong> e.\n"


def test_its_lists_nest_as_their_classes_say(tmp_path: Path) -> None:
    lists = (
        items(0, "a", start="start"), items(1, "b", start="start"), items(2, "c", start="start"),
        items(1, "d"), items(0, "e"), items(0, "f", start="start"),
    )  # fmt: skip
    _, text, _ = imported(tmp_path, f"{TITLE}<p>A.</p>{''.join(lists)}")
    assert text.startswith("A.\n\n- a\n  - b\n    - c\n  - d\n- e\n")
    assert text.endswith("- f\n")


def test_a_list_that_begins_below_its_first_level_loses_no_item(tmp_path: Path) -> None:
    _, text, _ = imported(tmp_path, f"{TITLE}<p>A.</p>{items(1, 'a')}{items(0, 'b')}")
    assert re.findall(r"^ *- (\w)", text, re.MULTILINE) == ["a", "b"]


def test_its_links_do_not_lead_through_google(tmp_path: Path) -> None:
    body = (
        f'{TITLE}<p><a href="https://www.google.com/url?q=https://x.example/a?b%3D1%26c&amp;sa=D'
        '&amp;source=editors">x</a> <a href="https://www.google.com/search?q=y">y</a></p>'
    )
    _, text, _ = imported(tmp_path, body)
    assert text == "[x](https://x.example/a?b=1&c) [y](https://www.google.com/search?q=y)\n"
