"""The documents: what each format says, that they are stable, and how formats are chosen."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline import feeds
from pipeline.errors import PartworkError

from . import samples
from .conformance import expect_conformity
from .conformance.shapes import ATOM, DC, DCTERMS, HISTORY, parsed

ROOT = Path(__file__).parents[2]


def full(root: Path) -> dict[str, bytes]:
    """Documents that use every setting."""
    samples.picture(root)
    outlet = samples.newsletter(
        root,
        feeds={
            "hub": "https://hub.example/",
            "image": "logo.png",
            "categories": ("Health", "Care"),
        },
    )
    made = [samples.article(n, tags=("one", "two"), lang="ar" if n == 2 else "") for n in (1, 2, 3)]
    return samples.documents(samples.catalogue(made, outlet, {"parts": 5}))


def test_every_document_conforms_at_its_own_address(tmp_path: Path) -> None:
    made = full(tmp_path)
    assert list(made) == [
        "feed.xml",
        "series/care/feed.xml",
        "atom.xml",
        "series/care/atom.xml",
        "feed.json",
        "series/care/feed.json",
        "feeds.opml",
    ]
    for path, data in made.items():
        expect_conformity(path, data, f"https://northgate.example/notes/{path}")


def test_rss_says_exactly_the_agreed_set(tmp_path: Path) -> None:
    channel = parsed(full(tmp_path)["feed.xml"])[0]
    assert [one.tag for one in channel if one.tag != "item"] == [
        "title",
        "link",
        "description",
        f"{ATOM}link",
        "category",
        "category",
        "copyright",
        "docs",
        "generator",
        "image",
        "language",
        "lastBuildDate",
        "pubDate",
        "ttl",
        f"{ATOM}link",
        f"{HISTORY}complete",
    ]
    assert [link.get("rel") for link in channel.findall(f"{ATOM}link")] == ["self", "hub"]
    assert {one.tag: one.text for one in channel.find("image")} == {
        "url": "https://northgate.example/notes/media/logo.png",
        "title": "Northgate Notes",
        "link": "https://northgate.example/notes/",
        "width": "96",
        "height": "64",
    }
    item = channel.findall("item")[1]
    assert item.findtext("title") == "Part 2 of 5: Article 2"
    assert item.findtext(f"{DC}creator") == "Ann Lee"
    assert item.findtext(f"{DCTERMS}isPartOf") == "https://northgate.example/notes/series/care/"
    assert [one.text for one in item.findall("category")] == ["one", "two"]
    assert [(one.get("rel"), one.get("title")) for one in item.findall(f"{ATOM}link")] == [
        ("up", "Care in Parts"),
        ("related", "Previous: Article 1"),
        ("related", "Next: Article 3"),
    ]


@pytest.mark.parametrize(
    ("language", "neighbours"),
    [
        ("sv", ["Previous: Article 1", "Next: Article 3"]),
        ("de", ["Vorher: Article 1", "Als Nächstes: Article 3"]),
        ("fr-CA", ["Avant\u00a0: Article 1", "Ensuite\u00a0: Article 3"]),
    ],
)
def test_neighbours_are_named_in_the_newsletters_language(
    language: str, neighbours: list[str]
) -> None:
    made = samples.documents(samples.weekly(3, samples.newsletter(language=language)))
    item = parsed(made["feed.xml"]).find("channel").findall("item")[1]
    entry = parsed(made["atom.xml"]).findall(f"{ATOM}entry")[1]
    for one in (item, entry):
        related = one.findall(f"{ATOM}link[@rel='related']")
        assert [link.get("title") for link in related] == neighbours


def test_atom_says_the_same_with_its_own_elements(tmp_path: Path) -> None:
    feed = parsed(full(tmp_path)["series/care/atom.xml"])
    assert feed.findtext(f"{ATOM}id") == "https://northgate.example/notes/series/care/"
    assert feed.findtext(f"{ATOM}logo") == "https://northgate.example/notes/media/logo.png"
    assert [link.get("rel") for link in feed.findall(f"{ATOM}link")] == ["self", "hub", "alternate"]
    entry = feed.findall(f"{ATOM}entry")[1]
    assert [(one.get("rel"), one.get("type")) for one in entry.findall(f"{ATOM}link")] == [
        ("alternate", "text/html"),
        ("up", "text/html"),
        ("related", "text/html"),
        ("related", "text/html"),
    ]
    assert entry.find(f"{ATOM}title").get("type", "text") == "text"
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "ar"


def test_json_tells_the_series_in_its_own_key(tmp_path: Path) -> None:
    feed = json.loads(full(tmp_path)["feed.json"])
    assert feed["hubs"] == [{"type": "WebSub", "url": "https://hub.example/"}]
    assert feed["icon"] == "https://northgate.example/notes/media/logo.png"
    assert feed["items"][1]["language"] == "ar"
    series = feed["items"][1]["_series"]
    assert series.pop("about").startswith("https://")
    url = "https://northgate.example/notes/articles"
    assert series == {
        "id": "care",
        "name": "Care in Parts",
        "url": "https://northgate.example/notes/series/care/",
        "part": 2,
        "parts": 5,
        "previous": {"title": "Article 1", "url": f"{url}/article-1/"},
        "next": {"title": "Article 3", "url": f"{url}/article-3/"},
    }


def test_opml_lists_each_feed_once(tmp_path: Path) -> None:
    outlines = parsed(full(tmp_path)["feeds.opml"]).findall("body/outline")
    base = "https://northgate.example/notes/"
    assert [(one.get("text"), one.get("xmlUrl"), one.get("htmlUrl")) for one in outlines] == [
        ("Northgate Notes", f"{base}feed.xml", base),
        ("Care in Parts", f"{base}series/care/feed.xml", f"{base}series/care/"),
    ]


def test_opml_changes_when_the_newest_feed_does() -> None:
    single = samples.article(9, series=None)
    made = samples.documents(samples.catalogue([samples.article(1), single]))
    assert b"<dateModified>Tue, 01 Dec 2020 08:00:00 +0000<" in made["feeds.opml"]


def test_documents_full_of_odd_text_conform_too(tmp_path: Path) -> None:
    made = samples.documents(samples.nasty(tmp_path))
    assert len(made) == 7
    for path, data in made.items():
        expect_conformity(path, data, f"https://northgate.example/notes/{path}")


@pytest.mark.parametrize(("limit", "whole"), [(0, True), (2, False)])
def test_only_a_whole_feed_says_it_is_complete(limit: int, whole: bool) -> None:
    made = samples.documents(samples.weekly(3, samples.newsletter(feeds={"limit": limit})))
    for path in ("feed.xml", "atom.xml"):
        assert (b"<fh:complete/>" in made[path]) is whole


def test_whatever_markdown_makes_of_anything_conforms() -> None:
    for path, data in samples.documents(samples.unruly()).items():
        expect_conformity(path, data, f"https://northgate.example/notes/{path}")


def test_the_sample_newsletters_feeds_conform_and_are_small() -> None:
    catalogue = samples.published_sample()
    made = samples.documents(catalogue)
    assert len(made) == 4 + 3 * len(catalogue.series)
    for path, data in made.items():
        expect_conformity(path, data, catalogue.newsletter.root_url + path)
    assert feeds.warnings(catalogue, {path: len(data) for path, data in made.items()}) == ()


def test_summary_feeds_conform_too() -> None:
    outlet = samples.newsletter(feeds={"content": "summary"})
    for path, data in samples.documents(samples.weekly(2, outlet)).items():
        expect_conformity(path, data, f"https://northgate.example/notes/{path}")
        assert b"encoded>" not in data
        assert b"content_html" not in data


def test_feeds_without_articles_conform_too() -> None:
    for path, data in samples.documents(samples.catalogue([])).items():
        expect_conformity(path, data, f"https://northgate.example/notes/{path}")


def test_nothing_in_a_feed_comes_from_a_clock() -> None:
    year = str(datetime.now(tz=UTC).year)
    for count in (0, 2):
        for data in samples.documents(samples.weekly(count)).values():
            assert year.encode() not in data


STABLE = """
import hashlib
from feeds import samples
made = [samples.article(n, title=t, tags=("x", "y", t)) for n, t in enumerate(samples.NASTY, 1)]
outlet = samples.newsletter(feeds={"categories": ("Health", "Care")})
for path, data in samples.documents(samples.catalogue(made, outlet)).items():
    print(path, hashlib.sha256(data).hexdigest())
"""


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Kathmandu", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "77", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8"},
    ],
)
def test_the_same_bytes_whatever_the_machine(surroundings: dict[str, str], tmp_path: Path) -> None:
    result = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", STABLE],
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"} | surroundings,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    made = [samples.article(n, title=t, tags=("x", "y", t)) for n, t in enumerate(samples.NASTY, 1)]
    outlet = samples.newsletter(feeds={"categories": ("Health", "Care")})
    assert result.stdout.splitlines() == [
        f"{path} {hashlib.sha256(data).hexdigest()}"
        for path, data in samples.documents(samples.catalogue(made, outlet)).items()
    ]


def test_only_the_chosen_formats_are_written_and_opml_names_the_first() -> None:
    outlet = samples.newsletter(feeds={"formats": ("atom", "atom", "json")})
    made = samples.documents(samples.weekly(1, outlet))
    assert list(made) == [
        "atom.xml",
        "series/care/atom.xml",
        "feed.json",
        "series/care/feed.json",
        "feeds.opml",
    ]
    assert b"notes/atom.xml" in made["feeds.opml"]
    assert samples.documents(samples.weekly(1, samples.newsletter(feeds={"formats": ()}))) == {}


def test_an_unknown_format_stops_before_anything_is_made() -> None:
    outlet = samples.newsletter(feeds={"formats": ("rss", "atmo", "csv")})
    with pytest.raises(PartworkError) as caught:
        samples.documents(samples.weekly(1, outlet))
    assert [str(problem) for problem in caught.value.problems] == [
        "newsletter.toml:8: `atmo` is not a feed format: did you mean `atom`?",
        "newsletter.toml:8: `csv` is not a feed format: use one of atom, json, rss",
    ]


def test_choosing_formats_loads_no_renderer() -> None:
    code = (
        "import sys; from pipeline.feeds import FORMATS;"
        "assert not {'feedgen', 'lxml', 'importlib.metadata', 'PIL'} & sys.modules.keys(),"
        " sorted(sys.modules)"
    )
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
