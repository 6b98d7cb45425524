"""Notes of Obsidian: what they link to and show comes along, and what they hide is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from folders import NEWSLETTER, ok, write

from importing import samples


def imported(tmp_path: Path, body: str) -> tuple[str, str]:
    """The text of a note that lies in a folder with another and a picture, and the report."""
    samples.put(tmp_path / "vault", {
        "parts/1 one.md": f"---\ntitle: One\ndate: 2026-01-06\n---\n{body}\n".encode(),
        "parts/deep/2 two.md": b"---\ntitle: Two\ndate: 2026-01-13\n---\n## A head\n\nWords.\n",
        "files/a couch.png": samples.picture(),
    })  # fmt: skip
    root = write(tmp_path / "n", {"newsletter.toml": NEWSLETTER})
    report = ok("import", tmp_path / "vault", root=root).output
    (article,) = (root / "articles").glob("01-*.md")
    return article.read_text(encoding="utf-8").rpartition("---\n")[2].strip(), report


@pytest.mark.parametrize(
    ("note", "markdown"),
    [
        ("See [[2 Two]].", "See [2 Two](02-two.md)."),
        ("See [[parts/deep/2 two|the *second*]].", "See [the \\*second\\*](02-two.md)."),
        ("See [[2 Two#A head|it]] and [[#Mine]].", "See [it](02-two.md#a-head) and [Mine](#mine)."),
        ("See [[2 Two#^block|it]].", "See [it](02-two.md)."),
        ("| a | b |\n|---|---|\n| [[2 Two\\|it]] | x |",
         "| a | b |\n|---|---|\n| [it](02-two.md) | x |"),
        ("![[a couch.png|A couch]]", "![A couch](images/one/a-couch.png)"),
        ("![[a couch.png|300x200]]", "![a couch](images/one/a-couch.png)"),
        ("`[[2 Two]]` and [[[1]](https://x.example) and [[ -f x ]]",
         "`[[2 Two]]` and [[[1]](https://x.example) and [[ -f x ]]"),
    ],
)  # fmt: skip
def test_a_link_between_brackets_leads_to_its_article(
    tmp_path: Path, note: str, markdown: str
) -> None:
    body, report = imported(tmp_path, note)
    assert body == markdown
    assert "! " not in report


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("See [[Nowhere]].", "! {}: '[[Nowhere]]' names no file of the source: it stands as typed"),
        ("%%Not for\nreaders%%",
         "  {}: stands between %%, hidden in Obsidian, and is shown here: 'Not for readers'"),
    ],
)  # fmt: skip
def test_what_stands_as_typed_is_said(tmp_path: Path, note: str, said: str) -> None:
    body, report = imported(tmp_path, note)
    assert body == note
    assert said.format(tmp_path / "vault/parts/1 one.md") in report


def test_a_note_shown_within_another_is_a_link_and_a_loss(tmp_path: Path) -> None:
    body, report = imported(tmp_path, "![[2 Two]]")
    assert body == "[2 Two](02-two.md)"
    assert "the note '2 Two' is shown within this one: it is a link now" in report
