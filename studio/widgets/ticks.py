"""A beat of 16 ms that tells how late each of its ticks was: for the bench, which asks how the window is meanwhile."""

import math
import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, QTimer

TICK_MS: Final = 16


class Ticks:
    """Calls `each` every 16 ms by a schedule that does not move, and keeps every tick's lateness in ms.

    A repeating QTimer that was late begins its schedule anew: measured against the old one it stays late for ever.
    Here a window that stood still for 40 ms makes up for the ticks it missed: 40, 24 and 8 ms late.
    """

    def __init__(self, each: Callable[[float], object]) -> None:
        """`each` is told when the tick was due, in seconds of `time.perf_counter`."""
        self.late_ms: list[float] = []
        self._each = each
        self._due_s = 0.0
        self._timer = QTimer(singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin; the first tick is due in 16 ms."""
        self._due_s = time.perf_counter() + TICK_MS / 1000
        self._wait()

    def stop(self) -> None:
        """End."""
        self._timer.stop()
        self._due_s = math.inf

    def _tick(self) -> None:
        now_s = time.perf_counter()
        while self._due_s <= now_s:
            due_s, self._due_s = self._due_s, self._due_s + TICK_MS / 1000
            self.late_ms.append((now_s - due_s) * 1000)
            self._each(due_s)
        if self._due_s < math.inf:
            self._wait()

    def _wait(self) -> None:
        self._timer.start(max(0, math.ceil((self._due_s - time.perf_counter()) * 1000)))


def worst(times_ms: list[float]) -> dict[str, float]:
    """The 99th percentile and the largest."""
    ordered = sorted(times_ms)
    return {"p99_ms": ordered[int(len(ordered) * 0.99)], "max_ms": ordered[-1], "ticks": len(ordered)}
