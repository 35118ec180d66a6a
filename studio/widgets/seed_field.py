"""The number chance starts from: empty for a new one each time, locked to keep it."""

from typing import Final

from PySide6.QtCore import QRegularExpression, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from studio.widgets.icons import IconButton

MAX_SEED: Final = 2**63 - 1


class SeedField(QWidget):
    """A seed, or none; shows the seed of the last takes, so that the lock keeps that one."""

    changed = Signal()

    def __init__(self, width_px: int = 72) -> None:
        super().__init__()
        self._last = ""
        self.number = QLineEdit()
        self.number.setPlaceholderText("auto")
        self.number.setFixedWidth(width_px)
        self.number.setAccessibleName("Seed")
        self.number.setToolTip("Seed: the number chance starts from. Empty takes a new one every time.")
        self.number.setValidator(QRegularExpressionValidator(QRegularExpression(r"\d{0,19}"), self.number))
        self.lock = IconButton("unlock", "Keep this seed: the same seed makes the same takes", size=16)
        self.lock.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.number)
        row.addWidget(self.lock)
        self.number.textEdited.connect(self._on_typed)
        self.lock.toggled.connect(self._on_lock)

    def value(self) -> int | None:
        """The seed that is kept; None: a new one every time."""
        text = self.number.text()
        return min(int(text), MAX_SEED) if text and self.lock.isChecked() else None

    def set_value(self, seed: int | None) -> None:
        """Show a seed; `changed` is told when the lock turned."""
        self.number.setText("" if seed is None else str(seed))
        self.lock.setChecked(seed is not None)

    def show_last(self, seed: int) -> None:
        """The seed of the takes just asked for, in grey unless one is kept."""
        if not self.lock.isChecked():
            self.number.clear()
            self.number.setPlaceholderText(str(seed))
            self._last = str(seed)

    def _on_typed(self, text: str) -> None:
        self.lock.setChecked(bool(text))
        self.changed.emit()

    def _on_lock(self, on: bool) -> None:
        self.lock.set_icon("lock" if on else "unlock", "accent" if on else "text")
        if on and not self.number.text():
            self.number.setText(self._last or "1")
        elif not on:
            self.number.clear()
        self.changed.emit()
