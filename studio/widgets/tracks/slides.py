"""Small sliders for a track's loudness and place: told while they move, and once when they are let go."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QSlider

from studio.widgets.tones import current_tones

_SETTLE_MS: Final = 400
_HEIGHT_PX: Final = 16
_KNOB_PX: Final = 9


class MixSlide(QSlider):
    """A slider of whole numbers. A press jumps there, a double click goes back to `usual`.

    By keys, wheel or a mere click it counts as let go when it rests for a moment: one step, not twenty.
    """

    moved = Signal(int)
    settled = Signal(int)

    def __init__(self, low: int, high: int, usual: int, step: int) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._usual = usual
        self._pressed_at: QPointF | None = None
        self._grip_px = 0.0  # how far beside the knob's middle it is held
        rest_ms = max(_SETTLE_MS, QApplication.doubleClickInterval() + 50)  # a second click may still come
        self._settle = QTimer(self, singleShot=True, interval=rest_ms)
        self._settle.timeout.connect(self.flush)
        self._told = usual
        self.setRange(low, high)
        self.setSingleStep(step)
        self.setPageStep(step * 5)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        with QSignalBlocker(self):
            self.setValue(usual)
        self.valueChanged.connect(self._on_value)

    # -- values ------------------------------------------------------------------------------------

    @property
    def held(self) -> bool:
        """It is being moved: what is shown is the person's, not the piece's."""
        return self._pressed_at is not None or self._settle.isActive()

    def show_value(self, value: int) -> None:
        """Show a value, unless it is being moved. Not told."""
        if not self.held:
            self._told = value
            with QSignalBlocker(self):
                self.setValue(value)
            self.update()

    def flush(self) -> None:
        """Tell at once what would be told when it rests."""
        self._settle.stop()
        if self.value() != self._told:
            self._told = self.value()
            self.settled.emit(self.value())

    def _on_value(self, value: int) -> None:
        self.moved.emit(value)
        if self._pressed_at is None:
            self._settle.start()

    # -- mouse -------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Low."""
        return QSize(52, _HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        """Room enough to be hit."""
        return QSize(24, _HEIGHT_PX)

    def _span(self) -> tuple[float, float]:
        """Where the knob's middle goes, from left to right."""
        return _KNOB_PX / 2 + 1, self.width() - _KNOB_PX / 2 - 1

    def _x(self, value: int) -> float:
        left, right = self._span()
        return left + (right - left) * (value - self.minimum()) / (self.maximum() - self.minimum())

    def _value_at(self, x: float) -> int:
        left, right = self._span()
        share = min(1.0, max(0.0, (x - left) / max(1.0, right - left)))
        return round(self.minimum() + share * (self.maximum() - self.minimum()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold; outside the knob: there."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        event.accept()
        self._settle.stop()
        self._pressed_at = event.position()
        self.setSliderDown(True)
        self._grip_px = event.position().x() - self._x(self.value())
        if abs(self._grip_px) > _KNOB_PX / 2 + 1:
            self._grip_px = 0.0
            self.setValue(self._value_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the hand."""
        if self._pressed_at is not None:
            self.setValue(self._value_at(event.position().x() - self._grip_px))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go: told at once after a drag; after a click when no second one comes."""
        if self._pressed_at is None:
            return
        far = (event.position() - self._pressed_at).manhattanLength() >= QApplication.startDragDistance()
        self._pressed_at = None
        self.setSliderDown(False)
        if far:
            self.flush()
        elif self.value() != self._told:
            self._settle.start()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to the usual value."""
        event.accept()
        self._pressed_at = None
        self.setSliderDown(False)
        self.setValue(self._usual)
        self.flush()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Only with the keyboard on it: else the wheel scrolls the list it stands in."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    # -- looks -------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A line, filled from `usual` where that is in the middle, else from the left; a knob on it."""
        tones = current_tones()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        left, right = self._span()
        at = self._x(self.value())
        centred = self.minimum() < 0
        origin = self._x(0) if centred else left
        on = self.isEnabled()
        line = QPen(QColor(tones.border_strong if on else tones.border), 2)
        line.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(line)
        painter.drawLine(QPointF(left, middle), QPointF(right, middle))
        if centred:
            painter.drawLine(QPointF(origin, middle - 3), QPointF(origin, middle + 3))
        line.setColor(QColor(tones.accent if on else tones.border))
        painter.setPen(line)
        if abs(at - origin) > 1:
            painter.drawLine(QPointF(origin, middle), QPointF(at, middle))
        edge = tones.text if self.hasFocus() else tones.surface
        painter.setPen(QPen(QColor(edge), 1.5))
        painter.setBrush(QColor(tones.accent if on else tones.border))
        half = _KNOB_PX / 2
        painter.drawEllipse(QRectF(at - half, middle - half, _KNOB_PX, _KNOB_PX))
