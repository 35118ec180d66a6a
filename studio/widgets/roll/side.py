"""What the parts beside the notes have in common: they follow the same sight, and keep a picture of what rests."""

from typing import ClassVar, Final

from PySide6.QtCore import QEvent, QPointF, QRect
from PySide6.QtGui import QFont, QHelpEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from studio.widgets.roll.resting import Resting
from studio.widgets.roll.state import RollState
from studio.widgets.roll.surface import look_around

SMALL_PX: Final = 11


class Side(QWidget):
    """A strip above, below or left of the notes. Those above and below have the notes' own x."""

    goes_across: ClassVar[bool] = True  # scrolls with the notes in time ...
    goes_down: ClassVar[bool] = False  # ... or in pitch

    def __init__(self, state: RollState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = state
        self._resting = Resting(self._paint_rest)
        state.looked.connect(self._on_looked)
        state.rest_changed.connect(self.repaint_rest)

    def paint_rest(self, painter: QPainter, area: QRect) -> None:
        """Paint what rests within `area`."""

    def paint_over(self, painter: QPainter, area: QRect) -> None:
        """Paint what moves over it."""

    def repaint_rest(self) -> None:
        """Paint everything anew."""
        self._resting.all_changed()
        self.update()

    def _paint_rest(self, painter: QPainter, area: QRect) -> None:
        painter.setFont(self.small_font())
        self.paint_rest(painter, area)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The kept picture, and over it what moves."""
        self._resting.keep_size(self.size(), self.devicePixelRatioF())
        painter = QPainter(self)
        painter.setFont(self.small_font())
        self._resting.put(painter, event.rect())
        self.paint_over(painter, event.rect())
        painter.end()

    def _on_looked(self, dx: int, dy: int) -> None:
        across, down = dx * self.goes_across, dy * self.goes_down
        if across or down:
            self._resting.scrolled(across, down)
        elif not (dx or dy):
            self._resting.all_changed()
        else:
            return
        self.update()

    def follow_playhead(self) -> None:
        """Paint the line where it plays, too."""
        self.state.playhead_moved.connect(self._on_playhead)

    def _on_playhead(self, before: int, now: int) -> None:
        for tick in (before, now):
            if tick >= 0:
                self.update(QRect(self.state.sight.x(tick) - 7, 0, 16, self.height()))

    def small_font(self) -> QFont:
        """For words in a strip."""
        font = QFont(self.font())
        font.setPixelSize(SMALL_PX)
        return font

    def paint_playhead(self, painter: QPainter) -> None:
        """The line where it plays."""
        if self.state.playhead >= 0:
            x = self.state.sight.x(self.state.playhead)
            painter.fillRect(QRect(x, 0, 2, self.height()), self.state.looks.playhead)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """As over the notes."""
        look_around(self.state, event, QPointF(event.position().x(), self.state.sight.height / 2))

    def tip(self, _at: QPointF) -> str:
        """What is there, in words; "" for the strip's own tooltip."""
        return ""

    def event(self, event: QEvent) -> bool:
        """Tooltips say what is under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            words = self.tip(QPointF(event.pos()))
            if words:
                QToolTip.showText(event.globalPos(), words, self)
                return True
        return super().event(event)
