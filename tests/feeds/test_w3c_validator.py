"""The W3C feed validator, where a checkout of it is at hand (github.com/w3c/feedvalidator).

It is on no package index, so this runs only where FEEDVALIDATOR_SRC names the checkout's folder;
`conformance` holds our own reading of its rules and always runs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.catalogue import Catalogue

from . import samples

SOURCE = os.environ.get("FEEDVALIDATOR_SRC", "")

pytestmark = pytest.mark.skipif(
    not SOURCE, reason="FEEDVALIDATOR_SRC names no checkout of the W3C feed validator"
)

HUB = "https://hub.example/"

RUNNER = """
import collections.abc, json, sys
sys.path.insert(0, sys.argv[1])
import feedvalidator
from feedvalidator import logging
found = []
for url, path in json.load(sys.stdin):
    with open(path, "rb") as file:
        events = feedvalidator.validateString(file.read(), base=url)["loggedEvents"]
    for event in events:
        if isinstance(event, (logging.Error, logging.Warning, logging.Info)):
            found.append([url, type(event).__name__, str(event.params)])
json.dump(found, sys.stdout)
"""


def catalogues(root: Path) -> dict[str, Catalogue]:
    summary = samples.newsletter(feeds={"content": "summary", "limit": 2})
    return {
        "sample": samples.published_sample(),
        "nasty": samples.nasty(root),
        "unruly": samples.unruly(),
        "summary": samples.weekly(4, summary),
        "empty": samples.catalogue([]),
        "same-moment": samples.catalogue(
            [samples.article(number, date=samples.START, html="") for number in range(1, 6)]
        ),
        "long": samples.weekly(300),
        "archived": samples.weekly(7, samples.newsletter(feeds={"limit": 2})),
        "archived-newest": samples.weekly(
            5, samples.newsletter(feeds={"limit": 2, "order": "newest", "hub": HUB})
        ),
    }


def test_the_w3c_validator_reports_nothing_at_all(tmp_path: Path) -> None:
    documents = []
    for name, catalogue in catalogues(tmp_path).items():
        for path, data in samples.documents(catalogue).items():
            if not path.endswith(".json"):
                file = tmp_path / f"{name}-{path.replace('/', '-')}"
                file.write_bytes(data)
                documents.append((catalogue.newsletter.root_url + path, str(file)))
    folder = Path(SOURCE)
    done = subprocess.run(  # noqa: S603  # the checkout the caller named
        [
            sys.executable,
            "-c",
            RUNNER,
            str(folder / "src" if (folder / "src").is_dir() else folder),
        ],
        input=json.dumps(documents),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
    assert len(documents) == 79
