"""Files that come in chunks: the same promises, without a file ever being held whole."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from folders import snapshot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import outputs
from pipeline.errors import PartworkError
from pipeline.outputs import LOCK
from pipeline.outputs.manifest import MANIFEST

OLD = 1_000_000_000
CHUNKS = st.lists(st.sampled_from([b"", b"a", b"b", b"ab", b"abab"]), max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CHUNKS, CHUNKS)
def test_a_file_is_written_when_its_bytes_changed_and_only_then(
    tmp_path: Path, before: list[bytes], after: list[bytes]
) -> None:
    outputs.write(tmp_path, [("f", b"".join(before))])
    os.utime(tmp_path / "f", (OLD, OLD))
    done = outputs.write(tmp_path, [("f", iter(after))])
    assert snapshot(tmp_path) == {"f": b"".join(after)}
    assert done.sizes == {"f": len(b"".join(after))}
    same = b"".join(before) == b"".join(after)
    assert done.changed == (() if same else ("f",))
    assert ((tmp_path / "f").stat().st_mtime == OLD) is same
    assert sorted(path.name for path in tmp_path.glob(".*")) == [MANIFEST, LOCK]


def test_a_new_file_may_come_in_chunks_or_in_none(tmp_path: Path) -> None:
    done = outputs.write(tmp_path, [("deep/a", [b"x", b"y"]), ("empty", [])])
    assert snapshot(tmp_path) == {"deep/a": b"xy", "empty": b""}
    assert done.changed == ("deep/a", "empty")
    assert outputs.write(tmp_path, [("deep/a", [b"xy"]), ("empty", iter(()))]).changed == ()


@pytest.mark.parametrize("start", [b"a", b"z"])
def test_a_chunk_that_can_not_be_made_leaves_the_last_good_output_whole(
    tmp_path: Path, start: bytes
) -> None:
    def chunks() -> Iterator[bytes]:
        yield start
        raise PartworkError([])

    outputs.write(tmp_path, [("f", b"abc"), ("g", b"g")])
    before = snapshot(tmp_path)
    with pytest.raises(PartworkError):
        outputs.write(tmp_path, [("g", b"new"), ("f", chunks())])
    assert snapshot(tmp_path) == before


def test_no_more_is_held_than_a_chunk(tmp_path: Path) -> None:
    def chunks(last: bytes) -> Iterator[bytes]:
        for number in range(40):
            yield bytes([number]) * 1_000_000
        yield last

    for last in (b"new", b"new", b"changed"):
        tracemalloc.start()
        done = outputs.write(tmp_path, [("f", chunks(last))])
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert done.sizes == {"f": 40_000_000 + len(last)}
        assert peak < 5_000_000
