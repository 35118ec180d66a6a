"""What the colours of the roll mean, in one slim line: what surprised the model, or what a take changes."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.widgets.roll.looks import STRENGTHS, SURPRISE_WORDS, surprise_explained
from studio.widgets.roll.state import RollState

HEIGHT_PX: Final = 22
_SWATCH_PX: Final = 14
_GAP_PX: Final = 14
Item = tuple[QColor, str]


class RollLegend(QWidget):
    """Hidden while there is nothing to explain."""

    def __init__(self, state: RollState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setFixedHeight(HEIGHT_PX)
        self.hide()
        state.rest_changed.connect(self._on_changed)

    def _on_changed(self) -> None:
        items = self.items()
        self.setVisible(bool(items))
        words = ", ".join(words for _, words in items)
        self.setAccessibleName(f"Colours: {words}" if words else "")
        surprise = self._state.surprise is not None
        self.setToolTip("\n".join(surprise_explained()) if surprise else "What the colours mean")
        self.update()

    def items(self) -> list[Item]:
        """Colours and what they stand for."""
        state, look = self._state, self._state.looks
        if state.take is not None and state.compares:
            return [
                (look.notes[STRENGTHS - 2], "in both"),
                (look.come, "only in the take"),
                (look.gone, "left out by the take"),
            ]
        if state.surprise is not None:
            first = 2 * STRENGTHS
            return [
                *zip(look.notes[first : first + len(SURPRISE_WORDS)], SURPRISE_WORDS, strict=True),
                (look.notes[-1], "not measured"),
            ]
        return []

    def sizeHint(self) -> QSize:
        """A slim line."""
        return QSize(200, HEIGHT_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Swatches and words."""
        painter, look = QPainter(self), self._state.looks
        painter.fillRect(self.rect(), look.ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = self.font()
        font.setPixelSize(11)
        painter.setFont(font)
        x = 10.0
        for colour, words in self.items():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(x, (HEIGHT_PX - 9) / 2, _SWATCH_PX, 9), 2, 2)
            x += _SWATCH_PX + 5
            painter.setPen(look.muted)
            width = painter.fontMetrics().horizontalAdvance(words)
            painter.drawText(QRectF(x, 0, width + 2, HEIGHT_PX), Qt.AlignmentFlag.AlignVCenter, words)
            x += width + _GAP_PX
        painter.end()
