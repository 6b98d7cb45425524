"""The benchmarks' corpus: reproducible, sound, and the same words for every tool."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli import cli

SCRIPT = Path(__file__).parent.parent / "benchmarks" / "corpus.py"
TOOLS = ["partwork", "pelican", "hugo", "eleventy"]
FRONT = re.compile(r"\A(?:---\n.*?\n---\n|(?:\w+: [^\n]*\n)+)\n", re.DOTALL)
ADDRESS = re.compile(r"\]\((?:\{\{<[^>]*>\}\}|[^)\s]*)")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The script in a process of its own, as anyone runs it."""
    argv = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(argv, capture_output=True, text=True, check=False)  # noqa: S603  # ours


def corpus(folder: Path, *arguments: str) -> Path:
    """The folder, with a corpus in it."""
    done = run(str(folder), *arguments)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def newsletter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    return corpus(folder, "--articles", "12", "--parts", "5")


def bodies(folder: Path) -> list[str]:
    """Every article without its front matter, in order."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.md")))
    return [FRONT.sub("", one) for one in texts]


def digest(folder: Path) -> dict[str, str]:
    """Each file's hash by its path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("mine", encoding="utf-8")
    done = run(str(tmp_path))
    assert done.returncode == 1
    assert "not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.md"]


@pytest.mark.parametrize("tool", TOOLS)
def test_the_same_seed_gives_the_same_bytes(tool: str, tmp_path: Path) -> None:
    arguments = ("--articles", "6", "--parts", "4", "--for", tool)
    first = digest(corpus(tmp_path / "first", *arguments))
    assert first == digest(corpus(tmp_path / "second", *arguments))
    assert first != digest(corpus(tmp_path / "other", *arguments, "--seed", "8"))


def test_a_larger_corpus_begins_with_the_smaller_one(newsletter: Path, tmp_path: Path) -> None:
    smaller = digest(corpus(tmp_path, "--articles", "7", "--parts", "5"))
    larger = digest(newsletter)
    del smaller["newsletter.toml"]
    assert smaller.items() <= larger.items()


def test_every_article_holds_what_it_claims(newsletter: Path) -> None:
    texts = bodies(newsletter)
    assert len(texts) == 12
    for number, text in enumerate(texts, 1):
        assert 800 <= len(text.split()) <= 1050
        assert len(re.findall(r"^## ", text, re.M)) >= 4
        assert re.search(r"^### ", text, re.M)
        assert re.search(r"^1\. \*\*", text, re.M)
        assert re.search(r"^- ", text, re.M)
        assert re.search(r"^\|---\|", text, re.M)
        assert re.search(r"^> ", text, re.M)
        assert re.search(r"^!\[[^\]]+\]\(\.\./images/picture-\d\.png \"", text, re.M)
        assert "](https://example.org/" in text
        assert ("](../series-" in text) == (number > 1)


@pytest.mark.parametrize("tool", TOOLS[1:])
def test_peers_get_the_same_words(tool: str, newsletter: Path, tmp_path: Path) -> None:
    peer = corpus(tmp_path, "--articles", "12", "--parts", "5", "--for", tool)
    ours = [ADDRESS.sub("](", one) for one in bodies(newsletter)]
    assert [ADDRESS.sub("](", one) for one in bodies(peer)] == ours


def test_partwork_finds_nothing_wrong_in_it(newsletter: Path) -> None:
    done = CliRunner().invoke(cli, ["--root", str(newsletter), "check"])
    assert done.exit_code == 0
    assert done.output == "12 articles, nothing wrong.\n"


def test_a_schedule_gathers_its_articles_into_issues(tmp_path: Path) -> None:
    folder = corpus(tmp_path, "--articles", "12", "--parts", "5", "--every", "5 days")
    done = CliRunner().invoke(cli, ["--root", str(folder), "status", "--format", "json"])
    rows = json.loads(done.output)["articles"]
    assert sorted(row["issue"] for row in rows) == [1] + [2] * 5 + [3] * 5 + [4]
