from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import fromstring

import archives
import pytest
from archives import EVERYTHING, SETTINGS, URL, WEEKLY, article, part, rendered, three_parts, write
from PIL import ExifTags, Image
from reading import (
    by_class,
    document,
    expect_every_link_to_lead_somewhere,
    facts,
    references,
    relations,
    words,
)

from pipeline import pages


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path, settings=SETTINGS + WEEKLY)


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
    settings = SETTINGS.replace("who knows.", "who knows, as [part one](one.md) says.")
    made = rendered(write(tmp_path, {"one.md": part(1, "One", **own)}, settings=settings))
    page = document(made["articles/one/index.html"])

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


def test_where_an_issue_holds_two_articles_their_headings_are_below_their_titles(
    root: Path,
) -> None:
    (root / "articles/other.md").write_text(
        article("Apart", "## A heading\n\n### Below\n\n###### Lowest", date="2026-10-20 08:30")
    )
    made = rendered(root)

    def levels(path: str) -> list[tuple[str, str]]:
        (first, *_) = document(made[path]).iter("article")
        return [(e.tag, words(e)) for e in first.iter() if re.fullmatch("h[1-6]", str(e.tag))]

    heads = [("h3", "A heading"), ("h4", "Below"), ("h6", "Lowest")]
    assert levels("issues/003-other/index.html") == [("h2", "Apart"), *heads]
    alone = [("h2", "A heading"), ("h3", "Below"), ("h6", "Lowest")]
    assert levels("articles/other/index.html") == [("h1", "Apart"), *alone]
    assert levels("issues/002-two/index.html") == [("h1", "Middle"), ("h2", "A heading")]


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


def test_dates_are_those_of_the_newsletters_timezone(root: Path) -> None:
    shared = archives.catalogue(root)
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


def test_addresses_for_machines_are_ascii_and_that_for_people_is_as_written(tmp_path: Path) -> None:
    settings = SETTINGS.replace(URL, "https://münchen.example/nötes/")
    made = rendered(write(tmp_path, three_parts(), settings + WEEKLY))
    page, root = document(made["articles/three/index.html"]), "https://xn--mnchen-3ya.example/n"

    assert made["sitemap.xml"].isascii()
    assert relations(page, "canonical") == [f"{root}%C3%B6tes/articles/three/"]
    assert facts(page)["image"] == f"{root}%C3%B6tes/media/images/square.png"
    assert words(by_class(page, "address")[0]) == "https://münchen.example/nötes/feed.xml"


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


@pytest.mark.parametrize("file", ["phone.jpg", "phone.png"])
def test_a_picture_that_a_phone_took_upright_says_how_large_it_is_shown(
    tmp_path: Path, file: str
) -> None:
    text = f"![A door](images/{file})"
    write(tmp_path, {"one.md": part(1, "One", text, image=f"images/{file}", image_alt="A door")})
    picture = Image.new("RGB", (120, 80))
    exif = picture.getexif()
    exif[ExifTags.Base.Orientation] = 6  # a quarter turn
    picture.save(tmp_path / "articles/images" / file, exif=exif)
    page = document(rendered(tmp_path)["articles/one/index.html"])

    shown = [one for one in page.iter("img") if file in (one.get("src") or "")]
    assert [(one.get("width"), one.get("height")) for one in shown] == [("80", "120")] * 2
    wide = page.find(".//meta[@property='og:image:width']")
    assert wide is not None
    assert wide.get("content") == "80"


@pytest.mark.filterwarnings("error")
def test_a_very_large_picture_is_measured_without_a_word(tmp_path: Path) -> None:
    write(tmp_path, {"one.md": part(1, "One", "![All of it](images/all.png)")})
    Image.new("1", (10_000, 9_000)).save(tmp_path / "articles/images/all.png")

    assert 'width="10000" height="9000"' in rendered(tmp_path)["articles/one/index.html"]


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
