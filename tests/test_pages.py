from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element, fromstring

import archives
import html5lib
import pytest
from archives import EVERYTHING, SETTINGS, URL, WEEKLY, article, part, rendered, write
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import pages, text
from pipeline.errors import PartworkError

HOSTILE = (
    "</title></script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)> ' & &amp; &lt;b&gt;",
    "{{ 7 * 7 }} {% raise %} {# no #} ]]> <![CDATA[ --> <!-- *|FNAME|* [[x]]",
    "مرحبا 👩‍⚕️ שלום end",
    "long " * 140,
)
FEEDS = {"feed.xml", "atom.xml", "feed.json", "feeds.opml"}
"""Written by the feeds' own renderer, beside every list page."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path, settings=SETTINGS + WEEKLY)


def document(page: str) -> Element:
    """A page as browsers read it; fails where they would have to guess."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


def words(element: Element | None) -> str:
    assert element is not None
    return " ".join("".join(element.itertext()).split())


def by_class(tree: Element, name: str) -> list[Element]:
    return [one for one in tree.iter() if name in (one.get("class") or "").split()]


def relations(tree: Element, rel: str) -> list[str]:
    return [one.get("href") or "" for one in tree.iter("link") if one.get("rel") == rel]


def facts(tree: Element) -> dict[str, Any]:
    (script,) = tree.iter("script")
    assert script.get("type") == "application/ld+json"
    return json.loads(script.text or "")


def references(tree: Element) -> Iterable[str]:
    for one in tree.iter():
        for name in ("href", "src"):
            if one.get(name) is not None:
                yield one.get(name) or ""


def expect_every_link_to_lead_somewhere(made: Mapping[str, str], files: set[str]) -> None:
    """Every relative URL names a file that is made, and its fragment an element there."""
    trees = {path: document(page) for path, page in made.items() if path.endswith(".html")}
    ids = {path: {e.get("id") for e in tree.iter() if e.get("id")} for path, tree in trees.items()}
    for path, tree in trees.items():
        for url in references(tree):
            if urlsplit(url).scheme:
                continue
            target = unquote(urlsplit(urljoin(f"http://x/{path}", url)).path).removeprefix("/")
            assert target in made or target in files or PurePosixPath(target).name in FEEDS, (
                path,
                url,
            )
            fragment = unquote(urlsplit(url).fragment)
            assert not fragment or fragment in ids[target], (path, url)


# What goes wrong


def test_a_broken_template_of_the_newsletter_stops_with_its_file_and_line(root: Path) -> None:
    own = root / "page_templates"
    own.mkdir()
    (own / "series.html.j2").write_text("one\n{{ serie.title }}", encoding="utf-8")

    with pytest.raises(PartworkError, match=r"^page_templates/series\.html\.j2:2: 'serie'"):
        rendered(root)


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_is_read_as_it_was_typed(tmp_path: Path, title: str) -> None:
    files = {
        "one.md": part(1, title, tags=[title], summary=title, author=title),
        "two.md": part(2, "Two", image="images/square.png", image_alt=title, notice=title),
        "other.md": article(title, date="2026-10-20 08:30", id="tag:northgate.example,2026:o"),
    }
    series = SETTINGS.replace("Care in Parts", "Care </script><b>{{ 1 }}")
    made = rendered(write(tmp_path, files, settings=series + WEEKLY))
    shown = " ".join(title.split())

    page = document(made["articles/one/index.html"])
    assert words(page.find(".//h1")) == shown
    assert words(page.find("head/title")) == f"{shown} · Northgate & Notes"
    assert facts(page)["headline"] == text.one_line(title)
    assert facts(page)["isPartOf"]["name"] == "Care </script><b>{{ 1 }}"
    for path, html in made.items():
        if path.endswith(".html"):
            tree = document(html)
            assert [one.get("src") for one in tree.iter("script")] in ([], [None])
            assert not [e for e in tree.iter() for name in e.attrib if name.startswith("on")]
            assert not [e for e in tree.iter("img") if e.get("src") == "x"]


@settings(max_examples=40, deadline=None)
@given(title=st.text(min_size=1, max_size=60).map(text.one_line).filter(bool))
def test_any_title_survives_every_place_it_is_shown_in(
    shared: archives.Catalogue, title: str
) -> None:
    first = shared.articles[0]
    changed = replace(first, source=replace(first.source, title=title))
    catalogue = replace(
        shared,
        articles=(changed, *shared.articles[1:]),
        series=tuple(replace(one, articles=(changed, *one.articles[1:])) for one in shared.series),
    )
    made = {path: data.decode() for path, data in pages.render_all(catalogue)}

    page = document(made["articles/one/index.html"])
    shown = " ".join(title.split())
    assert words(page.find(".//h1")) == shown
    assert facts(page)["headline"] == title
    following = document(made["articles/two/index.html"])
    assert words(by_class(following, "turn")[0].find("a/b")) == shown


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> archives.Catalogue:
    return archives.catalogue(write(tmp_path_factory.mktemp("shared")))


def test_an_articles_text_is_never_read_as_a_template(tmp_path: Path) -> None:
    typed = "{{ newsletter }} {% include 'base.html.j2' %} {# gone #} {{ 7*7 }} {%"
    made = rendered(write(tmp_path, {"one.md": part(1, "One", f"    {typed}\n")}))

    assert words(document(made["articles/one/index.html"]).find(".//pre")) == typed


def test_what_is_not_published_yet_appears_nowhere(tmp_path: Path) -> None:
    files = {
        "one.md": part(1, "One", "Next comes [the secret one](secret-slug.md)."),
        "secret-slug.md": part(2, "Hidden title", "Secret words ![alt](images/secret.png)."),
        "draft.md": part(3, "Drafted title", draft=True, date=None),
        "secret-other.md": article("Hidden apart", date="2026-12-20 10:00"),
    }
    write(tmp_path, files, settings=SETTINGS + WEEKLY)
    (tmp_path / "articles/images/secret.png").write_bytes(b"PNG")
    shown = archives.catalogue(tmp_path).until(datetime(2026, 10, 8, tzinfo=UTC))
    made = {path: data.decode() for path, data in pages.render_all(shown)}

    everything = "\n".join([*made, *made.values()]).lower()
    for secret in ("secret-", "hidden", "drafted", "issue 2", "002-", 'rel="next"', "2026-10-13"):
        assert secret not in everything, secret
    assert "the secret one" in everything  # its words stay, its link goes
    assert "Part 1 of 5" in made["articles/one/index.html"]
    assert "1 of 5 parts published" in made["series/care/index.html"]
    assert [path for path, _ in pages.assets(shown)] == ["media/images/logo.png"]


def test_a_newsletter_without_an_article_has_a_first_page(tmp_path: Path) -> None:
    made = rendered(write(tmp_path, {}))

    assert set(made) == {"index.html", "404.html", "sitemap.xml", "style.css"}
    assert "Nothing is published yet" in words(document(made["index.html"]).find(".//main"))


# The bytes


def test_the_same_newsletter_gives_the_same_bytes_in_any_process(root: Path) -> None:
    program = (
        "import archives, hashlib, pathlib, sys;"
        "made = archives.rendered(pathlib.Path(sys.argv[1]));"
        "print([(p, hashlib.sha256(b.encode()).hexdigest()) for p, b in made.items()])"
    )
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(pages.__file__).parents[2])])
    runs = {
        subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-c", program, str(root)],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": path},
            cwd=folder,
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone, folder in (("1", "Asia/Tokyo", "/"), ("2", "America/Lima", str(root)))
    }

    assert len(runs) == 1
    assert b"articles/one/index.html" in runs.pop()


def test_every_page_is_html_that_browsers_need_not_guess_at(root: Path) -> None:
    made = rendered(root)

    for path, page in made.items():
        if path.endswith(".html"):
            tree = document(page)
            ids = [one.get("id") for one in tree.iter() if one.get("id")]
            assert len(ids) == len(set(ids)), path
            levels = [int(e.tag[1]) for e in tree.iter() if re.fullmatch("h[1-6]", str(e.tag))]
            assert levels[0] == levels.count(1) == 1, path
            assert all(b - a <= 1 for a, b in pairwise(levels)), path


def test_every_link_leads_to_a_file_that_is_made(root: Path) -> None:
    (root / "articles" / "über-uns.md").write_text(
        part(4, "Über uns", "Zurück zu [zwei](two.md#a-heading)."), encoding="utf-8"
    )
    files = {path for path, _ in pages.assets(archives.catalogue(root))}

    expect_every_link_to_lead_somewhere(rendered(root), files)


def test_pages_need_nothing_from_elsewhere_and_no_script(root: Path) -> None:
    for path, page in rendered(root).items():
        if path.endswith(".html") and path != "404.html":
            tree = document(page)
            assert not [e for e in tree.iter("script") if e.get("type") != "application/ld+json"]
            assert not [e for e in tree.iter("img") if urlsplit(e.get("src") or "").scheme]
            for link in tree.iter("link"):
                outside = link.get("rel") == "canonical"
                assert bool(urlsplit(link.get("href") or "").scheme) == outside, path


def test_the_page_for_a_missing_address_works_under_any_address(root: Path) -> None:
    page = document(rendered(root)["404.html"])

    assert all(url.startswith((URL, "https://", "#")) for url in references(page))
    assert [e.get("content") for e in page.iter("meta") if e.get("name") == "robots"] == ["noindex"]


# What pages say


def test_the_first_page_begins_with_the_latest_issue_and_lists_every_series(root: Path) -> None:
    main = document(rendered(root)["index.html"]).find(".//main")
    assert main is not None
    (latest,) = by_class(main, "latest")
    series = by_class(main, "series")

    assert "Issue 3 · 20 October 2026".replace(" ·", "") in words(latest)
    assert [words(h3) for h3 in latest.iter("h3")] == ["Apart", "End"]
    assert [words(a) for a in by_class(series[0], "parts")[0].iter("a")] == [
        "Beginning",
        "Middle",
        "End",
    ]
    assert words(series[1].find("h2")) == "More articles"
    assert [words(a) for a in by_class(series[2], "parts")[0].iter("a")] == ["Middle", "Beginning"]


def test_every_page_says_how_to_subscribe_and_announces_the_feeds(root: Path) -> None:
    for path, page in rendered(root).items():
        if path.endswith(".html") and path != "404.html":
            tree = document(page)
            up = "../" * path.count("/")
            found = {link.get("type"): link.get("href") for link in tree.iter("link")}
            shown = relations(tree, "alternate")
            assert shown[:3] == [f"{up}feed.xml", f"{up}atom.xml", f"{up}feed.json"]
            if path.startswith(("series/", "articles/t")):
                assert shown[3:] == [f"{up}series/care/{feed.split('/')[-1]}" for feed in shown[:3]]
            assert {"application/rss+xml", "application/atom+xml", "application/feed+json"} <= {
                *found
            }
            links = {a.get("href") for a in tree.iter("a")}
            assert {f"{up}feed.xml", f"{up}feeds.opml"} <= links
            assert "https://northgate.example/subscribe" in links


def test_without_an_address_to_subscribe_at_only_feeds_are_offered(tmp_path: Path) -> None:
    made = rendered(write(tmp_path, settings=SETTINGS.partition("[archive]")[0]))

    assert "by email" not in made["index.html"]


@pytest.mark.parametrize("formats", [["atom"], []])
def test_only_feeds_that_are_made_are_offered(tmp_path: Path, formats: list[str]) -> None:
    own = f"{SETTINGS}\n[feeds]\nformats = {json.dumps(formats)}\n"
    made = rendered(write(tmp_path, settings=own))
    page = document(made["articles/one/index.html"])
    files = {url.split("/")[-1] for url in references(page)}

    assert relations(page, "alternate") == [
        f"../../{folder}atom.xml" for folder in ("", "series/care/") if formats
    ]
    assert not {"feed.xml", "feed.json"} & files
    assert ("feeds.opml" in files) == bool(formats)


def test_an_article_names_its_place_and_its_neighbours(root: Path) -> None:
    page = document(rendered(root)["articles/two/index.html"])
    (turn,) = by_class(page, "turn")
    (contents,) = by_class(page, "contents")

    assert "Care in Parts Part 2 of 5" in words(by_class(page, "eyebrow")[0])
    assert [words(a) for a in turn.iter("a")] == [
        "Previous: Part 1 Beginning",
        "Next: Part 3 End",
    ]
    assert relations(page, "prev") == ["../../articles/one/index.html"]
    assert relations(page, "next") == ["../../articles/three/index.html"]
    assert [words(a) for a in contents.iter("a") if a.get("aria-current")] == ["Middle"]
    assert relations(page, "canonical") == [f"{URL}articles/two/"]


def test_the_number_of_parts_is_shown_only_where_the_series_declares_it(tmp_path: Path) -> None:
    made = rendered(write(tmp_path, settings=SETTINGS.replace("parts = 5", "")))

    assert "Part 2</span>" in made["articles/two/index.html"]
    assert "3 parts" in made["series/care/index.html"]
    assert " of " not in words(by_class(document(made["articles/two/index.html"]), "eyebrow")[0])


def test_an_article_outside_any_series_has_no_neighbours(root: Path) -> None:
    page = document(rendered(root)["articles/other/index.html"])

    assert not by_class(page, "turn")
    assert not by_class(page, "contents")
    assert "isPartOf" not in facts(page)
    assert "position" not in facts(page)


@pytest.mark.parametrize(
    ("own", "shown"),
    [
        ({}, "Ask someone who knows, as part one says."),
        ({"notice": "Mind *the* gap."}, "Mind the gap."),
        ({"notice": ""}, ""),
    ],
)
def test_a_notice_is_the_articles_own_or_else_the_newsletters(
    tmp_path: Path, own: dict[str, str], shown: str
) -> None:
    page = document(
        rendered(write(tmp_path, {"one.md": part(1, "One", **own)}))["articles/one/index.html"]
    )

    assert [words(one).removeprefix("Please note").strip() for one in by_class(page, "notice")] == (
        [shown] if shown else []
    )


def test_what_a_notice_shows_is_copied(tmp_path: Path) -> None:
    own = {"notice": "See ![a square](../images/square.png)."}
    write(tmp_path, {"in/one.md": part(1, "One", **own)})
    made = archives.publish(tmp_path, tmp_path / "made")
    page = document((made / "articles/one/index.html").read_text(encoding="utf-8"))
    (picture,) = by_class(page, "notice")[0].iter("img")

    assert (made / "articles/one" / (picture.get("src") or "")).resolve().is_file()


def test_an_issue_shows_its_articles_in_full_and_a_shared_notice_once(root: Path) -> None:
    made = rendered(root)
    page = document(made["issues/003-other/index.html"])

    assert words(page.find(".//h1")) == "Issue 3"
    assert [words(e) for e in page.iter("h2") if e.get("id", "").startswith("_article")] == [
        "Apart",
        "End",
    ]
    assert len(by_class(page, "notice")) == 1
    assert relations(page, "prev") == ["../../issues/002-two/index.html"]
    assert relations(page, "next") == []
    assert relations(page, "canonical") == [f"{URL}issues/003-other/"]
    single = document(made["issues/002-two/index.html"])
    assert words(single.find(".//h1")) == "Middle"
    assert relations(single, "canonical") == [f"{URL}articles/two/"]
    assert relations(single, "next") == ["../../issues/003-other/index.html"]


def test_ids_stay_apart_where_an_issue_holds_two_articles(tmp_path: Path) -> None:
    files = {
        "one.md": part(1, "One", EVERYTHING.replace("two.md", "one.md")),
        "two.md": part(2, "Two", EVERYTHING.replace("two.md", "one.md"), date="2026-10-06 08:30"),
    }
    files["one.md"] = files["one.md"].replace("2026-10-06 09:00", "2026-10-06 08:00")
    made = rendered(write(tmp_path, files, settings=SETTINGS + WEEKLY))

    assert "issues/001-one/index.html" in made
    expect_every_link_to_lead_somewhere(made, {"media/images/logo.png", "media/images/square.png"})
    ids = [e.get("id") for e in document(made["issues/001-one/index.html"]).iter() if e.get("id")]
    assert len(ids) == len(set(ids))


def test_one_issues_page_comes_with_all_it_shows(root: Path) -> None:
    catalogue = archives.catalogue(root)
    made = dict(pages.issue_page(catalogue, catalogue.issues[2]))

    assert made["issues/003-other/index.html"] == (
        rendered(root)["issues/003-other/index.html"].encode()
    )
    assert set(made) == {
        "issues/003-other/index.html",
        "style.css",
        "media/images/logo.png",
        "media/images/square.png",
    }


def test_dates_are_those_of_the_newsletters_timezone(shared: archives.Catalogue) -> None:
    first = shared.articles[0]
    source = replace(first.source, updated=datetime(2026, 10, 7, 22, 59, tzinfo=UTC))
    changed = replace(first, source=source, date=datetime(2026, 10, 6, 23, 30, tzinfo=UTC))
    alone = replace(shared, articles=(changed,), series=(), issues=())
    made = {path: data.decode() for path, data in pages.render_all(alone)}
    page = document(made["articles/one/index.html"])
    (meta,) = by_class(page, "meta")

    assert [e.get("datetime") for e in meta.iter("time")] == ["2026-10-07"]
    assert facts(page)["datePublished"] == "2026-10-07T00:30:00+01:00"
    assert facts(page)["dateModified"] == "2026-10-07T23:59:00+01:00"


def test_a_later_change_is_shown_with_its_day(root: Path) -> None:
    (meta,) = by_class(document(rendered(root)["articles/three/index.html"]), "meta")

    assert "20 October 2026 Updated 1 November 2026 1 minute to read" in words(meta)


def test_machines_are_told_what_a_part_is_part_of(root: Path) -> None:
    made = rendered(root)
    told = facts(document(made["articles/three/index.html"]))

    assert told["@type"] == "BlogPosting"
    assert told["isPartOf"] == {
        "@type": "CreativeWorkSeries",
        "name": "Care in Parts",
        "url": f"{URL}series/care/",
    }
    assert told["position"] == 3
    assert told["image"] == f"{URL}media/images/square.png"
    assert told["author"] == [
        {"@type": "Person", "name": "Ann Lee", "url": "https://northgate.example/ann"}
    ]
    series = facts(document(made["series/care/index.html"]))
    assert [one["position"] for one in series["hasPart"]] == [1, 2, 3]
    issue = facts(document(made["issues/003-other/index.html"]))
    assert (issue["issueNumber"], len(issue["hasPart"])) == (3, 2)


def test_an_article_first_published_elsewhere_says_so(tmp_path: Path) -> None:
    elsewhere = "https://elsewhere.example/one?a=1&b=2"
    made = rendered(write(tmp_path, {"one.md": part(1, "One", canonical_url=elsewhere)}))
    page = document(made["articles/one/index.html"])

    assert relations(page, "canonical") == [elsewhere]
    assert facts(page)["url"] == elsewhere
    assert "articles/one/" not in made["sitemap.xml"]


def test_the_sitemap_lists_each_page_that_is_its_own_canonical_address(root: Path) -> None:
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    listed = {
        row.findtext(f"{space}loc"): row.findtext(f"{space}lastmod")
        for row in fromstring(rendered(root)["sitemap.xml"])  # noqa: S314  # our own file
    }

    assert listed == {
        URL: "2026-11-01T12:00:00+00:00",
        f"{URL}series/care/": "2026-11-01T12:00:00+00:00",
        f"{URL}articles/one/": "2026-10-06T09:00:00+01:00",
        f"{URL}articles/two/": "2026-10-13T09:00:00+01:00",
        f"{URL}articles/three/": "2026-11-01T12:00:00+00:00",
        f"{URL}articles/other/": "2026-10-20T08:30:00+01:00",
        f"{URL}issues/003-other/": "2026-11-01T12:00:00+00:00",
    }


def test_a_page_has_its_articles_language_and_the_newsletters_own_words_keep_theirs(
    tmp_path: Path,
) -> None:
    files = {"one.md": part(1, "مرحبا", "نص", lang="ar"), "two.md": part(2, "Two")}
    made = rendered(write(tmp_path, files, settings=SETTINGS + WEEKLY))
    page = document(made["articles/one/index.html"])

    assert (page.get("lang"), page.get("dir")) == ("ar", "rtl")
    for name in ("top", "turn", "contents"):
        (part_of_page,) = by_class(page, name)
        assert (part_of_page.get("lang"), part_of_page.get("dir")) == ("en-GB", "ltr")
    assert facts(page)["inLanguage"] == "ar"
    english = document(made["articles/two/index.html"])
    assert (english.get("lang"), english.get("dir")) == ("en-GB", "ltr")
    assert [e.get("dir") for e in by_class(english, "turn")[0].iter("b")] == ["rtl"]
    issue = document(made["issues/001-one/index.html"]).find(".//article")
    assert issue is not None
    assert (issue.get("lang"), issue.get("dir")) == ("ar", "rtl")


def test_pictures_say_how_large_they_are(root: Path) -> None:
    made = rendered(root)

    for path in ("articles/one/index.html", "articles/three/index.html"):
        for image in document(made[path]).iter("img"):
            size = (image.get("width"), image.get("height"))
            assert size == (("48", "48") if "logo" in (image.get("src") or "") else ("120", "80"))


def test_all_that_is_shown_is_copied_once_and_nothing_else(root: Path) -> None:
    (root / "articles/images/unused.png").write_bytes(b"PNG")
    folder = root.resolve() / "articles/images"
    found = [(path, file.resolve()) for path, file in pages.assets(archives.catalogue(root))]

    assert found == [
        ("media/images/logo.png", folder / "logo.png"),
        ("media/images/square.png", folder / "square.png"),
    ]


# The newsletter's own templates


def test_a_newsletter_may_speak_another_language_by_one_file(root: Path) -> None:
    own = root / "page_templates"
    own.mkdir()
    packaged = Path(pages.__file__).parents[1] / "page_templates" / "words.html.j2"
    words_file = packaged.read_text(encoding="utf-8")
    (own / "words.html.j2").write_text(
        words_file.replace("October", "octobre").replace("Part {{ k }}", "Partie {{ k }}"),
        encoding="utf-8",
    )
    (own / "style.css").write_text("body { color: red }", encoding="utf-8")
    made = rendered(root)

    assert "6 octobre 2026" in made["articles/one/index.html"]
    assert "Partie 1" in made["articles/one/index.html"]
    assert made["style.css"] == "body { color: red }"


# A long series


def test_a_long_series_shows_the_parts_near_by_and_costs_each_page_the_same(
    tmp_path: Path,
) -> None:
    files = {f"{n:03}.md": part(n, f"Title {n}", slug=f"p{n}") for n in range(1, 62)}
    root = write(tmp_path, files, settings=SETTINGS.replace("parts = 5", ""))
    made = rendered(root, datetime(2028, 1, 1, tzinfo=UTC))

    def shown(path: str) -> list[str]:
        (listed, *_) = by_class(document(made[path]), "parts")
        return [words(a) for a in listed.iter("a")]

    assert shown("articles/p30/index.html") == [f"Title {n}" for n in range(25, 36)]
    assert shown("articles/p1/index.html") == [f"Title {n}" for n in range(1, 7)]
    assert shown("index.html") == [f"Title {n}" for n in range(56, 62)]
    gaps = by_class(document(made["articles/p30/index.html"]), "gap")
    assert [words(one) for one in gaps] == ["All 61 parts"] * 2
    assert made["series/care/index.html"].count("<li>") >= 61


def test_the_style_is_small_and_takes_nothing_from_elsewhere(root: Path) -> None:
    style = rendered(root)["style.css"]

    assert len(style.encode()) < 8192
    assert "url(" not in style
    assert "@import" not in style
