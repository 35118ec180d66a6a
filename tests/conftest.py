"""For every test: own data folder, and nothing may be left behind: no thread, no process, no project lock."""

import gc
import threading
import time
from collections.abc import Iterator
from functools import partialmethod
from pathlib import Path

import hypothesis
import psutil
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

hypothesis.settings.register_profile("atelier", deadline=None)  # a loaded machine is slow, not wrong
# what packaging/test.sh uses: the same examples each time, so that no luck decides
hypothesis.settings.register_profile("landing", deadline=None, derandomize=True)
hypothesis.settings.load_profile("atelier")

SETTLE_S = 10.0
WAIT_MS = 30_000


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, projects and logs of a test lie in its own folder."""
    home = tmp_path / "home"
    monkeypatch.setenv("ATELIER_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loaded machine is slow, not wrong: pytest-qt's waits last longer than its own five seconds."""
    for name in ("waitUntil", "waitSignal", "waitSignals", "waitExposed", "waitActive"):
        monkeypatch.setattr(QtBot, name, partialmethod(getattr(QtBot, name), timeout=WAIT_MS))


def pytest_sessionfinish() -> None:
    """Qt's offscreen clipboard outlives Python: a copy left in it crashes the run at its very end."""
    if QApplication.instance() is not None:
        QApplication.clipboard().clear()


@pytest.fixture(autouse=True)
def nothing_left_behind(tmp_path: Path) -> Iterator[None]:
    """Fails a test that leaks a thread, a process or a project's lock."""
    threads = set(threading.enumerate())
    children = set(psutil.Process().children(recursive=True))
    yield
    leaks = leftovers(threads, children, tmp_path)
    deadline_s = time.monotonic() + SETTLE_S
    while leaks and time.monotonic() < deadline_s:
        gc.collect()
        threading.Event().wait(0.02)
        leaks = leftovers(threads, children, tmp_path)
    assert not leaks, f"left behind: {leaks}"


def leftovers(threads: set[threading.Thread], children: set[psutil.Process], folder: Path) -> list[str]:
    """What is there now that was not there before, in words."""
    found = [
        f"thread {thread.name}"
        for thread in threading.enumerate()
        if thread not in threads and thread.is_alive() and not isinstance(thread, threading._DummyThread)
    ]
    for child in psutil.Process().children(recursive=True):
        if child not in children:
            try:
                if child.status() != psutil.STATUS_ZOMBIE:
                    found.append(f"process {child.pid} {' '.join(child.cmdline())[:120]}")
            except psutil.NoSuchProcess:
                continue
    found += [f"lock {lock}" for lock in folder.glob("**/*.atelier/lock")]
    return found
