"""Two states of the work, or two takes, word by word."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from studio.dialogs.side import Side
from studio.media.diff import diff
from studio.widgets.diff_view import DiffView
from studio.widgets.icons import IconButton
from studio.widgets.labels import button, label


class CompareDialog(QDialog):
    """Left is the old one, right the new one; either can be another of the sides."""

    used = Signal(str)  # the id of a side the person wants to go on with

    def __init__(self, sides: Sequence[Side], left: str, right: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Compare")
        self._sides = {side.id: side for side in sides}
        self.view = DiffView()
        self._boxes = [_chooser("From", sides, left), _chooser("To", sides, right)]
        self._use = [button("", "") for _ in range(2)]
        self._swap = IconButton("swap", "Swap the two sides", size=16)
        self._fold = QCheckBox("Leave out what is the same")
        self._fold.setChecked(True)
        self._lay_out()
        for number, box in enumerate(self._boxes):
            box.currentIndexChanged.connect(self._show)
            self._use[number].clicked.connect(lambda _=False, n=number: self._on_use(n))
        self._swap.clicked.connect(self._on_swap)
        self._fold.toggled.connect(self.view.set_folded)
        self._show()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for number, words in enumerate(("From", "To")):
            row.addWidget(label(words, "muted"))
            row.addWidget(self._boxes[number], 1)
            if not number:
                row.addWidget(self._swap)
        foot = QHBoxLayout()
        foot.addWidget(self._fold)
        foot.addStretch(1)
        for use in self._use:
            foot.addWidget(use)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        foot.addWidget(close)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(12)
        outer.addLayout(row)
        outer.addWidget(self.view, 1)
        outer.addLayout(foot)
        self.resize(820, 600)

    def chosen(self) -> tuple[str, str]:
        """The ids of the two sides that are shown."""
        return str(self._boxes[0].currentData()), str(self._boxes[1].currentData())

    def _show(self) -> None:
        left, right = (self._sides[side] for side in self.chosen())
        self.view.show_pieces(diff(left.text, right.text))
        for side, use in zip((left, right), self._use, strict=True):
            use.setVisible(bool(side.use))
            use.setText(side.use)
            use.setAccessibleName(side.use)
            use.setToolTip(f"{side.title}: {side.use.lower()}")
        self._use[0].setVisible(bool(left.use) and left.id != right.id)

    def _on_swap(self) -> None:
        left, right = self._boxes[0].currentIndex(), self._boxes[1].currentIndex()
        self._boxes[0].blockSignals(True)
        self._boxes[0].setCurrentIndex(right)
        self._boxes[0].blockSignals(False)
        self._boxes[1].setCurrentIndex(left)
        self._show()

    def _on_use(self, number: int) -> None:
        side = self.chosen()[number]
        self.accept()
        self.used.emit(side)


def _chooser(name: str, sides: Sequence[Side], chosen: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(f"{name}: which text")
    for side in sides:
        box.addItem(side.title, side.id)
    box.setCurrentIndex(max(0, box.findData(chosen)))
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(16)
    return box
