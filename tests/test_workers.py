"""Work shared among processes: the same results as without, whatever becomes of a process."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import workers
from pipeline.workers import share

linux = pytest.mark.skipif(os.name != "posix", reason="processes are forked on POSIX alone")


@pytest.fixture(autouse=True)
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(workers.PROCESSES, "3")
    # Whatever servers other tests have left running in this process.
    monkeypatch.setattr(threading, "active_count", lambda: 1)


@pytest.fixture
def childless() -> Iterator[None]:
    """Every process that a test began is gone at its end."""

    def children() -> set[str]:
        task = Path(f"/proc/self/task/{threading.get_native_id()}/children")
        return set(task.read_text().split())

    before = children()
    yield
    assert children() <= before


@linux
@pytest.mark.usefixtures("childless")
def test_a_process_that_is_killed_loses_nothing() -> None:
    mine = os.getpid()

    def work(item: int) -> int:
        if os.getpid() != mine and item % 5 == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return item * item

    assert list(share(work, range(100), least=1)) == [item * item for item in range(100)]


@linux
def test_a_result_that_cannot_travel_is_made_here() -> None:
    mine = os.getpid()

    def work(item: int) -> object:
        return item if os.getpid() == mine else (lambda: item)

    assert list(share(work, range(60), least=1)) == list(range(60))


@linux
@pytest.mark.usefixtures("childless")
def test_the_first_of_several_mistakes_is_the_one_that_shows() -> None:
    def work(item: int) -> int:
        if item in (13, 14, 70):
            raise ValueError(item)
        return item

    made = share(work, range(90), least=1)
    with pytest.raises(ValueError, match=r"^13$"):
        list(made)


@linux
def test_results_of_any_size_come_back() -> None:
    assert [len(one) for one in share(lambda item: b"x" * item * 9999, range(90), least=1)] == [
        item * 9999 for item in range(90)
    ]


@linux
def test_more_than_one_process_works() -> None:
    barrier: set[int] = set()

    def work(item: int) -> int:
        threading.Event().wait(0.01)
        return os.getpid()

    barrier.update(share(work, range(48), least=1))
    assert len(barrier) == 3


def test_no_process_is_forked_where_threads_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv(workers.PROCESSES, "3")
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    try:
        assert set(share(lambda _: os.getpid(), range(60), least=1)) == {os.getpid()}
    finally:
        done.set()
        other.join()


def test_few_items_are_worth_no_process() -> None:
    assert set(share(lambda _: os.getpid(), range(19), least=10)) == {os.getpid()}


@given(items=st.lists(st.integers(), max_size=200), least=st.integers(min_value=1, max_value=50))
def test_the_results_are_those_of_map(items: list[int], least: int) -> None:
    assert list(share(lambda item: item + 1, items, least=least)) == [item + 1 for item in items]


@linux
@pytest.mark.usefixtures("childless")
def test_others_begin_while_this_process_does_something_else() -> None:
    """They do all of it where that takes long."""
    seen = threading.Event()
    made = share(
        lambda item: (item, os.getpid()), range(60), least=1, meanwhile=lambda: seen.wait(1) or None
    )
    items, pids = zip(*made, strict=True)
    assert items == tuple(range(60))
    assert os.getpid() not in pids
