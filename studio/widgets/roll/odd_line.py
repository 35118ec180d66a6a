"""The line below the roll's bar while surprise shows: which notes count as odd, and what to do with them."""

from typing import Final

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QWidget

from studio.widgets.labels import ElidedLabel, button, label

SHARES: Final = (2, 5, 10, 15, 20, 30, 40, 50)  # per cent
_USUAL: Final = 10
HEIGHT_PX: Final = 34


class OddLine(QWidget):
    """Values in, wishes out."""

    share_changed = Signal(float)  # 0 to 1 of the measured notes
    choose_requested = Signal()
    redo_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, len(SHARES) - 1)
        self._slider.setPageStep(1)
        self._slider.setValue(SHARES.index(_USUAL))
        self._slider.setFixedWidth(110)
        self._slider.setAccessibleName("How many count as odd")
        self._slider.setToolTip("How many of the notes count as odd")
        self._share = label("", "muted")
        self._said = ElidedLabel("muted")
        self._choose = button("Choose them", "Choose the odd notes in the roll")
        self._redo = button(
            "Redo the odd ones", "Ask for takes in which only these notes are others", "spark"
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 10, 4)
        row.setSpacing(8)
        row.addWidget(self._slider)
        row.addWidget(self._share)
        row.addWidget(self._said, 1)
        row.addWidget(self._choose)
        row.addWidget(self._redo)
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("The odd notes")
        self._slider.valueChanged.connect(self._on_moved)
        self._choose.clicked.connect(self.choose_requested)
        self._redo.clicked.connect(self.redo_requested)
        self._show_share()
        self.show_found(0, "")

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(600, HEIGHT_PX)

    def share(self) -> float:
        """Of the measured notes, 0 to 1."""
        return SHARES[self._slider.value()] / 100

    def set_share(self, share: float) -> None:
        """Show the nearest of the shares there are; nobody is told."""
        with QSignalBlocker(self._slider):
            nearest = min(range(len(SHARES)), key=lambda at: abs(SHARES[at] - share * 100))
            self._slider.setValue(nearest)
        self._show_share()

    def show_found(self, notes: int, words: str, why_not: str = "") -> None:
        """How many notes count as odd, what is said of it, and why they can't be redone ("" when they can)."""
        self._said.show_text(words)
        self._choose.setEnabled(notes > 0)
        self._redo.setEnabled(notes > 0 and not why_not)
        self._redo.setToolTip(why_not or "Ask for takes in which only these notes are others")

    def _on_moved(self, _at: int) -> None:
        self._show_share()
        self.share_changed.emit(self.share())

    def _show_share(self) -> None:
        self._share.setText(f"the oddest {SHARES[self._slider.value()]} %")
