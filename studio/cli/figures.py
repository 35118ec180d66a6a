"""One measured number, and the processes that measure."""

import json
import os
import statistics
import subprocess
import sys
import time
from typing import Any, Literal

import msgspec

from studio.cli.probe import STARTED
from studio.core.errors import StudioError

PROBE_TIMEOUT_S = 600


class Figure(msgspec.Struct, kw_only=True):
    """One measured number; `reach` is what it must be (`at` least or most), None for a number to read beside."""

    value: float | None
    unit: str
    reach: float | None = None
    at: Literal["most", "least"] = "most"
    met: bool | None = None
    why: str = ""
    runs: int = 1


def probe(*what: str) -> dict[str, Any]:
    """One measurement at the window, in a process of its own."""
    return run([sys.executable, "-m", "studio.cli.probe", *what])


def run(command: list[str], timeout_s: float = PROBE_TIMEOUT_S) -> dict[str, Any]:
    """One measuring process; its last line is a JSON object. Raises StudioError with its last words."""
    environment = os.environ | {STARTED: repr(time.monotonic())}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=timeout_s, check=False, env=environment
    )
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines:
        tail = done.stderr.strip()[-800:]
        raise StudioError(
            f"A measurement failed ({' '.join(command[2:4])}): {tail}", do="Run “atelier doctor”."
        )
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def median_of(rows: list[dict[str, Any]], name: str) -> float:
    """The median of one column."""
    return float(statistics.median(row[name] for row in rows))
