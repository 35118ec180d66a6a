"""The beat that measures the window."""

import time
from itertools import pairwise

import pytest
from pytestqt.qtbot import QtBot

from studio.widgets.ticks import TICK_MS, Ticks, worst


def test_a_window_that_stood_still_makes_up_for_the_ticks_it_missed(qtbot: QtBot) -> None:
    dues: list[float] = []

    def stand_still_once(due_s: float) -> None:
        dues.append(due_s)
        if len(dues) == 3:
            time.sleep(0.06)

    ticks = Ticks(stand_still_once)
    ticks.start()
    qtbot.waitUntil(lambda: len(dues) >= 12)
    ticks.stop()
    assert [b - a for a, b in pairwise(dues)] == pytest.approx([TICK_MS / 1000] * (len(dues) - 1))
    late = ticks.late_ms
    assert late[3] > 60 - TICK_MS - 1  # the sleep but one tick
    assert late[3] - late[4] == pytest.approx(TICK_MS)  # told in one go
    seen = len(dues)
    qtbot.wait(3 * TICK_MS)
    assert len(dues) == seen  # stopped


def test_the_worst_of_many() -> None:
    assert worst([float(n) for n in range(200)]) == {"p99_ms": 198.0, "max_ms": 199.0, "ticks": 200}
