"""docs/add-a-feed-format.md: its example works as it stands there."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module, invalidate_caches
from pathlib import Path
from typing import Any

import pytest

from pipeline import feeds
from pipeline.errors import PartworkError

from . import samples

PAGE = (Path(__file__).parents[2] / "docs" / "add-a-feed-format.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
MODULE, SHAPE, TEST = (text for kind, text in BLOCKS if kind == "python")
PROJECT, SETTINGS = (tomllib.loads(text) for kind, text in BLOCKS if kind == "toml")
(TABLE,) = (text for kind, text in BLOCKS if kind == "csv")
FORMATS = tuple(SETTINGS["feeds"]["formats"])


def install(folder: Path, module: str, points: dict[str, str]) -> None:
    """What an installer leaves of the package: the module and its entry points."""
    (folder / "partwork_csv.py").write_text(module)
    info = folder / "partwork_csv-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: partwork-csv\nVersion: 1.0\n")
    lines = "".join(f"{name} = {target}\n" for name, target in points.items())
    (info / "entry_points.txt").write_text(f"[partwork.feeds]\n{lines}")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that Python imports from."""
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("partwork_csv", None)


@pytest.fixture
def installed(place: Path) -> Path:
    install(place, MODULE, PROJECT["project"]["entry-points"]["partwork.feeds"])
    return place


def documents(*formats: str) -> dict[str, bytes]:
    outlet = samples.newsletter(feeds={"formats": formats})
    return samples.documents(samples.weekly(2, outlet, parts=3))


def test_the_example_writes_what_the_page_shows(installed: Path) -> None:
    made = documents(*FORMATS, "csv")
    assert made["feed.csv"].decode() == made["series/care/feed.csv"].decode() == TABLE
    assert {"feed.xml", "atom.xml", "feed.json"} < set(made)


def test_the_examples_own_test_passes(installed: Path) -> None:
    def feed(title: str) -> feeds.Feed:
        one = feeds.newsletter_feed(samples.weekly(1))
        return replace(one, entries=(replace(one.entries[0], title=title),))

    names: dict[str, Any] = {}
    exec(TEST, names)  # noqa: S102  # the page's own code
    names["test_a_comma_in_a_title_stays_in_its_cell"](feed)
    assert import_module("partwork_csv").MEDIA_TYPE == "text/csv"


THINGS = """
from pipeline.feeds import Feed

FILE_NAME = "feed.things"
MEDIA_TYPE = "text/xml"
calls = []

def render(feed: Feed) -> bytes:
    calls.append(len(feed.entries))
    items = "".join(f"<item>{len(entry.title)}</item>\\n" for entry in feed.entries)
    return f"<things>\\n{items}</things>\\n".encode()
"""


def test_a_format_that_names_its_shape_makes_each_entry_once(place: Path) -> None:
    install(place, THINGS, {"csv": "partwork_csv"})
    whole = documents("csv")
    assert import_module("partwork_csv").calls == [2, 2]
    sys.modules.pop("partwork_csv")
    (place / "partwork_csv.py").write_text(f"{THINGS}\n{SHAPE}")
    invalidate_caches()
    assert documents("csv") == whole
    assert import_module("partwork_csv").calls == [0, 2, 0]


def test_without_the_package_the_name_is_unknown() -> None:
    with pytest.raises(
        PartworkError, match="`csv` is not a feed format: use one of atom, json, rss"
    ):
        documents(*FORMATS)


@pytest.mark.parametrize(
    ("module", "says"),
    [
        ("import no_such_module", "does not load"),
        ("x = 1", "does not load"),
        ("raise RuntimeError('not today')", "does not load (not today)"),
        (MODULE.replace('"feed.csv"', '"../feed.csv"'), "no usable FILE_NAME"),
        (MODULE.replace('"feed.csv"', '"index.html"'), "no usable FILE_NAME"),
        (MODULE.replace('"feed.csv"', '"archive"'), "no usable FILE_NAME"),
        (MODULE.replace("def render", "render = 1\n\n\ndef other"), "no usable FILE_NAME"),
        (MODULE.replace('"feed.csv"', '"feed.xml"'), "`rss` and `csv` both write feed.xml"),
    ],
)
def test_a_broken_package_is_named_before_anything_is_made(
    module: str, says: str, place: Path
) -> None:
    install(place, module, {"csv": "partwork_csv"})
    with pytest.raises(PartworkError, match=re.escape(says)) as caught:
        documents(*FORMATS)
    assert [problem.line for problem in caught.value.problems] == [8]
