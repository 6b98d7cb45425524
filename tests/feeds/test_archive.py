"""A feed with a limit: its archive (RFC 5005 §4) holds all, and what is full never changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from folders import NOW, SETTINGS, article, listed, write
from hypothesis import given
from hypothesis import strategies as st

from pipeline import build
from pipeline import newsletter as settings
from pipeline.catalogue import Catalogue
from pipeline.config import SeriesSettings
from pipeline.feeds.assemble import full_of
from pipeline.markdown import Body
from pipeline.series import Series
from pipeline.spool import held

from . import samples
from .conformance import expect_conformity
from .conformance.shapes import ATOM, HISTORY, parsed
from .readers import read, read_by_feedparser

BASE = "https://northgate.example/notes/"
FOLDERS = ("", "series/care/")
FILES = ("feed.xml", "atom.xml", "feed.json")


def limited(count: int, limit: int, **changes: Any) -> Catalogue:
    return samples.weekly(count, samples.newsletter(feeds={"limit": limit, **changes}))


def others(data: bytes) -> dict[str, str]:
    """Where a document leads, as paths in output/ by relation; JSON's next_url is its past."""
    if data.startswith(b"{"):
        feed = json.loads(data)
        found = {"prev-archive": feed["next_url"]} if "next_url" in feed else {}
    else:
        root = parsed(data)
        links = (
            root.iterfind(f"*/{ATOM}link") if root.tag == "rss" else root.iterfind(f"{ATOM}link")
        )
        found = {one.get("rel"): one.get("href") for one in links}
    return {rel: href.removeprefix(BASE) for rel, href in found.items()}


def chain(made: dict[str, bytes], path: str, rel: str) -> Iterator[str]:
    """A document and those that one relation leads to, one after another."""
    seen: list[str] = []
    while path:
        assert path not in seen
        seen.append(path)
        yield path
        path = others(made[path]).get(rel, "")


def ids(path: str, data: bytes) -> list[int]:
    return [int(one.id.rpartition(":")[2]) for one in read(path, data)]


@given(st.integers(0, 12), st.integers(1, 5), st.sampled_from(["series", "newest"]))
def test_going_back_meets_every_part_and_going_on_from_the_first_meets_each_once(
    count: int, limit: int, order: str
) -> None:
    made = samples.documents(limited(count, limit, order=order))
    everything = list(range(1, count + 1))
    for folder in FOLDERS if count else FOLDERS[:1]:
        for file in FILES:
            start = folder + file
            current = ids(start, made[start])
            assert sorted(current) == everything[-limit:]
            back = list(chain(made, start, "prev-archive"))
            assert {one for path in back for one in ids(path, made[path])} == set(everything)
            first = f"{folder}archive/1/{file}"
            if count <= limit:
                assert back == [start]
                assert first not in made
            elif file != "feed.json":
                on = list(chain(made, first, "next-archive"))
                met = [ids(path, made[path]) for path in on]
                assert [one for some in met for one in sorted(some)] == everything
                assert all(some == sorted(some, reverse=order == "newest") for some in met)
                assert {len(some) for some in met[:-1]} == {limit}
                assert back[1:] == on[-2::-1]
                assert {others(made[path])["current"] for path in on} == {start}


def shelved(
    numbers: Sequence[str], gaps: Sequence[int], links: Sequence[int], **outlet: Any
) -> Any:
    """Articles in the series `care` and `more` or outside any; each links to another."""
    made = []
    date = samples.START
    parts = dict.fromkeys("cm-", 0)
    for number, (letter, gap) in enumerate(zip(numbers, gaps, strict=True), 1):
        parts[letter] += 1
        # Within a series dates strictly increase; across them they may be one.
        date += timedelta(days=gap if number == 1 or letter != numbers[number - 2] else gap + 1)
        one, _ = samples.article(
            number,
            date=date,
            part=parts[letter],
            series={"c": "care", "m": "more", "-": None}[letter],
        )
        path = f"articles/article-{links[(number - 1) % len(links)] % len(numbers) + 1}/"
        body = Body(
            text=held(f'<p><a href="\ufdd0{path}">On</a>, part {number}.</p>'.encode()),
            summary=f"Part {number}",
            words=3,
            path=one.path,
            leads_to={path: path},
        )
        made.append((one, body))
    catalogue = samples.catalogue(made, samples.newsletter(**outlet))
    more = tuple(one for one in catalogue.articles if one.source.series == "more")
    shelf = Series(settings=SeriesSettings(key="more", title="More"), articles=more)
    return replace(catalogue, series=(*catalogue.series, *([shelf] if more else [])))


@st.composite
def growing(draw: st.DrawFn) -> tuple[Catalogue, Catalogue]:
    """A newsletter with a limit, and the same one later."""
    count = draw(st.integers(2, 12))
    whole = shelved(
        draw(st.lists(st.sampled_from("cm-"), min_size=count, max_size=count)),
        draw(st.lists(st.integers(0, 2), min_size=count, max_size=count)),
        draw(st.lists(st.integers(0, count), min_size=1, max_size=count)),
        feeds={
            "limit": draw(st.integers(1, 4)),
            "order": draw(st.sampled_from(["series", "newest"])),
            "content": draw(st.sampled_from(["full", "summary"])),
            "hub": "https://hub.example/",
        },
    )
    moments = sorted(one.date for one in draw(st.permutations(whole.articles))[:2])
    return whole.until(moments[0]), whole.until(moments[1])


@given(growing())
def test_a_document_that_has_a_newer_one_never_changes_again(
    grown: tuple[Catalogue, Catalogue],
) -> None:
    before, after = map(samples.documents, grown)
    assert {path for path in before if "archive/" in path} <= after.keys()
    for full in full_of(grown[0]):
        for file in FILES:
            path = f"{full.series.path if full.series else ''}archive/{full.number}/{file}"
            assert before[path] == after[path]


def test_a_full_document_says_what_was_known_when_it_became_full() -> None:
    whole = shelved("ccc", [1, 1, 1], [2], feeds={"limit": 2})
    made = samples.documents(whole)
    first, second = parsed(made["archive/1/feed.xml"]).iter("item")
    title = "Next: Article {}".format
    for item, expected in ((first, [title(2)]), (second, [])):
        links = item.findall(f"{ATOM}link")
        assert [one.get("title") for one in links if "Next" in one.get("title")] == expected
    bodies = [one.html for one in read("feed.xml", made["archive/1/feed.xml"])]
    assert bodies == ["<p>On, part 1.</p>", "<p>On, part 2.</p>"]
    current = read("feed.xml", made["feed.xml"])
    assert current[0].html == f'<p><a href="{BASE}articles/article-3/">On</a>, part 2.</p>'
    assert b"Next: Article 3" in made["feed.xml"]
    items = json.loads(made["archive/1/feed.json"])["items"]
    assert ["next" in one["_series"] for one in items] == [True, False]


@pytest.mark.parametrize("order", ["series", "newest"])
def test_every_document_conforms_and_every_parser_reads_it(order: str) -> None:
    catalogue = limited(5, 2, order=order, hub="https://hub.example/", categories=("Health",))
    made = samples.documents(catalogue)
    assert len([path for path in made if path.startswith("archive/")]) == 9
    for path, data in made.items():
        expect_conformity(path, data, BASE + path)
        if path.endswith(".xml"):
            assert [one.id for one in read_by_feedparser(data)] == [
                one.id for one in read(path, data)
            ]
            links = feedparser.parse(data).feed.links
            assert {one.rel for one in links} >= others(data).keys()


def test_each_document_says_what_it_is() -> None:
    made = samples.documents(limited(5, 2, hub="https://hub.example/"))
    for file in FILES[:2]:
        of = {path: parsed(data) for path, data in made.items() if path.endswith(file)}
        said = {
            path.removesuffix(file): [
                one.tag.removeprefix(HISTORY) for one in root.iter() if HISTORY in one.tag
            ]
            for path, root in of.items()
            if not path.startswith("series/")
        }
        assert said == {
            "": [],
            "archive/1/": ["archive"],
            "archive/2/": ["archive"],
            "archive/3/": [],
        }
    moments = [parsed(made[f"archive/{n}/atom.xml"]).findtext(f"{ATOM}updated") for n in (1, 2, 3)]
    assert [moment[:10] for moment in moments] == ["2020-10-13", "2020-10-27", "2020-11-03"]
    assert b"archive/" not in made["feeds.opml"]


def test_what_is_not_published_is_in_no_document() -> None:
    whole = limited(6, 2)
    for path, data in samples.documents(whole.until(samples.START + timedelta(weeks=4))).items():
        assert b"2020:6" not in data
        assert b"rticle 6" not in data
        assert "archive/4/" not in path


def test_an_archive_that_is_no_longer_made_goes_with_the_next_build(tmp_path: Path) -> None:
    given = {f"articles/0{n}-x{n}.md": article(f"Part {n}") for n in (1, 2, 3)}
    root = write(tmp_path, {"newsletter.toml": f"{SETTINGS}\n[feeds]\nlimit = 1\n"} | given)
    build.everything(settings.load(root), NOW)
    there = {path for path in listed(root / "output") if "archive/" in path}
    assert there == {
        f"{of}archive/{n}/{file}" for of in FOLDERS for n in (1, 2, 3) for file in FILES
    }
    (root / "articles/03-x3.md").unlink()
    build.everything(settings.load(root), NOW)
    left = {path for path in listed(root / "output") if "archive/" in path}
    assert left == {path for path in there if "archive/3/" not in path}
    assert not (root / "output/archive/3").exists()
