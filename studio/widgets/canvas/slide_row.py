"""A slider with its name and its figure; tells each move, and once when it was let go."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QWidget

from studio.widgets.labels import label

_STEPS: Final = 1000
_SETTLE_MS: Final = 350


class _Slider(QSlider):
    """A double click goes back to the usual value."""

    reset = Signal()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Back."""
        self.reset.emit()


class SlideRow(QWidget):
    """A value from `low` to `high`; by keys or wheel it counts as let go when it rests for a moment."""

    moved = Signal(float)
    settled = Signal(float)

    def __init__(
        self,
        name: str,
        tip: str,
        low: float,
        high: float,
        usual: float,
        *,
        words: Callable[[float], str] = lambda value: f"{value:+.2f}",
        bend: float = 1.0,
        name_px: int = 0,
        value_px: int = 48,
        least_px: int = 56,
    ) -> None:
        """`bend` > 1 gives small values more room; `words` says the figure; `name_px` 0 is what the name needs;
        `least_px`: the slider is never shorter."""
        super().__init__()
        self._low, self._high, self._usual, self._bend = low, high, usual, bend
        self._words = words
        self._name = label(name, "muted")
        self._name.setFixedWidth(name_px or self._name.sizeHint().width() + 2)
        self._slider = _Slider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, _STEPS)
        self._slider.setSingleStep(_STEPS // 100)
        self._slider.setPageStep(_STEPS // 10)
        self._slider.setMinimumWidth(least_px)
        self._slider.setToolTip(f"{tip}\nDouble-click: back to the usual value")
        self._slider.setAccessibleName(name)
        self._slider.setAccessibleDescription(tip)
        self._figure = label("")
        self._figure.setFixedWidth(value_px)
        self._figure.setVisible(value_px > 0)
        self._figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._value = usual
        self._timer = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(self._name)
        box.addWidget(self._slider, 1)
        box.addWidget(self._figure)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusProxy(self._slider)
        self._slider.valueChanged.connect(self._on_moved)
        self._slider.sliderReleased.connect(self._settle)
        self._slider.reset.connect(self._on_reset)
        self._timer.timeout.connect(self._settle)
        self.set_value(usual)

    def value(self) -> float:
        """The value."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show a value. Not told."""
        self._timer.stop()
        self._value = min(self._high, max(self._low, value))
        share = (self._value - self._low) / (self._high - self._low)
        with QSignalBlocker(self._slider):
            self._slider.setValue(round(share ** (1 / self._bend) * _STEPS))
        self._figure.setText(self._words(self._value))

    @property
    def held(self) -> bool:
        """It is being moved."""
        return self._slider.isSliderDown() or self._timer.isActive()

    def _on_moved(self, step: int) -> None:
        share = (step / _STEPS) ** self._bend
        self._value = self._low + share * (self._high - self._low)
        self._figure.setText(self._words(self._value))
        self.moved.emit(self._value)
        if not self._slider.isSliderDown():
            self._timer.start()

    def _settle(self) -> None:
        self._timer.stop()
        self.settled.emit(self._value)

    def _on_reset(self) -> None:
        self._slider.setSliderDown(False)
        self.set_value(self._usual)
        self.moved.emit(self._value)
        self.settled.emit(self._value)


def percent(value: float) -> str:
    """A share in words."""
    return f"{round(value * 100)} %"


def pixels(value: float) -> str:
    """A length in words."""
    return f"{round(value)} px"
