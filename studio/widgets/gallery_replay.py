"""Scrolls a gallery as a person does and tells how late the window was: for the bench and the tests."""

from collections.abc import Callable

from PySide6.QtCore import QEventLoop

from studio.widgets.gallery_list import GalleryList
from studio.widgets.ticks import Ticks


def replay_scroll(
    view: GalleryList, ticks: int, step_px: int = 90, each: Callable[[], object] | None = None
) -> list[float]:
    """Scroll by `step_px` at every 16 ms tick, down and up again; answers each tick's lateness in ms.

    The view must be shown. `each` is called at every tick, too (something that happens meanwhile).
    """
    loop, bar = QEventLoop(), view.verticalScrollBar()
    way = [step_px]

    def scroll(_due_s: float) -> None:
        if not bar.minimum() < bar.value() + way[0] < bar.maximum():
            way[0] = -way[0]
        bar.setValue(bar.value() + way[0])
        if each is not None:
            each()
        if len(ticking.late_ms) >= ticks:
            ticking.stop()
            loop.quit()

    ticking = Ticks(scroll)
    ticking.start()
    loop.exec()
    return ticking.late_ms
