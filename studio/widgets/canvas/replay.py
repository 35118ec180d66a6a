"""A stroke by a hand that is not there: for the bench, which asks how late a brush paints."""

import time
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from studio.widgets.canvas.view import CanvasView


def replay_stroke(view: CanvasView, points: Sequence[tuple[float, float]]) -> list[float]:
    """Paint through these points of the canvas; milliseconds for each move, from the event until it is painted.

    The view must be shown. The stroke is told as any other is: `changed` comes when its mask is packed.
    """
    times_ms = []
    _send(view, QEvent.Type.MouseButtonPress, points[0], Qt.MouseButton.LeftButton)
    for point in points[1:]:
        began_s = time.perf_counter()
        _send(view, QEvent.Type.MouseMove, point, Qt.MouseButton.NoButton)
        QApplication.processEvents()
        times_ms.append((time.perf_counter() - began_s) * 1000)
    _send(view, QEvent.Type.MouseButtonRelease, points[-1], Qt.MouseButton.LeftButton)
    return times_ms


def _send(view: CanvasView, kind: QEvent.Type, point: tuple[float, float], button: Qt.MouseButton) -> None:
    at = view.viewport.to_view(QPointF(*point))
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, at, view.mapToGlobal(at), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view, event)
