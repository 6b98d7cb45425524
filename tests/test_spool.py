"""Spools: what is set aside is read back, however much there is and whoever reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import spool, workers
from pipeline.packing import Ways, pack, unpack
from pipeline.spool import File, Spool, held


@given(texts=st.lists(st.binary(max_size=9)), room=st.integers(0, 30))
def test_everything_is_read_back_in_memory_or_not(texts: list[bytes], room: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "ROOM", room)
        aside = Spool()
        put = [aside.put(text) for text in texts]
        moved = [held(text) for text in texts]
        for one in moved:
            one.move(aside)
            one.move(Spool())
    assert [one.read() for one in put] == [one.read() for one in moved] == texts
    assert put == moved


def test_two_processes_that_share_a_spool_do_not_write_over_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spool, "ROOM", 0)
    monkeypatch.setenv(workers.PROCESSES, "3")
    aside = Spool()
    first = aside.put(b"first")

    def work(number: int) -> bytes:
        mine = [aside.put(b"%d %d" % (number, at)) for at in range(50)]
        return b" ".join(one.read() for one in [first, *mine])

    expected = [b" ".join([b"first", *(b"%d %d" % (n, at) for at in range(50))]) for n in range(60)]
    assert [*workers.share(work, range(60), least=2)] == expected


def test_what_a_result_holds_is_read_after_its_process_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(workers.PROCESSES, "2")
    made = [*workers.share(lambda number: held(b"%d" % number), range(60), least=2)]
    assert [one.read() for one in made] == [b"%d" % number for number in range(60)]


def test_what_is_held_can_be_packed_with_it_or_set_aside() -> None:
    file = File()
    value = ("x", held(b"a"), held(b"b"))
    assert unpack(pack(value)) == value
    assert unpack(pack(value, Ways(file.add)), file.at) == value


def test_bytes_are_read_where_a_system_cannot_read_at_a_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr("os.pread")
    file = File()
    first = file.at(file.add(b"first"))
    assert first.read() == b"first"
    second = file.at(file.add(b"second"))
    assert [first.read(), second.read()] == [b"first", b"second"]
