"""Every kind of source becomes the same series: imported, checked, built, and imported again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from html import unescape
from importlib import import_module
from pathlib import Path

import feedparser
import pytest
from folders import NEWSLETTER, ok, run, snapshot, write

from importing import samples
from pipeline import frontmatter, newsletter
from pipeline.importing.bodies import rendered, words_of
from pipeline.importing.kinds import KINDS

Files = Mapping[str, bytes]
SOURCES: dict[str, tuple[str, Callable[[], Files]]] = {
    "text": ("pages", samples.text_files),
    "html": ("pages", samples.html_files),
    "wordpress": ("export.xml", lambda: {"export.xml": samples.wxr()}),
    "ghost": ("export.json", lambda: {"export.json": samples.ghost()}),
    "ghost zip": ("export.zip", lambda: {"export.zip": samples.ghost_zip()}),
    "substack": ("export.zip", lambda: {"export.zip": samples.substack()}),
    "medium": ("export.zip", lambda: {"export.zip": samples.medium()}),
    "rss": ("feed", lambda: {"feed": samples.rss()}),
    "atom": ("feed.txt", lambda: {"feed.txt": samples.atom()}),
    "json feed": ("feed.json", lambda: {"feed.json": samples.json_feed()}),
    "jekyll": ("pages", samples.jekyll),
    "hugo": ("pages", samples.hugo),
    "pelican": ("pages", samples.pelican),
    "eleventy": ("pages", samples.eleventy),
    "buttondown": ("pages", samples.buttondown),
    "docx": ("pages", samples.docx_files),
    "html in a zip": ("export.zip", lambda: {"export.zip": samples.zipped(samples.html_files())}),
}
BODIES = {"html", "wordpress", "ghost", "ghost zip", "substack", "medium", "rss", "atom",
          "json feed", "html in a zip"}  # fmt: skip
"""The sources whose text is `samples.BODIES`."""
ARGS = {"ghost": ("--base", "https://clinic.example/")}
SINCE = "\n[schedule]\nstart = 2026-01-06\n"


def prepared(tmp_path: Path, name: str) -> tuple[Path, Path]:
    source, files = SOURCES[name]
    samples.put(tmp_path / "pages" if source == "pages" else tmp_path, files())
    root = write(tmp_path / "newsletter", {"newsletter.toml": NEWSLETTER + SINCE})
    return root, tmp_path / source


def articles(root: Path) -> list[frontmatter.Document]:
    found = [
        frontmatter.read(one.name, one.read_bytes())[0]
        for one in sorted((root / "articles").glob("*.md"))
    ]
    return [one for one in found if "draft" not in one.fields]


def _imported(tmp_path: Path, name: str, content: str) -> tuple[list[frontmatter.Document], str]:
    """The articles that a file alone becomes, and the report."""
    samples.put(tmp_path / "s", {name: content.encode()})
    root = write(tmp_path / "n", {"newsletter.toml": NEWSLETTER + SINCE})
    said = ok("import", tmp_path / "s" / name, root=root).output
    return articles(root), said


@pytest.mark.parametrize("name", SOURCES)
def test_a_series_comes_in_in_order_builds_and_comes_in_only_once(
    tmp_path: Path, name: str
) -> None:
    root, source = prepared(tmp_path, name)
    settings = (root / "newsletter.toml").read_bytes()
    dry = ok("import", source, "--dry-run", "--format", "json", root=root)
    assert snapshot(root) == {"newsletter.toml": settings}, "a dry run writes nothing"

    made = ok("import", source, "--format", "json", root=root)
    wet, said = json.loads(made.stdout), json.loads(dry.stdout)
    assert said | {"dry_run": False} == wet, "and reports the same"
    before = snapshot(root)

    assert [one.fields["title"].value for one in articles(root)] == [*samples.TITLES]
    assert [one.fields["part"].value for one in articles(root)] == [1, 2, 3]
    checked = ok("check", "--as-of", "2026-01-06T10:00", root=root)
    assert "error" not in checked.output
    ok("build", "--as-of", "2026-03-01", root=root)
    (one,) = newsletter.load(root).series
    feed = feedparser.parse(str(root / "output/series" / one.key / "feed.xml"))
    titles = [re.sub(r"^Part \d: ", "", unescape(entry.title)) for entry in feed.entries]
    assert titles == [*samples.TITLES]

    again = json.loads(ok("import", source, "--format", "json", root=root).stdout)
    assert again["articles"] == again["files"] == []
    assert len(again["already"]) == len(wet["articles"])
    assert {
        path: one for path, one in snapshot(root).items() if not path.startswith("output")
    } == before


@pytest.mark.parametrize("name", sorted(BODIES))
def test_every_word_of_the_text_is_kept_in_order(tmp_path: Path, name: str) -> None:
    root, source = prepared(tmp_path, name)
    ok("import", source, *ARGS.get(name, ()), root=root)
    for at, one in enumerate(articles(root)):
        body = re.sub(r"\((?:images|https?)[^ )]*couch\.png", "(https://x.example/a.png", one.body)
        said = samples.BODIES[at].replace('<a href="#fn1" id="ref1">1</a>', "").replace("↩", "")
        wanted = words_of(said)
        got = words_of(rendered(body))
        assert [word for word in got if word not in ("A", "short", "film")] == [
            word for word in wanted if word not in ("A", "short", "film")
        ]
        assert "Tweet" not in got
        assert "cookies" not in got
        assert "steal" not in got


@pytest.mark.parametrize("name", sorted(BODIES))
def test_what_belongs_to_a_text_is_kept(tmp_path: Path, name: str) -> None:
    root, source = prepared(tmp_path, name)
    ok("import", source, *ARGS.get(name, ()), root=root)
    one, two, three = articles(root)
    assert re.search(r'!\[A couch\]\([^)]*couch\.png "The couch at noon"\)', one.body)
    assert "A note[^1] on nerves." in one.body
    assert "[^1]: Sparse studies." in one.body
    assert "- breath\n  - in\n  - out" in one.body
    assert "| One | 6 \\| 7 |" in two.body
    assert '````python\ndef sleep():\n    return "``` deep"\n````' in two.body
    assert "(https://www.youtube.com/watch?v=abc123)" in two.body
    assert "> Rest, he said." in two.body
    assert "1\\. is no list" in three.body
    assert "<strong>bold:</strong>text" in three.body
    assert "3. third\n4. fourth" in three.body


@pytest.mark.parametrize(
    "name", ["html", "ghost zip", "substack", "jekyll", "hugo", "docx", "html in a zip"]
)
def test_pictures_of_the_source_come_to_lie_beside_the_article(tmp_path: Path, name: str) -> None:
    root, source = prepared(tmp_path, name)
    ok("import", source, root=root)
    (picture,) = (root / "articles/images").rglob("*.png")
    assert picture.read_bytes() == samples.picture()
    assert f"images/{picture.parent.name}/{picture.name}" in articles(root)[0].body


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("wordpress", [f"https://clinic.example/?p={at}" for at in (1, 2, 3)]),
        ("rss", [f"https://clinic.example/?p={at}" for at in (0, 1, 2)]),
        ("atom", [f"tag:clinic.example,2026:{at}" for at in (0, 1, 2)]),
        ("json feed", [f"tag:clinic.example,2026:{at}" for at in (0, 1, 2)]),
        ("medium", [f"https://medium.com/p/{at}0a1b2c3d4e5" for at in (1, 2, 3)]),
    ],
)
def test_a_guid_becomes_the_id_so_that_nobody_sees_a_part_twice(
    tmp_path: Path, name: str, ids: list[str]
) -> None:
    root, source = prepared(tmp_path, name)
    ok("import", source, root=root)
    assert [one.fields["id"].value for one in articles(root)] == ids


def test_a_guid_that_is_no_uri_is_replaced_and_reported(tmp_path: Path) -> None:
    root, source = prepared(tmp_path, "ghost")
    said = ok("import", source, root=root).output
    assert "got a new id: '5f1b2c3d4e5f60718293a4b0' is no URI" in said
    assert all(str(one.fields["id"].value).startswith("tag:") for one in articles(root))


@pytest.mark.parametrize(
    "name", ["wordpress", "ghost", "medium", "rss", "atom", "json feed", "jekyll", "pelican"]
)
def test_what_is_said_of_an_article_is_kept(tmp_path: Path, name: str) -> None:
    root, source = prepared(tmp_path, name)
    ok("import", source, root=root)
    (series,) = newsletter.load(root).series
    for at, one in enumerate(articles(root)):
        value = {key: field.value for key, field in one.fields.items()}
        moment = value["date"].replace(tzinfo=None).isoformat() if name == "pelican" else None
        assert moment or value["date"].isoformat() == samples.DATES[at]
        authors = [who["name"] if isinstance(who, dict) else who for who in value["authors"]]
        assert authors[0] == "Ann Lee"
        assert value["series"] == series.key
        if name != "medium":
            assert value["tags"][0].lower().startswith("care")
        assert value["slug"] == samples.SLUGS[at]


def test_hugos_series_names_the_series_and_its_weights_sort(tmp_path: Path) -> None:
    root, source = prepared(tmp_path, "hugo")
    ok("import", source, root=root)
    (series,) = newsletter.load(root).series
    assert (series.key, series.title) == ("care-plainly", "Care Plainly")


def test_links_among_the_pages_lead_to_the_articles(tmp_path: Path) -> None:
    for name in ("jekyll", "hugo", "pelican", "eleventy", "buttondown"):
        root, source = prepared(tmp_path / name, name)
        ok("import", source, root=root)
        assert "[b]: 02-sleep-second-week.md" in articles(root)[0].body, name
        assert "print('![no](link.png)')" in articles(root)[1].body, "code is left alone"


def test_links_among_posts_whose_export_holds_no_address_need_the_base(tmp_path: Path) -> None:
    rows = "1.one,2026-01-06T09:00:00Z,true,everyone,One\n2.two,2026-01-13T09:00:00Z,true,,Two\n"
    link = '<a href="https://me.example/p/{}?utm_source=x#end">it</a>'
    samples.put(tmp_path / "s", {
        "posts.csv": f"post_id,post_date,is_published,audience,title\n{rows}".encode(),
        "posts/1.one.html": f"<p>{link.format('two')} {link.format('three')}</p>".encode(),
        "posts/2.two.html": b"<p>Words.</p>",
    })  # fmt: skip
    root = write(tmp_path / "n", {"newsletter.toml": NEWSLETTER + SINCE})
    ok("import", tmp_path / "s", "--base", "https://me.example/", root=root)
    body = articles(root)[0].body
    assert "[it](02-two.md#end)" in body
    assert "[it](https://me.example/p/three?utm_source=x#end)" in body


def test_a_draft_stays_a_draft_and_holds_nothing_up(tmp_path: Path) -> None:
    root, source = prepared(tmp_path, "substack")
    ok("import", source, root=root)
    (draft,) = (root / "articles").glob("*-unfinished.md")
    assert "draft: true" in draft.read_text(encoding="utf-8")
    assert draft.name.startswith("04-")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.json", samples.ghost(visibility="paid")),
        ("x.zip", samples.zipped({
            "posts.csv": b"post_id,post_date,is_published,audience,title\n"
                         b"1.one,2026-01-06T09:00:00.000Z,true,only_paid,One\n",
            "posts/1.one.html": b"<p>Words.</p>",
        })),
    ],
)  # fmt: skip
def test_a_post_that_was_not_for_everybody_becomes_a_draft_and_that_is_said(
    tmp_path: Path, name: str, content: bytes
) -> None:
    samples.put(tmp_path / "s", {name: content})
    root = write(tmp_path / "n", {"newsletter.toml": NEWSLETTER + SINCE})
    said = ok("import", tmp_path / "s" / name, root=root).output
    assert re.search("^! .*was for (only_)?paid.*: it is a draft now$", said, re.MULTILINE)
    made = [one.read_text(encoding="utf-8") for one in (root / "articles").rglob("*.md")]
    assert made
    assert all("\ndraft: true\n" in one for one in made)


def test_a_post_of_ghost_that_was_an_email_and_no_page_becomes_a_draft(tmp_path: Path) -> None:
    _, said = _imported(tmp_path, "x.json", samples.ghost(status="sent").decode())
    assert len(re.findall("^! .*was sent by email only: it is a draft now$", said, re.M)) == 3


def test_the_caption_of_a_feature_picture_is_its_words_or_a_loss(tmp_path: Path) -> None:
    export = json.loads(samples.ghost(feature_image="https://x.example/a.png"))
    tables = export["db"][0]["data"]
    caption = 'By <a href="https://ann.example">Ann</a> &amp; Bo'
    tables["posts_meta"] = [
        {"post_id": one["id"], "feature_image_caption": caption, "feature_image_alt": alt}
        for one, alt in zip(tables["posts"], ("", "A couch", "By Ann & Bo"), strict=True)
    ]
    _, said = _imported(tmp_path, "x.json", json.dumps(export))
    lost = re.findall("^! .*the caption of its feature image has no place here: (.*)$", said, re.M)
    assert lost == ["'By Ann & Bo'"]


def test_relative_addresses_of_an_export_begin_at_its_site(tmp_path: Path) -> None:
    item = (
        "<item><title>{0}</title><link>/blog/{0}</link><guid>5f:{0}</guid><content:encoded>"
        '&lt;p&gt;See &lt;a href="https://www.x.example/blog/two"&gt;it&lt;/a&gt; and'
        ' &lt;a href="/book"&gt;more&lt;/a&gt;.&lt;/p&gt;</content:encoded><wp:post_id>{0}'
        "</wp:post_id><wp:post_date_gmt>2026-01-{1} 09:00:00</wp:post_date_gmt>"
        "<wp:post_name>blog/{0}</wp:post_name><wp:post_type>post</wp:post_type></item>"
    )
    export = (
        '<rss xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content='
        '"http://purl.org/rss/1.0/modules/content/"><channel><link>https://www.x.example</link>'
        f"{item.format('one', '06')}{item.format('two', 13)}</channel></rss>"
    )
    (one, _), _ = _imported(tmp_path, "x.xml", export)
    assert "See [it](02-two.md) and [more](https://www.x.example/book)." in one.body


def test_a_page_of_markdown_is_found_by_its_name_wherever_it_lies(tmp_path: Path) -> None:
    head = "---\ntitle: {}\ndate: 2026-01-0{}\n---\n"
    figure = '{{< figure src="couch.png" alt="A couch" caption="Noon" attr="By Ann" >}}'
    link = '[it]({{< relref "two.md#end" >}}) [none](same.md)'
    samples.put(tmp_path / "s", {
        "posts/one/index.md": f"{head.format('One', 6)}{link}\n\n{figure}\n".encode(),
        "posts/one/couch.png": samples.picture(),
        "posts/two.md": f"{head.format('Two', 7)}Words.\n".encode(),
        "posts/a/same.md": f"{head.format('A', 8)}Words.\n".encode(),
        "posts/b/same.md": f"{head.format('B', 9)}Words.\n".encode(),
    })  # fmt: skip
    root = write(tmp_path / "n", {"newsletter.toml": NEWSLETTER + SINCE})
    said = ok("import", tmp_path / "s", root=root).output
    body = articles(root)[0].body
    assert "[it](02-two.md#end) none" in body
    assert "! " in said
    assert '![A couch](images/one/couch.png "Noon By Ann")' in body


def test_pages_of_a_wordpress_site_are_left_out_and_counted(tmp_path: Path) -> None:
    root, source = prepared(tmp_path, "wordpress")
    assert "left out: 1 page" in ok("import", source, root=root).output


def test_a_feature_picture_that_is_remote_is_reported(tmp_path: Path) -> None:
    root, source = prepared(tmp_path, "wordpress")
    said = ok("import", source, root=root).output
    assert "its feature image https://clinic.example/couch.png is remote: --fetch-images" in said


def test_the_command_offers_every_kind_there_is() -> None:
    assert {*import_module("pipeline.commands.import").KINDS} == {*KINDS}


def test_every_kind_has_a_reader_of_its_name() -> None:
    assert all(import_module(f"pipeline.importing.readers.{kind}").read for kind in KINDS)


@pytest.mark.parametrize("kind", ["substack", "medium"])
def test_an_export_that_is_not_of_the_kind_asked_for_is_refused(tmp_path: Path, kind: str) -> None:
    root, source = prepared(tmp_path, "text")
    done = run("import", source / "zebra.txt", "--from", kind, root=root)
    assert done.exit_code == 1
    assert "this is not a" in done.output


@pytest.mark.parametrize("folder", ["articles", "texts/care"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_newsletter_of_our_own_brings_its_articles_and_nothing_else(
    tmp_path: Path, folder: str, packed: bool
) -> None:
    ok("init", tmp_path / "old")
    settings = (tmp_path / "old/newsletter.toml").read_text(encoding="utf-8")
    settings = settings.replace("[newsletter]", f'[newsletter]\narticles = "{folder}"')
    (tmp_path / "old/newsletter.toml").write_text(settings, encoding="utf-8")
    (tmp_path / "old" / folder).parent.mkdir(exist_ok=True)
    (tmp_path / "old/articles").rename(tmp_path / "old" / folder)
    ok("build", root=tmp_path / "old")
    ok("export", "--as", "markdown", root=tmp_path / "old")
    source = tmp_path / "old"
    if packed:
        files = {f"old/{path}": content for path, content in snapshot(source).items()}
        source = tmp_path / "old.zip"
        source.write_bytes(samples.zipped(files))
    root = write(tmp_path / "new", {"newsletter.toml": NEWSLETTER + SINCE})
    made = json.loads(ok("import", source, "--format", "json", root=root).stdout)
    assert [one["title"] for one in made["articles"]] == ["The first part"]


@pytest.mark.parametrize(
    ("settings", "post", "beside"),
    [
        ("_config.yml", "_posts/one.md", ["_layouts/a.html", "_site/one.html", "Gemfile"]),
        ("hugo.toml", "content/one.md", ["archetypes/a.md", "layouts/a.html", "public/1.html"]),
        ("pelicanconf.py", "content/one.md", ["output/one.html", "themes/a/b.html"]),
        ("eleventy.config.js", "posts/one.md", ["_includes/a.html", "_site/one.html"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("home", ["", "site/"])
def test_a_whole_folder_of_another_program_brings_its_articles_and_nothing_else(
    tmp_path: Path, settings: str, post: str, beside: list[str], home: str
) -> None:
    files = {f"{home}{path}": b"<p>{{ content }}</p>" for path in beside}
    files |= {f"{home}{settings}": b"x = 1\n"}
    files |= {f"{home}{post}": b"---\ntitle: One\ndate: 2026-01-06\n---\nWords.\n"}
    samples.put(tmp_path / "s", files)
    root = write(tmp_path / "n", {"newsletter.toml": NEWSLETTER + SINCE})
    made = json.loads(ok("import", tmp_path / "s", "--format", "json", root=root).stdout)
    assert [one["title"] for one in made["articles"]] == ["One"]
    (said,) = (one["message"] for one in made["notes"] if "left out" in one["message"])
    assert all(f"{home}{path.partition('/')[0]}" in said for path in beside)


RSS = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
    "<title>T</title><link>https://x.example/</link><item><title>{title}</title>"
    "<link>https://x.example/one/</link><pubDate>Tue, 06 Jan 2026 09:00:00 GMT</pubDate>"
    "<description>{description}</description>"
    "<content:encoded>&lt;p&gt;Some words.&lt;/p&gt;</content:encoded>{more}</item></channel></rss>"
)
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><id>urn:x:0</id>'
    "<updated>2026-01-06T09:00:00Z</updated><entry><title>{title}</title><id>urn:x:1</id>"
    '<link href="https://x.example/one/"/>{more}<updated>2026-01-06T09:00:00Z</updated>'
    '<content type="text">{words}</content></entry></feed>'
)


def test_a_description_that_is_neither_summary_nor_text_is_a_loss(tmp_path: Path) -> None:
    long = " ".join(["Elephants"] * 60)
    feed = RSS.format(title="One", description=long, more="")
    _, said = _imported(tmp_path, "x.xml", feed)
    assert "! " in said
    assert "its description is too long for a summary: 'Elephants Elephants" in said


@pytest.mark.parametrize(
    ("name", "feed"),
    [
        ("x.xml", RSS.format(title="One", description="", more=
            '<enclosure url="https://x.example/1.mp3?a&amp;b" type="audio/mpeg" length="1"/>')),
        ("x.xml", ATOM.format(title="One", words="Some words.", more=
            '<link rel="enclosure" href="https://x.example/1.mp3?a&amp;b" type="audio/mpeg"/>')),
        ("x.json", json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [
            {"id": "urn:x:1", "title": "One", "content_html": "<p>Some words.</p>",
             "date_published": "2026-01-06T09:00:00Z",
             "attachments": [{"url": "https://x.example/1.mp3?a&b", "mime_type": "audio/mpeg"}]},
        ]})),
    ],
)  # fmt: skip
def test_a_recording_that_comes_with_an_entry_becomes_a_link(
    tmp_path: Path, name: str, feed: str
) -> None:
    (one,), _ = _imported(tmp_path, name, feed)
    url = "https://x.example/1.mp3?a&b"
    assert one.body == f"\nSome words.\n\n[{url}]({url})\n"


@pytest.mark.parametrize(
    ("feed", "title"),
    [
        (RSS.format(title="A&lt;Int&gt; &lt;b&gt;Q&amp;amp;A&lt;/b&gt;", description="", more=""),
         "A<Int> Q&A"),
        (ATOM.format(title="How &lt;b&gt; works", words="Words.", more=""), "How <b> works"),
        (ATOM.replace("<title>{", '<title type="html">{').format(
            title="A &lt;em&gt;fine&lt;/em&gt; needle", words="Words.", more=""), "A fine needle"),
    ],
)  # fmt: skip
def test_a_title_in_a_feed_keeps_what_only_looks_like_a_tag(
    tmp_path: Path, feed: str, title: str
) -> None:
    (one,), _ = _imported(tmp_path, "x.xml", feed)
    assert one.fields["title"].value == title


def test_a_text_that_says_it_is_no_html_is_none(tmp_path: Path) -> None:
    feed = ATOM.format(title="One", words="If a &lt;b&gt; c\nthen d", more="")
    (one,), _ = _imported(tmp_path, "x.xml", feed)
    assert one.body == "\nIf a \\<b> c\n\nthen d\n"
    assert "summary" not in one.fields


def test_a_feed_of_our_own_comes_back_as_the_same_series(tmp_path: Path) -> None:
    root, source = prepared(tmp_path / "first", "html")
    ok("import", source, root=root)
    ok("build", "--as-of", "2026-03-01", root=root)
    for name in ("feed.xml", "atom.xml", "feed.json"):
        other = write(tmp_path / name, {"newsletter.toml": NEWSLETTER})
        said = ok("import", root / "output/series/pages" / name, root=other).output
        assert "did not come along" not in said
        for mine, its in zip(articles(root), articles(other), strict=True):
            for key in ("title", "id", "part", "date", "slug"):
                assert its.fields[key].value == mine.fields[key].value, name
            assert "| One | 6" in its.body or "| One | 6" not in mine.body


def test_articles_of_our_own_come_in_with_all_their_front_matter(tmp_path: Path) -> None:
    root, source = prepared(tmp_path / "first", "wordpress")
    ok("import", source, "--series", "care", root=root)
    other = write(tmp_path / "other", {"newsletter.toml": NEWSLETTER})
    said = ok("import", root / "articles", root=other).output
    assert "\n! " not in said
    for mine, its in zip(articles(root), articles(other), strict=True):
        assert its.body == mine.body
        for key in {*mine.fields} - {"imported_from"}:
            assert its.fields[key].value == mine.fields[key].value


def test_an_export_comes_back_and_knows_what_it_was_imported_from(tmp_path: Path) -> None:
    root, source = prepared(tmp_path / "first", "html")
    ok("import", source, root=root)
    ok("export", "--as", "markdown", "--into", tmp_path / "out", "--as-of", "2026-03-01", root=root)
    (copy,) = {one.parent for one in (tmp_path / "out").rglob("newsletter.toml")}
    assert "0 articles, 0 files written." in ok("import", source, root=copy).output
    other = write(tmp_path / "other", {"newsletter.toml": NEWSLETTER})
    ok("import", copy / "articles", root=other)
    for mine, its in zip(articles(root), articles(other), strict=True):
        assert its.fields["id"].value == mine.fields["id"].value
        assert its.fields["part"].value == mine.fields["part"].value
