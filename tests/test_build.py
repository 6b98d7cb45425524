"""Whole builds, each in a process of its own: the invariants that only the whole can break."""

from __future__ import annotations

import io
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from folders import (
    ROOT,
    SENDER,
    SETTINGS,
    article,
    listed,
    partwork,
    prepared,
    snapshot,
    write,
)
from PIL import Image

AS_OF = "2026-11-01"
TEXT = """\
First words with a [link](02-two.md), `code`, a footnote[^1] and ~~more~~.

## A heading

1. **One:** text — "quoted".
2. **Two:** [x](https://example.org/?a=1&b=2)

![A needle](images/needle.png "A caption")

| a | b |
|---|---|
| 1 | 2 |

```python
print("hello")
```

[^1]: The note.
"""


def picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(data, "PNG")
    return data.getvalue()


FILES: dict[str, str | bytes] = {
    "newsletter.toml": SETTINGS + '[series.other]\ntitle = "Other"\n' + SENDER,
    "articles/images/needle.png": picture(),
    "articles/01-one.md": article("Part one", TEXT, date="2026-10-06", tags=["b", "a", "c"]),
    "articles/02-two.md": article("Part two", TEXT, date="2026-10-13", authors=["Zoe", "Ann"]),
    "articles/03-three.md": article("Part three", TEXT, date="2026-10-20"),
    "articles/other/1-a.md": article("Other A", "Text.\n", series="other", date="2026-10-07"),
    "articles/note.md": article("A note", "Text.\n", series=None, date="2026-10-08"),
}


def build(root: Path, *args: str, **env: str) -> dict[str, bytes]:
    done = partwork("-C", root, "build", "--as-of", AS_OF, *args, **env)
    assert done.returncode == 0, done.stdout + done.stderr
    return snapshot(root / "output")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A newsletter with a good build."""
    root = write(tmp_path_factory.mktemp("built"), FILES)
    build(root)
    return root


@pytest.fixture
def root(built: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    return shutil.copytree(built, tmp_path / "root")


# D1, D2: the same bytes for the same input.


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Kiritimati"},
        {"PYTHONHASHSEED": "99", "TZ": "America/New_York", "LC_ALL": "C", "LANG": "C"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "TZ": ":nowhere"},
        {"PYTHONOPTIMIZE": "2", "COLUMNS": "20", "NO_COLOR": "1"},
    ],
    ids=lambda env: "-".join(env),
)
def test_nothing_around_a_build_changes_a_byte_of_it(
    built: Path, tmp_path: Path, env: dict[str, str]
) -> None:
    paths = [*FILES]
    random.Random(str(env)).shuffle(paths)  # noqa: S311 - any order will do
    other = tmp_path / "elsewhere" / "Ünï côde"
    for path in paths:
        write(other, {"newsletter.toml": FILES["newsletter.toml"], path: FILES[path]})
    assert build(other, **env) == snapshot(built / "output")


def test_where_a_build_is_started_from_changes_nothing(built: Path, tmp_path: Path) -> None:
    root = write(tmp_path / "a/b", FILES)
    deep = root / "articles/other"
    done = partwork("-C", "../..", "build", "--as-of", AS_OF, cwd=deep)
    assert done.returncode == 0, done.stderr
    assert snapshot(root / "output") == snapshot(built / "output")


def test_a_later_day_on_which_nothing_is_due_changes_nothing(root: Path) -> None:
    before = snapshot(root / "output")
    done = partwork("-C", root, "build", "--as-of", "2027-06-01")
    assert done.returncode == 0
    assert snapshot(root / "output") == before


# D3: what did not change is not touched.


def test_a_second_build_touches_no_file_and_says_so(root: Path) -> None:
    old = 1_000_000_000
    for path in listed(root / "output"):
        os.utime(root / "output" / path, (old, old))
    done = partwork("-C", root, "build", "--as-of", AS_OF)
    assert "nothing changed" in done.stdout
    assert {(root / "output" / path).stat().st_mtime for path in listed(root / "output")} == {old}


def test_a_changed_article_touches_no_page_that_does_not_show_it(root: Path) -> None:
    before = snapshot(root / "output")
    write(root, {"articles/note.md": article("A note", "New.\n", series=None, date="2026-10-08")})
    after = build(root)
    changed = {path for path in after if after[path] != before.get(path)}
    assert "articles/note/index.html" in changed
    assert "feed.xml" in changed
    assert "series/care/feed.xml" not in changed
    assert "articles/one/index.html" not in changed


# D4: a build that fails leaves the last good output whole.


@pytest.mark.parametrize(
    "broken",
    [
        {"articles/03-three.md": article("Part three", "![A](images/none.png)\n")},
        {"articles/03-three.md": b"\xff\xfe"},
        {"email_templates/issue.mjml.j2": "{% if %}"},
        {"email_templates/issue.txt.j2": "{{ nothing.at.all }}"},
        {"newsletter.toml": "[newsletter"},
    ],
    ids=["picture", "bytes", "syntax", "undefined", "settings"],
)
def test_a_build_that_fails_changes_nothing_and_names_the_place(
    root: Path, broken: dict[str, str | bytes]
) -> None:
    before = snapshot(root / "output")
    write(root, broken if "newsletter.toml" in broken else FILES | broken)
    done = partwork("-C", root, "build", "--as-of", AS_OF)
    assert done.returncode == 1, done.stdout
    (path,) = broken
    assert f"error: {path}:" in done.stderr
    assert "Traceback" not in done.stderr
    assert snapshot(root / "output") == before


@pytest.mark.parametrize("after", [1, 12, 25])
def test_a_build_killed_at_any_point_leaves_whole_files(root: Path, after: int) -> None:
    before = snapshot(root / "output")
    write(root, {"articles/01-one.md": article("Part one", "Changed.\n", date="2026-10-06")})
    code = prepared(
        f"""
        from pipeline import outputs
        left = {after}
        real = outputs.staging.stage
        def dying(*args):
            global left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args)
        outputs.staging.stage = dying
        from pipeline.__main__ import main
        main()
        """
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code, "-C", str(root), "build", "--as-of", AS_OF],
        capture_output=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert snapshot(root / "output") == before
    mended = build(root)
    assert b"Changed." in mended["articles/one/index.html"]
    write(root, FILES)
    assert build(root) == before, "and nothing of the killed build is left"


def test_two_builds_at_once_leave_what_one_would(root: Path) -> None:
    wanted = snapshot(root / "output")
    for path in listed(root / "output"):
        (root / "output" / path).write_bytes(b"stale")
    command = [sys.executable, "-m", "pipeline", "-C", str(root), "build", "--as-of", AS_OF]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
        for _ in range(3)
    ]
    assert [one.wait(120) for one in running] == [0, 0, 0]
    assert snapshot(root / "output") == wanted


# F1: what is to come and what is not finished appears nowhere.


def test_not_a_word_of_what_is_to_come_or_unfinished_is_in_the_output(root: Path) -> None:
    word = "Xyzzy"
    write(
        root,
        {
            "articles/04-four.md": article(
                f"{word} future", f"{word}.\n", slug="xyzzy-4", tags=[word], date="2026-11-03"
            ),
            "articles/05-five.md": article(
                f"{word} draft", word, slug="xyzzy-5", draft=True, date="2026-10-25"
            ),
            "articles/idea.md": article(f"{word} idea", word, series=None, draft=True),
            "articles/later.md": article(
                f"{word} later", word, series=None, date="2026-11-02", author=word
            ),
        },
    )
    for path, data in build(root).items():
        # The next part's date may be announced; its title only where the settings say so.
        assert word.lower() not in path.lower()
        assert word.lower().encode() not in data.lower(), path


def test_an_article_that_becomes_a_draft_again_is_taken_out_of_everything(root: Path) -> None:
    draft = article("A note", "Text.\n", series=None, date="2026-10-08", draft=True)
    write(root, {"articles/note.md": draft})
    made = build(root)
    assert "articles/note/index.html" not in made
    assert not any(b"A note" in data for data in made.values())


# Accepted without harm.


def test_text_of_every_kind_is_built(tmp_path: Path) -> None:
    titles = [
        "]]> <![CDATA[ <b>bold</b> &amp; &#60;",
        "{{ 7 * 7 }} {% raw %} *|FNAME|* [[x]] ${y} <%= z %>",
        "long " * 140,
        "קורס בחלקים — \u202eמבוא",
        "👩‍⚕️ Ünï\ud800code \x00\x0b\ufffe",
        "\"double\" 'single' \\ back",
    ]
    bodies = [
        "",
        "word " * 60_000,
        "> " * 200 + "deep\n",
        "*|X|* {{ y }}\n",
        "<b>open\n",
        "\x07\x85",
    ]
    files = {
        f"articles/{at:02}-x{at}.md": article(title, body, id=f"tag:x,2026:{at}").encode(
            errors="surrogatepass"
        )
        for at, (title, body) in enumerate(zip(titles, bodies, strict=True), 1)
    }
    files["articles/07-dos.md"] = (
        b"\xef\xbb\xbf" + article("Windows").replace("\n", "\r\n").encode()
    )
    root = write(tmp_path, {"newsletter.toml": SETTINGS + SENDER, **files})
    done = partwork("-C", root, "build", "--as-of", "2027-01-01")
    assert done.returncode == 0, done.stderr
    made = snapshot(root / "output")
    assert len([path for path in made if path.startswith("articles/")]) == 7
    page = made["articles/x2/index.html"]
    assert b"{{ 7 * 7 }} {% raw %} *|FNAME|* [[x]] ${y} &lt;%= z %&gt;" in page


def test_the_sample_newsletter_builds_without_a_warning(tmp_path: Path) -> None:
    sample = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in [ROOT / "newsletter.toml", *(ROOT / "articles").rglob("*")]
        if path.is_file()
    }
    root = write(tmp_path, sample)
    done = partwork("-C", root, "build", "--as-of", "2026-10-07")
    assert (done.returncode, done.stderr) == (0, "")
