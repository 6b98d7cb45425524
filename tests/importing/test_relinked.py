"""Markdown of others: links and pictures lead where they are now, all else stays as written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importing import samples
from pipeline.importing.bundle import Bundle
from pipeline.importing.media import Media
from pipeline.importing.model import Imported
from pipeline.importing.relinked import relinked


def media() -> Media:
    def opened(name: str, limit: int) -> bytes:
        if name != "posts/a b.png":
            raise KeyError(name)
        return samples.picture()

    article = Imported(
        origin="s/posts/x.md", path="x.md", title="T", body="", markup="markdown", slug="t",
        folder="posts",
    )  # fmt: skip
    return Media(
        article=article,
        bundle=Bundle(name="s", label="s", names=(), opened=opened),
        target="articles/01-t.md",
        base="",
        pages={"s/posts/two.md": "articles/02-two.md", "/three": "articles/03-three.md"},
        fetch=None,
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("![A](a%20b.png)", "![A](images/t/a-b.png)"),
        ("![A](<a b.png> 'Said')", "![A](images/t/a-b.png 'Said')"),
        ("![](a%20b.png)", "![a b](images/t/a-b.png)"),
        ("![A](gone.png)", "A"),
        ("[![A](a%20b.png)](two.md)", "[![A](images/t/a-b.png)](02-two.md)"),
        ("[w](two.md#part)", "[w](02-two.md#part)"),
        ("[w](../posts/two.md)", "[w](02-two.md)"),
        ("[w](/2026/01/three/)", "[w](03-three.md)"),
        ("[w](/about)", "w"),
        ("[w](https://x.example/(a))", "[w](<https://x.example/(a)>)"),
        ("[w](javascript:alert)", "w"),
        ("[w][l]\n\n[l]: two.md 'T'", "[w][l]\n\n[l]: 02-two.md 'T'"),
        ("[w][L], [l] and [l][]\n\n[l]: /about", "w, l and l\n\n"),
        ("[w][l]\n\n[l]: /about 'T'", "w\n\n"),
        ('[w][l]\n\n[l]: /about "T" \nx', "w\n\n\nx"),
        ("![][l]\n\n[l]: a%20b.png", "![a b][l]\n\n[l]: images/t/a-b.png"),
        ('<img src="a%20b.png" width=9>', '<img src="images/t/a-b.png" width=9 alt="a b">'),
        ('<a href="/about">w</a>', "<a>w</a>"),
        ("`[w](/about)`", "`[w](/about)`"),
        (
            "é `x` ![A](a%20b.png) `![A](a%20b.png)`",
            "é `x` ![A](images/t/a-b.png) `![A](a%20b.png)`",
        ),
        ("```\n![A](a%20b.png)\n```", "```\n![A](a%20b.png)\n```"),
        ("\\[w](/about)", "\\[w](/about)"),
        ("Text[^1].\n\n[^1]: A note.", "Text[^1].\n\n[^1]: A note."),
    ],
)
def test_only_destinations_change(before: str, after: str) -> None:
    assert relinked(before, media()) == after


@given(st.text(st.sampled_from("ab é\n`*_[]()!<>\\#:\"'~^|-1."), max_size=60))
def test_any_text_is_taken_and_its_letters_stay(body: str) -> None:
    made = relinked(body, media())
    if "(" not in body and ":" not in body and "<" not in body:
        assert made == body
