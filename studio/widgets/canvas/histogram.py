"""How many pixels of a layer have each value, as hills; with marks where black and white are set."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.widgets.tones import Tones, current_tones, follow_tones


class Histogram(QWidget):
    """256 counts of lightness, and of red, green and blue behind it."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: Sequence[Sequence[int]] = ()
        self._black, self._white = 0, 255
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Histogram")
        self.setToolTip("How many pixels are dark (left) and light (right)")
        follow_tones(self._retone)

    def _retone(self, _tones: Tones) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        """Low and wide."""
        return QSize(200, 72)

    def show_counts(self, counts: Sequence[Sequence[int]]) -> None:
        """Four rows of 256: lightness, red, green, blue; () when nothing is chosen."""
        self._counts = counts
        self.update()

    def show_levels(self, black: int, white: int) -> None:
        """Where black and white are set."""
        self._black, self._white = black, white
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Hills and marks."""
        tones = current_tones()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tones.sunken))
        painter.drawRoundedRect(self.rect(), 6, 6)
        if self._counts:
            colours = (QColor(tones.text), QColor("#d84a3f"), QColor("#3fa35a"), QColor("#4173d9"))
            for row, colour in sorted(
                zip(self._counts, colours, strict=True), key=lambda one: one[1] == colours[0]
            ):
                colour.setAlphaF(0.55 if colour.rgb() == colours[0].rgb() else 0.35)
                painter.setBrush(colour)
                painter.drawPolygon(self._hill(row))
        painter.setPen(QPen(QColor(tones.accent), 1.5))
        for level in (self._black, self._white):
            x = self._x(level)
            painter.drawLine(QPointF(x, 2), QPointF(x, self.height() - 2))
        painter.end()

    def _x(self, level: float) -> float:
        return 4 + level / 255 * (self.width() - 8)

    def _hill(self, row: Sequence[int]) -> QPolygonF:
        # the ends are often full of one plain colour: they must not flatten the rest
        most = max(1, sorted(row)[-4])
        room = self.height() - 8
        points = [
            QPointF(self._x(level), self.height() - 4 - min(1.0, n / most) * room)
            for level, n in enumerate(row)
        ]
        return QPolygonF(
            [QPointF(self._x(0), self.height() - 4), *points, QPointF(self._x(255), self.height() - 4)]
        )
