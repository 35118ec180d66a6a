"""Closing the window in the middle of things."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("close_busy.py")


def test_closing_while_something_runs_ends_everything(tmp_path: Path) -> None:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "ATELIER_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Task was destroyed" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_polite_kill_closes_like_the_button(tmp_path: Path, number: signal.Signals) -> None:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "ATELIER_HOME": str(tmp_path)}
    window = subprocess.Popen(
        [sys.executable, str(SCRIPT.with_name("save_loop.py"))],
        stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    assert window.stdout is not None
    watchdog = threading.Timer(60, window.kill)
    watchdog.start()
    folder = Path(window.stdout.readline().partition(" ")[2].strip())
    for _ in range(10):
        window.stdout.readline()
    window.send_signal(number)
    window.stdout.read()
    assert window.wait() == 0
    watchdog.cancel()
    window.stdout.close()
    assert not (folder / "lock").exists()
