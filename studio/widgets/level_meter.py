"""A small level meter: how loud the loudest of the moment is, in decibels, falling slowly."""

import math
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.widgets.tones import Tones, current_tones, follow_tones

FLOOR_DB: Final = -48.0
LOUD_DB: Final = -1.0  # from here on the limiter bends
FALL_DB: Final = 1.0  # a step, when it gets softer
WIDTH_PX: Final = 36
BAR_PX: Final = 6


def decibels(peak: float) -> float:
    """A peak (1.0 is full) in decibels, FLOOR_DB at least."""
    return max(FLOOR_DB, 20 * math.log10(peak)) if peak > 0 else FLOOR_DB


class LevelMeter(QWidget):
    """Shows the peaks it is given; a screen reader need not hear it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._level_db = FLOOR_DB
        self._tones = current_tones()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setToolTip("How loud it plays; the last stretch is where the limiter bends")
        self.setAccessibleName("Level")
        follow_tones(self._on_tones)

    @property
    def level_db(self) -> float:
        """What is shown, FLOOR_DB to a little over 0."""
        return self._level_db

    def set_peak(self, peak: float) -> None:
        """The peak of the moment (1.0 is full): rises at once, falls by FALL_DB a call."""
        level_db = max(decibels(peak), self._level_db - FALL_DB)
        if level_db != self._level_db:
            self._level_db = level_db
            self.update()

    def reset(self) -> None:
        """Nothing plays."""
        if self._level_db != FLOOR_DB:
            self._level_db = FLOOR_DB
            self.update()

    def sizeHint(self) -> QSize:
        """A short bar."""
        return QSize(WIDTH_PX, BAR_PX + 4)

    def _on_tones(self, tones: Tones) -> None:
        self._tones = tones
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The bar in its groove."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        groove = QRectF(0, (self.height() - BAR_PX) / 2, self.width(), BAR_PX)
        painter.setBrush(QColor(self._tones.border))
        painter.drawRoundedRect(groove, 2, 2)
        share = min(1.0, (self._level_db - FLOOR_DB) / -FLOOR_DB)
        if share <= 0:
            return
        bar = QRectF(groove)
        bar.setWidth(groove.width() * share)
        painter.setBrush(QColor(self._tones.warning if self._level_db > LOUD_DB else self._tones.success))
        painter.drawRoundedRect(bar, 2, 2)
