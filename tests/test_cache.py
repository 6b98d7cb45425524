"""The cache: what was put in comes out, or nothing does."""

from __future__ import annotations

import os
import pickle
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import workers
from pipeline.cache import FILE, FOLDER, Cache, digest, sum_of, using
from pipeline.errors import Problem
from pipeline.spool import held

KEY = b"key"


class Evil:
    """What a pickle could do to whoever reads it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


@contextmanager
def opened(root: Path) -> Iterator[Cache]:
    cache = Cache(root)
    yield cache
    cache.save()


def put(root: Path, value: Any) -> None:
    with opened(root) as cache:
        cache.put("kind", "name", KEY, value)


def got(root: Path) -> Any:
    with opened(root) as cache:
        return cache.get("kind", "name", KEY)


def test_a_pickle_that_would_run_something_runs_nothing(tmp_path: Path) -> None:
    put(tmp_path, "x")
    data = pickle.dumps(Evil(tmp_path / "made"))
    base = sqlite3.connect(tmp_path / FOLDER / FILE)
    base.execute("UPDATE parts SET data = ?", (digest(data) + data,))
    base.commit()
    base.close()
    assert got(tmp_path) is None
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "name", ["pipeline.files replace", "builtins eval", "os system", "pipeline.errors os.system"]
)
def test_a_pickle_that_names_anything_but_a_value_is_not_read(name: str, tmp_path: Path) -> None:
    put(tmp_path, "x")
    data = b"\x80\x02c" + name.replace(" ", "\n").encode() + b"\n."
    base = sqlite3.connect(tmp_path / FOLDER / FILE)
    base.execute("UPDATE parts SET data = ?", (digest(data) + data,))
    base.commit()
    base.close()
    assert got(tmp_path) is None


def test_a_folder_that_cannot_be_written_keeps_nothing_and_says_nothing(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file in its place")
    put(tmp_path, "x")
    assert got(tmp_path) is None
    assert (tmp_path / FOLDER).read_text() == "a file in its place"


def test_a_cache_that_somebody_else_holds_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.cache._WAIT", 0.01)
    put(tmp_path, "old")
    held = sqlite3.connect(tmp_path / FOLDER / FILE, isolation_level=None)
    held.execute("BEGIN EXCLUSIVE")
    put(tmp_path, "new")
    assert got(tmp_path) is None
    held.close()
    assert got(tmp_path) == "old"


def test_what_is_of_no_use_goes_once_it_outweighs_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.cache._SPARE", 10)
    with opened(tmp_path) as cache:
        for number in range(50):
            cache.put("old", "name", b"%d" % number, number)
            cache.put("other", "name", b"%d" % number, number)
    with opened(tmp_path) as cache:
        assert cache.get("old", "name", b"7") == 7
        cache.put("old", "name", b"new", "new")
    with opened(tmp_path) as cache:
        assert [cache.get("old", "name", key) for key in (b"7", b"new", b"8")] == [7, "new", None]
        assert cache.get("other", "name", b"8") == 8  # this build had nothing to do with that kind


def test_the_cache_is_kept_out_of_git(tmp_path: Path) -> None:
    put(tmp_path, "x")
    assert (tmp_path / FOLDER / ".gitignore").read_text() == "*\n"


def test_without_a_folder_nothing_is_kept() -> None:
    cache = Cache(None)
    cache.put("kind", "name", KEY, "x")
    assert cache.get("kind", "name", KEY) is None
    assert not cache


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(codec=None))
    | st.binary()
    | st.frozensets(st.text())
    | st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]))
    | st.builds(
        Problem,
        path=st.text(),
        line=st.none() | st.integers(),
        message=st.text(),
        remedy=st.text(),
        rule=st.text(),
    ),
    lambda below: st.lists(below).map(tuple) | st.dictionaries(st.text(), below),
    max_leaves=8,
)
SIMPLE = st.lists(st.text() | st.binary() | st.integers() | st.none(), max_size=4)


@given(value=VALUES)
def test_what_was_put_in_comes_out(value: object, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("cache")
    put(root, value)
    assert got(root) == value


@given(parts=SIMPLE, other=SIMPLE)
def test_two_lists_have_one_sum_only_if_they_are_the_same(
    parts: list[object], other: list[object]
) -> None:
    assert (sum_of(parts) == sum_of(other)) == (parts == other)


def test_a_date_has_another_sum_in_another_timezone() -> None:
    there = timezone(timedelta(hours=1))
    noon = datetime(2026, 10, 6, 12, tzinfo=UTC)
    assert sum_of([noon]) != sum_of([noon.astimezone(there)])


LONG = "Grüße, " * 100


def keep_a_text(root: Path) -> None:
    put(root, held(LONG.encode()))


def test_a_text_is_read_when_it_is_wanted_also_by_forks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(workers.PROCESSES, "3")
    keep_a_text(tmp_path)
    with opened(tmp_path) as cache:
        found = cache.get("kind", "name", KEY)
        texts = workers.share(lambda _: found.read().decode(), range(60), least=1)
        assert set(texts) == {found.read().decode()} == {LONG}


def test_a_text_stands_once_however_many_values_hold_it(tmp_path: Path) -> None:
    with opened(tmp_path) as cache:
        for number in range(5):
            cache.put("kind", "name", b"%d" % number, (number, held(LONG.encode())))
    base = sqlite3.connect(tmp_path / FOLDER / FILE)
    assert base.execute("SELECT data FROM parts WHERE kind = 'text'").fetchall() == [
        (LONG.encode(),)
    ]
    base.close()


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM parts WHERE kind = 'text'",
        "UPDATE parts SET data = x'00' WHERE kind = 'text'",
        "UPDATE parts SET data = 'text' WHERE kind = 'text'",
    ],
)
def test_what_is_lost_on_the_way_is_made_again_without_the_cache(harm: str, tmp_path: Path) -> None:
    keep_a_text(tmp_path)
    asked = []

    def make(cache: Cache) -> str:
        asked.append(bool(cache))
        if not cache:
            return "made again"
        found = cache.get("kind", "name", KEY)
        base = sqlite3.connect(tmp_path / FOLDER / FILE)
        base.execute(harm)
        base.commit()
        base.close()
        return str(found.read())

    assert using(tmp_path, make) == "made again"
    assert asked == [True, False]
    assert got(tmp_path) is None  # or every later build would lose it again


def test_a_text_that_is_lost_while_others_are_kept_beside_it_costs_only_the_cache(
    tmp_path: Path,
) -> None:
    keep_a_text(tmp_path)

    def make(cache: Cache) -> str:
        assert cache.get("kind", "name", KEY)
        cache.put("kind", "name", b"other", "new")
        base = sqlite3.connect(tmp_path / FOLDER / FILE)
        base.execute("DELETE FROM parts WHERE kind = 'text'")
        base.commit()
        base.close()
        return "made"

    assert using(tmp_path, make) == "made"
    assert not (tmp_path / FOLDER / FILE).exists()


def test_the_texts_of_what_goes_go_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.cache._SPARE", 10)
    with opened(tmp_path) as cache:
        for number in range(50):
            cache.put("old", "name", b"%d" % number, held(b"text %d" % number))
    with opened(tmp_path) as cache:
        assert cache.get("old", "name", b"7").read() == b"text 7"
        cache.put("old", "name", b"new", held(b"new"))
    base = sqlite3.connect(tmp_path / FOLDER / FILE)
    texts = base.execute("SELECT data FROM parts WHERE kind = 'text' ORDER BY data").fetchall()
    base.close()
    assert texts == [(b"new",), (b"text 7",)]


def test_what_nobody_asks_for_is_forgotten() -> None:
    kept = Cache(None, remembers=True)
    kept.soon(lambda: kept.put("kind", "a", b"1", "one"))
    kept.put("kind", "b", b"2", "two")
    kept.forget()
    assert kept
    assert kept.get("kind", "a", b"1") == "one"
    kept.forget()
    kept.forget()
    assert (kept.get("kind", "a", b"1"), kept.get("kind", "b", b"2")) == (None, None)


def test_a_cache_without_a_folder_keeps_nothing_unless_it_is_to() -> None:
    nothing = Cache(None)
    nothing.put("kind", "a", b"1", "one")
    assert not nothing
    assert nothing.get("kind", "a", b"1") is None
