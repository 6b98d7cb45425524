"""Sources that lie, break off, or are meant to do harm: a message, and nothing else happens."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from folders import NEWSLETTER, ROOT, ok, run, snapshot, write

from importing import samples
from pipeline.importing import bundle
from pipeline.importing.kinds import of_file

SINCE = "\n[schedule]\nstart = 2026-01-06\n"


def prepared(tmp_path: Path, name: str, content: bytes) -> tuple[Path, Path]:
    samples.put(tmp_path / "s", {name: content})
    return write(tmp_path / "n", {"newsletter.toml": NEWSLETTER + SINCE}), tmp_path / "s" / name


def refused(tmp_path: Path, name: str, content: bytes, *args: str) -> str:
    root, source = prepared(tmp_path, name, content)
    before, around = snapshot(root), snapshot(tmp_path / "s")
    done = run("import", source, *args, root=root)
    assert done.exit_code == 1, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert snapshot(root) == before
    assert snapshot(tmp_path / "s") == around
    return done.output


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + at)} "{f"&{chr(97 + at)};" * 10}">' for at in range(9))
    + "]>"
)
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("head", [BOMB, OUTSIDE, OUTSIDE.partition("?>")[2]])
@pytest.mark.parametrize("make", [samples.wxr, samples.rss, samples.atom])
def test_xml_that_declares_entities_is_refused(tmp_path: Path, head: str, make) -> None:  # type: ignore[no-untyped-def]
    content = make().decode().partition("?>")[2].replace("In short", "&a;&j;")
    said = refused(tmp_path, "x.xml", (head + content).encode())
    assert "this XML declares entities" in said
    assert "root:" not in said


def test_a_document_whose_xml_declares_entities_is_refused(tmp_path: Path) -> None:
    good = zipfile.ZipFile(io.BytesIO(samples.docx("T", [("Normal", "text")])))
    members = {one: good.read(one) for one in good.namelist()}
    members["word/document.xml"] = BOMB.encode() + members["word/document.xml"]
    assert "declares entities" in refused(tmp_path, "x.docx", samples.zipped(members))


@pytest.mark.parametrize(
    "name",
    ["../../evil.html", "/etc/evil.html", "a/../../evil.html", "C:evil.html", "a\\..\\evil.html"],
)
def test_a_name_that_leads_out_of_an_archive_is_refused(tmp_path: Path, name: str) -> None:
    files = samples.html_files() | {name: b"<p>evil</p>"}
    assert "leads out of it" in refused(tmp_path, "x.zip", samples.zipped(files))
    assert not [*tmp_path.rglob("evil*")]


def test_an_archive_with_nothing_in_it_is_refused(tmp_path: Path) -> None:
    assert "there is no article in it" in refused(tmp_path, "x.zip", samples.zipped({}))


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("page.html")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert "is a symbolic link" in refused(tmp_path, "x.zip", out.getvalue())


def test_a_link_out_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("Secret\nWords.")
    root, source = prepared(tmp_path, "a.txt", b"A\ntext.")
    (source.parent / "b.txt").symlink_to(tmp_path / "secret.txt")
    done = run("import", source.parent, root=root)
    assert done.exit_code == 1
    assert "this is a link out of the folder" in done.output


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("page.html", b"<p>" + b"0" * (bundle.MAX_TEXT + 10))
    assert "larger than 16 MB" in refused(tmp_path, "x.zip", out.getvalue())


def test_an_archive_that_claims_more_than_a_disk_holds_is_refused(tmp_path: Path) -> None:
    raw = bytearray(samples.zipped({"page.html": b"<p>x</p>", "b.html": b"<p>y</p>"}))
    at = raw.index(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (0xF0000000).to_bytes(4, "little")
    assert "claims more than" in refused(tmp_path, "x.zip", bytes(raw))


def test_an_archive_of_archives_ends(tmp_path: Path) -> None:
    inner = samples.zipped({"page.html": samples.page(0).encode()})
    for _ in range(30):
        inner = samples.zipped({"x.zip": inner})
    assert "archives within archives" in refused(tmp_path, "x.zip", inner)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.97])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.xml", samples.wxr()),
        ("x.json", samples.ghost()),
        ("x.rss", samples.rss()),
        ("f.json", samples.json_feed()),
        ("x.zip", samples.substack()),
        ("x.docx", samples.docx("T", [("Normal", "text")])),
    ],
)
def test_an_export_that_breaks_off_is_refused_whole(
    tmp_path: Path, name: str, content: bytes, keep: float
) -> None:
    said = refused(tmp_path, name, content[: int(len(content) * keep)])
    assert "broken" in said or "no whole" in said or "cut off" in said


def test_a_file_of_100_mb_is_refused_without_being_read(tmp_path: Path) -> None:
    root, source = prepared(tmp_path, "x.txt", b"Title\n")
    with source.open("r+b") as file:
        file.truncate(100 * 1024**2)
    code = (
        "import sys, tracemalloc\n"
        "from pipeline.__main__ import main\n"
        f"sys.argv = ['partwork', '-C', {str(root)!r}, 'import', {str(source)!r}]\n"
        "tracemalloc.start()\n"
        "try:\n    main()\n"
        "finally:\n    print(tracemalloc.get_traced_memory()[1])\n"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert "this is larger than 16 MB" in done.stderr
    assert int(done.stdout) < 64 * 1024**2, "it was never in memory"


def test_an_article_as_large_as_may_be_comes_in(tmp_path: Path) -> None:
    lines = "A line of words, with *stars* and more.\n" * 25_000
    root, source = prepared(tmp_path, "x.txt", f"Title\n{lines}".encode())
    ok("import", source, root=root)
    (made,) = (root / "articles").glob("*.md")
    assert made.read_text(encoding="utf-8").count("A line of words") == 25_000


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">words</a>',
        '<a href="data:text/html,<script>alert(1)</script>">words</a>',
        "<svg onload=alert(1)></svg>",
        '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
        '<style>body{background:url("javascript:alert(1)")}</style>',
        "<p onclick=alert(1)>words</p>",
        "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
        "[words](javascript:alert(1))",
        "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    ],
)
def test_nothing_that_acts_comes_along(tmp_path: Path, evil: str) -> None:
    html = (
        f"<html><head><title>T</title></head><body><h1>T</h1><p>Good text.</p>{evil}</body></html>"
    )
    root, source = prepared(tmp_path, "x.html", html.encode())
    ok("import", source, root=root)
    ok("check", "--as-of", "2026-01-01", root=root)
    ok("build", "--as-of", "2026-02-01", root=root)
    (file,) = (root / "articles").glob("*.md")
    assert "Good text." in file.read_text(encoding="utf-8")
    made = (root / "output/articles/t/index.html").read_text(encoding="utf-8")
    assert "<script>alert" not in made
    assert "onerror=" not in made.replace("onerror=alert(1)&gt;", "")
    assert 'href="javascript' not in made


@pytest.mark.parametrize("depth", [200, 5000])
@pytest.mark.parametrize(
    "tag", ["div", "b", "blockquote", "ul><li", "table><tr><td", "span", "a href=#x"]
)
def test_html_that_is_nested_without_end_keeps_its_words(
    tmp_path: Path, depth: int, tag: str
) -> None:
    html = f"<html><body><h1>T</h1><p>Before.</p>{f'<{tag}>' * depth}Deep words{'</div>' * 3}"
    root, source = prepared(tmp_path, "x.html", html.encode())
    ok("import", source, root=root)
    (file,) = (root / "articles").glob("*.md")
    assert "Deep words" in file.read_text(encoding="utf-8")


def test_an_id_that_two_have_is_kept_by_the_first_and_reported(tmp_path: Path) -> None:
    feed = json.loads(samples.json_feed())
    for at, one in enumerate(feed["items"]):
        one["id"] = "tag:x.example,2026:same"
        one["url"] = f"https://x.example/{at}"
    root, source = prepared(tmp_path, "f.json", json.dumps(feed).encode())
    said = ok("import", source, root=root).output
    assert "got a new id: 'tag:x.example,2026:same' is another article's too" in said
    texts = [one.read_text(encoding="utf-8") for one in sorted((root / "articles").glob("*.md"))]
    ids = [re.search("^id: (.*)$", text, re.MULTILINE)[1] for text in texts]  # type: ignore[index]
    assert ids[0] == "tag:x.example,2026:same"
    assert len({*ids}) == 3
    before = snapshot(root)
    ok("import", source, root=root)
    assert snapshot(root) == before


def test_a_slug_that_two_have_is_kept_by_the_first_and_reported(tmp_path: Path) -> None:
    root, source = prepared(tmp_path, "x.json", samples.ghost(slug="same"))
    said = ok("import", source, root=root).output
    assert "its slug is 'same-2'" in said
    assert sorted(one.name for one in (root / "articles").glob("*.md")) == [
        "01-same.md",
        "02-same-2.md",
        "03-same-3.md",
    ]


@pytest.mark.parametrize("slug", ["../../up", "a/b", "..", "con\x00x", "x" * 500, "-", "ü ä", ""])
def test_no_slug_leads_out_of_the_folder(tmp_path: Path, slug: str) -> None:
    root, source = prepared(tmp_path, "x.json", samples.ghost(slug=slug))
    ok("import", source, root=root)
    assert all(one.parent == root / "articles" for one in root.rglob("*.md"))
    assert "error" not in ok("check", "--as-of", "2026-01-01", root=root).output


def test_a_picture_that_is_none_is_left_out(tmp_path: Path) -> None:
    files = samples.html_files() | {"couch.png": b"#!/bin/sh\nrm -rf /\n"}
    samples.put(tmp_path / "s", files)
    root = write(tmp_path / "n", {"newsletter.toml": NEWSLETTER + SINCE})
    assert "is no picture: it was left out" in ok("import", tmp_path / "s", root=root).output
    assert not (root / "articles/images").exists()


@pytest.mark.parametrize(
    "evil", ["<script>alert(1)</script>", "<a onclick='x()'/>", "<foreignObject/>"]
)
def test_a_drawing_that_could_act_is_left_out(tmp_path: Path, evil: str) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">{evil}</svg>'
    samples.put(tmp_path / "s", samples.html_files() | {"couch.png": svg.encode()})
    root = write(tmp_path / "n", {"newsletter.toml": NEWSLETTER + SINCE})
    assert "is no picture: it was left out" in ok("import", tmp_path / "s", root=root).output
    assert not (root / "articles/images").exists()


@pytest.mark.parametrize(
    "path", ["../../n/newsletter.toml", "/etc/passwd", "..%2f..%2fetc/passwd", "file:///etc/passwd"]
)
def test_a_picture_elsewhere_on_this_machine_is_left_out(tmp_path: Path, path: str) -> None:
    html = f'<html><body><h1>T</h1><p>Text.</p><img src="{path}" alt="x"></body></html>'
    root, source = prepared(tmp_path, "x.html", html.encode())
    ok("import", source, root=root)
    assert not (root / "articles/images").exists()


@pytest.mark.parametrize(
    "head",
    ["- &a [x]\n- *a", "title: !!python/object/apply:os.system [ls]", "title: [", "a: 1\na: 2"],
)
def test_front_matter_that_is_no_plain_yaml_is_named_with_its_line(
    tmp_path: Path, head: str
) -> None:
    said = refused(tmp_path, "x.md", f"---\n{head}\n---\nText.\n".encode())
    assert "s/x.md:" in said


@pytest.mark.parametrize(
    "content",
    [b"\x00" * 1000, b"\x89PNG\r\n\x1a\n" + b"x" * 100, b"%PDF-1.7 x", bytes(range(256)) * 10],
)
def test_what_is_no_text_is_refused_or_harmless(tmp_path: Path, content: bytes) -> None:
    root, source = prepared(tmp_path, "x.txt", content)
    done = run("import", source, root=root)
    assert done.exit_code in (0, 1)
    assert done.exception is None or isinstance(done.exception, SystemExit)


@pytest.mark.parametrize(
    "kind", ["text", "html", "markdown", "wordpress", "ghost", "substack", "medium", "feed", "docx"]
)
@pytest.mark.parametrize(
    "content", [b"hello", b"{}", b"<rss/>", b"[1]", b"null", b"\xff\xfe", b"---\n", b"PK\x03\x04"]
)
def test_no_source_makes_any_reader_fall_over(tmp_path: Path, kind: str, content: bytes) -> None:
    root, source = prepared(tmp_path, "x", content)
    for given in (source, source.parent):
        done = run("import", given, "--from", kind, "--dry-run", root=root)
        assert done.exit_code in (0, 1), (kind, content, done.output)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception


def test_long_data_with_many_indented_lines_is_refused_at_once() -> None:
    assert of_file("{\n" + '    "key": {\n' * 5000, "x.json") == ""
    assert of_file('{\n    "html": "[w](https://x.example)",\n' * 9, "x.json") == ""
    assert of_file('{\n    "a": 1\n}\n\nWords.\n', "x") == "markdown"
