"""A thin line that says how far, or only that, something is going on."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.widgets.tones import current_tones

_TICK_MS: Final = 60
_ROUND_MS: Final = 1500
_PIECE: Final = 0.3


class ProgressLine(QWidget):
    """Three pixels high; empty while idle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._progress: float | None = None
        self._busy = False
        self._phase = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Progress")

    def sizeHint(self) -> QSize:
        """3 px high."""
        return QSize(40, 3)

    def set_progress(self, progress: float | None) -> None:
        """How much is done, 0..1; None when nothing is going on."""
        self._progress = None if progress is None else min(1.0, max(0.0, progress))
        self.set_busy(False)

    def set_busy(self, on: bool) -> None:
        """Something is going on and nobody knows how long."""
        self._busy = on
        if on:
            self._timer.start()
        else:
            self._timer.stop()
        self.update()

    @Slot()
    def _tick(self) -> None:
        self._phase = (self._phase + _TICK_MS / _ROUND_MS) % 1.0
        if self.isVisible():
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Track and bar."""
        if not self._busy and self._progress is None:
            return
        tones = current_tones()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        width, height = float(self.width()), float(self.height())
        painter.setBrush(QColor(tones.sunken))
        painter.drawRoundedRect(QRectF(0, 0, width, height), height / 2, height / 2)
        painter.setBrush(QColor(tones.accent))
        if self._busy:
            left = (self._phase * (1 + _PIECE) - _PIECE) * width
            bar = QRectF(left, 0, _PIECE * width, height) & QRectF(0, 0, width, height)
        else:
            bar = QRectF(0, 0, width * (self._progress or 0.0), height)
        painter.drawRoundedRect(bar, height / 2, height / 2)
