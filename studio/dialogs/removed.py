"""Works that were removed, to look at and bring back."""

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.media.spans import SpanText
from studio.widgets.authored_edit import AuthoredEdit
from studio.widgets.icons import icon
from studio.widgets.labels import button, empty_state
from studio.widgets.tones import current_tones

_ID = Qt.ItemDataRole.UserRole
_SIZE_PT = 11.5
_MARGIN_PX = 12
_EMPTY = "Nothing was removed from this project."


class RemovedWork(Struct, frozen=True, kw_only=True):
    """A removed work; `where` names the story and chapter it lay in."""

    id: str
    kind: str
    title: str
    where: str = ""


class RemovedDialog(QDialog):
    """Values in, signals out."""

    looked_at = Signal(str)  # work id: its text is wanted, see `show_text`
    restore_requested = Signal(object)  # list of work ids

    def __init__(self, works: Sequence[RemovedWork], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Removed works")
        self.resize(720, 420)
        self._list = QListWidget()
        self._list.setAccessibleName("Removed works")
        self._list.setToolTip("Nothing that was removed is deleted")
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._text = AuthoredEdit(size_pt=_SIZE_PT)  # copies out of it keep their authors
        self._text.set_editable(False)
        self._text.set_measure(0, _MARGIN_PX, _MARGIN_PX)
        self._text.setAccessibleName("Its text")
        self._text.set_hint("Choose a work on the left to read it.")
        self._restore = button(
            "Bring back", "Put the chosen works back where they were", "undo", primary=True
        )
        self._restore.clicked.connect(self._on_restore)
        self._list.itemDoubleClicked.connect(self._on_restore)
        self._list.itemSelectionChanged.connect(self._on_selected)
        both = QHBoxLayout()
        both.addWidget(self._list, 2)
        both.addWidget(self._text, 3)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self._restore, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setIcon(QIcon())
        close.setAccessibleName("Close")
        close.setToolTip("Close this list")
        self._empty = empty_state(_EMPTY)
        outer = QVBoxLayout(self)
        outer.addWidget(self._empty)
        outer.addLayout(both, 1)
        outer.addWidget(buttons)
        self.show_works(works)

    def show_works(self, works: Sequence[RemovedWork]) -> None:
        """What is removed now."""
        self._list.clear()
        self._text.load(SpanText())
        for work in works:
            item = QListWidgetItem(icon(work.kind, current_tones().muted, 18), work.title)
            item.setData(_ID, work.id)
            item.setToolTip(f"{work.title} — from {work.where}" if work.where else work.title)
            if work.where:
                item.setText(f"{work.title}  —  {work.where}")
            self._list.addItem(item)
        self._empty.setVisible(not works)
        self._list.setVisible(bool(works))
        self._text.setVisible(bool(works))
        self._on_selected()

    def show_text(self, text: SpanText) -> None:
        """The text of the work that is looked at."""
        self._text.load(text)

    def chosen(self) -> list[str]:
        """The chosen works."""
        return [str(item.data(_ID)) for item in self._list.selectedItems()]

    def _on_selected(self) -> None:
        chosen = self.chosen()
        self._restore.setEnabled(bool(chosen))
        if len(chosen) == 1:
            self.looked_at.emit(chosen[0])
        else:
            self._text.load(SpanText())

    def _on_restore(self) -> None:
        if chosen := self.chosen():
            self.restore_requested.emit(chosen)
