"""The program on a real terminal (pty), for tests of what moves, of colours and of Ctrl-C."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from folders import ROOT


def on_a_terminal(
    *args: str | Path, stop_at: str = "", code: str = "", **env: str
) -> tuple[int, str]:
    """Run the program with a terminal on its outputs; Ctrl-C once `stop_at` is on it.

    `code` is run before the program begins. Exit code, and all that the terminal was sent.
    """
    program = f"{code}\nfrom pipeline.__main__ import main\nmain()"
    ours, theirs = pty.openpty()
    running = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", program, *map(str, args)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"} | env,
    )
    os.close(theirs)
    said = b""
    stopped = not stop_at
    until = time.monotonic() + 60
    while time.monotonic() < until:
        ready, _, _ = select.select([ours], [], [], 0.1)
        try:
            said += os.read(ours, 65536) if ready else b""
        except OSError:  # nobody has the other end open any more
            break
        if not stopped and stop_at.encode() in said:
            running.send_signal(signal.SIGINT)
            stopped = True
        if not ready and running.poll() is not None:
            break
    os.close(ours)
    running.kill()
    return running.wait(10), said.decode(errors="replace")
