"""Builds that build on earlier ones: no cache may change a byte, whatever was done in between."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module, resources
from pathlib import Path

import pytest
from folders import NOW, ROOT, SENDER, SETTINGS, article, listed, prepared, snapshot, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from pipeline import articles, build, cache, nearby, rebuild, stamps, standing, workers
from pipeline.built import Built
from pipeline.config import Newsletter
from pipeline.errors import PartworkError
from pipeline.newsletter import load
from pipeline.packing import pack
from pipeline.spool import held

BODY = """\
Words with a link to [the second](02-two.md) and [one outside](note.md).

![A needle](images/needle.png)

## A heading

More words.
"""


def picture(width: int) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, 30), "teal").save(data, "PNG")
    return data.getvalue()


FILES: dict[str, str | bytes] = {
    "newsletter.toml": SETTINGS + '[series.other]\ntitle = "Other"\n' + SENDER,
    "articles/images/needle.png": picture(40),
    "articles/images/other.png": picture(50),
    "articles/01-one.md": article("Part one", BODY, date="2026-10-06", image_alt="A", tags=["a"]),
    "articles/02-two.md": article("Part two", date="2026-10-13", notice="Ask [her](note.md)."),
    "articles/03-three.md": article("Part three", BODY, date="2026-10-20"),
    "articles/04-four.md": article("Part four", date="2026-12-01"),
    "articles/images/head.png": picture(60),
    "articles/other/1-a.md": article(
        "Other A",
        "Later: [the fourth](../04-four.md).\n",
        series="other",
        date="2026-10-06",
        image="../images/head.png",
        image_alt="x",
    ),
    "articles/note.md": article(
        "A note", "![x](images/other.png)\n", series=None, date="2026-10-08"
    ),
}


@pytest.fixture(autouse=True)
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a moment ago count as settled; `changed` sees to it that the disk's dates move."""
    monkeypatch.setattr(stamps, "TICK", -(10**12))


@pytest.fixture
def borders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages come two at a time and show only the parts right beside them, so that few are many."""
    monkeypatch.setattr(import_module("pipeline.pages.drafts"), "LOT", 2)
    monkeypatch.setattr(nearby, "MANY", 2)
    monkeypatch.setattr(nearby, "NEAR", 1)


def again(root: Path, as_of: datetime = NOW) -> Built:
    return rebuild.everything(load(root), as_of)


@contextmanager
def elsewhere(root: Path) -> Iterator[Path]:
    """The same sources in a folder without output and cache."""
    with tempfile.TemporaryDirectory() as made:
        copy = Path(made) / "copy"
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns("output", ".partwork-*"))
        yield copy


def expect_as_if_new(root: Path, as_of: datetime = NOW) -> None:
    """Building again gives what building anew gives: files, rows, warnings, or the same errors."""
    with elsewhere(root) as copy:
        try:
            anew = build.everything(load(copy), as_of)
        except PartworkError as error:
            before = snapshot(root / "output")
            with pytest.raises(PartworkError) as raised:
                again(root, as_of)
            assert raised.value.problems == error.problems  # noqa: PT017 - either both fail, or none
            assert snapshot(root / "output") == before
            return
        made = again(root, as_of)
        assert snapshot(root / "output") == snapshot(copy / "output")
    assert made.written.sizes == anew.written.sizes
    assert (made.rows, made.warnings) == (anew.rows, anew.warnings)


def changed(root: Path, files: Mapping[str, str | bytes | None]) -> None:
    """Write files, or remove them, so that the disk's dates tell."""
    for path, contents in files.items():
        target = root / path
        before = target.stat().st_ctime_ns if target.exists() else 0
        if contents is None:
            target.unlink(missing_ok=True)
            continue
        while True:  # within a tick of the disk's clock
            write(root, {path: contents})
            if target.stat().st_ctime_ns != before:
                break


# What can happen between two builds.

Change = Callable[[Path], None]


def edit(path: str, old: str, new: str) -> Change:
    def do(root: Path) -> None:
        target = root / path
        if target.exists():
            changed(root, {path: target.read_text().replace(old, new)})

    do.__name__ = f"{path}: {old!r} → {new!r}"
    return do


def put(path: str, contents: str | bytes | None) -> Change:
    def do(root: Path) -> None:
        changed(root, {path: contents})

    do.__name__ = f"{path} {'goes' if contents is None else 'comes'}"
    return do


def move(path: str, to: str) -> Change:
    def do(root: Path) -> None:
        if (root / path).exists():
            (root / path).rename(root / to)

    do.__name__ = f"{path} → {to}"
    return do


def spoil(path: str) -> Change:
    """Somebody writes into the output, setting the date back."""

    def do(root: Path) -> None:
        for found in (root / "output").glob(path):
            status = found.stat()
            found.write_bytes(found.read_bytes()[::-1])
            os.utime(found, ns=(status.st_atime_ns, status.st_mtime_ns))

    do.__name__ = f"{path} is spoilt"
    return do


WORDS = (ROOT / "pipeline/page_templates/words.html.j2").read_bytes()
CHANGES: tuple[Change, ...] = (
    edit("articles/01-one.md", "Words", "Other words"),
    edit("articles/01-one.md", "Part one", "The first part"),
    edit("articles/02-two.md", "Text.", "Text with [a link](03-three.md)."),
    edit("articles/02-two.md", "Part two", "Second"),
    edit("articles/02-two.md", "id:", "slug: another\nid:"),
    edit("articles/03-three.md", "2026-10-20", "2026-10-27"),
    edit("articles/03-three.md", "2026-10-20", "2026-11-20"),
    edit("articles/03-three.md", "id:", "draft: true\nid:"),
    edit("articles/04-four.md", "2026-12-01", "2026-10-28"),
    edit("articles/02-two.md", "id:", "updated: 2026-10-30\nid:"),
    edit("articles/note.md", "id:", "image: images/needle.png\nimage_alt: x\nid:"),
    edit("articles/01-one.md", "(images/needle.png)", "(images/missing.png)"),
    put("articles/images/needle.png", picture(41)),
    put("articles/images/needle.png", None),
    put("articles/images/missing.png", picture(7)),
    put("articles/images/head.png", picture(61)),
    put("articles/images/head.png", None),
    edit("articles/note.md", "2026-10-08", "2026-10-05"),
    put("articles/note.md", None),
    put("articles/note.md", FILES["articles/note.md"]),
    put("articles/05-five.md", article("Part five", BODY)),
    put("articles/other/2-b.md", article("Other B", "[x](../01-one.md)\n", series="other")),
    move("articles/other/1-a.md", "articles/other/01-aa.md"),
    edit("newsletter.toml", "Northgate Notes", "Southgate Notes"),
    edit("newsletter.toml", "Care in Parts", "Care"),
    edit("newsletter.toml", 'author = { name = "Ann Lee" }', 'author = { name = "Bo Lee" }'),
    edit("newsletter.toml", "[schedule]", '[feeds]\norder = "newest"\n\n[schedule]'),
    edit("newsletter.toml", "[schedule]", "[feeds]\nlimit = 1\n\n[schedule]"),
    edit("newsletter.toml", "[email]", '[email]\nannounce_next = "title"'),
    put("page_templates/words.html.j2", WORDS.replace(b'"Issues"', b'"Numbers"')),
    put("page_templates/words.html.j2", None),
    put("email_templates/words/en.toml", 'by = "Written by {names}"\n'),
    put("email_templates/words/en.toml", None),
    spoil("index.html"),
    spoil("issues/*/email.html"),
    spoil("media/images/*.png"),
    put("output/articles/part-one/index.html", None),
    put("output/feed.xml", "mine"),
    put("output/mine.txt", "mine"),
)  # fmt: skip


@pytest.mark.usefixtures("borders")
@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
def test_after_any_single_change_building_again_is_building_anew(
    change: Change, tmp_path: Path
) -> None:
    write(tmp_path, FILES)
    again(tmp_path)
    change(tmp_path)
    mine = (tmp_path / "output/mine.txt").exists()
    if mine:
        again(tmp_path)
        assert (tmp_path / "output/mine.txt").read_text() == "mine"
        (tmp_path / "output/mine.txt").unlink()
    expect_as_if_new(tmp_path)
    expect_as_if_new(tmp_path)


@pytest.mark.usefixtures("borders")
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(CHANGES[:-1]), st.integers(min_value=-40, max_value=40)),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_changes_at_any_moment_building_again_is_building_anew(
    steps: list[tuple[Change, int]],
) -> None:
    with tempfile.TemporaryDirectory() as made:
        root = write(Path(made), FILES)
        again(root)
        for change, days in steps:
            change(root)
            expect_as_if_new(root, NOW + timedelta(days=days))


@pytest.mark.parametrize("processes", ["1", "2", "4"])
def test_any_number_of_processes_makes_the_same(
    processes: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = {
        f"articles/{number:03}-part-{number}.md": article(
            f"Part {number}", BODY.replace("02-two", "001-part-1")
        )
        for number in range(1, 13)
    }
    others = {path: made for path, made in FILES.items() if not path.startswith("articles/0")}
    del others["articles/other/1-a.md"]  # it leads to one of those
    write(tmp_path, others | many)
    with elsewhere(tmp_path) as alone:
        monkeypatch.setenv(workers.PROCESSES, "1")
        expected = build.everything(load(alone), NOW)
        monkeypatch.setenv(workers.PROCESSES, processes)
        monkeypatch.setattr(threading, "active_count", lambda: 1)
        for module in ("bodies", "outputs", "readings", "rebuild"):
            monkeypatch.setattr(f"pipeline.{module}.MANY", 2)
        made = again(tmp_path)
        assert snapshot(tmp_path / "output") == snapshot(alone / "output")
        assert (made.rows, made.warnings, made.written.sizes) == (
            expected.rows,
            expected.warnings,
            expected.written.sizes,
        )


def test_where_nothing_changed_no_source_is_read_and_no_renderer_loaded(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    heavy = {"jinja2", "lxml", "mjml", "feedgen", "nh3", "pyromark", "yaml", "pipeline.build"}
    code = f"""
import sys
from datetime import UTC, datetime
from pathlib import Path
from pipeline import rebuild, stamps
from pipeline.newsletter import load
stamps.TICK = -10**12
built = rebuild.everything(load(Path({str(tmp_path)!r})), datetime(2026, 11, 1, 12, tzinfo=UTC))
print(len(built.written.changed), sorted(set(sys.modules) & {heavy!r}))
"""
    said = [
        subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert said[0].startswith(str(len(listed(tmp_path / "output"))))
    assert said[1] == "0 []\n"


def test_only_what_a_change_touches_is_made_again(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    first = again(tmp_path).written
    edit("articles/note.md", "![x]", "More. ![x]")(tmp_path)
    changed_now = again(tmp_path).written.changed
    assert len(first.changed) == len(first.sizes)
    with_note = "issues/002-note/"
    assert set(changed_now) == {
        "articles/note/index.html",
        *("atom.xml", "feed.json", "feed.xml"),
        *(with_note + name for name in ("index.html", "email.html", "email.txt")),
    }


def test_a_moment_at_which_something_is_published_ends_what_stood(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    again(tmp_path)
    assert again(tmp_path, NOW + timedelta(days=20)).written.changed == ()
    assert again(tmp_path, datetime(2026, 12, 1, 12, tzinfo=UTC)).written.changed != ()
    expect_as_if_new(tmp_path, NOW)


@pytest.fixture
def zones(tmp_path: Path) -> Iterator[Path]:
    """A system's folder of timezones, empty still; without one the package tzdata has them."""
    folder = tmp_path / "zoneinfo"
    (folder / "Europe").mkdir(parents=True)
    zoneinfo.reset_tzpath(to=[folder])
    zoneinfo.ZoneInfo.clear_cache()
    yield folder
    zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache()


def test_where_a_country_changes_its_clocks_no_date_is_kept(zones: Path, tmp_path: Path) -> None:
    root = write(tmp_path / "notes", FILES)
    before = again(root).rows[0].date
    new = resources.files("tzdata.zoneinfo.Europe").joinpath("Athens").read_bytes()
    (zones / "Europe/London").write_bytes(new)
    zoneinfo.ZoneInfo.clear_cache()
    expect_as_if_new(root)
    assert again(root).rows[0].date == before - timedelta(hours=2)


def test_a_file_changed_a_moment_ago_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamps, "TICK", 10**12)
    write(tmp_path, FILES)
    again(tmp_path)
    newsletter = load(tmp_path)
    kept = cache.Cache(tmp_path)
    assert standing.find(newsletter, standing.look(newsletter, kept), NOW, kept) is None


@pytest.mark.parametrize("make", [build.feeds_only, rebuild.everything])
def test_a_file_changed_while_others_are_read_is_read_again(
    make: Callable[..., Built], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamps, "TICK", 0)
    write(tmp_path, FILES)
    time.sleep(0.05)
    original = articles.read

    def read(newsletter: Newsletter, path: str) -> articles.Reading:
        made = original(newsletter, path)
        if path == "articles/01-one.md":
            edit(path, "More words", "Newer words")(tmp_path)
            time.sleep(0.05)
        return made

    monkeypatch.setattr(articles, "read", read)
    make(load(tmp_path), NOW)
    monkeypatch.setattr(articles, "read", original)
    make(load(tmp_path), NOW)
    assert b"Newer words" in (tmp_path / "output/feed.xml").read_bytes()


def test_a_cache_that_is_gone_or_spoilt_costs_only_time(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    again(tmp_path)
    file = tmp_path / cache.FOLDER / cache.FILE
    whole = file.read_bytes()
    for spoilt in (None, b"", b"no database", whole[: len(whole) // 2], whole[:4096] + bytes(9000)):
        file.unlink() if spoilt is None else file.write_bytes(spoilt)
        edit("articles/01-one.md", "More words", "More more words")(tmp_path)
        expect_as_if_new(tmp_path)
    shutil.rmtree(tmp_path / cache.FOLDER)
    expect_as_if_new(tmp_path)


def test_a_single_bit_in_the_cache_changes_no_byte_of_the_output(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    again(tmp_path)
    file = tmp_path / cache.FOLDER / cache.FILE
    whole = file.read_bytes()
    for at in range(150, len(whole), len(whole) // 12):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        edit("articles/02-two.md", "Text", "Text text")(tmp_path)
        expect_as_if_new(tmp_path)


@pytest.mark.parametrize("moment", ["staged", "moving", "saving"])
def test_a_build_killed_half_way_leaves_nothing_that_the_next_one_trusts(
    moment: str, tmp_path: Path
) -> None:
    write(tmp_path, FILES)
    again(tmp_path)
    edit("articles/01-one.md", "Words", "Killed words")(tmp_path)
    spot = {
        "staged": "outputs._move = die",
        "moving": (
            "real = os.replace\n"
            "count = [0]\n"
            "def some(source, to):\n"
            "    count[0] += 1\n"
            "    return die() if count[0] == 3 else real(source, to)\n"
            "os.replace = some"
        ),
        "saving": "cache.Cache.save = die",
    }[moment]
    code = (
        "from datetime import datetime, timezone\n"
        "from pipeline import articles, build, cache, outputs, rebuild, stamps\n"
        "stamps.TICK = -10**12\n"
        "def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)\n"
        f"{spot}\n"
        f"rebuild.everything(newsletter.load(Path({str(tmp_path)!r})),"
        " datetime(2026, 11, 1, 12, tzinfo=timezone.utc))\n"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", prepared("") + code], cwd=ROOT, check=False, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    expect_as_if_new(tmp_path)


def test_two_builds_at_once_leave_what_one_leaves(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    argv = [sys.executable, "-m", "pipeline", "-C", str(tmp_path), "build", "--as-of", "2026-11-01"]
    both = [
        subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # noqa: S603 - our own program
        for _ in range(2)
    ]
    said = [one.communicate(timeout=120)[0].decode() for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    expect_as_if_new(tmp_path, datetime(2026, 11, 1, tzinfo=UTC))


@pytest.mark.parametrize("left", [b"", b"no pickle", pack("ab"), pack(7)])
def test_a_last_build_that_says_something_else_is_not_trusted(left: bytes, tmp_path: Path) -> None:
    write(tmp_path, FILES)
    again(tmp_path)
    newsletter = load(tmp_path)
    kept = cache.Cache(tmp_path)
    inputs = standing.look(newsletter, kept)
    asked = ("build", "everything", b"last")
    kept.put(*asked, replace(kept.get(*asked), left=held(left)))
    assert standing.find(newsletter, inputs, NOW, kept) is None
    kept.save()
    expect_as_if_new(tmp_path)


def test_a_feed_format_of_another_package_is_always_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its code may change without its version: only our own formats are left as they are."""
    write(tmp_path, FILES)
    newsletter = load(tmp_path)
    again(tmp_path)
    kept = cache.Cache(tmp_path)
    assert standing.find(newsletter, standing.look(newsletter, kept), NOW, kept) is not None
    monkeypatch.setattr("pipeline.feeds.FORMATS", {})
    edit("articles/01-one.md", "Words", "New words")(tmp_path)
    again(tmp_path)
    kept = cache.Cache(tmp_path)
    assert standing.find(newsletter, standing.look(newsletter, kept), NOW, kept) is None
