"""The project's works as a tree: choose, rename in place, add, reorder by dragging."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QDropEvent, QGuiApplication, QKeyEvent
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
from studio.widgets.works_order import INSIDE, WorkKind, WorkRow, WorksOrder
from studio.widgets.works_rows import RowFigures, WorksDelegate

__all__ = ["RowFigures", "WorkKind", "WorkRow", "WorksList"]
_ID: Final = Qt.ItemDataRole.UserRole
_KIND: Final = Qt.ItemDataRole.UserRole + 1
_TITLES: Final = {
    "story": "story",
    "chapter": "chapter",
    "scene": "scene",
    "note": "note",
    "picture": "picture",
    "piece": "piece of music",
}
_ICONS: Final = {"piece": "music"}  # the others are called as their kinds
_EMPTY: Final = "No works yet.\nPress + to begin a story."
_TEXTS: Final = ("scene", "note")
_STATUSES: Final = ("Idea", "Draft", "Revised", "Final")
_MANY: Final = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class _Tree(QTreeWidget):
    """A drop only tells: the rows come back from the project."""

    dropped = Signal(str, str)  # target id or "", "above" | "on" | "below"
    stepped = Signal(int)  # -1 up, 1 down
    delete_pressed = Signal()

    def dropEvent(self, event: QDropEvent) -> None:
        """Say where the dragged rows are wanted."""
        event.ignore()
        target = self.itemAt(event.position().toPoint())
        where = {
            QAbstractItemView.DropIndicatorPosition.AboveItem: "above",
            QAbstractItemView.DropIndicatorPosition.OnItem: "on",
        }.get(self.dropIndicatorPosition(), "below")
        self.dropped.emit(target.data(0, _ID) if target is not None else "", where)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete asks for removal; Alt and up or down reorder."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if event.key() == Qt.Key.Key_Delete and self.currentItem() is not None:
            self.delete_pressed.emit()
        elif step and event.modifiers() == Qt.KeyboardModifier.AltModifier:
            self.stepped.emit(step)
        else:
            super().keyPressEvent(event)


class WorksList(QWidget):
    """Tells what the person wants; changes nothing itself but the folding of rows."""

    chosen = Signal(str)
    add_requested = Signal(str, str)  # kind, parent id
    renamed = Signal(str, str)  # id, title
    moved = Signal(str, str, int)  # id, parent id, index among the others there
    moved_together = Signal(object, str, int)  # list of ids, parent id, index among the others there
    remove_requested = Signal(str)
    status_chosen = Signal(object, str)  # list of ids, status or ""
    split_requested = Signal(str)
    merge_requested = Signal(str)
    duplicate_requested = Signal(str)
    removed_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[WorkRow] = []
        self._items: dict[str, QTreeWidgetItem] = {}
        self._order = WorksOrder(())
        self._figures: dict[str, RowFigures] = {}
        self._quiet = False
        self._tree = _Tree()
        self._add = IconButton("add", "Add a story, chapter, scene, note, picture or piece of music")
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
        tree.setToolTip(
            "Return opens, F2 renames, Alt with up or down reorders, Ctrl or Shift chooses several"
        )
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setItemDelegate(WorksDelegate(self._figures_at, tree))
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
        self._tree.itemActivated.connect(self._on_activated)
        self._tree.dropped.connect(self._on_dropped)
        self._tree.stepped.connect(self._on_stepped)
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
        chosen, several = self.current(), self.selected()
        folded = {work for work, item in self._items.items() if not item.isExpanded() and item.childCount()}
        self._rows = rows
        self._order = WorksOrder(rows)
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
        if len(several) > 1:
            self._quiet = True
            for work in several:
                if work in self._items:
                    self._items[work].setSelected(True)
            self._quiet = False

    def set_figures(self, figures: Mapping[str, RowFigures]) -> None:
        """Status and length of the works that have any."""
        if figures == self._figures:
            return
        self._figures = dict(figures)
        self._quiet = True
        for row in self._rows:
            self._items[row.id].setToolTip(0, self._tip(row))
        self._quiet = False
        self._tree.viewport().update()

    def selected(self) -> list[str]:
        """The chosen works in reading order, none of them inside another."""
        return self._order.tops({str(item.data(0, _ID)) for item in self._tree.selectedItems()})

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
        item.setToolTip(0, self._tip(row))
        item.setIcon(0, icon(_ICONS.get(row.kind, row.kind), current_tones().muted, 18))
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        return item

    def _tip(self, row: WorkRow) -> str:
        figures = self._figures.get(row.id, RowFigures()).sentence()
        return "\n".join(part for part in (row.detail or row.title, figures) if part)

    def _figures_at(self, index: QModelIndex | QPersistentModelIndex) -> RowFigures:
        return self._figures.get(str(index.data(_ID)), RowFigures())

    # -- what the person wants ------------------------------------------------------------

    def _on_current(self, item: QTreeWidgetItem | None) -> None:
        self._remove.setEnabled(item is not None)
        several = QGuiApplication.keyboardModifiers() & _MANY
        if not self._quiet and item is not None and not several:
            self.chosen.emit(item.data(0, _ID))

    def _on_activated(self, item: QTreeWidgetItem) -> None:
        self.chosen.emit(item.data(0, _ID))

    def _on_dropped(self, target: str, where: str) -> None:
        to = self._order.dropped(self.selected(), target, where, self._opened())  # type: ignore[arg-type]
        self._move(to)

    def _on_stepped(self, step: int) -> None:
        self._move(self._order.stepped(self.selected(), step, self._opened()))

    def _move(self, landing: tuple[str, int] | None) -> None:
        works = self.selected()
        if landing is None:
            return
        if len(works) == 1:
            self.moved.emit(works[0], *landing)
        else:
            self.moved_together.emit(works, *landing)

    def _opened(self) -> set[str]:
        """The works whose rows are unfolded, or have nothing to fold."""
        return {work for work, item in self._items.items() if item.isExpanded() or not item.childCount()}

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
        for work in self.selected() or [self.current()]:
            if work:
                self.remove_requested.emit(work)

    def _open_add(self) -> None:
        self._run(self.add_menu(), self._add.mapToGlobal(self._add.rect().bottomLeft()))

    def _open_menu(self, at: QPoint) -> None:
        self._run(self.row_menu(), self._tree.viewport().mapToGlobal(at))

    def row_menu(self) -> QMenu:
        """What can be done with the marked work, and what can be added there; the caller owns it."""
        menu = self.add_menu()
        menu.addSeparator()
        if work := self.current():
            kind = self._items[work].data(0, _KIND)
            if kind in _TEXTS:
                menu.addMenu(self._status_menu(menu))
                entries = [("copy", "Duplicate", self.duplicate_requested)]
                if kind == "scene":
                    entries.append(("branch", "Split at the cursor", self.split_requested))
                    entries.append(("accept", "Merge with the next scene", self.merge_requested))
                for name, title, signal in entries:
                    menu.addAction(icon(name), title).triggered.connect(
                        lambda _=False, signal=signal: signal.emit(work)
                    )
                menu.addSeparator()
            menu.addAction(icon("edit"), "Rename").triggered.connect(lambda: self.start_rename(work))
            menu.addAction(icon("trash"), "Remove").triggered.connect(self._on_remove)
        menu.addAction(icon("trash"), "Removed works…").triggered.connect(self.removed_requested)
        return menu

    def _status_menu(self, owner: QMenu) -> QMenu:
        menu = QMenu("Status", owner)
        works = [work for work in self.selected() if self._items[work].data(0, _KIND) in _TEXTS]
        now = {self._figures.get(work, RowFigures()).status for work in works}
        own = sorted(now - {"", *_STATUSES})
        for status in (*_STATUSES, *own, ""):
            action = menu.addAction(status or "None")
            action.setCheckable(True)
            action.setChecked(now == {status})
            action.triggered.connect(lambda _=False, status=status: self.status_chosen.emit(works, status))
        return menu

    def _run(self, menu: QMenu, at: QPoint) -> None:
        menu.exec(at)
        menu.deleteLater()

    def add_menu(self) -> QMenu:
        """What can be added where the mark stands; the caller owns it."""
        menu = QMenu(self)
        place = self._place()
        if place is not None:
            for kind in INSIDE[place.kind]:
                action = menu.addAction(
                    icon(_ICONS.get(kind, kind)), f"New {_TITLES[kind]} in “{place.title}”"
                )
                action.triggered.connect(
                    lambda _=False, kind=kind, at=place.id: self.add_requested.emit(kind, at)
                )
            menu.addSeparator()
        for kind in ("story", "note", "picture", "piece"):
            action = menu.addAction(icon(_ICONS.get(kind, kind)), f"New {_TITLES[kind]}")
            action.triggered.connect(lambda _=False, kind=kind: self.add_requested.emit(kind, ""))
        return menu

    def _place(self) -> WorkRow | None:
        """The marked story or chapter, or the one the marked work is in."""
        by_id = {row.id: row for row in self._rows}
        row = by_id.get(self.current())
        while row is not None and row.kind not in INSIDE:
            row = by_id.get(row.parent)
        return row

    def _retone(self, tones: Tones) -> None:
        self._quiet = True
        for item in self._items.values():
            kind = item.data(0, _KIND)
            item.setIcon(0, icon(_ICONS.get(kind, kind), tones.muted, 18))
        self._quiet = False
