"""Moves what is seen of the canvas."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QCursor

from studio.widgets.canvas.kinds import Pointer
from studio.widgets.canvas.tool import CanvasTool, Host


class PanTool(CanvasTool):
    """Moves what is seen."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._last = QPointF()

    def cursor(self, _at: Pointer) -> QCursor:
        """A hand."""
        return QCursor(Qt.CursorShape.ClosedHandCursor if self.busy else Qt.CursorShape.OpenHandCursor)

    def press(self, at: Pointer) -> None:
        """Take hold."""
        self._last, self.busy = at.view, True

    def move(self, at: Pointer) -> None:
        """Pull."""
        step = at.view - self._last
        self._last = at.view
        self.host.pan(step.x(), step.y())

    def release(self, _at: Pointer) -> None:
        """Let go."""
        self.busy = False
