"""Scrolls and drags in a roll as a person does and tells how late the window was: for the bench and the tests."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QEventLoop, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from studio.widgets.roll.view import RollView
from studio.widgets.ticks import Ticks


def replay_scroll(
    view: RollView, ticks: int, step_px: int = 90, each: Callable[[], object] | None = None
) -> list[float]:
    """Scroll in time by `step_px` at every 16 ms tick, there and back; answers each tick's lateness in ms.

    The view must be shown. `each` is called at every tick, too (something that happens meanwhile).
    """
    way = [step_px]

    def scroll() -> None:
        sight = view.state.sight
        if not 0 <= sight.left + way[0] <= sight.most[0]:
            way[0] = -way[0]
        view.state.scroll_to(sight.left + way[0], sight.top)

    return _ticked(scroll, ticks, each)


def replay_drag(view: RollView, ticks: int, each: Callable[[], object] | None = None) -> list[float]:
    """Drag the chosen notes around by one of them in sight, a move at every tick; then Escape puts them back.

    Raises ValueError when no chosen note is in sight.
    """
    state = view.state
    first, last = state.sight.span
    box = view.grid.rect()
    for place in state.table.within(first, last).tolist():
        tick, pitch = int(state.table.start[place]), int(state.table.pitch[place])
        middle = (tick + int(state.table.end[place])) / 2
        at = QPointF(state.sight.x(middle), state.sight.y(pitch) + state.sight.row_px / 2)
        if state.chosen[place] and box.contains(at.toPoint()):
            break
    else:
        raise ValueError("no chosen note is in sight")
    step = [0]

    def drag() -> None:
        step[0] += 1
        across = (step[0] * 7) % 240 - 120
        send(view, QEvent.Type.MouseMove, QPointF(at.x() + across, at.y() + across // 12))

    send(view, QEvent.Type.MouseButtonPress, at)
    late_ms = _ticked(drag, ticks, each)
    view.grid.cancel()
    send(view, QEvent.Type.MouseButtonRelease, at)
    return late_ms


def _ticked(do: Callable[[], object], ticks: int, each: Callable[[], object] | None) -> list[float]:
    loop = QEventLoop()

    def tick(_due_s: float) -> None:
        do()
        if each is not None:
            each()
        if len(ticking.late_ms) >= ticks:
            ticking.stop()
            loop.quit()

    ticking = Ticks(tick)
    ticking.start()
    loop.exec()
    return ticking.late_ms


def send(
    view: RollView,
    kind: QEvent.Type,
    at: QPointF,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """A mouse event of the left button over the notes."""
    moving, up = kind == QEvent.Type.MouseMove, kind == QEvent.Type.MouseButtonRelease
    button = Qt.MouseButton.NoButton if moving else Qt.MouseButton.LeftButton
    held = Qt.MouseButton.NoButton if up else Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, at, view.grid.mapToGlobal(at), button, held, modifiers)
    QApplication.sendEvent(view.grid, event)
