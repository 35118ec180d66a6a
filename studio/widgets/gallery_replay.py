"""Scrolls a gallery as a person does and tells how late the window was: for the bench and the tests."""

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEventLoop, Qt, QTimer

from studio.widgets.gallery_list import GalleryList

TICK_MS: Final = 16


def replay_scroll(
    view: GalleryList, ticks: int, step_px: int = 90, each: Callable[[], object] | None = None
) -> list[float]:
    """Scroll by `step_px` at every 16 ms tick, down and up again; answers each tick's lateness in ms.

    The view must be shown. `each` is called at every tick, too (something that happens meanwhile).
    """
    lateness: list[float] = []
    loop, bar = QEventLoop(), view.verticalScrollBar()
    due = [time.perf_counter() + TICK_MS / 1000]
    way = [step_px]

    def tick() -> None:
        now = time.perf_counter()
        lateness.append(max(0.0, (now - due[0]) * 1000))
        due[0] = max(due[0] + TICK_MS / 1000, now)
        if not bar.minimum() < bar.value() + way[0] < bar.maximum():
            way[0] = -way[0]
        bar.setValue(bar.value() + way[0])
        if each is not None:
            each()
        if len(lateness) >= ticks:
            loop.quit()

    timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=TICK_MS)
    timer.timeout.connect(tick)
    timer.start()
    loop.exec()
    timer.stop()
    return lateness
