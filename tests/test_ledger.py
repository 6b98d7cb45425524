from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import ledger
from pipeline.errors import PartworkError
from pipeline.ledger.entries import Entry, Event, decode, encode, parse
from pipeline.ledger.records import Stage, records

NOON = datetime(2026, 10, 6, 12, 0, tzinfo=UTC)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
entries = st.builds(
    Entry,
    at=st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)).map(  # noqa: DTZ001 - given its zone next
        lambda moment: moment.replace(tzinfo=UTC)
    ),
    event=st.sampled_from(Event),
    service=texts,
    issue=texts,
    number=st.integers(0, 10**6),
    content=texts,
    remote=texts,
    articles=st.lists(texts, max_size=3).map(tuple),
    when=st.none() | st.just(NOON),
    closes=st.lists(texts, max_size=2).map(tuple),
    counts=st.dictionaries(texts, st.integers(-5, 5), max_size=2),
    note=texts,
)


def an_entry(event: Event = Event.SUBMITTED, minute: int = 0, **more: object) -> Entry:
    at = NOON + timedelta(minutes=minute)
    line = {"service": "weekly", "issue": "tag:example.org,2026:one", "number": 1, **more}
    return Entry(at=at, event=event, **line)  # type: ignore[arg-type]  # test data by name


def write(root: Path, *lines: Entry) -> None:
    with ledger.opened(root) as book:
        for line in lines:
            book.append(line)


def forget_this_machine(root: Path) -> None:
    shutil.rmtree(root / ledger.LOCAL)


@given(entries)
def test_an_entry_reads_back_as_it_was_written(entry: Entry) -> None:
    line = encode(entry)
    assert "\n" not in line
    assert decode(line) == entry
    assert decode(line).digest == entry.digest


@given(st.lists(entries, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_repeats_and_another_order_of_lines_say_the_same(lines: list[Entry], random) -> None:
    at = (NOON + timedelta(seconds=number) for number in range(100))
    lines = [Entry(at=next(at), event=one.event, service="s", issue="i") for one in lines]
    shuffled = [*lines, *lines]
    random.shuffle(shuffled)
    once = records(lines, "s")
    assert {issue: (one.stage, one.at) for issue, one in once.items()} == {
        issue: (one.stage, one.at) for issue, one in records(shuffled, "s").items()
    }


def test_two_branches_that_git_merges_by_union_still_read(tmp_path: Path) -> None:
    git = shutil.which("git")
    assert git, "the machine has git"

    def run(*words: str) -> None:
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run([git, *who, *words], cwd=tmp_path, check=True, capture_output=True)  # noqa: S603 - git itself

    (tmp_path / ".gitattributes").write_text("ledger.jsonl merge=union\n")
    run("init", "-q", "-b", "main")
    write(tmp_path, an_entry(minute=0, issue="one"))
    run("add", ".gitattributes", "ledger.jsonl")
    run("commit", "-qm", "one")
    run("checkout", "-qb", "other")
    write(tmp_path, an_entry(minute=1, issue="two"))
    run("commit", "-qam", "two")
    run("checkout", "-q", "main")
    forget_this_machine(tmp_path)
    write(tmp_path, an_entry(minute=2, issue="three"))
    run("commit", "-qam", "three")
    run("merge", "-q", "--no-edit", "other")
    forget_this_machine(tmp_path)
    assert records(ledger.read(tmp_path), "weekly").keys() == {"one", "two", "three"}


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("<<<<<<< HEAD", "conflict marker"),
        ("not json", "can't be read"),
        ("[1]", "not a line of a ledger"),
        ('{"schema":1,"event":"submitted"}', "`at` is missing"),
        ('{"schema":1,"at":"2026-10-06T09:00:00Z","event":"sent"}', "'sent'"),
        ('{"schema":1,"at":"2026-10-06T09:00:00","event":"submitted"}', "no offset"),
        ('{"schema":1,"at":"2026-10-06T09:00:00Z","event":"failed","to":"x"}', "`to` is unknown"),
        ('{"schema":1,"at":7,"event":"failed"}', "can't be read"),
        ('{"schema":1,"at":"2026-10-06T09:00:00Z","event":"failed","number":true}', "True"),
        ('{"schema":2,"at":"2026-10-06T09:00:00Z","event":"failed"}', "schema 2"),
    ],
)
def test_a_line_that_cannot_be_read_is_an_error_with_its_place(
    tmp_path: Path, line: str, what: str
) -> None:
    good = encode(an_entry())
    (tmp_path / "ledger.jsonl").write_text(f"{good}\n{line}\n{good}\n", encoding="utf-8")
    for reading in (lambda: ledger.read(tmp_path), lambda: write(tmp_path, an_entry())):
        with pytest.raises(PartworkError) as caught:
            reading()
        [problem] = caught.value.problems
        assert (problem.path, problem.line) == ("ledger.jsonl", 2)
        assert what in problem.message


def test_a_crash_at_any_byte_loses_nothing_and_stops_nothing(tmp_path: Path) -> None:
    lines = [an_entry(minute=minute, note="é — “q”") for minute in range(3)]
    whole = "".join(f"{encode(line)}\n" for line in lines).encode()
    path = tmp_path / "ledger.jsonl"
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        complete = [line for line in lines if encode(line).encode() in whole[:cut]]
        assert list(ledger.read(tmp_path)) == complete
        with ledger.opened(tmp_path) as book:
            kept = [one.note for one in book.entries if one.event is Event.TORN]
            book.append(an_entry(minute=9))
        rest = whole[:cut].rpartition(b"\n")[2]
        if rest and rest not in whole.split(b"\n"):
            assert kept == [rest.decode("utf-8", "backslashreplace")]
        found = parse(path.read_bytes())
        assert found.problems == ()
        assert [one for one in found.entries if one.event is not Event.TORN] == [
            *complete,
            an_entry(minute=9),
        ]
        forget_this_machine(tmp_path)


def test_zeros_where_a_file_system_lost_the_bytes_are_a_torn_line(tmp_path: Path) -> None:
    whole = f"{encode(an_entry())}\n".encode()
    (tmp_path / "ledger.jsonl").write_bytes(whole + whole[:20] + b"\0" * 40)
    assert ledger.read(tmp_path) == (an_entry(),)


def test_an_unfinished_line_that_is_not_ours_is_damage_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_text(f"{encode(an_entry())}\nremember to ask Bob")
    with pytest.raises(PartworkError, match=r"ledger\.jsonl:2: "):
        ledger.read(tmp_path)


def test_repair_sets_damage_aside_and_keeps_every_word_of_it(tmp_path: Path) -> None:
    one, two = an_entry(minute=1), an_entry(minute=2)
    path = tmp_path / "ledger.jsonl"
    path.write_text(f"{encode(one)}\n=======\nhalf a li\n{encode(two)}\n{encode(one)[:30]}")
    assert ledger.repair(tmp_path) == 3
    found = parse(path.read_bytes())
    assert found.problems == ()
    assert [one.note for one in found.entries if one.event is Event.TORN] == [
        "=======",
        "half a li",
        encode(one)[:30],
    ]
    assert [one for one in found.entries if one.event is not Event.TORN] == [one, two]


def test_a_ledger_that_lies_elsewhere_behind_a_link_is_mended_there(tmp_path: Path) -> None:
    volume, root = tmp_path / "volume", tmp_path / "checkout"
    volume.mkdir()
    root.mkdir()
    for name in (ledger.FILE, ledger.figures.FILE):
        (volume / name).touch()
        (root / name).symlink_to(volume / name)
    write(root, an_entry())
    with (volume / ledger.FILE).open("a", encoding="utf-8") as file:
        file.write(encode(an_entry())[:30])
    write(root, an_entry(Event.SETTLED, 1))
    with ledger.opened(root) as book:
        book.note(an_entry(Event.REPORTED, 2, counts={"opens": 1}))
    shutil.rmtree(root)  # as a container goes that a new checkout follows
    assert [one.event for one in ledger.read(volume)][-1] is Event.SETTLED
    assert len(ledger.read_figures(volume)) == 1


def test_repair_leaves_lines_of_a_newer_version_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text('{"schema":9}\nrubbish\n')
    with pytest.raises(PartworkError, match="update Partwork"):
        ledger.repair(tmp_path)
    assert path.read_text() == '{"schema":9}\nrubbish\n'


def test_a_newer_versions_line_in_this_machines_copy_stops_an_older_one(tmp_path: Path) -> None:
    write(tmp_path, an_entry(minute=1))
    copy = tmp_path / ledger.LOCAL / ledger.FILE
    said = copy.read_text() + '{"schema":9}\nrubbish\n'
    copy.write_text(said)
    for look in (ledger.read, write):
        with pytest.raises(PartworkError, match=r"\.partwork/ledger\.jsonl:2: .*update Partwork"):
            look(tmp_path)
    assert copy.read_text() == said


def test_lines_that_an_older_commit_lacks_are_put_back(tmp_path: Path) -> None:
    write(tmp_path, an_entry(minute=1))
    old = (tmp_path / "ledger.jsonl").read_bytes()
    write(tmp_path, an_entry(minute=2))
    (tmp_path / "ledger.jsonl").write_bytes(old)
    assert len(ledger.read(tmp_path)) == 2
    write(tmp_path)
    assert len(parse((tmp_path / "ledger.jsonl").read_bytes()).entries) == 2


def test_this_machines_copy_is_invisible_to_git(tmp_path: Path) -> None:
    write(tmp_path, an_entry())
    assert (tmp_path / ledger.LOCAL / ".gitignore").read_text() == "*\n"


def test_an_append_is_on_the_disk_before_it_returns(tmp_path: Path, monkeypatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(file: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{file}").readlink()))
        real(file)

    with ledger.opened(tmp_path) as book:
        monkeypatch.setattr(os, "fsync", fsync)
        book.append(an_entry())
        assert synced == [
            str(tmp_path / "ledger.jsonl"),
            str(tmp_path),
            str(tmp_path / ledger.LOCAL / "ledger.jsonl"),
            str(tmp_path / ledger.LOCAL),
        ]


def test_a_full_disk_leaves_no_half_line_behind(tmp_path: Path, monkeypatch) -> None:
    write(tmp_path, an_entry())
    before = (tmp_path / "ledger.jsonl").read_bytes()
    real = os.write

    def fill_up(file: int, data: bytes) -> int:
        if len(data) > 10:
            return real(file, data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    with ledger.opened(tmp_path) as book:
        monkeypatch.setattr(os, "write", fill_up)
        with pytest.raises(PartworkError, match="No space left"):
            book.append(an_entry(minute=1))
        monkeypatch.undo()
    assert (tmp_path / "ledger.jsonl").read_bytes() == before


_HOLD = """
import sys
from pathlib import Path
from pipeline import ledger
with ledger.opened(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_one_process_at_a_time_and_a_killed_one_holds_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(  # noqa: S603 - this Python
        [sys.executable, "-c", _HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(PartworkError, match="another partwork"),
            ledger.opened(tmp_path, wait=0.1),
        ):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with ledger.opened(tmp_path, wait=0.1) as book:
            assert book.entries == ()


def test_an_intent_is_open_until_a_line_closes_it_wherever_that_stands() -> None:
    intent = an_entry(Event.SUBMITTING, minute=5, content="c")
    assert records([intent], "weekly")[intent.issue].releasing == intent
    failed = an_entry(Event.FAILED, minute=1, closes=(intent.digest,))
    assert records([failed, intent], "weekly")[intent.issue].releasing is None


def test_the_furthest_stage_counts_and_keeps_what_was_submitted() -> None:
    said = [
        an_entry(Event.DRAFTED, minute=1, content="old", remote="7", articles=("a",)),
        an_entry(Event.SUBMITTED, minute=2, content="new", remote="8", articles=("a", "b")),
        an_entry(Event.DRAFTED, minute=3, content="later", remote="9"),
        an_entry(Event.SETTLED, minute=4, content="new", counts={"sent": 3}),
    ]
    record = records(said, "weekly")[said[0].issue]
    assert record.stage is Stage.SETTLED
    assert (record.content, record.remote, record.articles) == ("new", "8", ("a", "b"))
    assert record.counts == {"sent": 3}


def test_services_do_not_share_records_and_forgetting_begins_anew() -> None:
    said = [an_entry(minute=1), an_entry(minute=2, service="other")]
    assert records(said, "weekly").keys() == {said[0].issue}
    said.append(an_entry(Event.FORGOTTEN, minute=3))
    assert records(said, "weekly") == {}
    said.append(an_entry(Event.DRAFTED, minute=4))
    assert records(said, "weekly")[said[0].issue].stage is Stage.DRAFTED
