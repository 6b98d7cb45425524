"""The crash matrix: every accident at every step of publishing, at any service.

A service joins with one `Plug` and `pytest.mark.parametrize("case", crash.matrix(PLUG))`; its test
calls `check_exactly_once(PLUG, case, tmp_path)`.

Each case publishes issue 1 in peace, then issue 2 with an accident, in a process of its own where
the accident is to kill it. The ledger is then kept, lost, or rolled back to how it was before
issue 2. Two more runs publish issue 2, and issue 3 follows. No reader may get any issue twice, nor
in another order; where the service keeps a key, everybody must have got each exactly once, and
where it does not, a run may end with exit code 3 instead.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any, Literal

import pytest
from fakes import Accident, Fake
from samples import a_newsletter, an_email, issues

from pipeline import ledger
from pipeline.errors import PartworkError
from pipeline.publish import publish
from pipeline.publish.decisions import resolve
from pipeline.publish.desk import Desk
from pipeline.publish.places import Goal
from pipeline.services import MailingService
from pipeline.services.registry import named

Fate = Literal["kept", "lost", "rolled back", "rolled back here"]
FATES: tuple[Fate, ...] = ("kept", "lost", "rolled back", "rolled back here")


@dataclass(frozen=True)
class Plug:
    """How a service joins the matrix.

    `serve` gives its fake; `table` its `[services.weekly]` for the fake's address, with a timeout
    of 1 second; `calls` is how many method calls a release takes, `writes` how many of the fake's
    writes. `kinds` are its accidents besides being killed: all of them with the ledger kept, the
    first alone otherwise. `fates` leaves out what a service without a key can't survive.
    """

    name: str
    serve: Callable[[], AbstractContextManager[Fake]]
    table: Callable[[Fake], str]
    environ: tuple[tuple[str, str], ...]
    calls: int
    writes: int
    keyed: bool = True
    kinds: tuple[str, ...] = ("lost", "garbled", "late", "429", "500")
    fates: tuple[Fate, ...] = FATES


@dataclass(frozen=True)
class Case:
    """An accident and what becomes of the ledger after it.

    `call` and `moment` kill the publisher around one of its own calls, `accident` is the fake's.
    """

    fate: Fate
    accident: Accident | None = None
    call: int = 0
    moment: Literal["before", "after"] = "before"

    def __str__(self) -> str:
        what = str(self.accident) if self.accident else f"kill {self.moment} call {self.call}"
        return f"{what}, ledger {self.fate}"

    @property
    def kills(self) -> bool:
        return self.accident is None or self.accident.kind == "kill"


def matrix(plug: Plug) -> list[Any]:
    """Every case, as pytest parameters."""
    return [pytest.param(case, id=str(case)) for case in cases(plug)]


def cases(plug: Plug) -> Iterator[Case]:
    """Every case, in the order of the accidents' steps."""
    for fate in plug.fates:
        for moment in ("before", "after"):
            for call in range(1, plug.calls + 1):
                if moment == "after" or fate == "kept":  # before a call is after the one before it
                    yield Case(fate=fate, call=call, moment=moment)
            for write in range(1, plug.writes + 1):
                for kind in ("kill", *(plug.kinds if fate == "kept" else plug.kinds[:1])):
                    yield Case(fate=fate, accident=Accident(write, moment, kind))  # type: ignore[arg-type]  # one of its kinds


class Doomed:
    """A service whose publisher dies before or after its n-th call."""

    def __init__(self, service: MailingService, call: int, moment: str) -> None:
        self._service = service
        self._call = call
        self._moment = moment
        self._calls = 0

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._service, name)
        if not callable(real):
            return real

        def call(*given: Any) -> Any:
            self._calls += 1
            if self._calls == self._call and self._moment == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            answer = real(*given)
            if self._calls == self._call:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        return call


def run(
    root: Path,
    table: str,
    environ: tuple[tuple[str, str], ...],
    number: int,
    call: int = 0,
    moment: str = "before",
) -> int:
    """Publish one issue, as a process would; its exit code."""
    newsletter = a_newsletter(root, table)
    service = named("weekly", newsletter).open(dict(environ))
    every = issues(3)
    issue = every[number - 1]
    try:
        with ledger.opened(root) as book:
            desk = Desk(
                name="weekly",
                service=Doomed(service, call, moment) if call else service,  # type: ignore[arg-type]  # a stand-in
                ledger=book,
                newsletter=newsletter,
                issues=every,
                clock=lambda: issue.date,
            )
            publish(desk, issue, an_email(issue), Goal.RELEASE)
    except PartworkError as error:
        return error.exit_code
    return 0


def _run_and_exit(*given: Any) -> None:
    os._exit(run(*given))


@cache
def _processes() -> ForkServerContext:
    """Processes forked from one that has imported everything, so that each is there at once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["crash", "pipeline.services.listmonk", "pipeline.services.smtp"]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()
    return context


def run_apart(fake: Fake, *given: Any) -> int:
    """The same in a process of its own, whom the fake may kill; -9 where it was."""
    process = _processes().Process(target=_run_and_exit, args=given)
    process.start()
    fake.victim = process.pid or 0
    process.join(60)
    assert process.exitcode is not None, "the publisher hangs"
    return process.exitcode


def begin(plug: Plug, root: Path, table: str) -> None:
    """Say of a service that can't be asked that nothing was ever sent by it."""
    if not plug.keyed:
        with ledger.opened(root) as book:
            first = issues(1)[0]
            resolve(book, "weekly", first, submitted=False, now=first.date)


def check_exactly_once(plug: Plug, case: Case, root: Path) -> None:
    """Live through one case; see the module."""
    with plug.serve() as fake:
        table = plug.table(fake)
        begin(plug, root, table)
        assert run(root, table, plug.environ, 1) == 0
        before = (root / ledger.FILE).read_bytes()
        fake.strike(case.accident)
        if case.kills:
            code = run_apart(fake, root, table, plug.environ, 2, case.call, case.moment)
            assert code == -signal.SIGKILL, "the accident did not happen"
        else:
            code = run(root, table, plug.environ, 2)
        fake.strike(None)
        _meet(case.fate, root, before)
        codes = [run(root, table, plug.environ, number) for number in (2, 2, 3)]
        check_books(plug, fake, codes)


def check_two_at_once(plug: Plug, root: Path, *, machines: int) -> None:
    """Two publishers at the same moment, each a process, on one machine or on two: one sends."""
    roots = [root / str(number % machines) for number in range(2)]
    with plug.serve() as fake:
        table = plug.table(fake)
        for folder in dict.fromkeys(roots):
            folder.mkdir()
            begin(plug, folder, table)
        processes = [
            _processes().Process(target=_run_and_exit, args=(folder, table, plug.environ, 1))
            for folder in roots
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join(60)
        assert 0 in [process.exitcode for process in processes]
        codes = [run(roots[0], table, plug.environ, number) for number in (1, 2, 3)]
        check_books(plug, fake, codes)


def _meet(fate: Fate, root: Path, before: bytes) -> None:
    if fate in ("lost", "rolled back"):
        shutil.rmtree(root / ledger.LOCAL)
    if fate == "lost":
        (root / ledger.FILE).unlink()
    elif fate != "kept":
        (root / ledger.FILE).write_bytes(before)


def check_books(plug: Plug, fake: Fake, codes: list[int]) -> None:
    """Nobody got anything twice or out of order; all got everything, or a person was asked."""
    subjects = [an_email(issue).subject for issue in issues(3)]
    copies = fake.copies()
    assert set(copies.values()) == {1}, copies
    assert fake.order() == [one for one in subjects if one in fake.order()], fake.order()
    if codes == [0, 0, 0]:
        assert fake.order() == subjects
        assert len({reader for _, reader in copies}) * 3 == len(copies)
    else:
        assert not plug.keyed
        assert set(codes) == {3}, codes
