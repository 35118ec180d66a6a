"""The fixture that fails a leaking test does fail it."""

import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from tests.conftest import leftovers


@pytest.fixture
def before() -> tuple[set[threading.Thread], set[psutil.Process]]:
    return set(threading.enumerate()), set(psutil.Process().children(recursive=True))


def test_a_running_thread_is_found(before, tmp_path: Path) -> None:
    gate = threading.Event()
    thread = threading.Thread(target=gate.wait, name="leaky")
    thread.start()
    try:
        assert leftovers(*before, tmp_path) == ["thread leaky"]
    finally:
        gate.set()
        thread.join()


def test_a_running_process_is_found(before, tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert [leak.split()[0] for leak in leftovers(*before, tmp_path)] == ["process"]
    finally:
        process.communicate(b"\n")


def test_a_projects_lock_is_found(before, tmp_path: Path) -> None:
    lock = tmp_path / "Story.atelier" / "lock"
    lock.parent.mkdir()
    lock.touch()
    assert leftovers(*before, tmp_path) == [f"lock {lock}"]
    lock.unlink()
