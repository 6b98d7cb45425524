"""WordPress: what a post shows and does not hold comes along, or is said to be lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from folders import NEWSLETTER, ok, write

from importing import samples
from pipeline.importing.bundle import MAX_EXPORT
from pipeline.importing.readers import wordpressblocks

ITEM = """<item><title>{title}</title><guid>https://x.example/?p={id}</guid>
<content:encoded><![CDATA[{content}]]></content:encoded><wp:post_id>{id}</wp:post_id>
<wp:status>publish</wp:status><wp:post_type>{kind}</wp:post_type>{more}</item>"""
PICTURE = """<wp:attachment_url>https://x.example/{}.png</wp:attachment_url><wp:postmeta>
<wp:meta_key>_wp_attachment_image_alt</wp:meta_key><wp:meta_value>{}</wp:meta_value></wp:postmeta>"""


def imported(tmp_path: Path, content: str, *others: str) -> tuple[str, str]:
    """The text of the only post, and the report."""
    head, _, rest = samples.wxr().decode().partition("<item>")
    item = ITEM.format(title="T", id=1, content=content, kind="post", more="")
    export = f"{head}{item}{''.join(others)}{rest.rpartition('</item>')[2]}"
    samples.put(tmp_path / "s", {"x.xml": export.encode()})
    root = write(
        tmp_path / "n", {"newsletter.toml": NEWSLETTER + "\n[schedule]\nstart = 2026-01-06\n"}
    )
    said = ok("import", tmp_path / "s" / "x.xml", root=root).output
    (file,) = (root / "articles").glob("*.md")
    return file.read_text(encoding="utf-8").partition("---\n\n")[2], said


def shared(key: int, content: str) -> str:
    return ITEM.format(title="B", id=key, content=content, kind="wp_block", more="")


@pytest.mark.parametrize("block", [
    "<!-- wp:latest-posts /-->",
    '<!-- wp:block {"ref":99} /-->',
    '<!-- wp:crowdsignal-forms/poll {"question":"How?","answers":[{"text":"a"}]} /-->',
])  # fmt: skip
def test_a_block_that_holds_nothing_is_said_to_be_lost(tmp_path: Path, block: str) -> None:
    text, said = imported(tmp_path, f"<!-- wp:paragraph -->\n<p>A</p>\n{block}\n")
    name = block.split()[1].removeprefix("wp:")
    assert text == "A\n"
    assert re.search(f"^! .*#1: blocks that WordPress fills are not .*: {name}$", said, re.M)


def test_the_words_of_a_shared_block_come_along_where_it_stands(tmp_path: Path) -> None:
    inner = '<!-- wp:paragraph -->\n<p>Shared</p>\n<!-- wp:block {"ref":8} /-->'
    text, said = imported(
        tmp_path,
        '<!-- wp:paragraph -->\n<p>A</p>\n<!-- wp:block {"ref":7} /-->\n<p>B</p>',
        shared(7, inner),
        shared(8, "<!-- wp:paragraph -->\n<p>Deeper</p>"),
    )
    assert text == "A\n\nShared\n\nDeeper\n\nB\n"
    assert "wp_block" not in said


def test_a_block_within_itself_ends_and_many_of_one_stay_within_bounds() -> None:
    block = '<!-- wp:block {"ref":7} /-->'
    assert wordpressblocks.shown(block, {"7": f"a{block}"}, {}) == f"aaa{block}"
    big = "x" * (MAX_EXPORT // 4)
    assert len(wordpressblocks.shown(block * 9, {"7": big}, {})) < 2 * MAX_EXPORT


def test_a_classic_gallery_shows_its_pictures_in_order(tmp_path: Path) -> None:
    text, said = imported(tmp_path, 'A\n\n[gallery columns="2" ids="6, 5"]\n\nB', *(
        ITEM.format(title="p", id=key, content="", kind="attachment", more=PICTURE.format(key, alt))
        for key, alt in ((5, "A bed"), (6, "A &lt;lamp&gt;"))
    ))  # fmt: skip
    lamp, bed = "https://x.example/6.png", "https://x.example/5.png"
    assert text == f"A\n\n![A \\<lamp>]({lamp})\n\n![A bed]({bed})\n\nB\n"
    assert "shortcodes" not in said
