"""The documentation is true: generated pages are fresh, links lead somewhere, commands work."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PARTWORK = [sys.executable, "-m", "pipeline"]


def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    return subprocess.run(  # noqa: S603 - the project's own program
        arguments, cwd=folder, env=environment, capture_output=True, text=True, timeout=60
    )


def prose(page: Path) -> str:
    """A page's Markdown without its code."""
    text = page.read_text(encoding="utf-8")
    return re.sub(r"```.*?```|``.*?``|`[^`]*`", "", text, flags=re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives the headings of a page."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def test_a_source_archive_holds_every_file_that_git_has_and_the_package_its_types() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "sdist" not in settings["tool"]["hatch"]["build"]["targets"], "a list forgets"
    assert (ROOT / "pipeline/py.typed").is_file(), "PEP 561: or an adapter's author has no types"


def test_generated_pages_say_what_the_code_says() -> None:
    done = run([sys.executable, "scripts/docs.py", "--check"], ROOT)

    assert (done.stdout, done.returncode) == ("", 0)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_picture_of_a_page_is_there(page: Path) -> None:
    found = re.findall(r"\]\(([^)#\s]+)[^)]*\)|src=\"([^\"]+)\"", prose(page))
    targets = [one or other for one, other in found]

    missing = [
        one for one in targets if not re.match(r"[a-z]+:", one) and not (page.parent / one).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_heading_leads_to_one(page: Path) -> None:
    found = re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", prose(page))

    missing = [
        f"{path}#{anchor}"
        for path, anchor in found
        if anchor not in anchors((page.parent / path) if path else page)
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_a_page_names_is_one(page: Path) -> None:
    from pipeline.cli import COMMANDS

    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|[`$] ?|bin/)partwork (?:-C \S+ )?([a-z]+)", text, re.MULTILINE))

    assert named - {*COMMANDS} == set()


def test_every_rule_that_code_names_is_told_in_the_design_notes() -> None:
    code = "".join(one.read_text(encoding="utf-8") for one in (ROOT / "pipeline").rglob("*.py"))
    told = (ROOT / "docs" / "design-notes.md").read_text(encoding="utf-8")

    named = set(re.findall(r"[(# ]([DFIOPS]\d)[):]", code))
    assert "F1" in named
    assert named - set(re.findall(r"\*\*([A-Z]\d)\*\*", told)) == set()


def test_every_page_of_the_docs_can_be_found_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            links = re.findall(r"\]\(([^)#\s:]+\.md)", prose(page))
            waiting += [(page.parent / one).resolve() for one in links]

    assert {page.relative_to(ROOT).as_posix() for page in PAGES if page not in reached} == set()


def test_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    """Every line of its shell blocks runs, and prints what the page shows below a `$` line."""
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    folder = tmp_path
    told = iter(re.findall(r"```toml\n(.*?)```", text, re.DOTALL))
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        lines = block.replace("\\\n", " ").strip().split("\n")
        shown = [line for line in lines if not line.startswith("$ ")]
        asks = lines[0].startswith("$ ")
        for line in [one.removeprefix("$ ") for one in lines if not asks or one.startswith("$ ")]:
            words = shlex.split(line, comments=True)
            if words[:1] == ["cd"]:
                folder = folder / words[1]
            elif words[:1] == ["partwork"]:
                done = run([*PARTWORK, *(w for w in words[1:] if w != "--open")], folder)
                printed = done.stdout + done.stderr
                assert "Traceback" not in printed
                if asks:
                    assert [one for one in shown if one not in printed] == []
                else:
                    assert done.returncode == 0, printed
        if folder != tmp_path and "cd " in block:
            settings = (folder / "newsletter.toml").read_text(encoding="utf-8")
            head, series = settings.split("[series.first]")
            rest = series.split("[email]")[1]
            toml = f"{head}{next(told)}\n[email]{rest}"
            (folder / "newsletter.toml").write_text(toml, encoding="utf-8")
        elif asks and "check" in block:
            first = folder / "articles" / "01-the-first-part.md"
            fixed = first.read_text(encoding="utf-8").replace("series: first", "series: sleep")
            first.write_text(fixed, encoding="utf-8")
