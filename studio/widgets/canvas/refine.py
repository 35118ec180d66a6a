"""Grow, shrink and soften the mask: shown while it is chosen, kept when it is applied."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from studio.widgets.canvas.slide_row import SlideRow
from studio.widgets.labels import button

_MOST_PX = 128


class RefinePopover(QFrame):
    """Closing it without a choice leaves the mask as it is."""

    tried = Signal(int, int)  # grow, feather
    chosen = Signal(int, int)
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName("Grow and feather the mask")
        self._done = False
        self._grow = SlideRow(
            "Grow",
            "Wider, or narrower",
            -_MOST_PX,
            _MOST_PX,
            0,
            words=lambda px: f"{round(px):+d} px",
            name_px=60,
        )
        self._feather = SlideRow(
            "Feather",
            "How far its edge fades",
            0,
            _MOST_PX,
            0,
            words=lambda px: f"{round(px)} px",
            bend=2,
            name_px=60,
        )
        use = button("Apply", "Change the mask so", primary=True)
        leave = button("Leave", "Leave the mask as it is", flat=True)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(leave)
        row.addWidget(use)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 12, 12, 12)
        box.setSpacing(10)
        box.addWidget(self._grow)
        box.addWidget(self._feather)
        box.addLayout(row)
        self.setMinimumWidth(300)
        for one in (self._grow, self._feather):
            one.moved.connect(lambda _value: self.tried.emit(*self.values()))
        use.clicked.connect(self._apply)
        leave.clicked.connect(self.close)

    def values(self) -> tuple[int, int]:
        """Pixels to grow by and to feather over."""
        return round(self._grow.value()), round(self._feather.value())

    def set_values(self, grow_px: int, feather_px: int) -> None:
        """Show other figures, and the mask with them."""
        self._grow.set_value(grow_px)
        self._feather.set_value(feather_px)
        self.tried.emit(grow_px, feather_px)

    def _apply(self) -> None:
        self._done = True
        self.chosen.emit(*self.values())
        self.close()

    def hideEvent(self, event: QHideEvent) -> None:
        """Left by a click elsewhere, by Escape or by a button."""
        if not self._done:
            self._done = True
            self.left.emit()
        super().hideEvent(event)
