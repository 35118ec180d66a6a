"""The project's works as a tree: choose, rename in place, add, reorder by dragging."""

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QHBoxLayout,
    QMenu,
    QStackedLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.widgets.icons import IconButton, icon
from studio.widgets.labels import empty_state, label
from studio.widgets.tones import Tones, current_tones, follow_tones

WorkKind = Literal["story", "chapter", "scene", "note", "picture", "music"]
_ID: Final = Qt.ItemDataRole.UserRole
_KIND: Final = Qt.ItemDataRole.UserRole + 1
_TITLES: Final = {
    "story": "story",
    "chapter": "chapter",
    "scene": "scene",
    "note": "note",
    "picture": "picture",
    "music": "piece of music",
}
_INSIDE: Final = {"story": ("chapter", "scene", "note"), "chapter": ("scene", "note")}
_EMPTY: Final = "No works yet.\nPress + to begin a story."


class WorkRow(Struct, frozen=True, kw_only=True):
    """A work of the project; `parent` "" stands at the top."""

    id: str
    parent: str = ""
    kind: WorkKind
    title: str
    detail: str = ""


def landing(here: int, gap: int) -> int:
    """The index a sibling has after it was taken from `here` and put into the gap before `gap`."""
    return gap - 1 if gap > here else gap


class _Tree(QTreeWidget):
    """A drop only moves among siblings, and only tells: the rows come back from the project."""

    dropped = Signal(str, str, int)  # id, parent, index
    delete_pressed = Signal()

    def dropEvent(self, event: QDropEvent) -> None:
        """Say where the dragged row is wanted."""
        event.ignore()
        item, target = self.currentItem(), self.itemAt(event.position().toPoint())
        if item is None or target is item:
            return
        where = self.dropIndicatorPosition()
        parent = item.parent()
        siblings = parent or self.invisibleRootItem()
        if target is None:
            index = siblings.childCount() if parent is None else -1
        elif target is parent and where == QAbstractItemView.DropIndicatorPosition.OnItem:
            index = siblings.childCount()
        elif target.parent() is parent:
            index = siblings.indexOfChild(target) + (
                where != QAbstractItemView.DropIndicatorPosition.AboveItem
            )
        else:
            index = -1
        here = siblings.indexOfChild(item)
        index = landing(here, index)
        if index >= 0 and index != here:
            self.dropped.emit(item.data(0, _ID), parent.data(0, _ID) if parent else "", index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete asks for removal; Alt and up or down reorder."""
        item = self.currentItem()
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if event.key() == Qt.Key.Key_Delete and item is not None:
            self.delete_pressed.emit()
        elif step and event.modifiers() == Qt.KeyboardModifier.AltModifier and item is not None:
            parent = item.parent()
            siblings = parent or self.invisibleRootItem()
            index = siblings.indexOfChild(item) + step
            if 0 <= index < siblings.childCount():
                self.dropped.emit(item.data(0, _ID), parent.data(0, _ID) if parent else "", index)
        else:
            super().keyPressEvent(event)


class WorksList(QWidget):
    """Tells what the person wants; changes nothing itself but the folding of rows."""

    chosen = Signal(str)
    add_requested = Signal(str, str)  # kind, parent id
    renamed = Signal(str, str)  # id, title
    moved = Signal(str, str, int)  # id, parent id, index among the siblings
    remove_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[WorkRow] = []
        self._items: dict[str, QTreeWidgetItem] = {}
        self._quiet = False
        self._tree = _Tree()
        self._add = IconButton("add", "Add a story, chapter, scene or note")
        self._remove = IconButton("trash", "Remove the chosen work; it is kept in the project's history")
        self._empty = empty_state(_EMPTY)
        self._lay_out()
        self._connect()
        follow_tones(self._retone)

    def _lay_out(self) -> None:
        tree = self._tree
        tree.setHeaderHidden(True)
        tree.setIndentation(16)
        tree.setUniformRowHeights(True)
        tree.setAccessibleName("Works")
        tree.setToolTip("Return opens, F2 renames, Alt with up or down reorders")
        tree.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        tree.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked
        )
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 0, 0)
        head.addWidget(label("Works", "strong"), 1)
        head.addWidget(self._add)
        head.addWidget(self._remove)
        middle = QWidget()
        self._stack = QStackedLayout(middle)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(tree)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 8, 8, 8)
        outer.setSpacing(8)
        outer.addLayout(head)
        outer.addWidget(middle, 1)

    def _connect(self) -> None:
        self._tree.currentItemChanged.connect(self._on_current)
        self._tree.itemChanged.connect(self._on_changed)
        self._tree.itemDelegate().closeEditor.connect(self._on_editor_closed)
        self._tree.dropped.connect(self.moved)
        self._tree.delete_pressed.connect(self._on_remove)
        self._tree.customContextMenuRequested.connect(self._open_menu)
        self._add.clicked.connect(self._open_add)
        self._remove.clicked.connect(self._on_remove)

    # -- values ---------------------------------------------------------------------------

    def set_works(self, rows: Sequence[WorkRow]) -> None:
        """Show these works, siblings in the order given; what is chosen and folded stays so."""
        rows = list(rows)
        if rows == self._rows:
            return
        chosen = self.current()
        folded = {work for work, item in self._items.items() if not item.isExpanded() and item.childCount()}
        self._rows = rows
        self._quiet = True
        self._tree.clear()
        self._items = {}
        for row in rows:
            self._items[row.id] = self._item(row)
        for row in rows:
            parent = self._items.get(row.parent)
            (parent or self._tree.invisibleRootItem()).addChild(self._items[row.id])
        for work, item in self._items.items():
            item.setExpanded(work not in folded)
        self._stack.setCurrentWidget(self._tree if rows else self._empty)
        self._quiet = False
        self.choose(chosen)

    def choose(self, work_id: str) -> None:
        """Mark a work. Not told."""
        self._quiet = True
        self._tree.setCurrentItem(self._items.get(work_id))  # type: ignore[arg-type]
        self._quiet = False
        self._remove.setEnabled(work_id in self._items)

    def current(self) -> str:
        """The marked work; "" when none."""
        item = self._tree.currentItem()
        return str(item.data(0, _ID)) if item is not None else ""

    def start_rename(self, work_id: str) -> None:
        """Open the title for writing, in place."""
        if item := self._items.get(work_id):
            self.choose(work_id)
            self._tree.setFocus(Qt.FocusReason.OtherFocusReason)
            self._tree.editItem(item, 0)

    def _item(self, row: WorkRow) -> QTreeWidgetItem:
        item = QTreeWidgetItem([row.title])
        item.setData(0, _ID, row.id)
        item.setData(0, _KIND, row.kind)
        item.setToolTip(0, row.detail or row.title)
        item.setIcon(0, icon(row.kind, current_tones().muted, 18))
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        return item

    # -- what the person wants ------------------------------------------------------------

    def _on_current(self, item: QTreeWidgetItem | None) -> None:
        self._remove.setEnabled(item is not None)
        if not self._quiet and item is not None:
            self.chosen.emit(item.data(0, _ID))

    def _on_changed(self, item: QTreeWidgetItem) -> None:
        if self._quiet:
            return
        work = item.data(0, _ID)
        before = next(row.title for row in self._rows if row.id == work)
        title = item.text(0).strip()
        if title and title != before:
            self.renamed.emit(work, title)
        else:
            self._quiet = True
            item.setText(0, before)
            self._quiet = False

    def _on_editor_closed(self, _editor: QWidget, _hint: QAbstractItemDelegate.EndEditHint) -> None:
        self._tree.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_remove(self) -> None:
        if work := self.current():
            self.remove_requested.emit(work)

    def _open_add(self) -> None:
        self._run(self.add_menu(), self._add.mapToGlobal(self._add.rect().bottomLeft()))

    def _open_menu(self, at: QPoint) -> None:
        menu = self.add_menu()
        if work := self.current():
            menu.addSeparator()
            menu.addAction(icon("edit"), "Rename").triggered.connect(lambda: self.start_rename(work))
            menu.addAction(icon("trash"), "Remove").triggered.connect(self._on_remove)
        self._run(menu, self._tree.viewport().mapToGlobal(at))

    def _run(self, menu: QMenu, at: QPoint) -> None:
        menu.exec(at)
        menu.deleteLater()

    def add_menu(self) -> QMenu:
        """What can be added where the mark stands; the caller owns it."""
        menu = QMenu(self)
        place = self._place()
        if place is not None:
            for kind in _INSIDE[place.kind]:
                action = menu.addAction(icon(kind), f"New {_TITLES[kind]} in “{place.title}”")
                action.triggered.connect(
                    lambda _=False, kind=kind, at=place.id: self.add_requested.emit(kind, at)
                )
            menu.addSeparator()
        for kind in ("story", "note"):
            action = menu.addAction(icon(kind), f"New {_TITLES[kind]}")
            action.triggered.connect(lambda _=False, kind=kind: self.add_requested.emit(kind, ""))
        return menu

    def _place(self) -> WorkRow | None:
        """The marked story or chapter, or the one the marked work is in."""
        by_id = {row.id: row for row in self._rows}
        row = by_id.get(self.current())
        while row is not None and row.kind not in _INSIDE:
            row = by_id.get(row.parent)
        return row

    def _retone(self, tones: Tones) -> None:
        self._quiet = True
        for item in self._items.values():
            item.setIcon(0, icon(item.data(0, _KIND), tones.muted, 18))
        self._quiet = False
