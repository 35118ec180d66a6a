"""A process that outlives the one that started it."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from studio.core.detached import start_detached

WAITS = """
import sys, time
print("here", sys.argv[1:], flush=True)
print("oh", file=sys.stderr, flush=True)
time.sleep(60)
"""


def until(holds) -> None:
    deadline_s = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline_s
        threading.Event().wait(0.02)


@pytest.mark.skipif(os.name == "nt", reason="sessions are of Unix")
def test_it_has_a_session_of_its_own_and_is_nobodys_child(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "it's a log.txt"
    pid = start_detached((sys.executable, "-c", WAITS, "a b", "$HOME"), log)
    try:
        until(lambda: log.read_text().count("\n") == 2)
        assert log.read_text().splitlines() == ["here ['a b', '$HOME']", "oh"]
        assert os.getsid(pid) != os.getsid(0) and os.getpgid(pid) != os.getpgid(0)
        assert psutil.Process(pid).ppid() != os.getpid()
        assert psutil.Process(pid).open_files() == [] or psutil.Process(pid).num_fds() <= 3
    finally:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.skipif(os.name == "nt", reason="a shell is of Unix")
def test_what_it_says_is_appended_to_the_log(tmp_path: Path) -> None:
    (log := tmp_path / "log.txt").write_text("before\n")
    start_detached(("/no/such/program",), log)
    until(lambda: "no/such/program" in log.read_text())
    assert log.read_text().startswith("before\n")
