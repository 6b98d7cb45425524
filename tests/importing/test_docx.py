"""Word documents: numbers of lists as Word shows them, and what is not in the text is said."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from folders import NEWSLETTER, ok, write

from importing import samples

SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LISTS = (
    '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt'
    ' w:val="decimal"/></w:lvl><w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt'
    ' w:val="lowerLetter"/></w:lvl></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="5"/><w:numFmt'
    ' w:val="decimal"/></w:lvl></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="2"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl>'
    '</w:abstractNum><w:abstractNum w:abstractNumId="x"><w:lvl w:ilvl="y"/></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="2"/></w:num>'
    '<w:num w:numId="4"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride'
    ' w:val="1"/></w:lvlOverride></w:num>'
)


def run(words: str, look: str = "") -> str:
    return f"<w:r><w:rPr>{look}</w:rPr><w:t>{words}</w:t></w:r>"


def line(inner: str, number: int = 0, level: int = 0) -> str:
    item = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return f"<w:p><w:pPr>{item if number else ''}</w:pPr>{inner}</w:p>"


def imported(tmp_path: Path, rows: str, comments: str = "") -> tuple[str, str]:
    """The text of the article that a document with these paragraphs becomes, and the report."""
    plain = zipfile.ZipFile(io.BytesIO(samples.docx("T", [("Normal", "First.")])))
    members = {name: plain.read(name) for name in plain.namelist()}
    word = members["word/document.xml"].decode()
    rels = members["word/_rels/document.xml.rels"].decode()
    more = f'<Relationship Id="rId9" Type="{KINDS}/numbering" Target="numbering.xml"/>'
    members["word/document.xml"] = word.replace("</w:body>", f"{rows}</w:body>").encode()
    members["word/_rels/document.xml.rels"] = rels.replace("</Rel", f"{more}</Rel").encode()
    members["word/numbering.xml"] = f'<w:numbering xmlns:w="{SPACE}">{LISTS}</w:numbering>'.encode()
    if comments:
        members["word/comments.xml"] = comments.encode()
    samples.put(tmp_path, {"x.docx": samples.zipped(members)})
    schedule = "\n[schedule]\nstart = 2026-01-06\n"
    root = write(tmp_path / "n", {"newsletter.toml": NEWSLETTER + schedule})
    report = ok("import", tmp_path / "x.docx", root=root).output
    (article,) = (root / "articles").glob("*.md")
    return article.read_text(encoding="utf-8").partition("First.\n")[2].strip("\n"), report


def test_an_item_has_the_number_that_word_shows(tmp_path: Path) -> None:
    rows = [
        line(run("one"), 1), line(run("two"), 1), line(run("Between.")), line(run("three"), 1),
        line(run("a"), 1, 1), line(run("b"), 1, 1), line("", 1), line(run("five"), 1),
        line(run("again a"), 1, 1), line(run("Between.")), line(run("five"), 2),
        line(run("six"), 2),
        line(run("Between.")), line(run("anew"), 4), line(run("two"), 4), line(run("dot"), 3),
    ]  # fmt: skip
    body, _ = imported(tmp_path, "".join(rows))
    assert body == (
        "1. one\n2. two\n\nBetween.\n\n3. three\n   1. a\n   2. b\n\n5) five\n   1. again a\n\n"
        "Between.\n\n5. five\n6. six\n\nBetween.\n\n1. anew\n2. two\n\n- dot"
    )


@pytest.mark.parametrize(
    ("rows", "body", "said"),
    [
        (
            line(run("Kept") + f"<w:del><w:r><w:delText>gone</w:delText></w:r></w:del>{run('!')}"),
            "Kept!",
            "^! .*: changes are taken as accepted: 'gone' was struck$",
        ),
        (line(f"<w:ins>{run('New')}</w:ins>"), "New", "^  .*: changes are taken as accepted$"),
        (
            line(run("secret", "<w:vanish/>") + run("seen", '<w:vanish w:val="0"/>')),
            "secretseen",
            "^  .*: hidden words can be seen here: 'secret'$",
        ),
    ],
)
def test_changes_and_hidden_words_are_said(tmp_path: Path, rows: str, body: str, said: str) -> None:
    shown, report = imported(tmp_path, rows)
    assert shown == body
    assert re.search(said, report, re.MULTILINE)


def test_comments_are_a_loss(tmp_path: Path) -> None:
    comment = '<w:comment w:id="{}"><w:p/></w:comment>'
    comments = f'<w:comments xmlns:w="{SPACE}">{comment.format(1)}{comment.format(2)}</w:comments>'
    _, report = imported(tmp_path, line(run("Words.")), comments)
    assert re.search("^! .*: 2 comments were left out$", report, re.MULTILINE)
