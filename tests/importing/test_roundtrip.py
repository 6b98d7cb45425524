"""What `export --as markdown` gives, `import` brings in again: texts, order, dates, series."""

from __future__ import annotations

from pathlib import Path

import pytest
from folders import NEWSLETTER, ok, write

from importing import samples
from pipeline import frontmatter, newsletter

SERIES = '\n[schedule]\nstart = 2026-01-06\n\n[series.sleep]\ntitle = "Schlaf, „ruhig“ & gut"\n'
PARTS = {
    "articles/01-one.md": "---\ntitle: One\nid: urn:x:1\nseries: sleep\npart: 1\nsummary: S\n"
    "authors: [Ann, {name: Bo, uri: 'https://b.example'}]\ntags: [a b]\nlang: de\n---\n"
    "See [two](02-two.md#end) and ![A](images/a.png \"T\").\n\n<!-- kept -->\n",
    "articles/02-two.md": "---\ntitle: Two\nid: urn:x:2\nseries: sleep\npart: 2\n"
    "image: images/a.png\nimage_alt: A\ncanonical_url: https://c.example/\n---\n"
    "Write `{{ site.url }}`, `[[x]]`.\n",
    "articles/03-late.md": "---\ntitle: Late\nid: urn:x:3\nseries: sleep\npart: 3\ndraft: true\n"
    "---\nWords.\n",
}  # fmt: skip
KEPT = ("title", "id", "slug", "series", "part", "date", "summary", "authors", "tags", "lang",
        "image_alt", "draft", "canonical_url")  # fmt: skip


@pytest.mark.parametrize("packed", [False, True])
def test_an_exported_newsletter_comes_in_again_as_it_was(tmp_path: Path, packed: bool) -> None:
    old = write(tmp_path / "old", {"newsletter.toml": NEWSLETTER + SERIES, **PARTS})
    samples.put(old / "articles/images", {"a.png": samples.picture()})
    ok("export", "--as", "markdown", "--all", root=old)
    source = old / "export/markdown"
    if packed:
        files = {
            one.relative_to(source.parent).as_posix(): one.read_bytes()
            for one in source.rglob("*") if one.is_file()
        }  # fmt: skip
        source = tmp_path / "export.zip"
        source.write_bytes(samples.zipped(files))
    new = write(
        tmp_path / "new", {"newsletter.toml": NEWSLETTER + "\n[schedule]\nstart = 2026-01-06\n"}
    )
    ok("import", source, root=new)
    ok("check", root=new)
    (series,) = newsletter.load(new).series
    assert (series.key, series.title) == ("sleep", "Schlaf, „ruhig“ & gut")
    for before, after in zip(
        sorted((old / "export/markdown/articles").glob("*.md")),
        sorted((new / "articles").glob("*.md")),
        strict=True,
    ):
        (was, _), (now, _) = (
            frontmatter.read(one.name, one.read_bytes()) for one in (before, after)
        )
        for key in KEPT:
            values = [one.fields[key].value if key in one.fields else None for one in (was, now)]
            assert values[0] == values[1], (before.name, key)
        text = now.body.replace("images/one/", "images/").strip("\n")
        assert text == was.body.strip("\n"), before.name


@pytest.mark.parametrize("name", ["atom.xml", "feed.xml", "feed.json"])
def test_the_notes_of_a_feed_of_ours_come_in_as_notes(tmp_path: Path, name: str) -> None:
    part = "---\ntitle: One\nid: urn:x:1\nseries: sleep\npart: 1\n---\nA[^n].\n\n[^n]: B.\n"
    files = {"newsletter.toml": NEWSLETTER + SERIES, "articles/01-one.md": part}
    old = write(tmp_path / "old", files)
    ok("build", "--as-of", "2026-02-01", root=old)
    new = write(tmp_path / "new", {"newsletter.toml": NEWSLETTER + SERIES})
    ok("import", old / "output" / name, root=new)
    (file,) = (new / "articles").glob("*.md")
    assert file.read_text("utf-8").partition("---\n\n")[2] == "A[^1].\n\n---\n\n[^1]: B.\n"
