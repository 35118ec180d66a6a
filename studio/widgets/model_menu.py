"""The menu of models that every prompt box has: which one makes the takes, and where another one is added."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

_ROLE: Final = Qt.ItemDataRole.UserRole
_ADD: Final = "\0"  # before what is added, where the other lines hold a path


class ModelChoice(Struct, frozen=True, kw_only=True):
    """A line of the model menu; `why_not` says why an unusable one is grey."""

    path: str
    title: str
    detail: str = ""
    usable: bool = True
    why_not: str = ""


class ModelMenu(QComboBox):
    """`asks` is the question it answers; `adds` are its last lines: what is added, and the title of that."""

    model_chosen = Signal(str)  # path, by the person
    add_wanted = Signal(str)  # which of `adds`

    def __init__(self, asks: str, adds: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asks, self._adds = asks, dict(adds)
        self._path = ""
        self.setToolTip(asks)
        self.setAccessibleName("Model")
        self.setMinimumWidth(80)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.activated.connect(self._on_activated)

    def set_models(self, models: Sequence[ModelChoice], chosen: str) -> None:
        """Fill it and show the chosen one ("" for none)."""
        items = QStandardItemModel(self)
        for model in models:
            title = model.title if model.usable else f"{model.title}  ({model.why_not})"
            items.appendRow(_line(title, model.path, model.detail if model.usable else model.why_not))
            items.item(items.rowCount() - 1).setEnabled(model.usable)
        for what, title in self._adds.items():
            items.appendRow(_line(title, _ADD + what))
        self.setModel(items)  # deletes the one before
        self._path = chosen
        self._show()

    def path(self) -> str:
        """The chosen model; "" when there is none."""
        return self._path

    def select(self, path: str) -> None:
        """Show another one; one that is not in the menu changes nothing."""
        if path and self.findData(path, _ROLE) >= 0:
            self._path = path
        self._show()

    def _show(self) -> None:
        self.setCurrentIndex(self.findData(self._path, _ROLE) if self._path else -1)
        self.setToolTip(f"{self._asks}: {self.currentText() or 'none yet'}")

    def _on_activated(self, index: int) -> None:
        data: str = self.itemData(index, _ROLE)
        if data.startswith(_ADD):
            self._show()
            self.add_wanted.emit(data.removeprefix(_ADD))
        elif data != self._path:
            self.select(data)
            self.model_chosen.emit(data)


def _line(title: str, data: str, tip: str = "") -> QStandardItem:
    item = QStandardItem(title)
    item.setData(data, _ROLE)
    item.setToolTip(tip)
    return item
