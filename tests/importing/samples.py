"""One small series of three parts, as each kind of source has it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from PIL import Image

TITLES = ("Needles and Nerves", "Sleep & the Second Week", "What “better” means")
SLUGS = ("needles-and-nerves", "sleep-second-week", "what-better-means")
DATES = ("2026-01-06T09:00:00+00:00", "2026-01-13T09:00:00+00:00", "2026-01-20T09:00:00+00:00")


def picture(colour: str = "green") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 3), colour).save(out, "PNG")
    return out.getvalue()


BODIES = (
    "<p>A <strong>fine</strong> needle, *not* a thick one; see <code>x = a_b</code>.</p>"
    "<h2>What happens</h2><ul><li>rest</li><li>breath<ul><li>in</li><li>out</li></ul></li></ul>"
    '<figure><img src="{img}" alt="A couch"><figcaption>The couch at noon</figcaption></figure>'
    '<p>A note<sup><a href="#fn1" id="ref1">1</a></sup> on nerves.</p>'
    '<ol class="footnotes"><li id="fn1"><p>Sparse studies. <a href="#ref1">↩</a></p></li></ol>',
    "<table><thead><tr><th>Night</th><th>Hours</th></tr></thead>"
    "<tbody><tr><td>One</td><td>6 | 7</td></tr></tbody></table>"
    '<pre><code class="language-python">def sleep():\n    return "``` deep"\n</code></pre>'
    '<iframe src="https://www.youtube.com/embed/abc123" title="A short film"></iframe>'
    "<blockquote><p>Rest, he said.</p></blockquote>",
    "<p>1. is no list, # is no heading and <b>bold:</b>text stays whole.</p>"
    "<ol start=3><li>third</li><li>fourth</li></ol><p>Café, naïve, 東京, قلب.</p>",
)
"""HTML of each part; `{img}` is where its picture is."""


def body(at: int, img: str = "couch.png") -> str:
    return BODIES[at].replace("{img}", img)


def text_files() -> dict[str, bytes]:
    """What a site builder's pages look like when they are copied, chained by their ends only."""
    ends = []
    for at in range(3):
        before = f"Previous\nPrevious\n\n{TITLES[at - 1]}\n" if at else ""
        after = f"Next\nNext\n\n{TITLES[at + 1]}\n" if at < 2 else ""
        ends.append(before + after)
    bodies = (
        "A fine needle, *not* a thick one.\nWhat happens\nYou rest.\n"
        "1. Calm: an hour alone\n2. Sleep: some doze off\n",
        "\nThe second week is slow.\n\n• rest\n• breathe\n\nWhat to expect\n\nLittle, at first.\n",
        "Better is a word with # and _marks_ in it.\n",
    )
    names = ("zebra.txt", "apple.txt", "mango.txt")  # their names say nothing of the order
    return {
        name: f"{title}\n{words}\n{end}".encode()
        for name, title, words, end in zip(names, TITLES, bodies, ends, strict=True)
    }


def page(at: int, *, dated: bool = True) -> str:
    """A saved page with all that stands around a text."""
    halves = ""
    for step, way, label in ((-1, "prev", "Previous"), (1, "next", "Next")):
        if 0 <= at + step < 3:
            halves += (
                f'<a href="page-{"abc"[at + step]}.html" class="item-pagination-link--{way}">'
                f'<div class="visually-hidden">{label}</div><div aria-hidden="true">{label}</div>'
                f'<h2 class="item-pagination-title">{escape(TITLES[at + step])}</h2></a>'
            )
    meta = f'<meta property="article:published_time" content="{DATES[at]}">' if dated else ""
    return (
        f"<!doctype html><html lang=en-GB><head><title>{escape(TITLES[at])} | Clinic</title>"
        f'<meta property="og:site_name" content="Clinic">{meta}<script>steal()</script></head>'
        "<body>"
        "<header><nav><a href=/>Home</a> <a href=/blog>Blog</a></nav></header><main>"
        f"<article><h1>{escape(TITLES[at])}</h1><div class=share-buttons>Tweet this</div>{body(at)}"
        f"</article><section class=item-pagination>{halves}</section></main>"
        "<div id=cookie-banner>We use cookies <button>Accept</button></div>"
        "<footer>© Clinic</footer></body></html>"
    )


def html_files(*, dated: bool = True) -> dict[str, bytes]:
    return {f"page-{'abc'[at]}.html": page(at, dated=dated).encode() for at in range(3)} | {
        "couch.png": picture()
    }


def wxr(extra: str = "", guid: str = "https://clinic.example/?p=") -> bytes:
    """A WordPress export; newest first, with a page, an attachment and a draft."""
    items = []
    for at in (2, 1, 0):
        day = DATES[at][:10]
        thumb = (
            "<wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key>"
            "<wp:meta_value>90</wp:meta_value></wp:postmeta>"
        )
        items.append(
            f"<item><title>{escape(TITLES[at])}</title>"
            f"<link>https://clinic.example/{day}/{SLUGS[at]}/</link>"
            f"<guid isPermaLink='false'>{guid}{at + 1}</guid><dc:creator>ann</dc:creator>"
            f"<content:encoded><![CDATA[{body(at, 'https://clinic.example/couch.png')}]]>"
            "</content:encoded><excerpt:encoded><![CDATA[In short]]></excerpt:encoded>"
            f"<wp:post_id>{at + 1}</wp:post_id><wp:post_date>{day} 10:00:00</wp:post_date>"
            f"<wp:post_date_gmt>{day} 09:00:00</wp:post_date_gmt>"
            f"<wp:post_modified_gmt>{day} 11:00:00</wp:post_modified_gmt>"
            f"<wp:post_name>{SLUGS[at]}</wp:post_name><wp:status>publish</wp:status>"
            "<wp:post_type>post</wp:post_type>"
            '<category domain="post_tag" nicename="care"><![CDATA[Care, plainly]]></category>'
            f"{thumb if at == 0 else ''}</item>"
        )
    other = (
        "<item><title>About</title><wp:post_type>page</wp:post_type><wp:status>publish</wp:status>"
        "<wp:post_id>80</wp:post_id></item><item><title>couch</title><wp:post_id>90</wp:post_id>"
        "<wp:post_type>attachment</wp:post_type>"
        "<wp:attachment_url>https://clinic.example/couch.png</wp:attachment_url></item>"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"'
        ' xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Clinic</title>'
        "<wp:author><wp:author_login>ann</wp:author_login>"
        "<wp:author_display_name>Ann Lee</wp:author_display_name></wp:author>"
        f"{''.join(items)}{other}{extra}</channel></rss>"
    ).encode()


def ghost(**changes: Any) -> bytes:
    posts = [
        {
            "id": f"5f1b2c3d4e5f60718293a4b{at}",
            "uuid": f"00000000-0000-4000-8000-00000000000{at}",
            "title": TITLES[at],
            "slug": SLUGS[at],
            "html": body(at, "__GHOST_URL__/content/images/couch.png"),
            "status": "published",
            "type": "post",
            "visibility": "public",
            "published_at": DATES[at].replace("+00:00", ".000Z"),
            "updated_at": DATES[at].replace("T09", "T10").replace("+00:00", ".000Z"),
            "custom_excerpt": "In short",
            **changes,
        }
        for at in (1, 0, 2)
    ]
    data = {
        "posts": posts,
        "users": [{"id": "1", "name": "Ann Lee", "website": "https://ann.example/"}],
        "tags": [{"id": "7", "name": "Care"}, {"id": "8", "name": "#internal"}],
        "posts_authors": [{"post_id": one["id"], "author_id": "1"} for one in posts],
        "posts_tags": [{"post_id": one["id"], "tag_id": tag} for one in posts for tag in "87"],
        "posts_meta": [],
    }
    return json.dumps({"db": [{"meta": {"version": "5.0"}, "data": data}]}).encode()


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def ghost_zip() -> bytes:
    return zipped({"clinic.ghost.json": ghost(), "content/images/couch.png": picture()})


def substack() -> bytes:
    rows = ["post_id,post_date,is_published,email_sent_at,type,audience,title,subtitle,podcast_url"]
    rows += [
        f"{100 + at}.{SLUGS[at]},{DATES[at].replace('+00:00', '.000Z')},true,,newsletter,everyone,"
        f'"{TITLES[at]}",In short,'
        for at in (2, 0, 1)
    ]
    rows.append("200.unfinished,2026-02-01T09:00:00.000Z,false,,newsletter,everyone,Unfinished,,")
    pages = {
        f"posts/{100 + at}.{SLUGS[at]}.html": body(at, "couch.png").encode() for at in range(3)
    }
    return zipped(
        pages
        | {
            "posts.csv": "\n".join(rows).encode(),
            "posts/200.unfinished.html": b"<p>Later.</p>",
            "posts/couch.png": picture(),
            "email_list.csv": b"email\n",
        }
    )


def medium() -> bytes:
    files = {"README.html": b"<html><body>Your data</body></html>"}
    for at in range(3):
        key = f"{at + 1}0a1b2c3d4e5"
        files[f"posts/{DATES[at][:10]}_{SLUGS[at]}-{key}.html"] = (
            f"<!DOCTYPE html><html><head><title>{escape(TITLES[at])}</title></head><body>"
            '<article class="h-entry"><header>'
            f'<h1 class="p-name">{escape(TITLES[at])}</h1></header>'
            '<section data-field="subtitle" class="p-summary">In short</section>'
            '<section data-field="body" class="e-content"><section><div><hr></div>'
            f'<h3 class="graf--title">{escape(TITLES[at])}</h3>'
            f"{body(at, 'https://cdn.medium.example/couch.png')}</section></section>"
            '<footer><p>By <a href="https://medium.com/@ann" class="p-author h-card">Ann Lee</a> on'
            f' <a href="https://medium.com/p/{key}"><time class="dt-published"'
            f' datetime="{DATES[at].replace("+00:00", ".000Z")}">January</time></a>.</p><p>'
            f'<a href="https://medium.com/@ann/{SLUGS[at]}-{key}" class="p-canonical">Canonical'
            "</a></p></footer></article></body></html>"
        ).encode()
    return zipped(files)


def rss(guid: str = "https://clinic.example/?p=") -> bytes:
    items = "".join(
        f"<item><title>{escape(TITLES[at])}</title><guid isPermaLink='false'>{guid}{at}</guid>"
        f"<link>https://clinic.example/{SLUGS[at]}/</link>"
        f"<pubDate>{('Tue, 06', 'Tue, 13', 'Tue, 20')[at]} Jan 2026 09:00:00 GMT</pubDate>"
        f"<dc:creator>Ann Lee</dc:creator><category>Care</category>"
        f"<description>In short</description><content:encoded><![CDATA["
        f"{body(at, 'https://clinic.example/couch.png')}]]></content:encoded></item>"
        for at in (2, 1, 0)
    )
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Clinic</title>'
        f"<link>https://clinic.example/</link><description>x</description>{items}</channel></rss>"
    ).encode()


def atom() -> bytes:
    entries = "".join(
        f"<entry><title>{escape(TITLES[at])}</title><id>tag:clinic.example,2026:{at}</id>"
        f'<link href="https://clinic.example/{SLUGS[at]}/"/><published>{DATES[at]}</published>'
        f"<updated>{DATES[at]}</updated><author><name>Ann Lee</name></author>"
        "<category term='Care'/>"
        f'<content type="html">{escape(body(at, "https://clinic.example/couch.png"))}</content>'
        "</entry>"
        for at in (2, 1, 0)
    )
    return (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Clinic</title>'
        f"<id>tag:clinic.example,2026:feed</id><updated>{DATES[2]}</updated>{entries}</feed>"
    ).encode()


def json_feed() -> bytes:
    items = [
        {
            "id": f"tag:clinic.example,2026:{at}",
            "url": f"https://clinic.example/{SLUGS[at]}/",
            "title": TITLES[at],
            "content_html": body(at, "https://clinic.example/couch.png"),
            "date_published": DATES[at],
            "authors": [{"name": "Ann Lee"}],
            "tags": ["Care"],
        }
        for at in (2, 1, 0)
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Clinic", "items": items}
    return json.dumps(feed).encode()


MARKDOWN = (
    "A **fine** needle, \\*not\\* a thick one.\n\n![A couch](couch.png)\n\nSee [two][b].\n\n"
    "[b]: {b}\n",
    "| Night | Hours |\n|---|---|\n| One | 6 |\n\n```python\nprint('![no](link.png)')\n```\n",
    "Better[^1] is a word.\n\n[^1]: A note.\n",
)


def jekyll() -> dict[str, bytes]:
    files = {
        "_posts/couch.png": picture(),
        "_config.yml": b"title: Clinic\n",
        "README.md": b"# Clinic\n",
    }
    for at in range(3):
        words = MARKDOWN[at].replace("{b}", "{% post_url 2026-01-13-sleep-second-week %}")
        files[f"_posts/{DATES[at][:10]}-{SLUGS[at]}.md"] = (
            f"---\nlayout: post\ntitle: {json.dumps(TITLES[at])}\nauthor: Ann Lee\n"
            f"date: {DATES[at][:10]} 09:00:00 +0000\ntags: [care]\ncategories: health\n---\n{words}"
        ).encode()
    return files


def hugo() -> dict[str, bytes]:
    files = {}
    for at in range(3):
        folder = f"content/posts/{SLUGS[at]}"
        words = MARKDOWN[at].replace("{b}", f"../{SLUGS[1]}/index.md")
        files[f"{folder}/index.md"] = (
            f"+++\ntitle = {json.dumps(TITLES[at])}\nweight = {10 * (at + 1)}\ndraft = false\n"
            f'date = {DATES[at]}\ntags = ["care"]\nseries = ["Care Plainly"]\n+++\n{words}'
        ).encode()
    files[f"content/posts/{SLUGS[0]}/couch.png"] = picture()
    files["content/posts/_index.md"] = b"+++\ntitle = 'Posts'\n+++\n"
    return files


def pelican() -> dict[str, bytes]:
    files = {"images/couch.png": picture()}
    for at in range(3):
        words = MARKDOWN[at].replace("{b}", "{filename}sleep-second-week.md")
        words = words.replace("](couch.png", "]({static}/images/couch.png")
        files[f"{SLUGS[at]}.md"] = (
            f"Title: {TITLES[at]}\nDate: {DATES[at][:10]} 09:00\nAuthors: Ann Lee; Bob Ray\n"
            f"Tags: care, health\nSlug: {SLUGS[at]}\nSummary: In short\n\n{words}"
        ).encode()
    return files


def eleventy() -> dict[str, bytes]:
    files = {"couch.png": picture()}
    for at in range(3):
        words = MARKDOWN[at].replace("{b}", f"{SLUGS[1]}.md")
        head = {"title": TITLES[at], "date": DATES[at], "tags": ["posts", "care"]}
        files[f"{SLUGS[at]}.md"] = f"---json\n{json.dumps(head)}\n---\n{words}".encode()
    return files


def buttondown() -> dict[str, bytes]:
    files = {"couch.png": picture()}
    for at in range(3):
        words = MARKDOWN[at].replace("{b}", f"{SLUGS[1]}.md")
        files[f"{SLUGS[at]}.md"] = (
            f"---\nid: em_{at}\nsubject: {json.dumps(TITLES[at])}\nstatus: sent\n"
            f"publish_date: {DATES[at]}\nslug: {SLUGS[at]}\n---\n"
            f"<!-- buttondown-editor-mode: plaintext -->\n{words}"
        ).encode()
    return files


def docx(title: str, paragraphs: list[tuple[str, str]], pictures: bool = False) -> bytes:
    """A document as a word processor saves it: (style, text) by paragraph."""
    space = (
        'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
        ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
        ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
        ' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
    )
    rows = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t xml:space="preserve">'
        f"{escape(words)}</w:t></w:r></w:p>"
        for style, words in [("Title", title), *paragraphs]
    )
    if pictures:
        rows += (
            '<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="p" descr="A couch"/>'
            "<a:graphic><a:graphicData><pic:pic><pic:blipFill>"
            '<a:blip r:embed="rId5"/></pic:blipFill></pic:pic></a:graphicData></a:graphic>'
            "</wp:inline></w:drawing></w:r></w:p>"
        )
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
        for key, name in (("Title", "Title"), ("Heading1", "heading 1"), ("Normal", "Normal"))
    )
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rels = "http://schemas.openxmlformats.org/package/2006/relationships"
    return zipped(
        {
            "[Content_Types].xml": b'<?xml version="1.0"?><Types xmlns="http://schemas.openxml'
            b'formats.org/package/2006/content-types"><Default Extension="xml" ContentType='
            b'"application/xml"/><Default Extension="png" ContentType="image/png"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{rels}"><Relationship Id="rId1"'
            f' Type="{kinds}/officeDocument" Target="word/document.xml"/></Relationships>'.encode(),
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{rels}"><Relationship'
            f' Id="rId4" Type="{kinds}/styles" Target="styles.xml"/><Relationship Id="rId5"'
            f' Type="{kinds}/image" Target="media/image1.png"/></Relationships>'.encode(),
            "word/document.xml": (
                f"<w:document {space}><w:body>{rows}</w:body></w:document>".encode()
            ),
            "word/styles.xml": f"<w:styles {space}>{styles}</w:styles>".encode(),
            "word/media/image1.png": picture(),
            "docProps/core.xml": b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/'
            b'package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            b"<dc:creator>Ann Lee</dc:creator></cp:coreProperties>",
        }
    )


def docx_files() -> dict[str, bytes]:
    files = {}
    for at in range(3):
        paragraphs = [
            ("Normal", f"Text of part {at + 1}, with * and # in it."),
            ("Heading1", "A heading"),
            ("Normal", "More text."),
        ]
        files[f"{at + 1:02d}-{SLUGS[at]}.docx"] = docx(TITLES[at], paragraphs, pictures=at == 0)
    return files


def put(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder
