"""What programs write their own way: WordPress's editors, template tags, dates, encodings."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from folders import NEWSLETTER, ok, write

from importing import samples
from pipeline.importing.moments import Moment, moment, utc
from pipeline.importing.readers import templatetags, wordpress

SINCE = "\n[schedule]\nstart = 2026-01-06\n"


def imported(tmp_path: Path, name: str, content: bytes) -> tuple[str, str]:
    """The only article's text, and the report."""
    samples.put(tmp_path / "s", {name: content})
    root = write(tmp_path / "n", {"newsletter.toml": NEWSLETTER + SINCE})
    said = ok("import", tmp_path / "s" / name, root=root).output
    (file,) = (root / "articles").glob("*.md")
    return file.read_text(encoding="utf-8"), said


def post(content: str, more: str = "") -> bytes:
    export = samples.wxr().decode()
    head, _, rest = export.partition("<item>")
    tail = rest.rpartition("</item>")[2]
    return (
        f"{head}<item><title>T</title><guid>https://x.example/?p=1</guid>"
        f"<content:encoded><![CDATA[{content}]]></content:encoded><wp:post_id>1</wp:post_id>"
        f"<wp:post_type>post</wp:post_type>{more}</item>{tail}"
    ).encode()


# WordPress.


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("One\nline\n\nTwo", "One\\\nline\n\nTwo\n"),
        ("One\r\n\r\nTwo", "One\n\nTwo\n"),
        ("<h2>H</h2>\nOne\n<ul>\n<li>a</li>\n</ul>\nTwo", "## H\n\nOne\n\n- a\n\nTwo\n"),
        ("A\n\n<pre>x\n\n\ny</pre>\n\nB", "A\n\n```\nx\n\n\ny\n```\n\nB\n"),
        ("<!-- wp:paragraph -->\n<p>One</p>\n<!-- /wp:paragraph -->", "One\n"),
        ("One<!--more-->\n\nTwo", "One\n\nTwo\n"),
        (
            '[caption id="a" width="9"]<img src="https://x.example/a.png" alt="A"> Said[/caption]',
            '![A](https://x.example/a.png "Said")\n',
        ),
        ('[sourcecode language="php"]if (a<b) {}[/sourcecode]', "```php\nif (a<b) {}\n```\n"),
        ("[embed]https://x.example/v[/embed]", "[https://x.example/v](https://x.example/v)\n"),
        (
            "One\n\nTwo\n\n[embed]https://x.example/v[/embed]\n\nThree\n\nFour",
            "One\n\nTwo\n\n[https://x.example/v](https://x.example/v)\n\nThree\n\nFour\n",
        ),
        (
            'One\n\nTwo\n<p style="text-align: center">Mid</p>\nThree\n\nFour',
            "One\n\nTwo\n\nMid\n\nThree\n\nFour\n",
        ),
        ("<p>One\nline</p>\n<p>Two</p>", "One line\n\nTwo\n"),
    ],
)
def test_both_editors_texts_are_read_as_they_were_shown(
    tmp_path: Path, html: str, markdown: str
) -> None:
    text, _ = imported(tmp_path, "x.xml", post(html))
    assert text.partition("---\n\n")[2] == markdown


FOOT = (
    "<!-- wp:paragraph -->\n"
    '<p>One<sup data-fn="u1" class="fn"><a href="#u1" id="u1-link">1</a></sup></p>'
    "\n<!-- /wp:paragraph -->\n\n<!-- wp:footnotes /-->"
)
NOTES = (
    "<wp:postmeta><wp:meta_key>footnotes</wp:meta_key><wp:meta_value><![CDATA[{}]]></wp:meta_value>"
    "</wp:postmeta>"
)


@pytest.mark.parametrize("content", [FOOT, FOOT.replace("<!-- wp:footnotes /-->", "")])
def test_the_footnotes_that_wordpress_keeps_beside_a_post_come_along(
    tmp_path: Path, content: str
) -> None:
    said = '[{"content":"A <em>small<\\/em> note","id":"u1"}]'
    text, _ = imported(tmp_path, "x.xml", post(content, NOTES.format(said)))
    assert text.partition("---\n\n")[2] == "One[^1]\n\n[^1]: A *small* note\n"


@pytest.mark.parametrize("said", ["[{", '{"id": 1}', '["a"]', '[{"content": "x"}]'])
def test_footnotes_that_can_not_be_read_are_said_to_be_lost(tmp_path: Path, said: str) -> None:
    text, report = imported(tmp_path, "x.xml", post(FOOT, NOTES.format(said)))
    assert "One" in text
    assert re.search(r"^! .*#1: its footnotes can't be read$", report, re.MULTILINE)


def test_a_slug_in_letters_of_another_script_is_read_from_its_percent_signs(tmp_path: Path) -> None:
    name = "<wp:post_name>%e7%9d%a1%e7%9c%a0-2</wp:post_name>"
    text, said = imported(tmp_path, "x.xml", post("One", name))
    assert 'slug: "睡眠-2"\n' in text
    assert "its slug is" not in said


@pytest.mark.parametrize(
    "line", ["draft: yes", "draft: 'True'", "draft: on", "published: no", "published: Off"]
)
def test_a_draft_in_any_spelling_of_yaml_stays_one(tmp_path: Path, line: str) -> None:
    text, _ = imported(tmp_path, "x.md", f"---\ntitle: T\n{line}\n---\nText\n".encode())
    assert "draft: true" in text


@pytest.mark.parametrize(
    "line", ["status: private", "status: pending", "status: skip", "private: true", "password: x"]
)
def test_a_page_that_not_everybody_was_to_see_becomes_a_draft(tmp_path: Path, line: str) -> None:
    text, _ = imported(tmp_path, "x.md", f"---\ntitle: T\n{line}\n---\nText\n".encode())
    assert "draft: true" in text


def test_what_is_no_draft_becomes_none(tmp_path: Path) -> None:
    text, _ = imported(tmp_path, "x.md", b"---\ntitle: T\ndraft: no\npublished: yes\n---\nText\n")
    assert "draft" not in text


DATED = (
    '<rss version="2.0"><channel><title>C</title><item><title>T</title>'
    "<description><![CDATA[<p>One</p>]]></description><pubDate>{}</pubDate></item></channel></rss>"
)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.md", "---\ntitle: T\ndate: {}\n---\nText\n"),
        ("x.xml", DATED),
        ("x.json", '{{"version": "https://jsonfeed.org/version/1.1", "items": [{{"id": "u:1",'
         ' "title": "T", "content_text": "One", "date_published": "{}"}}]}}'),
    ],
)  # fmt: skip
def test_a_date_that_can_not_be_read_is_said_to_be_lost(
    tmp_path: Path, name: str, content: str
) -> None:
    made = content.format("5. Januar 2020").encode()
    text, said = imported(tmp_path, name, made)
    assert "date:" not in text
    assert re.search(r"^! .*: its date can't be read: '5. Januar 2020'$", said, re.MULTILINE)


def test_a_date_of_a_feed_in_another_form_is_read(tmp_path: Path) -> None:
    text, said = imported(tmp_path, "x.xml", DATED.format("March 5, 2020").encode())
    assert "date: 2020-03-05\n" in text
    assert "can't be read" not in said


def test_what_a_post_loses_is_said(tmp_path: Path) -> None:
    more = (
        "<wp:status>publish</wp:status><wp:post_password>pw</wp:post_password>"
        "<wp:comment><wp:comment_id>1</wp:comment_id></wp:comment>"
    )
    text, said = imported(tmp_path, "x.xml", post('A [gallery ids="1,2"] B', more))
    assert "shortcodes that only their plugins know stand as typed: [gallery]" in said
    assert "was protected by a password: it is a draft now" in said
    assert "left out: 1 comments" in said
    assert "draft: true" in text
    assert '[gallery ids="1,2"]' in text.replace("\\", "")


def test_paragraphs_that_are_there_are_left_alone_and_those_beside_them_made() -> None:
    made = wordpress.paragraphs("<p>One\nline</p>\n\nTwo")
    assert made.strip() == "<p>One\nline</p>\n<p>Two</p>"


# Template tags.


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("{% highlight ruby linenos %}\nx\n{% endhighlight %}", "```ruby\nx\n```"),
        ('{{< highlight go "linenos=1" >}}\nx\n{{< /highlight >}}', "```go\nx\n```"),
        ('{{< figure src="a.png" alt="A" caption="Said" >}}', '![A](a.png "Said")'),
        ('{{< figure src="a.png" link="b" >}}', "[![](a.png)](b)"),
        ('{{< figure src="a b.png" link="c d" >}}', "[![](<a b.png>)](<c d>)"),
        (r'{{< figure src="a.png" alt="A \"[b\"" >}}', r'![A "\[b"](a.png)'),
        ("{{< youtube abc >}}", "<https://www.youtube.com/watch?v=abc>"),
        ("{% vimeo 7 %}", "<https://vimeo.com/7>"),
        ('[w]({{< ref "two.md" >}})', "[w](two.md)"),
        ("[w]({% post_url 2026-01-06-two %})", "[w](2026-01-06-two.md)"),
        ('![A]({{ "/a.png" | relative_url }})', "![A](/a.png)"),
        ("![A]({{ site.baseurl }}/a.png)", "![A](/a.png)"),
        ("![A]({static}/a.png)", "![A](/a.png)"),
        ("One\n\n<!--more-->\n\nTwo", "One\n\n\nTwo"),
        ("```\n{% raw %}{{ x }}{% endraw %}\n```", "```\n{% raw %}{{ x }}{% endraw %}\n```"),
        ("Write `{: .big}` below it.", "Write `{: .big}` below it."),
        ("Write `{{ site.baseurl }}` there.", "Write `{{ site.baseurl }}` there."),
        ("Use `{% raw %}{{ site.url }}{% endraw %}`.", "Use `{{ site.url }}`."),
        ("Say `{{< youtube abc >}}` or `({static}/a)`.",) * 2,
        (
            '{{< figure src="a.png" alt="A" title="Noon" caption="A couch" >}}',
            '![A](a.png "Noon A couch")',
        ),
    ],
)
def test_a_template_tag_becomes_what_it_means(theirs: str, ours: str) -> None:
    assert templatetags.plain(theirs, "x.md") == (f"{ours}\n", ())


def test_tags_that_only_their_program_knows_are_named() -> None:
    body, notes = templatetags.plain("A {: .big}\n\n{% include a.html %} {{< chart >}}\n", "x.md")
    assert body == "A\n\n{% include a.html %} {{< chart >}}\n"
    assert [one.message for one in notes] == [
        "attributes in {: } were taken out",
        "template tags stand as typed: `include`, `chart`",
    ]
    assert all(one.loss for one in notes)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "/about/", "ann.example"])
def test_an_author_keeps_the_name_where_the_address_leads_nowhere(tmp_path: Path, url: str) -> None:
    page = f"---\ntitle: T\ndate: 2026-01-01\nauthor: {{name: Ann, url: '{url}'}}\n---\nText.\n"
    made, _ = imported(tmp_path, "a.md", page.encode())
    assert "authors: [Ann]\n" in made


def test_front_matter_without_a_place_is_named(tmp_path: Path) -> None:
    head = "---\ntitle: T\nlayout: post\nmood: calm\nlang: de\ncanonical_url: https://x.example/\n---\n"
    text, said = imported(tmp_path, "x.md", f"{head}A.\n".encode())
    assert "front matter that has no place here: `mood`" in said
    assert "lang: de\ncanonical_url: https://x.example/\n" in text


# Dates and encodings.


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-01-06", date(2026, 1, 6)),
        ("2026-01-06T09:00:00Z", datetime(2026, 1, 6, 9, tzinfo=UTC)),
        ("2026-01-06T09:00:00.000Z", datetime(2026, 1, 6, 9, tzinfo=UTC)),
        ("2026-01-06 09:00:00 +0100", datetime(2026, 1, 6, 9, tzinfo=timezone(timedelta(hours=1)))),
        ("2026-01-06 09:00 UTC", datetime(2026, 1, 6, 9, tzinfo=UTC)),
        ("Tue, 06 Jan 2026 09:00:00 GMT", datetime(2026, 1, 6, 9, tzinfo=UTC)),
        ("January 6, 2026", date(2026, 1, 6)),
        ("6 Jan 2026", date(2026, 1, 6)),
        (1_767_690_000_000, datetime(2026, 1, 6, 9, tzinfo=UTC)),
        ("0000-00-00 00:00:00", None),
        ("soon", None),
        ("", None),
        (None, None),
        (True, None),
        (1e30, None),
    ],
)
def test_a_date_is_read_however_it_was_written(said: object, meant: Moment | None) -> None:
    assert moment(said) == meant


def test_a_moment_in_utc_needs_no_zone() -> None:
    assert utc("2026-01-06 09:00:00") == datetime(2026, 1, 6, 9, tzinfo=UTC)
    assert utc("2026-01-06") is None


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", "iso-8859-1"), ("cp1252", "utf-8"), ("cp1252", "iso-8859-1"), ("koi8-r", "koi8-r"),
     ("utf-16", "utf-8"), ("cp1252", "nonsense")],
)  # fmt: skip
def test_a_page_is_read_in_its_true_encoding_whatever_it_declares(
    tmp_path: Path, encoding: str, declared: str
) -> None:
    words = "Боль и сон" if encoding == "koi8-r" else "Café – “naïve”"
    html = f"<html><head><meta charset={declared}></head><body><h1>T</h1><p>{words}</p>"
    text, _ = imported(tmp_path, "x.html", html.encode(encoding))
    assert words in text
