"""All files or none, nothing overwritten, and a report of every guess."""

from __future__ import annotations

import builtins
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from folders import NEWSLETTER, SERIES, article, ok, partwork, run, run_python, snapshot, write

from importing import samples
from pipeline import files

SINCE = "\n[schedule]\nstart = 2026-01-06\n"


def prepared(tmp_path: Path, made: dict[str, bytes] | None = None) -> tuple[Path, Path]:
    source = samples.put(tmp_path / "pages", samples.html_files() if made is None else made)
    return write(tmp_path / "n", {"newsletter.toml": NEWSLETTER + SINCE}), source


def test_a_disk_that_refuses_half_way_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, source = prepared(tmp_path)
    before = snapshot(root)
    real: Callable[[Path, bytes], None] = files.replace
    for refuses in range(5):
        left = refuses

        def replace(path: Path, data: bytes) -> None:
            nonlocal left
            left -= 1
            if left == -1:
                raise files.refused(path, OSError(28, "No space left on device"))
            real(path, data)

        monkeypatch.setattr(files, "replace", replace)
        done = run("import", source, root=root)
        assert done.exit_code == 1
        assert "No space left on device" in done.output
        assert snapshot(root) == before
        assert not (root / "articles/images").exists()


@pytest.mark.parametrize("writes", range(5))
def test_an_import_that_was_killed_is_ended_by_the_next_as_if_nothing_had_been(
    writes: int, tmp_path: Path
) -> None:
    there = NEWSLETTER + SERIES + "\n[schedule]\nstart = 2026-10-06\n"
    source = samples.put(tmp_path / "pages", samples.html_files(dated=False))
    roots = [write(tmp_path / name, {"newsletter.toml": there}) for name in ("whole", "killed")]
    for root in roots:
        write(root, {"articles/01-one.md": article("One")})
    wanted = (source, "--series", "rest", "--start", "2026-12-01", "--as-of", "2026-11-01")
    ok("import", *wanted, root=roots[0])
    code = f"""
    from pipeline.cli import cli
    real, left = files.replace, {writes}

    def replace(path, data):
        global left
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        real(path, data)

    files.replace = replace
    cli(["-C", {str(roots[1])!r}, "import", *{[*map(str, wanted)]!r}])
    """
    assert run_python(code).returncode == -signal.SIGKILL
    ok("import", *wanted, root=roots[1])
    assert snapshot(roots[1]) == snapshot(roots[0])


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    root, source = prepared(tmp_path)
    write(root, {"articles/images/needles-and-nerves/couch.png": b"mine"})
    before = snapshot(root)
    done = run("import", source, root=root)
    assert done.exit_code == 1
    assert "couch.png: this file is there already, and nothing is overwritten" in done.output
    assert snapshot(root) == before


def test_a_link_out_of_the_newsletter_is_never_followed(tmp_path: Path) -> None:
    root, source = prepared(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (root / "articles/deep").symlink_to(tmp_path / "elsewhere")
    done = run("import", source, "--into", "articles/deep", root=root)
    assert done.exit_code == 1
    assert not [*(tmp_path / "elsewhere").iterdir()]


def test_an_article_that_was_edited_is_left_alone(tmp_path: Path) -> None:
    root, source = prepared(tmp_path)
    ok("import", source, root=root)
    file = root / "articles/02-sleep-the-second-week.md"
    file.rename(root / "articles/02-renamed.md")
    edited = (root / "articles/02-renamed.md").read_text(encoding="utf-8").replace("Rest", "Peace")
    (root / "articles/02-renamed.md").write_text(edited, encoding="utf-8")
    before = snapshot(root)
    said = ok("import", source, root=root).output
    assert "page-b.html is there already: articles/02-renamed.md" in said
    assert snapshot(root) == before


def test_a_source_is_known_again_from_wherever_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, source = prepared(tmp_path)
    ok("import", source, root=root)
    before = snapshot(root)
    monkeypatch.chdir(source)
    for named in (".", "../pages", "page-a.html", str(source / "page-b.html"), "./page-c.html"):
        assert "0 articles, 0 files" in ok("import", named, root=root).output
    assert snapshot(root) == before


def test_the_folder_of_articles_can_be_another_and_a_folder_below_it(tmp_path: Path) -> None:
    source = samples.put(tmp_path / "pages", samples.html_files())
    there = NEWSLETTER + 'articles = "texts"\n' + SINCE
    root = tmp_path / "n"
    root.mkdir()
    (root / "newsletter.toml").write_text(there, encoding="utf-8")
    ok("import", source, "--into", "texts/care/", root=root)
    assert (root / "texts/care/01-needles-and-nerves.md").exists()
    assert (root / "texts/care/images/needles-and-nerves/couch.png").exists()
    ok("check", "--as-of", "2026-01-01", root=root)


def test_only_what_has_a_tag_comes_in_if_asked(tmp_path: Path) -> None:
    other = (
        "<item><title>News</title><guid>https://clinic.example/?p=77</guid><wp:post_type>post"
        "</wp:post_type><wp:status>publish</wp:status><wp:post_id>77</wp:post_id>"
        "<wp:post_date_gmt>2026-01-08 09:00:00</wp:post_date_gmt></item>"
    )
    root, _ = prepared(tmp_path, {"x.xml": samples.wxr(other)})
    ok("import", tmp_path / "pages/x.xml", "--tag", "CARE, plainly", root=root)
    assert len([*(root / "articles").glob("*.md")]) == 3


def test_several_sources_become_one_series(tmp_path: Path) -> None:
    root, source = prepared(tmp_path, {})
    samples.put(
        source,
        {
            "04-rest.docx": samples.docx("Rest", [("Normal", "Text.")]),
            "05-end.txt": b"The end\nText.\n",
            "03-begin.html": samples.page(0, dated=False).replace("item-pagination", "x").encode(),
        },
    )
    named = [source / one for one in ("05-end.txt", "04-rest.docx", "03-begin.html")]
    ok("import", *named, root=root)
    assert [one.name[:2] for one in sorted((root / "articles").glob("*.md"))] == ["03", "04", "05"]


def test_the_report_names_every_guess_and_programs_can_read_it(tmp_path: Path) -> None:
    root, source = prepared(tmp_path)
    made = json.loads(ok("import", source, "--dry-run", "--format", "json", root=root).stdout)
    said = [one["message"] for one in made["notes"]]
    assert "3 articles were taken for a saved HTML page" in said
    assert any(one.startswith("goes into the series 'pages'") for one in said)
    assert any(one.startswith("taken for page furniture: ") for one in said)
    assert made["articles"][0]["source"].endswith("page-a.html")
    assert made["files"][0] == "newsletter.toml"


def test_a_link_that_leads_nowhere_and_a_missing_picture_are_losses(tmp_path: Path) -> None:
    html = b"<h1>T</h1><p>A <a href=/about>word</a>.</p><img src=gone.png alt='Gone'>"
    root, source = prepared(tmp_path, {"x.html": html})
    said = ok("import", source, root=root).output
    assert "! " + str(source / "x.html") + ": the link to '/about' leads nowhere" in said
    assert "the picture 'gone.png' is not in the source" in said
    text = (root / "articles/01-t.md").read_text(encoding="utf-8")
    assert text.endswith("A word.\n\nGone\n")


def test_the_extra_is_asked_for_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    for name in [
        one for one in sys.modules if one.startswith(("pipeline.importing", "bs4", "mammoth"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] in ("bs4", "markdownify", "feedparser", "mammoth"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    root, source = prepared(tmp_path)
    done = run("import", source, root=root)
    assert done.exit_code == 1
    assert "pip install 'partwork[import]'" in done.output
    samples.put(tmp_path / "text", samples.text_files())
    ok("import", tmp_path / "text", root=root)  # plain text needs none of it


def test_articles_with_errors_are_named_before_anything_is_added(tmp_path: Path) -> None:
    root, source = prepared(tmp_path)
    write(root, {"articles/x.md": article("X", id=None, series=None)})
    done = run("import", source, root=root)
    assert done.exit_code == 1
    assert "articles/x.md:1: there is no id" in done.output


def test_a_program_that_is_no_terminal_is_asked_nothing(tmp_path: Path) -> None:
    root, source = prepared(tmp_path, samples.text_files())
    done = partwork("-C", root, "import", source)
    assert done.returncode == 0
    assert "“Next”" in done.stderr


@pytest.mark.parametrize(("answer", "first"), [("y", samples.TITLES[0]), ("n", samples.TITLES[2])])
def test_on_a_terminal_the_way_of_next_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, first: str
) -> None:
    import click

    asked: list[str] = []

    def confirm(text: str, **how: Any) -> bool:
        asked.append(text)
        return answer == "y"

    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(click, "confirm", confirm)
    from click.testing import CliRunner

    from pipeline import cli

    root, source = prepared(tmp_path, samples.text_files())
    runner = CliRunner()
    with runner.isolation():
        import sys

        monkeypatch.setattr(sys, "stdin", Terminal())
        cli.cli.main(["-C", str(root), "import", str(source)], standalone_mode=False)
    assert len(asked) == 1
    (file,) = (root / "articles").glob("01-*.md")
    assert f"title: {first}" in file.read_text(encoding="utf-8").replace('"', "").replace("\\", "")


def test_what_a_check_would_find_in_a_text_is_in_the_report(tmp_path: Path) -> None:
    root, source = prepared(tmp_path, {"x.md": b"# T\n\nSee <gopher://x.example>.\n"})
    said = ok("import", source, root=root).output
    assert "partwork check will say: a link may not begin with 'gopher:'" in said
    assert "a link may not begin with 'gopher:'" in run("check", root=root).output


def test_an_address_on_the_web_is_no_source(tmp_path: Path) -> None:
    root, _ = prepared(tmp_path)
    done = run("import", "https://x.example/feed.xml", root=root)
    assert done.exit_code == 1
    assert "save it to a file, and import that" in done.output
