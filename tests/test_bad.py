"""One bad file or folder per mistake in tests/bad, and in expected.txt what is said of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from folders import BEFORE, NOW, SETTINGS, partwork, problems, write

from pipeline import newsletter, plan
from pipeline.errors import PartworkError

BAD = Path(__file__).parent / "bad"


def expected() -> dict[str, list[str]]:
    """What each mistake is answered with: an unindented name, then its indented messages."""
    table: dict[str, list[str]] = {}
    for line in (BAD / "expected.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("    "):
            table[[*table][-1]].append(line.strip())
        elif line:
            table[line] = []
    return table


EXPECTED = expected()


def folder_with(mistake: str, root: Path) -> Path:
    """A newsletter whose only fault is the mistake."""
    write(root, {"articles/one.png": b""})
    bad = BAD / mistake
    if mistake.startswith("settings/"):
        shutil.copy(bad, root / "newsletter.toml")
    elif mistake.startswith("order/"):
        parts = 'Parts"\nparts = 3\n'
        write(root, {"newsletter.toml": SETTINGS.replace('Parts"\n', parts)})
        shutil.copytree(bad, root / "articles", dirs_exist_ok=True)
    else:
        shutil.copy(bad, root / "articles" / "x.md")
    return root


def said_of(root: Path) -> list[str]:
    try:
        surveyed = plan.survey(newsletter.load(root))
    except PartworkError as error:
        return problems(error)
    return problems(PartworkError(plan.checked(surveyed, BEFORE)))


def test_every_bad_file_is_in_the_table_and_every_line_of_the_table_has_a_file() -> None:
    there = {
        f"{kind}/{path.name}"
        for kind in ("articles", "order", "settings")
        for path in (BAD / kind).iterdir()
    }
    assert sorted(there) == sorted(EXPECTED)


@pytest.mark.parametrize("mistake", EXPECTED)
def test_a_mistake_is_named_with_its_place_and_its_remedy(mistake: str, tmp_path: Path) -> None:
    assert said_of(folder_with(mistake, tmp_path)) == EXPECTED[mistake]


@pytest.mark.parametrize("mistake", [*EXPECTED])
def test_no_mistake_can_be_built(mistake: str, tmp_path: Path) -> None:
    root = folder_with(mistake, tmp_path)
    with pytest.raises(PartworkError):
        plan.published(plan.load(newsletter.load(root)), NOW)


@pytest.mark.parametrize(
    "mistake",
    ["articles/python-tag.md", "articles/not-utf8.md", "order/fork", "settings/deep.toml"],
)
def test_a_build_of_a_mistake_ends_with_1_and_writes_nothing(mistake: str, tmp_path: Path) -> None:
    root = folder_with(mistake, tmp_path)
    done = partwork("-C", root, "build")
    assert done.returncode == 1
    assert [line.removeprefix("error: ") for line in done.stderr.splitlines()] == EXPECTED[mistake]
    assert "Traceback" not in done.stdout + done.stderr
    assert not (root / "output").exists()


def test_every_problem_of_a_run_is_named_at_once_in_order_of_place(tmp_path: Path) -> None:
    names = ("many", "not-utf8", "slug-up")
    for name in names:
        write(tmp_path, {f"articles/{name}.md": (BAD / f"articles/{name}.md").read_bytes()})
    said = said_of(tmp_path)
    assert {line.split(":")[0] for line in said} == {f"articles/{name}.md" for name in names}
    assert said == sorted(said, key=lambda line: (line.split(":")[0], int(line.split(":")[1])))


def test_what_is_wrong_in_a_body_is_told_together_with_its_front_matter(tmp_path: Path) -> None:
    text = "---\ntitle: One\nid: tag:example.org,2026:one\ndate: soon\n---\nFine.\n\n![A](no.png)\n"
    write(tmp_path, {"articles/one.md": text})
    done = partwork("-C", tmp_path, "check")
    assert done.returncode == 1
    places = [line.split(":")[1:3] for line in done.stderr.splitlines()]
    assert places == [[" articles/one.md", "4"], [" articles/one.md", "8"]], done.stderr
