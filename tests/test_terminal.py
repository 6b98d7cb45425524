"""What people see on a terminal while something takes long, and after Ctrl-C: a real one (pty)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from folders import article, ok, partwork, snapshot, three, write
from PIL import Image
from terminal import on_a_terminal

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-7]m")


SLOW = """
import time
from pipeline import outputs
real = outputs.staging.holds
def slow(*args):
    time.sleep(0.06)
    return real(*args)
outputs.staging.holds = slow
"""
STUCK = """
import time
from pipeline import outputs
real = outputs.staging.holds
calls = []
def stuck(*args):
    calls.append(args)
    time.sleep(60 if len(calls) > 5 else 0.06)
    return real(*args)
outputs.staging.holds = stuck
"""


def test_a_long_build_counts_its_files_on_a_terminal(tmp_path: Path) -> None:
    root = write(tmp_path, three())
    code, said = on_a_terminal("-C", root, "build", code=SLOW)
    assert code == 0, said
    assert re.search(r"\d+ files", ESCAPES.sub("", said).split("Care in Parts")[0])
    assert "\x1b[?25h" in said, "the cursor is shown again"


SLOWLY_MADE = """
import time
from pipeline.importing import bodies
real = bodies.made
def slow(*args):
    time.sleep(0.06)
    return real(*args)
bodies.made = slow
"""


def test_a_long_import_counts_its_articles_on_a_terminal(tmp_path: Path) -> None:
    root = write(tmp_path / "n", {})
    for day in range(1, 6):
        (tmp_path / f"{day}.md").write_text(
            f"---\ntitle: Day {day}\ndate: 2026-10-0{day}\n---\nText.\n"
        )
    sources = sorted(tmp_path.glob("*.md"))
    code, said = on_a_terminal("-C", root, "import", *sources, code=SLOWLY_MADE)
    assert code == 0, said
    assert re.search(r"[1-5] articles", ESCAPES.sub("", said).split("Part ")[0])
    assert "\x1b[?25h" in said, "the cursor is shown again"


@pytest.mark.parametrize("command", [["build"], ["feed"], ["check", "--email"], ["status"]])
def test_in_a_pipe_nothing_moves(tmp_path: Path, command: list[str]) -> None:
    done = partwork("-C", write(tmp_path, three()), *command, FORCE_COLOR="1")
    assert "\x1b" not in done.stdout + done.stderr
    assert "0:00:0" not in done.stderr


def test_a_dumb_terminal_is_sent_no_escapes(tmp_path: Path) -> None:
    code, said = on_a_terminal("-C", write(tmp_path, three()), "build", code=SLOW, TERM="dumb")
    assert code == 0
    assert "\x1b" not in said


def test_no_color_takes_colours_away(tmp_path: Path) -> None:
    root = write(tmp_path, three() | {"articles/02-two.md": article("Two", sumary="x")})
    _, said = on_a_terminal("-C", root, "check")
    assert COLOUR.search(said)
    _, said = on_a_terminal("-C", root, "check", NO_COLOR="1")
    assert "error: " in said
    assert "\x1b" not in said
    _, said = on_a_terminal("-C", root, "check", NO_COLOR="")
    assert COLOUR.search(said), "an empty one says nothing"
    _, said = on_a_terminal("-C", write(tmp_path / "b", three()), "build", code=SLOW, NO_COLOR="1")
    assert "files" in said
    assert not COLOUR.search(said)


def test_a_name_with_brackets_is_shown_and_breaks_nothing(tmp_path: Path) -> None:
    root = write(tmp_path, {"articles/01-a.md": article("A", "![x](images/[/b]x.png)\n")})
    (root / "articles/images/[").mkdir(parents=True)
    Image.new("RGB", (9, 9)).save(root / "articles/images/[/b]x.png")
    code, said = on_a_terminal("-C", root, "build", code=SLOW)
    assert code == 0, said
    assert "media/images/[/b]x.png" in said


def test_a_build_of_several_processes_counts_what_each_makes(tmp_path: Path) -> None:
    forked = f"{SLOW}\noutputs.MANY = 1"
    root = write(tmp_path, three())
    code, said = on_a_terminal("-C", root, "build", code=forked, PARTWORK_PROCESSES="3")
    assert code == 0, said
    counts = [int(one) for one in re.findall(r"(\d+) files", ESCAPES.sub("", said))]
    made = int(re.findall(r"(\d+) files in output/", said)[0])
    alone = made // 3 + 4
    assert alone < max(counts[:-1]) <= made


def test_ctrl_c_in_a_build_leaves_all_as_it_was_and_the_cursor_shown(tmp_path: Path) -> None:
    root = write(tmp_path, three())
    ok("build", root=root)
    before = snapshot(root / "output")
    write(root, {"articles/01-one.md": article("Part one", "Changed.\n")})
    code, said = on_a_terminal("-C", root, "build", code=STUCK, stop_at=" files")
    assert code == 130, said
    assert "Stopped." in said
    assert "Traceback" not in said
    assert said.rfind("\x1b[?25h") > said.rfind("\x1b[?25l"), "the cursor is shown again"
    assert snapshot(root / "output") == before
    ok("build", root=root)


MOVING = """
import os, signal
real = os.replace
def moved(source, target, **how):
    os.kill(os.getpid(), signal.SIGINT)
    return real(source, target, **how)
os.replace = moved
"""


def test_ctrl_c_while_files_are_moved_waits_until_all_are(tmp_path: Path) -> None:
    root = write(tmp_path / "a", three())
    whole = write(tmp_path / "b", three())
    ok("build", "--as-of", "2026-11-01", root=whole)
    code, said = on_a_terminal("-C", root, "build", "--as-of", "2026-11-01", code=MOVING)
    assert code == 130, said
    assert snapshot(root / "output") == snapshot(whole / "output")


def test_a_stopped_write_leaves_nothing_beside(tmp_path: Path) -> None:
    from pipeline import files

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "links.json"
    path.write_bytes(b"old")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", stop)
        with pytest.raises(KeyboardInterrupt):
            files.replace(path, b"new")
    assert [one.name for one in tmp_path.iterdir()] == ["links.json"]
    assert path.read_bytes() == b"old"
