"""Closing the window in the middle of things."""

import os
import subprocess
import sys
from pathlib import Path

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
