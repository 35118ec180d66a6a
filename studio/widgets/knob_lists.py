"""Fields for sampling knobs that are lists: texts, biases, the order of the steps.

Each has `value()`, `set_value()` and tells `changed`.
"""

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QListWidget,
    QListWidgetItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.sampling import STEPS, Step
from studio.widgets.icons import IconButton
from studio.widgets.knob_fields import DECIMALS
from studio.widgets.knob_words import STEP_TITLES

PHRASE_CHARS: Final = 200
_LIST_HEIGHT: Final = 104
_USUAL_BIAS: Final = -5.0


class PhrasesField(QWidget):
    """A list of texts that are edited in place; a line break in one is shown as \\n."""

    changed = Signal()

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what
        self.list = QListWidget()
        self.list.setFixedHeight(_LIST_HEIGHT)
        self.list.itemChanged.connect(self._on_edited)
        self.add = IconButton("add", f"Add to: {what.lower()}", size=16)
        self.remove = IconButton("trash", f"Remove the marked one from: {what.lower()}", size=16)
        self.add.clicked.connect(self._on_add)
        self.remove.clicked.connect(self._on_remove)
        _lay_out(self, self.list, (self.add, self.remove))

    def value(self) -> tuple[str, ...]:
        """The texts, each once, empty ones left out."""
        texts = (typed(self.list.item(row).text()) for row in range(self.list.count()))
        return tuple(dict.fromkeys(text[:PHRASE_CHARS] for text in texts if text))

    def set_value(self, value: Iterable[str]) -> None:
        """Show these texts; `changed` is not told."""
        blocked = self.list.blockSignals(True)
        self.list.clear()
        for text in value:
            self._put(shown(text))
        self.list.blockSignals(blocked)

    def setAccessibleName(self, name: str) -> None:
        """Name the list itself: it takes the focus."""
        self.list.setAccessibleName(name)

    def _put(self, text: str) -> QListWidgetItem:
        item = QListWidgetItem(text)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        self.list.addItem(item)
        return item

    def _on_add(self) -> None:
        item = self._put("")
        self.list.setCurrentItem(item)
        self.list.editItem(item)

    def _on_remove(self) -> None:
        if self.list.currentRow() >= 0:
            self.list.takeItem(self.list.currentRow())
            self.changed.emit()

    def _on_edited(self) -> None:
        self.changed.emit()


class BiasesField(QWidget):
    """A table of texts and what is added to their score."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.table = QTableWidget(0, 2)
        self.table.setHorizontalHeaderLabels(["Word or text", "Bias"])
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.verticalHeader().hide()
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setFixedHeight(_LIST_HEIGHT + 24)
        self.table.itemChanged.connect(self._on_edited)
        self.add = IconButton("add", "Add a word bias", size=16)
        self.remove = IconButton("trash", "Remove the marked word bias", size=16)
        self.add.clicked.connect(self._on_add)
        self.remove.clicked.connect(self._on_remove)
        _lay_out(self, self.table, (self.add, self.remove))

    def value(self) -> tuple[tuple[str, float], ...]:
        """The biases; rows without a text or with a bias of 0 are left out."""
        found = []
        for row in range(self.table.rowCount()):
            text = typed(self._cell(row, 0))[:PHRASE_CHARS]
            bias = self._bias(row)
            if text and bias:
                found.append((text, bias))
        return tuple(found)

    def set_value(self, value: Iterable[tuple[str, float]]) -> None:
        """Show these biases; `changed` is not told."""
        blocked = self.table.blockSignals(True)
        self.table.setRowCount(0)
        for text, bias in value:
            self._put(shown(text), bias)
        self.table.blockSignals(blocked)

    def setAccessibleName(self, name: str) -> None:
        """Name the table itself: it takes the focus."""
        self.table.setAccessibleName(name)

    def _bias(self, row: int) -> float:
        number, known = self.locale().toDouble(self._cell(row, 1))
        return min(max(round(number, DECIMALS), -100.0), 100.0) if known else 0.0

    def _cell(self, row: int, column: int) -> str:
        item = self.table.item(row, column)
        return item.text() if item is not None else ""

    def _put(self, text: str, bias: float) -> QTableWidgetItem:
        row, item = self.table.rowCount(), QTableWidgetItem(text)
        blocked = self.table.blockSignals(True)
        self.table.insertRow(row)
        self.table.setItem(row, 0, item)
        self.table.setItem(row, 1, QTableWidgetItem(self.locale().toString(float(bias), "g", 6)))
        self.table.blockSignals(blocked)
        return item

    def _on_add(self) -> None:
        item = self._put("", _USUAL_BIAS)
        self.table.setCurrentItem(item)
        self.table.editItem(item)

    def _on_remove(self) -> None:
        if self.table.currentRow() >= 0:
            self.table.removeRow(self.table.currentRow())
            self.changed.emit()

    def _on_edited(self) -> None:
        self.changed.emit()


class OrderField(QWidget):
    """The steps from first to last, moved up and down."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._order: tuple[Step, ...] = STEPS
        self._off: frozenset[str] = frozenset()
        self.list = QListWidget()
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.up = IconButton("up", "Let the marked step run earlier", size=16)
        self.down = IconButton("down", "Let the marked step run later", size=16)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        _lay_out(self, self.list, (self.up, self.down))
        self._show()
        height = self.list.sizeHintForRow(0) * len(STEPS) + 8
        self.list.setFixedHeight(height)

    def value(self) -> tuple[Step, ...]:
        """The steps, first to last."""
        return self._order

    def set_value(self, value: tuple[Step, ...]) -> None:
        """Show this order; `changed` is not told."""
        self._order = value
        self._show()

    def set_off(self, off: Iterable[str]) -> None:
        """Which steps do nothing now."""
        now = frozenset(off)
        if now != self._off:
            self._off = now
            self._show()

    def setAccessibleName(self, name: str) -> None:
        """Name the list itself: it takes the focus."""
        self.list.setAccessibleName(name)

    def _show(self) -> None:
        row = max(self.list.currentRow(), 0)
        blocked = self.list.blockSignals(True)
        self.list.clear()
        for number, step in enumerate(self._order, 1):
            off = "  (off)" if step in self._off else ""
            self.list.addItem(f"{number}  {STEP_TITLES[step][0]}{off}")
        self.list.setCurrentRow(row)
        self.list.blockSignals(blocked)

    def _move(self, by: int) -> None:
        row = self.list.currentRow()
        if 0 <= row + by < len(self._order):
            order = list(self._order)
            order.insert(row + by, order.pop(row))
            self._order = tuple(order)
            self.list.setCurrentRow(row + by)
            self._show()
            self.changed.emit()


def _lay_out(field: QWidget, middle: QWidget, buttons: tuple[QWidget, ...]) -> None:
    """A list with its buttons beside it."""
    middle.setObjectName("knobList")
    row = QHBoxLayout(field)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    row.addWidget(middle, 1)
    column = QVBoxLayout()
    column.setSpacing(4)
    for widget in buttons:
        widget.setFixedSize(QSize(28, 28))
        column.addWidget(widget)
    column.addStretch(1)
    row.addLayout(column)


def shown(text: str) -> str:
    """A text as one line."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


def typed(text: str) -> str:
    """The text that such a line stands for."""
    out, marks = [], iter(text)
    for mark in marks:
        if mark == "\\":
            after = next(marks, "\\")
            out.append({"n": "\n", "t": "\t", "\\": "\\"}.get(after, "\\" + after))
        else:
            out.append(mark)
    return "".join(out)
