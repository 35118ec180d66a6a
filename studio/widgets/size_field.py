"""The size of a picture: an aspect, a width and a height on the model's grid."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from studio.widgets.icons import IconButton
from studio.widgets.labels import label, pad
from studio.widgets.picture_knob_words import ASPECTS

SIDE_LEAST_PX = 16
SIDE_MOST_PX = 8192


class SizeField(QWidget):
    """Width and height in pixels. An aspect keeps about as many pixels as the model's own size has."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._grid = 8
        self._native = (512, 512)
        self.aspect = QComboBox()
        self.aspect.setAccessibleName("Aspect")
        self.aspect.setToolTip("A shape with about as many pixels as the model likes best")
        self.aspect.addItem("Own shape", None)
        for title, across, down in ASPECTS:
            self.aspect.addItem(title, (across, down))
        self.wide, self.high = self._side("Width"), self._side("Height")
        self.swap = IconButton("swap", "Swap width and height", size=16)
        self.swap.clicked.connect(lambda: self._become(self.high.value(), self.wide.value()))
        self.aspect.activated.connect(self._on_aspect)
        self._lay_out()
        self.set_value((512, 512))

    def _side(self, name: str) -> QSpinBox:
        box = QSpinBox()
        box.setRange(SIDE_LEAST_PX, SIDE_MOST_PX)
        box.setSuffix(" px")
        box.setKeyboardTracking(False)
        box.setAccessibleName(name)
        box.setToolTip(f"{name} in pixels")
        box.setFixedWidth(92)
        box.editingFinished.connect(lambda: box.setValue(self._near(box.value())))
        box.valueChanged.connect(self._on_changed)
        pad(box)
        return box

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(6)
        outer.addWidget(self.aspect)
        row = QHBoxLayout()
        row.setSpacing(6)
        for widget in (self.wide, label("×", "muted"), self.high, self.swap):
            row.addWidget(widget)
        row.addStretch(1)
        outer.addLayout(row)

    def value(self) -> tuple[int, int]:
        """Width and height, on the grid."""
        return self._near(self.wide.value()), self._near(self.high.value())

    def set_value(self, size: tuple[int, int]) -> None:
        """Show a size; `changed` is not told."""
        for box, side in zip((self.wide, self.high), size, strict=True):
            blocked = box.blockSignals(True)
            box.setValue(side)
            box.blockSignals(blocked)
        self._name_aspect()

    def set_native(self, size: tuple[int, int], grid_px: int) -> None:
        """The size a model draws best at, and the grid its sizes lie on."""
        self._native, self._grid = size, max(1, grid_px)
        for box in (self.wide, self.high):
            box.setSingleStep(self._grid)
        self._name_aspect()

    def shaped(self, across: int, down: int) -> tuple[int, int]:
        """The size of an aspect with about as many pixels as the native size, on the grid."""
        pixels = self._native[0] * self._native[1]
        wide = (pixels * across / down) ** 0.5
        return self._near(wide), self._near(wide * down / across)

    def _near(self, side: float) -> int:
        grid = self._grid
        return min(
            max(round(side / grid) * grid, -(-SIDE_LEAST_PX // grid) * grid), SIDE_MOST_PX // grid * grid
        )

    def _become(self, wide: int, high: int) -> None:
        if (wide, high) != self.value():
            self.set_value((wide, high))
            self.changed.emit()

    def _on_aspect(self, _row: int) -> None:
        shape = self.aspect.currentData()
        if shape is not None:
            self._become(*self.shaped(*shape))

    def _on_changed(self) -> None:
        self._name_aspect()
        self.changed.emit()

    def _name_aspect(self) -> None:
        shapes = [self.shaped(across, down) for _, across, down in ASPECTS]
        now = self.value()
        self.aspect.setCurrentIndex(shapes.index(now) + 1 if now in shapes else 0)
